//! What people ask for.

use automerge::ChangeHash;
use heqi_domain::Write;
use heqi_domain::limits::CHUNK_WRITES_MAX;
use heqi_domain::plan::{Context, PlanCommand, UndoStack};
use heqi_domain::time::Date;
use heqi_protocol::charter::{OfferKind, Refused, SealedName};
use heqi_protocol::limits::TAKE_IN_MAX;
use heqi_protocol::{DocumentId, Hash, List, RelayKey, Role, Roles, Space, StreamId};
use rand_chacha::rand_core::Rng;

use super::opening::{code, name, not_a_name};
use super::{Drawn, Replica};
use crate::archive;
use crate::code::Code;
use crate::history::history;
use crate::io::{Act, Failure, Heads, Reply, Request, RequestId};
use crate::link::{MoveLink, relay_url};
use crate::names::Names;
use crate::store::{Intent, InviteIntent, Phase};

/// Edits made within this time of each other go out in one envelope.
const COALESCE_MS: u64 = 50;
/// Bytes of text in one change, so that an envelope holds it.
const CHANGE_BYTES_MAX: usize = 256 << 10;

enum Step {
    Undo,
    Redo,
}

impl Replica {
    pub(super) fn ask(&mut self, id: RequestId, request: Request) {
        let reply = match request {
            Request::Plan {
                space,
                seen,
                command,
                today,
            } => self.command(space, &seen, &command, today),
            Request::Undo { space, today } => self.walk(space, &Step::Undo, today),
            Request::Redo { space, today } => self.walk(space, &Step::Redo, today),
            Request::Charter(act) => match self.act(act, id) {
                Ok(()) => return,
                Err(failure) => Err(failure),
            },
            Request::View(space) => self.whole_view(space),
            Request::History => self.whole_history(),
            Request::Security => self.security().ok_or(Failure::NotYetMember),
            Request::Late => Ok(self.late_edits()),
            Request::ExportLate => match self.export_late(id) {
                Ok(()) => return,
                Err(failure) => Err(failure),
            },
            Request::LetGo => Ok(self.let_go()),
            Request::Archive => self.archive(),
            Request::SignArchive(files) => self.sign_archive(files),
            Request::Follow(link) => self.follow(&link),
            Request::Dismiss(device) => Ok(self.dismiss(device)),
            Request::KeepKit(kit) => self.keep_kit(kit),
        };
        self.effects.replies.push((id, reply));
    }

    fn command(
        &mut self,
        space: Space,
        seen: &Heads,
        command: &PlanCommand,
        today: Date,
    ) -> Result<Reply, Failure> {
        self.may_write(space)?;
        let party_code = self.own_party_code();
        let id = self.root_id(space).ok_or(Failure::NotYetMember)?;
        let paper = self.papers.get(&id).ok_or(Failure::MayNotRead)?;
        let mut context = Context {
            entropy: &mut Drawn(&mut self.rng),
            party_code: &party_code,
            today,
        };
        let (writes, reply) = match command {
            PlanCommand::Import { plan } => {
                let import = paper.plan.import(plan, &mut context)?;
                (import.writes, Reply::Imported(Box::new(import.outcome)))
            }
            command => (paper.plan.command(command, &mut context)?, Reply::Done),
        };
        let before = self.undo.get(&space).cloned().unwrap_or_default();
        self.undo
            .entry(space)
            .or_default()
            .note(&paper.plan, &writes);
        let seen: Vec<ChangeHash> = seen.iter().map(|hash| ChangeHash(*hash)).collect();
        self.write(id, &writes, &seen, before)?;
        Ok(reply)
    }

    /// Takes a step back or forth among one's own commands.
    fn walk(&mut self, space: Space, step: &Step, today: Date) -> Result<Reply, Failure> {
        self.may_write(space)?;
        let party_code = self.own_party_code();
        let id = self.root_id(space).ok_or(Failure::NotYetMember)?;
        let paper = self.papers.get(&id).ok_or(Failure::MayNotRead)?;
        let mut context = Context {
            entropy: &mut Drawn(&mut self.rng),
            party_code: &party_code,
            today,
        };
        let undo = self.undo.entry(space).or_default();
        let before = undo.clone();
        let writes = match step {
            Step::Undo => undo.undo(&paper.plan, &mut context, &self.names)?,
            Step::Redo => undo.redo(&paper.plan, &mut context, &self.names)?,
        };
        self.write(id, &writes, &[], before)
    }

    fn root_id(&self, space: Space) -> Option<DocumentId> {
        let venture = self.charter.as_ref()?.venture();
        Some(DocumentId::root(venture, space))
    }

