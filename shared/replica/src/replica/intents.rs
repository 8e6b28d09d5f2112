//! What people ask of the charter: kept, taken step by step as the charter stands, answered when it is there.

use heqi_protocol::charter::{Author, Body, Content, Entry, Invite, Offer, Rotate, SealedName};
use heqi_protocol::frame::AmendRefused;
use heqi_protocol::{Bytes, Hash, List, Role, Space, ToRelay, encode};

use super::opening::bounded;
use super::steps::Step;
use super::{Replica, RequestId, Stage, VERSION};
use crate::io::{Failure, Problem, Reply};
use crate::keys::Secrets;
use crate::seal::{Name, seal_name};
use crate::store::{Intent, Ordered, Phase, StoreOp, Table, key};

/// Time before an entry is signed again that was sent back though the charter has not grown; doubles so many times.
const SIGN_AGAIN_MS: u64 = 250;
const SIGN_AGAIN_DOUBLED_MAX: u32 = 7;

impl Replica {
    /// Keeps an intent until the charter says it.
    pub(super) fn intend(&mut self, intent: Intent, asked: Option<RequestId>) {
        let number = Self::next_number(self.intents.keys().copied());
        let row = StoreOp::Put(key(Table::Intent, &number), encode(&intent));
        self.persist([row]);
        self.intents.insert(number.number(), (intent, asked));
    }

    /// Takes the next step of what people asked of the charter, or of what keys are owed.
    pub(super) fn advance_intents(&mut self) {
        if self.session.sign_at.is_some_and(|at| at > self.now) {
            return;
        }
        self.session.sign_at = None;
        let mut from = 0;
        while matches!(self.session.stage, Stage::Live) && self.session.amending.is_none() {
            let Some((number, (intent, asked))) = self.intents.range(from..).next() else {
                self.session.amending_for = None;
                self.keep_up();
                return;
            };
            let (number, intent, is_asked) = (*number, intent.clone(), asked.is_some());
            self.session.amending_for = Some(number);
            let awaits = !is_asked && self.awaits_return(&intent);
            let step = match awaits {
                true => Step::Wait,
                false => self.step(&intent, is_asked),
            };
            let step = match step {
                // What came after it has undone it; that is no reason to do it again.
                Step::Write(_) if self.was_taken(number) => self.taken(number, &intent),
                step => step,
            };
            match step {
                Step::Wait => from = number + 1,
                Step::Done(reply) => self.end_intent(number, Ok(reply)),
                Step::Failed(failure) => self.end_intent(number, Err(failure)),
                Step::Write(body) => {
                    if let Err(failure) = self.write_entry(body) {
                        self.end_intent(number, Err(failure));
                    }
                }
            }
        }
    }

    /// True while something that was asked of the charter is still to be done, and can be.
    pub(super) fn awaits_charter(&self) -> bool {
        let mut intents = self.intents.values();
        intents.any(|(intent, asked)| asked.is_some() || !self.awaits_return(intent))
    }

    /// Signs an entry with the keys that it must bring, and sends it; why not, where the rules forbid it.
    pub(super) fn write_entry(&mut self, body: Body) -> Result<(), Failure> {
        let body = self.with_keys(body)?;
        let author = Author::Device(self.secrets.device());
        let content = self.content(author, body).ok_or(Failure::NotYetMember)?;
        let entry = Entry::sign(&content, self.secrets.sign())
            .map_err(|error| Failure::Refused(error.to_string()))?;
        if let Some(charter) = &self.charter {
            charter.check(&entry).map_err(forbidden)?;
        }
        self.send_entry(&entry);
        Ok(())
    }

