//! Founding a venture, and becoming part of one: by an invite, by a code of one's own.

use heqi_protocol::charter::{
    Accept, AddDevice, Author, Body, Content, Entry, Genesis, PendingOffer,
};
use heqi_protocol::frame::AmendRefused;
use heqi_protocol::{
    Hash, List, MemberId, Misbehaviour, PartyId, RelayKey, Role, Roles, Signature, Space, VentureId,
};

use super::{Replica, VERSION};
use crate::code::CodeLink;
use crate::io::Problem;
use crate::keyring::{SpaceKey, first_key};
use crate::seal::{Name, seal_name};
use crate::store::{FoundingNames, Phase};

use super::opening::bounded;

impl Replica {
    /// The genesis for a relay with that key, made once and kept.
    pub(super) fn genesis_for(&mut self, relay: RelayKey) -> Result<VentureId, Misbehaviour> {
        let Phase::Founding { names, genesis } = self.profile.phase.clone() else {
            return Err(Misbehaviour::OutOfTurn);
        };
        let made = genesis.and_then(|bytes| Entry::decode(&bytes).ok());
        let same_relay = |entry: &Entry| matches!(&entry.content().body, Body::Genesis(genesis) if genesis.relay == relay);
        let entry = match made.filter(same_relay) {
            Some(entry) => entry,
            None => self.make_genesis(relay, &names),
        };
        let venture = VentureId(entry.hash().0);
        self.profile.venture = Some(venture);
        self.profile.phase = Phase::Founding {
            names,
            genesis: Some(entry.bytes().to_vec()),
        };
        self.put_profile();
        Ok(venture)
    }

    fn make_genesis(&mut self, relay: RelayKey, names: &FoundingNames) -> Entry {
        let nonce = self.draw();
        let party = PartyId(self.draw());
        let member = MemberId(self.draw());
        let directory = SpaceKey::random(&mut self.rng);
        let mut spaces = vec![(Space::Directory, directory)];
        for space in Space::SHARED.into_iter().chain([Space::Private(party)]) {
            spaces.push((space, SpaceKey::random(&mut self.rng)));
        }
        let seal = self.secrets.box_key();
        let keys = spaces
            .into_iter()
            .map(|(space, key)| first_key(nonce, space, key, seal, &mut self.rng));
        let keys = List::new(keys.collect()).expect("eight keys are within the limit");
        let mut sealed = |name: &str, code: Option<&str>| {
            let name = Name {
                name: bounded(name),
                code: code.map(bounded),
            };
            seal_name(nonce, 0, &name, directory, &mut self.rng)
        };
        let genesis = Genesis {
            nonce,
            relay,
            name: sealed(&names.venture, None),
            party,
            party_name: sealed(&names.party, Some(&names.party_code)),
            member,
            member_name: sealed(&names.member, None),
            roles: Roles::new(&[Role::Pmo, Role::PartnerManager]),
            device: self.secrets.device_keys(),
            keys,
        };
        let content = Content {
            version: VERSION,
            venture: VentureId(Hash::ZERO.0),
            position: 0,
            prev: Hash::ZERO,
            author: Author::Device(self.secrets.device()),
            body: Body::Genesis(genesis),
        };
        Entry::sign(&content, self.secrets.sign()).expect("a genesis is far below the limit")
    }

    /// Sends the accept of the invite, signed over the charter as it stands.
    pub(super) fn accept_invite(&mut self) {
        let Phase::Joining {
            member_name,
            member,
            ..
        } = self.profile.phase.clone()
        else {
            return;
        };
        if self.session.amending.is_some() {
            return;
        }
        let (Some(charter), Some(invite)) = (&self.charter, self.invite_secrets.clone()) else {
            return;
        };
        let Some(pending) = charter.invites().get(&invite.invite()) else {
            self.stop(Problem::Amend(AmendRefused::InviteSpent));
            return;
        };
        let (nonce, venture) = (charter.founding_nonce(), charter.venture());
        let epochs = charter.held_by(pending.seal);
        let device = self.secrets.device_keys();
        let boxes = self
            .keyring
            .boxes_for(nonce, epochs, device.seal, &mut self.rng);
        let name = self.sealed_name(&member_name, None);
        let (Some(boxes), Some(name)) = (boxes, name) else {
            self.stop(Problem::Keys);
            return;
        };
        let accept = Accept {
            member,
            name,
            device,
            proof: Signature([0; 64]),
            boxes: List::new(boxes).expect("a charter has fewer spaces than the limit"),
        };
        let accept = accept.prove(venture, invite.invite(), self.secrets.sign());
        self.amend(
            Author::Invite(invite.invite()),
            Body::Accept(accept),
            &invite,
        );
    }

    /// Adds this device by the code of its link, if the charter is of the venture that the code was made in.
    pub(super) fn add_device(&mut self) {
        let Phase::Adding { link } = self.profile.phase.clone() else {
            return;
        };
        if self.session.amending.is_some() {
            return;
        }
        let (Some(charter), Some(offer)) = (&self.charter, self.invite_secrets.clone()) else {
            return;
        };
        let id = offer.invite();
        let link = CodeLink::parse(&link).ok();
        let fits = |pending: &&PendingOffer| {
            let tag = link
                .as_ref()
                .map(|link| link.code.tag(charter.venture(), pending.member));
            tag == Some(pending.tag)
        };
        let Some(pending) = charter.offers().get(&id).filter(fits) else {
            self.stop(Problem::Code);
            return;
        };
        let (nonce, venture) = (charter.founding_nonce(), charter.venture());
        let epochs = charter.held_by(pending.seal);
        let device = self.secrets.device_keys();
        let boxes = self
            .keyring
            .boxes_for(nonce, epochs, device.seal, &mut self.rng);
        let Some(boxes) = boxes else {
            self.stop(Problem::Keys);
            return;
        };
        let add = AddDevice {
            device,
            proof: Signature([0; 64]),
            boxes: List::new(boxes).expect("a charter has fewer spaces than the limit"),
        };
        let add = add.prove(venture, id, self.secrets.sign());
        self.amend(Author::Invite(id), Body::AddDevice(add), &offer);
    }
}
