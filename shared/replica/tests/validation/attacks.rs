//! Attacks within one change: bytes, header, columns and single operations.

use heqi_replica::validate::{
    CHANGE_BYTES_MAX, Column, OPERATIONS_MAX, PREDECESSORS_MAX, Refused, SHARDS, TEXT_BYTES_MAX,
    Verdict, summary,
};

use crate::forge::{self, Forged, Key, Row, chunk, columns, repeat};
use crate::memory::peak_bytes;
use crate::world::{
    ANN, BOB, GENESIS_ACTOR, World, forged, genesis, key, new_doc, put, row, shard,
};

/// What refusing before decoding may hold at once.
const BEFORE_DECODING_BYTES_MAX: usize = 4 << 10;

fn refusal(bytes: &[u8]) -> Refused {
    let mut world = World::new();
    let refused = world.check(bytes).expect_err("the attack was let through");
    assert!(world.validator.take_valid().is_empty());
    refused
}

/// Refuses without decoding an operation or holding more than a few kilobytes.
fn refusal_before_decoding(bytes: &[u8]) -> Refused {
    let mut world = World::new();
    let (result, peak) = peak_bytes(|| world.check(bytes));
    assert_eq!(world.validator.operations_decoded(), 0);
    assert!(peak <= BEFORE_DECODING_BYTES_MAX, "{peak} bytes held");
    result.expect_err("the attack was let through")
}

fn with_row(change: impl FnOnce(&mut Row)) -> Vec<u8> {
    let mut row = row(3, "name", "Piling");
    change(&mut row);
    forged(&[row]).bytes()
}

fn with_header(change: impl FnOnce(&mut Forged)) -> Vec<u8> {
    let mut forged = forged(&[row(3, "name", "Piling")]);
    change(&mut forged);
    forged.bytes()
}

#[test]
fn a_forged_honest_change_is_what_automerge_writes_and_is_accepted() {
    let mut ann = new_doc(&ANN);
    let real = put(
        &mut ann,
        &[
            (3, "name", "Piling".into()),
            (3, "days", 12.into()),
            (3, "done", true.into()),
            (3, "name", "Deep piling".into()),
        ],
    );
    let mut days = row(3, "days", "");
    (days.kind, days.value) = (4, vec![12]);
    let mut done = row(3, "done", "");
    done.kind = 2;
    let mut again = row(3, "name", "Deep piling");
    again.predecessors = vec![(0, SHARDS as u64 + 1)];
    let forged = forged(&[row(3, "name", "Piling"), days, done, again]).bytes();
    assert_eq!(forged, real.raw_bytes());

    let mut world = World::new();
    let header = summary(&forged).unwrap();
    assert_eq!(
        (header.hash, header.seq, header.operations),
        (real.hash(), 1, 4)
    );
    assert_eq!(
        (header.actor, header.start_op),
        (ANN.to_vec(), SHARDS as u64 + 1)
    );
    world.accept(&forged);
    assert_eq!(world.doc.get_heads(), ann.get_heads());
    assert_eq!(world.validator.operations_decoded(), 4);
    assert_eq!(world.check(&forged), Ok(Verdict::Known(real.hash())));
    world.assert_loads();
}

#[test]
fn a_hundred_bytes_that_expand_to_ten_million_operations_are_counted_not_decoded() {
    let millions = 10_000_000;
    let mut bomb = forged(&[]);
    bomb.set_column(forge::OBJECT_ACTOR, repeat(millions, 1));
    bomb.set_column(forge::OBJECT_COUNTER, repeat(millions, 4));
    let mut keys = Vec::new();
    forge::signed(&mut keys, millions);
    forge::prefixed(&mut keys, b"k");
    bomb.set_column(forge::KEY_TEXT, keys);
    let mut inserts = Vec::new();
    forge::unsigned(&mut inserts, millions.unsigned_abs());
    bomb.set_column(forge::INSERT, inserts);
    bomb.set_column(forge::ACTION, repeat(millions, 1));
    bomb.set_column(forge::VALUE_KIND, repeat(millions, 2));
    bomb.set_column(forge::PREDECESSOR_COUNT, repeat(millions, 0));
    let bytes = bomb.bytes();
    assert!(bytes.len() < 200, "{}", bytes.len());
    assert_eq!(
        refusal_before_decoding(&bytes),
        Refused::TooManyOperations { count: 10_000_000 }
    );
    assert_eq!(
        summary(&bytes),
        Err(Refused::TooManyOperations { count: 10_000_000 })
    );
}

