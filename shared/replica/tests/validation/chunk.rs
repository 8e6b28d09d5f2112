//! Attacks by the bytes of a chunk, its header and the layout of its columns.

use heqi_replica::validate::{CHANGE_BYTES_MAX, Column, Refused, SHARDS, Verdict, summary};

use crate::forge::{self, Forged, chunk, repeat};
use crate::refusal::{refusal_before_decoding, with_header};
use crate::world::{ANN, BOB, GENESIS_ACTOR, World, forged, genesis, new_doc, put, row};

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
        refusal_before_decoding(&long.bytes()),
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
