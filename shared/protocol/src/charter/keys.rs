//! Who holds which key, and which keys an entry must bring: one rule for every change of access.

use std::collections::{BTreeMap, BTreeSet};

use super::Due;
use super::body::Keys;
use super::entry::{BoxKey, NewKey, SpaceBox};
use super::refused::Refused;
use super::state::{Device, Epoch, Member, State};
use crate::access::Space;
use crate::ids::{MemberId, PartyId};

/// Who brings the keys of an entry.
#[derive(Clone, Copy)]
pub(crate) struct Giver {
    /// The box key of the device that signed it.
    pub(crate) seal: BoxKey,
    pub(crate) is_manager: bool,
    /// True where the entry is there to give keys; any other gives those alone that its change makes due.
    pub(crate) rotates: bool,
    /// The charter's length before the entry.
    pub(crate) position: u64,
}

impl State {
    /// Everybody who may read `space` now: devices, pending invites and offers.
    pub(crate) fn readers(&self, space: Space) -> BTreeSet<BoxKey> {
        let reads = |device: &&Device| {
            let member = self.members.get(&device.member);
            device.removed.is_none() && member.is_some_and(|it| self.member_reads(it, space))
        };
        let devices = self.devices.values().filter(reads);
        let invites = self.invites.values().filter(|invite| {
            self.invites_into(space, invite.by, invite.party)
                && self.access.may_read(space, invite.party, invite.roles)
        });
        let offers = self.offers.values().filter(|offer| {
            let member = self.members.get(&offer.member);
            member.is_some_and(|member| self.member_reads(member, space))
        });
        devices
            .map(|device| device.keys.seal)
            .chain(invites.map(|invite| invite.seal))
            .chain(offers.map(|offer| offer.seal))
            .collect()
    }

    pub(crate) fn next_epoch(&self, space: Space) -> u32 {
        self.spaces.get(&space).map_or(0, |newest| newest.epoch + 1)
    }

    /// The spaces whose newest key was boxed for `recipient`.
    pub(crate) fn held_by(&self, recipient: BoxKey) -> BTreeMap<Space, u32> {
        let held = self
            .spaces
            .iter()
            .filter(|(_, epoch)| epoch.holders.contains(&recipient));
        held.map(|(space, epoch)| (*space, epoch.epoch)).collect()
    }

    /// Takes the keys that came with a change of access, which has been made already.
    ///
    /// A space that somebody holds who may not read it any more is rotated for exactly its readers where the author
    /// can; where not, it is due, and nothing is written to it before a holder rotates it. Where it is not rotated,
    /// an author who holds the key boxes it for exactly those readers who lack it.
    pub(crate) fn settle_keys(&mut self, giver: Giver, keys: &Keys) -> Result<(), Refused> {
        let (first, rotated): (Vec<_>, Vec<_>) = keys
            .rotated
            .iter()
            .partition(|new| !self.spaces.contains_key(&new.space));
        let mut rotated = by_space(&rotated)?;
        let mut boxed = boxes_by_space(&keys.boxes)?;
        let spaces: Vec<_> = self.spaces.keys().copied().collect();
        for space in spaces {
            let readers = self.readers(space);
            let new = rotated.remove(&space);
            let boxed = boxed.remove(&space).unwrap_or_default();
            let epoch = self.spaces.get_mut(&space).ok_or(Refused::Boxes)?;
            match new {
                Some(new) if boxed.is_empty() => rotate(epoch, giver, &readers, new)?,
                Some(_) => return Err(Refused::Boxes),
                None => keep(epoch, giver.seal, &readers, &boxed)?,
            }
        }
        let is_first_out_of_place = !first.is_empty() && !giver.rotates;
        if !rotated.is_empty() || !boxed.is_empty() || is_first_out_of_place {
            return Err(Refused::Boxes);
        }
        first
            .into_iter()
            .try_for_each(|new| self.first_key(giver, new))
    }

