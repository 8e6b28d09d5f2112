//! Operations, row by row. As many rows are read as were counted, and no column may hold more.

use super::bytes::Reader;
use super::chunk::{Columns, Parsed};
use super::column::{Boolean, Delta, Rle};
use super::limits::{COUNTER_MAX, PREDECESSORS_MAX};
use super::refused::{Column, Refused};

/// An operation's id; `actor` indexes the header's actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OperationId {
    pub(super) counter: u64,
    pub(super) actor: u32,
}

/// What an operation does, as its column says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Make,
    Put,
    Delete,
    Increment,
    Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Map(&'a str),
    /// An element of a sequence, or its head.
    Sequence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Int(i64),
    Bool(bool),
    Null,
    /// A type not in use, by its code.
    Other(u8),
}

impl Value<'_> {
    /// The code of its type.
    pub(super) fn kind(self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Int(_) => 4,
            Self::Text(_) => 6,
            Self::Other(kind) => kind,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operation<'a> {
    /// `None` is the root.
    pub(super) object: Option<OperationId>,
    pub(super) key: Key<'a>,
    pub(super) insert: bool,
    pub(super) action: Action,
    pub(super) value: Value<'a>,
    /// Where its predecessors end; they begin where those of the operation before end.
    predecessors_end: usize,
}

/// All operations of a change, their text borrowed from its bytes.
pub(super) struct Operations<'a> {
    rows: Vec<Operation<'a>>,
    predecessors: Vec<OperationId>,
}

impl<'a> Operations<'a> {
    /// Decodes the counted rows, adding each to `decoded`.
    pub(super) fn decode(parsed: &Parsed<'a>, decoded: &mut u64) -> Result<Self, Refused> {
        let mut decoder = Decoder::new(&parsed.columns, &parsed.actors);
        let mut rows = Vec::with_capacity(parsed.operations);
        for operation in 0..parsed.operations {
            *decoded += 1;
            rows.push(decoder.next_operation(operation)?);
        }
        decoder.finish()?;
        Ok(Self {
            rows,
            predecessors: decoder.predecessors,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Every operation with its predecessors.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Operation<'a>, &[OperationId])> {
        let mut start = 0;
        self.rows.iter().map(move |row| {
            let predecessors = &self.predecessors[start..row.predecessors_end];
            start = row.predecessors_end;
            (row, predecessors)
        })
    }
}

struct Decoder<'a, 'p> {
    actors: &'p [&'a [u8]],
    used: Vec<bool>,
    object_actor: Rle<'a, u64>,
    object_counter: Rle<'a, u64>,
    key_actor: Rle<'a, u64>,
    key_counter: Delta<'a>,
    key_text: Rle<'a, &'a str>,
    insert: Boolean<'a>,
    action: Rle<'a, u64>,
    value_kind: Rle<'a, u64>,
    value: Reader<'a>,
    predecessor_count: Rle<'a, u64>,
    predecessor_actor: Rle<'a, u64>,
    predecessor_counter: Delta<'a>,
    predecessors: Vec<OperationId>,
}

impl<'a, 'p> Decoder<'a, 'p> {
    fn new(columns: &Columns<'a>, actors: &'p [&'a [u8]]) -> Self {
        // The author is used by the operations' own ids.
        let mut used = vec![false; actors.len()];
        used[0] = true;
        Self {
            actors,
            used,
            object_actor: Rle::new(columns.object_actor),
            object_counter: Rle::new(columns.object_counter),
            key_actor: Rle::new(columns.key_actor),
            key_counter: Delta::new(columns.key_counter),
            key_text: Rle::new(columns.key_text),
            insert: Boolean::new(columns.insert),
            action: Rle::new(columns.action),
            value_kind: Rle::new(columns.value_kind),
            value: Reader::new(columns.value),
            predecessor_count: Rle::new(columns.predecessor_count),
            predecessor_actor: Rle::new(columns.predecessor_actor),
            predecessor_counter: Delta::new(columns.predecessor_counter),
            predecessors: Vec::new(),
        }
    }

    fn next_operation(&mut self, operation: usize) -> Result<Operation<'a>, Refused> {
        let malformed = |column| Refused::Malformed { column, operation };
        let object = self.object().ok_or(malformed(Column::Object))?;
        let key = self.key().ok_or(malformed(Column::Key))?;
        let insert = self.insert.next_row().ok_or(malformed(Column::Insert))?;
        let action = self
            .action
            .next_row()
            .flatten()
            .ok_or(malformed(Column::Action))?;
        let action = match action {
            0 | 2 | 4 | 6 => Action::Make,
            1 => Action::Put,
            3 => Action::Delete,
            5 => Action::Increment,
            7 => Action::Mark,
            action => return Err(Refused::UnknownAction { operation, action }),
        };
        let value = self.value().ok_or(malformed(Column::Value))?;
        self.predecessors(operation)?;
        Ok(Operation {
            object,
            key,
            insert,
            action,
            value,
            predecessors_end: self.predecessors.len(),
        })
    }

