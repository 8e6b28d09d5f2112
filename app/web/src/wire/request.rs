//! What a tab may ask for.

use heqi_domain::plan::PlanCommand;
use serde::{Deserialize, Serialize};

use super::{AccessRule, Action, Id, Secret, SeenHeads, Target, VentureKey};

/// A request of a tab; the doc of each variant names the [`Reply`](super::Reply) that answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Introduces the tab by its build; answered by `Hello` once the store is open.
    Hello {
        build: String,
        /// What this device is called where it enrols, in words of the page.
        device: String,
    },
    /// Lists the ventures on this device; answered by `Ventures`.
    ListVentures,
    /// Founds a venture at a relay, which must be reachable; answered by `Venture`.
    CreateVenture {
        /// URL of the relay: `http(s)://host[:port]`.
        relay: String,
        venture: String,
        party: String,
        /// Short code of the party: prefix of the codes of its records.
        code: String,
        member: String,
    },
    /// Reads an invite link without using it and without the network; answered by `Invite`.
    InspectInvite {
        link: String,
    },
    /// Uses an invite, which works once; answered by `Venture`.
    AcceptInvite {
        link: String,
        member: String,
    },
    /// Opens a venture in this tab, in place of the one before; answered by `Plan`, then pushes follow.
    OpenVenture {
        venture: VentureKey,
    },
    /// Closes the open venture in this tab; answered by `Done`.
    CloseVenture,
    /// Edits the open plan; answered by `Applied` once saved on this device, or `Failure::Rejected`.
    Command {
        seen: SeenHeads,
        #[serde(with = "super::compact::CommandTwin")]
        command: PlanCommand,
    },
    /// Takes back the last own edit; answered by `Applied`.
    Undo,
    /// Does the last edit taken back again; answered by `Applied`.
    Redo,
    /// Imports a Microsoft Project XML file into the open plan; pushes `Progress`, answered by `Imported`.
    Import {
        name: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Exports the open plan as CSV; answered by `File`.
    ExportCsv,
    /// Makes a recovery kit, beside which those before stay good; needs the relay; answered by `Kit`.
    MakeKit {
        /// Seals the file when given; the printed words are not sealed.
        passphrase: Option<String>,
    },
    /// Somebody has this kit: those made before it are withdrawn; answered by `Done`.
    KeepKit(Id),
    /// Restores a venture from a recovery kit's file; answered by `Venture`.
    RestoreRecovery {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        passphrase: Option<String>,
    },
    /// Reads a link, typed code or words that add this device, without using it; answered by `Code`.
    InspectCode {
        text: String,
        /// The relay to ask, where the text names none.
        relay: String,
    },
    /// Adds this device to the member who made the code or kit; answered by `Venture`.
    AddDevice {
        text: String,
        relay: String,
    },
    /// Looks for a venture where a signed link says it has moved; answered by `Venture`.
    FollowMove {
        link: String,
    },
    /// Lists parties, members and pending invites of the open venture; answered by `Members`.
    Members,
    /// Invites a member, and admits the party first when no party has this code; answered by `InviteLink`.
    CreateInvite {
        party: String,
        code: String,
        roles: Vec<Role>,
        days: u32,
    },
    /// Makes a code that lets one device in for some minutes; answered by `DeviceCode`.
    OfferDevice {
        minutes: u32,
    },
    /// Takes back an invite, a device code or a recovery kit; answered by `Done`.
    Withdraw(Id),
    SetRoles {
        member: Id,
        roles: Vec<Role>,
    },
    /// Removes, or puts it to the parties; answered by `Done` or `Proposed`.
    Remove(Target),
    /// Names a device, a member or a party; answered by `Done`.
    SetName {
        target: Target,
        name: String,
    },
    /// Words were compared with this member; answered by `Done`.
    Confirm(Id),
    /// Puts something to the parties; answered by `Proposed`, or `Done` where nobody else has to agree.
    Propose(Action),
    Answer {
        proposal: Id,
        agrees: bool,
    },
    /// Narrows the access of one's own party; answered by `Done`.
    Narrow(Vec<AccessRule>),
    /// Moves the venture to the relay at an address; answered by `Moved`.
    MoveRelay {
        url: String,
        /// The old relay cannot be reached: the new one takes the venture over from this device.
        dead: bool,
    },
    /// The charter in the order it was written; answered by `History`.
    History,
    /// Words to compare, and alarms; answered by `Security`.
    Security,
    /// Folds and verifies everything this device holds; answered by `Verified`.
    Verify,
    /// People have seen an alarm; answered by `Done`.
    Dismiss(Id),
    /// How this device was removed; answered by `Removed`.
    Removal,
    /// Own edits that no relay took, for a manager to take in; answered by `File`.
    ExportLate,
    /// Gives up own edits that no relay takes; answered by `Done`.
    LetGo,
    /// Takes in the edits of such a file; answered by `Done`.
    TakeIn {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Everything of the venture as standard files in one ZIP; answered by `File`.
    ExportArchive,
    /// How the venture is locked here; answered by `Lock`.
    Lock,
    /// Locks the keys of the open venture by one more secret; answered by `Lock`.
    AddSecret(Secret),
    /// Takes the passphrase or the passkey away; without either nothing is locked. Answered by `Lock`.
    RemoveSecret {
        passkey: bool,
    },
    /// Minutes without a touch after which the venture locks; 0 for never. Answered by `Lock`.
    SetIdle {
        minutes: u32,
    },
    /// Locks the open venture now, for every tab; answered by `Done`.
    LockNow,
    /// Unlocks a venture for this worker; answered by `Done`.
    Unlock {
        venture: VentureKey,
        secret: Secret,
    },
    /// Removes a locked venture from this browser, with what only it holds; answered by `Done`.
    RemoveLocked {
        venture: VentureKey,
    },
    /// Somebody touches the page.
    Touched,
    /// Tries the connection again at once; answered by `Done`.
    Reconnect,
}

/// A role an invite grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    PartnerManager,
    Pmo,
    Finance,
    Market,
    Legal,
    Viewer,
}

impl Role {
    /// All roles, in the order they are offered.
    pub const ALL: [Self; 6] = [
        Self::Pmo,
        Self::PartnerManager,
        Self::Finance,
        Self::Market,
        Self::Legal,
        Self::Viewer,
    ];

    /// Name of the role in messages and markup.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PartnerManager => "partner-manager",
            Self::Pmo => "pmo",
            Self::Finance => "finance",
            Self::Market => "market",
            Self::Legal => "legal",
            Self::Viewer => "viewer",
        }
    }
}
