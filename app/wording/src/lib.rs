//! What the shells say: facts of the domain as sentences in the reader's language.
//!
//! The texts stand in `locales/<language>/<topic>.ftl`. A topic is such a file in every language, and a module here
//! where it takes more than the text to say a thing. To add one: write the files, name them in [`SHARED`] or
//! [`COMMAND_LINE`], and put what builds the sentences into a module. A test holds all languages to the same messages,
//! and the code to messages that exist.
//!
//! This crate knows no document, no relay and no screen, and keeps no language: whoever asks brings the [`Texts`].

pub mod charter;
pub mod conflict;
pub mod field;
pub mod import;
mod language;
pub mod rejected;
pub mod status;
mod texts;

pub use fluent_bundle::FluentValue;
pub use language::Language;
pub use texts::{Texts, Topic, msg};

use texts::topic;

/// The topics of both shells.
pub const SHARED: &[Topic] = &[
    topic!("ui"),
    status::TOPIC,
    rejected::TOPIC,
    conflict::TOPIC,
    import::TOPIC,
    charter::TOPIC,
    topic!("membership"),
];

/// What the command line says besides. A shell that does not name it does not carry it.
pub const COMMAND_LINE: &[Topic] = &[topic!("cli"), topic!("cli-people")];
