//! What a plan may hold at most. Commands refuse what goes beyond; what merges beyond a limit is still shown.

/// Characters of a name.
pub const NAME_CHARS_MAX: usize = 255;
/// Bytes of notes.
pub const NOTES_BYTES_MAX: usize = 16 * 1024;
/// Characters of an accountable, a WBS code, a calendar's name.
pub const SHORT_TEXT_CHARS_MAX: usize = 100;
/// Tasks that are not deleted.
pub const TASKS_MAX: usize = 50_000;
/// Levels of the outline.
pub const DEPTH_MAX: usize = 64;
/// Characters of an order key; beyond it the siblings get new keys.
pub const ORDER_KEY_CHARS_MAX: usize = 96;
/// Writes that are cut into one change.
pub const CHUNK_WRITES_MAX: usize = 5_000;
/// Steps back that the search for a conflict's base takes.
pub const BASE_STEPS_MAX: usize = 64;
/// Steps that can be undone.
pub const UNDO_STEPS_MAX: usize = 200;
