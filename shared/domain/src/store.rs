//! Records by id, registers by name, and which of them were touched since the last refresh.
//!
//! A record is live while any candidate of its `live` register is a live stamp, so that an edit made without knowing
//! of a delete revives. A record without that register is live: nobody deleted it.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Candidate, Entropy, History, Op, RecordId, Value};
use crate::settle::{Settled, settle};

/// The register every edit and every delete writes with a fresh stamp.
pub(crate) const LIVE: &str = "live";
const LIVE_STAMP: &str = "live:";
const DELETED_STAMP: &str = "deleted:";
/// Begins the live stamp of a record that nobody but an import ever touched.
const LIVE_BY_IMPORT: &str = "live:import:";
/// Begins the stamp of what went because its import was undone.
const IMPORT_UNDONE: &str = "deleted:import:";

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

    /// Settles whether a record is live, where some say so and some do not.
    pub(crate) fn settle_live(&mut self, record: RecordId, history: &dyn History) {
        let register = self
            .records
            .get_mut(&record)
            .and_then(|r| r.registers.get_mut(LIVE));
        let Some(register) = register else { return };
        let candidates = &register.candidates;
        let is_held = candidates.iter().any(|c| is_live_by_import(&c.value));
        // Who undoes an import takes back no other one, which made the same records.
        let gives_way = |c: &&Candidate| is_held && is_undone_import(&c.value);
        let kept: Vec<_> = candidates
            .iter()
            .filter(|c| !gives_way(c))
            .cloned()
            .collect();
        let gave_way = kept.len() < candidates.len();
        let settled = settle(&kept, record, LIVE, history);
        register.settled = settled
            .or_else(|| gave_way.then(|| Settled::agreed(&kept)))
            .map(Box::new);
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

    pub(crate) fn ids(&self) -> impl Iterator<Item = RecordId> {
        self.records.keys().copied()
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

pub(crate) fn is_deleted_stamp(value: &Value) -> bool {
    value
        .as_text()
        .is_some_and(|text| text.starts_with(DELETED_STAMP))
}

/// Whether nobody but an import ever touched the record.
pub(crate) fn is_live_by_import(value: &Value) -> bool {
    value
        .as_text()
        .is_some_and(|text| text.starts_with(LIVE_BY_IMPORT))
}

pub(crate) fn is_undone_import(value: &Value) -> bool {
    value
        .as_text()
        .is_some_and(|text| text.starts_with(IMPORT_UNDONE))
}

/// A stamp that nobody else draws, so that it is never equal to what it overwrites.
pub(crate) fn fresh_stamp(entropy: &mut dyn Entropy) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&entropy.bytes16()[..12])
}

pub(crate) fn live_value(stamp: &str) -> Value {
    Value::Text(format!("{LIVE_STAMP}{stamp}"))
}

pub(crate) fn deleted_value(stamp: &str) -> Value {
    Value::Text(format!("{DELETED_STAMP}{stamp}"))
}

pub(crate) fn live_by_import(stamp: &str) -> Value {
    Value::Text(format!("{LIVE_BY_IMPORT}{stamp}"))
}

pub(crate) fn undone_import(stamp: &str) -> Value {
    Value::Text(format!("{IMPORT_UNDONE}{stamp}"))
}
