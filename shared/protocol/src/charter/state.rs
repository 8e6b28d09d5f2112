//! What the entries of a charter add up to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::body::{Action, Body, Genesis, OfferKind, Share};
use super::entry::{Author, BoxKey, Content, DeviceKeys, Entry, SealedName};
use super::keys::Giver;
use super::people::strong;
use super::refused::Refused;
use crate::access::{Access, Role, Roles, Space, may_read};
use crate::ids::{DeviceId, DocumentId, Hash, InviteId, MemberId, PartyId, RelayKey, VentureId};
use crate::limits::{CHARTER_RESERVE_BYTES_MAX, CHARTER_RESERVE_MAX};
use crate::log::Point;

/// A party as the charter knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Text is name and short code.
    pub name: SealedName,
    /// True from its first member on.
    pub had_members: bool,
    /// Charter position from which it is no longer part of the venture.
    pub removed_at: Option<u64>,
}

/// A member as the charter knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub party: PartyId,
    pub name: SealedName,
    pub roles: Roles,
    /// Roles of before, each up to the position (excluded) that it names.
    pub(crate) past_roles: Vec<(u64, Roles)>,
    /// The invite that brought the member; the founder has none.
    pub invite: Option<InviteId>,
    /// Members who have compared words with this one.
    pub confirmed_by: BTreeSet<MemberId>,
    /// True where the member may have the keys of its party's private space: it came by its party's own word.
    pub at_home: bool,
    /// Charter position from which the member is at home.
    pub(crate) home_since: u64,
    /// Charter position from which the member is no longer part of the venture.
    pub removed_at: Option<u64>,
}

impl Member {
    pub const fn is_active(&self) -> bool {
        self.removed_at.is_none()
    }

    pub const fn is_manager(&self) -> bool {
        self.is_active() && self.roles.has(Role::PartnerManager)
    }

    fn roles_at(&self, position: u64) -> Roles {
        let past = self.past_roles.iter().find(|(until, _)| position < *until);
        past.map_or(self.roles, |(_, roles)| *roles)
    }
}

/// A device as the charter knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub member: MemberId,
    pub keys: DeviceKeys,
    /// Charter position from which the device may act.
    pub admitted_at: u64,
    /// The offer that added it, where it is not its member's first.
    pub offer: Option<InviteId>,
    pub name: Option<SealedName>,
    pub removed: Option<Removed>,
}

/// How a device was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Charter position from which the device may no longer act.
    pub at: u64,
    pub by: DeviceId,
}

/// What the author of a removal had read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) seen: BTreeMap<DocumentId, Point>,
    /// The spaces its author read: a document there that is not listed had nothing by the removed.
    pub(crate) spaces: BTreeSet<Space>,
}

/// An invite nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingInvite {
    pub party: PartyId,
    pub roles: Roles,
    pub by: MemberId,
    /// The device that made it.
    pub device: DeviceId,
    pub seal: BoxKey,
    /// Milliseconds since 1970 by the relay's clock; advisory.
    pub expires_ms: Option<u64>,
}

/// An offer that can still add a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingOffer {
    pub member: MemberId,
    /// The device that made it.
    pub device: DeviceId,
    /// Charter position from which it lets in.
    pub made_at: u64,
    pub kind: OfferKind,
    pub seal: BoxKey,
    pub tag: Hash,
    /// Milliseconds since 1970 by the relay's clock; advisory.
    pub expires_ms: Option<u64>,
}

/// The key epoch of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    pub epoch: u32,
    /// Digest of the key.
    pub commitment: Hash,
    /// Charter position from which the space has keys.
    pub(crate) begun_at: u64,
    /// Whom the key was boxed for.
    pub(crate) holders: BTreeSet<BoxKey>,
    /// True where somebody had the key who may not read any more: nothing is written before it is rotated.
    pub is_due: bool,
    /// True where a recipient says that its box does not open: any manager who reads the space rotates.
    pub is_doubted: bool,
}

/// Something put to the parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub action: Action,
    pub by: MemberId,
    pub agreed: BTreeSet<PartyId>,
    pub declined: BTreeSet<PartyId>,
    pub is_decided: bool,
}

/// A schedule of participating interests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interests {
    /// Days since 1970-01-01.
    pub from_day: i32,
    /// In ascending order of parties; the sum is 10000 basis points.
    pub shares: Vec<Share>,
    /// Charter position of the entry that decided it.
    pub decided_at: u64,
}

