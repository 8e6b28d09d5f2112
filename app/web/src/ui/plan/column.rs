//! The columns of the grid: what a cell shows, and what typing into it asks for.

use heqi_domain::RecordId;
use heqi_domain::plan::{FieldEdit, Mode, PlanCommand, RowKind, TaskRow, field, typed};
use heqi_domain::quantity::Duration;
use heqi_domain::time::LocalDateTime;

use super::links;
use crate::ui::i18n::{msg, say, t};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Column {
    Outline,
    Code,
    Name,
    Duration,
    Start,
    Finish,
    Percent,
    Predecessors,
    Accountable,
}

/// A date as shown: entered by a person or as the imported file had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownDate {
    pub day: String,
    pub entered: bool,
    /// The imported day, where an entered one stands over another.
    pub imported: Option<String>,
}

impl Column {
    /// All columns, in order.
    pub(crate) const ALL: [Self; 9] = [
        Self::Outline,
        Self::Code,
        Self::Name,
        Self::Duration,
        Self::Start,
        Self::Finish,
        Self::Percent,
        Self::Predecessors,
        Self::Accountable,
    ];

    /// Name of the column in markup.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Outline => "outline",
            Self::Code => "code",
            Self::Name => "name",
            Self::Duration => "duration",
            Self::Start => "start",
            Self::Finish => "finish",
            Self::Percent => "percent",
            Self::Predecessors => "predecessors",
            Self::Accountable => "accountable",
        }
    }

    /// The column of this name in markup.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// Message id of the heading.
    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Outline => msg("column-outline"),
            Self::Code => msg("column-code"),
            Self::Name => msg("column-name"),
            Self::Duration => msg("column-duration"),
            Self::Start => msg("column-start"),
            Self::Finish => msg("column-finish"),
            Self::Percent => msg("column-percent"),
            Self::Predecessors => msg("column-predecessors"),
            Self::Accountable => msg("column-accountable"),
        }
    }

    /// Position from 0.
    pub(crate) fn index(self) -> usize {
        Self::ALL
            .iter()
            .position(|column| *column == self)
            .unwrap_or_default()
    }

    /// The column `by` further, stopping at the ends.
    pub(crate) fn moved(self, by: isize) -> Self {
        let last = Self::ALL.len() - 1;
        Self::ALL[self.index().saturating_add_signed(by).min(last)]
    }

    /// Whether the cell takes typing: what a summary shows follows from the tasks below it.
    pub(crate) fn is_editable(self, row: &TaskRow) -> bool {
        let summary = row.kind == RowKind::Summary;
        match self {
            Self::Outline | Self::Code => false,
            Self::Name | Self::Predecessors | Self::Accountable => true,
            Self::Duration | Self::Start | Self::Finish | Self::Percent => !summary,
        }
    }

    /// The text of the cell, which is also what an editor starts with.
    pub(crate) fn text(self, row: &TaskRow) -> String {
        match self {
            Self::Outline => row.number.clone(),
            Self::Code => row.code.clone(),
            Self::Name => row.name.clone(),
            Self::Duration => row.duration.map(duration).unwrap_or_default(),
            Self::Start | Self::Finish => self.date(row).map(|d| d.day).unwrap_or_default(),
            Self::Percent => format!("{}%", row.percent),
            Self::Predecessors => links::text(&row.predecessors),
            Self::Accountable => row.accountable.clone(),
        }
    }

    /// The date of the start or finish cell.
    pub(crate) fn date(self, row: &TaskRow) -> Option<ShownDate> {
        let manual = row.manual.as_ref().filter(|_| row.mode == Mode::Manual);
        let (entered, imported) = match self {
            Self::Start => (manual.and_then(|m| m.start.as_ref()), &row.imported_start),
            Self::Finish => (manual.and_then(|m| m.finish.as_ref()), &row.imported_finish),
            _ => return None,
        };
        let imported = imported.as_ref().map(day);
        match entered.map(day) {
            Some(entered) => Some(ShownDate {
                imported: imported.filter(|imported| *imported != entered),
                day: entered,
                entered: true,
            }),
            None => imported.map(|day| ShownDate {
                day,
                entered: false,
                imported: None,
            }),
        }
    }

    /// Whether an open item of the merge review speaks of the cell.
    pub(crate) fn is_contested(self, row: &TaskRow) -> bool {
        let speaks = |field: &str| match self {
            Self::Name => matches!(field, "name" | "live" | "parent" | "kind" | "notes"),
            Self::Start | Self::Finish => matches!(field, "manual" | "mode"),
            _ => field == self.name(),
        };
        row.conflict_fields.iter().any(|field| speaks(field))
    }

    /// What typing `text` asks for; no command where nothing changes. The error says what is wrong.
    pub(crate) fn commands(
        self,
        row: &TaskRow,
        text: &str,
        find: impl Fn(&str) -> Option<RecordId>,
    ) -> Result<Vec<PlanCommand>, String> {
        let text = text.trim();
        if text == self.text(row) {
            return Ok(Vec::new());
        }
        let edits = match self {
            Self::Outline | Self::Code => Vec::new(),
            Self::Name if text.is_empty() => return Err(t!("name-needed")),
            Self::Name => vec![FieldEdit::Name(text.to_owned())],
            Self::Duration => {
                let edit = typed::edit(field::DURATION, text);
                vec![edit.ok_or_else(|| t!("duration-problem"))?]
            }
            Self::Start | Self::Finish => self.date_edits(row, text)?,
            Self::Percent => vec![FieldEdit::Percent {
                percent: typed::percent(text).ok_or_else(|| t!("percent-problem"))?,
                status_date: None,
            }],
            Self::Accountable => vec![FieldEdit::Accountable(text.to_owned())],
            Self::Predecessors => {
                let wanted = links::parse(text, find)
                    .map_err(|piece| t!("predecessor-unknown", piece = piece))?;
                return Ok(links::changes(row.id, &row.predecessors, &wanted));
            }
        };
        let command = |edit| PlanCommand::SetField { task: row.id, edit };
        Ok(edits.into_iter().map(command).collect())
    }

    /// A day typed without a time begins or ends with the working day.
    fn date_edits(self, row: &TaskRow, text: &str) -> Result<Vec<FieldEdit>, String> {
        let mut dates = row.manual.clone().unwrap_or_default();
        let time = |of_day| typed::time(text, of_day).map_err(|_| t!("date-problem"));
        match self {
            Self::Start => dates.start = time("08:00:00")?,
            _ => dates.finish = time("17:00:00")?,
        }
        if dates.is_reversed() {
            return Err(t!("finish-before-start"));
        }
        Ok(typed::dates(row.mode, dates))
    }
}

