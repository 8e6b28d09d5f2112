use automerge::{ActorId, ChangeHash};
use heqi_domain::{Value, Write};

use super::*;
use crate::document::shard_of;
use crate::validate::{Place, Refused, START_STEP_MAX, Verdict};

const RECORD: RecordId = RecordId([9; 16]);
const ANN: DeviceId = DeviceId([1; 32]);

fn paper() -> Paper {
    let venture = VentureId([3; 32]);
    let id = DocumentId::root(venture, Space::Plan);
    Paper::new(venture, Space::Plan, id, Document::new())
}

fn text(field: &str, text: &str) -> Write {
    Write {
        record: RECORD,
        field: field.into(),
        value: Value::Text(text.into()),
    }
}

/// Ann's edit of a field as she saw the document; the change that goes out.
fn edit(paper: &mut Paper, writes: &[Write], seen: &[ChangeHash]) -> Result<Vec<u8>, Refused> {
    let mut number = paper.unsealed_next as u8;
    let mut draw = || {
        number += 1;
        StreamId([number; 16])
    };
    let seen = match seen {
        [] => paper.document.heads(),
        seen => seen.to_vec(),
    };
    paper.edit(&[writes], &seen, ANN, &mut draw)?;
    let (_, made) = paper.unsealed.last_key_value().expect("it was made");
    Ok(made.change.to_vec())
}

/// A change of somebody else on those heads, which the rule lets through.
fn theirs(paper: &mut Paper, writes: &[Write], heads: &[ChangeHash], number: u64, step: u64) {
    let actor = [number.to_be_bytes(), [0xcc; 8]].concat();
    let place = Place {
        start_op: paper.validator.place(&actor, heads).start_op + step,
        ..paper.validator.place(&actor, heads)
    };
    let actor = ActorId::from(actor.as_slice());
    let change = paper.document.change(writes, heads, place, actor).unwrap();
    let automerge = paper.document.automerge();
    let verdict = paper
        .validator
        .check(automerge, change.raw_bytes(), &|_| true);
    if verdict == Ok(Verdict::Full) {
        paper.apply_valid().unwrap();
        return theirs(paper, writes, heads, number, step);
    }
    assert_eq!(verdict, Ok(Verdict::Valid(change.hash())));
}

/// Whether somebody takes a change who holds what its author had seen.
fn taken(paper: &Paper, change: &[u8]) -> Result<Verdict, Refused> {
    let hash = crate::validate::summary(change).unwrap().hash;
    let mut other = Document::new();
    let genesis = other.genesis();
    let before = paper.document.automerge().get_changes(&[genesis]);
    let before = before.into_iter().filter(|it| it.hash() != hash);
    other.apply(before.collect()).unwrap();
    let mut validator = Validator::open(other.automerge(), &genesis, shard_of).unwrap();
    validator.check(other.automerge(), change, &|_| true)
}

#[test]
fn an_editor_left_open_is_taken_by_others_however_far_somebody_has_counted() {
    let mut paper = paper();
    edit(&mut paper, &[text("name", "first")], &[]).unwrap();
    let seen = paper.document.heads();
    for number in 0..3 {
        let heads = paper.document.heads();
        let step = START_STEP_MAX - 1;
        theirs(
            &mut paper,
            &[text("name", &format!("{number}"))],
            &heads,
            number,
            step,
        );
        paper.apply_valid().unwrap();
    }
    let stale = edit(&mut paper, &[text("name", "mine")], &seen).unwrap();
    assert!(matches!(taken(&paper, &stale), Ok(Verdict::Valid(_))));
    let values = paper.document.candidates(RECORD, "name");
    assert_eq!(values.len(), 2, "what came in meanwhile stands beside it");
}

#[test]
fn an_edit_that_others_would_refuse_changes_nothing_and_the_rest_goes_on() {
    let mut paper = paper();
    let genesis = paper.document.heads();
    // So many actors as no change may name have written beside each other, and somebody has brought them together.
    for number in 0..4_100 {
        theirs(&mut paper, &[text("name", "Piling")], &genesis, number, 0);
    }
    paper.apply_valid().unwrap();
    for number in 0..5 {
        let mut heads = paper.document.heads();
        heads.truncate(1_000);
        heads.sort_unstable();
        theirs(
            &mut paper,
            &[text(&format!("field{number}"), "x")],
            &heads,
            9_000 + number,
            0,
        );
        paper.apply_valid().unwrap();
    }
    let before = (
        paper.document.heads(),
        paper.unsealed.clone(),
        paper.journal.clone(),
    );
    let refused = edit(&mut paper, &[text("name", "mine")], &[]).unwrap_err();
    assert!(
        matches!(refused, Refused::TooManyActors { .. }),
        "{refused}"
    );
    let several = [text("notes", "deep"), text("name", "mine")];
    let chunks = [&several[..1], &several[1..]];
    let mut draw = || StreamId([7; 16]);
    let heads = paper.document.heads();
    let refused = paper.edit(&chunks, &heads, ANN, &mut draw).unwrap_err();
    assert!(
        matches!(refused, Refused::TooManyActors { .. }),
        "{refused}"
    );
    let after = (
        paper.document.heads(),
        paper.unsealed.clone(),
        paper.journal.clone(),
    );
    assert_eq!(after, before);
    let other = edit(&mut paper, &[text("notes", "deep")], &[]).unwrap();
    assert!(matches!(taken(&paper, &other), Ok(Verdict::Valid(_))));
}
