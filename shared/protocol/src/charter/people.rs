//! Entries about people: parties, invites, offers, devices, roles, confirmations, removals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::body::{
    Accept, Action, AddDevice, AdmitParty, Confirm, Invite, Offer, OfferKind, Remove, SetRoles,
    Target, Withdraw,
};
use super::entry::{Author, BoxKey, Content};
use super::refused::Refused;
use super::state::{Device, Member, Party, PendingInvite, PendingOffer, Removal, Removed, State};
use crate::access::{Role, Space};
use crate::ids::{DeviceId, InviteId, MemberId, PartyId, VentureId};
use crate::limits::{DEVICES_MAX, OFFERS_MAX, PARTIES_MAX, PENDING_INVITES_MAX};

impl State {
    pub(super) fn admit_party(
        &mut self,
        author: &Author,
        admit: &AdmitParty,
    ) -> Result<(), Refused> {
        self.manager(author)?;
        if self.parties.contains_key(&admit.party) {
            return Err(Refused::Taken);
        }
        if self.parties.len() >= PARTIES_MAX {
            return Err(Refused::Full("parties"));
        }
        self.sealed_under(&admit.name)?;
        let party = Party {
            name: admit.name.clone(),
            had_members: false,
            removed_at: None,
        };
        self.parties.insert(admit.party, party);
        Ok(())
    }

    pub(super) fn invite(&mut self, author: &Author, invite: &Invite) -> Result<(), Refused> {
        let (by, manager) = self.manager(author)?;
        let own = manager.party;
        self.party(invite.party)?;
        // A party that has a manager looks after its own people.
        if !self.looks_after(own, invite.party) {
            return Err(Refused::OtherParty);
        }
        if invite.roles.is_empty() {
            return Err(Refused::NoRole);
        }
        if !self.has_room_to_invite(own) {
            return Err(Refused::Full("pending invites"));
        }
        self.new_recipient(invite.invite, invite.seal)?;
        let device = self.acting(author)?.keys;
        let (party, roles) = (invite.party, invite.roles);
        let due = |state: &Self, space: Space| {
            state.invites_into(space, by, party) && state.access.may_read(space, party, roles)
        };
        self.pass_on(device.seal, invite.seal, due, &invite.boxes)?;
        let pending = PendingInvite {
            party,
            roles,
            by,
            device: device.id,
            seal: invite.seal,
            expires_ms: invite.expires_ms,
        };
        self.invites.insert(invite.invite, pending);
        Ok(())
    }

    /// The first pending invite of each party has a place of its own: nobody who fills the rest keeps others from
    /// inviting.
    fn has_room_to_invite(&self, party: PartyId) -> bool {
        let makers = self.invites.values().map(|invite| invite.by);
        let mut made: BTreeMap<PartyId, usize> = BTreeMap::new();
        for maker in makers.filter_map(|by| self.members.get(&by)) {
            *made.entry(maker.party).or_default() += 1;
        }
        let further: usize = made.values().map(|made| made - 1).sum();
        !made.contains_key(&party) || further < PENDING_INVITES_MAX - PARTIES_MAX
    }

