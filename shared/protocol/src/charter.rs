//! The charter: who belongs to a venture, in one linear hash-linked list of signed entries.
//!
//! [`Charter`] is the one fold over it, pure and used by relay and members alike: an entry that any side refuses, every
//! side refuses. Structure is in the clear, names are sealed under the directory's key. What the fold cannot know is
//! whether a key box opens: that only its recipient sees.

pub mod entry;

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Role, Roles, Space, may_read, may_write};
use crate::ids::{DeviceId, Hash, InviteId, MemberId, PartyId, RelayKey, VentureId};
use crate::limits::{CHARTER_ENTRIES_MAX, DEVICES_MAX, PARTIES_MAX, PENDING_INVITES_MAX};
use crate::sign::BadSignature;

pub use entry::{
    Accept, AdmitParty, Author, Body, BoxKey, Content, DeviceKeys, Entry, Genesis, Invite, KeyBox,
    NewKey, SealedName, SpaceBox,
};

/// Why an entry does not extend a charter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the charter has moved on: it stands at {position}")]
    NotNext { position: u64 },
    #[error("the entry belongs to another venture")]
    OtherVenture,
    #[error("a genesis can only be first, and only a genesis can be first")]
    GenesisMisplaced,
    #[error(transparent)]
    Signature(#[from] BadSignature),
    #[error("the author is not a member's device or a pending invite")]
    UnknownAuthor,
    #[error("only a partner manager may do this")]
    NotManager,
    #[error("the party is not part of the venture")]
    UnknownParty,
    #[error("only a manager of that party may invite into it")]
    OtherParty,
    #[error("this id is already taken")]
    Taken,
    #[error("no role was given")]
    NoRole,
    #[error("the invite was used before or never made")]
    InviteSpent,
    #[error("the new device did not sign for itself")]
    DeviceProof,
    #[error("keys are not boxed for exactly the spaces and recipients they are due to")]
    Boxes,
    #[error("nothing can be boxed for this key")]
    WeakKey,
    #[error("a name is not sealed under the directory's newest key")]
    NameEpoch,
    #[error("the venture has reached its limit of {0}")]
    Full(&'static str),
}

/// A party as the charter knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Text is name and short code.
    pub name: SealedName,
}

/// A member as the charter knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub party: PartyId,
    pub name: SealedName,
    pub roles: Roles,
    /// The invite that brought the member; the founder has none.
    pub invite: Option<InviteId>,
}

/// A device as the charter knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub member: MemberId,
    pub keys: DeviceKeys,
    /// Charter position from which the device may act.
    pub admitted_at: u64,
}

/// An invite nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingInvite {
    pub party: PartyId,
    pub roles: Roles,
    pub by: MemberId,
    pub seal: BoxKey,
    /// Milliseconds since 1970 by the relay's clock; advisory.
    pub expires_ms: Option<u64>,
}

/// The key epoch of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    pub epoch: u32,
    /// Digest of the key.
    pub commitment: Hash,
}

/// The charter as folded so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charter {
    venture: VentureId,
    founding_nonce: [u8; 32],
    name: SealedName,
    relay: RelayKey,
    heads: Vec<Hash>,
    parties: BTreeMap<PartyId, Party>,
    members: BTreeMap<MemberId, Member>,
    devices: BTreeMap<DeviceId, Device>,
    invites: BTreeMap<InviteId, PendingInvite>,
    spent_invites: BTreeSet<InviteId>,
    spaces: BTreeMap<Space, Epoch>,
}

impl Charter {
    /// Starts the charter of a new venture from its genesis entry.
    pub fn found(entry: &Entry) -> Result<Self, Refused> {
        let content = entry.content();
        let Body::Genesis(genesis) = &content.body else {
            return Err(Refused::GenesisMisplaced);
        };
        let author = Author::Device(genesis.device.id);
        if content.position != 0 || content.prev != Hash::ZERO {
            return Err(Refused::NotNext { position: 0 });
        }
        if content.venture != VentureId(Hash::ZERO.0) {
            return Err(Refused::OtherVenture);
        }
        if content.author != author {
            return Err(Refused::UnknownAuthor);
        }
        entry.verify()?;
        if genesis.roles.is_empty() {
            return Err(Refused::NoRole);
        }
        let spaces = genesis_keys(genesis)?;
        for name in [&genesis.name, &genesis.party_name, &genesis.member_name] {
            sealed_under(&spaces, name)?;
        }
        let member = Member {
            party: genesis.party,
            name: genesis.member_name.clone(),
            roles: genesis.roles,
            invite: None,
        };
        let device = Device {
            member: genesis.member,
            keys: genesis.device,
            admitted_at: 1,
        };
        let party = Party {
            name: genesis.party_name.clone(),
        };
        Ok(Self {
            venture: VentureId(entry.hash().0),
            founding_nonce: genesis.nonce,
            name: genesis.name.clone(),
            relay: genesis.relay,
            heads: vec![entry.hash()],
            parties: BTreeMap::from([(genesis.party, party)]),
            members: BTreeMap::from([(genesis.member, member)]),
            devices: BTreeMap::from([(genesis.device.id, device)]),
            invites: BTreeMap::new(),
            spent_invites: BTreeSet::new(),
            spaces,
        })
    }

