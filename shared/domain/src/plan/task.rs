//! Vocabulary of a task and of a dependency.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::LocalDateTime;

/// What somebody said a task is. That it is a summary is no fact: it is one exactly while it has children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    #[default]
    Task,
    Milestone,
}

/// Whether start and finish are calculated or entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Auto,
    Manual,
}

/// Dates a person entered for a manual task; both belong together, so they share a register.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ManualDates {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<LocalDateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<LocalDateTime>,
}

/// Which ends of two tasks a dependency ties: predecessor's first, successor's second.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum LinkType {
    /// Finish to start.
    #[default]
    Fs,
    /// Start to start.
    Ss,
    /// Finish to finish.
    Ff,
    /// Start to finish.
    Sf,
}

impl ManualDates {
    /// Whether the finish lies before the start.
    pub fn is_reversed(&self) -> bool {
        let both = self.start.as_ref().zip(self.finish.as_ref());
        both.is_some_and(|(start, finish)| finish < start)
    }
}

impl TaskKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Milestone => "milestone",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Task, Self::Milestone]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Auto, Self::Manual]
            .into_iter()
            .find(|m| m.as_str() == text)
    }
}

impl LinkType {
    pub const ALL: [Self; 4] = [Self::Fs, Self::Ss, Self::Ff, Self::Sf];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fs => "FS",
            Self::Ss => "SS",
            Self::Ff => "FF",
            Self::Sf => "SF",
        }
    }

    /// Parses `FS`, `ss` and so on.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|t| t.as_str().eq_ignore_ascii_case(text))
    }

    /// True if it ties the predecessor's finish.
    pub fn leaves_finish(self) -> bool {
        matches!(self, Self::Fs | Self::Ff)
    }

    /// True if it ties the successor's finish.
    pub fn enters_finish(self) -> bool {
        matches!(self, Self::Ff | Self::Sf)
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
