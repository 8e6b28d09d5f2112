//! The charter from a member's side: founding, accepting, inviting, following, restoring.

use heqi_protocol::charter::{
    Accept, AdmitParty, Author, Body, Charter, Content, Entry, Genesis, Invite,
};
use heqi_protocol::frame::{AmendRefused, Attested, CharterRecord};
use heqi_protocol::handshake::Welcome;
use heqi_protocol::limits::ENTRIES_PER_FRAME_MAX;
use heqi_protocol::{
    Bytes, Hash, List, MemberId, Misbehaviour, PartyId, RelayKey, Role, Roles, Signature, Space,
    ToRelay, VentureId, encode,
};

use super::opening::bounded;
use super::{Replica, Stage};
use crate::io::{Failure, Problem, Reply};
use crate::keyring::{SpaceKey, first_key};
use crate::keys::Secrets;
use crate::seal::{Name, seal_name};
use crate::store::{InviteIntent, InviteRow, Ordered, Phase, StoreOp, Table, key};

/// Version in the content of entries.
const VERSION: u8 = heqi_protocol::charter::entry::CHARTER_VERSION;

/// Bytes of charter entries in one frame.
const RESTORE_BYTES: usize = 1 << 20;

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

    fn make_genesis(&mut self, relay: RelayKey, names: &crate::store::FoundingNames) -> Entry {
        let nonce = self.draw();
        let directory = SpaceKey::random(&mut self.rng);
        let plan = SpaceKey::random(&mut self.rng);
        let keys = [(Space::Directory, directory), (Space::Plan, plan)].map(|(space, key)| {
            first_key(nonce, space, key, self.secrets.box_key(), &mut self.rng)
        });
        let mut sealed = |name: &str, code: Option<&str>| {
            let name = Name {
                name: bounded(name),
                code: code.map(bounded),
            };
            seal_name(nonce, 0, &name, directory, &mut self.rng)
        };
        let name = sealed(&names.venture, None);
        let party_name = sealed(&names.party, Some(&names.party_code));
        let member_name = sealed(&names.member, None);
        let genesis = Genesis {
            nonce,
            relay,
            name,
            party: PartyId(self.draw()),
            party_name,
            member: MemberId(self.draw()),
            member_name,
            roles: Roles::new(&[Role::Pmo, Role::PartnerManager]),
            device: self.secrets.device_keys(),
            keys: List::new(keys.to_vec()).expect("two keys are within the limit"),
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

    pub(super) fn charter_entries(
        &mut self,
        first: u64,
        entries: &[CharterRecord],
    ) -> Result<(), Misbehaviour> {
        let mut grown = false;
        for (index, record) in entries.iter().enumerate() {
            grown |= self.charter_entry(first + index as u64, record)?;
            if matches!(self.session.stage, Stage::Closing) {
                break;
            }
        }
        if grown {
            self.refresh_names();
            self.effects.directory = true;
            self.session.amending = None;
            self.admitted();
            self.effects.again = true;
        }
        self.charter_read();
        Ok(())
    }

    /// Takes one entry; true where it is new.
    fn charter_entry(&mut self, before: u64, record: &CharterRecord) -> Result<bool, Misbehaviour> {
        let position = self.records.len() as u64;
        let Ok(entry) = Entry::decode(&record.entry) else {
            return self.unreadable(record);
        };
        if before < position {
            let known = self.charter.as_ref().and_then(|c| c.head_at(before + 1));
            if known != Some(entry.hash()) {
                self.charter_differs(before)?;
            }
            return Ok(false);
        }
        if before > position {
            return Err(Misbehaviour::BadCharter);
        }
        let mut charter = self.charter.clone();
        let venture = self.profile.venture.ok_or(Misbehaviour::OtherVenture)?;
        match &mut charter {
            None => {
                let founded = Charter::found(&entry).map_err(|_| Misbehaviour::BadCharter)?;
                if founded.venture() != venture {
                    return Err(Misbehaviour::OtherVenture);
                }
                if Some(founded.relay()) != self.session.relay {
                    return Err(Misbehaviour::WrongRelay);
                }
                charter = Some(founded);
            }
            Some(charter) => charter
                .append(&entry)
                .map_err(|_| Misbehaviour::BadCharter)?,
        }
        let relay = charter.as_ref().map(Charter::relay);
        let ack = &record.ack;
        let fits = ack.position == before + 1 && ack.head == entry.hash();
        let signed = relay.is_some_and(|relay| ack.verify(venture, relay).is_ok());
        if !fits || !signed {
            return Err(Misbehaviour::ForkedCharter);
        }
        self.charter = charter;
        self.records.push(record.clone());
        let row = StoreOp::Put(key(Table::Charter, &Ordered::new(before)), encode(record));
        self.persist([row]);
        self.take_keys(&entry);
        Ok(true)
    }

    /// An entry that the relay acknowledges and this build cannot read was made by a newer one.
    fn unreadable(&mut self, record: &CharterRecord) -> Result<bool, Misbehaviour> {
        let charter = self.charter.as_ref().ok_or(Misbehaviour::BadCharter)?;
        let hash = Entry::hash_of(&record.entry);
        let signed = record
            .ack
            .verify(charter.venture(), charter.relay())
            .is_ok();
        if !signed || record.ack.head != hash {
            return Err(Misbehaviour::BadCharter);
        }
        self.stop(Problem::Newer);
        Ok(false)
    }

    pub(super) fn take_keys(&mut self, entry: &Entry) {
        let Some(charter) = &self.charter else { return };
        self.keyring.take(charter, entry, &self.secrets);
        if let Some(secrets) = &self.invite_secrets {
            self.keyring.take(charter, entry, secrets);
        }
    }

    pub(super) fn refresh_names(&mut self) {
        let Some(charter) = &self.charter else { return };
        let me = self.secrets.device();
        self.names.refresh(charter, &self.keyring, me);
    }

    /// Becomes a member once the charter has this device, and comes back as one.
    fn admitted(&mut self) {
        let device = self.secrets.device();
        let in_charter = self
            .charter
            .as_ref()
            .is_some_and(|charter| charter.devices().contains_key(&device));
        if !in_charter || matches!(self.profile.phase, Phase::Member) {
            return;
        }
        self.profile.phase = Phase::Member;
        self.put_profile();
        self.ensure_plan();
        self.reconnect();
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
        let (Some(charter), Some(invite)) = (&self.charter, &self.invite_secrets) else {
            return;
        };
        let Some(pending) = charter.invites().get(&invite.invite()) else {
            self.stop(Problem::Amend(AmendRefused::InviteSpent));
            return;
        };
        let spaces = charter.readable(pending.party, pending.roles);
        let epochs = spaces.iter().map(|(space, epoch)| (*space, epoch.epoch));
        let device = self.secrets.device_keys();
        let boxes =
            self.keyring
                .boxes_for(charter.founding_nonce(), epochs, device.seal, &mut self.rng);
        let directory = self.sealed_name(&member_name, None);
        let (Some(boxes), Some(name)) = (boxes, directory) else {
            self.stop(Problem::Keys);
            return;
        };
        let Some(venture) = self.venture() else {
            return;
        };
        let Some(invite) = self.invite_secrets.clone() else {
            return;
        };
        let accept = Accept {
            member,
            name,
            device,
            proof: Signature([0; 64]),
            boxes: List::new(boxes).expect("a charter has fewer spaces than the limit"),
        };
        self.amend(
            Author::Invite(invite.invite()),
            Body::Accept(accept.prove(venture, invite.invite(), self.secrets.sign())),
            &invite,
        );
    }

    pub(super) fn ask_invite(&mut self, intent: InviteIntent, id: super::RequestId) {
        let number = Self::next_number(self.intents.keys().copied());
        let row = StoreOp::Put(key(Table::Intent, &number), encode(&intent));
        self.persist([row]);
        self.intents.insert(number.number(), (intent, Some(id)));
    }

    /// Takes the next step of what people asked of the charter.
    pub(super) fn advance_intents(&mut self) {
        if !matches!(self.session.stage, Stage::Live) || self.session.amending.is_some() {
            return;
        }
        let Some((number, (intent, asked))) = self.intents.first_key_value() else {
            return;
        };
        let (number, intent, asked) = (*number, intent.clone(), *asked);
        let secrets = Secrets::from_seed(intent.invite_seed);
        let invited = self
            .charter
            .as_ref()
            .is_some_and(|charter| charter.invites().contains_key(&secrets.invite()));
        if invited {
            self.invited(number, &secrets, asked);
            return;
        }
        match self.names.party_named(&intent.party) {
            Some(party) => self.send_invite(number, &intent, party, &secrets),
            None => {
                let Some(name) = self.sealed_name(&intent.party, Some(&intent.code)) else {
                    self.end_intent(number, Err(Failure::Refused(Problem::Keys.to_string())));
                    return;
                };
                let admit = AdmitParty {
                    party: intent.party_id,
                    name,
                };
                let author = Author::Device(self.secrets.device());
                let secrets = self.secrets.clone();
                self.amend(author, Body::AdmitParty(admit), &secrets);
            }
        }
    }

    fn send_invite(
        &mut self,
        number: u64,
        intent: &InviteIntent,
        party: PartyId,
        secrets: &Secrets,
    ) {
        let Some(charter) = &self.charter else { return };
        let spaces = charter.readable(party, intent.roles);
        let epochs = spaces.iter().map(|(space, epoch)| (*space, epoch.epoch));
        let boxes = self.keyring.boxes_for(
            charter.founding_nonce(),
            epochs,
            secrets.box_key(),
            &mut self.rng,
        );
        let Some(boxes) = boxes else {
            self.end_intent(number, Err(Failure::Refused(Problem::Keys.to_string())));
            return;
        };
        let invite = Invite {
            invite: secrets.invite(),
            seal: secrets.box_key(),
            party,
            roles: intent.roles,
            expires_ms: intent.expires_ms,
            boxes: List::new(boxes).expect("a charter has fewer spaces than the limit"),
        };
        let row = InviteRow {
            seed: intent.invite_seed,
        };
        let row = StoreOp::Put(key(Table::Invite, &secrets.invite()), encode(&row));
        self.persist([row]);
        let author = Author::Device(self.secrets.device());
        let own = self.secrets.clone();
        self.amend(author, Body::Invite(invite), &own);
    }

    fn invited(&mut self, number: u64, secrets: &Secrets, _asked: Option<super::RequestId>) {
        let Some(link) = self.link_of(secrets.seed()) else {
            return;
        };
        let url = link.url();
        self.links.insert(secrets.invite(), link);
        self.effects.directory = true;
        self.end_intent(number, Ok(Reply::Invited { link: url }));
    }

    fn end_intent(&mut self, number: u64, result: Result<Reply, Failure>) {
        let row = StoreOp::Delete(key(Table::Intent, &Ordered::new(number)));
        self.persist([row]);
        if let Some((_, Some(asked))) = self.intents.remove(&number) {
            self.effects.replies.push((asked, result));
        }
    }

    pub(super) fn amend_refused(&mut self, entry: Hash, reason: AmendRefused) {
        if self.session.amending != Some(entry) {
            return;
        }
        if let AmendRefused::MovedOn { position } = reason {
            // The entries that were missed are on their way; then it is signed again.
            if position > self.records.len() as u64 {
                return;
            }
            self.session.amending = None;
            if matches!(self.profile.phase, Phase::Joining { .. }) {
                self.charter_read();
            }
            return;
        }
        self.session.amending = None;
        match self.profile.phase {
            Phase::Member => {
                if let Some(number) = self.intents.keys().next().copied() {
                    self.end_intent(number, Err(Failure::Refused(reason.to_string())));
                }
            }
            _ => self.stop(Problem::Amend(reason)),
        }
    }

    /// The relay's charter is another one than ours from `position` on.
    pub(super) fn charter_differs(&mut self, _position: u64) -> Result<(), Misbehaviour> {
        let ours = self.records.last().map(|record| record.ack.incarnation);
        if ours == self.session.incarnation {
            return Err(Misbehaviour::ForkedCharter);
        }
        self.stop(Problem::CharterForked);
        Ok(())
    }

    /// Gives a relay back the entries that it has lost; first it must know that it has.
    pub(super) fn restore_charter(&mut self, welcome: Welcome) -> Result<(), Misbehaviour> {
        let Some(last) = self.records.last().map(|record| record.ack) else {
            return Ok(());
        };
        if last.incarnation >= welcome.incarnation {
            self.send(ToRelay::Attest(Attested::Charter(last)));
            self.session.attested = true;
            return Ok(());
        }
        let from = usize::try_from(welcome.charter_position).unwrap_or(usize::MAX);
        let lost: Vec<_> = self.records.iter().skip(from).cloned().collect();
        let mut frame = Vec::new();
        let mut bytes = 0;
        for record in lost {
            if bytes + record.entry.len() > RESTORE_BYTES || frame.len() == ENTRIES_PER_FRAME_MAX {
                self.send_charter(std::mem::take(&mut frame));
                bytes = 0;
            }
            bytes += record.entry.len();
            frame.push(record);
        }
        self.send_charter(frame);
        Ok(())
    }

    fn send_charter(&mut self, records: Vec<CharterRecord>) {
        let records = List::new(records).expect("frames are cut at the limit");
        self.send(ToRelay::RestoreCharter(records));
    }

    fn sealed_name(
        &mut self,
        name: &str,
        code: Option<&str>,
    ) -> Option<heqi_protocol::charter::SealedName> {
        let charter = self.charter.as_ref()?;
        let epoch = charter.spaces().get(&Space::Directory)?.epoch;
        let key = self.keyring.key(Space::Directory, epoch)?;
        let name = Name {
            name: bounded(name),
            code: code.map(bounded),
        };
        let nonce = charter.founding_nonce();
        Some(seal_name(nonce, epoch, &name, key, &mut self.rng))
    }

    fn amend(&mut self, author: Author, body: Body, secrets: &Secrets) {
        let Some(charter) = &self.charter else { return };
        let content = Content {
            version: VERSION,
            venture: charter.venture(),
            position: charter.position(),
            prev: charter.head(),
            author,
            body,
        };
        let Ok(entry) = Entry::sign(&content, secrets.sign()) else {
            self.stop(Problem::Amend(AmendRefused::Forbidden));
            return;
        };
        let bytes =
            Bytes::new(entry.bytes().to_vec()).expect("an entry that decoded is within the limit");
        self.session.amending = Some(entry.hash());
        self.send(ToRelay::Amend(bytes));
    }
}
