//! The sans-IO replica: documents, keyring, seal and open, outbox, inbox, session.
//!
//! A shell (command line, browser worker, simulation) owns the clock, the store and the socket; [`Replica`] owns
//! everything that must be right whatever the shell:
//!
//! ```text
//! Ask ─► command ─► document ─► unsealed ─► seal ─► outbox ─► Send
//! View ◄─ diff ◄─ document ◄─ validate ◄─ open ◄─ log ◄─ Frame
//! ```
//!
//! - Everything that is sent was told to be persisted before, in the order of the outputs; resending repeats the bytes.
//! - A local edit reaches the view through the same diff as a remote one.
//! - A change reaches Automerge only through [`validate`].
//! - What cannot be opened or validated is quarantined with its reason, never an error and never dropped.
//!
//! It knows nothing of time but what it is told, and of people but what charter and plan say.

pub mod archive;
mod code;
mod document;
mod history;
mod io;
mod keyring;
mod keys;
mod link;
mod names;
mod paper;
mod replica;
mod seal;
mod sealed;
mod store;
pub mod validate;

pub use code::{BadCode, BadRecoveryFile, Code, CodeLink, find_url, key_words};
pub use history::{Event, HistoryEntry};
pub use io::{
    Act, Alarm, DeviceCode, DeviceEntry, Differs, Digest, Directory, Failure, Heads, Input,
    InviteEntry, KeyCheck, LateEdit, Link, LogWords, MemberEntry, Millis, OfferEntry, Output,
    PartyEntry, Problem, ProposalEntry, RecoveryKit, RefusedEdit, Reply, Request, RequestId,
    Security, Status, ViewChange, WaitingEdit, Words,
};
pub use link::{BadLink, InviteLink, MoveLink, relay_url};
pub use replica::{OpenError, Replica, StartError};
pub use seal::is_unprintable;
pub use sealed::{BadSealedFile, open_file, seal_file};
pub use store::{Damaged, ENVELOPE_TABLE, StoreOp, envelope_key};
