//! Why a file is refused, and where. The key and its arguments are stable, so that an interface can say it in any language.

use std::fmt;

/// A refusal of a Microsoft Project XML file. Nothing of the file was taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct MspdiError {
    /// Line of the offence, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    pub reason: Reason,
}

impl MspdiError {
    /// The stable name of the reason.
    pub fn key(&self) -> &'static str {
        self.reason.key()
    }

    /// The place and what the sentence of [`Self::key`] speaks of, as named arguments.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mut args = vec![
            ("line", self.line.to_string()),
            ("column", self.column.to_string()),
        ];
        args.extend(self.reason.args());
        args
    }
}

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("the file has {bytes} bytes; at most {max} are read")]
    TooLarge { bytes: u64, max: u64 },
    #[error("the file is empty")]
    Empty,
    #[error(
        "this is a Microsoft Project binary file (.mpp); open it in Microsoft Project and choose \
         File, Save As, “XML Format (*.xml)”, then import that file"
    )]
    BinaryProject,
    #[error(
        "this is not an XML file; open the plan in Microsoft Project and choose File, Save As, \
         “XML Format (*.xml)”, then import that file"
    )]
    NotXml,
    #[error(
        "this is XML, but not of Microsoft Project: its root is <{root}> in namespace “{namespace}”; \
         open the plan in Microsoft Project and choose File, Save As, “XML Format (*.xml)”"
    )]
    WrongRoot { root: String, namespace: String },
    #[error(
        "the file declares the encoding “{declared}”; only UTF-8 and UTF-16 are read; save it again \
         from Microsoft Project, which writes UTF-8"
    )]
    Encoding { declared: String },
    #[error("the bytes are not valid {encoding}")]
    BadBytes { encoding: &'static str },
    #[error("the character U+{code:04X} is not allowed in XML")]
    BadCharacter { code: u32 },
    #[error("a document type or entity declaration is refused: Microsoft Project writes none")]
    Doctype,
    #[error("the entity “&{name};” is not defined")]
    Entity { name: String },
    #[error("the XML is broken: {detail}")]
    Syntax { detail: String },
    #[error("the file ends inside an element that was not closed")]
    Unclosed,
    #[error("the element <{field}> contains <{found}> where a value belongs")]
    NotAValue { field: String, found: String },
    #[error("elements are nested deeper than {max}")]
    TooDeep { max: u64 },
    #[error("there are more than {max} tasks")]
    TooManyTasks { max: u64 },
    #[error("there are more than {max} links")]
    TooManyLinks { max: u64 },
    #[error("there are more than {max} calendars")]
    TooManyCalendars { max: u64 },
    #[error("the text of <{field}> is longer than {max} bytes")]
    TextTooLong { field: String, max: u64 },
    #[error("<{field}> is “{value}”, which is no {expected}")]
    Invalid {
        field: String,
        value: String,
        expected: Expected,
    },
    #[error("<{field}> is missing in <{element}>")]
    Missing {
        element: &'static str,
        field: &'static str,
    },
    #[error("<{field}> stands twice in one element")]
    Repeated { field: String },
    #[error("two tasks have the UID {uid}")]
    DuplicateUid { uid: u32 },
    #[error("the outline is deeper than {max} levels")]
    OutlineTooDeep { max: u64 },
}

impl Reason {
    /// The stable name of the reason.
    pub fn key(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "mspdi-too-large",
            Self::Empty => "mspdi-empty",
            Self::BinaryProject => "mspdi-binary-project",
            Self::NotXml => "mspdi-not-xml",
            Self::WrongRoot { .. } => "mspdi-wrong-root",
            Self::Encoding { .. } => "mspdi-encoding",
            Self::BadBytes { .. } => "mspdi-bad-bytes",
            Self::BadCharacter { .. } => "mspdi-bad-character",
            Self::Doctype => "mspdi-doctype",
            Self::Entity { .. } => "mspdi-entity",
            Self::Syntax { .. } => "mspdi-syntax",
            Self::Unclosed => "mspdi-unclosed",
            Self::NotAValue { .. } => "mspdi-not-a-value",
            Self::TooDeep { .. } => "mspdi-too-deep",
            Self::TooManyTasks { .. } => "mspdi-too-many-tasks",
            Self::TooManyLinks { .. } => "mspdi-too-many-links",
            Self::TooManyCalendars { .. } => "mspdi-too-many-calendars",
            Self::TextTooLong { .. } => "mspdi-text-too-long",
            Self::Invalid { expected, .. } => expected.key(),
            Self::Missing { .. } => "mspdi-missing",
            Self::Repeated { .. } => "mspdi-repeated",
            Self::DuplicateUid { .. } => "mspdi-duplicate-uid",
            Self::OutlineTooDeep { .. } => "mspdi-outline-too-deep",
        }
    }

    /// What the sentence of [`Self::key`] speaks of, as named arguments.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Empty | Self::BinaryProject | Self::NotXml | Self::Doctype | Self::Unclosed => {
                Vec::new()
            }
            Self::TooLarge { bytes, max } => {
                vec![("bytes", bytes.to_string()), ("max", max.to_string())]
            }
            Self::WrongRoot { root, namespace } => {
                vec![("root", root.clone()), ("namespace", namespace.clone())]
            }
            Self::Encoding { declared } => vec![("declared", declared.clone())],
            Self::BadBytes { encoding } => vec![("encoding", (*encoding).to_owned())],
            Self::BadCharacter { code } => vec![("code", format!("U+{code:04X}"))],
            Self::Entity { name } => vec![("name", name.clone())],
            Self::Syntax { detail } => vec![("detail", detail.clone())],
            Self::NotAValue { field, found } => {
                vec![("field", field.clone()), ("found", found.clone())]
            }
            Self::TooDeep { max }
            | Self::TooManyTasks { max }
            | Self::TooManyLinks { max }
            | Self::TooManyCalendars { max }
            | Self::OutlineTooDeep { max } => vec![("max", max.to_string())],
            Self::TextTooLong { field, max } => {
                vec![("field", field.clone()), ("max", max.to_string())]
            }
            Self::Invalid { field, value, .. } => {
                vec![("field", field.clone()), ("value", value.clone())]
            }
            Self::Missing { element, field } => vec![
                ("element", (*element).to_owned()),
                ("field", (*field).to_owned()),
            ],
            Self::Repeated { field } => vec![("field", field.clone())],
            Self::DuplicateUid { uid } => vec![("uid", uid.to_string())],
        }
    }
}

/// What a value should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A whole number in the range of its field.
    Number,
    /// `0` or `1`.
    Flag,
    /// A date and time such as `2026-03-31T08:00:00`.
    Date,
    /// A duration such as `PT8H0M0S`.
    Duration,
    /// One of the codes that the field knows.
    Code,
    /// A GUID.
    Guid,
}

impl Expected {
    fn key(self) -> &'static str {
        match self {
            Self::Number => "mspdi-invalid-number",
            Self::Flag => "mspdi-invalid-flag",
            Self::Date => "mspdi-invalid-date",
            Self::Duration => "mspdi-invalid-duration",
            Self::Code => "mspdi-invalid-code",
            Self::Guid => "mspdi-invalid-guid",
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "number that fits here",
            Self::Flag => "flag (0 or 1)",
            Self::Date => "date and time (such as 2026-03-31T08:00:00)",
            Self::Duration => "duration (such as PT8H0M0S)",
            Self::Code => "code of this field",
            Self::Guid => "GUID",
        })
    }
}
