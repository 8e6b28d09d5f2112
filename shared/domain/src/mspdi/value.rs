//! The texts of single values: flags, numbers, GUIDs, durations, and the codes for units, links and their lags.

use crate::plan::LinkType;
use crate::quantity::{Duration, Lag, MINUTES_MAX, TimeUnit};
use crate::time::LocalDateTime;

/// Seconds that a duration of the file may have.
const SECONDS_MAX: u64 = MINUTES_MAX as u64 * 60;

/// A unit code of the file: what amounts are shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) amount: Amount,
    pub(super) elapsed: bool,
    pub(super) estimated: bool,
}

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Time(TimeUnit),
    Percent,
    /// No unit of its own: the project's.
    Default,
}

/// `0` or `1`; the words that the XML schema allows beside them are read too.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "0" | "false" => Some(false),
        "1" | "true" => Some(true),
        _ => None,
    }
}

/// A UID of a task: not negative.
pub(super) fn uid(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// A UID that may be -1, for none.
pub(super) fn reference(text: &str) -> Option<i64> {
    text.parse().ok().filter(|uid| *uid >= -65_536)
}

/// A whole number of at most 32 bits.
pub(super) fn number(text: &str) -> Option<i32> {
    text.parse().ok()
}

/// 0 to 100.
pub(super) fn percent(text: &str) -> Option<u8> {
    text.parse().ok().filter(|percent| *percent <= 100)
}

/// `YYYY-MM-DDThh:mm:ss`, without a zone.
pub(super) fn date(text: &str) -> Option<LocalDateTime> {
    LocalDateTime::parse(text).ok()
}

/// 32 hexadecimal digits in groups, in lower case without braces; all zeros mean none and are kept here.
pub(super) fn guid(text: &str) -> Option<String> {
    let bare = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    let groups: Vec<usize> = bare.split('-').map(str::len).collect();
    let hexadecimal = bare.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    (hexadecimal && groups == [8, 4, 4, 4, 12]).then(|| bare.to_ascii_lowercase())
}

/// Seconds of `PnDTnHnMnS`; fractions of a second are cut off. A day is 24 hours; months and years have no length.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let rest = text.strip_prefix('P')?;
    let (days, times) = rest.split_once('T').unwrap_or((rest, ""));
    if rest.is_empty() || rest.ends_with('T') {
        return None;
    }
    let mut total = parts(days, &[('D', 86_400)])?;
    total = total.checked_add(parts(times, &[('H', 3600), ('M', 60), ('S', 1)])?)?;
    (total <= SECONDS_MAX).then_some(total)
}

