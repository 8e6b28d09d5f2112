//! The names in the charter, opened; who wrote an operation.

use std::collections::BTreeMap;

use heqi_domain::{Author, Authors};
use heqi_protocol::charter::{Charter, Device, OfferKind, SealedName, Target};
use heqi_protocol::{DeviceId, InviteId, MemberId, PartyId, Space};

use crate::code::words;
use crate::io::{
    DeviceEntry, Directory, InviteEntry, MemberEntry, OfferEntry, PartyEntry, ProposalEntry, Words,
};
use crate::keyring::Keyring;
use crate::link::InviteLink;
use crate::seal::{Name, open_name};
use crate::store::KitRow;

/// Names as far as the keyring opens them.
#[derive(Default)]
pub(crate) struct Names {
    venture: String,
    parties: BTreeMap<PartyId, (String, String)>,
    members: BTreeMap<MemberId, String>,
    device_names: BTreeMap<DeviceId, String>,
    /// Which device writes as an actor; filled from the envelopes that brought its changes.
    actors: BTreeMap<[u8; 16], DeviceId>,
    devices: BTreeMap<DeviceId, Author>,
}

impl Names {
    /// Opens every name of the charter again; true where an author known before is called otherwise now.
    pub(crate) fn refresh(&mut self, charter: &Charter, keyring: &Keyring, me: DeviceId) -> bool {
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
        self.device_names = charter
            .devices()
            .iter()
            .filter_map(|(id, device)| Some((*id, name(device.name.as_ref()?)?)))
            .collect();
        let devices: BTreeMap<_, _> = charter
            .devices()
            .keys()
            .filter_map(|device| Some((*device, self.author_of(charter, *device, me)?)))
            .collect();
        let before = std::mem::replace(&mut self.devices, devices);
        let mut known = before.iter();
        known.any(|(device, author)| self.devices.get(device) != Some(author))
    }

    /// Remembers the writer behind an actor; true where it was not known.
    pub(crate) fn learn(&mut self, actor: [u8; 16], device: DeviceId) -> bool {
        self.actors.insert(actor, device).is_none()
    }

    /// The actors that a device is known to have written as.
    pub(crate) fn actors_of(&self, device: DeviceId) -> impl Iterator<Item = &[u8; 16]> {
        let actors = self.actors.iter();
        actors.filter_map(move |(actor, by)| (*by == device).then_some(actor))
    }

    pub(crate) fn party_code(&self, party: PartyId) -> &str {
        self.parties
            .get(&party)
            .map_or("", |(_, code)| code.as_str())
    }

    /// The name that something has now.
    pub(crate) fn of(&self, target: Target) -> Option<&str> {
        let name = match target {
            Target::Device(id) => self.device_names.get(&id),
            Target::Member(id) => self.members.get(&id),
            Target::Party(id) => self.parties.get(&id).map(|(name, _)| name),
        };
        name.map(String::as_str)
    }

    /// A name of the charter as it was sealed at some time.
    pub(crate) fn opened(
        charter: &Charter,
        keyring: &Keyring,
        sealed: &SealedName,
    ) -> Option<String> {
        open(charter, keyring, sealed).map(|name| name.name.to_string())
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
        kits: &BTreeMap<InviteId, KitRow>,
        heard: &BTreeMap<DeviceId, u64>,
        me: DeviceId,
    ) -> Directory {
        let parties = charter.parties().keys();
        let invites = charter.invites().iter().map(|(id, invite)| InviteEntry {
            id: *id,
            party: invite.party,
            by: invite.by,
            roles: invite.roles,
            expires_ms: invite.expires_ms,
            link: links.get(id).map(InviteLink::url),
        });
        let offers = charter.offers().iter().map(|(id, offer)| OfferEntry {
            id: *id,
            member: offer.member,
            device: offer.device,
            kind: offer.kind,
            expires_ms: offer.expires_ms,
            made_ms: kits.get(id).map(|kit| kit.made_ms),
            is_unconfirmed: kits.get(id).is_some_and(|kit| !kit.is_kept),
        });
        Directory {
            venture: self.venture.clone(),
            relay_url: relay_url.to_owned(),
            parties: parties
                .map(|id| self.party_entry(charter, heard, *id))
                .collect(),
            invites: invites.collect(),
            offers: offers.collect(),
            proposals: proposals(charter),
            rules: charter.access().rules().collect(),
            interests: charter.interests().to_vec(),
            me: charter.member_of(me).map(|(id, _)| id),
            device: Some(me),
        }
    }

