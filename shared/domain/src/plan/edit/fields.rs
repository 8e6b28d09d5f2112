//! Fields of a task: which values they take.

use super::Edit;
use crate::limits::{NAME_CHARS_MAX, NOTES_BYTES_MAX, SHORT_TEXT_CHARS_MAX};
use crate::plan::Rejected;
use crate::plan::command::FieldEdit;
use crate::plan::field::{ACCOUNTABLE, DURATION, KIND, MANUAL, MODE, NAME, NOTES, composite_value};
use crate::plan::progress::{AGREED, report_field};
use crate::plan::task::ManualDates;
use crate::quantity::Duration;
use crate::record::{RecordId, Value};
use crate::time::Date;

impl Edit<'_, '_, '_> {
    pub(crate) fn set_field(&mut self, task: RecordId, edit: &FieldEdit) -> Result<(), Rejected> {
        self.shown(task)?;
        self.not_for_summary(task, edit)?;
        let (field, value) = match edit {
            FieldEdit::Percent {
                percent,
                status_date,
            } => return self.report(task, *percent, status_date.as_ref()),
            FieldEdit::Name(name) => (NAME, Value::Text(valid_name(name)?)),
            FieldEdit::Kind(kind) => (KIND, Value::text(kind.as_str())),
            FieldEdit::Duration(duration) => (DURATION, duration_value(*duration)?),
            FieldEdit::Mode(mode) => (MODE, Value::text(mode.as_str())),
            FieldEdit::Manual(dates) => (MANUAL, manual_value(dates)?),
            FieldEdit::Accountable(text) => {
                let text = text.trim();
                if text.chars().count() > SHORT_TEXT_CHARS_MAX {
                    return Err(too_long(ACCOUNTABLE, SHORT_TEXT_CHARS_MAX));
                }
                (ACCOUNTABLE, Value::text(text))
            }
            FieldEdit::Notes(text) if text.len() > NOTES_BYTES_MAX => {
                return Err(too_long(NOTES, NOTES_BYTES_MAX));
            }
            FieldEdit::Notes(text) => (NOTES, Value::text(text.as_str())),
        };
        self.put_fact(task, field, value);
        Ok(())
    }

    fn report(
        &mut self,
        task: RecordId,
        percent: u8,
        status_date: Option<&Date>,
    ) -> Result<(), Rejected> {
        let value = percent_value(percent)?;
        let code = self.context.party_code;
        let date = status_date.unwrap_or(&self.context.today);
        let field = report_field(code, date).filter(|_| code != AGREED);
        let Some(field) = field else {
            let code = code.to_owned();
            return Err(Rejected::InvalidPartyCode { code });
        };
        self.put_fact(task, &field, value);
        Ok(())
    }

    fn not_for_summary(&self, task: RecordId, edit: &FieldEdit) -> Result<(), Rejected> {
        let derived = match edit {
            FieldEdit::Duration(_) => DURATION,
            FieldEdit::Percent { .. } => "percent",
            FieldEdit::Kind(_) => KIND,
            _ => return Ok(()),
        };
        let place = self.plan.outline.place(task);
        match place.is_some_and(|p| p.has_children()) {
            true => Err(Rejected::NotForSummary {
                field: derived.to_owned(),
            }),
            false => Ok(()),
        }
    }
}

impl FieldEdit {
    /// The register it writes; progress has one per party and day.
    pub(crate) fn field(&self) -> &'static str {
        match self {
            Self::Name(_) => NAME,
            Self::Kind(_) => KIND,
            Self::Duration(_) => DURATION,
            Self::Mode(_) => MODE,
            Self::Manual(_) => MANUAL,
            Self::Percent { .. } => "percent",
            Self::Accountable(_) => ACCOUNTABLE,
            Self::Notes(_) => NOTES,
        }
    }
}

/// A name without blanks around it or control characters in it.
pub(crate) fn valid_name(name: &str) -> Result<String, Rejected> {
    let name: String = name
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Rejected::EmptyName),
        1..=NAME_CHARS_MAX => Ok(name.to_owned()),
        _ => Err(too_long(NAME, NAME_CHARS_MAX)),
    }
}

pub(crate) fn percent_value(percent: u8) -> Result<Value, Rejected> {
    match percent {
        0..=100 => Ok(Value::Int(i64::from(percent))),
        _ => Err(invalid("percent", percent.to_string())),
    }
}

pub(crate) fn duration_value(duration: Option<Duration>) -> Result<Value, Rejected> {
    let Some(duration) = duration else {
        return Ok(Value::text(""));
    };
    match duration.valid() {
        Some(valid) => Ok(composite_value(&valid)),
        None => Err(invalid(DURATION, duration.minutes.to_string())),
    }
}

fn manual_value(dates: &ManualDates) -> Result<Value, Rejected> {
    match (&dates.start, &dates.finish) {
        (None, None) => Ok(Value::text("")),
        (Some(start), Some(finish)) if dates.is_reversed() => {
            Err(invalid(MANUAL, format!("{start} – {finish}")))
        }
        _ => Ok(composite_value(dates)),
    }
}

fn too_long(field: &str, limit: usize) -> Rejected {
    Rejected::TooLong {
        field: field.to_owned(),
        limit,
    }
}

pub(crate) fn invalid(field: &str, given: String) -> Rejected {
    Rejected::InvalidValue {
        field: field.to_owned(),
        given,
    }
}
