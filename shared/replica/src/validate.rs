//! Decides whether a change may reach Automerge.
//!
//! A change comes from a member who may write, which does not make it harmless: Automerge 0.12 expands a hundred bytes
//! to gigabytes, panics on ids that do not exist, and applies changes whose document it cannot load again. So the bytes
//! are read here first, with bounds, by a reader that never expands a run, and only what fits the document's layout and
//! the change's own past goes on. Nothing here panics on any input, and the cost of a refusal is bounded by the size of
//! the change and of the registers it names.
//!
//! The rule is a function of the change and its ancestors, whatever else the document holds, so every replica decides
//! alike. One refusal is not: [`Refused::SequenceTaken`], of two changes an actor numbered alike, refuses the second to
//! arrive. Replicas agree on it as far as they take an actor's changes in one order, which its stream's chain gives.
//! [`RULE_VERSION`] changes with any change of the rule, the numbers in it included.
//!
//! A change passes in this order: framed and hashed, header parsed, operations counted, rows decoded, each row given its
//! register by the layout, dependencies found, actor and counters checked against them, predecessors held against what
//! the document shows *at the dependencies*, and at last read by Automerge and required to be what Automerge itself
//! would write. A device holds its own changes to the same rule before it keeps them: what others refuse would cut it off.

mod bytes;
mod chunk;
mod column;
mod index;
mod layout;
mod limits;
mod operation;
mod refused;
mod register;

use automerge::{Automerge, Change, ChangeHash, ReadDoc};
use heqi_domain::RecordId;

use chunk::{Chunk, Parsed};
use index::{ChangeIndex, Node};
use layout::{Effect, Layout, Register};
use operation::{OperationId, Operations};
use register::{KnownId, Past, Pending, Registers, Write};

pub use layout::{NotAGenesis, SHARDS};
pub use limits::*;
pub use refused::{Column, Refused};

/// Version of the rule.
pub const RULE_VERSION: u32 = 2;

/// What becomes of a change that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Held as valid until [`Validator::take_valid`].
    Valid(ChangeHash),
    /// Applied or held already.
    Known(ChangeHash),
    /// Cannot be judged before these changes are known.
    Waiting(Vec<ChangeHash>),
    /// Not looked at: the held changes must be taken and applied first.
    Full,
}

/// A change's header, read without expanding or judging its operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub hash: ChangeHash,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub dependencies: Vec<ChangeHash>,
    /// Counter of the first operation.
    pub start_op: u64,
    pub operations: usize,
    pub time: i64,
}

/// Reads the header of a change chunk; refuses what no document could accept.
pub fn summary(bytes: &[u8]) -> Result<Header, Refused> {
    let chunk = Chunk::frame(bytes)?;
    let parsed = chunk.parse()?;
    Ok(Header {
        hash: chunk.hash,
        actor: parsed.actors[0].to_vec(),
        seq: parsed.seq,
        dependencies: parsed.dependencies,
        start_op: parsed.start_op,
        operations: parsed.operations,
        time: parsed.time,
    })
}

/// Where a new change stands among those of its actor and the operations of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub seq: u64,
    /// Counter of its first operation.
    pub start_op: u64,
}

/// Judges the changes of one document, and holds those found valid until they are applied together.
pub struct Validator {
    layout: Layout,
    index: ChangeIndex,
    pending: Pending,
    valid: Vec<Change>,
    operations_decoded: u64,
}

/// The document does not hold its genesis, or that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the document does not hold change {0}")]
    Missing(ChangeHash),
    #[error(transparent)]
    Genesis(#[from] NotAGenesis),
}

impl Validator {
    /// Reads the graph of `doc`, which must hold validated changes only. Shard `n` is the map made by the `n`th
    /// operation of `genesis`; `shard_of` says which a record belongs to and is part of the rule.
    pub fn open(
        doc: &Automerge,
        genesis: &ChangeHash,
        shard_of: fn(&RecordId) -> u8,
    ) -> Result<Self, OpenError> {
        let change = doc
            .get_change_by_hash(genesis)
            .ok_or(OpenError::Missing(*genesis))?;
        Ok(Self {
            layout: Layout::of(&change, shard_of)?,
            index: ChangeIndex::of(doc),
            pending: Pending::default(),
            valid: Vec::new(),
            operations_decoded: 0,
        })
    }

