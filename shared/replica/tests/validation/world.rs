//! A document with its validator, and members who write to it.

use std::sync::LazyLock;

use automerge::transaction::Transactable;
use automerge::{
    ActorId, Automerge, Change, ChangeHash, ObjId, ObjType, PatchLog, ROOT, ReadDoc, ScalarValue,
};
use heqi_domain::RecordId;
use heqi_replica::validate::{Refused, SHARDS, Validator, Verdict};

use crate::forge::{self, Forged, Key, Row};

pub(crate) const GENESIS_ACTOR: [u8; 16] = [0; 16];
pub(crate) const ANN: [u8; 16] = [0xa; 16];
pub(crate) const BOB: [u8; 16] = [0xb; 16];

pub(crate) fn shard_of(record: &RecordId) -> u8 {
    record.0[0]
}

/// The key of a record's field; records of one `number` below 256 are alone in their shard.
pub(crate) fn key(number: u16, field: &str) -> String {
    let mut id = [0; 16];
    id[0] = number as u8;
    id[1] = (number >> 8) as u8;
    format!("{}/{field}", RecordId(id))
}

/// The id of a shard map in a forged row whose header names the genesis actor at `actor`.
pub(crate) fn shard(actor: u64, number: u16) -> Option<forge::Id> {
    Some((actor, u64::from(number as u8) + 1))
}

#[allow(
    clippy::disallowed_methods,
    reason = "the random actor is replaced at once"
)]
pub(crate) fn empty(actor: &[u8]) -> Automerge {
    Automerge::new().with_actor(ActorId::from(actor))
}

pub(crate) fn genesis() -> Change {
    GENESIS.clone()
}

static GENESIS: LazyLock<Change> = LazyLock::new(|| {
    let mut doc = empty(&GENESIS_ACTOR);
    let mut transaction = doc.transaction();
    for shard in 0..SHARDS {
        transaction
            .put_object(ROOT, format!("{shard:02x}"), ObjType::Map)
            .unwrap();
    }
    transaction.commit();
    doc.get_last_local_change().unwrap()
});

/// A document that holds the genesis and writes as `actor`.
pub(crate) fn new_doc(actor: &[u8]) -> Automerge {
    let mut doc = empty(actor);
    doc.apply_changes([genesis()]).unwrap();
    doc
}

pub(crate) fn shard_object(number: u16) -> ObjId {
    ObjId::Id(
        u64::from(number as u8) + 1,
        ActorId::from(&GENESIS_ACTOR[..]),
        0,
    )
}

/// Puts new values in one transaction, at the present.
pub(crate) fn put(doc: &mut Automerge, puts: &[(u16, &str, ScalarValue)]) -> Change {
    assert!(put_any(doc, puts), "all of them stood there already");
    doc.get_last_local_change().unwrap()
}

/// Puts values in one transaction, at the present; false if all of them stood there already.
pub(crate) fn put_any(doc: &mut Automerge, puts: &[(u16, &str, ScalarValue)]) -> bool {
    let mut transaction = doc.transaction();
    for (number, field, value) in puts {
        transaction
            .put(shard_object(*number), key(*number, field), value.clone())
            .unwrap();
    }
    transaction.commit().0.is_some()
}

/// Puts values in one transaction, at old heads and as a fresh actor; `None` if all of them stood there already.
pub(crate) fn put_at(
    doc: &mut Automerge,
    heads: &[ChangeHash],
    actor: &[u8],
    puts: &[(u16, &str, ScalarValue)],
) -> Option<Change> {
    doc.set_actor(ActorId::from(actor));
    let mut transaction = doc.transaction_at(PatchLog::inactive(), heads).unwrap();
    for (number, field, value) in puts {
        transaction
            .put(shard_object(*number), key(*number, field), value.clone())
            .unwrap();
    }
    let hash = transaction.commit().0?;
    doc.get_change_by_hash(&hash)
}

/// A replica that lets nothing in unvalidated.
pub(crate) struct World {
    pub(crate) doc: Automerge,
    pub(crate) validator: Validator,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of(new_doc(b"replica"))
    }

    pub(crate) fn of(doc: Automerge) -> Self {
        let genesis = genesis().hash();
        let validator = Validator::open(&doc, &genesis, shard_of).unwrap();
        Self { doc, validator }
    }

    pub(crate) fn check(&mut self, bytes: &[u8]) -> Result<Verdict, Refused> {
        self.validator.check(&self.doc, bytes, &|_| true)
    }

    pub(crate) fn apply(&mut self) {
        self.doc.apply_changes(self.validator.take_valid()).unwrap();
    }

    /// Requires a change to be valid, and applies it.
    pub(crate) fn accept(&mut self, bytes: &[u8]) -> ChangeHash {
        let verdict = self.check(bytes);
        let Ok(Verdict::Valid(hash)) = verdict else {
            panic!("not accepted: {verdict:?}");
        };
        self.apply();
        assert!(self.doc.get_change_meta_by_hash(&hash).is_some());
        hash
    }

    /// Saves the document and requires that what loads is the same.
    pub(crate) fn assert_loads(&self) {
        let loaded = Automerge::load(&self.doc.save()).unwrap();
        assert_eq!(loaded.get_heads(), self.doc.get_heads());
        assert_eq!(
            loaded.get_changes_meta(&[]).len(),
            self.doc.get_changes_meta(&[]).len()
        );
    }
}

/// The change Ann would write first: `rows` on the genesis, whose actor is number 1 of the header.
pub(crate) fn forged(rows: &[Row]) -> Forged {
    Forged {
        chunk_type: 1,
        dependencies: vec![genesis().hash()],
        actor: ANN.to_vec(),
        seq: 1,
        start_op: SHARDS as u64 + 1,
        time: 0,
        message: Vec::new(),
        others: vec![GENESIS_ACTOR.to_vec()],
        columns: forge::columns(rows),
        extra: Vec::new(),
    }
}

/// A row that puts a text into a new register.
pub(crate) fn row(number: u16, field: &str, text: &str) -> Row {
    Row {
        object: shard(1, number),
        key: Key::Map(key(number, field)),
        insert: false,
        action: 1,
        kind: 6,
        value: text.as_bytes().to_vec(),
        predecessors: Vec::new(),
    }
}
