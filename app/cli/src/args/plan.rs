//! What can be typed about the plan and the merge review.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use heqi_domain::plan::LinkType;
use heqi_domain::quantity::Lag;

#[derive(Debug, Subcommand)]
pub(crate) enum PlanVerb {
    /// Import a Microsoft Project XML file
    Import {
        file: PathBuf,
        /// The file carries no identity of its own: take it for the plan that its title, date and first task name
        #[arg(long)]
        yes: bool,
    },
    /// Print the plan
    List,
    /// Export the plan as CSV
    Export {
        file: PathBuf,
        /// Replace the file if there is one
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaskVerb {
    /// Add a task
    Add {
        name: String,
        /// Code of the task above it [default: the top of the plan]
        #[arg(long, value_name = "CODE")]
        parent: Option<String>,
        /// Code of the task right before it [default: the last below its parent]
        #[arg(long, value_name = "CODE")]
        after: Option<String>,
    },
    /// Set fields of a task: name= duration= percent= accountable= notes= kind= mode= start= finish=
    #[command(after_help = SET_HELP)]
    Set {
        code: String,
        #[arg(required = true, value_name = "FIELD=VALUE")]
        fields: Vec<String>,
        /// Day that a percentage is reported for, YYYY-MM-DD [default: today]
        #[arg(long, value_name = "DAY")]
        status_date: Option<String>,
    },
    /// Move a task, with all below it
    Move(Move),
    /// Delete tasks, with all below them
    Delete {
        #[arg(required = true)]
        codes: Vec<String>,
    },
    /// Bring a deleted task back; without a code, list the deleted ones
    Restore { code: Option<String> },
    /// Make a task depend on another
    Link {
        /// Code of the predecessor
        predecessor: String,
        /// Code of the successor
        successor: String,
        /// FS, SS, FF or SF
        #[arg(long = "type", value_name = "TYPE", default_value = "FS", value_parser = link_type)]
        link_type: LinkType,
        /// Time between them, such as 2d, -1w, 3ed or 50%
        #[arg(long, value_name = "LAG", default_value = "", value_parser = lag, allow_hyphen_values = true)]
        lag: Lag,
    },
    /// Remove a dependency
    Unlink {
        predecessor: String,
        successor: String,
        /// Only the one of this type
        #[arg(long = "type", value_name = "TYPE", value_parser = link_type)]
        link_type: Option<LinkType>,
    },
}

const SET_HELP: &str = "\
Fields:
  name=TEXT          duration=5d | 3ed | 2w | 10d?   percent=0..100
  accountable=TEXT   notes=TEXT                      kind=task|milestone
  mode=auto|manual   start=DAY[Thh:mm]               finish=DAY[Thh:mm]
An empty value unsets a duration, accountable, notes, start or finish. Entering start or finish makes the task manual.";

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("to").required(true).args(["under", "before", "after", "up", "down", "indent", "outdent", "top"])))]
pub(crate) struct Move {
    pub(crate) code: String,
    /// As the last child of this task
    #[arg(long, value_name = "CODE")]
    pub(crate) under: Option<String>,
    /// Right before this task, with the same parent
    #[arg(long, value_name = "CODE")]
    pub(crate) before: Option<String>,
    /// Right after this task, with the same parent
    #[arg(long, value_name = "CODE")]
    pub(crate) after: Option<String>,
    /// One place up among its siblings
    #[arg(long)]
    pub(crate) up: bool,
    /// One place down among its siblings
    #[arg(long)]
    pub(crate) down: bool,
    /// Below the sibling above it
    #[arg(long)]
    pub(crate) indent: bool,
    /// Next to its parent
    #[arg(long)]
    pub(crate) outdent: bool,
    /// To the end of the plan's top level
    #[arg(long)]
    pub(crate) top: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("choice").required(true).args([
    "take", "write", "keep", "delete", "accept_placement", "apply_move", "remove_link", "accept_code", "agree",
])))]
pub(crate) struct Resolve {
    #[command(flatten)]
    pub(crate) at: super::At,
    /// The item as `heqi conflicts` calls it: the first digits of its id, or the whole id
    #[arg(allow_hyphen_values = true)]
    pub(crate) item: String,
    /// A field: take the side of this number
    #[arg(long, value_name = "SIDE", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) take: Option<u16>,
    /// A field: write a value of one's own
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) write: Option<String>,
    /// Deleted and edited: it stays
    #[arg(long)]
    pub(crate) keep: bool,
    /// Deleted and edited: it goes, with all below it
    #[arg(long)]
    pub(crate) delete: bool,
    /// A move that was left out: the task stays where it is
    #[arg(long)]
    pub(crate) accept_placement: bool,
    /// A move that was left out: it is made after all
    #[arg(long)]
    pub(crate) apply_move: bool,
    /// A loop of dependencies: remove the one of this number [default: the suspended one]
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, default_missing_value = "1", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) remove_link: Option<u16>,
    /// Two tasks of one code: this one keeps the code that it shows now
    #[arg(long)]
    pub(crate) accept_code: bool,
    /// Differing progress: the percentage that the parties agree on
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) agree: Option<u8>,
}

fn link_type(text: &str) -> Result<LinkType, String> {
    LinkType::parse(text).ok_or_else(|| "the types are FS, SS, FF and SF".into())
}

fn lag(text: &str) -> Result<Lag, String> {
    Lag::parse(text).ok_or_else(|| "a lag is like 2d, -1w, 3ed or 50%".into())
}
