//! The plan as a table for spreadsheets.

use super::Plan;
use super::view::{RowKind, TaskRow};
use crate::time::LocalDateTime;

const COLUMNS: [&str; 20] = [
    "Code",
    "Outline",
    "Level",
    "Kind",
    "Name",
    "Duration",
    "Percent",
    "Mode",
    "Manual start",
    "Manual finish",
    "Imported start",
    "Imported finish",
    "Accountable",
    "Predecessors",
    "Notes",
    "WBS",
    "Calendar",
    "Baselines",
    "In review",
    "Id",
];

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Plan {
    /// All tasks in outline order as CSV in UTF-8 with a byte order mark; no cell is taken for a formula.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
        let in_memory = "writing rows of one length to memory does not fail";
        writer.write_record(COLUMNS).expect(in_memory);
        for row in self.rows() {
            let cells = self.cells(row).map(|cell| harmless(&cell));
            writer.write_record(cells).expect(in_memory);
        }
        writer.into_inner().expect(in_memory)
    }

    fn cells(&self, row: &TaskRow) -> [String; 20] {
        let imported = self.imported(row.id);
        let (wbs, calendar, baselines) = imported
            .map(|i| (i.wbs, i.calendar, i.baselines.to_string()))
            .unwrap_or_default();
        let manual = row.manual.clone().unwrap_or_default();
        let date = |d: Option<&LocalDateTime>| d.map(|d| d.to_string()).unwrap_or_default();
        [
            row.code.clone(),
            row.number.clone(),
            (row.depth + 1).to_string(),
            kind(row.kind).to_owned(),
            row.name.clone(),
            row.duration.map(|d| d.to_string()).unwrap_or_default(),
            row.percent.to_string(),
            row.mode.as_str().to_owned(),
            date(manual.start.as_ref()),
            date(manual.finish.as_ref()),
            date(row.imported_start.as_ref()),
            date(row.imported_finish.as_ref()),
            row.accountable.clone(),
            row.predecessors_text(),
            self.notes(row.id).to_owned(),
            wbs,
            calendar,
            baselines,
            row.conflict_fields.join(", "),
            row.id.to_string(),
        ]
    }
}

impl TaskRow {
    /// Predecessors as planners write them: `A-T001, A-T002SS+2d`; plain finish-to-start without its sign.
    pub fn predecessors_text(&self) -> String {
        let texts: Vec<String> = self
            .predecessors
            .iter()
            .map(|p| match (p.link_type, p.lag.as_str()) {
                (super::LinkType::Fs, "") => p.code.clone(),
                (link_type, lag) => format!("{}{link_type}{lag}", p.code),
            })
            .collect();
        texts.join(", ")
    }
}

fn kind(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Task => "task",
        RowKind::Summary => "summary",
        RowKind::Milestone => "milestone",
    }
}

/// A leading apostrophe keeps spreadsheets from taking a cell for a formula.
fn harmless(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}
