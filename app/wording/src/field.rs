//! A task's fields: what they are called, and their values as people read them.

use heqi_domain::plan::{ManualDates, Mode, TaskKind, field};
use heqi_domain::quantity::{Duration, Lag, TimeUnit};
use heqi_domain::time::LocalDateTime;
use heqi_domain::{RecordId, Value};
use serde::de::DeserializeOwned;

use crate::{Texts, msg, say};

/// The name of a register or cell as people know it; the register's own where it has none.
pub fn name(texts: &Texts, register: &str) -> String {
    let id = match register {
        field::NAME => msg("field-name"),
        field::KIND => msg("field-kind"),
        field::PARENT => msg("field-parent"),
        field::DURATION => msg("field-duration"),
        field::MODE => msg("field-mode"),
        field::MANUAL => msg("field-manual"),
        field::ACCOUNTABLE => msg("field-accountable"),
        field::NOTES => msg("field-notes"),
        field::CODE => msg("field-code"),
        field::LAG => msg("field-lag"),
        "percent" => msg("field-percent"),
        "predecessors" => msg("field-predecessors"),
        "live" => msg("field-live"),
        progress if progress.starts_with(field::PROGRESS) => msg("field-percent"),
        other => return other.to_owned(),
    };
    texts.say(id, &[])
}

/// A register's value in words; an unset one says so. `title` tells code and name of a task.
pub fn value(
    texts: &Texts,
    register: &str,
    value: Option<&Value>,
    title: &dyn Fn(RecordId) -> String,
) -> String {
    let text = match value {
        None => return say!(texts, "value-unset"),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Bool(yes)) => yes.to_string(),
        Some(Value::Text(text)) => text.clone(),
    };
    let words = match register {
        field::DURATION => composite(&text).map(|of: Duration| duration(texts, &of)),
        field::LAG => composite::<Lag>(&text).map(|lag| lag.to_string()),
        field::MANUAL => composite::<ManualDates>(&text).map(|dates| period(&dates)),
        field::MODE => Mode::parse(&text).map(|mode| match mode {
            Mode::Auto => say!(texts, "mode-auto"),
            Mode::Manual => say!(texts, "mode-manual"),
        }),
        field::KIND => TaskKind::parse(&text).map(|kind| match kind {
            TaskKind::Task => say!(texts, "kind-task"),
            TaskKind::Milestone => say!(texts, "milestone"),
        }),
        field::PARENT => Some(match RecordId::parse(&text) {
            Some(parent) => title(parent),
            None => say!(texts, "outline-top"),
        }),
        progress if progress.starts_with(field::PROGRESS) => Some(format!("{text}%")),
        _ => None,
    };
    let words = words.unwrap_or(text);
    if words.is_empty() {
        say!(texts, "value-unset")
    } else {
        words
    }
}

/// A duration as it is written, which `Duration::parse` reads in either language.
pub fn duration(texts: &Texts, duration: &Duration) -> String {
    let plain = duration.to_string();
    // No language but that of planning programs has short words for time that runs round the clock.
    if duration.elapsed {
        return plain;
    }
    let guess = if duration.estimated { "?" } else { "" };
    let amount = plain.trim_end_matches(|c: char| c.is_alphabetic() || c == '?');
    let id = match duration.unit {
        TimeUnit::Minutes => msg("duration-minutes"),
        TimeUnit::Hours => msg("duration-hours"),
        TimeUnit::Days => msg("duration-days"),
        TimeUnit::Weeks => msg("duration-weeks"),
        TimeUnit::Months => msg("duration-months"),
    };
    texts.say(id, &[("amount", amount.into())]) + guess
}

/// A point in time without the parts that say nothing: no midnight, no seconds of a whole minute.
pub fn time(time: &LocalDateTime) -> String {
    let text = time.as_str();
    let short = text.strip_suffix("T00:00:00");
    short
        .or_else(|| text.strip_suffix(":00"))
        .unwrap_or(text)
        .replace('T', " ")
}

/// Start and finish with their times of day: two that differ in nothing else are still told apart.
fn period(dates: &ManualDates) -> String {
    let words = |end: &Option<LocalDateTime>| end.as_ref().map_or_else(|| "…".to_owned(), time);
    format!("{} – {}", words(&dates.start), words(&dates.finish))
}

fn composite<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, SHARED};

    fn words(register: &str, given: Option<&str>) -> String {
        let texts = Texts::new(Language::English, &[SHARED]);
        let given = given.map(Value::text);
        value(&texts, register, given.as_ref(), &|_| "A-T1 Piling".into())
    }

    #[test]
    fn values_read_as_people_write_them() {
        assert_eq!(words(field::DURATION, Some(r#"{"m":2400,"u":"d"}"#)), "5d");
        assert_eq!(words(field::MODE, Some("manual")), "entered");
        assert_eq!(words("progress.A.2026-03-31", Some("40")), "40%");
        let parent = RecordId([7; 16]).to_string();
        assert_eq!(words(field::PARENT, Some(&parent)), "A-T1 Piling");
        assert_eq!(words(field::PARENT, Some("")), "the top of the outline");
    }

    #[test]
    fn a_duration_reads_back_from_what_either_language_says() {
        for text in ["5d", "1.5w", "4h", "90m", "2mo?", "3ed"] {
            let given = Duration::parse(text).unwrap();
            for language in Language::ALL {
                let said = duration(&Texts::new(language, &[SHARED]), &given);
                assert_eq!(Duration::parse(&said), Some(given), "{said}");
            }
            let english = Texts::new(Language::English, &[SHARED]);
            assert_eq!(duration(&english, &given), given.to_string());
        }
        let chinese = Texts::new(Language::Chinese, &[SHARED]);
        let four_hours = Duration::parse("4h").unwrap();
        assert_eq!(duration(&chinese, &four_hours), "4小时");
    }

    #[test]
    fn what_is_unset_says_so_and_what_is_not_understood_stands_as_it_is() {
        assert_eq!(words(field::NAME, None), "not set");
        assert_eq!(words(field::DURATION, Some("")), "not set");
        assert_eq!(words(field::DURATION, Some("soon")), "soon");
    }

    #[test]
    fn dates_that_differ_in_the_time_of_day_alone_read_differently() {
        let dates = |start: &str| words(field::MANUAL, Some(&format!(r#"{{"start":"{start}"}}"#)));
        assert_eq!(dates("2026-03-02T08:00:00"), "2026-03-02 08:00 – …");
        assert_eq!(dates("2026-03-02T00:00:00"), "2026-03-02 – …");
    }
}
