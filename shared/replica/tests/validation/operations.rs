//! Attacks by single operations, and by columns that do not hold what they should.

use heqi_replica::validate::{
    Column, OPERATIONS_MAX, PREDECESSORS_MAX, Refused, TEXT_BYTES_MAX, Verdict,
};

use crate::forge::{self, Key, Row, columns, repeat};
use crate::memory::peak_bytes;
use crate::refusal::{
    BEFORE_DECODING_BYTES_MAX, refusal, refusal_before_decoding, with_header, with_row,
};
use crate::world::{BOB, GENESIS_ACTOR, World, forged, key, row, shard};

#[test]
fn the_most_operations_pass_in_bounded_memory_and_one_more_is_refused() {
    let rows: Vec<Row> = (0..=OPERATIONS_MAX as u16)
        .map(|number| row(number, "name", "Piling"))
        .collect();
    let mut world = World::new();
    let most = forged(&rows[..OPERATIONS_MAX]).bytes();
    let (result, peak) = peak_bytes(|| world.check(&most));
    assert!(matches!(result, Ok(Verdict::Valid(_))), "{result:?}");
    assert!(peak < 48 << 20, "{peak} bytes held");
    world.apply();
    world.assert_loads();
    let refused = refusal_before_decoding(&forged(&rows).bytes());
    assert_eq!(
        refused,
        Refused::TooManyOperations {
            count: OPERATIONS_MAX as u64 + 1
        }
    );
}

#[test]
fn an_actor_in_the_header_that_no_operation_uses_is_refused() {
    let others = vec![GENESIS_ACTOR.to_vec(), BOB.to_vec()];
    assert_eq!(
        refusal(&with_header(|forged| forged.others = others)),
        Refused::UnusedActor { index: 2 }
    );
}

#[test]
fn an_actor_that_wrote_nothing_is_refused() {
    let mut overwriting = row(3, "name", "Piling");
    overwriting.predecessors = vec![(2, 5)];
    let mut forged = forged(&[overwriting]);
    forged.others = vec![GENESIS_ACTOR.to_vec(), BOB.to_vec()];
    assert_eq!(refusal(&forged.bytes()), Refused::UnknownActor { index: 2 });
}

#[test]
fn columns_longer_or_shorter_than_the_operations_are_refused() {
    let rows = [row(3, "name", "Piling"), row(3, "notes", "deep")];
    for (spec, column) in [
        (forge::OBJECT_ACTOR, Column::Object),
        (forge::OBJECT_COUNTER, Column::Object),
        (forge::KEY_TEXT, Column::Key),
        (forge::INSERT, Column::Insert),
        (forge::VALUE_KIND, Column::Value),
        (forge::PREDECESSOR_COUNT, Column::Predecessors),
    ] {
        let of = |rows: &[Row]| {
            columns(rows)
                .into_iter()
                .find(|(other, _)| *other == spec)
                .unwrap()
                .1
        };
        let mut shorter = forged(&rows);
        shorter.set_column(spec, of(&rows[..1]));
        assert_eq!(
            refusal(&shorter.bytes()),
            Refused::Malformed {
                column,
                operation: 1
            },
            "{spec:x}"
        );
        let mut longer = forged(&rows[..1]);
        longer.set_column(spec, of(&rows));
        let refused = refusal(&longer.bytes());
        let expected = Refused::SurplusRows { column };
        let value = Refused::SurplusRows {
            column: Column::Value,
        };
        assert!(
            refused == expected || refused == value,
            "{spec:x}: {refused:?}"
        );
    }
    let mut bytes_left = forged(&rows[..1]);
    bytes_left.set_column(forge::VALUE, b"Piling!".to_vec());
    assert_eq!(
        refusal(&bytes_left.bytes()),
        Refused::SurplusRows {
            column: Column::Value
        }
    );
}

