//! Short codes of parties: the prefix of the codes of their records.

/// Characters of a code at most.
pub(crate) const CHARS_MAX: u32 = 6;

/// Whether the text can be a code: ASCII letters and digits, the first a letter.
pub(crate) fn is_valid(code: &str) -> bool {
    let code = code.trim();
    code.len() <= CHARS_MAX as usize
        && code.starts_with(|c: char| c.is_ascii_alphabetic())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A code for a party of this name that none of `taken` uses: its capitals or initials, else the next free letter.
pub(crate) fn suggest(party: &str, taken: &[String]) -> String {
    let free = |code: &String| !taken.iter().any(|other| other.eq_ignore_ascii_case(code));
    let initials = initials(party);
    let from_name = (1..=initials.len().min(3))
        .rev()
        .map(|chars| initials[..chars].to_owned())
        .find(free);
    let letters = ('A'..='Z').map(String::from);
    if party.trim().is_empty() {
        return String::new();
    }
    from_name
        .or_else(|| letters.into_iter().find(free))
        .unwrap_or_default()
}

fn initials(party: &str) -> String {
    party
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| word.chars().next())
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_suggested_from_initials_and_avoids_those_taken() {
        assert_eq!(suggest("China Railway No. 3", &[]), "CRN");
        assert_eq!(suggest("Acme", &[]), "A");
        assert_eq!(suggest("Acme", &["a".into()]), "B");
        assert_eq!(suggest("中铁三局", &["A".into(), "B".into()]), "C");
        assert_eq!(suggest("  ", &[]), "");
    }

    #[test]
    fn codes_are_ascii_and_start_with_a_letter() {
        assert!(is_valid("CR3"));
        for bad in ["", "3C", "C-3", "中铁", "TOOLONG"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
