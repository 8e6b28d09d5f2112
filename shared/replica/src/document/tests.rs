use heqi_domain::Value;

use super::*;
use crate::validate::{Validator, Verdict};

const RECORD: RecordId = RecordId([9; 16]);

fn name(text: &str) -> Vec<Write> {
    vec![Write {
        record: RECORD,
        field: "name".into(),
        value: Value::Text(text.into()),
    }]
}

/// The present heads.
const NOW: &[ChangeHash] = &[];

/// Writes with an actor of that number; a fresh one where it must be.
fn edit(document: &mut Document, text: &str, seen: &[ChangeHash], actor: u8) -> Change {
    write(document, &name(text), seen, [actor; 16]).unwrap()
}

/// Makes a change that others take, and applies it; `None` where nothing would change.
fn write(
    document: &mut Document,
    writes: &[Write],
    seen: &[ChangeHash],
    actor: [u8; 16],
) -> Option<Change> {
    let now = document.heads();
    let seen = if seen.is_empty() { &now } else { seen };
    let (heads, fresh) = document.heads_for(writes, seen);
    let actor = match fresh {
        Fresh::Needed => actor.map(|byte| byte ^ 0x80),
        Fresh::NotNeeded => actor,
    };
    let mut validator =
        Validator::open(document.automerge(), &document.genesis(), shard_of).unwrap();
    let place = validator.place(&actor, &heads);
    let change = document.change(writes, &heads, place, ActorId::from(actor.as_slice()))?;
    let verdict = validator.check(document.automerge(), change.raw_bytes(), &|it| it == actor);
    assert_eq!(verdict, Ok(Verdict::Valid(change.hash())));
    document.apply(vec![change.clone()]).unwrap();
    Some(change)
}

fn texts(document: &Document) -> Vec<String> {
    let candidates = document.candidates(RECORD, "name");
    candidates
        .into_iter()
        .map(|candidate| match candidate.value {
            Value::Text(text) => text,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn the_genesis_change_is_the_same_bytes_for_ever() {
    let document = Document::new();
    assert_eq!(document.heads(), vec![document.genesis()]);
    assert_eq!(
        document.genesis().to_string(),
        "513b4a4a359bfe299b4e38a717806221416c46450dab0deac37ba11e6e534170"
    );
}

#[test]
fn settling_a_conflict_on_the_winner_is_an_operation_of_its_own() {
    let mut ann = Document::new();
    let first = edit(&mut ann, "first", NOW, 1);
    let mut bob = Document::new();
    bob.apply(vec![first.clone()]).unwrap();
    let mut cho = bob.clone();
    let by_ann = edit(&mut ann, "piling", NOW, 1);
    let by_bob = edit(&mut bob, "deck", NOW, 2);
    let by_cho = edit(&mut cho, "girder", NOW, 3);
    ann.apply(vec![by_bob.clone()]).unwrap();
    let winner = ann.candidates(RECORD, "name").pop().unwrap();
    let Value::Text(winning) = winner.value.clone() else {
        panic!("{winner:?}");
    };
    let decision = edit(&mut ann, &winning, NOW, 1);
    let decided = ann.candidates(RECORD, "name");
    assert_eq!(decided.len(), 1);
    assert_eq!(decided[0].value, winner.value);
    assert_ne!(decided[0].op, winner.op);
    // What a third wrote meanwhile competes with the decision, on every replica.
    ann.apply(vec![by_cho.clone()]).unwrap();
    bob.apply(vec![by_ann, by_cho, decision]).unwrap();
    assert_eq!(texts(&ann).len(), 2);
    assert!(texts(&ann).contains(&"girder".to_owned()));
    assert_eq!(texts(&ann), texts(&bob));
}

#[test]
fn an_edit_of_what_was_seen_before_keeps_what_came_in_meanwhile() {
    let mut ann = Document::new();
    edit(&mut ann, "first", NOW, 1);
    let seen = ann.heads();
    let mut bob = ann.clone();
    let remote = edit(&mut bob, "theirs", &seen, 2);
    ann.apply(vec![remote]).unwrap();
    edit(&mut ann, "mine", &seen, 1);
    let mut both = texts(&ann);
    both.sort();
    assert_eq!(both, ["mine", "theirs"]);
}

#[test]
fn an_edit_at_heads_that_are_not_there_is_made_on_the_present_ones() {
    let mut ann = Document::new();
    edit(&mut ann, "first", NOW, 1);
    edit(&mut ann, "second", &[ChangeHash([7; 32])], 1);
    assert_eq!(texts(&ann), ["second"]);
}

#[test]
fn one_change_never_follows_more_heads_than_others_accept() {
    let base = Document::new();
    let start = base.heads();
    let mut doc = base.clone();
    let heads = HEADS_MAX + 30;
    let mut remote = Vec::new();
    for number in 0..heads {
        let mut other = base.clone();
        let actor = [(number as u64).to_be_bytes(), [1; 8]].concat();
        let field = Write {
            record: RecordId([(number % 251) as u8; 16]),
            field: format!("field{number}"),
            value: Value::Int(1),
        };
        remote.extend(write(
            &mut other,
            &[field],
            &start,
            actor.try_into().unwrap(),
        ));
    }
    doc.apply(remote).unwrap();
    assert_eq!(doc.heads().len(), heads);
    let change = edit(&mut doc, "one", NOW, 1);
    assert!(change.deps().len() <= HEADS_MAX);
    assert_eq!(texts(&doc), ["one"]);
    assert_eq!(doc.heads().len(), heads - HEADS_MAX + 1);
    let change = edit(&mut doc, "two", NOW, 1);
    assert_eq!(change.deps().len(), heads - HEADS_MAX + 1);
    assert_eq!(texts(&doc), ["two"]);
}

#[test]
fn an_edit_that_changes_nothing_makes_no_change() {
    let mut ann = Document::new();
    edit(&mut ann, "same", NOW, 1);
    let heads = ann.heads();
    assert_eq!(write(&mut ann, &name("same"), &heads, [1; 16]), None);
    assert_eq!(ann.heads(), heads);
}

#[test]
fn a_saved_document_loads_with_its_registers_and_no_other_does() {
    let mut ann = Document::new();
    edit(&mut ann, "kept", NOW, 1);
    let loaded = Document::load(&ann.save()).unwrap();
    assert_eq!(loaded.heads(), ann.heads());
    assert_eq!(loaded.registers(), ann.registers());
    assert_eq!(loaded.genesis(), Document::new().genesis());
    assert!(matches!(
        Document::load(b"no document"),
        Err(Unreadable::Automerge(_))
    ));
    let other = Automerge::new().with_actor(ActorId::from([5; 16].as_slice()));
    assert!(matches!(
        Document::load(&other.save()),
        Err(Unreadable::Genesis)
    ));
}
