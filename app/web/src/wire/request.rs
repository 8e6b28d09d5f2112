//! What a tab may ask for.

use heqi_domain::plan::PlanCommand;
use serde::{Deserialize, Serialize};

use super::{SeenHeads, VentureKey};

/// A request of a tab; the doc of each variant names the [`Reply`](super::Reply) that answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Introduces the tab by its build; answered by `Hello` once the store is open.
    Hello { build: String },
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
    InspectInvite { link: String },
    /// Uses an invite, which works once; answered by `Venture`.
    AcceptInvite { link: String, member: String },
    /// Opens a venture in this tab, in place of the one before; answered by `Plan`, then pushes follow.
    OpenVenture { venture: VentureKey },
    /// Closes the open venture in this tab; answered by `Done`.
    CloseVenture,
    /// Edits the open plan; answered by `Applied` once saved on this device, or `Failure::Rejected`.
    Command {
        seen: SeenHeads,
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
    /// Exports everything needed to restore the open venture elsewhere, keys included; answered by `File`.
    ExportRecovery {
        /// Seals the file when given.
        passphrase: Option<String>,
    },
    /// Restores a venture from a recovery file; answered by `Venture`.
    RestoreRecovery {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        passphrase: Option<String>,
    },
    /// Lists parties, members and pending invites of the open venture; answered by `Members`.
    Members,
    /// Invites a member, and admits the party first when no party has this code; answered by `InviteLink`.
    CreateInvite {
        party: String,
        code: String,
        role: Role,
    },
    /// Tries the connection again at once; answered by `Done`.
    Reconnect,
}

/// A role an invite grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
