//! Spaces, roles and the default table of who reads and writes what.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::ids::PartyId;

/// The unit of access and of encryption.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Space {
    /// Names of parties and members, texts of the charter. Keyed to every device and pending invite.
    Directory,
    Plan,
    Risk,
    Contracts,
    Finance,
    Market,
    Governance,
    Private(PartyId),
}

/// What a member does in the venture.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Role {
    Pmo,
    Finance,
    Market,
    Legal,
    PartnerManager,
    Viewer,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Pmo,
        Self::Finance,
        Self::Market,
        Self::Legal,
        Self::PartnerManager,
        Self::Viewer,
    ];

    /// The name of the role in commands, links and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pmo => "pmo",
            Self::Finance => "finance",
            Self::Market => "market",
            Self::Legal => "legal",
            Self::PartnerManager => "partner-manager",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of roles, one bit each in the order of [`Role::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Roles(u8);

impl Roles {
    pub fn new(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, role| bits | role.bit()))
    }

    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }
}

impl BorshDeserialize for Roles {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let bits = u8::deserialize_reader(reader)?;
        if bits >> Role::ALL.len() != 0 {
            let kind = std::io::ErrorKind::InvalidData;
            return Err(std::io::Error::new(kind, "unknown role"));
        }
        Ok(Self(bits))
    }
}

/// True where a member of `party` with `roles` may write to `space` by default.
pub fn may_write(space: Space, party: PartyId, roles: Roles) -> bool {
    use Role::{Finance, Legal, Market, PartnerManager, Pmo};
    match space {
        // Names stand in charter entries; the space has no document of its own.
        Space::Directory => false,
        Space::Plan => roles.has(Pmo),
        Space::Risk => roles.any(&[Pmo, Finance, Market, Legal, PartnerManager]),
        Space::Contracts => roles.any(&[Legal, Pmo]),
        Space::Finance => roles.has(Finance),
        Space::Market => roles.any(&[Market, Pmo]),
        Space::Governance => roles.any(&[Pmo, PartnerManager, Legal, Finance]),
        Space::Private(owner) => owner == party && !roles.is_empty(),
    }
}

/// True where a member of `party` with `roles` may read `space` by default.
pub fn may_read(space: Space, party: PartyId, roles: Roles) -> bool {
    use Role::{Finance, Legal, Market, PartnerManager, Pmo};
    match space {
        Space::Directory | Space::Plan | Space::Risk | Space::Market | Space::Governance => {
            !roles.is_empty()
        }
        Space::Contracts => roles.any(&[Pmo, Finance, Market, Legal, PartnerManager]),
        Space::Finance => roles.any(&[Finance, Pmo, Legal, PartnerManager]),
        Space::Private(owner) => owner == party && !roles.is_empty(),
    }
}