    pub(super) fn accept(
        &mut self,
        venture: VentureId,
        content: &Content,
        accept: &Accept,
    ) -> Result<(), Refused> {
        let id = invite_of(content)?;
        let invite = self.invites.get(&id).ok_or(Refused::InviteSpent)?.clone();
        if self.members.contains_key(&accept.member) {
            return Err(Refused::Taken);
        }
        self.new_device(accept.device.id, accept.device.seal)?;
        accept
            .verify_proof(venture, id)
            .map_err(|_| Refused::DeviceProof)?;
        self.sealed_under(&accept.name)?;
        let due = |_: &Self, _: Space| true;
        self.pass_on(invite.seal, accept.device.seal, due, &accept.boxes)?;
        self.let_go(invite.seal);
        self.invites.remove(&id);
        self.spent_invites.insert(id, content.position + 1);
        let inviter = self.members.get(&invite.by).ok_or(Refused::InviteSpent)?;
        // Once a party has a manager, nobody else's invite makes another one.
        let is_foreign = inviter.party != invite.party && self.has_manager(invite.party);
        if is_foreign && invite.roles.has(Role::PartnerManager) {
            return Err(Refused::OtherParty);
        }
        let member = Member {
            party: invite.party,
            name: accept.name.clone(),
            roles: invite.roles,
            past_roles: Vec::new(),
            invite: Some(id),
            confirmed_by: BTreeSet::new(),
            at_home: self.starts_at_home(inviter, invite.party),
            home_since: content.position + 1,
            removed_at: None,
        };
        if let Some(party) = self.parties.get_mut(&invite.party) {
            party.had_members = true;
        }
        self.members.insert(accept.member, member);
        if self.has_manager(invite.party) {
            self.repairs.remove(&invite.party);
        }
        let device = Device {
            member: accept.member,
            keys: accept.device,
            admitted_at: content.position + 1,
            offer: None,
            name: None,
            removed: None,
        };
        self.devices.insert(accept.device.id, device);
        Ok(())
    }

    pub(super) fn offer(&mut self, content: &Content, offer: &Offer) -> Result<(), Refused> {
        let author = &content.author;
        let (member, _) = self.author(author)?;
        if self.offers.len() >= OFFERS_MAX {
            return Err(Refused::Full("offers"));
        }
        self.new_recipient(offer.offer, offer.seal)?;
        let device = self.acting(author)?.keys;
        self.pass_on(device.seal, offer.seal, |_, _| true, &offer.boxes)?;
        let pending = PendingOffer {
            member,
            device: device.id,
            made_at: content.position + 1,
            kind: offer.kind,
            seal: offer.seal,
            tag: offer.tag,
            expires_ms: offer.expires_ms,
        };
        self.offers.insert(offer.offer, pending);
        Ok(())
    }

    pub(super) fn add_device(
        &mut self,
        venture: VentureId,
        content: &Content,
        add: &AddDevice,
    ) -> Result<(), Refused> {
        let id = invite_of(content)?;
        let offer = self.offers.get(&id).ok_or(Refused::InviteSpent)?.clone();
        self.new_device(add.device.id, add.device.seal)?;
        add.verify_proof(venture, id)
            .map_err(|_| Refused::DeviceProof)?;
        self.pass_on(offer.seal, add.device.seal, |_, _| true, &add.boxes)?;
        if offer.kind == OfferKind::Device {
            self.let_go(offer.seal);
            self.offers.remove(&id);
            self.spent_invites.insert(id, content.position + 1);
        }
        let device = Device {
            member: offer.member,
            keys: add.device,
            admitted_at: content.position + 1,
            offer: Some(id),
            name: None,
            removed: None,
        };
        self.devices.insert(add.device.id, device);
        Ok(())
    }

    /// An invite is taken back by a manager of its party or of its maker's; an offer by its member or their manager.
    pub(super) fn withdraw(
        &mut self,
        content: &Content,
        withdraw: &Withdraw,
    ) -> Result<(), Refused> {
        let (me, member) = self.author(&content.author)?;
        let is_manager = member.is_manager();
        let id = withdraw.invite;
        if let Some(invite) = self.invites.get(&id) {
            let maker = self.members.get(&invite.by).map(|by| by.party);
            if !is_manager || (member.party != invite.party && Some(member.party) != maker) {
                return Err(Refused::OtherParty);
            }
        } else if let Some(offer) = self.offers.get(&id) {
            let owner = self.members.get(&offer.member).map(|owner| owner.party);
            if offer.member != me && !(is_manager && owner == Some(member.party)) {
                return Err(Refused::OtherParty);
            }
        } else {
            return Err(Refused::InviteSpent);
        }
        self.invites.remove(&id);
        self.offers.remove(&id);
        self.spent_invites.insert(id, content.position + 1);
        Ok(())
    }

