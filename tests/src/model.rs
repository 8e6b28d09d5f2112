//! What must come of concurrent edits, said independently of replica, log and Automerge.
//!
//! An edit knows which edits its author had seen. A register's values are those of edits that no other edit of the
//! register had seen. A task lives if one of the edits of its life that no other had seen is not a deletion.

use std::collections::{BTreeMap, BTreeSet};

use heqi_domain::RecordId;
use heqi_domain::plan::{ConflictKind, FieldEdit, PlanCommand, PlanMirror};
use heqi_domain::{Value, plan::Choice};

/// Number of an edit, in the order in which they were made.
pub type EditId = usize;

/// Edits a device had seen at some time, with the heads that it had then.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    pub heads: Vec<[u8; 32]>,
    pub seen: BTreeSet<EditId>,
}

#[derive(Clone, Debug)]
enum Effect {
    Write { field: String, value: Value },
    Live,
    Deleted,
}

#[derive(Clone, Debug)]
struct Edit {
    /// Hashes of the changes that carry it: all must be in every document.
    changes: Vec<[u8; 32]>,
    seen: BTreeSet<EditId>,
    command: PlanCommand,
    effects: Vec<(RecordId, Effect)>,
}

/// All edits that were saved.
#[derive(Clone, Debug, Default)]
pub struct Model {
    edits: Vec<Edit>,
}

impl Model {
    /// Notes a command that a device took, with what it had seen. `deleted` are the tasks that a deletion covers and
    /// `added` the task that an addition made.
    pub fn note(
        &mut self,
        command: &PlanCommand,
        before: &PlanMirror,
        sight: &Sight,
        added: Option<RecordId>,
        changes: Vec<[u8; 32]>,
    ) {
        let effects = effects(command, before, added);
        self.edits.push(Edit {
            changes,
            seen: sight.seen.clone(),
            command: command.clone(),
            effects,
        });
    }

    /// The edits whose changes `holds` says are there.
    pub fn seen(&self, holds: impl Fn(&[u8; 32]) -> bool) -> BTreeSet<EditId> {
        let edits = self.edits.iter().enumerate();
        let there = edits.filter(|(_, edit)| edit.changes.iter().all(&holds));
        there.map(|(id, _)| id).collect()
    }

    pub fn len(&self) -> usize {
        self.edits.len()
    }

    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Holds a view against what must be in it, and panics with what is missing.
    pub fn check(&self, view: &PlanMirror, who: &str, seed: u64) {
        let lives = self.lives();
        for (task, alive) in &lives {
            if *alive {
                assert!(
                    view.rows.contains_key(task),
                    "seed {seed}: {who} does not see a task that lives: {task}"
                );
            }
        }
        for task in &view.order {
            let kept = |id: &RecordId| lives.get(id).copied().unwrap_or(false);
            assert!(
                kept(task) || self.keeps_a_child(view, *task, &lives),
                "seed {seed}: {who} sees a task that was deleted: {task}\n{}",
                self.history(*task)
            );
        }
        for ((task, field), values) in self.values() {
            if view.rows.contains_key(&task) {
                let history = self.history(task);
                check_register(view, task, &field, &values, (who, seed, &history));
            }
        }
    }

    /// What was done to a task, for a failure's message.
    fn history(&self, task: RecordId) -> String {
        let edits = self.edits.iter().enumerate();
        let name = format!("{task:?}");
        let of_task = edits.filter(|(_, edit)| format!("{edit:?}").contains(&name));
        of_task
            .map(|(id, edit)| format!("{id}: {:?} having seen {:?}\n", edit.command, edit.seen))
            .collect()
    }

    fn keeps_a_child(
        &self,
        view: &PlanMirror,
        task: RecordId,
        lives: &BTreeMap<RecordId, bool>,
    ) -> bool {
        view.rows.values().any(|row| {
            row.parent == Some(task)
                && (lives.get(&row.id).copied().unwrap_or(false)
                    || self.keeps_a_child(view, row.id, lives))
        })
    }

    fn lives(&self) -> BTreeMap<RecordId, bool> {
        let mut lives = BTreeMap::new();
        for (id, edit) in self.edits.iter().enumerate() {
            for (task, effect) in &edit.effects {
                let alive = match effect {
                    Effect::Live => true,
                    Effect::Deleted => false,
                    Effect::Write { .. } => continue,
                };
                let is_life = |effect: &Effect| matches!(effect, Effect::Live | Effect::Deleted);
                if !self.superseded(id, *task, is_life) {
                    *lives.entry(*task).or_insert(false) |= alive;
                }
            }
        }
        lives
    }

