//! The next step of each intent: done, an entry to be written, or a reason why it cannot be.

use heqi_protocol::charter::{
    Action, AdmitParty, Answer, Body, Charter, Confirm, DeleteDocument, Extent, Invite, Keys,
    MoveRelay, NewGeneration, Offer, OfferKind, Propose, Remove, Rotate, SetAccess, SetRoles,
    TakeIn, Target, Withdraw,
};
use heqi_protocol::{DocumentId, Hash, InviteId, List, RelayKey, Space, encode};

use super::Replica;
use super::opening::bounded;
use crate::code::{Code, CodeLink};
use crate::io::{DeviceCode, Failure, RecoveryKit, Reply};
use crate::keys::Secrets;
use crate::link::MoveLink;
use crate::store::{Intent, InviteIntent, InviteRow, StoreOp, Table, key};

/// What an intent comes to, given the charter as it stands.
pub(super) enum Step {
    Done(Reply),
    /// An entry of this device.
    Write(Body),
    /// Keys are still to come.
    Wait,
    Failed(Failure),
}

impl Replica {
    pub(super) fn step(&mut self, intent: &Intent, is_asked: bool) -> Step {
        match intent {
            Intent::Invite(invite) => self.step_invite(invite),
            Intent::Offer {
                kind,
                code,
                expires_ms,
            } if is_asked => self.step_offer(*kind, *code, *expires_ms),
            // Whoever asked is gone, and the code with them: it is to let nobody in.
            Intent::Offer { code, .. } => self.step_withdraw(code.id()),
            Intent::Withdraw(id) => self.step_withdraw(*id),
            Intent::SetRoles { member, roles } => {
                let known = self
                    .charter
                    .as_ref()
                    .and_then(|it| it.members().get(member));
                if known.is_some_and(|known| known.roles == *roles) {
                    return Step::Done(Reply::Done);
                }
                Step::Write(Body::SetRoles(SetRoles {
                    member: *member,
                    roles: *roles,
                    keys: Keys::default(),
                }))
            }
            Intent::Remove(target) => self.step_remove(*target),
            Intent::Rotate(spaces) => self.step_rotate(spaces),
            Intent::Confirm(member) => {
                let me = self
                    .charter
                    .as_ref()
                    .and_then(|it| it.member_of(self.secrets.device()));
                let me = me.map(|(id, _)| id);
                let known = self
                    .charter
                    .as_ref()
                    .and_then(|it| it.members().get(member));
                let is_done = known
                    .zip(me)
                    .is_some_and(|(it, me)| it.confirmed_by.contains(&me));
                done_or(is_done, || Body::Confirm(Confirm { member: *member }))
            }
            Intent::Propose(action) => self.step_propose(action),
            Intent::Answer { proposal, agrees } => self.step_answer(*proposal, *agrees),
            Intent::Narrow(rules) => {
                let set: Vec<_> = self
                    .charter
                    .iter()
                    .flat_map(|it| it.access().rules())
                    .collect();
                let is_done = rules.iter().all(|rule| set.contains(rule));
                done_or(is_done, || {
                    Body::SetAccess(SetAccess {
                        proposal: None,
                        rules: rules.clone(),
                        keys: Keys::default(),
                    })
                })
            }
            Intent::TakeIn {
                document,
                envelopes,
                bring,
            } => self.step_take_in(*document, envelopes, *bring),
            Intent::DeleteDocument { space, document } => {
                let is_done = self
                    .charter
                    .as_ref()
                    .is_some_and(|it| it.is_deleted_in(*space, *document));
                let (space, document) = (*space, *document);
                done_or(is_done, || {
                    Body::DeleteDocument(DeleteDocument { space, document })
                })
            }
            Intent::BeginGeneration {
                space,
                document,
                over,
            } => {
                let (space, document) = (*space, *document);
                let charter = self.charter.as_ref();
                let now = charter.map_or(0, |it| it.generation_in(space, document));
                done_or(now > *over, || {
                    Body::NewGeneration(NewGeneration {
                        space,
                        document,
                        generation: now + 1,
                    })
                })
            }
            Intent::Move { url, relay, .. } => self.step_move(url, *relay),
            Intent::Again(bytes) => self.step_again(bytes),
            Intent::Name { target, name } => self.step_name(*target, name),
        }
    }

