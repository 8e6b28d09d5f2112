//! The Automerge document under the plan: 256 maps of registers, keyed `record/field`.
//!
//! All replicas start from one byte-identical genesis change, so that its maps are the same objects everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::sync::LazyLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    ActorId, Automerge, Change, ChangeHash, ObjType, ROOT, ReadDoc, ScalarValue, legacy,
};
use heqi_domain::{Candidate, Op, RecordId, Value, Write};

use crate::validate::Place;

/// A register: record and field.
pub(crate) type RegisterKey = (RecordId, String);

const SHARDS: usize = 256;
/// Heads that one change may follow, below what validation allows.
const HEADS_MAX: usize = 1_000;

/// A value in a register, and the operation that put it there.
type Standing = (ScalarValue, legacy::OpId);

/// A document and the ids of its maps.
#[derive(Clone)]
pub(crate) struct Document {
    doc: Automerge,
    shards: Vec<automerge::ObjId>,
    genesis: ChangeHash,
}

/// A store that does not hold a document of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the saved document cannot be read: {0}")]
    Automerge(#[from] automerge::AutomergeError),
    #[error("the saved document does not start from the genesis change")]
    Genesis,
}

/// Making the maps costs as much as thousands of edits, and every document starts from the same.
static EMPTY: LazyLock<Document> = LazyLock::new(Document::genesis_made);

impl Document {
    pub(crate) fn new() -> Self {
        EMPTY.clone()
    }

    fn genesis_made() -> Self {
        let mut doc = Automerge::new().with_actor(ActorId::from([0_u8; 16].as_slice()));
        let mut transaction = doc.transaction();
        let shards = (0..SHARDS).map(|shard| {
            let map = transaction.put_object(ROOT, shard_key(shard), ObjType::Map);
            map.expect("an empty document takes any key")
        });
        let shards = shards.collect();
        let (genesis, _) = transaction.commit_with(CommitOptions::default().with_time(0));
        Self {
            doc,
            shards,
            genesis: genesis.expect("maps were made"),
        }
    }

    /// Loads a saved document. Its maps are those that the genesis change made, whatever was written beside them.
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let doc = Automerge::load(bytes)?;
        if doc.get_change_meta_by_hash(&EMPTY.genesis).is_none() {
            return Err(Unreadable::Genesis);
        }
        Ok(Self { doc, ..Self::new() })
    }

    pub(crate) const fn automerge(&self) -> &Automerge {
        &self.doc
    }

    pub(crate) const fn genesis(&self) -> ChangeHash {
        self.genesis
    }

    pub(crate) fn heads(&self) -> Vec<ChangeHash> {
        self.doc.get_heads()
    }

    pub(crate) fn has(&self, hash: &ChangeHash) -> bool {
        self.doc.get_change_meta_by_hash(hash).is_some()
    }

    pub(crate) fn save(&self) -> Vec<u8> {
        self.doc.save()
    }

    /// The competing values of a register, in ascending order of their operations.
    pub(crate) fn candidates(&self, record: RecordId, field: &str) -> Vec<Candidate> {
        let all = self.doc.get_all(self.shard(record), key(record, field));
        sorted(all.unwrap_or_default())
    }

    /// The same as they stood at `heads`.
    pub(crate) fn candidates_at(
        &self,
        record: RecordId,
        field: &str,
        heads: &[ChangeHash],
    ) -> Vec<Candidate> {
        let shard = self.shard(record);
        let all = self.doc.get_all_at(shard, key(record, field), heads);
        sorted(all.unwrap_or_default())
    }

    /// What the author of `op` had before them in a register.
    pub(crate) fn seen_by(&self, op: Op, record: RecordId, field: &str) -> Vec<Candidate> {
        let id = automerge::ObjId::Id(op.counter, ActorId::from(op.actor.as_slice()), 0);
        let meta = self
            .doc
            .hash_for_opid(&id)
            .and_then(|hash| self.doc.get_change_meta_by_hash(&hash));
        meta.map(|meta| self.candidates_at(record, field, &meta.deps))
            .unwrap_or_default()
    }

    /// Every register with its candidates.
    pub(crate) fn registers(&self) -> Vec<(RegisterKey, Vec<Candidate>)> {
        let mut registers = Vec::new();
        for shard in &self.shards {
            for item in self.doc.map_range(shard, ..) {
                let Some((record, field)) = parse_key(&item.key) else {
                    continue;
                };
                let candidates = if item.conflict {
                    self.candidates(record, &field)
                } else {
                    let value = item.value.to_owned().into();
                    candidate(&value, &item.id()).into_iter().collect()
                };
                registers.push(((record, field), candidates));
            }
        }
        registers
    }

    /// The heads that an edit of `writes` follows whose author saw the document at `seen`, and whether its actor may have
    /// made changes before.
    ///
    /// Where what is written has not changed since, the present heads mean the same and are used; of very many heads
    /// some, which the next edits then bring together.
    pub(crate) fn heads_for(
        &self,
        writes: &[Write],
        seen: &[ChangeHash],
    ) -> (Vec<ChangeHash>, Fresh) {
        let mut heads = match self.is_stale(writes, seen) {
            true => seen.to_vec(),
            false => self.heads(),
        };
        heads.truncate(HEADS_MAX);
        heads.sort_unstable();
        heads.dedup();
        // An actor may only follow its own last change, which these need not hold.
        let fresh = match self.is_present(&heads) {
            true => Fresh::NotNeeded,
            false => Fresh::Needed,
        };
        (heads, fresh)
    }

    /// The change that makes `writes` at `heads`; `None` where nothing would change. It is not applied.
    ///
    /// It is built here and not by Automerge's transactions, which apply at once what others may refuse, and settle a
    /// conflict on its winner by deleting the others: the winner would then still be its author's, and a third value
    /// written meanwhile would take the place of the decision without a conflict.
    pub(crate) fn change(
        &self,
        writes: &[Write],
        heads: &[ChangeHash],
        place: Place,
        actor: ActorId,
    ) -> Option<Change> {
        let is_present = self.is_present(heads);
        let start_op = NonZeroU64::new(place.start_op)?;
        let mut written: BTreeMap<_, Standing> = BTreeMap::new();
        let mut operations: Vec<legacy::Op> = Vec::new();
        for write in writes {
            let register = (write.record, write.field.as_str());
            let value = scalar(&write.value);
            let before = match written.get(&register) {
                Some(own) => vec![own.clone()],
                None => self.standing(write, (!is_present).then_some(heads)),
            };
            if let [(only, _)] = before.as_slice()
                && *only == value
            {
                continue;
            }
            let counter = place.start_op + operations.len() as u64;
            let id = legacy::OpId(counter, actor.clone());
            written.insert(register, (value.clone(), id));
            operations.push(legacy::Op {
                action: legacy::OpType::Put(value),
                obj: legacy::ObjectId::Id(op_id(self.shard(write.record))?),
                key: legacy::Key::Map(key(write.record, &write.field).into()),
                pred: before.into_iter().map(|(_, id)| id).collect(),
                insert: false,
            });
        }
        let change = automerge::ExpandedChange {
            operations,
            actor_id: actor,
            hash: None,
            seq: place.seq,
            start_op,
            time: 0,
            message: None,
            deps: heads.to_vec(),
            extra_bytes: Vec::new(),
            author: None,
        };
        (!change.operations.is_empty()).then(|| Change::from(change))
    }

    /// The values that stand in a register, now or at older heads, with the operations that put them there.
    fn standing(&self, write: &Write, heads: Option<&[ChangeHash]>) -> Vec<Standing> {
        let (shard, key) = (self.shard(write.record), key(write.record, &write.field));
        let all = match heads {
            Some(heads) => self.doc.get_all_at(shard, key, heads),
            None => self.doc.get_all(shard, key),
        };
        // Only a wrong object id fails, and these come from the genesis change.
        let all = all.unwrap_or_default().into_iter();
        all.filter_map(|(value, id)| Some((value.into_scalar().ok()?, op_id(&id)?)))
            .collect()
    }

    fn is_present(&self, heads: &[ChangeHash]) -> bool {
        let now = self.heads();
        now.len() == heads.len() && now.iter().all(|head| heads.contains(head))
    }

    /// Applies validated changes and tells which registers they touch.
    pub(crate) fn apply(
        &mut self,
        changes: Vec<Change>,
    ) -> Result<BTreeSet<RegisterKey>, automerge::AutomergeError> {
        let touched = changes.iter().flat_map(touched).collect();
        self.doc.apply_changes(changes)?;
        Ok(touched)
    }

    fn is_stale(&self, writes: &[Write], seen: &[ChangeHash]) -> bool {
        if seen == self.doc.get_heads() || !seen.iter().all(|hash| self.has(hash)) {
            return false;
        }
        writes.iter().any(|write| {
            self.candidates_at(write.record, &write.field, seen)
                != self.candidates(write.record, &write.field)
        })
    }

    fn shard(&self, record: RecordId) -> &automerge::ObjId {
        &self.shards[usize::from(shard_of(&record))]
    }
}

