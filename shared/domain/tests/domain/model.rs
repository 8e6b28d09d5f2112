//! Members with replicas of one document, changes that travel in any order that respects causes, and registers that
//! keep every value nobody has seen and overwritten.

use std::collections::{BTreeMap, BTreeSet};

use heqi_domain::plan::{
    Choice, Conflict, ConflictKind, Context, FieldEdit, LinkType, Plan, PlanCommand, PlanDiff,
    PlanMirror, Rejected, UndoStack,
};
use heqi_domain::quantity::Lag;
use heqi_domain::time::Date;
use heqi_domain::{Author, Authors, Candidate, Entropy, History, Op, RecordId, Write};

/// Changes of everybody; a replica holds a subset that is closed under `past`.
#[derive(Default)]
pub(crate) struct World {
    changes: Vec<Change>,
    by_op: BTreeMap<Op, usize>,
    registers: BTreeMap<(RecordId, String), Vec<(usize, Candidate)>>,
}

struct Change {
    /// Changes before it, all the way back.
    past: BTreeSet<usize>,
    writes: Vec<(Op, Write)>,
}

/// One member's device.
pub(crate) struct Replica {
    pub(crate) party: &'static str,
    actor: [u8; 16],
    pub(crate) plan: Plan,
    pub(crate) mirror: PlanMirror,
    pub(crate) undo: UndoStack,
    pub(crate) applied: BTreeSet<usize>,
    /// What was applied when an editor was opened.
    pub(crate) opened: Option<BTreeSet<usize>>,
    entropy: Seeded,
}

pub(crate) struct Seeded(u64);

impl Entropy for Seeded {
    fn bytes16(&mut self) -> [u8; 16] {
        let mut next = || {
            // SplitMix64.
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (z ^ (z >> 31)).to_le_bytes()
        };
        [next(), next()].concat().try_into().unwrap()
    }
}

impl World {
    fn candidates(
        &self,
        applied: &BTreeSet<usize>,
        record: RecordId,
        field: &str,
    ) -> Vec<Candidate> {
        let writes = self.registers.get(&(record, field.to_owned()));
        let present: Vec<_> = writes
            .into_iter()
            .flatten()
            .filter(|(change, _)| applied.contains(change))
            .collect();
        let overwritten = |by: usize, candidate: &Candidate, change: usize| {
            present.iter().any(|(other, c)| {
                self.changes[*other].past.contains(&by) || *other == change && c.op > candidate.op
            })
        };
        let mut kept: Vec<Candidate> = present
            .iter()
            .filter(|(change, c)| !overwritten(*change, c, *change))
            .map(|(_, c)| c.clone())
            .collect();
        kept.sort_by_key(|c| c.op);
        kept
    }

    /// Makes one change of `writes` on top of what `replica` has applied, and applies it there.
    pub(crate) fn make(&mut self, replica: &mut Replica, writes: Vec<Write>) -> PlanDiff {
        if writes.is_empty() {
            return PlanDiff::default();
        }
        let past = replica.applied.clone();
        self.make_at(replica, writes, past)
    }

    /// Makes one change on top of `past` only, as an editor does that was left open.
    pub(crate) fn make_at(
        &mut self,
        replica: &mut Replica,
        writes: Vec<Write>,
        past: BTreeSet<usize>,
    ) -> PlanDiff {
        let ops = past.iter().flat_map(|c| &self.changes[*c].writes);
        let mut counter = ops.map(|(op, _)| op.counter).max().unwrap_or(0);
        let change = self.changes.len();
        let mut numbered = Vec::new();
        for write in writes {
            counter += 1;
            // A change made on an older past must not reuse this device's operations.
            while self.by_op.contains_key(&replica.op(counter)) {
                counter += 1;
            }
            let op = replica.op(counter);
            self.by_op.insert(op, change);
            let register = (write.record, write.field.clone());
            let candidate = Candidate {
                value: write.value.clone(),
                op,
            };
            self.registers
                .entry(register)
                .or_default()
                .push((change, candidate));
            numbered.push((op, write));
        }
        self.changes.push(Change {
            past,
            writes: numbered,
        });
        self.apply(replica, &[change])
    }

    /// Applies changes that the replica can apply, in the given order, in one refresh.
    pub(crate) fn apply(&self, replica: &mut Replica, changes: &[usize]) -> PlanDiff {
        let mut touched = BTreeSet::new();
        for change in changes {
            let known = &self.changes[*change];
            assert!(known.past.is_subset(&replica.applied), "causes come first");
            replica.applied.insert(*change);
            touched.extend(
                known
                    .writes
                    .iter()
                    .map(|(_, w)| (w.record, w.field.clone())),
            );
        }
        for (record, field) in touched {
            let candidates = self.candidates(&replica.applied, record, &field);
            replica.plan.set(record, &field, candidates);
        }
        let diff = replica.plan.refresh(self, &Parties);
        replica.mirror.apply(&diff);
        diff
    }