    /// Gives an entry the boxes and new keys that the charter wants of it.
    fn with_keys(&mut self, body: Body) -> Result<Body, Failure> {
        let me = self.secrets.device();
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let nonce = charter.founding_nonce();
        match body {
            Body::Invite(invite) => {
                let spaces = charter.due_to_invite(me, invite.party, invite.roles);
                let boxes = self
                    .keyring
                    .boxes_for(nonce, spaces, invite.seal, &mut self.rng);
                let boxes = List::new(boxes.ok_or(Failure::KeysMissing)?);
                let boxes = boxes.map_err(|_| Failure::KeysMissing)?;
                Ok(Body::Invite(Invite { boxes, ..invite }))
            }
            Body::Offer(offer) => {
                let spaces = charter.held_by(self.secrets.box_key());
                let boxes = self
                    .keyring
                    .boxes_for(nonce, spaces, offer.seal, &mut self.rng);
                let boxes = List::new(boxes.ok_or(Failure::KeysMissing)?);
                let boxes = boxes.map_err(|_| Failure::KeysMissing)?;
                Ok(Body::Offer(Offer { boxes, ..offer }))
            }
            Body::Rotate(_) => {
                let due = self.rotation_due();
                let keys = self.keyring.keys_for(nonce, &due, &mut self.rng);
                let keys = keys.ok_or(Failure::KeysMissing)?;
                Ok(Body::Rotate(Rotate { keys }))
            }
            body if body.keys().is_some() => {
                let author = Author::Device(me);
                let content = self
                    .content(author, body.clone())
                    .ok_or(Failure::NotYetMember)?;
                let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
                let due = charter.keys_due(&content).map_err(forbidden)?;
                let keys = self.keyring.keys_for(nonce, &due, &mut self.rng);
                Ok(body.with_keys(keys.ok_or(Failure::KeysMissing)?))
            }
            body => Ok(body),
        }
    }

    pub(super) fn content(&self, author: Author, body: Body) -> Option<Content> {
        let charter = self.charter.as_ref()?;
        Some(Content {
            version: VERSION,
            venture: charter.venture(),
            position: charter.position(),
            prev: charter.head(),
            author,
            body,
        })
    }

    /// Signs an entry as somebody and sends it.
    pub(super) fn amend(&mut self, author: Author, body: Body, secrets: &Secrets) {
        self.session.amending_for = None;
        let Some(content) = self.content(author, body) else {
            return;
        };
        match Entry::sign(&content, secrets.sign()) {
            Ok(entry) => self.send_entry(&entry),
            Err(_) => self.stop(Problem::Amend(AmendRefused::Forbidden)),
        }
    }

    fn send_entry(&mut self, entry: &Entry) {
        let bytes =
            Bytes::new(entry.bytes().to_vec()).expect("an entry that decoded is within the limit");
        self.session.amending = Some(entry.hash());
        if let Some(number) = self.session.amending_for {
            self.set_asked(number, entry.hash(), false);
        }
        self.send(ToRelay::Amend(bytes));
    }

    fn set_asked(&mut self, number: u64, entry: Hash, is_taken: bool) {
        let place = (Ordered::new(number), entry);
        let row = StoreOp::Put(key(Table::Asked, &place), encode(&is_taken));
        self.persist([row]);
        self.asked.insert((number, entry), is_taken);
    }

    /// Notes that the charter has an entry which was sent for an intent and does what it asks.
    pub(super) fn note_taken(&mut self, entry: &Entry) {
        let sent = self.asked.keys().copied();
        let of: Vec<_> = sent.filter(|(_, hash)| *hash == entry.hash()).collect();
        for (number, hash) in of {
            let intent = self.intents.get(&number).map(|(intent, _)| intent);
            if intent.is_some_and(|intent| ends(intent, &entry.content().body)) {
                self.set_asked(number, hash, true);
            }
        }
    }

    fn was_taken(&self, number: u64) -> bool {
        let mut sent = self.asked.range((number, Hash::ZERO)..);
        sent.any(|((of, _), is_taken)| *of == number && *is_taken)
    }

    /// The answer to what the charter has taken, whatever became of it since.
    fn taken(&mut self, number: u64, intent: &Intent) -> Step {
        let taken = self
            .asked
            .iter()
            .find(|((of, _), is)| *of == number && **is);
        let entry = taken.map(|((_, hash), _)| *hash);
        let proposal = entry.filter(|hash| {
            let mut records = self.records.iter().rev();
            let record = records.find(|record| record.ack.head == *hash);
            let entry = record.and_then(|record| Entry::decode(&record.entry).ok());
            entry.is_some_and(|it| matches!(it.content().body, Body::Propose(_)))
        });
        match (intent, proposal) {
            (Intent::Invite(invite), _) => self.invited(&Secrets::from_seed(invite.invite_seed)),
            (Intent::Move { url, relay, .. }, _) => self.moved_to(url, *relay),
            (_, Some(proposal)) => Step::Done(Reply::Proposed { proposal }),
            _ => Step::Done(Reply::Done),
        }
    }