    /// Judges one change by its raw bytes. `doc` is the document of [`Validator::open`] with everything taken since
    /// applied; `actor_allowed` says whether the change's sender may write as its actor.
    pub fn check(
        &mut self,
        doc: &Automerge,
        bytes: &[u8],
        actor_allowed: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Verdict, Refused> {
        if self.is_full() {
            return Ok(Verdict::Full);
        }
        let chunk = Chunk::frame(bytes)?;
        if self.index.node(&chunk.hash).is_some() {
            return Ok(Verdict::Known(chunk.hash));
        }
        let parsed = chunk.parse()?;
        if parsed.dependencies.is_empty() {
            return Err(Refused::NoDependencies);
        }
        if !actor_allowed(parsed.actors[0]) {
            return Err(Refused::ActorForbidden {
                actor: parsed.actors[0].to_vec(),
            });
        }
        let operations = Operations::decode(&parsed, &mut self.operations_decoded)?;
        let places = self.places(&parsed, &operations)?;
        let dependencies = match self.dependencies(&parsed) {
            Ok(nodes) => nodes,
            Err(missing) => return Ok(Verdict::Waiting(missing)),
        };
        self.sequence(&parsed, &dependencies)?;
        self.counters(&parsed, &dependencies)?;
        let writes = self.writes(doc, &parsed, &operations, &places, &dependencies)?;
        let change = canonical(bytes)?;
        self.hold(change, &dependencies, writes);
        Ok(Verdict::Valid(chunk.hash))
    }

    /// The changes found valid since the last call, in an order that can be applied. The caller applies all of them
    /// before the next [`Validator::check`]; if Automerge fails, opens a new validator on the document.
    pub fn take_valid(&mut self) -> Vec<Change> {
        self.pending = Pending::default();
        std::mem::take(&mut self.valid)
    }

    /// Where a change of `actor` on these dependencies stands. It counts on from the newest operation that is known, so
    /// that it is the latest among what competes with it, as far as the rule lets it.
    pub fn place(&self, actor: &[u8], dependencies: &[ChangeHash]) -> Place {
        let latest = self.index.actor(actor).map(|it| self.index.latest(it));
        let nodes = dependencies.iter().filter_map(|hash| self.index.node(hash));
        let past = self.index.reach(&nodes.collect::<Vec<_>>());
        let step_max = START_STEP_MAX.min(JUMPED_MAX.saturating_sub(past.jumped) + 1);
        Place {
            seq: latest.map_or(1, |latest| latest.seq + 1),
            start_op: (self.index.max_op() + 1).min(past.max_op + step_max),
        }
    }

    /// True where a change of the actor is applied or held.
    pub fn knows(&self, actor: &[u8]) -> bool {
        self.index.actor(actor).is_some()
    }

    /// Number of operations decoded since opening, those of refused changes included.
    pub fn operations_decoded(&self) -> u64 {
        self.operations_decoded
    }

    fn is_full(&self) -> bool {
        self.pending.len() >= PENDING_CHANGES_MAX
            || self.pending.operations >= PENDING_OPERATIONS_MAX
            || self.pending.dependencies >= PENDING_DEPENDENCIES_MAX
    }

    /// The register and effect of each operation, all of which the layout must have a place for.
    fn places<'a>(
        &self,
        parsed: &Parsed<'a>,
        operations: &Operations<'a>,
    ) -> Result<Vec<(Register<'a>, Effect)>, Refused> {
        let rows = operations.iter().enumerate();
        rows.map(|(operation, (row, _))| self.layout.place(operation, row, &parsed.actors))
            .collect()
    }

    fn dependencies(&self, parsed: &Parsed<'_>) -> Result<Vec<Node>, Vec<ChangeHash>> {
        let known: Vec<Node> = parsed
            .dependencies
            .iter()
            .filter_map(|hash| self.index.node(hash))
            .collect();
        if known.len() == parsed.dependencies.len() {
            return Ok(known);
        }
        let missing = parsed
            .dependencies
            .iter()
            .filter(|hash| self.index.node(hash).is_none());
        Err(missing.copied().collect())
    }