    /// Delivers up to `count` changes of `others` that the replica lacks, picked by `pick`, each in its own refresh.
    pub(crate) fn deliver(
        &self,
        replica: &mut Replica,
        others: &BTreeSet<usize>,
        count: usize,
        pick: u64,
    ) {
        let mut pick = Seeded(pick);
        for _ in 0..count {
            let ready: Vec<usize> = others
                .difference(&replica.applied)
                .filter(|c| self.changes[**c].past.is_subset(&replica.applied))
                .copied()
                .collect();
            if ready.is_empty() {
                return;
            }
            let at = usize::from(pick.bytes16()[0]) % ready.len();
            self.apply(replica, &[ready[at]]);
        }
    }

    /// All changes there are.
    pub(crate) fn all(&self) -> BTreeSet<usize> {
        (0..self.changes.len()).collect()
    }

    /// Delivers everything to everybody.
    pub(crate) fn settle(&self, replicas: &mut [Replica], pick: u64) {
        let all = self.all();
        for (at, replica) in replicas.iter_mut().enumerate() {
            self.deliver(replica, &all, usize::MAX, pick.wrapping_add(at as u64));
        }
    }

    /// A replica that gets everything at once, with nothing kept from before.
    pub(crate) fn newcomer(&self) -> Replica {
        let mut replica = Replica::new("Z", 99);
        let all: Vec<usize> = (0..self.changes.len()).collect();
        self.apply(&mut replica, &all);
        replica
    }
}

impl History for World {
    fn seen_by(&self, op: Op, record: RecordId, field: &str) -> Vec<Candidate> {
        match self.by_op.get(&op) {
            Some(change) => self.candidates(&self.changes[*change].past, record, field),
            None => Vec::new(),
        }
    }
}

/// Actors are their party's letter over and over.
pub(crate) struct Parties;

impl Authors for Parties {
    fn author(&self, actor: &[u8; 16]) -> Option<Author> {
        let letter = char::from(actor[0]).to_string();
        Some(Author {
            party: format!("Party {letter}"),
            member: format!("Member {letter}"),
            party_code: letter,
            me: false,
        })
    }
}

impl Replica {
    pub(crate) fn new(party: &'static str, seed: u64) -> Self {
        let mut actor = [party.as_bytes()[0]; 16];
        actor[15] = seed as u8;
        Self {
            party,
            actor,
            plan: Plan::new(),
            mirror: PlanMirror::default(),
            undo: UndoStack::default(),
            applied: BTreeSet::new(),
            opened: None,
            entropy: Seeded(seed.wrapping_mul(0x5851_F42D_4C95_7F2D)),
        }
    }

    fn op(&self, counter: u64) -> Op {
        Op {
            counter,
            actor: self.actor,
        }
    }

    pub(crate) fn context(&mut self) -> (&Plan, &mut UndoStack, Context<'_>) {
        let context = Context {
            entropy: &mut self.entropy,
            party_code: self.party,
            today: Date::parse("2026-03-31").unwrap(),
        };
        (&self.plan, &mut self.undo, context)
    }

    pub(crate) fn writes(&mut self, command: &PlanCommand) -> Result<Vec<Write>, Rejected> {
        let (plan, _, mut context) = self.context();
        plan.command(command, &mut context)
    }

    pub(crate) fn undo(&mut self) -> Result<Vec<Write>, Rejected> {
        let (plan, undo, mut context) = self.context();
        undo.undo(plan, &mut context, &Parties)
    }

    pub(crate) fn redo(&mut self) -> Result<Vec<Write>, Rejected> {
        let (plan, undo, mut context) = self.context();
        undo.redo(plan, &mut context, &Parties)
    }

    /// Carries out a command that the rules allow.
    pub(crate) fn run(&mut self, world: &mut World, command: PlanCommand) {
        self.try_run(world, command).unwrap();
    }

    pub(crate) fn try_run(
        &mut self,
        world: &mut World,
        command: PlanCommand,
    ) -> Result<(), Rejected> {
        let writes = self.writes(&command)?;
        self.undo.note(&self.plan, &writes);
        world.make(self, writes);
        Ok(())
    }

    pub(crate) fn add(
        &mut self,
        world: &mut World,
        name: &str,
        parent: Option<RecordId>,
    ) -> RecordId {
        let before: BTreeSet<RecordId> = self.plan.order().iter().copied().collect();
        let name = name.to_owned();
        self.run(
            world,
            PlanCommand::AddTask {
                name,
                parent,
                after: None,
            },
        );
        let added = self.plan.order().iter().find(|t| !before.contains(t));
        *added.expect("the task is shown")
    }