#[test]
fn a_run_of_predecessors_without_end_is_refused_where_it_begins() {
    let mut bomb = forged(&[row(3, "name", "Piling")]);
    bomb.set_column(forge::PREDECESSOR_COUNT, repeat(1, u64::MAX));
    bomb.set_column(forge::PREDECESSOR_ACTOR, repeat(i64::MAX, 0));
    bomb.set_column(forge::PREDECESSOR_COUNTER, repeat(i64::MAX, 1));
    let mut world = World::new();
    let (result, peak) = peak_bytes(|| world.check(&bomb.bytes()));
    assert_eq!(
        result,
        Err(Refused::TooManyPredecessors { count: u64::MAX })
    );
    assert!(peak < BEFORE_DECODING_BYTES_MAX, "{peak} bytes held");
    assert_eq!(world.validator.operations_decoded(), 1);

    bomb.set_column(forge::PREDECESSOR_COUNT, repeat(1, PREDECESSORS_MAX as u64));
    let (result, peak) = peak_bytes(|| World::new().check(&bomb.bytes()));
    assert_eq!(
        result,
        Err(Refused::SurplusRows {
            column: Column::Predecessors
        })
    );
    assert!(peak < 4 << 20, "{peak} bytes held");
}

#[test]
fn a_long_key_repeated_over_all_operations_costs_its_own_length_once() {
    let mut bomb = forged(&[]);
    let rows = OPERATIONS_MAX as i64;
    bomb.set_column(forge::OBJECT_ACTOR, repeat(rows, 1));
    bomb.set_column(forge::OBJECT_COUNTER, repeat(rows, 4));
    let mut keys = Vec::new();
    forge::signed(&mut keys, rows);
    forge::prefixed(&mut keys, "k".repeat(1_000_000).as_bytes());
    bomb.set_column(forge::KEY_TEXT, keys);
    bomb.set_column(forge::INSERT, {
        let mut out = Vec::new();
        forge::unsigned(&mut out, rows.unsigned_abs());
        out
    });
    bomb.set_column(forge::ACTION, repeat(rows, 1));
    bomb.set_column(forge::VALUE_KIND, repeat(rows, 2));
    bomb.set_column(forge::PREDECESSOR_COUNT, repeat(rows, 0));
    let bytes = bomb.bytes();
    let mut world = World::new();
    let (result, peak) = peak_bytes(|| world.check(&bytes));
    assert_eq!(result, Err(Refused::Key { operation: 0 }));
    assert!(peak < 4 << 20, "{peak} bytes held");
}

#[test]
fn operations_on_missing_objects_and_outside_the_shards_are_refused() {
    let object = |id: Option<forge::Id>| refusal(&with_row(|row| row.object = id));
    let refused = Refused::Object { operation: 0 };
    assert_eq!(object(Some((1, 257))), refused);
    assert_eq!(object(Some((1, 1 << 31))), refused);
    let own = with_header(|forged| {
        let mut row = row(3, "name", "Piling");
        row.object = Some((0, 4));
        forged.columns = columns(&[row]);
        forged.others.clear();
    });
    assert_eq!(refusal(&own), refused);
    let root = with_header(|forged| {
        let mut row = row(3, "name", "Piling");
        row.object = None;
        forged.columns = columns(&[row]);
        forged.others.clear();
    });
    assert_eq!(refusal(&root), refused);
    let malformed = Refused::Malformed {
        column: Column::Object,
        operation: 0,
    };
    assert_eq!(
        object(Some((9, 4))),
        malformed,
        "an actor the header does not have"
    );
    assert_eq!(object(Some((1, u64::MAX))), malformed);
    assert_eq!(object(Some((1, 0))), malformed);
}

#[test]
fn elements_of_sequences_are_refused_wherever_they_point() {
    assert_eq!(
        refusal(&with_row(|row| row.key = Key::Head)),
        Refused::SequenceKey { operation: 0 }
    );
    let element = |id| refusal(&with_row(|row| row.key = Key::Element(id)));
    assert_eq!(element((1, 99)), Refused::SequenceKey { operation: 0 });
    let malformed = Refused::Malformed {
        column: Column::Key,
        operation: 0,
    };
    assert_eq!(element((7, 99)), malformed);
    assert_eq!(element((1, 1 << 40)), malformed);
    assert_eq!(
        refusal(&with_row(|row| row.insert = true)),
        Refused::Insert { operation: 0 }
    );
}