/// Everything about a charter but its hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) name: SealedName,
    pub(crate) relay: RelayKey,
    pub(crate) relay_url: Option<SealedName>,
    /// The relays of before, each up to the position (excluded) that it names.
    pub(crate) past_relays: Vec<(u64, RelayKey)>,
    pub(crate) parties: BTreeMap<PartyId, Party>,
    pub(crate) members: BTreeMap<MemberId, Member>,
    pub(crate) devices: BTreeMap<DeviceId, Device>,
    /// Shared, for a removal may name thousands of documents and every entry starts from a copy of all this.
    pub(crate) removals: BTreeMap<u64, Arc<Removal>>,
    pub(crate) invites: BTreeMap<InviteId, PendingInvite>,
    pub(crate) offers: BTreeMap<InviteId, PendingOffer>,
    /// Invites and offers that were used up or taken back, each with the position from which it was.
    pub(crate) spent_invites: BTreeMap<InviteId, u64>,
    pub(crate) spaces: BTreeMap<Space, Epoch>,
    pub(crate) access: Access,
    /// The tables of before, each up to the position (excluded) that it names.
    pub(crate) past_access: Vec<(u64, Access)>,
    pub(crate) proposals: BTreeMap<Hash, Proposal>,
    pub(crate) repairs: BTreeSet<PartyId>,
    pub(crate) interests: Vec<Interests>,
    /// Entries of each party since the charter is nearly full of them, and bytes since it is full of those.
    pub(crate) reserve_spent: BTreeMap<PartyId, (usize, usize)>,
    pub(crate) complaints: BTreeMap<(Space, DeviceId), usize>,
    /// The epoch under which a device last sealed older keys again, and how many.
    pub(crate) rechained: BTreeMap<(Space, DeviceId), (u32, usize)>,
    /// How many names each device has given.
    pub(crate) names_given: BTreeMap<DeviceId, usize>,
    /// Envelopes that were taken in, each with the documents it was taken into. Shared as removals are.
    pub(crate) taken_in: Arc<BTreeMap<Hash, BTreeSet<(Space, DocumentId)>>>,
    /// How many each party has taken in.
    pub(crate) taken_in_by: BTreeMap<PartyId, usize>,
    /// By space too, for an entry may name any space that its author writes: an envelope names the one that is meant.
    pub(crate) deleted: BTreeMap<(Space, DocumentId), u64>,
    /// How long the charter was when each generation of a document began; the first is not among them.
    pub(crate) generations: BTreeMap<(Space, DocumentId), Vec<u64>>,
}

impl State {
    /// What a genesis starts with.
    pub(crate) fn found(genesis: &Genesis) -> Result<Self, Refused> {
        if genesis.roles.is_empty() {
            return Err(Refused::NoRole);
        }
        let member = Member {
            party: genesis.party,
            name: genesis.member_name.clone(),
            roles: genesis.roles,
            past_roles: Vec::new(),
            invite: None,
            confirmed_by: BTreeSet::new(),
            at_home: true,
            home_since: 1,
            removed_at: None,
        };
        let device = Device {
            member: genesis.member,
            keys: genesis.device,
            admitted_at: 1,
            offer: None,
            name: None,
            removed: None,
        };
        let party = Party {
            name: genesis.party_name.clone(),
            had_members: true,
            removed_at: None,
        };
        let state = Self {
            name: genesis.name.clone(),
            relay: genesis.relay,
            relay_url: None,
            past_relays: Vec::new(),
            parties: BTreeMap::from([(genesis.party, party)]),
            members: BTreeMap::from([(genesis.member, member)]),
            devices: BTreeMap::from([(genesis.device.id, device)]),
            removals: BTreeMap::new(),
            invites: BTreeMap::new(),
            offers: BTreeMap::new(),
            spent_invites: BTreeMap::new(),
            spaces: genesis_keys(genesis)?,
            access: Access::default(),
            past_access: Vec::new(),
            proposals: BTreeMap::new(),
            repairs: BTreeSet::new(),
            interests: Vec::new(),
            reserve_spent: BTreeMap::new(),
            complaints: BTreeMap::new(),
            rechained: BTreeMap::new(),
            names_given: BTreeMap::new(),
            taken_in: Arc::default(),
            taken_in_by: BTreeMap::new(),
            deleted: BTreeMap::new(),
            generations: BTreeMap::new(),
        };
        for name in [&genesis.name, &genesis.party_name, &genesis.member_name] {
            state.sealed_under(name)?;
        }
        Ok(state)
    }

