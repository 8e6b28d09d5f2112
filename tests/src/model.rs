//! What must come of concurrent edits, said independently of replica, log and Automerge.
//!
//! An edit knows which edits its author had seen. A register's values are those of edits that no other edit of the
//! register had seen. A task lives if one of the edits of its life that no other had seen is not a deletion.

use std::collections::{BTreeMap, BTreeSet};

use heqi_domain::plan::{
    Choice, ConflictId, ConflictKind, FieldEdit, LinkType, PlanCommand, PlanMirror, TaskRow,
};
use heqi_domain::quantity::Duration;
use heqi_domain::{RecordId, Value};

use crate::commands::{Ask, imported};

/// The fields that are held against what was written to them.
const FIELDS: [&str; 4] = ["name", "accountable", "notes", "duration"];

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
    Write {
        field: String,
        value: Value,
    },
    /// May have written that field, or left it as it was.
    Perhaps(&'static str),
    Live,
    Deleted,
    /// May have given it life or taken it; afterwards its author saw it or not.
    Seen {
        is_shown: bool,
    },
}

impl Effect {
    const fn is_of_life(&self) -> bool {
        matches!(self, Self::Live | Self::Deleted | Self::Seen { .. })
    }

    /// True where the register is what this effect says, whatever it was before.
    const fn is_sure(&self) -> bool {
        matches!(self, Self::Write { .. } | Self::Live | Self::Deleted)
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Write { field, .. } => Some(field),
            Self::Perhaps(field) => Some(field),
            Self::Live | Self::Deleted | Self::Seen { .. } => None,
        }
    }
}

#[derive(Clone, Debug)]
struct Edit {
    /// Hashes of the changes that carry it: all must be in every document.
    changes: Vec<[u8; 32]>,
    seen: BTreeSet<EditId>,
    ask: Ask,
    effects: Vec<(RecordId, Effect)>,
}

/// A command that was saved.
pub struct Saved<'a> {
    pub ask: &'a Ask,
    /// Which edits its author had seen when they opened what they typed into.
    pub sight: &'a Sight,
    /// The view right before and right after.
    pub before: &'a PlanMirror,
    pub after: &'a PlanMirror,
    /// Tasks that an undo or a redo concerns.
    pub concerned: &'a BTreeSet<RecordId>,
    pub changes: Vec<[u8; 32]>,
}

/// All edits that were saved.
///
/// What a command writes follows from the command, but for imports, undo and redo: of these it is told by the view
/// right after, and where that is the same as before both are taken to be possible.
#[derive(Clone, Debug, Default)]
pub struct Model {
    edits: Vec<Edit>,
    imported: BTreeSet<RecordId>,
}

/// What a task's life comes to.
#[derive(Clone, Copy, Debug, Default)]
struct Life {
    must_show: bool,
    may_show: bool,
}

/// What the register of a field comes to.
#[derive(Clone, Debug, Default)]
struct Values {
    certain: BTreeSet<Value>,
    possible: BTreeSet<Value>,
    /// Others are possible as well.
    is_open: bool,
}

impl Model {
    pub fn note(&mut self, saved: Saved<'_>) {
        if let Ask::Command(PlanCommand::Import { .. }) = saved.ask {
            self.imported.extend(imported());
        }
        let effects = effects(&saved, &self.imported);
        self.edits.push(Edit {
            changes: saved.changes,
            seen: saved.sight.seen.clone(),
            ask: saved.ask.clone(),
            effects,
        });
    }