    /// Takes the next entry, or leaves the charter as it is and says why not.
    pub fn append(&mut self, entry: &Entry) -> Result<(), Refused> {
        let content = entry.content();
        if content.venture != self.venture {
            return Err(match content.body {
                Body::Genesis(_) => Refused::GenesisMisplaced,
                _ => Refused::OtherVenture,
            });
        }
        if content.position != self.position() || content.prev != self.head() {
            let position = self.position();
            return Err(Refused::NotNext { position });
        }
        if self.heads.len() >= CHARTER_ENTRIES_MAX {
            return Err(Refused::Full("charter entries"));
        }
        self.known_author(&content.author)?;
        entry.verify()?;
        match &content.body {
            Body::Genesis(_) => return Err(Refused::GenesisMisplaced),
            Body::AdmitParty(admit) => self.admit_party(content, admit)?,
            Body::Invite(invite) => self.invite(content, invite)?,
            Body::Accept(accept) => self.accept(content, accept)?,
        }
        self.heads.push(entry.hash());
        Ok(())
    }

    pub const fn venture(&self) -> VentureId {
        self.venture
    }

    /// Context of every key box and sealed name of the venture, genesis included.
    pub const fn founding_nonce(&self) -> [u8; 32] {
        self.founding_nonce
    }

    pub const fn name(&self) -> &SealedName {
        &self.name
    }

    pub const fn relay(&self) -> RelayKey {
        self.relay
    }

    /// Number of entries folded.
    pub fn position(&self) -> u64 {
        self.heads.len() as u64
    }

    /// Hash of the newest entry.
    pub fn head(&self) -> Hash {
        *self.heads.last().expect("a charter has its genesis")
    }

    /// Hash of the entry that made the charter `position` entries long.
    pub fn head_at(&self, position: u64) -> Option<Hash> {
        let index = usize::try_from(position.checked_sub(1)?).ok()?;
        self.heads.get(index).copied()
    }

    pub const fn parties(&self) -> &BTreeMap<PartyId, Party> {
        &self.parties
    }

    pub const fn members(&self) -> &BTreeMap<MemberId, Member> {
        &self.members
    }

    pub const fn devices(&self) -> &BTreeMap<DeviceId, Device> {
        &self.devices
    }

    pub const fn invites(&self) -> &BTreeMap<InviteId, PendingInvite> {
        &self.invites
    }

    /// The spaces that have keys, and their newest epoch.
    pub const fn spaces(&self) -> &BTreeMap<Space, Epoch> {
        &self.spaces
    }

    /// The member who holds `device`.
    pub fn member_of(&self, device: DeviceId) -> Option<(MemberId, &Member)> {
        let id = self.devices.get(&device)?.member;
        Some((id, self.members.get(&id)?))
    }

    /// True where `device` might write to `space` when the charter was `position` entries long.
    pub fn may_write_at(&self, device: DeviceId, space: Space, position: u64) -> bool {
        let Some(admitted_at) = self.devices.get(&device).map(|device| device.admitted_at) else {
            return false;
        };
        let Some((_, member)) = self.member_of(device) else {
            return false;
        };
        admitted_at <= position
            && position <= self.position()
            && self.spaces.contains_key(&space)
            && may_write(space, member.party, member.roles)
    }

    /// True where `device` may read `space` now.
    pub fn may_read(&self, device: DeviceId, space: Space) -> bool {
        self.spaces.contains_key(&space)
            && self
                .member_of(device)
                .is_some_and(|(_, member)| may_read(space, member.party, member.roles))
    }

    /// The spaces with keys that a member of `party` with `roles` may read: what an invite and its accept box keys for.
    pub fn readable(&self, party: PartyId, roles: Roles) -> BTreeMap<Space, Epoch> {
        self.spaces
            .iter()
            .filter(|(space, _)| may_read(**space, party, roles))
            .map(|(space, epoch)| (*space, *epoch))
            .collect()
    }

    fn known_author(&self, author: &Author) -> Result<(), Refused> {
        match author {
            Author::Device(device) if self.devices.contains_key(device) => Ok(()),
            Author::Invite(invite) if self.invites.contains_key(invite) => Ok(()),
            Author::Invite(_) => Err(Refused::InviteSpent),
            Author::Device(_) => Err(Refused::UnknownAuthor),
        }
    }

    fn manager(&self, author: &Author) -> Result<(MemberId, &Member), Refused> {
        let Author::Device(device) = author else {
            return Err(Refused::NotManager);
        };
        let (id, member) = self.member_of(*device).ok_or(Refused::UnknownAuthor)?;
        if !member.roles.has(Role::PartnerManager) {
            return Err(Refused::NotManager);
        }
        Ok((id, member))
    }

