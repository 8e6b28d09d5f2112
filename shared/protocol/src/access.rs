//! Spaces, roles, and who reads and writes what: the default table and the rules that the venture has set over it.

use std::collections::BTreeMap;

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

impl Space {
    /// The spaces of the whole venture that hold documents.
    pub const SHARED: [Self; 6] = [
        Self::Plan,
        Self::Risk,
        Self::Contracts,
        Self::Finance,
        Self::Market,
        Self::Governance,
    ];

    /// True where the venture may set who reads and writes it.
    pub fn is_governed(self) -> bool {
        Self::SHARED.contains(&self)
    }
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

    /// True where every role of this set is in `other`.
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The roles that a test holds for.
    pub fn which(test: impl Fn(Role) -> bool) -> Self {
        let held = Role::ALL.into_iter().filter(|role| test(*role));
        Self(held.fold(0, |bits, role| bits | role.bit()))
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

/// Who may read and write a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Grant {
    pub read: Roles,
    pub write: Roles,
}

/// A rule that the venture sets over the default table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AccessRule {
    pub space: Space,
    /// Holds for members of that party alone and goes before the rule for all.
    pub party: Option<PartyId>,
    /// `None` takes the rule back.
    pub grant: Option<Grant>,
}

/// The table of access in force: the rules set, and the default where none is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access(BTreeMap<(Space, Option<PartyId>), Grant>);

impl Access {
    /// True where a member of `party` with `roles` may write to `space`. Being at home in a private space is the
    /// charter's to judge.
    pub fn may_write(&self, space: Space, party: PartyId, roles: Roles) -> bool {
        match self.rule(space, party) {
            Some(grant) => roles.meets(grant.write),
            None => may_write(space, party, roles),
        }
    }

    /// True where a member of `party` with `roles` may read `space`.
    pub fn may_read(&self, space: Space, party: PartyId, roles: Roles) -> bool {
        match self.rule(space, party) {
            Some(grant) => roles.meets(grant.read),
            None => may_read(space, party, roles),
        }
    }

    /// The grant in force for a party: its own rule, the rule for all, or the default table as a set of roles.
    pub fn grant(&self, space: Space, party: PartyId) -> Grant {
        self.rule(space, party).unwrap_or_else(|| Grant {
            read: Roles::which(|role| may_read(space, party, Roles::new(&[role]))),
            write: Roles::which(|role| may_write(space, party, Roles::new(&[role]))),
        })
    }

    /// The rules that are set, in ascending order.
    pub fn rules(&self) -> impl Iterator<Item = AccessRule> {
        self.0.iter().map(|((space, party), grant)| AccessRule {
            space: *space,
            party: *party,
            grant: Some(*grant),
        })
    }

    pub(crate) fn set(&mut self, rule: &AccessRule) {
        let at = (rule.space, rule.party);
        match rule.grant {
            Some(grant) => self.0.insert(at, grant),
            None => self.0.remove(&at),
        };
    }

    fn rule(&self, space: Space, party: PartyId) -> Option<Grant> {
        let own = self.0.get(&(space, Some(party)));
        own.or_else(|| self.0.get(&(space, None))).copied()
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