    fn object(&mut self) -> Option<Option<OperationId>> {
        match (
            self.object_actor.next_row()?,
            self.object_counter.next_row()?,
        ) {
            (None, None) => Some(None),
            (Some(actor), Some(counter)) => self.id(actor, counter).map(Some),
            _ => None,
        }
    }

    fn key(&mut self) -> Option<Key<'a>> {
        let text = self.key_text.next_row()?;
        match (
            self.key_actor.next_row()?,
            self.key_counter.next_row()?,
            text,
        ) {
            (None, None, Some(text)) => Some(Key::Map(text)),
            (None, Some(0), None) => Some(Key::Sequence),
            (Some(actor), Some(counter), None) => {
                self.id(actor, u64::try_from(counter).ok()?)?;
                Some(Key::Sequence)
            }
            _ => None,
        }
    }

    fn value(&mut self) -> Option<Value<'a>> {
        let meta = self.value_kind.next_row()??;
        let kind = (meta & 0xf) as u8;
        let data = self.value.take(meta >> 4)?;
        match (kind, data.len()) {
            (0, 0) => Some(Value::Null),
            (1, 0) => Some(Value::Bool(false)),
            (2, 0) => Some(Value::Bool(true)),
            (4, _) => {
                let mut reader = Reader::new(data);
                let value = reader.signed()?;
                reader.is_empty().then_some(Value::Int(value))
            }
            (6, _) => str::from_utf8(data).ok().map(Value::Text),
            (0..=2, _) => None,
            (kind, _) => Some(Value::Other(kind)),
        }
    }

    fn predecessors(&mut self, operation: usize) -> Result<(), Refused> {
        let malformed = Refused::Malformed {
            column: Column::Predecessors,
            operation,
        };
        let Some(Some(count)) = self.predecessor_count.next_row() else {
            return Err(malformed);
        };
        let total = count.saturating_add(self.predecessors.len() as u64);
        if total > PREDECESSORS_MAX as u64 {
            return Err(Refused::TooManyPredecessors { count: total });
        }
        let start = self.predecessors.len();
        for _ in 0..count {
            let id = self.predecessor().ok_or(malformed.clone())?;
            self.predecessors.push(id);
        }
        let in_order = self.predecessors[start..].is_sorted_by(|a, b| {
            let name = |id: &OperationId| (id.counter, self.actors[id.actor as usize]);
            name(a) < name(b)
        });
        if in_order {
            Ok(())
        } else {
            Err(Refused::PredecessorsUnordered { operation })
        }
    }

    fn predecessor(&mut self) -> Option<OperationId> {
        let actor = self.predecessor_actor.next_row()??;
        let counter = self.predecessor_counter.next_row()??;
        self.id(actor, u64::try_from(counter).ok()?)
    }

    fn id(&mut self, actor: u64, counter: u64) -> Option<OperationId> {
        *self.used.get_mut(usize::try_from(actor).ok()?)? = true;
        let actor = u32::try_from(actor).ok()?;
        (1..=COUNTER_MAX)
            .contains(&counter)
            .then_some(OperationId { counter, actor })
    }

    /// Checks that every column ends with the last operation and every actor was named.
    fn finish(&self) -> Result<(), Refused> {
        let done = [
            (
                Column::Object,
                self.object_actor.is_done() && self.object_counter.is_done(),
            ),
            (
                Column::Key,
                self.key_actor.is_done() && self.key_counter.is_done() && self.key_text.is_done(),
            ),
            (Column::Insert, self.insert.is_done()),
            (Column::Action, self.action.is_done()),
            (
                Column::Value,
                self.value_kind.is_done() && self.value.is_empty(),
            ),
            (
                Column::Predecessors,
                self.predecessor_count.is_done()
                    && self.predecessor_actor.is_done()
                    && self.predecessor_counter.is_done(),
            ),
        ];
        if let Some((column, _)) = done.into_iter().find(|(_, done)| !done) {
            return Err(Refused::SurplusRows { column });
        }
        match self.used.iter().position(|used| !used) {
            Some(index) => Err(Refused::UnusedActor { index }),
            None => Ok(()),
        }
    }
}
