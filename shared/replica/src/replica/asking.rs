//! What people ask for.

use automerge::ChangeHash;
use heqi_domain::Write;
use heqi_domain::limits::CHUNK_WRITES_MAX;
use heqi_domain::plan::{Context, PlanCommand};
use heqi_domain::time::Date;
use heqi_protocol::{Role, Roles, StreamId};

use super::opening::{code, name};
use super::{Drawn, Replica};
use crate::archive;
use crate::io::{Failure, Heads, Reply, Request, RequestId};
use crate::recovery::RecoveryFile;
use crate::store::InviteIntent;

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
                seen,
                command,
                today,
            } => self.command(&seen, &command, today),
            Request::Undo { today } => self.step(Step::Undo, today),
            Request::Redo { today } => self.step(Step::Redo, today),
            Request::Invite {
                party,
                code,
                roles,
                expires_ms,
            } => match self.invite_intent(&party, &code, &roles, expires_ms) {
                Ok(intent) => {
                    self.ask_invite(intent, id);
                    return;
                }
                Err(failure) => Err(failure),
            },
            Request::View => self.whole_view(),
            Request::RecoveryFile => self.recovery_file(),
            Request::Archive => self.archive(),
        };
        self.effects.replies.push((id, reply));
    }

    fn command(
        &mut self,
        seen: &Heads,
        command: &PlanCommand,
        today: Date,
    ) -> Result<Reply, Failure> {
        self.may_write()?;
        let party_code = self.own_party_code();
        let plan = self.plan.ok_or(Failure::NotYetMember)?;
        let paper = self.papers.get(&plan).ok_or(Failure::NotYetMember)?;
        let mut context = Context {
            entropy: &mut Drawn(&mut self.rng),
            party_code: &party_code,
            today,
        };
        let writes = paper.plan.command(command, &mut context)?;
        self.undo.note(&paper.plan, &writes);
        let seen: Vec<ChangeHash> = seen.iter().map(|hash| ChangeHash(*hash)).collect();
        self.write(&writes, &seen);
        Ok(Reply::Done)
    }

    /// Takes a step back or forth among one's own commands.
    fn step(&mut self, step: Step, today: Date) -> Result<Reply, Failure> {
        self.may_write()?;
        let party_code = self.own_party_code();
        let plan = self.plan.ok_or(Failure::NotYetMember)?;
        let paper = self.papers.get(&plan).ok_or(Failure::NotYetMember)?;
        let mut context = Context {
            entropy: &mut Drawn(&mut self.rng),
            party_code: &party_code,
            today,
        };
        let writes = match step {
            Step::Undo => self.undo.undo(&paper.plan, &mut context, &self.names)?,
            Step::Redo => self.undo.redo(&paper.plan, &mut context, &self.names)?,
        };
        self.write(&writes, &[]);
        Ok(Reply::Done)
    }

    /// Makes the writes as few changes, kept in one transaction of the store.
    fn write(&mut self, writes: &[Write], seen: &[ChangeHash]) {
        let device = self.secrets.device();
        let Some(plan) = self.plan else { return };
        let mut seen = seen.to_vec();
        for chunk in chunks(writes) {
            let mut rng = self.rng.clone();
            let mut draw = || {
                let mut bytes = [0; 16];
                rand_chacha::rand_core::Rng::fill_bytes(&mut rng, &mut bytes);
                StreamId(bytes)
            };
            let Some(paper) = self.papers.get_mut(&plan) else {
                return;
            };
            let heads = paper.document.heads();
            if seen.is_empty() {
                seen.clone_from(&heads);
            }
            let ops = paper.edit(chunk, &seen, device, &mut draw);
            if paper.seal_at.is_none() && !paper.unsealed.is_empty() {
                paper.seal_at = Some(self.now + COALESCE_MS);
            }
            // The next chunk follows what its author saw and the chunks before it.
            if seen == heads {
                seen = paper.document.heads();
            }
            self.rng = rng;
            self.persist(ops);
            self.learn_own_actors();
        }
        self.refresh_view();
    }

    fn learn_own_actors(&mut self) {
        let device = self.secrets.device();
        let Some(paper) = self.plan.and_then(|plan| self.papers.get(&plan)) else {
            return;
        };
        if let Some((_, made)) = paper.unsealed.last_key_value() {
            let actor = crate::paper::actor_id(device, made.made_in);
            self.names.learn(actor, device);
        }
    }

    fn invite_intent(
        &mut self,
        party: &str,
        party_code: &str,
        roles: &[Role],
        expires_ms: Option<u64>,
    ) -> Result<InviteIntent, Failure> {
        let bad = |_| Failure::BadName("the party's name or code");
        let party = name(party, "the party's name").map_err(bad)?;
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
        let led = charter
            .members()
            .values()
            .any(|member| Some(member.party) == known && member.roles.has(Role::PartnerManager));
        if led && known != Some(me.party) {
            return Err(Failure::OtherParty);
        }
        let code = match known {
            Some(_) => String::new(),
            None => code(party_code).map_err(bad)?,
        };
        if known.is_none() && self.names.party_named(&code).is_some() {
            return Err(Failure::BadName("the short code is another party's; it"));
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

    fn whole_view(&self) -> Result<Reply, Failure> {
        let plan = self.plan().ok_or(Failure::NotYetMember)?;
        Ok(Reply::View(self.view(plan.snapshot())))
    }

    fn recovery_file(&self) -> Result<Reply, Failure> {
        let venture = self.venture().ok_or(Failure::NotYetMember)?;
        let file = RecoveryFile::new(
            self.profile.relay_url.clone(),
            venture,
            self.profile.device_seed,
        );
        Ok(Reply::RecoveryFile(file.encode()))
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

    fn own_party_code(&self) -> String {
        let charter = self.charter.as_ref();
        let member = charter.and_then(|charter| charter.member_of(self.secrets.device()));
        member
            .map_or("", |(_, member)| self.names.party_code(member.party))
            .to_owned()
    }

    fn may_write(&self) -> Result<(), Failure> {
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let plan = heqi_protocol::Space::Plan;
        let position = charter.position();
        if charter.may_write_at(self.secrets.device(), plan, position) {
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