    fn step_invite(&mut self, intent: &InviteIntent) -> Step {
        let secrets = Secrets::from_seed(intent.invite_seed);
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        if charter.invites().contains_key(&secrets.invite()) {
            return self.invited(&secrets);
        }
        let Some(party) = self.names.party_named(&intent.party) else {
            let party = intent.party_id;
            return match self.sealed_name(&intent.party, Some(&intent.code)) {
                Some(name) => Step::Write(Body::AdmitParty(AdmitParty { party, name })),
                None => Step::Failed(Failure::KeysMissing),
            };
        };
        let row = InviteRow {
            seed: intent.invite_seed,
        };
        let row = StoreOp::Put(key(Table::Invite, &secrets.invite()), encode(&row));
        self.persist([row]);
        Step::Write(Body::Invite(Invite {
            invite: secrets.invite(),
            seal: secrets.box_key(),
            party,
            roles: intent.roles,
            expires_ms: intent.expires_ms,
            boxes: List::default(),
        }))
    }

    pub(super) fn invited(&mut self, secrets: &Secrets) -> Step {
        let Some(link) = self.link_of(secrets.seed()) else {
            return Step::Failed(Failure::NotYetMember);
        };
        let url = link.url();
        self.links.insert(secrets.invite(), link);
        self.effects.directory = true;
        Step::Done(Reply::Invited { link: url })
    }

    fn step_offer(&mut self, kind: OfferKind, code: Code, expires_ms: Option<u64>) -> Step {
        let me = self.secrets.device();
        let Some((member, _)) = self.charter.as_ref().and_then(|it| it.member_of(me)) else {
            return Step::Failed(Failure::NotYetMember);
        };
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        let id = code.id();
        if charter.offers().contains_key(&id) {
            let link = CodeLink::new(
                kind,
                self.profile.relay_url.clone(),
                charter.relay(),
                charter.venture(),
                code,
            );
            if kind == OfferKind::Recovery {
                self.note_kit(id);
            }
            return match kind {
                OfferKind::Device => Step::Done(Reply::DeviceCode(DeviceCode {
                    id,
                    link: link.url(),
                    typed: code.typed(),
                    expires_ms,
                })),
                OfferKind::Recovery => Step::Done(Reply::RecoveryKit(RecoveryKit {
                    id,
                    file: link.file(),
                    link: link.url(),
                    words: code.words(),
                    chinese_words: code.chinese_words(),
                })),
            };
        }
        let tag = code.tag(charter.venture(), member);
        Step::Write(Body::Offer(Offer {
            offer: id,
            seal: code.secrets().box_key(),
            kind,
            tag,
            expires_ms,
            boxes: List::default(),
        }))
    }

    fn step_withdraw(&self, id: InviteId) -> Step {
        let charter = self.charter.as_ref();
        let is_there = charter
            .is_some_and(|it| it.invites().contains_key(&id) || it.offers().contains_key(&id));
        done_or(!is_there, || {
            let keys = Keys::default();
            Body::Withdraw(Withdraw { invite: id, keys })
        })
    }

    fn step_remove(&self, target: Target) -> Step {
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        if charter.is_removed(target) {
            return Step::Done(Reply::Done);
        }
        let me = charter.member_of(self.secrets.device());
        let of_member = |id| charter.members().get(&id).map(|member| member.party);
        let (owner, party) = match target {
            Target::Device(device) => {
                let owner = charter.devices().get(&device).map(|device| device.member);
                (owner, owner.and_then(of_member))
            }
            Target::Member(member) => (Some(member), of_member(member)),
            Target::Party(party) => (None, Some(party)),
        };
        let is_own = me.is_some_and(|(id, member)| {
            owner == Some(id) || (member.is_manager() && party == Some(member.party))
        });
        if is_own {
            return Step::Write(self.removal(target, None));
        }
        let action = Action::Remove(target);
        let decided = charter
            .proposals()
            .iter()
            .find(|(_, proposal)| proposal.action == action && proposal.is_decided);
        match decided {
            Some((id, _)) => Step::Write(self.removal(target, Some(*id))),
            None => self.step_propose(&action),
        }
    }

    /// A removal, stating how far this device has read what the removed wrote.
    pub(super) fn removal(&self, target: Target, proposal: Option<Hash>) -> Body {
        let seen = self.papers.values().map(|paper| Extent {
            document: paper.id,
            point: paper.head(),
        });
        Body::Remove(Remove {
            target,
            proposal,
            seen: List::new(seen.collect()).unwrap_or_default(),
            keys: Keys::default(),
        })
    }

