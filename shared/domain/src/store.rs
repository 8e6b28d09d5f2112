//! Records by id, registers by name, and which of them were touched since the last refresh.
//!
//! A record is live while any candidate of its `live` register is a live stamp, so that an edit made without knowing
//! of a delete revives. A record without that register is live: nobody deleted it.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Candidate, History, Op, RecordId, Value};
use crate::settle::{Settled, settle};
use crate::stamp::is_deleted_stamp;
use crate::standing::{Standing, any_import};

/// The register every edit and every delete writes with a fresh stamp.
pub(crate) const LIVE: &str = "live";
/// All registers of all records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    records: BTreeMap<RecordId, Record>,
    touched: BTreeMap<RecordId, BTreeSet<String>>,
}

/// The registers of one record, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    registers: BTreeMap<String, Register>,
}

/// One register: its candidates ascending by operation, and how they settle if their values differ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    candidates: Vec<Candidate>,
    settled: Option<Box<Settled>>,
}

impl Store {
    /// Replaces the candidates of a register and remembers that it was touched.
    pub(crate) fn set(&mut self, record: RecordId, field: &str, mut candidates: Vec<Candidate>) {
        candidates.sort_by_key(|c| c.op);
        candidates.dedup();
        let registers = &mut self.records.entry(record).or_default().registers;
        match registers.get_mut(field) {
            Some(known) if known.candidates == candidates => return,
            Some(known) => known.candidates = candidates,
            None => {
                let register = Register {
                    candidates,
                    settled: None,
                };
                registers.insert(field.to_owned(), register);
            }
        }
        let fields = self.touched.entry(record).or_default();
        if !fields.contains(field) {
            fields.insert(field.to_owned());
        }
    }

    pub(crate) fn take_touched(&mut self) -> BTreeMap<RecordId, BTreeSet<String>> {
        std::mem::take(&mut self.touched)
    }

    /// Marks every register as touched.
    pub(crate) fn touch_all(&mut self) {
        for (id, record) in &self.records {
            let fields = record.registers.keys().cloned().collect();
            self.touched.insert(*id, fields);
        }
    }

    /// Records in whose `live` register the value of a candidate is one of these.
    pub(crate) fn living_by(&self, value: impl Fn(&Value) -> bool) -> Vec<RecordId> {
        let found = self.records.iter().filter(|(_, record)| {
            let live = record.registers.get(LIVE).into_iter();
            live.flat_map(Register::candidates).any(|c| value(&c.value))
        });
        found.map(|(id, _)| *id).collect()
    }

    /// Settles one register anew.
    pub(crate) fn settle(&mut self, record: RecordId, field: &str, history: &dyn History) {
        let register = self
            .records
            .get_mut(&record)
            .and_then(|r| r.registers.get_mut(field));
        if let Some(register) = register {
            register.settled = settle(&register.candidates, record, field, history).map(Box::new);
        }
    }

    /// Settles whether a record is live, where that is not plain. What imports left there counts as far as they stand.
    pub(crate) fn settle_live(
        &mut self,
        record: RecordId,
        standing: &Standing,
        history: &dyn History,
    ) {
        let register = self
            .records
            .get_mut(&record)
            .and_then(|r| r.registers.get_mut(LIVE));
        let Some(register) = register else { return };
        let counting = standing.counting(&register.candidates);
        let is_half_deleted = |of: &[Candidate]| {
            let deletes = of.iter().filter(|c| is_deleted_stamp(&c.value)).count();
            (1..of.len()).contains(&deletes)
        };
        let differs = counting != register.candidates;
        let settled = is_half_deleted(&counting).then(|| {
            let equal: Vec<_> = counting.iter().cloned().map(any_import).collect();
            settle(&equal, record, LIVE, &AnyImport(history))
        });
        let agreed = || differs.then(|| Settled::agreed(&counting));
        register.settled = settled.flatten().or_else(agreed).map(Box::new);
    }

    /// Leaves it to the highest operation which value of a register counts.
    pub(crate) fn unsettle(&mut self, record: RecordId, field: &str) {
        let register = self
            .records
            .get_mut(&record)
            .and_then(|r| r.registers.get_mut(field));
        if let Some(register) = register {
            register.settled = None;
        }
    }

    pub(crate) fn record(&self, id: RecordId) -> Option<&Record> {
        self.records.get(&id)
    }

    pub(crate) fn register(&self, id: RecordId, field: &str) -> Option<&Register> {
        self.records.get(&id)?.registers.get(field)
    }

    /// The value a register provisionally has.
    pub(crate) fn value(&self, id: RecordId, field: &str) -> Option<&Value> {
        self.register(id, field)?.value()
    }

    /// The text a register provisionally has.
    pub(crate) fn text(&self, id: RecordId, field: &str) -> Option<&str> {
        self.value(id, field)?.as_text()
    }

    /// Whether nobody deleted the record, or somebody edited it who did not know of the delete.
    pub(crate) fn is_live(&self, id: RecordId) -> bool {
        match self.register(id, LIVE) {
            Some(live) => live.sides().is_empty() || live.sides().iter().any(is_live_stamp),
            None => self.records.contains_key(&id),
        }
    }
}

impl Record {
    pub(crate) fn registers(&self) -> impl Iterator<Item = (&str, &Register)> {
        self.registers.iter().map(|(name, r)| (name.as_str(), r))
    }

    /// Registers whose names begin with `prefix`, by name.
    pub(crate) fn starting_with<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Register)> {
        self.registers
            .range::<str, _>((
                std::ops::Bound::Included(prefix),
                std::ops::Bound::Unbounded,
            ))
            .take_while(move |(name, _)| name.starts_with(prefix))
            .map(|(name, r)| (name.as_str(), r))
    }
}

impl Register {
    /// All candidates, ascending by operation.
    pub(crate) fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    pub(crate) fn settled(&self) -> Option<&Settled> {
        self.settled.as_deref()
    }

    /// The candidates that compete: all, or one per distinct value once settled.
    pub(crate) fn sides(&self) -> &[Candidate] {
        match &self.settled {
            Some(settled) => &settled.sides,
            None => &self.candidates,
        }
    }

    /// The candidate that provisionally counts: the competing one with the highest operation.
    pub(crate) fn winner(&self) -> Option<&Candidate> {
        self.sides().last()
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        self.winner().map(|c| &c.value)
    }

    /// The earliest operation among the candidates that hold the provisional value.
    pub(crate) fn first_op(&self) -> Option<Op> {
        let value = self.value()?;
        self.candidates
            .iter()
            .find(|c| c.value == *value)
            .map(|c| c.op)
    }
}

/// True unless the candidate is a delete: what is not understood hides nothing.
pub(crate) fn is_live_stamp(candidate: &Candidate) -> bool {
    !is_deleted_stamp(&candidate.value)
}

/// The past, in which it makes no difference which import made a record.
struct AnyImport<'a>(&'a dyn History);

impl History for AnyImport<'_> {
    fn seen_by(&self, op: Op, record: RecordId, field: &str) -> Vec<Candidate> {
        let seen = self.0.seen_by(op, record, field).into_iter();
        seen.map(any_import).collect()
    }
}