    fn values(&self) -> BTreeMap<(RecordId, String), BTreeSet<Value>> {
        let mut values = BTreeMap::<_, BTreeSet<Value>>::new();
        for (id, edit) in self.edits.iter().enumerate() {
            for (task, effect) in &edit.effects {
                let Effect::Write { field, value } = effect else {
                    continue;
                };
                let same =
                    |other: &Effect| matches!(other, Effect::Write { field: f, .. } if f == field);
                if !self.superseded(id, *task, same) {
                    let register = (*task, field.clone());
                    values.entry(register).or_default().insert(value.clone());
                }
            }
        }
        values
    }

    /// True where an edit of the same register had seen this one.
    fn superseded(&self, id: EditId, task: RecordId, same: impl Fn(&Effect) -> bool) -> bool {
        self.edits.iter().any(|edit| {
            edit.seen.contains(&id)
                && edit
                    .effects
                    .iter()
                    .any(|(other, effect)| *other == task && same(effect))
        })
    }
}

fn check_register(
    view: &PlanMirror,
    task: RecordId,
    field: &str,
    values: &BTreeSet<Value>,
    (who, seed, history): (&str, u64, &str),
) {
    let row = &view.rows[&task];
    let shown = match field {
        "name" => row.name.clone(),
        "accountable" => row.accountable.clone(),
        _ => return,
    };
    let shown = Value::Text(shown);
    assert!(
        values.contains(&shown),
        "seed {seed}: {who} shows {shown:?} for {field} of {task}, which is none of {values:?}"
    );
    let conflict = view
        .conflicts
        .values()
        .find_map(|conflict| match &conflict.kind {
            ConflictKind::Field {
                field: f, sides, ..
            } if conflict.record == task && f == field => Some(sides),
            _ => None,
        });
    let sides: BTreeSet<Value> = conflict
        .map(|sides| sides.iter().map(|side| side.value.clone()).collect())
        .unwrap_or_else(|| BTreeSet::from([shown]));
    assert_eq!(
        &sides, values,
        "seed {seed}: {who} lists other values for {field} of {task}\n{history}"
    );
}

fn effects(
    command: &PlanCommand,
    before: &PlanMirror,
    added: Option<RecordId>,
) -> Vec<(RecordId, Effect)> {
    let write = |field: &str, text: &str| Effect::Write {
        field: field.to_owned(),
        value: Value::Text(text.to_owned()),
    };
    match command {
        PlanCommand::AddTask { name, .. } => added
            .into_iter()
            .flat_map(|task| [(task, write("name", name)), (task, Effect::Live)])
            .collect(),
        PlanCommand::SetField { task, edit } => {
            let effect = match edit {
                FieldEdit::Name(name) => Some(write("name", name)),
                FieldEdit::Accountable(text) => Some(write("accountable", text)),
                _ => None,
            };
            let effects = effect.into_iter().chain([Effect::Live]);
            effects.map(|effect| (*task, effect)).collect()
        }
        PlanCommand::DeleteTasks { tasks } => {
            let all = tasks.iter().flat_map(|task| below(before, *task));
            all.map(|task| (task, Effect::Deleted)).collect()
        }
        PlanCommand::MoveTask { task, .. } => vec![(*task, Effect::Live)],
        // A new dependency is an edit of both its ends.
        PlanCommand::AddLink { pred, succ, .. } if !is_linked(before, *pred, *succ) => {
            vec![(*pred, Effect::Live), (*succ, Effect::Live)]
        }
        PlanCommand::Resolve { conflict, choice } => resolved(before, *conflict, choice),
        _ => Vec::new(),
    }
}

fn is_linked(view: &PlanMirror, pred: RecordId, succ: RecordId) -> bool {
    let row = view.rows.get(&succ);
    row.is_some_and(|row| row.predecessors.iter().any(|link| link.task == pred))
}

fn resolved(
    before: &PlanMirror,
    conflict: heqi_domain::plan::ConflictId,
    choice: &Choice,
) -> Vec<(RecordId, Effect)> {
    let Some(conflict) = before.conflicts.get(&conflict) else {
        return Vec::new();
    };
    let ConflictKind::Field { field, sides, .. } = &conflict.kind else {
        return Vec::new();
    };
    let Choice::Take(op) = choice else {
        return Vec::new();
    };
    let taken = sides.iter().find(|side| side.who.op == *op);
    let effect = taken.map(|side| Effect::Write {
        field: field.clone(),
        value: side.value.clone(),
    });
    let effects = effect.into_iter().chain([Effect::Live]);
    effects.map(|effect| (conflict.record, effect)).collect()
}

/// A task and everything below it.
fn below(view: &PlanMirror, task: RecordId) -> Vec<RecordId> {
    let mut all = vec![task];
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        next += 1;
        let children = view.rows.values().filter(|row| row.parent == Some(parent));
        all.extend(children.map(|row| row.id));
    }
    all
}