    fn step_rotate(&self, spaces: &[(Space, u32)]) -> Step {
        let newest = |space: &Space| {
            let known = self.charter.as_ref().and_then(|it| it.spaces().get(space));
            known.map_or(0, |known| known.epoch)
        };
        let is_done = spaces.iter().all(|(space, epoch)| newest(space) > *epoch);
        done_or(is_done, || {
            let keys = Keys::default();
            Body::Rotate(Rotate { keys })
        })
    }

    fn step_propose(&self, action: &Action) -> Step {
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        let own = charter
            .member_of(self.secrets.device())
            .map(|(_, member)| member.party);
        let is_in_force = match action {
            Action::Interests { from_day, shares } => charter
                .interests()
                .iter()
                .any(|it| it.from_day == *from_day && it.shares == **shares),
            Action::Access(rules) => {
                let set: Vec<_> = charter.access().rules().collect();
                rules.iter().all(|rule| match rule.grant {
                    Some(_) => set.contains(rule),
                    None => !set
                        .iter()
                        .any(|it| (it.space, it.party) == (rule.space, rule.party)),
                })
            }
            Action::Remove(target) => charter.is_removed(*target),
            Action::Repair(party) => own.is_some_and(|own| charter.looks_after(own, *party)),
        };
        if is_in_force {
            return Step::Done(Reply::Done);
        }
        let mut open = charter.proposals().iter();
        match open.find(|(_, proposal)| proposal.action == *action) {
            None => Step::Write(Body::Propose(Propose {
                action: action.clone(),
            })),
            Some((id, it)) if it.is_decided || own.is_some_and(|own| it.agreed.contains(&own)) => {
                Step::Done(Reply::Proposed { proposal: *id })
            }
            Some((id, _)) => Step::Write(Body::Answer(Answer {
                proposal: *id,
                agrees: true,
            })),
        }
    }

    fn step_answer(&self, proposal: Hash, agrees: bool) -> Step {
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        let own = charter
            .member_of(self.secrets.device())
            .map(|(_, member)| member.party);
        let has_said = charter.proposals().get(&proposal).is_none_or(|it| {
            let said = if agrees { &it.agreed } else { &it.declined };
            it.is_decided || own.is_some_and(|own| said.contains(&own))
        });
        done_or(has_said, || Body::Answer(Answer { proposal, agrees }))
    }

    fn step_take_in(&mut self, document: DocumentId, envelopes: &[Hash], bring: bool) -> Step {
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        let Some(space) = self.papers.get(&document).map(|paper| paper.space) else {
            return Step::Failed(Failure::MayNotRead);
        };
        let is_there = |hash: &Hash| charter.has_taken_in(space, document, *hash);
        if envelopes.iter().all(is_there) {
            if bring {
                self.bring(document, envelopes);
            }
            return Step::Done(Reply::Done);
        }
        match List::new(envelopes.to_vec()) {
            Ok(envelopes) => Step::Write(Body::TakeIn(TakeIn {
                space,
                document,
                envelopes,
            })),
            Err(_) => Step::Failed(Failure::NoLateEdits),
        }
    }

    fn step_move(&mut self, url: &str, relay: RelayKey) -> Step {
        if self.charter.as_ref().map(Charter::relay) == Some(relay) {
            return self.moved_to(url, relay);
        }
        match self.sealed_name(url, None) {
            Some(url) => Step::Write(Body::MoveRelay(MoveRelay { relay, url })),
            None => Step::Failed(Failure::KeysMissing),
        }
    }

    pub(super) fn moved_to(&self, url: &str, relay: RelayKey) -> Step {
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        let link = MoveLink::new(bounded(url), relay, charter.venture());
        Step::Done(Reply::Moved { link: link.url() })
    }

    /// What becomes of a name that cannot be sealed: the key of the directory is on its way, or will not come.
    pub(super) fn nameless(&self) -> Step {
        match self.awaits_keys(Space::Directory) {
            true => Step::Wait,
            false => Step::Failed(Failure::KeysMissing),
        }
    }
}

fn done_or(is_done: bool, body: impl FnOnce() -> Body) -> Step {
    if is_done {
        Step::Done(Reply::Done)
    } else {
        Step::Write(body())
    }
}
