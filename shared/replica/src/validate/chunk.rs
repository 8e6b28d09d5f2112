//! The chunk and its header: everything of a change but its operations.

use automerge::ChangeHash;
use sha2::{Digest, Sha256};

use super::bytes::Reader;
use super::column::Rle;
use super::limits::{
    ACTOR_BYTES_MAX, CHANGE_BYTES_MAX, DEPENDENCIES_MAX, OPERATIONS_MAX, OTHER_ACTORS_MAX, TIME_MAX,
};
use super::refused::Refused;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const KIND_CHANGE: u8 = 1;

/// A chunk whose bytes are whole: framed, hashed, not yet read.
pub(super) struct Chunk<'a> {
    pub(super) hash: ChangeHash,
    body: &'a [u8],
}

/// A change's header, and its columns still encoded.
pub(super) struct Parsed<'a> {
    pub(super) dependencies: Vec<ChangeHash>,
    /// The author first, then the others whose operations are named.
    pub(super) actors: Vec<&'a [u8]>,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) time: i64,
    pub(super) columns: Columns<'a>,
    /// Number of operations, counted without visiting them.
    pub(super) operations: usize,
}

/// The columns in use, empty where absent.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) object_actor: &'a [u8],
    pub(super) object_counter: &'a [u8],
    pub(super) key_actor: &'a [u8],
    pub(super) key_counter: &'a [u8],
    pub(super) key_text: &'a [u8],
    pub(super) insert: &'a [u8],
    pub(super) action: &'a [u8],
    pub(super) value_kind: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) predecessor_count: &'a [u8],
    pub(super) predecessor_actor: &'a [u8],
    pub(super) predecessor_counter: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Frames `bytes` as one change chunk and checks its checksum.
    pub(super) fn frame(bytes: &'a [u8]) -> Result<Self, Refused> {
        if bytes.len() > CHANGE_BYTES_MAX {
            return Err(Refused::TooLong { bytes: bytes.len() });
        }
        let mut reader = Reader::new(bytes);
        if reader.array() != Some(MAGIC) {
            return Err(Refused::NotAChunk);
        }
        let checksum: [u8; 4] = reader.array().ok_or(Refused::NotAChunk)?;
        let kind = reader.byte().ok_or(Refused::NotAChunk)?;
        if kind != KIND_CHANGE {
            return Err(Refused::ChunkType { kind });
        }
        let hashed = reader.rest();
        let body = reader.prefixed().ok_or(Refused::ChunkLength)?;
        if !reader.is_empty() {
            return Err(Refused::ChunkLength);
        }
        // The length stands in its shortest form, so the hash over kind, length and body is one over these bytes.
        let hash: [u8; 32] = Sha256::new()
            .chain_update([kind])
            .chain_update(hashed)
            .finalize()
            .into();
        if hash[..4] != checksum {
            return Err(Refused::Checksum);
        }
        Ok(Self {
            hash: ChangeHash(hash),
            body,
        })
    }

    /// Reads the header and splits the columns, expanding nothing.
    pub(super) fn parse(&self) -> Result<Parsed<'a>, Refused> {
        let mut reader = Reader::new(self.body);
        let dependencies = dependencies(&mut reader)?;
        let author = actor(&mut reader)?;
        let seq = nonzero(&mut reader)?;
        let start_op = nonzero(&mut reader)?;
        let time = reader.signed().ok_or(Refused::Header)?;
        if !(0..=TIME_MAX).contains(&time) {
            return Err(Refused::Time { time });
        }
        let message = reader.unsigned().ok_or(Refused::Header)?;
        if message != 0 {
            return Err(Refused::Message { bytes: message });
        }
        let actors = actors(author, &mut reader)?;
        let columns = columns(&mut reader)?;
        if !reader.is_empty() {
            return Err(Refused::ExtraBytes {
                bytes: reader.rest().len(),
            });
        }
        Ok(Parsed {
            dependencies,
            actors,
            seq,
            start_op,
            time,
            operations: count_operations(columns.action)?,
            columns,
        })
    }
}

