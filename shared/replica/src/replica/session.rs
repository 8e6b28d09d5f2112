//! The connection: dialling with backoff, handshake, frames in.

use heqi_protocol::charter::{Body, Charter, MoveRelay};
use heqi_protocol::handshake::{Challenge, Hello, Welcome, Who};
use heqi_protocol::{FromRelay, Hash, Misbehaviour, Text, ToRelay, VentureId};
use rand_chacha::rand_core::Rng;

use super::{Replica, Stage};
use crate::code::CodeLink;
use crate::io::Problem;
use crate::link::{InviteLink, socket_url};
use crate::paper::Reading;
use crate::store::{Intent, Phase};

/// A connection that lasts this long was a good one: when it is lost, the first attempt comes at once.
const GOOD_AFTER_MS: u64 = 10_000;
/// First pause before dialling again; doubles up to the longest.
const RETRY_FIRST_MS: u64 = 500;
const RETRY_LONGEST_MS: u64 = 60_000;

impl Replica {
    pub(super) fn start(&mut self) {
        self.fetch_outgoing();
        self.forget_spent_invites();
        for paper in self.papers.values_mut() {
            paper.look_again();
        }
        self.effects.directory = true;
        // What stood in the merge review before this opening is not news of the next reconnect.
        self.begin_round();
        if self
            .papers
            .values()
            .any(|paper| paper.applied < paper.log.len() as u64)
        {
            self.effects.again = true;
        }
    }

    pub(super) fn online(&mut self, wanted: bool) {
        self.session.wanted = wanted;
        self.session.problem = None;
        self.session.undone = false;
        self.session.attempt = 0;
        self.session.unknown = 0;
        if wanted {
            self.session.retry_at = matches!(self.session.stage, Stage::Down).then_some(self.now);
        } else {
            self.session.retry_at = None;
            self.hang_up();
        }
    }

    pub(super) fn dial_if_due(&mut self) {
        let due = self.session.retry_at.is_some_and(|at| at <= self.now);
        if due && self.session.wanted && matches!(self.session.stage, Stage::Down) {
            self.session.retry_at = None;
            self.session.stage = Stage::Dialing;
            self.effects.dial = true;
        }
    }

    /// Comes back to a relay that was shown the branch which goes before its own.
    pub(super) fn return_if_due(&mut self) {
        if self.session.shown_until.is_some_and(|at| at <= self.now) {
            self.session.shown_until = None;
            self.reconnect();
        }
    }

    pub(super) fn opened(&mut self) {
        if matches!(self.session.stage, Stage::Dialing) {
            self.session.stage = Stage::AwaitingChallenge;
        }
    }

    pub(super) fn closed(&mut self) {
        self.session.stage = Stage::Down;
        self.session.amending = None;
        self.session.sent_back = 0;
        self.session.sign_at = None;
        self.session.attested = false;
        self.session.brings = false;
        self.session.shown_until = None;
        self.session.resent.clear();
        for paper in self.papers.values_mut() {
            paper.reading = Reading::No;
            paper.owed = None;
            paper.called = None;
            paper.attested = false;
        }
        self.begin_round();
        let welcomed_at = self.session.welcomed_at.take();
        if welcomed_at.is_some_and(|at| self.now.saturating_sub(at) >= GOOD_AFTER_MS) {
            self.session.attempt = 0;
        }
        if self.is_removed() && self.session.retry_at.is_none() {
            self.ask_later_whether_removed();
        } else if self.session.wanted && self.session.retry_at.is_none() {
            self.session.retry_at = Some(self.now + self.pause());
            self.session.attempt += 1;
        }
    }

    /// The next pause: exponential, with a quarter of jitter so that members do not come back all at once.
    fn pause(&mut self) -> u64 {
        if self.session.attempt == 0 {
            return 0;
        }
        let doubled = RETRY_FIRST_MS << (self.session.attempt - 1).min(10);
        let pause = doubled.min(RETRY_LONGEST_MS);
        pause - self.rng.next_u64() % (pause / 4)
    }

    /// Closes the connection and comes back at once, as somebody else.
    pub(super) fn reconnect(&mut self) {
        self.session.attempt = 0;
        self.session.retry_at = Some(self.now);
        self.hang_up();
    }

    pub(super) fn hang_up(&mut self) {
        if !matches!(self.session.stage, Stage::Down | Stage::Closing) {
            self.session.stage = Stage::Closing;
            self.effects.hang_up = true;
        }
    }

    /// Stops syncing: what happened needs a person.
    pub(super) fn stop(&mut self, problem: Problem) {
        self.session.problem = Some(problem);
        self.session.wanted = false;
        self.session.retry_at = None;
        self.hang_up();
    }

    pub(super) fn frame(&mut self, bytes: &[u8]) {
        if matches!(
            self.session.stage,
            Stage::Down | Stage::Closing | Stage::Dialing
        ) {
            return;
        }
        let result = FromRelay::decode(bytes)
            .map_err(|_| Misbehaviour::BadFrame)
            .and_then(|frame| self.take(frame));
        if let Err(misbehaviour) = result {
            self.stop(Problem::Relay(misbehaviour));
        }
    }

