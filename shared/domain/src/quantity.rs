//! Durations and lags as people enter them: an amount of working or elapsed time and the unit it is shown in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest duration or lag, in minutes: about 1,900 years, so that sums stay far from overflow.
pub const MINUTES_MAX: i64 = 1_000_000_000;
/// Largest lag in percent of the predecessor's duration.
pub const LAG_PERCENT_MAX: i32 = 10_000;

/// Unit a duration is shown in; the amount is always kept in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimeUnit {
    #[serde(rename = "m")]
    Minutes,
    #[serde(rename = "h")]
    Hours,
    #[serde(rename = "d")]
    Days,
    #[serde(rename = "w")]
    Weeks,
    #[serde(rename = "mo")]
    Months,
}

impl TimeUnit {
    /// Minutes of one unit: a working day has 8 hours, a week 5 days, a month 20 days; elapsed ones 24 hours, 7 and 30 days.
    pub fn minutes(self, elapsed: bool) -> i64 {
        match (self, elapsed) {
            (Self::Minutes, _) => 1,
            (Self::Hours, _) => 60,
            (Self::Days, false) => 480,
            (Self::Days, true) => 1440,
            (Self::Weeks, false) => 2400,
            (Self::Weeks, true) => 10_080,
            (Self::Months, false) => 9600,
            (Self::Months, true) => 43_200,
        }
    }

    /// Short sign, as project planners write it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Minutes => "m",
            Self::Hours => "h",
            Self::Days => "d",
            Self::Weeks => "w",
            Self::Months => "mo",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "m" | "min" | "mins" | "minute" | "minutes" | "分" | "分钟" => Self::Minutes,
            "h" | "hr" | "hrs" | "hour" | "hours" | "时" | "小时" => Self::Hours,
            "" | "d" | "day" | "days" | "天" | "日" | "工日" => Self::Days,
            "w" | "wk" | "wks" | "week" | "weeks" | "周" => Self::Weeks,
            "mo" | "mon" | "mons" | "month" | "months" | "月" => Self::Months,
            _ => return None,
        })
    }
}

/// An amount of time: `minutes` ≥ 0, the unit it is shown in, whether it runs round the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Duration {
    #[serde(rename = "m")]
    pub minutes: i64,
    #[serde(rename = "u")]
    pub unit: TimeUnit,
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    pub elapsed: bool,
    /// Marked as a guess, shown with a question mark.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl Duration {
    /// Working days.
    pub fn days(days: i64) -> Self {
        Self {
            minutes: days * TimeUnit::Days.minutes(false),
            unit: TimeUnit::Days,
            elapsed: false,
            estimated: false,
        }
    }

    /// Parses `5d`, `1.5 h`, `3 ed`, `2 weeks`, `5天`, `10d?`; a bare number means working days.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (text, estimated) = match text.strip_suffix(['?', '？']) {
            Some(rest) => (rest.trim_end(), true),
            None => (text, false),
        };
        let (minutes, unit, elapsed) = amount(text)?;
        Self {
            minutes,
            unit,
            elapsed,
            estimated,
        }
        .valid()
    }

    /// Itself, if within limits.
    pub fn valid(self) -> Option<Self> {
        (0..=MINUTES_MAX).contains(&self.minutes).then_some(self)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&amount_text(self.minutes, self.unit, self.elapsed))?;
        f.write_str(if self.estimated { "?" } else { "" })
    }
}

/// Time between the linked points; negative is a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Lag {
    Time {
        #[serde(rename = "m")]
        minutes: i64,
        #[serde(rename = "u")]
        unit: TimeUnit,
        #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
        elapsed: bool,
    },
    /// In percent of the predecessor's duration.
    Percent {
        #[serde(rename = "p")]
        percent: i32,
        #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
        elapsed: bool,
    },
}

impl Lag {
    pub const NONE: Self = Self::Time {
        minutes: 0,
        unit: TimeUnit::Days,
        elapsed: false,
    };

    pub fn is_none(self) -> bool {
        matches!(
            self,
            Self::Time { minutes: 0, .. } | Self::Percent { percent: 0, .. }
        )
    }

    /// Parses `2d`, `-1w`, `+3ed`, `50%`, `-25%`; empty means none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Some(Self::NONE);
        }
        if let Some(number) = text.strip_suffix('%') {
            let percent = number.trim().trim_start_matches('+').parse().ok()?;
            return Self::Percent {
                percent,
                elapsed: false,
            }
            .valid();
        }
        let (minutes, unit, elapsed) = amount(text)?;
        Self::Time {
            minutes,
            unit,
            elapsed,
        }
        .valid()
    }

    /// Itself, if within limits.
    pub fn valid(self) -> Option<Self> {
        let within = match self {
            Self::Time { minutes, .. } => (-MINUTES_MAX..=MINUTES_MAX).contains(&minutes),
            Self::Percent { percent, .. } => {
                (-LAG_PERCENT_MAX..=LAG_PERCENT_MAX).contains(&percent)
            }
        };
        within.then_some(self)
    }
}