/// The map that holds a record's registers.
pub(crate) fn shard_of(record: &RecordId) -> u8 {
    record.0[0]
}

/// Whether a change needs an actor that has made none before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fresh {
    Needed,
    NotNeeded,
}

/// The registers that a change writes.
pub(crate) fn touched(change: &Change) -> Vec<RegisterKey> {
    let decoded = change.decode();
    let keys = decoded.operations.iter().filter_map(|op| match &op.key {
        legacy::Key::Map(key) => parse_key(key),
        legacy::Key::Seq(_) => None,
    });
    keys.collect()
}

fn op_id(id: &automerge::ObjId) -> Option<legacy::OpId> {
    match id {
        automerge::ObjId::Id(counter, actor, _) => Some(legacy::OpId(*counter, actor.clone())),
        automerge::ObjId::Root => None,
    }
}

fn shard_key(shard: usize) -> String {
    format!("{shard:02x}")
}

fn key(record: RecordId, field: &str) -> String {
    format!("{record}/{field}")
}

fn parse_key(key: &str) -> Option<RegisterKey> {
    let (record, field) = key.split_once('/')?;
    Some((RecordId::parse(record)?, field.to_owned()))
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Text(text) => ScalarValue::Str(text.as_str().into()),
        Value::Int(int) => ScalarValue::Int(*int),
        Value::Bool(bool) => ScalarValue::Boolean(*bool),
    }
}

fn sorted(all: Vec<(automerge::Value<'_>, automerge::ObjId)>) -> Vec<Candidate> {
    let mut candidates: Vec<_> = all
        .iter()
        .filter_map(|(value, id)| candidate(value, id))
        .collect();
    candidates.sort_by_key(|candidate| candidate.op);
    candidates
}

fn candidate(value: &automerge::Value<'_>, id: &automerge::ObjId) -> Option<Candidate> {
    let automerge::ObjId::Id(counter, actor, _) = id else {
        return None;
    };
    let value = match value {
        automerge::Value::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => Value::Text(text.to_string()),
            ScalarValue::Int(int) => Value::Int(*int),
            ScalarValue::Boolean(bool) => Value::Bool(*bool),
            _ => return None,
        },
        automerge::Value::Object(_) => return None,
    };
    let op = Op {
        counter: *counter,
        actor: actor.to_bytes().try_into().ok()?,
    };
    Some(Candidate { value, op })
}

#[cfg(test)]
mod tests;