#[test]
fn runs_that_add_up_beyond_all_numbers_are_refused() {
    let mut bomb = forged(&[row(3, "name", "x")]);
    let actions = repeat(i64::MAX, 1).repeat(3);
    bomb.set_column(forge::ACTION, actions);
    assert_eq!(
        refusal_before_decoding(&bomb.bytes()),
        Refused::TooManyOperations { count: u64::MAX }
    );
    let mut least = Vec::new();
    forge::signed(&mut least, i64::MIN);
    bomb.set_column(forge::ACTION, least);
    let refused = refusal_before_decoding(&bomb.bytes());
    assert_eq!(
        refused,
        Refused::Malformed {
            column: Column::Action,
            operation: 0
        }
    );
}

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
fn a_compressed_chunk_is_refused_before_it_is_inflated() {
    // Deflate with fixed codes: a zero, then copies of 258 bytes at distance 1, 13 bits each.
    let mut bits = vec![true, true, false];
    let code = |bits: &mut Vec<bool>, code: u16, len: u16| {
        bits.extend((0..len).rev().map(|bit| code >> bit & 1 == 1));
    };
    code(&mut bits, 0b0011_0000, 8);
    for _ in 0..300_000 {
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    code(&mut bits, 0, 7);
    let byte = |bits: &[bool]| {
        bits.iter()
            .rev()
            .fold(0u8, |byte, bit| byte << 1 | u8::from(*bit))
    };
    let deflated: Vec<u8> = bits.chunks(8).map(byte).collect();
    assert_eq!(
        refusal_before_decoding(&chunk(2, &deflated)),
        Refused::ChunkType { kind: 2 }
    );

    let mut ann = new_doc(&ANN);
    let mut long = put(&mut ann, &[(3, "name", "long ".repeat(100).into())]);
    assert_eq!(
        refusal_before_decoding(&long.bytes().into_owned()),
        Refused::ChunkType { kind: 2 }
    );
}

#[test]
fn documents_bundles_and_other_bytes_are_not_changes() {
    assert_eq!(
        refusal_before_decoding(&new_doc(&ANN).save()),
        Refused::ChunkType { kind: 0 }
    );
    assert_eq!(
        refusal_before_decoding(&chunk(3, b"")),
        Refused::ChunkType { kind: 3 }
    );
    assert_eq!(refusal_before_decoding(b""), Refused::NotAChunk);
    assert_eq!(
        refusal_before_decoding(b"\x85\x6f\x4a\x83"),
        Refused::NotAChunk
    );
    assert_eq!(
        refusal_before_decoding(&vec![0; CHANGE_BYTES_MAX + 1]),
        Refused::TooLong {
            bytes: CHANGE_BYTES_MAX + 1
        }
    );
}

#[test]
fn chunks_with_a_wrong_checksum_or_length_are_refused() {
    let honest = forged(&[row(3, "name", "Piling")]).bytes();
    let mut wrong = honest.clone();
    wrong[4] ^= 1;
    assert_eq!(refusal_before_decoding(&wrong), Refused::Checksum);
    let mut longer = honest.clone();
    longer.push(0);
    assert_eq!(refusal_before_decoding(&longer), Refused::ChunkLength);
    assert_eq!(
        refusal_before_decoding(&honest[..honest.len() - 1]),
        Refused::ChunkLength
    );
    let mut two = honest.clone();
    two.extend(&honest);
    assert_eq!(refusal_before_decoding(&two), Refused::ChunkLength);
}

#[test]
fn headers_hold_nothing_beside_what_a_change_needs() {
    let header = |change: fn(&mut Forged)| refusal_before_decoding(&with_header(change));
    assert_eq!(
        header(|forged| forged.message = b"hi".to_vec()),
        Refused::Message { bytes: 2 }
    );
    assert_eq!(
        header(|forged| forged.extra = vec![1, 0]),
        Refused::ExtraBytes { bytes: 2 }
    );
    assert_eq!(
        header(|forged| forged.time = -1),
        Refused::Time { time: -1 }
    );
    assert_eq!(
        header(|forged| forged.time = i64::MAX),
        Refused::Time { time: i64::MAX }
    );
    assert_eq!(
        header(|forged| forged.actor.clear()),
        Refused::ActorLength { bytes: 0 }
    );
    assert_eq!(
        header(|forged| forged.actor = vec![7; 65]),
        Refused::ActorLength { bytes: 65 }
    );
    assert_eq!(header(|forged| forged.seq = 0), Refused::Header);
    assert_eq!(header(|forged| forged.start_op = 0), Refused::Header);
    assert_eq!(
        header(|forged| forged.columns.clear()),
        Refused::NoOperations
    );
    assert_eq!(
        header(|forged| forged.dependencies.clear()),
        Refused::NoDependencies
    );
}

#[test]
fn dependencies_and_actors_stand_in_order_once_and_in_number() {
    let twice = with_header(|forged| forged.dependencies.push(genesis().hash()));
    assert_eq!(
        refusal_before_decoding(&twice),
        Refused::DependenciesUnordered
    );
    let actors = |others: Vec<Vec<u8>>| {
        refusal_before_decoding(&with_header(|forged| forged.others = others))
    };
    assert_eq!(
        actors(vec![GENESIS_ACTOR.to_vec(), GENESIS_ACTOR.to_vec()]),
        Refused::ActorsUnordered
    );
    assert_eq!(
        actors(vec![BOB.to_vec(), GENESIS_ACTOR.to_vec()]),
        Refused::ActorsUnordered
    );
    assert_eq!(
        actors(vec![GENESIS_ACTOR.to_vec(), ANN.to_vec()]),
        Refused::ActorsUnordered
    );

    let counts = |count: u64, before: &[u8]| {
        let mut body = before.to_vec();
        forge::unsigned(&mut body, count);
        refusal_before_decoding(&chunk(1, &body))
    };
    assert_eq!(
        counts(u64::MAX, &[]),
        Refused::TooManyDependencies { count: u64::MAX }
    );
    assert_eq!(counts(1_000, &[]), Refused::Header);
    let header = [0, 1, 7, 1, 1, 0, 0];
    assert_eq!(
        counts(u64::MAX, &header),
        Refused::TooManyActors { count: u64::MAX }
    );
    let header = [0, 1, 7, 1, 1, 0, 0, 0];
    assert_eq!(counts(u64::MAX, &header), Refused::Header);
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
fn columns_are_those_in_use_plain_in_order_and_not_empty() {
    let column = |spec: u32, data: Vec<u8>| {
        refusal_before_decoding(&with_header(|forged| forged.set_column(spec, data)))
    };
    assert_eq!(
        column(forge::ACTION | 8, vec![0x7f, 1]),
        Refused::CompressedColumn {
            spec: forge::ACTION | 8
        }
    );
    for spec in [0x94, 0xa5, 0x35, 0x1234_5670] {
        assert_eq!(column(spec, vec![1]), Refused::UnknownColumn { spec });
    }
    assert_eq!(
        column(forge::KEY_ACTOR, Vec::new()),
        Refused::ColumnLayout {
            spec: forge::KEY_ACTOR
        }
    );
    let swapped = with_header(|forged| forged.columns.swap(0, 1));
    assert_eq!(
        refusal_before_decoding(&swapped),
        Refused::ColumnLayout {
            spec: forge::OBJECT_ACTOR
        }
    );
    let twice = with_header(|forged| {
        let first = forged.columns[0].clone();
        forged.columns.insert(0, first);
    });
    assert_eq!(
        refusal_before_decoding(&twice),
        Refused::ColumnLayout {
            spec: forge::OBJECT_ACTOR
        }
    );
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
