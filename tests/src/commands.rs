//! What members do to a plan: every kind of command, drawn by chance from what they see.

use heqi_domain::RecordId;
use heqi_domain::import::ImportedPlan;
use heqi_domain::mspdi;
use heqi_domain::plan::{
    Choice, Conflict, ConflictKind, FieldEdit, LinkType, ManualDates, Mode, Plan, PlanCommand,
    Position, TaskKind,
};
use heqi_domain::quantity::{Duration, Lag};
use heqi_domain::time::{Date, LocalDateTime};

use crate::seeds::variant;

/// Versions of the file that members import.
pub const VERSIONS: usize = 3;

const LAGS: [&str; 5] = ["", "2d", "-1w", "50%", "3ed"];

/// What a member asks of a plan.
#[derive(Clone, Debug)]
pub enum Ask {
    Command(PlanCommand),
    Undo,
    Redo,
}

/// Draws what members ask, with names that were not there before.
#[derive(Clone, Debug, Default)]
pub struct Draw {
    names: u64,
}

impl Draw {
    /// Something that a member who sees `plan` may ask; `pick` gives a number below its bound. None where what was drawn
    /// has no object.
    pub fn ask(&mut self, plan: &Plan, pick: &mut dyn FnMut(usize) -> usize) -> Option<Ask> {
        let order = plan.order();
        let kind = if order.len() <= 2 { 0 } else { pick(100) };
        let command = match kind {
            0..=13 => self.add(plan, pick),
            14..=49 => {
                let edit = self.edit(kind, pick);
                PlanCommand::SetField {
                    task: match edit {
                        FieldEdit::Percent { .. } | FieldEdit::Duration(_) => {
                            task(&leaves(plan), pick)?
                        }
                        _ => task(order, pick)?,
                    },
                    edit,
                }
            }
            50..=62 => moved(task(order, pick)?, task(order, pick)?, pick),
            63..=70 => PlanCommand::AddLink {
                pred: task(order, pick)?,
                succ: task(order, pick)?,
                link_type: LinkType::ALL[pick(4)],
                lag: lag(pick),
            },
            71..=74 => relinked(plan, pick)?,
            75..=79 => PlanCommand::DeleteTasks {
                tasks: (0..=pick(3)).filter_map(|_| task(order, pick)).collect(),
            },
            80..=81 => PlanCommand::Restore {
                task: one(&plan.deleted(), pick)?.id,
            },
            82..=84 => return Some(Ask::Undo),
            85 => return Some(Ask::Redo),
            86..=88 => PlanCommand::Import {
                plan: Box::new(version(pick(VERSIONS))),
            },
            _ => return self.decide(plan, pick),
        };
        Some(Ask::Command(command))
    }

    fn add(&mut self, plan: &Plan, pick: &mut dyn FnMut(usize) -> usize) -> PlanCommand {
        let sibling = one(plan.order(), pick).filter(|_| pick(100) < 60);
        let row = sibling.and_then(|task| plan.row(task));
        let is_beside = pick(3) == 0;
        PlanCommand::AddTask {
            name: self.text("Task"),
            parent: if is_beside {
                row.and_then(|row| row.parent)
            } else {
                sibling
            },
            after: sibling.filter(|_| is_beside),
        }
    }

    /// Values that people type once are new each time: of two equal first ones the domain makes one fact.
    fn edit(&mut self, kind: usize, pick: &mut dyn FnMut(usize) -> usize) -> FieldEdit {
        match kind {
            ..=26 => {
                self.names += 1;
                FieldEdit::Name(format!("Name {}", self.names % 40))
            }
            27..=31 => FieldEdit::Accountable(self.text("Person")),
            32..=34 => FieldEdit::Notes(self.text("Note")),
            35..=37 => {
                self.names += 1;
                FieldEdit::Duration(Some(Duration::days(self.names as i64)))
            }
            38..=44 => FieldEdit::Percent {
                percent: pick(101) as u8,
                status_date: Date::parse("2026-04-07").ok().filter(|_| pick(4) == 0),
            },
            45..=46 => FieldEdit::Kind([TaskKind::Task, TaskKind::Milestone][pick(2)]),
            47 => FieldEdit::Mode([Mode::Auto, Mode::Manual][pick(2)]),
            48 => FieldEdit::Manual(ManualDates {
                start: LocalDateTime::parse(&format!("2026-01-1{}", pick(3))).ok(),
                finish: None,
            }),
            _ => FieldEdit::Notes(String::new()),
        }
    }

    /// A decision of an item of the merge review, if there is one.
    pub fn decide(&mut self, plan: &Plan, pick: &mut dyn FnMut(usize) -> usize) -> Option<Ask> {
        let conflicts: Vec<_> = plan.conflicts().collect();
        let conflict = one(&conflicts, pick)?;
        let mut choices = choices(conflict, pick);
        if let ConflictKind::Field { field, .. } = &conflict.kind
            && field == "name"
        {
            choices.push(Choice::Write(FieldEdit::Name(self.text("Agreed"))));
        }
        Some(Ask::Command(PlanCommand::Resolve {
            conflict: conflict.id,
            choice: one(&choices, pick)?,
        }))
    }

    fn text(&mut self, what: &str) -> String {
        self.names += 1;
        format!("{what} {}", self.names)
    }
}

