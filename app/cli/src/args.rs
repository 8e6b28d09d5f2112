//! What can be typed.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};
use heqi_domain::plan::LinkType;
use heqi_domain::quantity::Lag;
use heqi_protocol::Role;

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  unexpected failure
  2  the command line is wrong
  3  rejected: the rules of the plan or the venture forbid it
  4  the relay cannot be reached or is not available; edits are saved and go out with the next `heqi sync`
  5  the relay or a member broke the protocol; nothing more is exchanged with it
  6  the local store cannot be opened, read or written

With --json each verb prints one JSON document on standard output (`watch`: one per line), whether it succeeds or not;
a failure is {\"error\": {\"code\", \"kind\", \"message\"}}. Progress and notes go to standard error.";

/// Heqi: several companies edit one plan, each offline when they like, over a relay that cannot read it.
#[derive(Debug, Parser)]
#[command(name = "heqi", version, after_long_help = AFTER_HELP, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What holds for every verb.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Folder that holds this device's keys and its copy of the venture [default: heqi in the user's data folder]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) home: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Do not connect; edits go out with the next `heqi sync`
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    /// Language of texts: en or zh-CN [default: from LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, global = true, value_name = "TAG")]
    pub(crate) lang: Option<String>,
    /// Trust the certificates in this PEM file as well, for a relay with a certificate of one's own
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Seconds without any news from the relay before giving up
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) patience: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Create a venture
    #[command(subcommand)]
    Venture(VentureVerb),
    /// Make an invite link for a person of a party; the party is admitted if it is new
    Invite(Invite),
    /// Join a venture by an invite link
    Join {
        link: String,
        /// Your name, as the others will see it
        #[arg(long, value_name = "NAME")]
        member: String,
    },
    /// Import, list and export the plan
    #[command(subcommand)]
    Plan(PlanVerb),
    /// Add, change, move, link and delete tasks
    #[command(subcommand)]
    Task(TaskVerb),
    /// List what met in a merge and is to be decided
    Conflicts,
    /// Decide one item of `heqi conflicts`
    Resolve(Resolve),
    /// Exchange everything with the relay, until both have the same
    Sync,
    /// Stay connected and print what changes, until Ctrl-C
    Watch,
    /// Where the edits of this device stand
    Status,
    /// Parties, their members, and pending invites
    Members,
    /// Save the file that brings this device back; whoever has it acts as you
    Recovery { file: PathBuf },
    /// Bring a device back from its recovery file, into an empty home
    Recover { file: PathBuf },
    /// Export everything as standard Automerge files and the signed log, into an empty folder
    Export { dir: PathBuf },
    /// Check every signature, hash and right in an exported folder; needs no home and no network
    Verify { dir: PathBuf },
}

#[derive(Debug, Subcommand)]
pub(crate) enum VentureVerb {
    /// Create a venture on a relay, with you as its first manager
    Create {
        name: String,
        /// Address of the relay, https:// or http://
        #[arg(long, value_name = "URL")]
        relay: String,
        /// Name of your party
        #[arg(long, value_name = "NAME")]
        party: String,
        /// Short code of your party, the prefix of its tasks' codes [default: its initials]
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// Your name, as the others will see it
        #[arg(long, value_name = "NAME")]
        member: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// Name or code of the party
    #[arg(long, value_name = "NAME")]
    pub(crate) party: String,
    /// Short code, if the party is new [default: its initials]
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// pmo, finance, market, legal, partner-manager or viewer; may be repeated
    #[arg(long = "role", value_name = "ROLE", required = true, value_delimiter = ',', value_parser = role)]
    pub(crate) roles: Vec<Role>,
    /// Days until the link expires
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) days: Option<u16>,
}

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

fn role(text: &str) -> Result<Role, String> {
    let role = Role::ALL
        .into_iter()
        .find(|role| role.name().eq_ignore_ascii_case(text));
    role.ok_or_else(|| format!("the roles are {}", Role::ALL.map(Role::name).join(", ")))
}

fn link_type(text: &str) -> Result<LinkType, String> {
    LinkType::parse(text).ok_or_else(|| "the types are FS, SS, FF and SF".into())
}

fn lag(text: &str) -> Result<Lag, String> {
    Lag::parse(text).ok_or_else(|| "a lag is like 2d, -1w, 3ed or 50%".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_negative_lag_is_a_value_and_not_an_option() {
        let arguments = ["heqi", "task", "link", "A-T1", "A-T2", "--lag", "-1w"];
        let parsed = Arguments::try_parse_from(arguments).expect("it parses");
        let Verb::Task(TaskVerb::Link { lag, .. }) = parsed.verb else {
            panic!("another verb: {:?}", parsed.verb);
        };
        assert_eq!(lag.to_string(), "-1w");
    }

    #[test]
    fn exactly_one_way_to_decide_is_taken() {
        for bad in [
            &["heqi", "resolve", "1"][..],
            &["heqi", "resolve", "1", "--keep", "--delete"],
        ] {
            assert!(Arguments::try_parse_from(bad).is_err(), "{bad:?}");
        }
        assert!(Arguments::try_parse_from(["heqi", "resolve", "1", "--write", "-5"]).is_ok());
    }
}