    pub(super) fn end_intent(&mut self, number: u64, result: Result<Reply, Failure>) {
        let row = StoreOp::Delete(key(Table::Intent, &Ordered::new(number)));
        self.persist([row]);
        let asked = self.asked.extract_if(.., |(of, _), _| *of == number);
        let rows: Vec<_> = asked
            .map(|((_, hash), _)| {
                let place = (Ordered::new(number), hash);
                StoreOp::Delete(key(Table::Asked, &place))
            })
            .collect();
        self.persist(rows);
        let Some((intent, asked)) = self.intents.remove(&number) else {
            return;
        };
        self.forget_refused(&intent, result.as_ref().err());
        match asked {
            Some(asked) => self.effects.replies.push((asked, result)),
            // Nobody waits for the answer, and somebody relies on it.
            None => self.session.undone |= result.is_err(),
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
            self.sign_later(entry);
            if matches!(
                self.profile.phase,
                Phase::Joining { .. } | Phase::Adding { .. }
            ) {
                self.charter_read();
            }
            return;
        }
        self.session.amending = None;
        match self.profile.phase {
            Phase::Member => match self.session.amending_for.take() {
                Some(number) => {
                    self.end_intent(number, Err(Failure::Amend(reason)));
                }
                // It was of our own accord: not again before the charter has changed.
                None => self.session.refused_at = Some(self.records.len() as u64),
            },
            _ => self.stop(Problem::Amend(reason)),
        }
    }

    /// What a removal overlooks is on its way: it is signed again after a while, each time after a longer one. The entry that
    /// was sent back is nothing that the charter will have.
    fn sign_later(&mut self, entry: Hash) {
        let pause = SIGN_AGAIN_MS << self.session.sent_back.min(SIGN_AGAIN_DOUBLED_MAX);
        self.session.sent_back += 1;
        self.session.sign_at = Some(self.now + pause);
        let sent: Vec<_> = self.asked.keys().copied().collect();
        for (number, hash) in sent.into_iter().filter(|(_, hash)| *hash == entry) {
            self.asked.remove(&(number, hash));
            let place = (Ordered::new(number), hash);
            self.persist([StoreOp::Delete(key(Table::Asked, &place))]);
        }
    }

    pub(super) fn sealed_name(&mut self, name: &str, code: Option<&str>) -> Option<SealedName> {
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

    pub(super) fn resealed(&mut self, sealed: &SealedName) -> Option<SealedName> {
        let nonce = self.charter.as_ref()?.founding_nonce();
        // It may have been sealed in a branch of the charter that gave way since.
        let place = (Space::Directory, sealed.epoch);
        let lost = self.orphan_keys.iter().filter(|(of, _)| *of == place);
        let mut keys = self
            .keyring
            .key(place.0, place.1)
            .into_iter()
            .chain(lost.map(|(_, key)| *key));
        let name = keys.find_map(|key| crate::seal::open_name(nonce, sealed, key).ok())?;
        self.sealed_name(&name.name, name.code.as_deref())
    }

    /// True where this device's member is a manager.
    pub(super) fn is_manager(&self) -> bool {
        let charter = self.charter.as_ref();
        let me = charter.and_then(|it| it.member_of(self.secrets.device()));
        me.is_some_and(|(_, member)| member.roles.has(Role::PartnerManager) && member.is_active())
    }
}

fn forbidden(refused: heqi_protocol::charter::Refused) -> Failure {
    use heqi_protocol::charter::Refused;
    match refused {
        Refused::NotManager => Failure::NotManager,
        Refused::OtherParty => Failure::OtherParty,
        Refused::OtherMember => Failure::OtherMember,
        Refused::NoRole => Failure::NoRole,
        Refused::MayNotWrite => Failure::MayNotWrite,
        other => Failure::Forbidden(other),
    }
}

/// True where an entry is the last that the intent asks for.
const fn ends(intent: &Intent, body: &Body) -> bool {
    match intent {
        Intent::Invite(_) => matches!(body, Body::Invite(_)),
        // Where nobody waits for the code any more it is still to be taken back.
        Intent::Offer { .. } => false,
        _ => true,
    }
}
