//! The charter: who belongs to a venture, in one linear hash-linked list of signed entries.
//!
//! [`Charter`] is the one fold over it, pure and used by relay and members alike: an entry that any side refuses, every
//! side refuses. Structure is in the clear, names are sealed under the directory's key. What the fold cannot know is
//! whether a key box opens: that only its recipient sees, and says by a complaint.
//!
//! Every question about rights names a charter position, for an envelope is judged by the charter as it stood when
//! the relay took it, whatever came later.

pub mod body;
mod decision;
pub mod entry;
mod keys;
mod names;
mod people;
mod refused;
mod spaces;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Access, Roles, Space};
use crate::envelope::Header;
use crate::ids::{DeviceId, DocumentId, Hash, InviteId, MemberId, PartyId, RelayKey, VentureId};
use crate::limits::{CHARTER_BYTES_MAX, CHARTER_ENTRIES_MAX, CHARTER_RESERVE_MAX, PARTIES_MAX};
use crate::log::CharterAck;

pub use body::{
    Accept, Action, AddDevice, AdmitParty, Answer, Body, Complain, Confirm, DeleteDocument, Extent,
    Genesis, Invite, Keys, MoveRelay, NewGeneration, Offer, OfferKind, Propose, Rechain, Remove,
    Rotate, SetAccess, SetName, SetRoles, Share, TakeIn, Target, Withdraw,
};
pub use entry::{
    Author, BoxKey, Content, DeviceKeys, Entry, KeyBox, NewKey, SealedKey, SealedName, SpaceBox,
};
pub use refused::Refused;
pub use state::{
    Device, Epoch, Interests, Member, Party, PendingInvite, PendingOffer, Proposal, Removed,
};

use state::State;

