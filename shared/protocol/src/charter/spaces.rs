//! Entries about keys, documents and relays.

use std::sync::Arc;

use super::body::{Complain, DeleteDocument, MoveRelay, NewGeneration, Rechain, Rotate, TakeIn};
use super::entry::{Author, BoxKey, Content, NewKey};
use super::refused::Refused;
use super::state::{Member, State};
use crate::access::Space;
use crate::ids::{DocumentId, VentureId};
use crate::limits::{COMPLAINTS_MAX, RECHAINS_MAX, TAKEN_IN_MAX};

impl State {
    /// New keys by a manager, or by any holder where they are due; first keys for spaces that have none; present keys
    /// for readers who lack them.
    pub(super) fn rotate(&mut self, author: &Author, rotate: &Rotate) -> Result<(), Refused> {
        let (_, member) = self.author(author)?;
        let seal = self.acting(author)?.keys.seal;
        if rotate.keys.rotated.is_empty() && rotate.keys.boxes.is_empty() {
            return Err(Refused::Nothing);
        }
        for new in rotate.keys.rotated.iter() {
            if self.spaces.contains_key(&new.space) {
                self.may_rotate(member, seal, new.space)?;
            } else {
                self.may_begin(member, new)?;
            }
        }
        Ok(())
    }

    fn may_rotate(&self, member: &Member, seal: BoxKey, space: Space) -> Result<(), Refused> {
        let readers = self.readers(space);
        let epoch = self.spaces.get(&space).ok_or(Refused::Boxes)?;
        let is_lost = epoch.holders.is_disjoint(&readers);
        let holds = epoch.holders.contains(&seal);
        let is_left_to = is_lost || (holds && epoch.is_due);
        if !self.member_reads(member, space) || !(is_left_to || member.is_manager()) {
            Err(Refused::NotManager)
        } else if is_left_to || holds || epoch.is_doubted {
            Ok(())
        } else {
            Err(Refused::Boxes)
        }
    }

    /// A private space is begun by its own people, another by a manager who reads it.
    fn may_begin(&self, member: &Member, new: &NewKey) -> Result<(), Refused> {
        let may = match new.space {
            Space::Directory => false,
            Space::Private(owner) => owner == member.party,
            _ => member.is_manager(),
        };
        if may && self.member_reads(member, new.space) {
            Ok(())
        } else {
            Err(Refused::NotManager)
        }
    }

    pub(super) fn complain(&mut self, author: &Author, complain: Complain) -> Result<(), Refused> {
        let device = self.acting(author)?;
        let (id, seal) = (device.keys.id, device.keys.seal);
        let made = self.complaints.entry((complain.space, id)).or_default();
        let epoch = self.spaces.get_mut(&complain.space).ok_or(Refused::Boxes)?;
        let is_holder = epoch.epoch == complain.epoch && epoch.holders.contains(&seal);
        if !is_holder {
            return Err(Refused::Nothing);
        }
        if *made >= COMPLAINTS_MAX {
            return Err(Refused::Full("complaints"));
        }
        *made += 1;
        epoch.holders.remove(&seal);
        epoch.is_doubted = true;
        Ok(())
    }

    pub(super) fn rechain(&mut self, author: &Author, rechain: &Rechain) -> Result<(), Refused> {
        let device = self.acting(author)?.keys;
        let newest = self.spaces.get(&rechain.space).ok_or(Refused::Boxes)?;
        let is_holder = newest.epoch == rechain.epoch && newest.holders.contains(&device.seal);
        if !is_holder || rechain.epoch == 0 {
            return Err(Refused::Nothing);
        }
        let made = self
            .rechained
            .entry((rechain.space, device.id))
            .or_default();
        if made.0 != rechain.epoch {
            *made = (rechain.epoch, 0);
        }
        if made.1 >= RECHAINS_MAX {
            return Err(Refused::Full("older keys sealed again"));
        }
        made.1 += 1;
        Ok(())
    }

    pub(super) fn take_in(&mut self, content: &Content, take: &TakeIn) -> Result<(), Refused> {
        let (_, manager) = self.manager(&content.author)?;
        let party = manager.party;
        self.writes(manager, take.space, content.position)?;
        let place = (take.space, take.document);
        if take.envelopes.is_empty() {
            return Err(Refused::Nothing);
        }
        if self.deleted.contains_key(&place) {
            return Err(Refused::Document);
        }
        let taken_in = Arc::make_mut(&mut self.taken_in);
        let by_party = self.taken_in_by.entry(party).or_default();
        for envelope in take.envelopes.iter() {
            let is_new = taken_in.entry(*envelope).or_default().insert(place);
            *by_party += usize::from(is_new);
        }
        if *by_party > TAKEN_IN_MAX {
            return Err(Refused::Full("envelopes taken in"));
        }
        Ok(())
    }

    pub(super) fn delete_document(
        &mut self,
        venture: VentureId,
        content: &Content,
        delete: DeleteDocument,
    ) -> Result<(), Refused> {
        let (_, manager) = self.manager(&content.author)?;
        self.writes(manager, delete.space, content.position)?;
        let is_root = delete.document == DocumentId::root(venture, delete.space);
        let place = (delete.space, delete.document);
        if is_root || self.deleted.contains_key(&place) {
            return Err(Refused::Document);
        }
        self.deleted.insert(place, content.position + 1);
        Ok(())
    }

    pub(super) fn new_generation(
        &mut self,
        content: &Content,
        new: NewGeneration,
    ) -> Result<(), Refused> {
        let (_, manager) = self.manager(&content.author)?;
        self.writes(manager, new.space, content.position)?;
        let place = (new.space, new.document);
        let begun = self.generations.get(&place).map_or(0, Vec::len);
        let follows = usize::try_from(new.generation).is_ok_and(|new| new == begun + 1);
        if !follows || self.deleted.contains_key(&place) {
            return Err(Refused::Document);
        }
        let begun = self.generations.entry(place).or_default();
        begun.push(content.position + 1);
        Ok(())
    }

    pub(super) fn move_relay(
        &mut self,
        content: &Content,
        moved: &MoveRelay,
    ) -> Result<(), Refused> {
        self.manager(&content.author)?;
        self.sealed_under(&moved.url)?;
        self.past_relays.push((content.position + 1, self.relay));
        self.relay = moved.relay;
        self.relay_url = Some(moved.url.clone());
        Ok(())
    }

    fn writes(&self, member: &Member, space: Space, position: u64) -> Result<(), Refused> {
        if self.spaces.contains_key(&space) && self.member_wrote(member, space, position) {
            Ok(())
        } else {
            Err(Refused::MayNotWrite)
        }
    }
}
