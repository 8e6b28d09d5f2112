//! Keys that order siblings, made so that there is always room between two of them.
//!
//! A key is text over the 62 digits `0-9A-Za-z`, compared bytewise. It has a whole part, whose first letter tells its
//! length, and a fraction; so keys at either end grow with the logarithm of their number, and keys in between by one
//! digit about every six insertions at one spot. Fresh keys end in random digits: members that insert at one spot
//! offline hardly ever draw one key, and where they do, ids decide. After the scheme of D. Greenspan,
//! "Implementing fractional indexing".

use crate::record::Entropy;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const FIRST: &str = "a0";
const SUFFIX_DIGITS: usize = 3;

/// A key between `after` and `before` (either end open) that ends in random digits; `None` where there is no room:
/// equal neighbours, or neighbours that are no keys.
pub fn fresh_between(
    after: Option<&str>,
    before: Option<&str>,
    entropy: &mut dyn Entropy,
) -> Option<String> {
    let mut key = between(after, before)?;
    let suffix = random_suffix(entropy);
    // A key that is the beginning of its upper neighbour may be overtaken by its suffix; one step closer it is not.
    for _ in 0..4 {
        let suffixed = format!("{key}{suffix}");
        if before.is_none_or(|b| suffixed.as_str() < b) {
            return Some(suffixed);
        }
        key = between(Some(&key), before)?;
    }
    Some(key)
}

/// A short key between `after` and `before`; `None` where there is no room.
pub fn between(after: Option<&str>, before: Option<&str>) -> Option<String> {
    if after.is_some_and(|a| !is_key(a)) || before.is_some_and(|b| !is_key(b)) {
        return None;
    }
    match (after, before) {
        (None, None) => Some(FIRST.to_owned()),
        (Some(a), None) => {
            let (whole, fraction) = split(a)?;
            match increment(whole) {
                Some(next) => Some(next),
                None => Some(format!("{whole}{}", middle(fraction, None)?)),
            }
        }
        (None, Some(b)) => {
            let (whole, fraction) = split(b)?;
            match decrement(whole) {
                Some(last) => Some(last),
                None if !fraction.is_empty() => Some(whole.to_owned()),
                None => None,
            }
        }
        (Some(a), Some(b)) if a < b => {
            let ((a_whole, a_fraction), (b_whole, b_fraction)) = (split(a)?, split(b)?);
            if a_whole == b_whole {
                return Some(format!(
                    "{a_whole}{}",
                    middle(a_fraction, Some(b_fraction))?
                ));
            }
            match increment(a_whole) {
                Some(next) if next.as_str() < b => Some(next),
                _ => Some(format!("{a_whole}{}", middle(a_fraction, None)?)),
            }
        }
        _ => None,
    }
}

/// The key of the `index`-th of many siblings, a function of the index alone.
pub fn nth(index: usize) -> String {
    let mut rest = index;
    let mut room = 62;
    let mut len = 1usize;
    while rest >= room {
        rest -= room;
        room = room.saturating_mul(62);
        len += 1;
    }
    let mut digits = vec![b'0'; len];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[rest % 62];
        rest /= 62;
    }
    let head = b'a' + u8::try_from(len - 1).unwrap_or(25).min(25);
    std::iter::once(head)
        .chain(digits)
        .map(char::from)
        .collect()
}

/// True for text that [`between`] takes: a whole part of the length its head tells, digits only, no trailing zero in
/// the fraction.
pub fn is_key(text: &str) -> bool {
    let Some((_, fraction)) = split(text) else {
        return false;
    };
    text.bytes().all(|b| b.is_ascii_alphanumeric()) && !fraction.ends_with('0')
}

fn random_suffix(entropy: &mut dyn Entropy) -> String {
    let bytes = entropy.bytes16();
    let mut suffix: Vec<u8> = bytes[..SUFFIX_DIGITS]
        .iter()
        .map(|b| DIGITS[usize::from(*b) % 62])
        .collect();
    if let Some(last) = suffix.last_mut() {
        // A trailing zero would leave no room right before the key.
        *last = DIGITS[1 + usize::from(bytes[15]) % 61];
    }
    suffix.into_iter().map(char::from).collect()
}

/// Whole part and fraction.
fn split(key: &str) -> Option<(&str, &str)> {
    let head = *key.as_bytes().first()?;
    let len = match head {
        b'a'..=b'z' => usize::from(head - b'a') + 2,
        b'A'..=b'Z' => usize::from(b'Z' - head) + 2,
        _ => return None,
    };
    key.split_at_checked(len)
}

fn digit_of(byte: u8) -> usize {
    DIGITS.iter().position(|d| *d == byte).unwrap_or(0)
}

/// The next whole part; `None` past the largest.
fn increment(whole: &str) -> Option<String> {
    let mut bytes = whole.as_bytes().to_vec();
    for at in (1..bytes.len()).rev() {
        let digit = digit_of(bytes[at]) + 1;
        if digit < 62 {
            bytes[at] = DIGITS[digit];
            return String::from_utf8(bytes).ok();
        }
        bytes[at] = b'0';
    }
    match bytes[0] {
        b'z' => None,
        b'Z' => Some(FIRST.to_owned()),
        head => {
            bytes[0] = head + 1;
            if head >= b'a' {
                bytes.push(b'0');
            } else {
                bytes.pop();
            }
            String::from_utf8(bytes).ok()
        }
    }
}