    fn admit_party(&mut self, content: &Content, admit: &AdmitParty) -> Result<(), Refused> {
        self.manager(&content.author)?;
        if self.parties.contains_key(&admit.party) {
            return Err(Refused::Taken);
        }
        if self.parties.len() >= PARTIES_MAX {
            return Err(Refused::Full("parties"));
        }
        sealed_under(&self.spaces, &admit.name)?;
        let name = admit.name.clone();
        self.parties.insert(admit.party, Party { name });
        Ok(())
    }

    fn invite(&mut self, content: &Content, invite: &Invite) -> Result<(), Refused> {
        let (by, manager) = self.manager(&content.author)?;
        if !self.parties.contains_key(&invite.party) {
            return Err(Refused::UnknownParty);
        }
        // A party that has a manager looks after its own people.
        if invite.party != manager.party && self.has_manager(invite.party) {
            return Err(Refused::OtherParty);
        }
        if invite.roles.is_empty() {
            return Err(Refused::NoRole);
        }
        if self.invites.contains_key(&invite.invite) || self.spent_invites.contains(&invite.invite)
        {
            return Err(Refused::Taken);
        }
        if self.invites.len() >= PENDING_INVITES_MAX {
            return Err(Refused::Full("pending invites"));
        }
        strong(&invite.seal)?;
        self.boxes_due(invite.party, invite.roles, invite.seal, &invite.boxes)?;
        let pending = PendingInvite {
            party: invite.party,
            roles: invite.roles,
            by,
            seal: invite.seal,
            expires_ms: invite.expires_ms,
        };
        self.invites.insert(invite.invite, pending);
        Ok(())
    }

    fn accept(&mut self, content: &Content, accept: &Accept) -> Result<(), Refused> {
        let Author::Invite(id) = content.author else {
            return Err(Refused::InviteSpent);
        };
        let invite = self.invites.get(&id).ok_or(Refused::InviteSpent)?.clone();
        if self.members.contains_key(&accept.member) || self.devices.contains_key(&accept.device.id)
        {
            return Err(Refused::Taken);
        }
        if self.devices.len() >= DEVICES_MAX {
            return Err(Refused::Full("devices"));
        }
        accept
            .verify_proof(self.venture, id)
            .map_err(|_| Refused::DeviceProof)?;
        strong(&accept.device.seal)?;
        sealed_under(&self.spaces, &accept.name)?;
        self.boxes_due(
            invite.party,
            invite.roles,
            accept.device.seal,
            &accept.boxes,
        )?;
        self.invites.remove(&id);
        self.spent_invites.insert(id);
        let member = Member {
            party: invite.party,
            name: accept.name.clone(),
            roles: invite.roles,
            invite: Some(id),
        };
        self.members.insert(accept.member, member);
        let device = Device {
            member: accept.member,
            keys: accept.device,
            admitted_at: self.position() + 1,
        };
        self.devices.insert(accept.device.id, device);
        Ok(())
    }

    fn has_manager(&self, party: PartyId) -> bool {
        self.members
            .values()
            .any(|member| member.party == party && member.roles.has(Role::PartnerManager))
    }

    fn boxes_due(
        &self,
        party: PartyId,
        roles: Roles,
        recipient: BoxKey,
        boxes: &[SpaceBox],
    ) -> Result<(), Refused> {
        let due = self.readable(party, roles);
        let given: BTreeMap<Space, u32> = boxes
            .iter()
            .filter(|space_box| space_box.key.recipient == recipient)
            .map(|space_box| (space_box.space, space_box.epoch))
            .collect();
        let fits = given.len() == boxes.len()
            && given.len() == due.len()
            && due
                .iter()
                .all(|(space, epoch)| given.get(space) == Some(&epoch.epoch));
        if fits { Ok(()) } else { Err(Refused::Boxes) }
    }
}

fn genesis_keys(genesis: &Genesis) -> Result<BTreeMap<Space, Epoch>, Refused> {
    strong(&genesis.device.seal)?;
    let mut spaces = BTreeMap::new();
    for key in genesis.keys.iter() {
        let for_founder = matches!(&*key.boxes, [only] if only.recipient == genesis.device.seal);
        // Or the founder would hold the key of what another party takes for its own.
        let readable = may_read(key.space, genesis.party, genesis.roles);
        if key.epoch != 0 || key.previous.is_some() || !for_founder || !readable {
            return Err(Refused::Boxes);
        }
        let epoch = Epoch {
            epoch: 0,
            commitment: key.commitment,
        };
        if spaces.insert(key.space, epoch).is_some() {
            return Err(Refused::Boxes);
        }
    }
    if !spaces.contains_key(&Space::Directory) || !spaces.contains_key(&Space::Plan) {
        return Err(Refused::Boxes);
    }
    Ok(spaces)
}

fn sealed_under(spaces: &BTreeMap<Space, Epoch>, name: &SealedName) -> Result<(), Refused> {
    let newest = spaces.get(&Space::Directory).map(|newest| newest.epoch);
    if newest != Some(name.epoch) {
        return Err(Refused::NameEpoch);
    }
    Ok(())
}

/// A recipient that nothing can be boxed for would make every later rotation, and so every removal, fail.
fn strong(key: &BoxKey) -> Result<(), Refused> {
    if key.is_low_order() {
        return Err(Refused::WeakKey);
    }
    Ok(())
}
