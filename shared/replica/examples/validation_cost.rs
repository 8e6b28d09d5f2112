//! Prints what validating a change costs on a document of 10,000 records, beside what applying it costs.
//!
//! Run with `cargo run --release -p heqi-replica --example validation_cost`.

#![allow(
    clippy::disallowed_methods,
    reason = "time is what is measured; the random actor is replaced at once"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, Change, ChangeHash, ObjId, ObjType, PatchLog, ROOT, ReadDoc};
use heqi_domain::RecordId;
use heqi_replica::validate::{SHARDS, Validator, Verdict};

const RECORDS: u32 = 10_000;
const FIELDS: [&str; 10] = [
    "name", "kind", "days", "parent", "order", "done", "notes", "start", "finish", "live",
];
const ROUNDS: usize = 200;

fn main() {
    let mut doc = document();
    let genesis = genesis().hash();
    let old = doc.get_heads();
    let since: Vec<Change> = (0..2_000)
        .map(|round| edit(&mut doc, round * 5, 1))
        .collect();
    let opened = Instant::now();
    let validator = Validator::open(&doc, &genesis, shard_of).expect("the document has a genesis");
    println!(
        "open a validator on {} changes: {:?}",
        doc.get_changes_meta(&[]).len(),
        opened.elapsed()
    );
    drop(validator);

    for records in [1, 100, 2_000] {
        let operations = records * 2;
        let now = changes(&doc, &doc.get_heads(), records);
        report(
            &format!("{operations} puts over present values"),
            &doc,
            &now,
        );
        let then = changes(&doc, &old, records);
        report(
            &format!(
                "{operations} puts over values of {} changes ago",
                since.len()
            ),
            &doc,
            &then,
        );
    }
    chain(&doc);
}

/// Judges each change on its own and applies it to a copy, and prints the medians.
fn report(what: &str, doc: &Automerge, changes: &[Change]) {
    let genesis = genesis().hash();
    let mut judged = Vec::new();
    let mut applied = Vec::new();
    let mut validator =
        Validator::open(doc, &genesis, shard_of).expect("the document has a genesis");
    for change in changes {
        let start = Instant::now();
        let verdict = black_box(validator.check(doc, change.raw_bytes(), &|_| true));
        judged.push(start.elapsed());
        assert_eq!(verdict, Ok(Verdict::Valid(change.hash())));
        drop(validator.take_valid());
    }
    for change in changes.iter().take(5) {
        let mut copy = doc.clone();
        let start = Instant::now();
        copy.apply_changes([change.clone()])
            .expect("a valid change applies");
        applied.push(start.elapsed());
    }
    println!(
        "{what}: judged in {:?}, applied in {:?}",
        median(judged),
        median(applied)
    );
}

/// A chain of single edits, as a frame brings them: judged while held, then applied at once.
fn chain(doc: &Automerge) {
    let mut author = doc
        .clone()
        .with_actor(ActorId::from(&b"a chain's author"[..]));
    let chain: Vec<Change> = (0..1_000)
        .map(|round| edit(&mut author, round * 7, 2))
        .collect();
    let mut doc = doc.clone();
    let mut validator =
        Validator::open(&doc, &genesis().hash(), shard_of).expect("the document has a genesis");
    let start = Instant::now();
    for change in &chain {
        let verdict = validator.check(&doc, change.raw_bytes(), &|_| true);
        assert_eq!(verdict, Ok(Verdict::Valid(change.hash())));
    }
    let judged = start.elapsed();
    let start = Instant::now();
    doc.apply_changes(validator.take_valid())
        .expect("valid changes apply");
    println!(
        "a chain of {} single edits: judged in {judged:?}, applied in {:?}",
        chain.len(),
        start.elapsed()
    );
}

/// Changes over the same past, each by an actor of its own.
fn changes(doc: &Automerge, heads: &[ChangeHash], records: u32) -> Vec<Change> {
    let rounds = if records > 100 { 5 } else { ROUNDS };
    let change = |round: usize| {
        let mut author = doc.clone();
        author.set_actor(ActorId::from(format!("author{round:010}").into_bytes()));
        let mut transaction = author
            .transaction_at(PatchLog::inactive(), heads)
            .expect("an inactive log fits");
        for number in 0..records {
            put(
                &mut transaction,
                (number * 3 + round as u32) % RECORDS,
                "days",
                round as i64 + 1_000,
            );
            put(
                &mut transaction,
                (number * 3 + round as u32) % RECORDS,
                "live",
                round as i64 + 1_000,
            );
        }
        let hash = transaction.commit().0.expect("fresh values are put");
        author
            .get_change_by_hash(&hash)
            .expect("it was just committed")
    };
    (0..rounds).map(change).collect()
}

fn document() -> Automerge {
    let mut doc = empty(b"an import's actor");
    doc.apply_changes([genesis()]).expect("a genesis applies");
    for first in (0..RECORDS).step_by(2_000) {
        let mut transaction = doc.transaction();
        for number in first..first + 2_000 {
            for field in FIELDS {
                put(&mut transaction, number, field, i64::from(number));
            }
        }
        transaction.commit();
    }
    doc
}

fn edit(doc: &mut Automerge, number: u32, value: i64) -> Change {
    let mut transaction = doc.transaction();
    put(
        &mut transaction,
        number % RECORDS,
        "days",
        value * 1_000_000 + i64::from(number),
    );
    transaction.commit();
    doc.get_last_local_change().expect("it was just committed")
}

fn put(transaction: &mut impl Transactable, number: u32, field: &str, value: i64) {
    let record = record(number);
    let shard = ObjId::Id(
        u64::from(shard_of(&record)) + 1,
        ActorId::from(&[0; 16][..]),
        0,
    );
    transaction
        .put(shard, format!("{record}/{field}"), value)
        .expect("the shard exists");
}

fn record(number: u32) -> RecordId {
    let scattered = u128::from(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    RecordId(scattered.to_be_bytes())
}

fn shard_of(record: &RecordId) -> u8 {
    record.0[0]
}

fn genesis() -> Change {
    let mut doc = empty(&[0; 16]);
    let mut transaction = doc.transaction();
    for shard in 0..SHARDS {
        transaction
            .put_object(ROOT, format!("{shard:02x}"), ObjType::Map)
            .expect("the root is a map");
    }
    transaction.commit();
    doc.get_last_local_change().expect("it was just committed")
}

fn empty(actor: &[u8]) -> Automerge {
    Automerge::new().with_actor(ActorId::from(actor))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