/// The whole part before; `None` before the smallest.
fn decrement(whole: &str) -> Option<String> {
    let mut bytes = whole.as_bytes().to_vec();
    for at in (1..bytes.len()).rev() {
        match digit_of(bytes[at]).checked_sub(1) {
            Some(digit) => {
                bytes[at] = DIGITS[digit];
                return String::from_utf8(bytes).ok();
            }
            None => bytes[at] = b'z',
        }
    }
    match bytes[0] {
        b'A' => None,
        b'a' => Some("Zz".to_owned()),
        head => {
            bytes[0] = head - 1;
            if head > b'a' {
                bytes.pop();
            } else {
                bytes.push(b'z');
            }
            String::from_utf8(bytes).ok()
        }
    }
}

/// A fraction between two fractions, the upper one open where `None`; neither ends in zero.
fn middle(low: &str, high: Option<&str>) -> Option<String> {
    let (low, high) = (low.as_bytes(), high.map(str::as_bytes));
    let mut out = Vec::new();
    let mut low_digits = low.iter().copied();
    let mut high_at = 0;
    let mut bounded = high.is_some();
    loop {
        let l = low_digits.next().map_or(0, digit_of);
        let h = match high {
            Some(high) if bounded => digit_of(*high.get(high_at)?),
            _ => 62,
        };
        high_at += 1;
        if h < l {
            return None;
        }
        if h - l > 1 {
            out.push(DIGITS[(l + h) / 2]);
            return String::from_utf8(out).ok();
        }
        if h > l && high.is_some_and(|high| bounded && high.len() > high_at) {
            // The upper neighbour goes on after this digit, so the digit alone lies below it.
            out.push(DIGITS[h]);
            return String::from_utf8(out).ok();
        }
        out.push(DIGITS[l]);
        bounded = bounded && h == l;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Counting(u128);

    impl Entropy for Counting {
        fn bytes16(&mut self) -> [u8; 16] {
            self.0 = self
                .0
                .wrapping_mul(0x2545_F491_4F6C_DD1D)
                .wrapping_add(0x9E37_79B9_7F4A_7C15);
            self.0.rotate_left(64).to_le_bytes()
        }
    }

    #[test]
    fn appending_ten_thousand_keys_keeps_them_short_and_ascending() {
        let mut entropy = Counting(1);
        let mut last: Option<String> = None;
        for _ in 0..10_000 {
            let key = fresh_between(last.as_deref(), None, &mut entropy).unwrap();
            assert!(last.as_ref().is_none_or(|l| *l < key) && key.len() < 9);
            last = Some(key);
        }
    }

    #[test]
    fn keys_before_the_first_stay_short_too() {
        let mut entropy = Counting(2);
        let mut first = nth(0);
        for _ in 0..10_000 {
            let key = fresh_between(None, Some(&first), &mut entropy).unwrap();
            assert!(key < first && key.len() < 9, "{key} {first}");
            first = key;
        }
    }

    #[test]
    fn a_thousand_insertions_at_one_spot_find_room() {
        for seed in 0..8 {
            let mut entropy = Counting(seed);
            let (low, mut high) = (nth(3), nth(4));
            let mut low_moving = low.clone();
            for _ in 0..1000 {
                let key = fresh_between(Some(&low), Some(&high), &mut entropy).unwrap();
                assert!(low < key && key < high);
                high = key;
                let key = fresh_between(Some(&low_moving), Some(&nth(4)), &mut entropy).unwrap();
                assert!(low_moving < key && key < nth(4));
                low_moving = key;
            }
            assert!(high.len() < 300 && low_moving.len() < 300);
        }
    }

    #[test]
    fn keys_of_many_siblings_ascend() {
        let mut last = nth(0);
        for index in 1..300_000 {
            let key = nth(index);
            assert!(last < key && is_key(&key), "{last} {key}");
            last = key;
        }
    }

    #[test]
    fn neighbours_that_are_no_keys_or_equal_leave_no_room() {
        assert_eq!(between(Some("a0"), Some("a0")), None);
        assert_eq!(between(Some("a1"), Some("a0")), None);
        for bad in ["", "a", "b0", "a0é", "!", "a00", "1"] {
            assert_eq!(between(Some(bad), None), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_key_can_be_put_at_any_place_among_any_others(places in prop::collection::vec(any::<prop::sample::Index>(), 1..200), seed: u64) {
            let mut entropy = Counting(u128::from(seed));
            let mut keys: Vec<String> = Vec::new();
            for place in places {
                let at = place.index(keys.len() + 1);
                let after = at.checked_sub(1).map(|i| keys[i].as_str());
                let before = keys.get(at).map(String::as_str);
                let key = fresh_between(after, before, &mut entropy).expect("room");
                prop_assert!(is_key(&key));
                prop_assert!(after.is_none_or(|a| a < key.as_str()) && before.is_none_or(|b| key.as_str() < b));
                keys.insert(at, key);
            }
        }

        #[test]
        fn any_text_at_all_is_taken_without_panic(a in "\\PC{0,6}", b in "\\PC{0,6}") {
            let _ = between(Some(&a), Some(&b));
            let _ = between(None, Some(&b));
            let _ = between(Some(&a), None);
        }
    }
}
