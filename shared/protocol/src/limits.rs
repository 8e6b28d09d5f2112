//! Every bound of the protocol, by name. Bytes unless the name says otherwise.

/// A whole sealed envelope.
pub const ENVELOPE_BYTES_MAX: usize = 1 << 20;
/// One frame of either direction. WebSocket message limits are set to it.
pub const FRAME_BYTES_MAX: usize = 4 << 20;
/// Payload that a relay puts in one frame of entries before it starts the next.
pub const ENTRIES_BYTES_SOFT: usize = 512 << 10;
/// Entries in one frame.
pub const ENTRIES_PER_FRAME_MAX: usize = 4096;
/// One charter entry: a rotation of every space for every recipient has room.
pub const CHARTER_ENTRY_BYTES_MAX: usize = 2 << 20;
/// Entries a charter may grow to.
pub const CHARTER_ENTRIES_MAX: usize = 100_000;
/// Entries at the end of a charter that are kept for the managers of each party.
pub const CHARTER_RESERVE_MAX: usize = 16;
/// Bytes of all entries of a charter; those that come on top are kept for the managers of each party.
pub const CHARTER_BYTES_MAX: usize = 64 << 20;
/// Bytes on top of them for each party: the largest entry has room.
pub const CHARTER_RESERVE_BYTES_MAX: usize = 2 << 20;
/// Key boxes in one charter entry and space: devices, pending invites and offers together.
pub const BOXES_MAX: usize = 2048;
/// Spaces that one charter entry may carry keys for.
pub const SPACES_PER_ENTRY_MAX: usize = 64;
/// Parties of a venture.
pub const PARTIES_MAX: usize = 64;
/// Devices of a venture.
pub const DEVICES_MAX: usize = 1000;
/// Invites of a venture that are neither used nor revoked. One for each party there can be is kept for its managers.
pub const PENDING_INVITES_MAX: usize = 200;
/// Ciphertext of a name in the charter, padding and tag included.
pub const SEALED_NAME_BYTES_MAX: usize = 1024;
/// The address a client dialled.
pub const ORIGIN_BYTES_MAX: usize = 256;
/// Points of a locator: enough for exponentially spaced points over 2^60 entries.
pub const LOCATOR_POINTS_MAX: usize = 64;
/// Documents of one venture that a relay keeps.
pub const DOCUMENTS_MAX: usize = 100_000;
/// Documents one frame lists.
pub const DOCUMENTS_PER_FRAME_MAX: usize = 4096;
/// Device offers and recovery keys of a venture that are neither used nor withdrawn.
pub const OFFERS_MAX: usize = 800;
/// Proposals of one party that are neither carried out nor dropped.
pub const PROPOSALS_MAX: usize = 8;
/// Rules of access that one entry sets.
pub const ACCESS_RULES_MAX: usize = 64;
/// Documents for which one removal states how far its author has read.
pub const REMOVAL_DOCUMENTS_MAX: usize = 4096;
/// Envelopes that one entry takes in.
pub const TAKE_IN_MAX: usize = 1024;
/// Envelopes that the managers of one party take in.
pub const TAKEN_IN_MAX: usize = 8_192;
/// Complaints of one device about the keys of one space.
pub const COMPLAINTS_MAX: usize = 8;
/// Older keys that one device seals again under one epoch of a space.
pub const RECHAINS_MAX: usize = 8;
/// Names that one device gives.
pub const NAMES_MAX: usize = 256;
