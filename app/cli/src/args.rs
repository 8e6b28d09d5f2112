//! What can be typed.

mod people;
mod plan;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use people::{
    AccessVerb, CharterVerb, Code, DeviceVerb, DocumentVerb, Invite, InviteVerb, KeyVerb, LateVerb,
    MemberVerb, PartyVerb, ProposalVerb, RecoveryVerb, RelayVerb, RoleList, SetAccess,
};
pub(crate) use plan::{Move, PlanVerb, Resolve, TaskVerb};

use crate::space::SpaceName;

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  unexpected failure
  2  the command line is wrong
  3  rejected: the rules of the plan or the venture forbid it
  4  the relay cannot be reached or is not available; edits are saved and go out with the next `heqi sync`
  5  the relay or a member broke the protocol: what is printed says what to do (`sync` and `security` also while an
     alarm stands that nobody has put away)
  6  the local store cannot be opened, read or written
  7  you have been removed from the venture; your copy stays readable, and unsent edits can be exported

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

/// Whether one JSON document is wanted, of a command line that does not parse.
pub(crate) fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut options = arguments.take_while(|argument| argument != "--");
    options.any(|argument| argument == "--json")
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
    /// Make an invite link for a person of a party, which is admitted if it is new; list and revoke invites
    Invite(Invite),
    /// Join a venture by an invite link
    Join {
        link: String,
        /// Your name, as the others will see it
        #[arg(long, value_name = "NAME")]
        member: String,
    },
    /// Import, list and export the plan
    Plan {
        #[command(flatten)]
        at: At,
        #[command(subcommand)]
        verb: PlanVerb,
    },
    /// Add, change, move, link and delete tasks
    Task {
        #[command(flatten)]
        at: At,
        #[command(subcommand)]
        verb: TaskVerb,
    },
    /// List what met in a merge and is to be decided
    Conflicts {
        #[command(flatten)]
        at: At,
    },
    /// Decide one item of `heqi conflicts`
    Resolve(Resolve),
    /// Exchange everything with the relay, until both have the same
    Sync,
    /// Stay connected and print what changes, until Ctrl-C
    Watch,
    /// Where the edits of this device stand
    Status,
    /// Members: who they are, what they may do, and their removal
    #[command(subcommand)]
    Member(MemberVerb),
    /// Devices of the members: add one of your own, revoke one
    #[command(subcommand)]
    Device(DeviceVerb),
    /// Parties, their participating interests, and their removal
    #[command(subcommand)]
    Party(PartyVerb),
    /// What was put to the parties, and your party's word on it
    #[command(subcommand)]
    Proposal(ProposalVerb),
    /// Who reads and writes which space
    #[command(subcommand)]
    Access(AccessVerb),
    /// Keys of the spaces
    #[command(subcommand)]
    Key(KeyVerb),
    /// A recovery kit: make one, or come back by one
    #[command(subcommand)]
    Recovery(RecoveryVerb),
    /// Documents of the spaces: their generations, and their end
    #[command(subcommand)]
    Document(DocumentVerb),
    /// The signed history of the venture
    #[command(subcommand)]
    Charter(CharterVerb),
    /// Words to compare with the others, and alarms
    Security {
        /// Put away the alarm that this device raised
        #[arg(long, value_name = "DEVICE")]
        dismiss: Option<String>,
    },
    /// Edits that came too late from those who were removed
    #[command(subcommand)]
    Late(LateVerb),
    /// Move the venture to another relay, or follow it there
    #[command(subcommand)]
    Relay(RelayVerb),
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

/// Where tasks stand.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// Space whose tasks are meant: plan, risk, contracts, finance, market, governance, or private for your party's own
    #[arg(long, value_name = "SPACE", global = true, default_value = "plan", value_parser = SpaceName::of_tasks)]
    pub(crate) space: SpaceName,
}

impl Verb {
    /// The space whose tasks the verb works on.
    pub(crate) const fn space(&self) -> SpaceName {
        match self {
            Self::Plan { at, .. } | Self::Task { at, .. } | Self::Conflicts { at } => at.space,
            Self::Resolve(resolve) => resolve.at.space,
            _ => SpaceName::PLAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    /// Each command as a shell takes it apart, its own and those in the READMEs.
    #[cfg(unix)]
    #[test]
    fn every_command_that_a_readme_shows_parses() {
        let readmes = concat!(
            include_str!("../README.md"),
            include_str!("../../../README.md")
        );
        let blocks = readmes.split("```").skip(1).step_by(2);
        let lines = blocks.flat_map(str::lines);
        let mut parsed = 0;
        for line in lines.filter(|line| line.starts_with("heqi ")) {
            let script = format!("heqi() {{ printf '%s\\0' heqi \"$@\" ''; }}; {line}");
            let shell = std::process::Command::new("sh")
                .args(["-c", &script])
                .output();
            let words = String::from_utf8(shell.expect("a shell runs").stdout).expect("text");
            for command in words.split_terminator("\0\0") {
                let command = command.split('\0');
                let arguments = Arguments::try_parse_from(command);
                assert!(arguments.is_ok(), "{line}: {}", arguments.unwrap_err());
                parsed += 1;
            }
        }
        assert!(parsed > 30, "only {parsed} commands were found");
    }

    #[test]
    fn a_negative_lag_is_a_value_and_not_an_option() {
        let arguments = ["heqi", "task", "link", "A-T1", "A-T2", "--lag", "-1w"];
        let parsed = Arguments::try_parse_from(arguments).expect("it parses");
        let Verb::Task {
            verb: TaskVerb::Link { lag, .. },
            ..
        } = parsed.verb
        else {
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