/// The charter as folded so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charter {
    venture: VentureId,
    founding_nonce: [u8; 32],
    heads: Vec<Hash>,
    /// Of all entries.
    bytes: usize,
    state: State,
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
        Ok(Self {
            venture: VentureId(entry.hash().0),
            founding_nonce: genesis.nonce,
            heads: vec![entry.hash()],
            bytes: entry.bytes().len(),
            state: State::found(genesis)?,
        })
    }

    /// Takes the next entry, or leaves the charter as it is and says why not.
    pub fn append(&mut self, entry: &Entry) -> Result<(), Refused> {
        self.state = self.after(entry)?;
        self.heads.push(entry.hash());
        self.bytes += entry.bytes().len();
        Ok(())
    }

    /// True where `entry` would be taken, and why not.
    pub fn check(&self, entry: &Entry) -> Result<(), Refused> {
        self.after(entry).map(|_| ())
    }

    fn after(&self, entry: &Entry) -> Result<State, Refused> {
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
        self.state.knows(&content.author)?;
        entry.verify()?;
        let mut state = self.state.clone();
        let is_long = self.heads.len() >= CHARTER_ENTRIES_MAX - PARTIES_MAX * CHARTER_RESERVE_MAX;
        let is_large = self.bytes + entry.bytes().len() > CHARTER_BYTES_MAX;
        if is_long || is_large {
            let bytes = if is_large { entry.bytes().len() } else { 0 };
            state.spend_reserve(&content.author, usize::from(is_long), bytes)?;
        }
        state.apply(self.venture, entry)?;
        Ok(state)
    }

    pub const fn venture(&self) -> VentureId {
        self.venture
    }

    /// Context of every key box and sealed name of the venture, genesis included.
    pub const fn founding_nonce(&self) -> [u8; 32] {
        self.founding_nonce
    }

    pub const fn name(&self) -> &SealedName {
        &self.state.name
    }

    /// The relay that the venture uses now.
    pub const fn relay(&self) -> RelayKey {
        self.state.relay
    }

    /// The address of the relay, where the venture has moved; text of a sealed name.
    pub const fn relay_url(&self) -> Option<&SealedName> {
        self.state.relay_url.as_ref()
    }

    /// The relay that the venture used when the charter was `position` entries long.
    pub fn relay_at(&self, position: u64) -> RelayKey {
        let mut past = self.state.past_relays.iter();
        past.find(|(until, _)| position < *until)
            .map_or(self.state.relay, |(_, relay)| *relay)
    }

    /// The relays that the venture uses or has used, the present one first.
    pub fn relays(&self) -> impl Iterator<Item = RelayKey> {
        let past = self.state.past_relays.iter().rev().map(|(_, relay)| *relay);
        std::iter::once(self.state.relay).chain(past)
    }

    /// True where a relay that may do so has signed the acknowledgement of the entry it names: the one of that time,
    /// or for a move the one moved to.
    pub fn is_acknowledged(&self, ack: &CharterAck) -> bool {
        let by = |relay| ack.verify(self.venture, relay).is_ok();
        self.head_at(ack.position) == Some(ack.head)
            && (by(self.relay_at(ack.position.saturating_sub(1)))
                || by(self.relay_at(ack.position)))
    }

    /// Number of entries folded.
    pub fn position(&self) -> u64 {
        self.heads.len() as u64
    }

    /// Bytes of all entries.
    pub const fn bytes(&self) -> usize {
        self.bytes
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

    /// Every party there ever was.
    pub const fn parties(&self) -> &BTreeMap<PartyId, Party> {
        &self.state.parties
    }

    /// Every member there ever was.
    pub const fn members(&self) -> &BTreeMap<MemberId, Member> {
        &self.state.members
    }

    /// Every device there ever was.
    pub const fn devices(&self) -> &BTreeMap<DeviceId, Device> {
        &self.state.devices
    }

    pub const fn invites(&self) -> &BTreeMap<InviteId, PendingInvite> {
        &self.state.invites
    }

    /// Device offers and recovery keys that can still add a device.
    pub const fn offers(&self) -> &BTreeMap<InviteId, PendingOffer> {
        &self.state.offers
    }

    /// The charter position from which an invite or an offer was used up or taken back.
    pub fn spent_at(&self, invite: InviteId) -> Option<u64> {
        self.state.spent_invites.get(&invite).copied()
    }

    /// The spaces that have keys, and their newest epoch.
    pub const fn spaces(&self) -> &BTreeMap<Space, Epoch> {
        &self.state.spaces
    }

    /// Who reads and writes what.
    pub const fn access(&self) -> &Access {
        &self.state.access
    }

    /// Proposals that are open, or decided and not yet carried out, by the hash of their entry.
    pub const fn proposals(&self) -> &BTreeMap<Hash, Proposal> {
        &self.state.proposals
    }

    /// The parties whose word counts for an action.
    pub fn electorate(&self, action: &Action) -> BTreeSet<PartyId> {
        self.state.electorate(action)
    }

    /// Schedules of participating interests, in the order they were decided. Of those whose day has come, the last one
    /// holds.
    pub fn interests(&self) -> &[Interests] {
        &self.state.interests
    }

    /// The member who holds `device`, or held it.
    pub fn member_of(&self, device: DeviceId) -> Option<(MemberId, &Member)> {
        let id = self.state.devices.get(&device)?.member;
        Some((id, self.state.members.get(&id)?))
    }

    /// True where `device` is part of the venture now.
    pub fn is_active(&self, device: DeviceId) -> bool {
        let device = self.state.devices.get(&device);
        device.is_some_and(|device| device.removed.is_none())
    }

    /// True where the party has a manager.
    pub fn has_manager(&self, party: PartyId) -> bool {
        self.state.has_manager(party)
    }

    /// True where a manager of `own` may bring people into `party`.
    pub fn looks_after(&self, own: PartyId, party: PartyId) -> bool {
        self.state.looks_after(own, party)
    }

    /// True where `device` might write to `space` when the charter was `position` entries long.
    pub fn may_write_at(&self, device: DeviceId, space: Space, position: u64) -> bool {
        let Some(device) = self.state.devices.get(&device) else {
            return false;
        };
        let Some(member) = self.state.members.get(&device.member) else {
            return false;
        };
        let was_there = device.removed.is_none_or(|removed| position < removed.at);
        was_there
            && device.admitted_at <= position
            && position <= self.position()
            && self.state.has_begun(space, position)
            && self.state.member_wrote(member, space, position)
    }

    /// Judges an envelope that stands at `seq` of its document's log and was taken at charter `position`.
    pub fn judge(&self, header: &Header, hash: Hash, seq: u64, position: u64) -> Standing {
        let deleted = self.state.deleted.get(&(header.space, header.document));
        let is_over = deleted.is_some_and(|at| *at <= position);
        if header.generation > self.generation_at(header.space, header.document, position) {
            return Standing::Forbidden;
        }
        if self.takes_in(header, hash) && !is_over {
            return Standing::Fits;
        }
        if self.is_late(header, seq) {
            return Standing::Late;
        }
        if is_over {
            return Standing::Forbidden;
        }
        match self.may_write_at(header.device, header.space, position) {
            true => Standing::Fits,
            false => Standing::Forbidden,
        }
    }

    /// True where everybody of `target` has been removed.
    pub fn is_removed(&self, target: Target) -> bool {
        match target {
            Target::Device(id) => self
                .state
                .devices
                .get(&id)
                .is_some_and(|it| it.removed.is_some()),
            Target::Member(id) => self
                .state
                .members
                .get(&id)
                .is_some_and(|it| !it.is_active()),
            Target::Party(id) => self
                .state
                .parties
                .get(&id)
                .is_some_and(|it| it.removed_at.is_some()),
        }
    }

    /// The active devices that a removal of `target` would remove.
    pub fn devices_of(&self, target: Target) -> Vec<DeviceId> {
        self.state.devices_of(target).unwrap_or_default()
    }

    /// True where a manager has taken in the envelope into that document: a late one counts, and one that no relay has
    /// yet may still be appended.
    pub fn has_taken_in(&self, space: Space, document: DocumentId, envelope: Hash) -> bool {
        let places = self.state.taken_in.get(&envelope);
        places.is_some_and(|places| places.contains(&(space, document)))
    }

    /// True where a manager who writes there has taken in the envelope, and a device of the venture wrote it.
    pub fn takes_in(&self, header: &Header, hash: Hash) -> bool {
        self.has_taken_in(header.space, header.document, hash)
            && self.state.devices.contains_key(&header.device)
    }

    /// True where a removed device wrote an envelope beyond what the author of its removal had read, whatever
    /// position the relay gives it.
    fn is_late(&self, header: &Header, seq: u64) -> bool {
        let device = self.state.devices.get(&header.device);
        let Some(removed) = device.and_then(|device| device.removed) else {
            return false;
        };
        let Some(removal) = self.state.removals.get(&removed.at) else {
            return false;
        };
        // Of what they did not read, the author of a removal has nothing to say.
        let seen = removal.seen.get(&header.document);
        removal.spaces.contains(&header.space) && seen.is_none_or(|seen| seq > seen.seq)
    }

    /// The place in a document's log beyond which the removal at that position has the removed be late; none where its
    /// author did not read the space.
    pub fn late_after(&self, removal: u64, space: Space, document: DocumentId) -> Option<u64> {
        let removal = self.state.removals.get(&removal)?;
        match removal.seen.get(&document) {
            Some(seen) => Some(seen.seq),
            None => removal.spaces.contains(&space).then_some(0),
        }
    }

    /// What the author of a removal had read of a document: its chain must be in the log of whoever reads it.
    pub fn seen_at_removals(
        &self,
        document: DocumentId,
    ) -> impl Iterator<Item = (u64, crate::log::Point)> {
        let removals = self.state.removals.iter();
        removals.filter_map(move |(at, removal)| Some((*at, *removal.seen.get(&document)?)))
    }

    /// The generation of a document of `space`, from 0.
    pub fn generation_in(&self, space: Space, document: DocumentId) -> u32 {
        self.generation_at(space, document, self.position())
    }

    /// The generation that a document of `space` had when the charter was `position` entries long.
    fn generation_at(&self, space: Space, document: DocumentId, position: u64) -> u32 {
        let begun = self.state.generations.get(&(space, document));
        let begun = begun.map_or(0, |begun| begun.partition_point(|at| *at <= position));
        u32::try_from(begun).unwrap_or(u32::MAX)
    }

    pub fn is_deleted_in(&self, space: Space, document: DocumentId) -> bool {
        self.state.deleted.contains_key(&(space, document))
    }

    /// True where `device` may read `space` now.
    pub fn may_read(&self, device: DeviceId, space: Space) -> bool {
        self.is_active(device)
            && self.state.spaces.contains_key(&space)
            && self
                .member_of(device)
                .is_some_and(|(_, member)| self.state.member_reads(member, space))
    }

    /// The spaces whose newest key was boxed for `recipient`, with its epoch.
    pub fn held_by(&self, recipient: BoxKey) -> BTreeMap<Space, u32> {
        self.state.held_by(recipient)
    }

    /// The spaces that an invite by `inviter` boxes keys for: those that the inviter's device holds and a member of
    /// `party` with `roles` may read, with their epoch.
    pub fn due_to_invite(
        &self,
        inviter: DeviceId,
        party: PartyId,
        roles: Roles,
    ) -> BTreeMap<Space, u32> {
        let Some(device) = self.state.devices.get(&inviter) else {
            return BTreeMap::new();
        };
        let mut held = self.held_by(device.keys.seal);
        held.retain(|space, _| {
            self.state.invites_into(*space, device.member, party)
                && self.state.access.may_read(*space, party, roles)
        });
        held
    }

    /// Everybody who may read `space` now, as recipients of its key.
    pub fn readers(&self, space: Space) -> BTreeSet<BoxKey> {
        self.state.readers(space)
    }

    /// The keys that an entry must bring which says `content`, with whatever keys it has so far: those count only as
    /// the spaces that a rotation is to rotate.
    pub fn keys_due(&self, content: &Content) -> Result<Due, Refused> {
        let author = self.state.acting(&content.author)?.keys.seal;
        let mut state = self.state.clone();
        state.change(self.venture, content, Hash::ZERO)?;
        let mut due = state.due_from(author);
        if let Body::Rotate(rotate) = &content.body {
            for new in rotate.keys.rotated.iter() {
                due.boxes.remove(&new.space);
                let next = self.state.next_epoch(new.space);
                due.rotated
                    .insert(new.space, (next, state.readers(new.space)));
            }
        }
        Ok(due)
    }

    /// The keys that `device` owes with nothing else changing: rotations that are due, first keys, and boxes for
    /// readers who lack them.
    pub fn owed_by(&self, device: DeviceId) -> Due {
        let active = self
            .state
            .devices
            .get(&device)
            .filter(|it| it.removed.is_none());
        let member = active.and_then(|device| self.state.members.get(&device.member));
        match (active, member) {
            (Some(device), Some(member)) => self.state.owed_by(device.keys.seal, member),
            _ => Due::default(),
        }
    }
}

/// What becomes of an envelope in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Fits,
    /// Written by a device beyond what the author of its removal had read: kept apart, for a manager to take in.
    Late,
    Forbidden,
}

/// The keys that an entry must bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Spaces to rotate, with the new epoch and its recipients.
    pub rotated: BTreeMap<Space, (u32, BTreeSet<BoxKey>)>,
    /// Spaces whose present key is to be boxed, with its epoch and the recipients who lack it.
    pub boxes: BTreeMap<Space, (u32, BTreeSet<BoxKey>)>,
}

impl Due {
    pub fn is_empty(&self) -> bool {
        self.rotated.is_empty() && self.boxes.is_empty()
    }
}
