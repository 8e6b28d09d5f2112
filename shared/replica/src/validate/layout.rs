//! What a document of this version looks like: a fixed set of shard maps, and scalars put into them.
//!
//! Nothing else is let through: no object is made, no register is emptied, and no sequence exists. The checks below this
//! one know registers of maps only, so a layout with texts needs theirs first: objects and elements that exist among
//! the change's ancestors.

use automerge::{ActorId, Change, ObjId};
use heqi_domain::RecordId;

use super::chunk::Chunk;
use super::limits::{FIELD_BYTES_MAX, TEXT_BYTES_MAX};
use super::operation::{Action, Key, Operation, OperationId, Operations, Value};
use super::refused::Refused;

/// Number of shard maps.
pub const SHARDS: usize = 256;

/// The change is not a genesis: a first change that makes one map per shard at the root, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a genesis change of {SHARDS} maps")]
pub struct NotAGenesis;

/// The shard maps of a document and the rule which record lives in which.
pub(super) struct Layout {
    actor: Vec<u8>,
    first_counter: u64,
    objects: Vec<ObjId>,
    shard_of: fn(&RecordId) -> u8,
}

/// What an operation does to its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Put,
    /// Takes losing values away and leaves the winner. Automerge writes this, as a delete, where its user puts the
    /// very value that wins a conflict already.
    Settle,
}

/// A register by its shard and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Register<'a> {
    pub(super) shard: u8,
    pub(super) key: &'a str,
}

impl Layout {
    /// Reads the layout off a document's genesis; shard `n` is the map its `n`th operation makes.
    pub(super) fn of(genesis: &Change, shard_of: fn(&RecordId) -> u8) -> Result<Self, NotAGenesis> {
        let chunk = Chunk::frame(genesis.raw_bytes()).map_err(|_| NotAGenesis)?;
        let parsed = chunk.parse().map_err(|_| NotAGenesis)?;
        let operations = Operations::decode(&parsed, &mut 0).map_err(|_| NotAGenesis)?;
        let makes_maps = operations.iter().all(|(operation, predecessors)| {
            operation.object.is_none()
                && operation.action == Action::Make
                && matches!(operation.key, Key::Map(_))
                && predecessors.is_empty()
        });
        if !parsed.dependencies.is_empty()
            || parsed.seq != 1
            || operations.len() != SHARDS
            || !makes_maps
        {
            return Err(NotAGenesis);
        }
        let actor = ActorId::from(parsed.actors[0]);
        let objects = (0..SHARDS as u64)
            .map(|shard| ObjId::Id(parsed.start_op + shard, actor.clone(), 0))
            .collect();
        Ok(Self {
            actor: parsed.actors[0].to_vec(),
            first_counter: parsed.start_op,
            objects,
            shard_of,
        })
    }

    pub(super) fn object(&self, shard: u8) -> &ObjId {
        &self.objects[usize::from(shard)]
    }

    /// The register an operation writes and what it does there, or why this layout has no place for it.
    pub(super) fn place<'a>(
        &self,
        operation: usize,
        row: &Operation<'a>,
        actors: &[&[u8]],
    ) -> Result<(Register<'a>, Effect), Refused> {
        let effect = match row.action {
            Action::Put => Effect::Put,
            Action::Delete => Effect::Settle,
            Action::Make => return Err(Refused::Make { operation }),
            Action::Increment => return Err(Refused::Increment { operation }),
            Action::Mark => return Err(Refused::Mark { operation }),
        };
        if row.insert {
            return Err(Refused::Insert { operation });
        }
        let Key::Map(key) = row.key else {
            return Err(Refused::SequenceKey { operation });
        };
        value_fits(operation, effect, row.value)?;
        let object = row.object.and_then(|object| self.shard(object, actors));
        let shard = object.ok_or(Refused::Object { operation })?;
        let record = record_of(key).ok_or(Refused::Key { operation })?;
        if (self.shard_of)(&record) != shard {
            return Err(Refused::Shard { operation });
        }
        Ok((Register { shard, key }, effect))
    }

    fn shard(&self, object: OperationId, actors: &[&[u8]]) -> Option<u8> {
        if actors[object.actor as usize] != self.actor {
            return None;
        }
        u8::try_from(object.counter.checked_sub(self.first_counter)?).ok()
    }
}

fn value_fits(operation: usize, effect: Effect, value: Value<'_>) -> Result<(), Refused> {
    match (effect, value) {
        (Effect::Put, Value::Text(text)) if text.len() > TEXT_BYTES_MAX => {
            Err(Refused::TextTooLong {
                operation,
                bytes: text.len(),
            })
        }
        (Effect::Put, Value::Text(_) | Value::Int(_) | Value::Bool(_)) => Ok(()),
        (Effect::Settle, Value::Null) => Ok(()),
        (Effect::Put | Effect::Settle, value) => Err(Refused::ValueKind {
            operation,
            kind: value.kind(),
        }),
    }
}

/// The record of a key `record/field`: 22 characters of base64url, then a name in visible ASCII without `/`.
fn record_of(key: &str) -> Option<RecordId> {
    let (record, field) = key.split_once('/')?;
    let named = (1..=FIELD_BYTES_MAX).contains(&field.len())
        && field
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'/');
    if !named || record.len() != RecordId::TEXT_LEN {
        return None;
    }
    RecordId::parse(record)
}

#[cfg(test)]
mod tests {
    use heqi_domain::RecordId;

    use super::record_of;

    #[test]
    fn keys_are_a_record_a_slash_and_a_short_ascii_name() {
        let id = RecordId([7; 16]);
        assert_eq!(record_of(&format!("{id}/name")), Some(id));
        assert_eq!(record_of(&format!("{id}/{}", "x".repeat(64))), Some(id));
        for field in ["", "a/b", "a b", "é", &"x".repeat(65)] {
            assert_eq!(record_of(&format!("{id}/{field}")), None, "{field:?}");
        }
        assert_eq!(record_of(&id.to_string()), None);
        // The last character carries two bits that must be zero.
        assert_eq!(record_of("AAAAAAAAAAAAAAAAAAAAAB/name"), None);
        assert_eq!(record_of("AAAAAAAAAAAAAAAAAAAAAAA/name"), None);
    }
}