    /// Takes an entry: what it changes, then the keys that follow from it.
    pub(crate) fn apply(&mut self, venture: VentureId, entry: &Entry) -> Result<(), Refused> {
        let content = entry.content();
        let giver = self.giver(content);
        self.change(venture, content, entry.hash())?;
        if let Some(keys) = content.body.keys() {
            self.settle_keys(giver?, keys)?;
        }
        self.tidy_proposals(content.position + 1);
        Ok(())
    }

    /// Counts an entry against what is kept for each party where the charter is nearly full, so that nobody who fills
    /// it keeps the others from a removal.
    pub(crate) fn spend_reserve(
        &mut self,
        author: &Author,
        entries: usize,
        bytes: usize,
    ) -> Result<(), Refused> {
        const FULL: Refused = Refused::Full("charter entries");
        let party = self.manager(author).map_err(|_| FULL)?.1.party;
        let spent = self.reserve_spent.entry(party).or_default();
        *spent = (spent.0 + entries, spent.1 + bytes);
        if spent.0 > CHARTER_RESERVE_MAX || spent.1 > CHARTER_RESERVE_BYTES_MAX {
            return Err(FULL);
        }
        Ok(())
    }

    fn giver(&self, content: &Content) -> Result<Giver, Refused> {
        let (_, member) = self.author(&content.author)?;
        Ok(Giver {
            seal: self.acting(&content.author)?.keys.seal,
            is_manager: member.is_manager(),
            rotates: matches!(content.body, Body::Rotate(_)),
            position: content.position,
        })
    }

    /// Makes the change of an entry, but for its keys.
    pub(crate) fn change(
        &mut self,
        venture: VentureId,
        content: &Content,
        id: Hash,
    ) -> Result<(), Refused> {
        let author = &content.author;
        match &content.body {
            Body::Genesis(_) => Err(Refused::GenesisMisplaced),
            Body::AdmitParty(admit) => self.admit_party(author, admit),
            Body::Invite(invite) => self.invite(author, invite),
            Body::Accept(accept) => self.accept(venture, content, accept),
            Body::Offer(offer) => self.offer(content, offer),
            Body::AddDevice(add) => self.add_device(venture, content, add),
            Body::Withdraw(withdraw) => self.withdraw(content, withdraw),
            Body::SetRoles(set) => self.set_roles(content, set),
            Body::Remove(remove) => self.remove(content, remove),
            Body::Rotate(rotate) => self.rotate(author, rotate),
            Body::Complain(complain) => self.complain(author, *complain),
            Body::Confirm(confirm) => self.confirm(content, *confirm),
            Body::Propose(propose) => self.propose(content, id, propose),
            Body::Answer(answer) => self.answer(content, *answer),
            Body::SetAccess(set) => self.set_access(content, set),
            Body::TakeIn(take) => self.take_in(content, take),
            Body::DeleteDocument(delete) => self.delete_document(venture, content, *delete),
            Body::NewGeneration(new) => self.new_generation(content, *new),
            Body::MoveRelay(moved) => self.move_relay(content, moved),
            Body::Rechain(rechain) => self.rechain(author, rechain),
            Body::SetName(set) => self.set_name(author, set),
        }
    }

    /// Refuses an author whom the charter does not know, before their signature is looked at.
    pub(crate) fn knows(&self, author: &Author) -> Result<(), Refused> {
        match author {
            Author::Device(_) => self.acting(author).map(|_| ()),
            Author::Invite(id) => {
                let is_known = self.invites.contains_key(id) || self.offers.contains_key(id);
                if is_known {
                    Ok(())
                } else {
                    Err(Refused::InviteSpent)
                }
            }
        }
    }

    /// The active device of an author.
    pub(crate) fn acting(&self, author: &Author) -> Result<&Device, Refused> {
        let Author::Device(device) = author else {
            return Err(Refused::NotManager);
        };
        let device = self.devices.get(device).ok_or(Refused::UnknownAuthor)?;
        if device.removed.is_some() {
            return Err(Refused::UnknownAuthor);
        }
        Ok(device)
    }

