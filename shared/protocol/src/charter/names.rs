//! Entries that name somebody or something.

use super::body::{SetName, Target};
use super::entry::{Author, SealedName};
use super::refused::Refused;
use super::state::State;
use crate::ids::{DeviceId, MemberId, PartyId};
use crate::limits::NAMES_MAX;

impl State {
    /// Names a device by its member, a member by themselves or a manager of their party, a party by a manager of it.
    pub(super) fn set_name(&mut self, author: &Author, set: &SetName) -> Result<(), Refused> {
        let by = self.acting(author)?.keys.id;
        // What is to be named is there, so that the lookups below find it.
        match set.target {
            Target::Device(device) => self.may_name_device(author, device)?,
            Target::Member(member) => self.may_name_member(author, member)?,
            Target::Party(party) => self.may_name_party(author, party)?,
        }
        self.sealed_under(&set.name)?;
        let given = self.names_given.entry(by).or_default();
        if *given >= NAMES_MAX {
            return Err(Refused::Full("names"));
        }
        *given += 1;
        self.rename(set.target, &set.name);
        Ok(())
    }

    fn rename(&mut self, target: Target, name: &SealedName) {
        match target {
            Target::Device(id) => {
                if let Some(device) = self.devices.get_mut(&id) {
                    device.name = Some(name.clone());
                }
            }
            Target::Member(id) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.name = name.clone();
                }
            }
            Target::Party(id) => {
                if let Some(party) = self.parties.get_mut(&id) {
                    party.name = name.clone();
                }
            }
        }
    }

    fn may_name_device(&self, author: &Author, id: DeviceId) -> Result<(), Refused> {
        let (me, _) = self.author(author)?;
        let device = self.devices.get(&id).ok_or(Refused::UnknownDevice)?;
        if device.removed.is_some() {
            Err(Refused::UnknownDevice)
        } else if device.member != me {
            Err(Refused::OtherMember)
        } else {
            Ok(())
        }
    }

    fn may_name_member(&self, author: &Author, id: MemberId) -> Result<(), Refused> {
        let (me, own) = self.author(author)?;
        let member = self.member(id)?;
        if id == me {
            Ok(())
        } else if !own.is_manager() {
            Err(Refused::NotManager)
        } else if own.party != member.party {
            Err(Refused::OtherParty)
        } else {
            Ok(())
        }
    }

    /// A party that never had members is named by whoever may bring some in.
    fn may_name_party(&self, author: &Author, id: PartyId) -> Result<(), Refused> {
        let (_, manager) = self.manager(author)?;
        let had_members = self.party(id)?.had_members;
        if had_members && manager.party != id {
            Err(Refused::OtherParty)
        } else {
            Ok(())
        }
    }
}