    pub(crate) fn set(&mut self, world: &mut World, task: RecordId, edit: FieldEdit) {
        self.run(world, PlanCommand::SetField { task, edit });
    }

    pub(crate) fn rename(&mut self, world: &mut World, task: RecordId, name: &str) {
        self.set(world, task, FieldEdit::Name(name.to_owned()));
    }

    pub(crate) fn link(&mut self, world: &mut World, pred: RecordId, succ: RecordId) {
        let (link_type, lag) = (LinkType::Fs, Lag::NONE);
        self.run(
            world,
            PlanCommand::AddLink {
                pred,
                succ,
                link_type,
                lag,
            },
        );
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.plan
            .rows()
            .map(|r| format!("{} {}", r.number, r.name))
            .collect()
    }

    pub(crate) fn name(&self, task: RecordId) -> String {
        self.plan
            .row(task)
            .map(|r| r.name.clone())
            .unwrap_or_default()
    }

    pub(crate) fn conflicts(&self) -> Vec<Conflict> {
        self.plan.conflicts().cloned().collect()
    }

    /// The only item of the merge review.
    pub(crate) fn conflict(&self) -> Conflict {
        let conflicts = self.conflicts();
        assert_eq!(conflicts.len(), 1, "{conflicts:#?}");
        conflicts[0].clone()
    }

    pub(crate) fn resolve(&mut self, world: &mut World, conflict: &Conflict, choice: Choice) {
        let conflict = conflict.id;
        self.run(world, PlanCommand::Resolve { conflict, choice });
    }

    /// What the view is, for comparing replicas.
    pub(crate) fn view(&self) -> PlanMirror {
        PlanMirror {
            order: self.plan.order().to_vec(),
            rows: self.plan.rows().map(|r| (r.id, r.clone())).collect(),
            conflicts: self.plan.conflicts().map(|c| (c.id, c.clone())).collect(),
        }
    }

    /// Holds the view against what its diffs add up to, and against computing everything anew.
    pub(crate) fn check(&mut self, world: &World) {
        assert_eq!(self.mirror, self.view(), "diffs add up to the view");
        let before = self.view();
        let diff = self.plan.rebuild(world, &Parties);
        assert_eq!(self.view(), before, "kept along equals computed anew");
        assert!(diff.is_empty(), "{diff:#?}");
    }
}

/// Two members of two parties who start with the same.
pub(crate) fn two() -> (World, Replica, Replica) {
    (World::default(), Replica::new("A", 1), Replica::new("B", 2))
}

/// Three members of three parties who start with nothing.
pub(crate) fn three() -> (World, [Replica; 3]) {
    let replicas = [("A", 1), ("B", 2), ("C", 3)].map(|(party, seed)| Replica::new(party, seed));
    (World::default(), replicas)
}

/// Takes back what the replica did last.
pub(crate) fn undo(world: &mut World, replica: &mut Replica) {
    let writes = replica.undo().unwrap();
    world.make(replica, writes);
    replica.check(world);
}

pub(crate) fn redo(world: &mut World, replica: &mut Replica) {
    let writes = replica.redo().unwrap();
    world.make(replica, writes);
    replica.check(world);
}

/// Everything to both; both must then show the same.
pub(crate) fn meet(world: &World, a: &mut Replica, b: &mut Replica) {
    let all = world.all();
    world.deliver(a, &all, usize::MAX, 7);
    world.deliver(b, &all, usize::MAX, 8);
    assert_eq!(a.view(), b.view());
    a.check(world);
    b.check(world);
    assert_eq!(world.newcomer().view(), a.view());
}

/// A choice that fits the item, the `nth` of those there are.
pub(crate) fn choice(conflict: &Conflict, nth: usize) -> Choice {
    let choices = match &conflict.kind {
        ConflictKind::Field { sides, .. } => sides.iter().map(|s| Choice::Take(s.who.op)).collect(),
        ConflictKind::DeleteEdit { .. } => vec![Choice::Keep, Choice::Delete],
        ConflictKind::MoveSkipped { .. } => vec![Choice::AcceptPlacement, Choice::ApplyMove],
        ConflictKind::LinkSuspended { links, .. } => links
            .iter()
            .map(|(l, _)| Choice::RemoveLink(*l))
            .chain([Choice::RemoveLink(conflict.record)])
            .collect(),
        ConflictKind::CodeCollision { .. } => vec![Choice::AcceptCode],
        ConflictKind::ProgressDisagreement { .. } => vec![Choice::AgreePercent(50)],
    };
    choices[nth % choices.len()].clone()
}
