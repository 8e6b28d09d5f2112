//! Writes change chunks from their parts, canonical or not.

use automerge::{Change, ChangeHash};
use sha2::{Digest, Sha256};

pub(crate) const OBJECT_ACTOR: u32 = 0x01;
pub(crate) const OBJECT_COUNTER: u32 = 0x02;
pub(crate) const KEY_ACTOR: u32 = 0x11;
pub(crate) const KEY_COUNTER: u32 = 0x13;
pub(crate) const KEY_TEXT: u32 = 0x15;
pub(crate) const INSERT: u32 = 0x34;
pub(crate) const ACTION: u32 = 0x42;
pub(crate) const VALUE_KIND: u32 = 0x56;
pub(crate) const VALUE: u32 = 0x57;
pub(crate) const PREDECESSOR_COUNT: u32 = 0x70;
pub(crate) const PREDECESSOR_ACTOR: u32 = 0x71;
pub(crate) const PREDECESSOR_COUNTER: u32 = 0x73;

/// An operation id: index into the header's actors, and counter.
pub(crate) type Id = (u64, u64);

#[derive(Clone, Debug)]
pub(crate) enum Key {
    Map(String),
    Head,
    Element(Id),
}

/// One operation as it stands in the columns.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) object: Option<Id>,
    pub(crate) key: Key,
    pub(crate) insert: bool,
    pub(crate) action: u64,
    pub(crate) kind: u64,
    pub(crate) value: Vec<u8>,
    pub(crate) predecessors: Vec<Id>,
}

/// A change, every part of which can be a lie.
#[derive(Clone, Debug)]
pub(crate) struct Forged {
    pub(crate) chunk_type: u8,
    pub(crate) dependencies: Vec<ChangeHash>,
    pub(crate) actor: Vec<u8>,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) time: i64,
    pub(crate) message: Vec<u8>,
    pub(crate) others: Vec<Vec<u8>>,
    pub(crate) columns: Vec<(u32, Vec<u8>)>,
    pub(crate) extra: Vec<u8>,
}

impl Forged {
    pub(crate) fn set_column(&mut self, spec: u32, data: Vec<u8>) {
        self.columns.retain(|(other, _)| *other != spec);
        self.columns.push((spec, data));
        self.columns.sort_by_key(|(spec, _)| *spec);
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        chunk(self.chunk_type, &self.body())
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        unsigned(&mut body, self.dependencies.len() as u64);
        for hash in &self.dependencies {
            body.extend(hash.0);
        }
        prefixed(&mut body, &self.actor);
        unsigned(&mut body, self.seq);
        unsigned(&mut body, self.start_op);
        signed(&mut body, self.time);
        prefixed(&mut body, &self.message);
        unsigned(&mut body, self.others.len() as u64);
        for actor in &self.others {
            prefixed(&mut body, actor);
        }
        unsigned(&mut body, self.columns.len() as u64);
        for (spec, data) in &self.columns {
            unsigned(&mut body, u64::from(*spec));
            unsigned(&mut body, data.len() as u64);
        }
        for (_, data) in &self.columns {
            body.extend(data);
        }
        body.extend(&self.extra);
        body
    }
}

/// Takes a real change apart.
pub(crate) fn forged_of(change: &Change) -> Forged {
    let mut forged = Forged {
        chunk_type: 1,
        dependencies: change.deps().to_vec(),
        actor: change.actor_id().to_bytes().to_vec(),
        seq: change.seq(),
        start_op: change.start_op().get(),
        time: change.timestamp(),
        message: Vec::new(),
        others: change
            .other_actor_ids()
            .iter()
            .map(|actor| actor.to_bytes().to_vec())
            .collect(),
        columns: Vec::new(),
        extra: Vec::new(),
    };
    // The header without columns ends in their number, zero; from there on stand the real ones.
    let columns_at = forged.body().len() - 1;
    let mut rest = &body_of(change.raw_bytes())[columns_at..];
    let count = read_unsigned(&mut rest);
    let layout: Vec<_> = (0..count)
        .map(|_| (read_unsigned(&mut rest), read_unsigned(&mut rest)))
        .collect();
    for (spec, len) in layout {
        let (data, after) = rest.split_at(len as usize);
        forged.columns.push((spec as u32, data.to_vec()));
        rest = after;
    }
    assert_eq!(forged.bytes(), change.raw_bytes());
    forged
}

fn body_of(mut bytes: &[u8]) -> &[u8] {
    bytes = &bytes[9..];
    let len = read_unsigned(&mut bytes) as usize;
    assert_eq!(len, bytes.len());
    bytes
}

