//! The limits of a change. They are part of the rule: two replicas with other numbers would disagree.

/// Longest change in bytes, chunk header included.
pub const CHANGE_BYTES_MAX: usize = 1 << 20;
/// Most operations of one change.
pub const OPERATIONS_MAX: usize = 20_000;
/// Most predecessors named by all operations of one change together.
pub const PREDECESSORS_MAX: usize = 65_536;
/// Most changes one change may depend on; who sees more heads must write at some of them.
pub const DEPENDENCIES_MAX: u64 = 1_024;
/// Most actors one change may name beside its own; who overwrites the work of more must split the change.
pub const OTHER_ACTORS_MAX: u64 = 4_096;
/// Longest actor id in bytes.
pub const ACTOR_BYTES_MAX: usize = 64;
/// Latest time of a change. Automerge stores differences of times, so times near the ends of `i64` would be lost.
pub const TIME_MAX: i64 = 1 << 53;
/// How far beyond its past a change may start counting. An author who edits at old heads counts on from the
/// newest operation they hold, so the step must exceed what happens while an editor stays open.
pub const START_STEP_MAX: u64 = 1_000_000;
/// Most counters that a change and any line of its ancestors may have left out together. What is left up to
/// [`COUNTER_MAX`] is for operations alone, so that nobody brings a document to its end by steps.
pub const JUMPED_MAX: u64 = 1 << 30;
/// Largest operation counter. Automerge counts in 32 bits and panics beyond; this leaves room to say so in time.
pub const COUNTER_MAX: u64 = 1 << 31;
/// Longest text of one register in bytes.
pub const TEXT_BYTES_MAX: usize = 64 << 10;
/// Longest field name in bytes.
pub const FIELD_BYTES_MAX: usize = 64;
/// Most changes held as valid before they must be applied.
pub const PENDING_CHANGES_MAX: usize = 1_024;
/// Most operations of held changes, the last change aside.
pub const PENDING_OPERATIONS_MAX: usize = 32_768;
/// Most dependencies of held changes, the last change aside.
pub const PENDING_DEPENDENCIES_MAX: usize = 16_384;
