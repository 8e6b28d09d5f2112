//! Values of a task's fields as people type them, the same in every shell and language.

use super::command::FieldEdit;
use super::field::{ACCOUNTABLE, DURATION, KIND, MANUAL, MODE, NAME, NOTES};
use super::task::{ManualDates, Mode, TaskKind};
use crate::quantity::Duration;
use crate::time::{InvalidDate, LocalDateTime};

const MIDNIGHT: &str = "00:00:00";

/// What a text typed for a register asks for; `None` where it does not fit, or the register is not written this way.
pub fn edit(field: &str, text: &str) -> Option<FieldEdit> {
    let trimmed = text.trim();
    Some(match field {
        NAME => FieldEdit::Name(text.to_owned()),
        KIND => FieldEdit::Kind(TaskKind::parse(trimmed)?),
        DURATION if trimmed.is_empty() => FieldEdit::Duration(None),
        DURATION => FieldEdit::Duration(Some(Duration::parse(trimmed)?)),
        MODE => FieldEdit::Mode(Mode::parse(trimmed)?),
        ACCOUNTABLE => FieldEdit::Accountable(text.to_owned()),
        NOTES => FieldEdit::Notes(text.to_owned()),
        MANUAL => FieldEdit::Manual(period(trimmed)?),
        _ => return None,
    })
}

/// `40` or `40%`, at most 100.
pub fn percent(text: &str) -> Option<u8> {
    let number = text.trim().trim_end_matches(['%', '％']).trim_end();
    number.parse().ok().filter(|percent| *percent <= 100)
}

/// Reads `2026-03-02`, `2026/3/2`, `2026.3.2` or `2026年3月2日`, with a time of day such as `08:00` behind it or else
/// `of_day` (`hh:mm:ss`); empty is none.
pub fn time(text: &str, of_day: &str) -> Result<Option<LocalDateTime>, InvalidDate> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (day, time) = match text.rsplit_once(['T', ' ']) {
        Some((day, time)) if time.contains(':') => (day, time),
        _ => (text, of_day),
    };
    let parts: Vec<&str> = day
        .split(['-', '/', '.', '年', '月', '日'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let [year, month, day] = parts[..] else {
        return LocalDateTime::parse(text).map(Some);
    };
    LocalDateTime::parse(&format!("{year:0>4}-{month:0>2}-{day:0>2}T{time}")).map(Some)
}

/// The edits that entered dates ask for: they make a task a manual one, and without any it is calculated again.
pub fn dates(mode: Mode, dates: ManualDates) -> Vec<FieldEdit> {
    let wanted = match dates == ManualDates::default() {
        true => Mode::Auto,
        false => Mode::Manual,
    };
    let switch = (wanted != mode).then_some(FieldEdit::Mode(wanted));
    let edits = switch.into_iter().chain([FieldEdit::Manual(dates)]);
    edits.collect()
}

/// `2026-03-01..2026-03-31`, either end open.
fn period(text: &str) -> Option<ManualDates> {
    let (start, finish) = text.split_once("..")?;
    Some(ManualDates {
        start: time(start, MIDNIGHT).ok()?,
        finish: time(finish, MIDNIGHT).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let time = time(text, "08:00:00").expect(text);
        time.map(|time| time.to_string())
    }

    #[test]
    fn days_are_read_in_every_notation_and_get_the_time_of_day() {
        for text in [
            "2026-03-02",
            "2026/3/2",
            "2026.3.2",
            "2026年3月2日",
            " 2026 年 3 月 2 日 ",
        ] {
            assert_eq!(read(text).as_deref(), Some("2026-03-02T08:00:00"), "{text}");
        }
        assert_eq!(read(" "), None);
    }

    #[test]
    fn a_time_of_day_that_is_typed_stands() {
        for text in [
            "2026-03-02T17:30",
            "2026-03-02 17:30:00",
            "2026年3月2日 17:30",
        ] {
            assert_eq!(read(text).as_deref(), Some("2026-03-02T17:30:00"), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "tomorrow",
            "2026-02-30",
            "2026-03",
            "2026-03-02T24:00",
            "2026-03-02T17:30Z",
            "2026-03-02-01",
            "2026-03-02 17",
            "17:30",
        ] {
            assert!(time(text, MIDNIGHT).is_err(), "{text}");
        }
    }

    #[test]
    fn a_period_has_two_ends_and_either_may_be_open() {
        let midnight = |day: &str| LocalDateTime::parse(day).ok();
        let both = ManualDates {
            start: midnight("2026-03-01"),
            finish: midnight("2026-03-31"),
        };
        let period = |text| edit(MANUAL, text);
        assert_eq!(
            period("2026-03-01..2026.3.31"),
            Some(FieldEdit::Manual(both.clone()))
        );
        let open = ManualDates {
            start: None,
            ..both
        };
        assert_eq!(period("..2026-03-31"), Some(FieldEdit::Manual(open)));
        assert_eq!(period("2026-03-01"), None);
    }

    #[test]
    fn dates_choose_the_mode_and_leave_one_that_fits() {
        let some = ManualDates {
            start: LocalDateTime::parse("2026-03-01").ok(),
            finish: None,
        };
        let (some_edit, none_edit) = (
            FieldEdit::Manual(some.clone()),
            FieldEdit::Manual(ManualDates::default()),
        );
        let entered = |mode| dates(mode, some.clone());
        let emptied = |mode| dates(mode, ManualDates::default());
        assert_eq!(
            entered(Mode::Auto),
            [FieldEdit::Mode(Mode::Manual), some_edit.clone()]
        );
        assert_eq!(entered(Mode::Manual), [some_edit]);
        assert_eq!(
            emptied(Mode::Manual),
            [FieldEdit::Mode(Mode::Auto), none_edit.clone()]
        );
        assert_eq!(emptied(Mode::Auto), [none_edit]);
    }
}