fn read_unsigned(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

/// Frames a body with the right checksum.
pub(crate) fn chunk(chunk_type: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![chunk_type];
    prefixed(&mut hashed, body);
    let hash = Sha256::digest(&hashed);
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83];
    bytes.extend(&hash[..4]);
    bytes.extend(hashed);
    bytes
}

/// Encodes rows as Automerge would.
pub(crate) fn columns(rows: &[Row]) -> Vec<(u32, Vec<u8>)> {
    let objects = || rows.iter().map(|row| row.object);
    let elements = || rows.iter().map(|row| &row.key);
    let predecessors = || rows.iter().flat_map(|row| &row.predecessors);
    let mut columns = vec![
        (
            OBJECT_ACTOR,
            rle(objects().map(|id| id.map(|id| id.0)), unsigned),
        ),
        (
            OBJECT_COUNTER,
            rle(objects().map(|id| id.map(|id| id.1)), unsigned),
        ),
        (
            KEY_ACTOR,
            rle(
                elements().map(|key| match key {
                    Key::Element(id) => Some(id.0),
                    Key::Map(_) | Key::Head => None,
                }),
                unsigned,
            ),
        ),
        (
            KEY_COUNTER,
            delta(elements().map(|key| match key {
                Key::Element(id) => Some(id.1),
                Key::Head => Some(0),
                Key::Map(_) => None,
            })),
        ),
        (
            KEY_TEXT,
            rle(
                elements().map(|key| match key {
                    Key::Map(text) => Some(text.as_bytes()),
                    Key::Head | Key::Element(_) => None,
                }),
                prefixed,
            ),
        ),
        (INSERT, booleans(rows.iter().map(|row| row.insert))),
        (
            ACTION,
            rle(rows.iter().map(|row| Some(row.action)), unsigned),
        ),
        (
            VALUE_KIND,
            rle(
                rows.iter()
                    .map(|row| Some((row.value.len() as u64) << 4 | row.kind)),
                unsigned,
            ),
        ),
        (
            VALUE,
            rows.iter().flat_map(|row| row.value.clone()).collect(),
        ),
        (
            PREDECESSOR_COUNT,
            rle(
                rows.iter().map(|row| Some(row.predecessors.len() as u64)),
                unsigned,
            ),
        ),
        (
            PREDECESSOR_ACTOR,
            rle(predecessors().map(|id| Some(id.0)), unsigned),
        ),
        (
            PREDECESSOR_COUNTER,
            delta(predecessors().map(|id| Some(id.1))),
        ),
    ];
    columns.retain(|(_, data)| !data.is_empty());
    columns
}

/// A column that repeats one number `rows` times.
pub(crate) fn repeat(rows: i64, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    signed(&mut out, rows);
    unsigned(&mut out, value);
    out
}

pub(crate) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn signed(out: &mut Vec<u8>, mut value: i64) {
    while !(-0x40..0x40).contains(&value) {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

pub(crate) fn prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    unsigned(out, bytes.len() as u64);
    out.extend(bytes);
}

fn rle<T: PartialEq + Copy>(
    rows: impl Iterator<Item = Option<T>>,
    write: impl Fn(&mut Vec<u8>, T),
) -> Vec<u8> {
    let rows: Vec<_> = rows.collect();
    let mut out = Vec::new();
    if rows.iter().all(Option::is_none) {
        return out;
    }
    let mut literal = Vec::new();
    let flush = |out: &mut Vec<u8>, literal: &mut Vec<T>| {
        if !literal.is_empty() {
            signed(out, -(literal.len() as i64));
            literal.drain(..).for_each(|value| write(out, value));
        }
    };
    for run in rows.chunk_by(|a, b| a == b) {
        match run[0] {
            Some(value) if run.len() == 1 => literal.push(value),
            Some(value) => {
                flush(&mut out, &mut literal);
                signed(&mut out, run.len() as i64);
                write(&mut out, value);
            }
            None => {
                flush(&mut out, &mut literal);
                signed(&mut out, 0);
                unsigned(&mut out, run.len() as u64);
            }
        }
    }
    flush(&mut out, &mut literal);
    out
}

fn delta(rows: impl Iterator<Item = Option<u64>>) -> Vec<u8> {
    let mut last = 0i64;
    rle(
        rows.map(|row| {
            row.map(|value| {
                let difference = value.cast_signed() - last;
                last = value.cast_signed();
                difference
            })
        }),
        signed,
    )
}

fn booleans(rows: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut value = false;
    let mut run = 0;
    for row in rows {
        if row != value {
            unsigned(&mut out, run);
            (value, run) = (row, 0);
        }
        run += 1;
    }
    unsigned(&mut out, run);
    out
}
