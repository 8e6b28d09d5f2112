//! Names of a task's fields in the reader's language.

use heqi_domain::plan::field;

use super::i18n::t;

/// The name of a register or cell as people know it; the register's own where it has none.
pub(crate) fn field_name(name: &str) -> String {
    match name {
        field::NAME => t!("field-name"),
        field::KIND => t!("field-kind"),
        field::PARENT => t!("field-parent"),
        field::DURATION => t!("field-duration"),
        field::MODE => t!("field-mode"),
        field::MANUAL => t!("field-manual"),
        field::ACCOUNTABLE => t!("field-accountable"),
        field::NOTES => t!("field-notes"),
        field::CODE => t!("field-code"),
        field::LAG => t!("field-lag"),
        "percent" => t!("field-percent"),
        "predecessors" => t!("field-predecessors"),
        "live" => t!("field-live"),
        progress if progress.starts_with(field::PROGRESS) => t!("field-percent"),
        other => other.to_owned(),
    }
}

/// Several things in one phrase, as the language lists them.
pub(crate) fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => {
            let first = first.join(&t!("list-separator"));
            t!("list-and", first = first, last = last.clone())
        }
    }
}