    fn take(&mut self, frame: FromRelay) -> Result<(), Misbehaviour> {
        let proven = matches!(self.session.stage, Stage::Reading { .. } | Stage::Live);
        let greets = matches!(
            frame,
            FromRelay::Challenge(_)
                | FromRelay::Welcome(_)
                | FromRelay::Reincarnated(_)
                | FromRelay::Refused(_)
                | FromRelay::Unavailable(_)
        );
        if !proven && !greets {
            return Err(Misbehaviour::OutOfTurn);
        }
        match frame {
            FromRelay::Challenge(challenge) => self.challenged(challenge),
            FromRelay::Welcome(welcome) => self.welcomed(welcome),
            FromRelay::Charter { first, entries } => self.charter_entries(first, &entries),
            FromRelay::AmendRefused { entry, reason } => {
                self.amend_refused(entry, reason);
                Ok(())
            }
            FromRelay::Documents(_) => Ok(()),
            FromRelay::Subscribed {
                document,
                matched,
                head,
            } => self.subscribed(document, matched, head),
            FromRelay::Entries {
                document,
                first_seq,
                entries,
            } => self.entries(document, first_seq, entries.into_vec()),
            FromRelay::Ack(ack) => self.acknowledged(ack),
            FromRelay::Nack {
                document,
                stream,
                dseq,
                reason,
            } => {
                self.nacked(document, stream, dseq, reason);
                Ok(())
            }
            FromRelay::Reread(document) => {
                self.subscribe_again(document);
                Ok(())
            }
            FromRelay::Reincarnated(_) => {
                self.session.relay_restored |= proven;
                self.hang_up();
                Ok(())
            }
            FromRelay::Refused(Misbehaviour::NotAdmitted) => {
                self.not_admitted();
                Ok(())
            }
            FromRelay::Refused(misbehaviour) => {
                self.stop(Problem::Refused(misbehaviour));
                Ok(())
            }
            FromRelay::Unavailable(unavailable) => {
                self.session.problem = Some(Problem::Unavailable(unavailable));
                self.hang_up();
                Ok(())
            }
        }
    }

    fn challenged(&mut self, challenge: Challenge) -> Result<(), Misbehaviour> {
        if !matches!(self.session.stage, Stage::AwaitingChallenge) {
            return Err(Misbehaviour::OutOfTurn);
        }
        if heqi_protocol::handshake::VERSIONS
            .common(challenge.versions)
            .is_none()
        {
            return Err(Misbehaviour::NoCommonVersion);
        }
        let phase = match &self.admission {
            Some(admission) if self.session.readmits => admission,
            _ => &self.profile.phase,
        };
        let (venture, who, secrets, linked) = match phase.clone() {
            Phase::Founding { .. } => {
                let venture = self.genesis_for(challenge.relay)?;
                let who = Who::Founder(self.secrets.device());
                (venture, who, &self.secrets, None)
            }
            Phase::Joining { link, .. } => {
                let link = InviteLink::parse(&link).map_err(|_| Misbehaviour::WrongRelay)?;
                let secrets = self.invite_secrets.as_ref().unwrap_or(&self.secrets);
                let who = Who::Invite(secrets.invite());
                (link.venture, who, secrets, Some(link.relay))
            }
            Phase::Adding { link } => {
                let link = CodeLink::parse(&link).map_err(|_| Misbehaviour::WrongRelay)?;
                let secrets = self.invite_secrets.as_ref().unwrap_or(&self.secrets);
                let who = Who::Invite(secrets.invite());
                (link.venture, who, secrets, Some(link.relay))
            }
            Phase::Member | Phase::Removed => {
                let venture = self.profile.venture.ok_or(Misbehaviour::OtherVenture)?;
                let who = Who::Device(self.secrets.device());
                (venture, who, &self.secrets, None)
            }
        };
        // The charter knows better than a link where the venture is.
        let pinned = self.charter.as_ref().map(Charter::relay).or(linked);
        let is_next = self.profile.next_relay == Some(challenge.relay);
        if pinned.is_some_and(|relay| relay != challenge.relay) && !is_next {
            return Err(Misbehaviour::WrongRelay);
        }
        let known = match self.session.reads_whole {
            true => 0,
            false => self.records.len() as u64,
        };
        let secrets = secrets.clone();
        let hello = Hello::sign(
            &challenge,
            venture,
            who,
            Text::new(socket_url(&self.profile.relay_url)).unwrap_or_default(),
            self.draw(),
            known,
            secrets.sign(),
        );
        self.send(ToRelay::Hello(hello.clone()));
        self.session.stage = Stage::AwaitingWelcome(challenge, Box::new(hello));
        Ok(())
    }