    pub(super) fn set_roles(&mut self, content: &Content, set: &SetRoles) -> Result<(), Refused> {
        let (_, manager) = self.manager(&content.author)?;
        let own = manager.party;
        let member = self.member(set.member)?;
        if !self.looks_after(own, member.party) {
            return Err(Refused::OtherParty);
        }
        if set.roles.is_empty() {
            return Err(Refused::NoRole);
        }
        if set.roles == member.roles {
            return Err(Refused::Nothing);
        }
        let party = member.party;
        if let Some(member) = self.members.get_mut(&set.member) {
            member.past_roles.push((content.position + 1, member.roles));
            member.roles = set.roles;
            if !member.is_manager() {
                self.void_invites(content.position + 1, |invite| invite.by == set.member);
            }
        }
        if self.has_manager(party) {
            self.repairs.remove(&party);
        }
        Ok(())
    }

    pub(super) fn confirm(&mut self, content: &Content, confirm: Confirm) -> Result<(), Refused> {
        let (me, author) = self.author(&content.author)?;
        let (party, at_home) = (author.party, author.at_home);
        if me == confirm.member {
            return Err(Refused::Nothing);
        }
        let member = self.member(confirm.member)?;
        if member.confirmed_by.contains(&me) {
            return Err(Refused::Nothing);
        }
        if let Some(member) = self.members.get_mut(&confirm.member) {
            member.confirmed_by.insert(me);
            if !member.at_home && member.party == party && at_home {
                member.at_home = true;
                member.home_since = content.position + 1;
            }
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, content: &Content, remove: &Remove) -> Result<(), Refused> {
        let author = &content.author;
        self.may_remove(author, remove)?;
        let (_, member) = self.author(author)?;
        let by = self.acting(author)?.keys.id;
        let readable = |space: &Space| self.member_reads(member, *space);
        let spaces = self.spaces.keys().copied().filter(readable).collect();
        let gone = self.devices_of(remove.target)?;
        let seen: BTreeMap<_, _> = remove
            .seen
            .iter()
            .map(|extent| (extent.document, extent.point))
            .collect();
        let is_ordered = remove
            .seen
            .is_sorted_by(|one, next| one.document < next.document);
        if !is_ordered {
            return Err(Refused::Document);
        }
        let at = content.position + 1;
        self.removals.insert(at, Arc::new(Removal { seen, spaces }));
        for device in gone {
            if let Some(device) = self.devices.get_mut(&device) {
                device.removed = Some(Removed { at, by });
            }
        }
        match remove.target {
            Target::Device(device) => self.void_made_on(device, at),
            Target::Member(member) => self.dismiss(member, at),
            Target::Party(party) => self.dissolve(party, at),
        }
        if let Some(proposal) = remove.proposal {
            self.proposals.remove(&proposal);
        }
        Ok(())
    }

    /// A manager removes people of their own party, a member devices of their own; others need a decision.
    fn may_remove(&self, author: &Author, remove: &Remove) -> Result<(), Refused> {
        let (me, member) = self.author(author)?;
        if let Some(proposal) = remove.proposal {
            let (_, manager) = self.manager(author)?;
            let decided = Action::Remove(remove.target);
            self.decided(proposal, &decided)?;
            // Or the removed would say themselves from where on they are late.
            let may = self.electorate(&decided).contains(&manager.party);
            return if may {
                Ok(())
            } else {
                Err(Refused::OtherParty)
            };
        }
        let (owner, party) = match remove.target {
            Target::Device(device) => {
                let owner = self
                    .devices
                    .get(&device)
                    .ok_or(Refused::UnknownDevice)?
                    .member;
                (Some(owner), self.member(owner)?.party)
            }
            Target::Member(owner) => (Some(owner), self.member(owner)?.party),
            Target::Party(party) => (None, party),
        };
        let is_self = owner == Some(me);
        if is_self || (member.is_manager() && member.party == party) {
            return Ok(());
        }
        if member.is_manager() {
            Err(Refused::OtherParty)
        } else {
            Err(Refused::NotManager)
        }
    }

    /// The active devices that a removal of `target` removes.
    pub(crate) fn devices_of(&self, target: Target) -> Result<Vec<DeviceId>, Refused> {
        let is_active = |id: &DeviceId| {
            let device = self.devices.get(id);
            device.is_some_and(|device| device.removed.is_none())
        };
        if let Target::Device(device) = target {
            let found = is_active(&device).then(|| vec![device]);
            return found.ok_or(Refused::UnknownDevice);
        }
        let members: BTreeSet<MemberId> = match target {
            Target::Device(_) => BTreeSet::new(),
            Target::Member(member) => {
                self.member(member)?;
                BTreeSet::from([member])
            }
            Target::Party(party) => {
                self.party(party)?;
                self.members_of(party).collect()
            }
        };
        let of = |(_, device): &(&DeviceId, &Device)| members.contains(&device.member);
        let devices = self.devices.iter().filter(of).map(|(id, _)| *id);
        Ok(devices.filter(is_active).collect())
    }

    fn members_of(&self, party: PartyId) -> impl Iterator<Item = MemberId> {
        let members = self.members.iter();
        members
            .filter(move |(_, member)| member.party == party && member.is_active())
            .map(|(id, _)| *id)
    }

    /// Ends a membership, the invites that the member has made and the offers for their devices.
    fn dismiss(&mut self, id: MemberId, at: u64) {
        if let Some(member) = self.members.get_mut(&id) {
            member.removed_at = Some(at);
        }
        self.void_invites(at, |invite| invite.by == id);
        let offers = self.offers.extract_if(.., |_, offer| offer.member == id);
        self.spent_invites
            .extend(offers.map(|(offer, _)| (offer, at)));
    }

    /// Ends what could let a thief of a device in again. A recovery kit stays, for a lost device may have made it: it
    /// names the device, and who is in doubt withdraws it.
    fn void_made_on(&mut self, device: DeviceId, at: u64) {
        self.void_invites(at, |invite| invite.device == device);
        let is_code = |offer: &PendingOffer| offer.kind == OfferKind::Device;
        let made_on = |offer: &PendingOffer| offer.device == device;
        let offers = self
            .offers
            .extract_if(.., |_, offer| is_code(offer) && made_on(offer));
        self.spent_invites
            .extend(offers.map(|(offer, _)| (offer, at)));
    }

    fn void_invites(&mut self, at: u64, of: impl Fn(&PendingInvite) -> bool) {
        let invites = self.invites.extract_if(.., |_, invite| of(invite));
        self.spent_invites
            .extend(invites.map(|(invite, _)| (invite, at)));
    }

    fn dissolve(&mut self, id: PartyId, at: u64) {
        let members: Vec<_> = self.members_of(id).collect();
        for member in members {
            self.dismiss(member, at);
        }
        self.void_invites(at, |invite| invite.party == id);
        if let Some(party) = self.parties.get_mut(&id) {
            party.removed_at = Some(at);
        }
        self.repairs.remove(&id);
        for proposal in self.proposals.values_mut() {
            proposal.agreed.remove(&id);
            proposal.declined.remove(&id);
        }
    }

    fn new_recipient(&self, id: InviteId, seal: BoxKey) -> Result<(), Refused> {
        if !self.is_free(id) || !self.is_free_recipient(seal) {
            return Err(Refused::Taken);
        }
        strong(&seal)
    }

    fn new_device(&self, id: DeviceId, seal: BoxKey) -> Result<(), Refused> {
        let active = self
            .devices
            .values()
            .filter(|device| device.removed.is_none());
        if active.count() >= DEVICES_MAX {
            return Err(Refused::Full("devices"));
        }
        self.new_recipient(InviteId(id.0), seal)
    }
}

fn invite_of(content: &Content) -> Result<InviteId, Refused> {
    match content.author {
        Author::Invite(id) => Ok(id),
        Author::Device(_) => Err(Refused::InviteSpent),
    }
}

/// A recipient that nothing can be boxed for would make every later rotation, and so every removal, fail.
pub(super) fn strong(key: &BoxKey) -> Result<(), Refused> {
    if key.is_low_order() {
        return Err(Refused::WeakKey);
    }
    Ok(())
}
