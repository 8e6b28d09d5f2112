//! What a row of the grid shows, as plain texts: equal faces look alike.

use heqi_domain::plan::{RowKind, TaskRow};

use super::column::Column;

/// A row as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Face {
    pub cells: [Cell; Column::ALL.len()],
    pub depth: usize,
    pub kind: RowKind,
    /// Names of the columns that an open item of the merge review speaks of.
    pub contested: Option<String>,
    /// How many items of the merge review speak of the row.
    pub conflicts: usize,
    /// Whether the branch is open; `None` where there is none below the row.
    pub open: Option<bool>,
}

/// A cell as shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub text: String,
    pub origin: Option<Origin>,
}

/// Where a date comes from, if not from a person alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// As the imported file had it.
    Imported,
    /// Entered over this day of the imported file.
    Over(String),
}

impl Face {
    /// The face of a row, whose branch, where it has one, is open or closed.
    pub(super) fn of(row: &TaskRow, open: bool) -> Self {
        Self {
            cells: Column::ALL.map(|column| Cell::of(column, row)),
            depth: row.depth,
            kind: row.kind,
            contested: contested(row),
            conflicts: row.conflict_fields.len(),
            open: is_branch(row).then_some(open),
        }
    }
}

impl Cell {
    fn of(column: Column, row: &TaskRow) -> Self {
        match column.date(row) {
            Some(date) => Self {
                text: date.day,
                origin: match date.imported {
                    _ if !date.entered => Some(Origin::Imported),
                    imported => imported.map(Origin::Over),
                },
            },
            None => Self {
                text: column.text(row),
                origin: None,
            },
        }
    }
}

/// Whether a row can be opened and closed.
pub(super) fn is_branch(row: &TaskRow) -> bool {
    row.has_children || row.kind == RowKind::Summary
}

/// Name of a kind of row in markup.
pub(super) const fn kind_name(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Task => "task",
        RowKind::Summary => "summary",
        RowKind::Milestone => "milestone",
    }
}

fn contested(row: &TaskRow) -> Option<String> {
    if row.conflict_fields.is_empty() {
        return None;
    }
    let contested = Column::ALL
        .into_iter()
        .filter(|column| column.is_contested(row));
    Some(contested.map(Column::name).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use heqi_domain::RecordId;
    use heqi_domain::plan::{ManualDates, Mode};
    use heqi_domain::time::LocalDateTime;

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
            duration: None,
            percent: 40,
            percent_disputed: false,
            mode: Mode::Manual,
            manual: Some(ManualDates {
                start: LocalDateTime::parse("2026-03-09T08:00:00").ok(),
                finish: None,
            }),
            imported_start: LocalDateTime::parse("2026-03-02T08:00:00").ok(),
            imported_finish: LocalDateTime::parse("2026-03-06T17:00:00").ok(),
            accountable: String::new(),
            has_notes: false,
            predecessors: Vec::new(),
            conflict_fields: vec!["manual".into()],
        }
    }

    #[test]
    fn a_date_tells_where_it_comes_from() {
        let face = Face::of(&row(), true);
        let cell = |column: Column| &face.cells[column.index()];
        assert_eq!(cell(Column::Start).text, "2026-03-09");
        let over = Origin::Over("2026-03-02".into());
        assert_eq!(cell(Column::Start).origin, Some(over));
        assert_eq!(cell(Column::Finish).text, "2026-03-06");
        assert_eq!(cell(Column::Finish).origin, Some(Origin::Imported));
        assert_eq!(cell(Column::Name).origin, None);
        assert_eq!(face.contested.as_deref(), Some("start finish"));
    }

    #[test]
    fn only_a_branch_is_open_or_closed() {
        let mut row = row();
        assert_eq!(Face::of(&row, true).open, None);
        row.has_children = true;
        assert_eq!(Face::of(&row, false).open, Some(false));
    }
}