    /// The keys that an author brings along, as [`State::settle_keys`] wants them.
    pub(crate) fn due_from(&self, author: BoxKey) -> Due {
        let mut due = Due::default();
        for (space, epoch) in &self.spaces {
            let readers = self.readers(*space);
            let holds = epoch.holders.contains(&author) && readers.contains(&author);
            if holds && !epoch.holders.is_subset(&readers) {
                due.rotated.insert(*space, (epoch.epoch + 1, readers));
            } else if holds && !epoch.is_due {
                let lacking: BTreeSet<_> = readers.difference(&epoch.holders).copied().collect();
                if !lacking.is_empty() {
                    due.boxes.insert(*space, (epoch.epoch, lacking));
                }
            }
        }
        due
    }

    /// The keys that an author may give where nothing else changes: what is due, what was lost, what others lack, and
    /// the first key of their party's private space.
    pub(crate) fn owed_by(&self, author: BoxKey, member: &Member) -> Due {
        let mut due = self.due_from(author);
        for (space, epoch) in &self.spaces {
            let readers = self.readers(*space);
            let is_lost = epoch.holders.is_disjoint(&readers);
            let holds = epoch.holders.contains(&author);
            let is_wanted =
                (epoch.is_due && holds) || is_lost || (epoch.is_doubted && member.is_manager());
            if is_wanted && readers.contains(&author) {
                due.boxes.remove(space);
                due.rotated.insert(*space, (epoch.epoch + 1, readers));
            }
        }
        let own = Space::Private(member.party);
        let readers = self.readers(own);
        if !self.spaces.contains_key(&own) && readers.contains(&author) {
            due.rotated.insert(own, (0, readers));
        }
        due
    }

    fn first_key(&mut self, giver: Giver, new: &NewKey) -> Result<(), Refused> {
        let readers = self.readers(new.space);
        if !readers.contains(&giver.seal)
            || new.epoch != 0
            || new.previous.is_some()
            || recipients(new)? != readers
        {
            return Err(Refused::Boxes);
        }
        let epoch = Epoch {
            epoch: 0,
            commitment: new.commitment,
            begun_at: giver.position + 1,
            holders: readers,
            is_due: false,
            is_doubted: false,
        };
        match self.spaces.insert(new.space, epoch) {
            None => Ok(()),
            Some(_) => Err(Refused::Boxes),
        }
    }

    /// Takes the boxes that an author, who holds the keys of `from`, brings for a new recipient that takes its place
    /// or stands beside it: exactly those that `from` holds and `due` wants.
    pub(crate) fn pass_on(
        &mut self,
        from: BoxKey,
        to: BoxKey,
        due: impl Fn(&Self, Space) -> bool,
        boxes: &[SpaceBox],
    ) -> Result<(), Refused> {
        let held = self.held_by(from);
        let due: BTreeMap<_, _> = held
            .into_iter()
            .filter(|(space, _)| due(self, *space))
            .collect();
        let given: BTreeMap<Space, u32> = boxes
            .iter()
            .filter(|space_box| space_box.key.recipient == to)
            .map(|space_box| (space_box.space, space_box.epoch))
            .collect();
        if given.len() != boxes.len() || given != due {
            return Err(Refused::Boxes);
        }
        for space in due.keys() {
            if let Some(epoch) = self.spaces.get_mut(space) {
                epoch.holders.insert(to);
            }
        }
        Ok(())
    }

    /// Forgets a recipient that has been followed by another of the same person.
    pub(crate) fn let_go(&mut self, recipient: BoxKey) {
        for epoch in self.spaces.values_mut() {
            epoch.holders.remove(&recipient);
        }
    }

    /// True where an invite into `party` by that member lets in to `space`. Private spaces open only to those whom
    /// somebody at home invites: another manager of the party may have come by the word of others.
    pub(crate) fn invites_into(&self, space: Space, inviter: MemberId, party: PartyId) -> bool {
        let inviter = self.members.get(&inviter);
        !matches!(space, Space::Private(_))
            || inviter.is_some_and(|inviter| inviter.party == party && inviter.at_home)
    }