/// The ways to decide an item of the merge review.
fn choices(conflict: &Conflict, pick: &mut dyn FnMut(usize) -> usize) -> Vec<Choice> {
    match &conflict.kind {
        ConflictKind::Field { sides, .. } => sides.iter().map(|s| Choice::Take(s.who.op)).collect(),
        ConflictKind::DeleteEdit { .. } => vec![Choice::Keep, Choice::Delete],
        ConflictKind::MoveSkipped { .. } => vec![Choice::AcceptPlacement, Choice::ApplyMove],
        ConflictKind::LinkSuspended { links, .. } => {
            let others = links.iter().map(|(link, _)| *link);
            let links = others.chain([conflict.record]);
            links.map(Choice::RemoveLink).collect()
        }
        ConflictKind::CodeCollision { .. } => vec![Choice::AcceptCode],
        ConflictKind::ProgressDisagreement { .. } => vec![Choice::AgreePercent(pick(101) as u8)],
    }
}

/// A short name for what is asked, to count by.
pub fn kind(ask: &Ask, plan: &Plan) -> String {
    let command = match ask {
        Ask::Undo => return "undo".to_owned(),
        Ask::Redo => return "redo".to_owned(),
        Ask::Command(command) => command,
    };
    match command {
        PlanCommand::SetField { edit, .. } => variant(edit),
        PlanCommand::Resolve { conflict, .. } => {
            let conflict = plan.conflict(*conflict);
            conflict.map_or_else(String::new, |it| it.kind.key().to_owned())
        }
        command => variant(command),
    }
}

fn moved(task: RecordId, other: RecordId, pick: &mut dyn FnMut(usize) -> usize) -> PlanCommand {
    let to = match pick(9) {
        0 | 1 => Position::LastIn(Some(other)),
        2 => Position::FirstIn(Some(other)),
        3 => Position::LastIn(None),
        4 => Position::Before(other),
        5 => Position::After(other),
        6 => return PlanCommand::Indent { task },
        7 => return PlanCommand::Outdent { task },
        _ if pick(2) == 0 => return PlanCommand::MoveUp { task },
        _ => return PlanCommand::MoveDown { task },
    };
    PlanCommand::MoveTask { task, to }
}

fn relinked(plan: &Plan, pick: &mut dyn FnMut(usize) -> usize) -> Option<PlanCommand> {
    let links = plan.rows().flat_map(|row| &row.predecessors);
    let links: Vec<_> = links.map(|predecessor| predecessor.link).collect();
    let link = one(&links, pick)?;
    Some(match pick(2) {
        0 => PlanCommand::RemoveLink { link },
        _ => PlanCommand::SetLink {
            link,
            link_type: LinkType::ALL[pick(4)],
            lag: lag(pick),
        },
    })
}

fn lag(pick: &mut dyn FnMut(usize) -> usize) -> Lag {
    Lag::parse(LAGS[pick(LAGS.len())]).expect("they are written as people write them")
}

/// Tasks without others below them, which alone have progress and duration of their own.
fn leaves(plan: &Plan) -> Vec<RecordId> {
    let leaves = plan.rows().filter(|row| !row.has_children);
    leaves.map(|row| row.id).collect()
}

/// A task, the first ones more often than the others: there people meet.
fn task(order: &[RecordId], pick: &mut dyn FnMut(usize) -> usize) -> Option<RecordId> {
    let first = &order[..order.len().min(4)];
    let among = if pick(2) == 0 { first } else { order };
    one(among, pick)
}

fn one<T: Clone>(all: &[T], pick: &mut dyn FnMut(usize) -> usize) -> Option<T> {
    (!all.is_empty()).then(|| all[pick(all.len())].clone())
}

/// A version of a file of another tool: the later ones have more tasks, and change a name and a place.
pub fn version(nth: usize) -> ImportedPlan {
    let link = |pred: usize| {
        format!(
            "<PredecessorLink><PredecessorUID>{pred}</PredecessorUID><Type>1</Type>\
             <LinkLag>4800</LinkLag><LagFormat>7</LagFormat></PredecessorLink>"
        )
    };
    let task = |uid: usize, level: usize, name: &str, more: &str| {
        format!(
            "<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name}</Name>\
             <OutlineLevel>{level}</OutlineLevel><Duration>PT{}H0M0S</Duration>\
             <DurationFormat>7</DurationFormat>{more}</Task>",
            8 * uid
        )
    };
    let mut tasks = vec![
        task(1, 1, "Foundation", ""),
        task(2, 2, &format!("Survey {nth}"), ""),
        task(3, 2, "Drilling", &link(2)),
        task(4, [1, 2, 1][nth], "Bearings", &link(3)),
    ];
    tasks.extend((0..nth).map(|more| task(5 + more, 2, &format!("More {more}"), "")));
    let xml = format!(
        "<Project xmlns=\"http://schemas.microsoft.com/project\">\
         <GUID>E6B4B0C8-8A2B-4D0F-9C39-1E2D3C4B5A69</GUID><Title>Tally bridge</Title>\
         <Tasks>{}</Tasks></Project>",
        tasks.concat()
    );
    mspdi::read(xml.as_bytes(), "bridge.xml").expect("a file as other tools write it")
}

/// The tasks of all versions.
pub fn imported() -> Vec<RecordId> {
    let plan = version(VERSIONS - 1);
    let tasks = plan.tasks.iter();
    tasks.map(|task| plan.source.record(task.uid)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_of_one_file_and_grow() {
        let sizes = [0, 1, 2].map(|nth| version(nth).tasks.len());
        assert_eq!(sizes, [4, 5, 6]);
        assert_eq!(version(0).source, version(2).source);
        assert_eq!(version(1).links.len(), 2);
    }
}