#[test]
fn actions_other_than_puts_are_refused() {
    let action = |action| {
        refusal(&with_row(|row| {
            (row.action, row.kind, row.value) = (action, 0, Vec::new())
        }))
    };
    for make in [0, 2, 4, 6] {
        assert_eq!(action(make), Refused::Make { operation: 0 });
    }
    assert_eq!(
        action(3),
        Refused::Delete { operation: 0 },
        "a delete without predecessor"
    );
    assert_eq!(action(5), Refused::Increment { operation: 0 });
    assert_eq!(action(7), Refused::Mark { operation: 0 });
    assert_eq!(
        action(8),
        Refused::UnknownAction {
            operation: 0,
            action: 8
        }
    );
    assert_eq!(
        action(u64::MAX),
        Refused::UnknownAction {
            operation: 0,
            action: u64::MAX
        }
    );
    let deleting_a_value = with_row(|row| row.action = 3);
    assert_eq!(
        refusal(&deleting_a_value),
        Refused::ValueKind {
            operation: 0,
            kind: 6
        }
    );
}

#[test]
fn values_other_than_short_texts_integers_and_booleans_are_refused() {
    let value =
        |kind, value: Vec<u8>| refusal(&with_row(|row| (row.kind, row.value) = (kind, value)));
    for (kind, bytes) in [
        (0, vec![]),
        (3, vec![1]),
        (5, vec![0; 8]),
        (7, vec![1]),
        (8, vec![1]),
        (9, vec![1]),
        (15, vec![]),
    ] {
        assert_eq!(
            value(kind, bytes),
            Refused::ValueKind {
                operation: 0,
                kind: kind as u8
            }
        );
    }
    let malformed = Refused::Malformed {
        column: Column::Value,
        operation: 0,
    };
    assert_eq!(value(2, vec![1]), malformed);
    assert_eq!(value(4, vec![]), malformed);
    assert_eq!(value(4, vec![1, 1]), malformed);
    assert_eq!(value(6, vec![0xff]), malformed);
    let text = vec![b'x'; TEXT_BYTES_MAX + 1];
    assert_eq!(
        value(6, text),
        Refused::TextTooLong {
            operation: 0,
            bytes: TEXT_BYTES_MAX + 1
        }
    );
    World::new().accept(&with_row(|row| row.value = vec![b'x'; TEXT_BYTES_MAX]));
}

#[test]
fn keys_name_a_record_in_its_own_shard_and_a_field() {
    let refused = |text: String| refusal(&with_row(|row| row.key = Key::Map(text)));
    assert_eq!(refused("name".into()), Refused::Key { operation: 0 });
    assert_eq!(refused(String::new()), Refused::Key { operation: 0 });
    assert_eq!(refused(key(3, "a/b")), Refused::Key { operation: 0 });
    assert_eq!(refused(key(4, "name")), Refused::Shard { operation: 0 });
    assert_eq!(
        refusal(&with_row(|row| row.object = shard(1, 4))),
        Refused::Shard { operation: 0 }
    );
}

#[test]
fn only_the_one_form_automerge_writes_is_accepted() {
    let mut split = forged(&[row(3, "name", "a"), row(3, "notes", "b")]);
    split.set_column(forge::ACTION, repeat(1, 1).repeat(2));
    assert_eq!(refusal(&split.bytes()), Refused::NotCanonical);
    let mut padded = forged(&[row(3, "name", "a")]);
    padded.set_column(forge::KEY_ACTOR, vec![0, 1]);
    assert_eq!(refusal(&padded.bytes()), Refused::NotCanonical);
}