    /// True where a member whom `inviter` invites is to have the private space of their party from the start: somebody
    /// at home invited them, or nobody is there to ask.
    pub(crate) fn starts_at_home(&self, inviter: &Member, party: PartyId) -> bool {
        let mut members = self.members.values();
        (inviter.party == party && inviter.at_home)
            || !members.any(|other| other.party == party && other.is_active() && other.at_home)
    }
}

fn rotate(
    epoch: &mut Epoch,
    giver: Giver,
    readers: &BTreeSet<BoxKey>,
    new: &NewKey,
) -> Result<(), Refused> {
    let is_called_for = giver.rotates || !epoch.holders.is_subset(readers);
    // Without a holder left nobody who reads the space has to have the key before.
    let is_lost = epoch.holders.is_disjoint(readers);
    let is_mended = epoch.is_doubted && giver.is_manager;
    let holds = epoch.holders.contains(&giver.seal) || is_lost || is_mended;
    let next = Some(new.epoch) == epoch.epoch.checked_add(1);
    // Where the key before is lost or in doubt, the author seals the newest that they have, if any.
    let chained = new.previous.is_some() || is_lost || epoch.is_doubted;
    let fits = readers.contains(&giver.seal) && recipients(new)? == *readers;
    if !is_called_for || !holds || !next || !chained || !fits {
        return Err(Refused::Boxes);
    }
    *epoch = Epoch {
        epoch: new.epoch,
        commitment: new.commitment,
        begun_at: epoch.begun_at,
        holders: readers.clone(),
        is_due: false,
        is_doubted: false,
    };
    Ok(())
}

fn keep(
    epoch: &mut Epoch,
    author: BoxKey,
    readers: &BTreeSet<BoxKey>,
    boxed: &BTreeMap<BoxKey, u32>,
) -> Result<(), Refused> {
    let holds = epoch.holders.contains(&author) && readers.contains(&author);
    if !epoch.holders.is_subset(readers) {
        if holds {
            // Who can shut out the removed does it in the same entry.
            return Err(Refused::Boxes);
        }
        epoch.is_due = true;
        epoch.holders.retain(|holder| readers.contains(holder));
    }
    let lacking: BTreeSet<_> = readers.difference(&epoch.holders).copied().collect();
    let due = if holds && !epoch.is_due {
        lacking
    } else {
        BTreeSet::new()
    };
    let given: BTreeSet<_> = boxed.keys().copied().collect();
    if given != due || boxed.values().any(|number| *number != epoch.epoch) {
        return Err(Refused::Boxes);
    }
    epoch.holders.extend(due);
    Ok(())
}

fn by_space<'a>(keys: &[&'a NewKey]) -> Result<BTreeMap<Space, &'a NewKey>, Refused> {
    let found: BTreeMap<_, _> = keys.iter().map(|new| (new.space, *new)).collect();
    if found.len() == keys.len() {
        Ok(found)
    } else {
        Err(Refused::Boxes)
    }
}

fn boxes_by_space(boxes: &[SpaceBox]) -> Result<BTreeMap<Space, BTreeMap<BoxKey, u32>>, Refused> {
    let mut found: BTreeMap<Space, BTreeMap<BoxKey, u32>> = BTreeMap::new();
    for space_box in boxes {
        let of_space = found.entry(space_box.space).or_default();
        if of_space
            .insert(space_box.key.recipient, space_box.epoch)
            .is_some()
        {
            return Err(Refused::Boxes);
        }
    }
    Ok(found)
}

fn recipients(new: &NewKey) -> Result<BTreeSet<BoxKey>, Refused> {
    let found: BTreeSet<_> = new.boxes.iter().map(|key_box| key_box.recipient).collect();
    if found.len() == new.boxes.len() {
        Ok(found)
    } else {
        Err(Refused::Boxes)
    }
}