/// Signed, empty when there is none: `+2d`, `-50%`.
impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return Ok(());
        }
        match *self {
            Self::Time {
                minutes,
                unit,
                elapsed,
            } => {
                let plus = if minutes > 0 { "+" } else { "" };
                write!(f, "{plus}{}", amount_text(minutes, unit, elapsed))
            }
            Self::Percent { percent, elapsed } => {
                write!(f, "{percent:+}{}%", if elapsed { "e" } else { "" })
            }
        }
    }
}

/// A number and a unit, with `e` before the unit for elapsed time. At most two decimals; rounded to whole minutes.
fn amount(text: &str) -> Option<(i64, TimeUnit, bool)> {
    let digits = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let hundredths = hundredths(number)?;
    let unit = unit.trim().to_lowercase();
    let (unit, elapsed) = match TimeUnit::parse(&unit) {
        Some(unit) => (unit, false),
        None => (TimeUnit::parse(unit.strip_prefix('e')?)?, true),
    };
    let scaled = hundredths.checked_mul(unit.minutes(elapsed))?;
    Some(((scaled + 50).div_euclid(100), unit, elapsed))
}

fn hundredths(number: &str) -> Option<i64> {
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || decimals.len() > 2 {
        return None;
    }
    if !plain(whole) || !plain(decimals) {
        return None;
    }
    let sum: i64 = format!("{whole}{decimals:0<2}").parse().ok()?;
    Some(if negative { -sum } else { sum })
}

/// The amount in its unit, in minutes where two decimals would not give it exactly.
fn amount_text(minutes: i64, unit: TimeUnit, elapsed: bool) -> String {
    let sign = if elapsed { "e" } else { "" };
    let per_unit = unit.minutes(elapsed);
    let exact = (i128::from(minutes) * 100) % i128::from(per_unit) == 0;
    if !exact {
        return format!("{minutes}{sign}m");
    }
    let hundredths = i128::from(minutes) * 100 / i128::from(per_unit);
    let minus = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (
        hundredths.unsigned_abs() / 100,
        hundredths.unsigned_abs() % 100,
    );
    let decimals = format!(".{rest:02}");
    let decimals = decimals.trim_end_matches('0').trim_end_matches('.');
    format!("{minus}{whole}{decimals}{sign}{}", unit.sign())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print_as_planners_write_them() {
        for (text, minutes, shown) in [
            ("5d", 2400, "5d"),
            ("5", 2400, "5d"),
            ("1.5 h", 90, "1.5h"),
            ("3 ed", 4320, "3ed"),
            ("2 weeks", 4800, "2w"),
            ("5天", 2400, "5d"),
            ("1emo", 43_200, "1emo"),
            ("10d?", 4800, "10d?"),
            ("0", 0, "0d"),
        ] {
            let duration = Duration::parse(text).expect(text);
            assert_eq!(
                (duration.minutes, duration.to_string()),
                (minutes, shown.to_owned())
            );
        }
        for bad in [
            "",
            "d",
            "-1d",
            "1.234d",
            "5x",
            "1e99",
            "99999999999999d",
            "1-2d",
            "--1d",
        ] {
            assert_eq!(Duration::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_amount_that_its_unit_cannot_show_is_shown_in_minutes() {
        let odd = Duration {
            minutes: 100,
            unit: TimeUnit::Days,
            elapsed: false,
            estimated: false,
        };
        assert_eq!(odd.to_string(), "100m");
    }

    #[test]
    fn lags_read_and_print_signed() {
        for (text, shown) in [
            ("2d", "+2d"),
            ("-1w", "-1w"),
            ("+3ed", "+3ed"),
            ("50%", "+50%"),
            ("-25%", "-25%"),
            ("", ""),
        ] {
            assert_eq!(Lag::parse(text).expect(text).to_string(), shown);
        }
        assert_eq!(Lag::parse("99999%"), None);
        assert_eq!(Lag::parse("-x"), None);
    }

    #[test]
    fn composites_keep_their_compact_json() {
        let json = |v: &Duration| serde_json::to_string(v).unwrap();
        assert_eq!(json(&Duration::days(5)), r#"{"m":2400,"u":"d"}"#);
        let lag = Lag::parse("50%").unwrap();
        assert_eq!(serde_json::to_string(&lag).unwrap(), r#"{"p":50}"#);
        assert_eq!(serde_json::from_str::<Lag>(r#"{"p":50}"#).unwrap(), lag);
        assert_eq!(
            serde_json::from_str::<Lag>(r#"{"m":-480,"u":"d","e":true}"#).unwrap(),
            Lag::Time {
                minutes: -480,
                unit: TimeUnit::Days,
                elapsed: true
            }
        );
    }
}