fn duration(duration: Duration) -> String {
    say(|texts| heqi_wording::field::duration(texts, &duration))
}

fn day(time: &LocalDateTime) -> String {
    time.date().to_string()
}

#[cfg(test)]
mod tests {
    use heqi_domain::plan::ManualDates;

    use super::*;

    fn row() -> TaskRow {
        TaskRow {
            id: RecordId([7; 16]),
            code: "A-T1".into(),
            number: "1".into(),
            depth: 0,
            parent: None,
            has_children: false,
            kind: RowKind::Task,
            name: "Piling".into(),
            duration: Some(Duration::days(5)),
            percent: 40,
            percent_disputed: false,
            mode: Mode::Auto,
            manual: None,
            imported_start: LocalDateTime::parse("2026-03-02T08:00:00").ok(),
            imported_finish: None,
            accountable: String::new(),
            has_notes: false,
            predecessors: Vec::new(),
            conflict_fields: vec!["manual".into()],
        }
    }

    fn edits(column: Column, text: &str) -> Vec<FieldEdit> {
        let commands = column.commands(&row(), text, |_| None).unwrap();
        let edit = |command| match command {
            PlanCommand::SetField { edit, .. } => edit,
            other => panic!("{other:?}"),
        };
        commands.into_iter().map(edit).collect()
    }

    #[test]
    fn a_text_left_as_it_was_asks_for_nothing() {
        for column in Column::ALL {
            let text = column.text(&row());
            assert_eq!(
                column.commands(&row(), &text, |_| None),
                Ok(vec![]),
                "{column:?}"
            );
        }
    }

    #[test]
    fn an_entered_date_makes_the_task_manual() {
        let entered = edits(Column::Start, "2026/3/9");
        let start = LocalDateTime::parse("2026-03-09T08:00:00").ok();
        let dates = ManualDates {
            start,
            finish: None,
        };
        assert_eq!(
            entered,
            [FieldEdit::Mode(Mode::Manual), FieldEdit::Manual(dates)]
        );
    }

    #[test]
    fn an_entered_date_stands_over_the_imported_one_and_both_are_shown() {
        let mut row = row();
        assert!(!Column::Start.date(&row).unwrap().entered);
        row.mode = Mode::Manual;
        row.manual = Some(ManualDates {
            start: LocalDateTime::parse("2026-03-09T08:00:00").ok(),
            finish: None,
        });
        let shown = Column::Start.date(&row).unwrap();
        assert_eq!(
            (shown.day.as_str(), shown.imported.as_deref()),
            ("2026-03-09", Some("2026-03-02"))
        );
    }

    #[test]
    fn what_is_no_value_is_refused_with_words() {
        for (column, text) in [
            (Column::Duration, "soon"),
            (Column::Percent, "101"),
            (Column::Percent, "-1%"),
            (Column::Start, "2026-02-30"),
            (Column::Name, " "),
            (Column::Predecessors, "B-T9"),
        ] {
            assert!(
                column.commands(&row(), text, |_| None).is_err(),
                "{column:?} {text}"
            );
        }
        assert_eq!(edits(Column::Duration, ""), [FieldEdit::Duration(None)]);
    }

    #[test]
    fn a_conflict_marks_the_cells_it_speaks_of() {
        let marked: Vec<_> = Column::ALL
            .into_iter()
            .filter(|c| c.is_contested(&row()))
            .collect();
        assert_eq!(marked, [Column::Start, Column::Finish]);
    }
}
