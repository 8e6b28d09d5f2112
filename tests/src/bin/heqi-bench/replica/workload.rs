//! A plan of any size and edits of it, equal at every run.

use heqi_domain::RecordId;
use heqi_domain::import::{ImportReport, ImportedLink, ImportedPlan, ImportedTask, SourceId};
use heqi_domain::plan::{FieldEdit, LinkType, Mode, TaskKind};
use heqi_domain::quantity::{Duration, Lag};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Lines under one summary, and summaries under one above.
const BRANCH: usize = 10;

const TRADES: [&str; 6] = [
    "Excavation",
    "Piling",
    "Formwork",
    "Reinforcement",
    "Concrete",
    "Waterproofing",
];

/// A plan of `tasks` lines in three levels, each line linked to the one before it in its summary.
pub(crate) fn plan(tasks: usize) -> ImportedPlan {
    let lines: Vec<_> = (0..tasks).map(task).collect();
    let links: Vec<_> = (1..tasks)
        .filter(|at| lines[*at].parent.is_some() && lines[*at].parent == lines[at - 1].parent)
        .map(|at| ImportedLink {
            pred_uid: at as i64,
            succ_uid: at as i64 + 1,
            link_type: LinkType::Fs,
            lag: Lag::NONE,
        })
        .collect();
    let report = ImportReport {
        tasks: lines.len(),
        links: links.len(),
        ..ImportReport::default()
    };
    ImportedPlan {
        source: SourceId::of_guid("5B0C2F66-7D10-4C4E-9C57-2D8B1C1E7A02"),
        source_name: "Harbour crossing".to_owned(),
        guid: None,
        tasks: lines,
        links,
        calendars: Vec::new(),
        report,
    }
}

/// Edits of single fields of that plan's tasks, without end.
pub(crate) fn edits(plan: &ImportedPlan) -> impl Iterator<Item = (RecordId, FieldEdit)> {
    let (source, tasks) = (plan.source, plan.tasks.len() as u64);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    (0_u64..).map(move |number| {
        let at = rng.next_u64() % tasks;
        // Summaries have no duration of their own.
        let at = if at % BRANCH as u64 == 0 { at + 1 } else { at };
        let uid = 1 + at as i64;
        let edit = match rng.next_u32() % 10 {
            0..4 => FieldEdit::Name(format!("{} section {}", trade(number), number % 997)),
            4..8 => FieldEdit::Duration(Some(Duration::days(1 + (number % 60) as i64))),
            8 => FieldEdit::Accountable(format!("Crew {}", number % 40)),
            _ => FieldEdit::Notes(format!("Inspected, batch {number}")),
        };
        (source.record(uid), edit)
    })
}

fn task(at: usize) -> ImportedTask {
    let parent = if at.is_multiple_of(BRANCH * BRANCH) {
        None
    } else if at.is_multiple_of(BRANCH) {
        Some(at - at % (BRANCH * BRANCH))
    } else {
        Some(at - at % BRANCH)
    };
    ImportedTask {
        uid: at as i64 + 1,
        parent,
        name: format!("{} of span {}", trade(at as u64), at / BRANCH),
        kind: TaskKind::Task,
        duration: Some(Duration::days(1 + (at % 20) as i64)),
        percent: 0,
        start: None,
        finish: None,
        mode: Mode::Auto,
        notes: String::new(),
        wbs: String::new(),
        baselines: 0,
        calendar: None,
    }
}

fn trade(number: u64) -> &'static str {
    TRADES[(number % TRADES.len() as u64) as usize]
}