    /// Takes what a person asks of the charter, or says at once why it cannot be.
    fn act(&mut self, act: Act, id: RequestId) -> Result<(), Failure> {
        if self.is_removed() {
            return Err(Failure::Removed);
        }
        if !matches!(self.profile.phase, Phase::Member) {
            return Err(Failure::NotYetMember);
        }
        let intent = match act {
            Act::Invite {
                party,
                code,
                roles,
                expires_ms,
            } => Intent::Invite(self.invite_intent(&party, &code, &roles, expires_ms)?),
            Act::OfferDevice { expires_ms } => self.offer_intent(OfferKind::Device, expires_ms),
            Act::MakeRecoveryKit => self.offer_intent(OfferKind::Recovery, None),
            Act::Withdraw(invite) => Intent::Withdraw(invite),
            Act::SetRoles { member, roles } => {
                if roles.is_empty() {
                    return Err(Failure::NoRole);
                }
                let roles = Roles::new(&roles);
                Intent::SetRoles { member, roles }
            }
            Act::Remove(target) => Intent::Remove(target),
            Act::Rotate(spaces) => {
                let epochs = self.charter.iter().flat_map(|it| it.spaces());
                let chosen = epochs.filter(|(space, _)| spaces.contains(space));
                Intent::Rotate(chosen.map(|(space, epoch)| (*space, epoch.epoch)).collect())
            }
            Act::Confirm(member) => Intent::Confirm(member),
            Act::Propose(action) => Intent::Propose(action),
            Act::Answer { proposal, agrees } => Intent::Answer { proposal, agrees },
            Act::NarrowAccess(rules) => {
                let rules = List::new(rules);
                Intent::Narrow(rules.map_err(|_| Failure::Forbidden(Refused::AccessRule))?)
            }
            Act::TakeIn {
                document,
                envelopes,
            } => {
                self.take_in_intents(document, &envelopes, id)?;
                return Ok(());
            }
            Act::TakeInFile(file) => return self.take_in_file(&file, id),
            Act::DeleteDocument(document) => {
                let space = self.space_of(document)?;
                Intent::DeleteDocument { space, document }
            }
            Act::BeginGeneration(document) => {
                let space = self.space_of(document)?;
                let charter = self.charter.as_ref();
                Intent::BeginGeneration {
                    space,
                    document,
                    over: charter.map_or(0, |it| it.generation_in(space, document)),
                }
            }
            Act::MoveRelay {
                url,
                relay,
                is_dead,
            } => self.move_intent(&url, relay, is_dead)?,
            Act::SetName { target, name } => self.name_intent(target, &name)?,
        };
        self.intend(intent, Some(id));
        Ok(())
    }

    fn space_of(&self, document: DocumentId) -> Result<Space, Failure> {
        let paper = self.papers.get(&document).ok_or(Failure::MayNotRead)?;
        Ok(paper.space)
    }

    fn take_in_intents(
        &mut self,
        document: DocumentId,
        envelopes: &[Hash],
        id: RequestId,
    ) -> Result<(), Failure> {
        if envelopes.is_empty() {
            return Err(Failure::NoLateEdits);
        }
        let parts: Vec<_> = envelopes.chunks(TAKE_IN_MAX).collect();
        for (index, part) in parts.iter().enumerate() {
            let intent = Intent::TakeIn {
                document,
                envelopes: part.to_vec(),
                bring: false,
            };
            self.intend(intent, (index + 1 == parts.len()).then_some(id));
        }
        Ok(())
    }

    fn offer_intent(&mut self, kind: OfferKind, expires_ms: Option<u64>) -> Intent {
        Intent::Offer {
            kind,
            code: Code::new(self.draw()),
            expires_ms,
        }
    }

    fn move_intent(
        &mut self,
        url: &str,
        relay: RelayKey,
        is_dead: bool,
    ) -> Result<Intent, Failure> {
        if !self.is_manager() {
            return Err(Failure::NotManager);
        }
        let url = relay_url(url).map_err(|_| Failure::BadUrl)?;
        if is_dead {
            self.profile.relay_url = url.clone();
            self.profile.next_relay = Some(relay);
            self.put_profile();
            self.reconnect();
        }
        Ok(Intent::Move {
            url,
            relay,
            is_dead,
        })
    }

    /// Goes to the relay of a move link; what it says counts only once its charter extends ours and names it.
    fn follow(&mut self, link: &str) -> Result<Reply, Failure> {
        let link = MoveLink::parse(link)?;
        if Some(link.venture) != self.venture() {
            return Err(Failure::OtherVenture);
        }
        self.profile.relay_url = link.relay_url;
        self.profile.next_relay = Some(link.relay);
        self.put_profile();
        self.session.wanted = true;
        self.session.problem = None;
        self.reconnect();
        Ok(Reply::Done)
    }