    /// The member whose device the author is.
    pub(crate) fn author(&self, author: &Author) -> Result<(MemberId, &Member), Refused> {
        let id = self.acting(author)?.member;
        let member = self.members.get(&id).ok_or(Refused::UnknownAuthor)?;
        Ok((id, member))
    }

    /// The author, where it is a partner manager.
    pub(crate) fn manager(&self, author: &Author) -> Result<(MemberId, &Member), Refused> {
        let (id, member) = self.author(author)?;
        if !member.is_manager() {
            return Err(Refused::NotManager);
        }
        Ok((id, member))
    }

    /// A party that is part of the venture.
    pub(crate) fn party(&self, id: PartyId) -> Result<&Party, Refused> {
        let party = self.parties.get(&id).ok_or(Refused::UnknownParty)?;
        if party.removed_at.is_some() {
            return Err(Refused::UnknownParty);
        }
        Ok(party)
    }

    /// A member who is part of the venture.
    pub(crate) fn member(&self, id: MemberId) -> Result<&Member, Refused> {
        let member = self.members.get(&id).filter(|member| member.is_active());
        member.ok_or(Refused::UnknownMember)
    }

    pub(crate) fn has_manager(&self, party: PartyId) -> bool {
        let mut members = self.members.values();
        members.any(|member| member.party == party && member.is_manager())
    }

    /// True where a manager of `own` may bring people into `party`: their own, one that never had anybody, or one
    /// that the others have decided to repair.
    pub(crate) fn looks_after(&self, own: PartyId, party: PartyId) -> bool {
        let is_new = self.parties.get(&party).is_some_and(|it| !it.had_members);
        own == party || is_new || (self.repairs.contains(&party) && !self.has_manager(party))
    }

    /// True where `member` may read `space`.
    pub(crate) fn member_reads(&self, member: &Member, space: Space) -> bool {
        let at_home = !matches!(space, Space::Private(_)) || member.at_home;
        member.is_active() && at_home && self.access.may_read(space, member.party, member.roles)
    }

    /// True where `space` had keys when the charter was `position` entries long.
    pub(crate) fn has_begun(&self, space: Space, position: u64) -> bool {
        let epoch = self.spaces.get(&space);
        epoch.is_some_and(|epoch| epoch.begun_at <= position)
    }

    /// True where `member` might write to `space` when the charter was `position` entries long.
    pub(crate) fn member_wrote(&self, member: &Member, space: Space, position: u64) -> bool {
        let was_at_home = member.at_home && member.home_since <= position;
        let at_home = !matches!(space, Space::Private(_)) || was_at_home;
        let was_there = member.removed_at.is_none_or(|removed| position < removed);
        was_there
            && at_home
            && self
                .access_at(position)
                .may_write(space, member.party, member.roles_at(position))
    }

    fn access_at(&self, position: u64) -> &Access {
        let past = self.past_access.iter().find(|(until, _)| position < *until);
        past.map_or(&self.access, |(_, access)| access)
    }

    /// True where the directory's newest key sealed the name.
    pub(crate) fn sealed_under(&self, name: &SealedName) -> Result<(), Refused> {
        let newest = self
            .spaces
            .get(&Space::Directory)
            .map(|newest| newest.epoch);
        if newest != Some(name.epoch) {
            return Err(Refused::NameEpoch);
        }
        Ok(())
    }

    /// True where no invite, offer or device has that key yet.
    pub(crate) fn is_free(&self, id: InviteId) -> bool {
        !self.invites.contains_key(&id)
            && !self.offers.contains_key(&id)
            && !self.spent_invites.contains_key(&id)
            && !self.devices.contains_key(&DeviceId(id.0))
    }

    /// True where nobody is addressed by that box key yet: a second owner would inherit the first one's boxes.
    pub(crate) fn is_free_recipient(&self, key: BoxKey) -> bool {
        let device = |device: &Device| device.removed.is_none() && device.keys.seal == key;
        !self.devices.values().any(device)
            && !self.invites.values().any(|invite| invite.seal == key)
            && !self.offers.values().any(|offer| offer.seal == key)
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
            begun_at: 1,
            holders: BTreeSet::from([genesis.device.seal]),
            is_due: false,
            is_doubted: false,
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
