//! `FIELD=VALUE` arguments as edits of a task.

use heqi_domain::plan::{FieldEdit, ManualDates, TaskRow, field, typed};
use heqi_domain::time::Date;

use crate::trouble::Usage;

/// The time of day of a day typed without one.
const MIDNIGHT: &str = "00:00:00";

/// The edits that `FIELD=VALUE` arguments ask for. Start and finish share one register, so they make one edit.
pub(crate) fn edits(
    row: &TaskRow,
    fields: &[String],
    status_date: Option<&str>,
) -> Result<Vec<FieldEdit>, Usage> {
    let mut edits = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut dates: Option<ManualDates> = None;
    for given in fields {
        let (name, value) = given
            .split_once('=')
            .ok_or_else(|| Usage::NotAField(given.clone()))?;
        let name = name.trim().to_ascii_lowercase();
        if seen.contains(&name) {
            return Err(Usage::Twice(name));
        }
        match name.as_str() {
            "start" | "finish" => {
                let time = typed::time(value, MIDNIGHT).map_err(|_| unfit(&name, value))?;
                let dates = dates.get_or_insert_with(|| row.manual.clone().unwrap_or_default());
                if name == "start" {
                    dates.start = time;
                } else {
                    dates.finish = time;
                }
            }
            "percent" => edits.push(percent(value, status_date)?),
            name => edits.push(typed::edit(name, value).ok_or_else(|| unfit(name, value))?),
        }
        seen.push(name);
    }
    if let Some(dates) = dates {
        if seen.iter().any(|name| name == field::MODE) {
            edits.push(FieldEdit::Manual(dates));
        } else {
            edits.extend(typed::dates(row.mode, dates));
        }
    }
    Ok(edits)
}

fn percent(value: &str, status_date: Option<&str>) -> Result<FieldEdit, Usage> {
    let day = |text| Date::parse(text).map_err(|_| unfit("--status-date", text));
    Ok(FieldEdit::Percent {
        percent: typed::percent(value).ok_or_else(|| unfit("percent", value))?,
        status_date: status_date.map(day).transpose()?,
    })
}

fn unfit(field: &str, value: &str) -> Usage {
    Usage::BadValue {
        field: field.to_owned(),
        value: value.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use heqi_domain::RecordId;
    use heqi_domain::plan::{Mode, RowKind};
    use heqi_domain::time::LocalDateTime;

    use super::*;

    fn row() -> TaskRow {
        TaskRow {
            id: RecordId([1; 16]),
            code: "A-T1".into(),
            number: "1".into(),
            depth: 0,
            parent: None,
            has_children: false,
            kind: RowKind::Task,
            name: "Piling".into(),
            duration: None,
            percent: 0,
            percent_disputed: false,
            mode: Mode::Auto,
            manual: None,
            imported_start: None,
            imported_finish: None,
            accountable: String::new(),
            has_notes: false,
            predecessors: Vec::new(),
            conflict_fields: Vec::new(),
        }
    }

    fn of(fields: &[&str]) -> Result<Vec<FieldEdit>, Usage> {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        edits(&row(), &fields, None)
    }

    #[test]
    fn start_and_finish_make_one_edit_and_the_task_manual() {
        let dates = |text: &str| LocalDateTime::parse(text).ok();
        let manual = FieldEdit::Manual(ManualDates {
            start: dates("2026-03-01"),
            finish: dates("2026-03-31T17:00"),
        });
        let given = of(&["start=2026-03-01", "finish=2026-03-31T17:00"]);
        assert_eq!(given, Ok(vec![FieldEdit::Mode(Mode::Manual), manual]));
    }

    #[test]
    fn a_value_may_hold_an_equals_sign_and_an_empty_one_unsets() {
        let given = of(&["notes=a=b", "duration="]);
        let notes = FieldEdit::Notes("a=b".into());
        assert_eq!(given, Ok(vec![notes, FieldEdit::Duration(None)]));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for bad in [
            "duration=soon",
            "percent=101",
            "percent=-1",
            "kind=summary",
            "mode=",
            "colour=red",
            "start=tomorrow",
            "parent=A-T2",
        ] {
            let refused = of(&[bad]);
            assert!(
                matches!(refused, Err(Usage::BadValue { .. })),
                "{bad}: {refused:?}"
            );
        }
        assert_eq!(of(&["name"]), Err(Usage::NotAField("name".into())));
        assert_eq!(of(&["name=a", "Name=b"]), Err(Usage::Twice("name".into())));
    }
}
