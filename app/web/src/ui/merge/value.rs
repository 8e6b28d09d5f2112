//! A register's value as people read it.

use heqi_domain::plan::{ManualDates, Mode, TaskKind, field};
use heqi_domain::quantity::{Duration, Lag};
use heqi_domain::{RecordId, Value};

use crate::ui::i18n::t;
use crate::ui::session::Session;

/// The value of `field` in words; an unset one says so.
pub(crate) fn words(session: Session, field: &str, value: Option<&Value>) -> String {
    let text = match value {
        None => return t!("value-unset"),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Bool(yes)) => yes.to_string(),
        Some(Value::Text(text)) => text.clone(),
    };
    let words = match field {
        field::DURATION => parsed::<Duration>(&text).map(|duration| duration.to_string()),
        field::LAG => parsed::<Lag>(&text).map(|lag| lag.to_string()),
        field::MANUAL => parsed::<ManualDates>(&text).map(|dates| dates_words(&dates)),
        field::MODE => Mode::parse(&text).map(|mode| match mode {
            Mode::Auto => t!("mode-auto"),
            Mode::Manual => t!("mode-manual"),
        }),
        field::KIND => TaskKind::parse(&text).map(|kind| match kind {
            TaskKind::Task => t!("kind-task"),
            TaskKind::Milestone => t!("milestone"),
        }),
        field::PARENT => match RecordId::parse(&text) {
            Some(parent) => Some(session.plan.title(parent)),
            None => Some(t!("outline-top")),
        },
        progress if progress.starts_with(field::PROGRESS) => Some(format!("{text}%")),
        _ => None,
    };
    let words = words.unwrap_or(text);
    if words.is_empty() {
        t!("value-unset")
    } else {
        words
    }
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn dates_words(dates: &ManualDates) -> String {
    let day = |time: &Option<heqi_domain::time::LocalDateTime>| {
        time.as_ref()
            .map_or_else(|| "…".to_owned(), |time| time.date().to_string())
    };
    format!("{} – {}", day(&dates.start), day(&dates.finish))
}
