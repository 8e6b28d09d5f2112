//! What can be typed about people, devices, keys and the charter.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use heqi_domain::time::Date;
use heqi_protocol::Role;

use crate::space::SpaceName;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Invite {
    #[command(subcommand)]
    pub(crate) verb: Option<InviteVerb>,
    /// Name or code of the party
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) party: Option<String>,
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
pub(crate) enum InviteVerb {
    /// List the invites that nobody has used yet
    List,
    /// Take an invite back
    Revoke {
        /// Its id as `heqi invite list` shows it, or its party, if that has one invite alone
        invite: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MemberVerb {
    /// List parties, their members, and pending invites
    List,
    /// Remove a member with all their devices, and give the others new keys
    Remove { name: String },
    /// Give a member roles besides those they have
    Grant {
        name: String,
        #[arg(required = true, value_name = "ROLE", value_delimiter = ',', value_parser = role)]
        roles: Vec<Role>,
    },
    /// Take roles from a member
    Revoke {
        name: String,
        #[arg(required = true, value_name = "ROLE", value_delimiter = ',', value_parser = role)]
        roles: Vec<Role>,
    },
    /// Give yourself, or as a manager somebody of your party, another name
    Name { name: String, new: String },
    /// Confirm that you have compared words with a member
    Confirm {
        name: String,
        /// The words are equal: do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceVerb {
    /// List the devices of all members
    List,
    /// Make a code that lets one more device of yours in
    Add {
        /// Hours until the code expires
        #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..))]
        hours: u16,
    },
    /// Make this home a device of yours, by the code, link or words that another device shows
    Join(Code),
    /// Revoke a device, and give the others new keys
    Revoke {
        /// Its name or id as `heqi device list` shows it, its member's name, or MEMBER/NUMBER
        name: String,
    },
    /// Give a device of yours another name
    Name {
        /// Its name or id as `heqi device list` shows it, or MEMBER/NUMBER
        device: String,
        new: String,
    },
}

/// A code in whatever form it was given.
#[derive(Debug, Args)]
pub(crate) struct Code {
    /// The code, link, words or file
    #[arg(required = true, value_name = "CODE")]
    pub(crate) code: Vec<String>,
    /// Address of the venture's relay, for a code or words
    #[arg(long, value_name = "URL")]
    pub(crate) relay: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartyVerb {
    /// List the parties with their participating interests
    List,
    /// Give your party another name, as a manager of it; its short code stays
    Name { name: String, new: String },
    /// Leave the venture with one's own party, or propose the removal of another
    Remove { name: String },
    /// Propose that others may give a manager to a party that has none
    Repair { name: String },
    /// Propose participating interests: PARTY=PERCENT for every party, 100 % in all
    Interests {
        #[arg(required = true, value_name = "PARTY=PERCENT")]
        shares: Vec<String>,
        /// First day that they hold for, YYYY-MM-DD [default: today]
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<Date>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProposalVerb {
    /// List what was put to the parties and is not carried out
    List,
    /// Agree to a proposal for your party
    Approve { proposal: String },
    /// Decline a proposal for your party
    Decline { proposal: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccessVerb {
    /// List who reads and writes which space
    List,
    /// Set who reads and writes a space: at once where it only narrows your own party's access, else as a proposal
    Set(SetAccess),
}

#[derive(Debug, Args)]
pub(crate) struct SetAccess {
    #[arg(value_parser = SpaceName::governed)]
    pub(crate) space: SpaceName,
    /// For this party alone [default: for all that have no rule of their own]
    #[arg(long, value_name = "NAME")]
    pub(crate) party: Option<String>,
    /// Roles that read it, or none
    #[arg(long, value_name = "ROLES", required_unless_present = "default", value_parser = roles)]
    pub(crate) read: Option<RoleList>,
    /// Roles that write it, or none; they must read it too
    #[arg(long, value_name = "ROLES", required_unless_present = "default", value_parser = roles)]
    pub(crate) write: Option<RoleList>,
    /// Take the rule back
    #[arg(long, conflicts_with_all = ["read", "write"])]
    pub(crate) default: bool,
}

/// Roles in one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleList(pub(crate) Vec<Role>);

#[derive(Debug, Subcommand)]
pub(crate) enum KeyVerb {
    /// Give spaces new keys [default: all that you read]
    Rotate {
        #[arg(value_name = "SPACE", value_parser = SpaceName::any)]
        spaces: Vec<SpaceName>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecoveryVerb {
    /// Make a recovery kit: twelve words to write down, a QR code, and a file
    Make {
        /// Save the kit there as well; it takes the place of those made before
        file: Option<PathBuf>,
        /// Seal the file with a passphrase, which is asked for; the words and the QR code are not sealed
        #[arg(long, requires = "file")]
        passphrase: bool,
    },
    /// Say that the words of a kit are written down: it takes the place of those made before
    Keep {
        /// Its id, or the first digits of it
        id: String,
    },
    /// Come back by a recovery kit, into an empty home: its file, its link, or its words
    Use(Code),
}

#[derive(Debug, Subcommand)]
pub(crate) enum DocumentVerb {
    /// List the documents that this device reads
    List,
    /// Begin a document's next generation: edits on their way are sealed again for it, what anybody seals for an older
    /// one is not taken any more
    NewGeneration {
        /// Its space, or its id as `heqi document list` shows it
        document: String,
    },
    /// Delete a document for good; the one that a space begins with stays
    Delete {
        /// Its id as `heqi document list` shows it
        document: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CharterVerb {
    /// Print the history, one line an entry
    Log,
    /// Fold the charter anew and check every signature, acknowledgement and key
    Verify,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LateVerb {
    /// List edits of removed devices that came too late and are not taken in
    List,
    /// Save this device's own unsent edits, for a manager to take in
    Export { file: PathBuf },
    /// Give up this device's own unsent edits where you may not write any more; export them first
    LetGo,
    /// Take in edits: a file that somebody exported, or the ids that `heqi late list` shows
    Take {
        #[arg(required = true, value_name = "FILE|ID")]
        what: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RelayVerb {
    /// Move the venture to the relay at this address; the members follow by themselves
    Move {
        url: String,
        /// The old relay cannot be reached any more: the new one takes the venture over from this device
        #[arg(long)]
        dead: bool,
    },
    /// Follow the venture to where a link says that it has moved
    Follow { link: String },
}

fn role(text: &str) -> Result<Role, String> {
    let role = Role::ALL
        .into_iter()
        .find(|role| role.name().eq_ignore_ascii_case(text));
    role.ok_or_else(|| format!("the roles are {}", Role::ALL.map(Role::name).join(", ")))
}

fn roles(text: &str) -> Result<RoleList, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(RoleList(Vec::new()));
    }
    let roles: Result<_, _> = text.split(',').map(|one| role(one.trim())).collect();
    Ok(RoleList(roles?))
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_stand_in_one_argument_and_may_be_none() {
        let some = RoleList(vec![Role::Finance, Role::PartnerManager]);
        assert_eq!(roles("finance, Partner-Manager"), Ok(some));
        assert_eq!(roles("none"), Ok(RoleList(Vec::new())));
        assert!(roles("").is_err());
    }
}