    fn party_entry(
        &self,
        charter: &Charter,
        heard: &BTreeMap<DeviceId, u64>,
        id: PartyId,
    ) -> PartyEntry {
        let (name, code) = self.party(id);
        let members = self.members_of(charter, heard, id);
        let devices = members.iter().flat_map(|member| &member.devices);
        let grants = Space::SHARED.map(|space| (space, charter.access().grant(space, id)));
        let removed_at = charter
            .parties()
            .get(&id)
            .and_then(|party| party.removed_at);
        PartyEntry {
            id,
            name,
            code,
            is_removed: removed_at.is_some(),
            has_manager: charter.has_manager(id),
            access: grants.to_vec(),
            heard_ms: devices.filter_map(|device| device.heard_ms).max(),
            members,
        }
    }

    fn members_of(
        &self,
        charter: &Charter,
        heard: &BTreeMap<DeviceId, u64>,
        party: PartyId,
    ) -> Vec<MemberEntry> {
        let members = charter.members().iter();
        let mut members: Vec<_> = members
            .filter(|(_, member)| member.party == party)
            .map(|(id, member)| {
                let devices = self.devices_of(charter, heard, *id);
                MemberEntry {
                    id: *id,
                    name: self.members.get(id).cloned().unwrap_or_default(),
                    roles: member.roles,
                    unconfirmed: member.invite.is_some() && member.confirmed_by.is_empty(),
                    at_home: member.at_home,
                    is_removed: !member.is_active(),
                    words: member_words(charter, *id),
                    has_recovery_kit: charter
                        .offers()
                        .values()
                        .any(|offer| offer.member == *id && offer.kind == OfferKind::Recovery),
                    devices,
                }
            })
            .collect();
        members.sort_by_key(|member| member.is_removed);
        members
    }

    fn devices_of(
        &self,
        charter: &Charter,
        heard: &BTreeMap<DeviceId, u64>,
        member: MemberId,
    ) -> Vec<DeviceEntry> {
        let devices = charter.devices().iter();
        let mut devices: Vec<_> = devices
            .filter(|(_, device)| device.member == member)
            .collect();
        devices.sort_by_key(|(_, device)| device.admitted_at);
        let entry = |(id, device): (&DeviceId, &Device)| DeviceEntry {
            id: *id,
            name: self.device_names.get(id).cloned().unwrap_or_default(),
            is_removed: device.removed.is_some(),
            heard_ms: heard.get(id).copied(),
        };
        devices.into_iter().map(entry).collect()
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

    /// The address that a relay's entry names, opened.
    pub(crate) fn relay_url(charter: &Charter, keyring: &Keyring) -> Option<String> {
        Self::opened(charter, keyring, charter.relay_url()?)
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

/// Words over a member and the first device they came with: whoever took the invite in their place has others.
fn member_words(charter: &Charter, member: MemberId) -> Words {
    let own = charter
        .devices()
        .iter()
        .filter(|(_, device)| device.member == member);
    let first = own.min_by_key(|(_, device)| device.admitted_at);
    let device = first.map_or([0; 32], |(id, _)| id.0);
    words(
        "heqi member words v1",
        &[&charter.venture().0, &member.0, &device],
    )
}

fn proposals(charter: &Charter) -> Vec<ProposalEntry> {
    let proposals = charter.proposals().iter();
    proposals
        .map(|(id, proposal)| ProposalEntry {
            id: *id,
            action: proposal.action.clone(),
            by: proposal.by,
            agreed: proposal.agreed.clone(),
            declined: proposal.declined.clone(),
            electorate: charter.electorate(&proposal.action),
            is_decided: proposal.is_decided,
        })
        .collect()
}

fn open(charter: &Charter, keyring: &Keyring, sealed: &SealedName) -> Option<Name> {
    let key = keyring.key(Space::Directory, sealed.epoch)?;
    open_name(charter.founding_nonce(), sealed, key).ok()
}