    fn welcomed(&mut self, welcome: Welcome) -> Result<(), Misbehaviour> {
        let Stage::AwaitingWelcome(challenge, hello) = &self.session.stage else {
            return Err(Misbehaviour::OutOfTurn);
        };
        welcome.verify(challenge, hello)?;
        self.session.relay = Some(challenge.relay);
        self.session.incarnation = Some(welcome.incarnation);
        self.session.welcomed_at = Some(self.now);
        self.session.charter_come = 0;
        self.note_charter_owed();
        if !self.is_removed() {
            self.session.problem = None;
        }
        self.session.stage = Stage::Reading {
            charter_position: welcome.charter_position,
        };
        if let Phase::Founding { genesis, .. } = &self.profile.phase {
            let genesis = genesis.clone().ok_or(Misbehaviour::OutOfTurn)?;
            let bytes = heqi_protocol::Bytes::new(genesis).map_err(|_| Misbehaviour::TooMuch)?;
            self.session.amending = self.profile.venture.map(|venture| Hash(venture.0));
            self.send(ToRelay::Found(bytes));
            return Ok(());
        }
        self.compare_charter(welcome)?;
        self.charter_read();
        Ok(())
    }

    /// Holds the relay's charter against one's own: the same, longer, or shorter because it lost some.
    fn compare_charter(&mut self, welcome: Welcome) -> Result<(), Misbehaviour> {
        let Some(charter) = &self.charter else {
            return Ok(());
        };
        if self.session.relay != Some(charter.relay()) {
            return self.arrive(welcome);
        }
        if self.session.reads_whole || welcome.charter_position > charter.position() {
            return Ok(());
        }
        let ours = match welcome.charter_position {
            0 => Some(Hash::ZERO),
            position => charter.head_at(position),
        };
        if welcome.charter_position > 0 && ours != Some(welcome.charter_head) {
            return self.read_whole_charter();
        }
        if welcome.charter_position < charter.position() {
            self.restore_charter(welcome)?;
        }
        Ok(())
    }

    /// Comes to a relay that our charter does not name yet: it is shown the charter, and the entry that names it.
    fn arrive(&mut self, welcome: Welcome) -> Result<(), Misbehaviour> {
        let has = usize::try_from(welcome.charter_position).unwrap_or(usize::MAX);
        if has > self.records.len() {
            // It has the venture already: it names itself, or it is the wrong one.
            return Ok(());
        }
        self.session.brings = true;
        let lacking = self.records[has..].to_vec();
        self.send_records(lacking);
        let moving = self
            .intents
            .iter()
            .find_map(|(number, (intent, _))| match intent {
                Intent::Move { url, relay, .. } if Some(*relay) == self.session.relay => {
                    Some((*number, url.clone(), *relay))
                }
                _ => None,
            });
        if let Some((number, url, relay)) = moving {
            self.session.amending_for = Some(number);
            let url = self.sealed_name(&url, None);
            let written = url.map(|url| {
                let body = Body::MoveRelay(MoveRelay { relay, url });
                self.write_entry(body)
            });
            if let Some(Err(failure)) = written {
                self.end_intent(number, Err(failure));
            }
        }
        Ok(())
    }

    /// Goes live once the charter is read as far as the relay had it.
    pub(super) fn charter_read(&mut self) {
        let Stage::Reading { charter_position } = self.session.stage else {
            return;
        };
        let waits = self.session.shown_until.is_some();
        let here = self.records.len() as u64;
        if waits || self.read_of_charter() < charter_position {
            return;
        }
        if std::mem::take(&mut self.session.reads_whole)
            && here > charter_position
            && !self.session.readmits
        {
            // There is no fork: the relay lacks what is here, and is to be given it.
            if let Err(misbehaviour) = self.count_fork() {
                self.stop(Problem::Relay(misbehaviour));
            } else {
                self.reconnect();
            }
            return;
        }
        if !self.readmit() {
            return;
        }
        match self.profile.phase {
            Phase::Founding { .. } | Phase::Removed => {}
            Phase::Joining { .. } => self.accept_invite(),
            Phase::Adding { .. } => self.add_device(),
            Phase::Member if self.session.readmits => self.give_up_readmission(),
            Phase::Member => self.go_live(),
        }
    }

    /// How much of the charter is read; where it is read from its start, what is here already says nothing.
    pub(super) const fn read_of_charter(&self) -> u64 {
        match self.session.reads_whole {
            true => self.session.charter_come,
            false => self.records.len() as u64,
        }
    }

    fn go_live(&mut self) {
        let Some(charter) = &self.charter else { return };
        if Some(charter.relay()) != self.session.relay {
            // While the venture is being brought there the charter may still have to come to name this relay.
            if !self.session.brings {
                self.stop(Problem::Relay(Misbehaviour::WrongRelay));
            }
            return;
        }
        if self.profile.next_relay.take().is_some() {
            self.put_profile();
        }
        self.session.stage = Stage::Live;
        self.session.forks_shown = 0;
        self.round.running = true;
        self.ensure_papers();
    }

    fn begin_round(&mut self) {
        if self.round.running {
            return;
        }
        let plans = self.papers.values().map(|paper| &paper.plan);
        let conflicts = plans.flat_map(heqi_domain::plan::Plan::conflicts);
        self.round.known = conflicts.map(|conflict| conflict.id).collect();
    }

    pub(super) fn venture(&self) -> Option<VentureId> {
        self.charter.as_ref().map(Charter::venture)
    }
}
