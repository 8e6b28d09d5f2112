//! Dates as project files hold them: ISO 8601, local, without a zone. Compared as text, which is their order in time.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A calendar day, `YYYY-MM-DD`, year 1 to 9999.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(String);

/// A local point in time, `YYYY-MM-DDThh:mm:ss`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalDateTime(String);

/// The text is no date of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a date such as 2026-03-31 or 2026-03-31T08:00:00")]
pub struct InvalidDate(pub String);

impl Date {
    /// Parses `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self, InvalidDate> {
        if is_day(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidDate(shortened(text)))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl LocalDateTime {
    /// Parses `YYYY-MM-DDThh:mm:ss`; `T` may be a space, seconds or the whole time may be missing, a zone is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidDate> {
        let refuse = || InvalidDate(shortened(text));
        let (day, time) = match text.split_once(['T', ' ']) {
            Some((day, time)) => (day, time),
            None => (text, "00:00:00"),
        };
        let seconds = if time.len() == 5 { ":00" } else { "" };
        let time = format!("{time}{seconds}");
        if is_day(day) && is_time(&time) {
            Ok(Self(format!("{day}T{time}")))
        } else {
            Err(refuse())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day it falls on.
    pub fn date(&self) -> Date {
        Date(self.0.split('T').next().unwrap_or_default().to_owned())
    }
}

/// Error texts carry a bounded piece of what was given.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (
        digits(&bytes[..4]),
        digits(&bytes[5..7]),
        digits(&bytes[8..]),
    ) else {
        return false;
    };
    year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_of(year, month)
}

fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 8 || bytes[2] != b':' || bytes[5] != b':' {
        return false;
    }
    match (
        digits(&bytes[..2]),
        digits(&bytes[3..5]),
        digits(&bytes[6..]),
    ) {
        (Some(hour), Some(minute), Some(second)) => hour < 24 && minute < 60 && second < 60,
        _ => false,
    }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0u32, |sum, b| {
        b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0'))
    })
}

fn days_of(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

macro_rules! text_form {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidDate;

            fn try_from(text: String) -> Result<Self, InvalidDate> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(date: $type) -> String {
                date.0
            }
        }
    };
}

text_form!(Date);
text_form!(LocalDateTime);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_outside_the_calendar_are_refused() {
        for bad in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "26-01-01",
            "2026-1-01",
            "2026/01/01",
            "0000-01-01",
            "２０２６-01-01",
            "",
        ] {
            assert!(Date::parse(bad).is_err(), "{bad}");
        }
        assert!(Date::parse("2024-02-29").is_ok());
        assert!(Date::parse("1900-02-29").is_err());
    }

    #[test]
    fn a_time_is_completed_to_seconds_and_a_zone_is_refused() {
        let text = |t: &str| LocalDateTime::parse(t).map(String::from);
        assert_eq!(
            text("2026-03-31 08:00"),
            Ok("2026-03-31T08:00:00".to_owned())
        );
        assert_eq!(text("2026-03-31"), Ok("2026-03-31T00:00:00".to_owned()));
        assert!(text("2026-03-31T08:00:00Z").is_err());
        assert!(text("2026-03-31T24:00:00").is_err());
    }
}