fn parts(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total = 0u64;
    for (sign, seconds) in units {
        let Some((number, rest)) = text.split_once(*sign) else {
            continue;
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) if *sign == 'S' && !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (number, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        total = total.checked_add(whole.checked_mul(*seconds)?)?;
        text = rest;
    }
    text.is_empty().then_some(total)
}

/// A code of `DurationFormat` or `LagFormat`: the even ones are elapsed, those from 35 to 53 estimated.
pub(super) fn format(text: &str) -> Option<Format> {
    let code: u8 = text.parse().ok()?;
    let estimated = (35..=53).contains(&code);
    let plain = if estimated { code - 32 } else { code };
    let amount = match plain {
        3 | 4 => Amount::Time(TimeUnit::Minutes),
        5 | 6 => Amount::Time(TimeUnit::Hours),
        7 | 8 => Amount::Time(TimeUnit::Days),
        9 | 10 => Amount::Time(TimeUnit::Weeks),
        11 | 12 => Amount::Time(TimeUnit::Months),
        19 | 20 => Amount::Percent,
        21 => Amount::Default,
        _ => return None,
    };
    Some(Format {
        amount,
        elapsed: plain % 2 == 0,
        estimated,
    })
}

/// A code of a link's `Type`.
pub(super) fn link_type(text: &str) -> Option<LinkType> {
    match text {
        "0" => Some(LinkType::Ff),
        "1" => Some(LinkType::Fs),
        "2" => Some(LinkType::Sf),
        "3" => Some(LinkType::Ss),
        _ => None,
    }
}

/// A duration in whole minutes, and whether it had to be rounded; `default` is the project's own format.
pub(super) fn duration(
    seconds: u64,
    format: Option<Format>,
    estimated: Option<bool>,
    default: TimeUnit,
) -> (Duration, bool) {
    let unit = match format.map(|format| format.amount) {
        Some(Amount::Time(unit)) => unit,
        Some(Amount::Percent | Amount::Default) | None => default,
    };
    let minutes = (seconds + 30) / 60;
    let duration = Duration {
        minutes: i64::try_from(minutes).unwrap_or(MINUTES_MAX),
        unit,
        elapsed: format.is_some_and(|format| format.elapsed),
        estimated: estimated.unwrap_or_else(|| format.is_some_and(|format| format.estimated)),
    };
    (duration, !seconds.is_multiple_of(60))
}

/// A lag, and whether it had to be rounded; `amount` counts tenths of a minute, or percent where the format says so.
pub(super) fn lag(amount: i64, format: Option<Format>, default: TimeUnit) -> Option<(Lag, bool)> {
    let elapsed = format.is_some_and(|format| format.elapsed);
    let unit = match format.map(|format| format.amount) {
        Some(Amount::Percent) => {
            let percent = i32::try_from(amount).ok()?;
            return Lag::Percent { percent, elapsed }
                .valid()
                .map(|lag| (lag, false));
        }
        Some(Amount::Time(unit)) => unit,
        Some(Amount::Default) | None => default,
    };
    // Half a minute is rounded away from zero, so that a lead and a lag of one size stay so.
    let rounded = (amount.checked_abs()?.checked_add(5)?) / 10;
    let minutes = rounded * amount.signum();
    let lag = Lag::Time {
        minutes,
        unit,
        elapsed,
    };
    lag.valid().map(|lag| (lag, amount % 10 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_the_file_are_read_to_the_second() {
        assert_eq!(seconds("PT8H0M0S"), Some(28_800));
        assert_eq!(seconds("PT0H0M6S"), Some(6));
        assert_eq!(seconds("PT1M30.5S"), Some(90));
        assert_eq!(seconds("P2D"), Some(172_800));
        for bad in [
            "",
            "P",
            "PT",
            "8H",
            "PT8",
            "PTH",
            "PT-8H0M0S",
            "-PT8H0M0S",
            "P1Y",
            "P1M",
            "PT8M1H",
            "PT99999999999999999999H",
            "PT9999999999H",
            "PT1.5H",
            "PT1.S",
            "PT8H0M0Sx",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_format_code_has_its_unit() {
        let read = |code: &str| format(code).map(|f| (f.amount, f.elapsed, f.estimated));
        assert_eq!(
            read("3"),
            Some((Amount::Time(TimeUnit::Minutes), false, false))
        );
        assert_eq!(
            read("6"),
            Some((Amount::Time(TimeUnit::Hours), true, false))
        );
        assert_eq!(
            read("39"),
            Some((Amount::Time(TimeUnit::Days), false, true))
        );
        assert_eq!(read("40"), Some((Amount::Time(TimeUnit::Days), true, true)));
        assert_eq!(
            read("44"),
            Some((Amount::Time(TimeUnit::Months), true, true))
        );
        assert_eq!(read("20"), Some((Amount::Percent, true, false)));
        assert_eq!(read("21"), Some((Amount::Default, false, false)));
        assert_eq!(read("53"), Some((Amount::Default, false, true)));
        for bad in ["0", "2", "13", "22", "34", "54", "255", "256", "-7", "d"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn lags_keep_sign_unit_and_percent() {
        let days = format("7");
        let day = TimeUnit::Days;
        let time = |minutes| Lag::Time {
            minutes,
            unit: day,
            elapsed: false,
        };
        assert_eq!(lag(4800, days, day), Some((time(480), false)));
        assert_eq!(lag(-4800, days, day), Some((time(-480), false)));
        assert_eq!(lag(-15, days, day), Some((time(-2), true)));
        let half = Lag::Percent {
            percent: -50,
            elapsed: true,
        };
        assert_eq!(lag(-50, format("20"), day), Some((half, false)));
        assert_eq!(lag(i64::MIN, days, day), None);
        assert_eq!(lag(i64::MAX, days, day), None);
    }

    #[test]
    fn a_guid_is_read_with_or_without_braces() {
        let bare = "9035018b-dad2-e811-ac3f-4cedde6e5b57";
        assert_eq!(
            guid("{9035018B-DAD2-E811-AC3F-4CEDDE6E5B57}").as_deref(),
            Some(bare)
        );
        assert_eq!(guid(bare).as_deref(), Some(bare));
        assert_eq!(guid("9035018b-dad2-e811-ac3f"), None);
        assert_eq!(guid("9035018b-dad2-e811-ac3f-4cedde6e5bxx"), None);
    }
}