    /// The tasks that the last edit concerns.
    pub fn last_concerned(&self) -> BTreeSet<RecordId> {
        let effects = self.edits.last().map(|edit| &edit.effects);
        effects
            .into_iter()
            .flatten()
            .map(|(task, _)| *task)
            .collect()
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
        for (task, life) in &lives {
            assert!(
                !life.must_show || view.rows.contains_key(task),
                "seed {seed}: {who} does not see a task that lives: {task}\n{}",
                self.history(*task)
            );
        }
        for task in &view.order {
            assert!(
                may_show(&lives, task) || keeps_a_child(view, *task, &lives),
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
            .map(|(id, edit)| {
                let effects = edit.effects.iter().filter(|(of, _)| *of == task);
                let effects: Vec<_> = effects.map(|(_, effect)| effect).collect();
                format!(
                    "{id}: {:?}, {effects:?}, having seen {:?}\n",
                    edit.ask, edit.seen
                )
            })
            .collect()
    }

    fn lives(&self) -> BTreeMap<RecordId, Life> {
        let mut possible = BTreeMap::<RecordId, Vec<&Effect>>::new();
        let mut lives = BTreeMap::<RecordId, Life>::new();
        for (id, edit) in self.edits.iter().enumerate() {
            let effects = edit.effects.iter();
            for (task, effect) in effects.filter(|(_, effect)| effect.is_of_life()) {
                let life = lives.entry(*task).or_default();
                if self.superseded(id, *task, |it| it.is_of_life() && it.is_sure()) {
                    continue;
                }
                possible.entry(*task).or_default().push(effect);
                life.may_show |= match effect {
                    Effect::Live => true,
                    // What somebody imports stands as long as one of its imports does.
                    Effect::Seen { is_shown } => *is_shown || self.imported.contains(task),
                    Effect::Deleted | Effect::Write { .. } | Effect::Perhaps(_) => false,
                };
                let is_certain = !self.superseded(id, *task, Effect::is_of_life);
                life.must_show |= matches!(effect, Effect::Live) && is_certain;
            }
        }
        for (task, effects) in possible {
            let shows = |it: &&Effect| matches!(it, Effect::Live | Effect::Seen { is_shown: true });
            let all_show = !self.imported.contains(&task) && effects.iter().all(shows);
            lives.entry(task).or_default().must_show |= all_show;
        }
        lives
    }

    fn values(&self) -> BTreeMap<(RecordId, String), Values> {
        let mut registers = BTreeMap::<_, Values>::new();
        for (id, edit) in self.edits.iter().enumerate() {
            for (task, effect) in &edit.effects {
                let Some(field) = effect.field() else {
                    continue;
                };
                let same = |other: &Effect| other.field() == Some(field);
                if self.superseded(id, *task, |it| it.is_sure() && same(it)) {
                    continue;
                }
                let register = registers.entry((*task, field.to_owned())).or_default();
                let Effect::Write { value, .. } = effect else {
                    register.is_open = true;
                    continue;
                };
                register.possible.insert(value.clone());
                if !self.superseded(id, *task, same) {
                    register.certain.insert(value.clone());
                }
            }
        }
        registers
    }

    /// True where such an edit of the same task had seen this one.
    fn superseded(&self, id: EditId, task: RecordId, such: impl Fn(&Effect) -> bool) -> bool {
        self.edits.iter().any(|edit| {
            edit.seen.contains(&id)
                && edit
                    .effects
                    .iter()
                    .any(|(other, effect)| *other == task && such(effect))
        })
    }
}

fn may_show(lives: &BTreeMap<RecordId, Life>, task: &RecordId) -> bool {
    lives.get(task).is_some_and(|life| life.may_show)
}

fn keeps_a_child(view: &PlanMirror, task: RecordId, lives: &BTreeMap<RecordId, Life>) -> bool {
    view.rows.values().any(|row| {
        row.parent == Some(task) && (may_show(lives, &row.id) || keeps_a_child(view, row.id, lives))
    })
}

fn check_register(
    view: &PlanMirror,
    task: RecordId,
    field: &str,
    values: &Values,
    (who, seed, history): (&str, u64, &str),
) {
    let row = &view.rows[&task];
    let shown = shown(row, field);
    let Values {
        certain,
        possible,
        is_open,
    } = values;
    let fits = |value: &Value| *is_open || possible.contains(value);
    assert!(
        shown.as_ref().is_none_or(fits),
        "seed {seed}: {who} shows {shown:?} for {field} of {task}, which is none of {possible:?}\n{history}"
    );
    let listed = sides(view, task, field);
    // What a row does not show by itself is told by the merge review alone.
    let Some(sides) = listed.or_else(|| shown.map(|value| BTreeSet::from([value]))) else {
        let is_some = |value: &Value| *value != Value::text("");
        assert!(
            *is_open || field != "notes" || certain.len() == 1 && certain.iter().all(is_some),
            "seed {seed}: {who} does not list {certain:?} for {field} of {task}\n{history}"
        );
        return;
    };
    assert!(
        sides.is_superset(certain) && sides.iter().all(fits),
        "seed {seed}: {who} lists {sides:?} for {field} of {task}, not {certain:?}\n{history}"
    );
}

/// What a row shows of a field, where it shows that alone.
fn shown(row: &TaskRow, field: &str) -> Option<Value> {
    match field {
        "name" => Some(Value::text(row.name.as_str())),
        "accountable" => Some(Value::text(row.accountable.as_str())),
        "duration" => row.duration.map(duration),
        "notes" => (!row.has_notes).then(|| Value::text("")),
        _ => None,
    }
}

/// The values that the merge review lists for a field.
fn sides(view: &PlanMirror, task: RecordId, field: &str) -> Option<BTreeSet<Value>> {
    let mut conflicts = view.conflicts.values();
    conflicts.find_map(|conflict| match &conflict.kind {
        ConflictKind::Field {
            field: f, sides, ..
        } if conflict.record == task && f == field => {
            Some(sides.iter().map(|side| side.value.clone()).collect())
        }
        _ => None,
    })
}

fn duration(duration: Duration) -> Value {
    let text = serde_json::to_string(&duration);
    Value::Text(text.expect("a struct of numbers"))
}

fn effects(saved: &Saved<'_>, imported: &BTreeSet<RecordId>) -> Vec<(RecordId, Effect)> {
    let (before, after) = (saved.before, saved.after);
    let command = match saved.ask {
        Ask::Command(command) => command,
        Ask::Undo | Ask::Redo => return observed(saved, saved.concerned.clone(), imported),
    };
    match command {
        PlanCommand::AddTask { name, .. } => {
            let mut tasks = after.rows.keys();
            let added = tasks.find(|task| !before.rows.contains_key(*task));
            added
                .into_iter()
                .flat_map(|task| [(*task, write("name", name)), (*task, Effect::Live)])
                .collect()
        }
        PlanCommand::SetField { task, edit } => edited(*task, edit),
        PlanCommand::DeleteTasks { tasks } => {
            let all = tasks.iter().flat_map(|task| below(before, *task));
            all.map(|task| (task, Effect::Deleted)).collect()
        }
        PlanCommand::MoveTask { task, .. }
        | PlanCommand::Indent { task }
        | PlanCommand::Outdent { task }
        | PlanCommand::MoveUp { task }
        | PlanCommand::MoveDown { task } => vec![(*task, Effect::Live)],
        // A new dependency is an edit of both its ends.
        PlanCommand::AddLink {
            pred,
            succ,
            link_type,
            ..
        } if !is_linked(before, *pred, *succ, *link_type) => {
            vec![(*pred, Effect::Live), (*succ, Effect::Live)]
        }
        PlanCommand::SetLink {
            link, link_type, ..
        } => {
            let ends = ends(before, *link);
            let ends = ends.filter(|(pred, succ)| !is_linked(before, *pred, *succ, *link_type));
            let ends = ends.into_iter().flat_map(|(pred, succ)| [pred, succ]);
            ends.map(|task| (task, Effect::Live)).collect()
        }
        PlanCommand::AddLink { .. } | PlanCommand::RemoveLink { .. } => Vec::new(),
        PlanCommand::Restore { task } => restored(saved, *task),
        PlanCommand::Resolve { conflict, choice } => resolved(before, *conflict, choice),
        PlanCommand::Import { .. } => observed(saved, imported.clone(), imported),
    }
}

/// What an undo, a redo or an import did to the tasks it concerns, as far as the view tells.
fn observed(
    saved: &Saved<'_>,
    mut tasks: BTreeSet<RecordId>,
    imported: &BTreeSet<RecordId>,
) -> Vec<(RecordId, Effect)> {
    let (before, after) = (saved.before, saved.after);
    let found: Vec<_> = tasks.iter().copied().collect();
    for view in [before, after] {
        tasks.extend(found.iter().flat_map(|task| above(view, *task)));
        tasks.extend(found.iter().flat_map(|task| below(view, *task)));
    }
    let mut effects = Vec::new();
    for task in tasks {
        let (was, is) = (before.rows.get(&task), after.rows.get(&task));
        let is_leaf = is.is_some_and(|row| !row.has_children);
        let life = match (was, is) {
            (None, Some(_)) if is_leaf && !imported.contains(&task) => Effect::Live,
            (Some(_), None) if !imported.contains(&task) => Effect::Deleted,
            _ => Effect::Seen {
                is_shown: is.is_some(),
            },
        };
        effects.push((task, life));
        for field in FIELDS {
            let value = |row: Option<&TaskRow>| row.and_then(|row| shown(row, field));
            let (was, is) = (value(was), value(is));
            let is_settled = sides(after, task, field).is_none();
            let effect = match is {
                Some(is) if was.is_some_and(|was| was != is) && is_settled => Effect::Write {
                    field: field.to_owned(),
                    value: is,
                },
                _ => Effect::Perhaps(field),
            };
            effects.push((task, effect));
        }
    }
    effects
}

fn restored(saved: &Saved<'_>, task: RecordId) -> Vec<(RecordId, Effect)> {
    let (before, after) = (saved.before, saved.after);
    let along = above(after, task).into_iter().chain(below(after, task));
    let along = along.filter(|other| *other != task).map(|other| {
        let is_back = !before.rows.contains_key(&other) && !after.rows[&other].has_children;
        let effect = match is_back {
            true => Effect::Live,
            false => Effect::Seen { is_shown: true },
        };
        (other, effect)
    });
    along.chain([(task, Effect::Live)]).collect()
}

fn edited(task: RecordId, edit: &FieldEdit) -> Vec<(RecordId, Effect)> {
    let effect = match edit {
        FieldEdit::Name(name) => Some(write("name", name)),
        FieldEdit::Accountable(text) => Some(write("accountable", text)),
        FieldEdit::Notes(text) => Some(write("notes", text)),
        FieldEdit::Duration(Some(value)) => Some(Effect::Write {
            field: "duration".to_owned(),
            value: duration(*value),
        }),
        FieldEdit::Duration(None) => Some(write("duration", "")),
        FieldEdit::Kind(_)
        | FieldEdit::Mode(_)
        | FieldEdit::Manual(_)
        | FieldEdit::Percent { .. } => None,
    };
    let effects = effect.into_iter().chain([Effect::Live]);
    effects.map(|effect| (task, effect)).collect()
}

fn write(field: &str, text: &str) -> Effect {
    Effect::Write {
        field: field.to_owned(),
        value: Value::text(text),
    }
}

fn is_linked(view: &PlanMirror, pred: RecordId, succ: RecordId, link_type: LinkType) -> bool {
    let row = view.rows.get(&succ);
    row.is_some_and(|row| {
        let mut links = row.predecessors.iter();
        links.any(|link| link.task == pred && link.link_type == link_type)
    })
}

/// Predecessor and successor of a dependency.
fn ends(view: &PlanMirror, link: RecordId) -> Option<(RecordId, RecordId)> {
    view.rows.values().find_map(|row| {
        let mut links = row.predecessors.iter();
        let found = links.find(|it| it.link == link)?;
        Some((found.task, row.id))
    })
}

fn resolved(before: &PlanMirror, conflict: ConflictId, choice: &Choice) -> Vec<(RecordId, Effect)> {
    // What is decided of a dependency is no edit of its ends.
    let conflict = before.conflicts.get(&conflict);
    let Some(conflict) = conflict.filter(|it| before.rows.contains_key(&it.record)) else {
        return Vec::new();
    };
    let record = conflict.record;
    match (&conflict.kind, choice) {
        (ConflictKind::Field { field, sides, .. }, Choice::Take(op)) => {
            let taken = sides.iter().find(|side| side.who.op == *op);
            let taken = taken.filter(|_| FIELDS.contains(&field.as_str()));
            let effect = taken.map(|side| Effect::Write {
                field: field.clone(),
                value: side.value.clone(),
            });
            let effects = effect.into_iter().chain([Effect::Live]);
            effects.map(|effect| (record, effect)).collect()
        }
        (_, Choice::Write(edit)) => edited(record, edit),
        (_, Choice::Delete) => {
            let all = below(before, record).into_iter();
            all.map(|task| (task, Effect::Deleted)).collect()
        }
        (_, Choice::RemoveLink(_)) => Vec::new(),
        (ConflictKind::MoveSkipped { wanted, .. }, Choice::ApplyMove) => {
            let way = wanted.iter().flat_map(|wanted| above(before, *wanted));
            let way = way.filter(|task| *task != record);
            way.map(|task| (task, Effect::Seen { is_shown: true }))
                .chain([(record, Effect::Live)])
                .collect()
        }
        // Those above that somebody deleted are kept along with it.
        (_, Choice::Keep) => {
            let above = above(before, record).into_iter();
            let above = above.filter(|task| *task != record);
            above
                .map(|task| (task, Effect::Seen { is_shown: true }))
                .chain([(record, Effect::Live)])
                .collect()
        }
        _ => vec![(record, Effect::Live)],
    }
}

/// A task and everything above it.
fn above(view: &PlanMirror, task: RecordId) -> Vec<RecordId> {
    let parent = |task: &RecordId| view.rows.get(task).and_then(|row| row.parent);
    std::iter::successors(Some(task), parent).collect()
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
