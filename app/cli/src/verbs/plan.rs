//! The plan as a table, as JSON and as CSV.

use std::io::Write;
use std::path::Path;

use heqi_domain::plan::{Mode, Predecessor, RowKind, TaskRow};
use heqi_domain::time::LocalDateTime;
use serde_json::json;

use super::{TaskJson, plan_of};
use crate::answer::Answer;
use crate::context::Context;
use crate::space::key;
use crate::table::Table;
use crate::trouble::{Trouble, Usage};
use heqi_wording::{field, say};

/// The dates that count for a row, and where they come from.
pub(crate) struct Dates<'a> {
    pub(crate) start: Option<&'a LocalDateTime>,
    pub(crate) finish: Option<&'a LocalDateTime>,
    pub(crate) source: Option<&'static str>,
}

pub(crate) fn list(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let conflicts = plan.conflicts().count();
    let heads = shell.replica().heads_of(shell.space());
    let hex = |head: &[u8; 32]| {
        head.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let json = json!({
        "venture": shell.replica().directory().venture,
        "space": key(shell.space()),
        "heads": heads.iter().map(hex).collect::<Vec<_>>(),
        "tasks": plan.rows().map(TaskJson::of).collect::<Vec<_>>(),
        "conflicts": conflicts,
    });
    let mut text = if plan.order().is_empty() {
        say!(context.texts, "cli-plan-empty")
    } else {
        table(context, plan.rows())
    };
    if conflicts > 0 {
        text.push_str(&say!(
            context.texts,
            "cli-conflicts-open",
            count = conflicts
        ));
    }
    Ok(Answer::new(json, text))
}

pub(crate) fn export(context: &Context, file: &Path, force: bool) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let path = file.display().to_string();
    let failed = |error: std::io::Error| Trouble::Write {
        path: path.clone(),
        cause: error.to_string(),
    };
    if !force && file.exists() {
        return Err(Usage::FileExists(path).into());
    }
    let csv = plan.to_csv();
    let mut out = std::fs::File::create(file).map_err(failed)?;
    out.write_all(&csv).map_err(failed)?;
    let tasks = plan.order().len();
    let json = json!({ "file": path, "tasks": tasks });
    let text = say!(
        context.texts,
        "cli-exported-csv",
        count = tasks,
        path = path.as_str()
    );
    Ok(Answer::new(json, text))
}

/// Tasks as a table with a heading.
pub(crate) fn table<'a>(context: &Context, rows: impl Iterator<Item = &'a TaskRow>) -> String {
    let texts = &context.texts;
    let mut table = Table::default();
    let mark = "  ".to_owned();
    table.row([
        mark.clone() + &say!(texts, "column-code"),
        say!(texts, "column-outline"),
        say!(texts, "column-name"),
        say!(texts, "column-duration"),
        say!(texts, "column-percent"),
        say!(texts, "column-start"),
        say!(texts, "column-finish"),
        say!(texts, "column-predecessors"),
    ]);
    for row in rows {
        table.row(cells(row));
    }
    table.text()
}

/// The dates of a task: those entered where it is manual, else those of the imported file.
pub(crate) fn dates(row: &TaskRow) -> Dates<'_> {
    let entered = row.manual.as_ref().filter(|_| row.mode == Mode::Manual);
    let (start, finish, source) = match entered {
        Some(dates) => (dates.start.as_ref(), dates.finish.as_ref(), "entered"),
        None => (
            row.imported_start.as_ref(),
            row.imported_finish.as_ref(),
            "imported",
        ),
    };
    let source = (start.is_some() || finish.is_some()).then_some(source);
    Dates {
        start,
        finish,
        source,
    }
}

fn cells(row: &TaskRow) -> [String; 8] {
    let mark = if row.conflict_fields.is_empty() {
        "  "
    } else {
        "! "
    };
    let dates = dates(row);
    let date = |time: Option<&LocalDateTime>| match time.map(field::time) {
        // Brackets: the file said so, nobody here entered it.
        Some(text) if dates.source == Some("imported") => format!("({text})"),
        Some(text) => text,
        None => String::new(),
    };
    let sign = match row.kind {
        RowKind::Summary => "▾ ",
        RowKind::Milestone => "◆ ",
        RowKind::Task => "",
    };
    let disputed = if row.percent_disputed { "?" } else { "" };
    let predecessors: Vec<String> = row.predecessors.iter().map(predecessor).collect();
    [
        format!("{mark}{}", row.code),
        row.number.clone(),
        format!("{}{sign}{}", "  ".repeat(row.depth), row.name),
        row.duration
            .map(|duration| duration.to_string())
            .unwrap_or_default(),
        format!("{}%{disputed}", row.percent),
        date(dates.start),
        date(dates.finish),
        predecessors.join(", "),
    ]
}

fn predecessor(link: &Predecessor) -> String {
    let suspended = if link.suspended { "✗" } else { "" };
    format!("{}{}{}{suspended}", link.code, link.link_type, link.lag)
}