    /// Requires the number after that of the actor's newest change, and that change among the ancestors: else the
    /// counters of the two could overlap.
    fn sequence(&self, parsed: &Parsed<'_>, dependencies: &[Node]) -> Result<(), Refused> {
        let latest = self
            .index
            .actor(parsed.actors[0])
            .map(|actor| self.index.latest(actor));
        let expected = latest.map_or(1, |latest| latest.seq + 1);
        if parsed.seq > expected {
            return Err(Refused::Sequence {
                expected,
                found: parsed.seq,
            });
        }
        let Some(latest) = latest else {
            return Ok(());
        };
        let held = self.index.hash(latest.node);
        if parsed.seq < expected {
            return Err(Refused::SequenceTaken {
                seq: parsed.seq,
                held,
            });
        }
        if !self.index.reaches(dependencies, latest.node) {
            return Err(Refused::OwnPastMissing { previous: held });
        }
        Ok(())
    }

    fn counters(&self, parsed: &Parsed<'_>, dependencies: &[Node]) -> Result<(), Refused> {
        let reach = self.index.reach(dependencies);
        let (start, past) = (parsed.start_op, reach.max_op);
        if start <= past {
            return Err(Refused::StartTooLow { start, past });
        }
        if start - past > START_STEP_MAX {
            return Err(Refused::StartTooHigh { start, past });
        }
        let jumped = reach.jumped + start - past - 1;
        if jumped > JUMPED_MAX {
            return Err(Refused::JumpedTooFar { jumped });
        }
        let counter = start + parsed.operations as u64 - 1;
        if counter > COUNTER_MAX {
            return Err(Refused::CounterTooLarge { counter });
        }
        Ok(())
    }

    /// Requires each operation to overwrite what stands in its register, for the author and at that operation.
    fn writes<'a>(
        &self,
        doc: &Automerge,
        parsed: &Parsed<'a>,
        operations: &Operations<'a>,
        places: &[(Register<'a>, Effect)],
        dependencies: &[Node],
    ) -> Result<Vec<(Register<'a>, Write)>, Refused> {
        let slot = self.pending.next_slot();
        let actors = self.known_actors(parsed)?;
        let known = |id: &OperationId| KnownId {
            counter: id.counter,
            actor: actors[id.actor as usize],
        };
        let past = Past::new(doc, &self.index, &self.layout, &self.pending, dependencies);
        let mut registers = Registers::new(past);
        let mut writes = Vec::with_capacity(operations.len());
        let rows = operations.iter().zip(places).enumerate();
        for ((operation, ((_, predecessors), (register, effect))), counter) in
            rows.zip(parsed.start_op..)
        {
            let id = KnownId {
                counter,
                actor: actors[0],
            };
            let overwritten = predecessors.iter().map(known).collect();
            let write = Write {
                slot,
                id,
                effect: *effect,
                overwritten,
            };
            registers.write(operation, *register, &write)?;
            writes.push((*register, write));
        }
        Ok(writes)
    }

    /// The header's actors by their positions in the index; a new author takes the next.
    fn known_actors(&self, parsed: &Parsed<'_>) -> Result<Vec<index::Actor>, Refused> {
        let author = self
            .index
            .actor(parsed.actors[0])
            .unwrap_or(self.index.next_actor());
        let mut actors = vec![author];
        for (index, actor) in parsed.actors.iter().enumerate().skip(1) {
            actors.push(
                self.index
                    .actor(actor)
                    .ok_or(Refused::UnknownActor { index })?,
            );
        }
        Ok(actors)
    }

    fn hold(&mut self, change: Change, dependencies: &[Node], writes: Vec<(Register<'_>, Write)>) {
        if let Some(node) = self.index.insert_change(&change) {
            self.pending.insert(node, dependencies);
            for (register, write) in writes {
                self.pending.write(register, write);
            }
            self.valid.push(change);
        }
    }
}

/// Lets Automerge read the bytes, now that they are known to be small, and requires that it would write them so.
fn canonical(bytes: &[u8]) -> Result<Change, Refused> {
    let change = Change::try_from(bytes).map_err(|error| Refused::Automerge {
        reason: error.to_string(),
    })?;
    if Change::from(change.decode()).raw_bytes() == bytes {
        Ok(change)
    } else {
        Err(Refused::NotCanonical)
    }
}
