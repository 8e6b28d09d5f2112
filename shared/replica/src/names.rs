//! The names in the charter, opened; who wrote an operation.

use std::collections::BTreeMap;

use heqi_domain::{Author, Authors};
use heqi_protocol::charter::{Charter, SealedName};
use heqi_protocol::{DeviceId, InviteId, MemberId, PartyId, Space};

use crate::io::{Directory, InviteEntry, MemberEntry, PartyEntry};
use crate::keyring::Keyring;
use crate::link::InviteLink;
use crate::seal::{Name, open_name};

/// Names as far as the keyring opens them.
#[derive(Default)]
pub(crate) struct Names {
    venture: String,
    parties: BTreeMap<PartyId, (String, String)>,
    members: BTreeMap<MemberId, String>,
    /// Which device writes as an actor; filled from the envelopes that brought its changes.
    actors: BTreeMap<[u8; 16], DeviceId>,
    devices: BTreeMap<DeviceId, Author>,
}

impl Names {
    /// Opens every name of the charter again.
    pub(crate) fn refresh(&mut self, charter: &Charter, keyring: &Keyring, me: DeviceId) {
        let text = |sealed: &SealedName| open(charter, keyring, sealed);
        let name = |sealed: &SealedName| text(sealed).map(|name| name.name.to_string());
        self.venture = name(charter.name()).unwrap_or_default();
        self.parties = charter
            .parties()
            .iter()
            .filter_map(|(id, party)| {
                let name = text(&party.name)?;
                let code = name.code.as_deref().unwrap_or_default().to_owned();
                Some((*id, (name.name.to_string(), code)))
            })
            .collect();
        self.members = charter
            .members()
            .iter()
            .filter_map(|(id, member)| Some((*id, name(&member.name)?)))
            .collect();
        self.devices = charter
            .devices()
            .keys()
            .filter_map(|device| Some((*device, self.author_of(charter, *device, me)?)))
            .collect();
    }

    /// Remembers the writer behind an actor; true where it was not known.
    pub(crate) fn learn(&mut self, actor: [u8; 16], device: DeviceId) -> bool {
        self.actors.insert(actor, device).is_none()
    }

    pub(crate) fn party_code(&self, party: PartyId) -> &str {
        self.parties
            .get(&party)
            .map_or("", |(_, code)| code.as_str())
    }

    /// The party of that name or code.
    pub(crate) fn party_named(&self, name: &str) -> Option<PartyId> {
        self.parties
            .iter()
            .find(|(_, (known, code))| known == name || code == name)
            .map(|(id, _)| *id)
    }

    pub(crate) fn directory(
        &self,
        charter: &Charter,
        relay_url: &str,
        links: &BTreeMap<InviteId, InviteLink>,
        me: DeviceId,
    ) -> Directory {
        let parties = charter.parties().keys().map(|id| PartyEntry {
            id: *id,
            name: self.party(*id).0,
            code: self.party(*id).1,
            members: self.members_of(charter, *id),
        });
        let invites = charter.invites().iter().map(|(id, invite)| InviteEntry {
            id: *id,
            party: invite.party,
            roles: invite.roles,
            expires_ms: invite.expires_ms,
            link: links.get(id).map(InviteLink::url),
        });
        Directory {
            venture: self.venture.clone(),
            relay_url: relay_url.to_owned(),
            parties: parties.collect(),
            invites: invites.collect(),
            me: charter.member_of(me).map(|(id, _)| id),
        }
    }

    fn members_of(&self, charter: &Charter, party: PartyId) -> Vec<MemberEntry> {
        let members = charter.members().iter();
        members
            .filter(|(_, member)| member.party == party)
            .map(|(id, member)| MemberEntry {
                id: *id,
                name: self.members.get(id).cloned().unwrap_or_default(),
                roles: member.roles,
                devices: charter
                    .devices()
                    .iter()
                    .filter(|(_, device)| device.member == *id)
                    .map(|(device, _)| *device)
                    .collect(),
                unconfirmed: member.invite.is_some(),
            })
            .collect()
    }

    fn author_of(&self, charter: &Charter, device: DeviceId, me: DeviceId) -> Option<Author> {
        let (id, member) = charter.member_of(device)?;
        let (party, party_code) = self.party(member.party);
        Some(Author {
            party,
            party_code,
            member: self.members.get(&id).cloned().unwrap_or_default(),
            me: charter.member_of(me).is_some_and(|(mine, _)| mine == id),
        })
    }

    fn party(&self, id: PartyId) -> (String, String) {
        self.parties.get(&id).cloned().unwrap_or_default()
    }
}

impl Authors for Names {
    fn author(&self, actor: &[u8; 16]) -> Option<Author> {
        self.devices.get(self.actors.get(actor)?).cloned()
    }
}

fn open(charter: &Charter, keyring: &Keyring, sealed: &SealedName) -> Option<Name> {
    let key = keyring.key(Space::Directory, sealed.epoch)?;
    open_name(charter.founding_nonce(), sealed, key).ok()
}
