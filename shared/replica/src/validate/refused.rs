//! The closed vocabulary of refusals.

use automerge::ChangeHash;

/// A column of a change chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Object,
    Key,
    Insert,
    Action,
    Value,
    Predecessors,
}

/// Why a change is not let through to Automerge. `operation` counts from zero within the change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("a change of {bytes} bytes is too long")]
    TooLong { bytes: usize },
    #[error("not an Automerge chunk")]
    NotAChunk,
    #[error("chunk of type {kind}, not an uncompressed change")]
    ChunkType { kind: u8 },
    #[error("the chunk's length is not that of the bytes")]
    ChunkLength,
    #[error("the checksum does not match")]
    Checksum,
    #[error("the header ends too soon or is malformed")]
    Header,
    #[error("{count} dependencies are too many")]
    TooManyDependencies { count: u64 },
    #[error("the change depends on nothing")]
    NoDependencies,
    #[error("dependencies are not in ascending order, each once")]
    DependenciesUnordered,
    #[error("an actor of {bytes} bytes")]
    ActorLength { bytes: usize },
    #[error("{count} actors are too many")]
    TooManyActors { count: u64 },
    #[error("actors are not in ascending order, each once")]
    ActorsUnordered,
    #[error("actor {index} of the header is used by no operation")]
    UnusedActor { index: usize },
    #[error("actor {index} of the header wrote nothing the change depends on")]
    UnknownActor { index: usize },
    #[error("the author may not write as this actor")]
    ActorForbidden { actor: Vec<u8> },
    #[error("a time of {time}")]
    Time { time: i64 },
    #[error("a message of {bytes} bytes")]
    Message { bytes: u64 },
    #[error("{bytes} bytes behind the columns")]
    ExtraBytes { bytes: usize },
    #[error("column {spec} is compressed")]
    CompressedColumn { spec: u32 },
    #[error("column {spec} is unknown or of a kind not in use")]
    UnknownColumn { spec: u32 },
    #[error("column {spec} is out of order, repeated or empty")]
    ColumnLayout { spec: u32 },
    #[error("no operations")]
    NoOperations,
    #[error("{count} operations are too many")]
    TooManyOperations { count: u64 },
    #[error("{count} predecessors are too many")]
    TooManyPredecessors { count: u64 },
    #[error("the {column:?} column is malformed at operation {operation}")]
    Malformed { column: Column, operation: usize },
    #[error("the {column:?} column has rows behind the last operation")]
    SurplusRows { column: Column },
    #[error("operation {operation} has predecessors out of order")]
    PredecessorsUnordered { operation: usize },
    #[error("operation {operation} has the unknown action {action}")]
    UnknownAction { operation: usize, action: u64 },
    #[error("operation {operation} makes an object")]
    Make { operation: usize },
    #[error("operation {operation} deletes what it does not leave a later value in place of")]
    Delete { operation: usize },
    #[error("operation {operation} increments")]
    Increment { operation: usize },
    #[error("operation {operation} marks")]
    Mark { operation: usize },
    #[error("operation {operation} inserts into a sequence")]
    Insert { operation: usize },
    #[error("operation {operation} names an element of a sequence")]
    SequenceKey { operation: usize },
    #[error("operation {operation} is not in a shard map")]
    Object { operation: usize },
    #[error("operation {operation} has a key that is not of the form record/field")]
    Key { operation: usize },
    #[error("operation {operation} is in another shard than its record belongs to")]
    Shard { operation: usize },
    #[error("operation {operation} puts a value of type {kind}")]
    ValueKind { operation: usize, kind: u8 },
    #[error("operation {operation} puts a text of {bytes} bytes")]
    TextTooLong { operation: usize, bytes: usize },
    #[error("operation {operation} overwrites what its author cannot have seen there")]
    UnknownPredecessor { operation: usize },
    #[error("operation {operation} leaves standing beside it what its author saw there")]
    PredecessorMissing { operation: usize },
    #[error("change {found} of its actor where {expected} is next")]
    Sequence { expected: u64, found: u64 },
    #[error("the actor has another change {seq} already")]
    SequenceTaken { seq: u64, held: ChangeHash },
    #[error("the change does not depend on its actor's previous one, {previous}")]
    OwnPastMissing { previous: ChangeHash },
    #[error("operations start at {start}, not after {past}, the last the author saw")]
    StartTooLow { start: u64, past: u64 },
    #[error("operations start at {start}, too far beyond {past}, the last the author saw")]
    StartTooHigh { start: u64, past: u64 },
    #[error("its operations and those before it leave out {jumped} counters")]
    JumpedTooFar { jumped: u64 },
    #[error("operations count up to {counter}")]
    CounterTooLarge { counter: u64 },
    #[error("not in the one form Automerge itself writes")]
    NotCanonical,
    #[error("Automerge does not read it: {reason}")]
    Automerge { reason: String },
}