    /// Makes the writes as few changes, kept in one transaction of the store; where others would refuse one of them none
    /// is made, and the steps to undo are those of `before`.
    fn write(
        &mut self,
        plan: DocumentId,
        writes: &[Write],
        seen: &[ChangeHash],
        before: UndoStack,
    ) -> Result<Reply, Failure> {
        let device = self.secrets.device();
        let rng = &mut self.rng;
        let mut draw = || {
            let mut bytes = [0; 16];
            rng.fill_bytes(&mut bytes);
            StreamId(bytes)
        };
        let Some(paper) = self.papers.get_mut(&plan) else {
            return Err(Failure::MayNotRead);
        };
        let seen = match seen {
            [] => paper.document.heads(),
            seen => seen.to_vec(),
        };
        let first = paper.unsealed_next;
        let made = paper.edit(&chunks(writes), &seen, device, &mut draw);
        let space = paper.space;
        let ops = made.map_err(|refused| {
            self.undo.insert(space, before);
            Failure::OthersRefuse(refused)
        })?;
        if paper.seal_at.is_none() && !paper.unsealed.is_empty() {
            paper.seal_at = Some(self.now + COALESCE_MS);
        }
        for (_, made) in paper.unsealed.range(first..) {
            let actor = crate::paper::actor_id(device, made.made_in);
            self.names.learn(actor, device);
        }
        self.persist(ops);
        self.refresh_view();
        Ok(Reply::Done)
    }

    fn invite_intent(
        &mut self,
        party: &str,
        party_code: &str,
        roles: &[Role],
        expires_ms: Option<u64>,
    ) -> Result<InviteIntent, Failure> {
        let what = "the party's name";
        let bad = |error| not_a_name(error, what);
        let party = name(party, what).map_err(bad)?;
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let (_, me) = charter
            .member_of(self.secrets.device())
            .ok_or(Failure::NotYetMember)?;
        if !me.roles.has(Role::PartnerManager) {
            return Err(Failure::NotManager);
        }
        if roles.is_empty() {
            return Err(Failure::NoRole);
        }
        let known = self.names.party_named(&party);
        if known.is_none() && party_code.is_empty() {
            return Err(Failure::CodeMissing(party));
        }
        if known.is_some_and(|party| !charter.looks_after(me.party, party)) {
            return Err(Failure::OtherParty);
        }
        let code = match known {
            Some(_) => String::new(),
            None => code(party_code).map_err(bad)?,
        };
        if known.is_none() && self.names.party_named(&code).is_some() {
            return Err(Failure::CodeTaken);
        }
        Ok(InviteIntent {
            party,
            code,
            roles: Roles::new(roles),
            expires_ms,
            invite_seed: self.draw(),
            party_id: heqi_protocol::PartyId(self.draw()),
        })
    }

    fn whole_view(&self, space: Space) -> Result<Reply, Failure> {
        let plan = self.plan_of(space);
        let plan = plan.ok_or_else(|| match self.charter.is_some() && !self.may_read(space) {
            true => Failure::MayNotRead,
            false => Failure::NotYetMember,
        })?;
        Ok(Reply::View(self.view(space, plan.snapshot())))
    }

    fn whole_history(&self) -> Result<Reply, Failure> {
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let open = |sealed: &SealedName| Names::opened(charter, &self.keyring, sealed);
        Ok(Reply::History(history(charter, &self.records, open)))
    }

    fn archive(&self) -> Result<Reply, Failure> {
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let papers = self.papers.values();
        Ok(Reply::Archive(archive::Archive::new(
            charter,
            &self.records,
            papers,
        )))
    }

    fn sign_archive(&self, files: Vec<archive::Listed>) -> Result<Reply, Failure> {
        let venture = self.venture().ok_or(Failure::NotYetMember)?;
        let key = self.secrets.sign();
        let (path, file) = archive::signed(venture, key, self.now, files);
        Ok(Reply::Manifest { path, file })
    }

    fn own_party_code(&self) -> String {
        let charter = self.charter.as_ref();
        let member = charter.and_then(|charter| charter.member_of(self.secrets.device()));
        member
            .map_or("", |(_, member)| self.names.party_code(member.party))
            .to_owned()
    }

    fn may_write(&self, space: Space) -> Result<(), Failure> {
        if self.is_removed() {
            return Err(Failure::Removed);
        }
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let position = charter.position();
        if charter.may_write_at(self.secrets.device(), space, position) {
            Ok(())
        } else {
            Err(Failure::MayNotWrite)
        }
    }
}

/// Cuts writes so that each change stays within what an envelope holds.
fn chunks(writes: &[Write]) -> Vec<&[Write]> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (index, write) in writes.iter().enumerate() {
        let size = 64
            + match &write.value {
                heqi_domain::Value::Text(text) => text.len(),
                heqi_domain::Value::Int(_) | heqi_domain::Value::Bool(_) => 8,
            };
        if index > start && (bytes + size > CHANGE_BYTES_MAX || index - start == CHUNK_WRITES_MAX) {
            chunks.push(&writes[start..index]);
            start = index;
            bytes = 0;
        }
        bytes += size;
    }
    if start < writes.len() {
        chunks.push(&writes[start..]);
    }
    chunks
}