fn nonzero(reader: &mut Reader<'_>) -> Result<u64, Refused> {
    reader
        .unsigned()
        .filter(|value| *value > 0)
        .ok_or(Refused::Header)
}

fn dependencies(reader: &mut Reader<'_>) -> Result<Vec<ChangeHash>, Refused> {
    let count = reader.unsigned().ok_or(Refused::Header)?;
    if count > DEPENDENCIES_MAX {
        return Err(Refused::TooManyDependencies { count });
    }
    let hashes = (0..count)
        .map(|_| reader.array().map(ChangeHash).ok_or(Refused::Header))
        .collect::<Result<Vec<_>, _>>()?;
    if !hashes.is_sorted_by(|a, b| a < b) {
        return Err(Refused::DependenciesUnordered);
    }
    Ok(hashes)
}

fn actor<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Refused> {
    let actor = reader.prefixed().ok_or(Refused::Header)?;
    if actor.is_empty() || actor.len() > ACTOR_BYTES_MAX {
        return Err(Refused::ActorLength { bytes: actor.len() });
    }
    Ok(actor)
}

fn actors<'a>(author: &'a [u8], reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, Refused> {
    let count = reader.unsigned().ok_or(Refused::Header)?;
    if count > OTHER_ACTORS_MAX {
        return Err(Refused::TooManyActors { count });
    }
    let mut actors = vec![author];
    for _ in 0..count {
        actors.push(actor(reader)?);
    }
    let others = &actors[1..];
    if !others.is_sorted_by(|a, b| a < b) || others.binary_search(&author).is_ok() {
        return Err(Refused::ActorsUnordered);
    }
    Ok(actors)
}

const COMPRESSED: u32 = 0b1000;

fn columns<'a>(reader: &mut Reader<'a>) -> Result<Columns<'a>, Refused> {
    let count = reader.unsigned().ok_or(Refused::Header)?;
    let mut layout = Vec::new();
    let mut last = None;
    for _ in 0..count {
        let spec = reader.unsigned().and_then(|spec| u32::try_from(spec).ok());
        let spec = spec.ok_or(Refused::Header)?;
        let len = reader.unsigned().ok_or(Refused::Header)?;
        if spec & COMPRESSED != 0 {
            return Err(Refused::CompressedColumn { spec });
        }
        if len == 0 || last >= Some(spec) {
            return Err(Refused::ColumnLayout { spec });
        }
        // Refused here rather than below, so that `layout` is never longer than the columns that exist.
        Columns::default().slot(spec)?;
        last = Some(spec);
        layout.push((spec, len));
    }
    let mut columns = Columns::default();
    for (spec, len) in layout {
        *columns.slot(spec)? = reader.take(len).ok_or(Refused::ColumnLayout { spec })?;
    }
    Ok(columns)
}

impl<'a> Columns<'a> {
    /// The place of a column by its specification: four bits of type under its id.
    fn slot(&mut self, spec: u32) -> Result<&mut &'a [u8], Refused> {
        Ok(match spec {
            0x01 => &mut self.object_actor,
            0x02 => &mut self.object_counter,
            0x11 => &mut self.key_actor,
            0x13 => &mut self.key_counter,
            0x15 => &mut self.key_text,
            0x34 => &mut self.insert,
            0x42 => &mut self.action,
            0x56 => &mut self.value_kind,
            0x57 => &mut self.value,
            0x70 => &mut self.predecessor_count,
            0x71 => &mut self.predecessor_actor,
            0x73 => &mut self.predecessor_counter,
            // Includes the two columns of marks, 0x94 and 0xa5.
            spec => return Err(Refused::UnknownColumn { spec }),
        })
    }
}

fn count_operations(action: &[u8]) -> Result<usize, Refused> {
    let count = Rle::<u64>::count_rows(action).ok_or(Refused::Malformed {
        column: super::refused::Column::Action,
        operation: 0,
    })?;
    match usize::try_from(count) {
        Ok(0) => Err(Refused::NoOperations),
        Ok(count) if count <= OPERATIONS_MAX => Ok(count),
        _ => Err(Refused::TooManyOperations { count }),
    }
}
