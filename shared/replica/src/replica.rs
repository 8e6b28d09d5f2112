//! One venture on one device: the state machine behind every shell.
//!
//! [`Replica::handle`] takes what happened and the time, and answers with what to do, in order. It has no clock, no
//! randomness and no IO of its own. Whatever it tells a shell to send was told to be persisted before.

mod again;
mod applying;
mod asking;
mod charter;
mod founding;
mod intents;
mod kits;
mod late;
mod membership;
mod naming;
mod opening;
mod orphans;
mod outside;
mod pace;
mod reading;
mod sending;
mod session;
mod spent;
mod steps;
mod upkeep;
mod watch;

use std::collections::BTreeMap;

use heqi_domain::Entropy;
use heqi_domain::plan::{ConflictId, PlanDiff, UndoStack};
use heqi_protocol::charter::Charter;
use heqi_protocol::frame::CharterRecord;
use heqi_protocol::handshake::{Challenge, Hello};
use heqi_protocol::log::Incarnation;
use heqi_protocol::{DeviceId, DocumentId, Envelope, Hash, InviteId, Space, ToRelay};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use crate::io::{
    Digest, Failure, Heads, Input, Link, Millis, Output, Problem, Reply, RequestId, Status,
    ViewChange,
};
use crate::keyring::Keyring;
use crate::keys::Secrets;
use crate::link::InviteLink;
use crate::names::Names;
use crate::paper::Paper;
use crate::store::{AlarmRow, Intent, KitRow, Phase, Profile, RefusedRow, StoreOp};

/// Version in the content of charter entries.
const VERSION: u8 = heqi_protocol::charter::entry::CHARTER_VERSION;

#[cfg(test)]
mod tests;

pub use opening::{OpenError, StartError};
use pace::Pace;

/// A venture on this device.
pub struct Replica {
    rng: ChaCha20Rng,
    now: Millis,
    profile: Profile,
    secrets: Secrets,
    /// How this device was admitted, for the case that the branch of the charter gives way in which it was.
    admission: Option<Phase>,
    /// The keys of the invite or code that is being accepted.
    invite_secrets: Option<Secrets>,
    charter: Option<Charter>,
    records: Vec<CharterRecord>,
    keyring: Keyring,
    /// Keys of branches of the charter that gave way.
    orphan_keys: Vec<((Space, u32), crate::keyring::SpaceKey)>,
    names: Names,
    papers: BTreeMap<DocumentId, Paper>,
    /// Envelopes in memory: received and not yet applied, waiting, or on their way out.
    bodies: BTreeMap<Hash, Envelope>,
    /// What was refused as invalid, and why.
    quarantined: BTreeMap<Hash, String>,
    /// Where that stood and who signed it, as far as known.
    refused: BTreeMap<Hash, RefusedRow>,
    /// Envelopes that the store was asked for and has not answered yet.
    fetching: std::collections::BTreeSet<Hash>,
    links: BTreeMap<InviteId, InviteLink>,
    /// Recovery kits that were made here.
    kits: BTreeMap<InviteId, KitRow>,
    intents: BTreeMap<u64, (Intent, Option<RequestId>)>,
    /// Entries that were sent for an intent, and whether the charter has what the intent asks by them.
    asked: BTreeMap<(u64, Hash), bool>,
    /// When the newest envelope of a device was sealed, by its own clock.
    heard: BTreeMap<DeviceId, Millis>,
    alarms: BTreeMap<DeviceId, AlarmRow>,
    undo: BTreeMap<Space, UndoStack>,
    /// Who asked for the own unsent edits, while the store is asked for them.
    exporting: Option<RequestId>,
    session: Session,
    round: Round,
    pace: Pace,
    effects: Effects,
}

/// The connection to the relay.
#[derive(Default)]
struct Session {
    wanted: bool,
    stage: Stage,
    /// Attempts since a connection that lasted.
    attempt: u32,
    welcomed_at: Option<Millis>,
    /// The key that the other side of this connection has proven.
    relay: Option<heqi_protocol::RelayKey>,
    retry_at: Option<Millis>,
    incarnation: Option<Incarnation>,
    relay_restored: bool,
    problem: Option<Problem>,
    /// Something that was asked of the charter before was refused, and nobody waited for the answer any more.
    undone: bool,
    /// The charter is asked for from its start, to find where two branches part.
    reads_whole: bool,
    /// How much of the charter has come on this connection.
    charter_come: u64,
    /// When people are told that the relay does not give what it has named of the charter.
    charter_due_at: Option<Millis>,
    /// Speaks as the invite or code that admitted this device, which the relay does not know.
    readmits: bool,
    /// Times that the relay has said since the last request to connect that it does not know this device.
    unknown: u32,
    /// The venture is being brought to this relay, which the charter does not name yet.
    brings: bool,
    /// Times that this relay was shown a branch that goes before its own, since it last had that branch.
    forks_shown: u32,
    /// Until then a relay has time to take the branch that it was shown.
    shown_until: Option<Millis>,
    /// Length of the charter at which an entry of our own accord was refused.
    refused_at: Option<u64>,
    /// Length of the charter at which no key was found that the newest ones do not open.
    chained_at: Option<u64>,
    /// The charter entry that was sent and not yet answered.
    amending: Option<Hash>,
    /// The intent that it is for; none where it is of our own accord.
    amending_for: Option<u64>,
    /// Times in a row that an entry was sent back though the charter had not grown, and when the next one is signed.
    sent_back: u32,
    sign_at: Option<Millis>,
    /// Envelopes being fetched from the store.
    fetching: bool,
    /// The relay was shown that it has lost charter entries: an honest one closes before it answers anything else.
    attested: bool,
    /// Where the relay stood in streams that were sent again after a gap on this connection.
    resent: BTreeMap<heqi_protocol::StreamId, u64>,
}

#[derive(Default)]
enum Stage {
    #[default]
    Down,
    /// Hung up; the shell has yet to say that it is closed.
    Closing,
    Dialing,
    AwaitingChallenge,
    AwaitingWelcome(Challenge, Box<Hello>),
    /// Welcome came; the charter is being read up to this position.
    Reading {
        charter_position: u64,
    },
    Live,
}

/// From one settling to the next: what the digest counts.
#[derive(Default)]
struct Round {
    merged: u64,
    /// The merge review when the connection was lost.
    known: std::collections::BTreeSet<ConflictId>,
    /// Set from the welcome until everything is settled.
    running: bool,
}

/// What has come out of the present call.
#[derive(Default)]
struct Effects {
    ops: Vec<StoreOp>,
    views: Vec<Output>,
    fetch: Vec<Hash>,
    replies: Vec<(RequestId, Result<Reply, Failure>)>,
    sends: Vec<ToRelay>,
    dial: bool,
    hang_up: bool,
    again: bool,
    directory: bool,
    status: Option<Status>,
    wake: Option<Millis>,
}

impl Replica {
    /// Takes what happened at `now` and answers with what to do, in order.
    pub fn handle(&mut self, input: Input, now: Millis) -> Vec<Output> {
        self.now = now;
        match input {
            Input::Start => self.start(),
            Input::Opened => self.opened(),
            Input::Closed => self.closed(),
            Input::Frame(bytes) => self.frame(&bytes),
            Input::Wake => self.effects.wake = None,
            Input::Work => self.work(),
            Input::Fetched(found) => self.fetched(found),
            Input::Online(wanted) => self.online(wanted),
            Input::Ask(id, request) => self.ask(id, request),
        }
        self.go_on();
        self.outputs()
    }

    /// What people must know about syncing.
    pub fn status(&self) -> Status {
        let sum = |count: fn(&Paper) -> u64| self.papers.values().map(count).sum::<u64>();
        let incoming =
            sum(|paper| paper.log.len() as u64 - paper.applied + paper.waiting.due_len() as u64);
        let pending = sum(Paper::pending);
        let read = self
            .papers
            .values()
            .filter(|paper| self.may_read(paper.space))
            .all(|paper| {
                let acknowledged = paper.ack.map_or(0, |ack| ack.point.seq);
                paper.reading == crate::paper::Reading::Done
                    && paper.owed.is_none()
                    && acknowledged >= paper.log.len() as u64
            });
        let live = matches!(self.session.stage, Stage::Live);
        Status {
            link: self.link(),
            member: matches!(self.profile.phase, Phase::Member),
            removed: self.is_removed(),
            pending,
            incoming,
            quarantined: self.quarantined.len() as u64,
            waiting: sum(|paper| paper.waiting.len() as u64),
            late: sum(|paper| paper.late.len() as u64),
            alarms: self.alarms.len() as u64,
            settled: live
                && read
                && !self.papers.is_empty()
                && incoming == 0
                && pending == 0
                && !self.awaits_charter()
                && self.session.amending.is_none()
                && self.session.sign_at.is_none(),
            incarnation: self.session.incarnation,
            relay_restored: self.session.relay_restored,
            problem: self
                .session
                .problem
                .or_else(|| self.barred())
                .or_else(|| self.stalled())
                .or_else(|| self.unshown())
                .or_else(|| self.withheld())
                .or_else(|| self.session.undone.then_some(Problem::Undone)),
        }
    }

    /// The plan of the venture, once there is one.
    pub fn plan(&self) -> Option<&heqi_domain::plan::Plan> {
        self.plan_of(Space::Plan)
    }

    /// The plan of a space, where this device has it.
    pub fn plan_of(&self, space: Space) -> Option<&heqi_domain::plan::Plan> {
        Some(&self.root(space)?.plan)
    }

    /// Heads of the plan's document.
    pub fn heads(&self) -> Heads {
        self.heads_of(Space::Plan)
    }

    /// Heads of the document that a space has from the start.
    pub fn heads_of(&self, space: Space) -> Heads {
        self.root(space).map_or_else(Vec::new, |paper| {
            paper.document.heads().iter().map(|head| head.0).collect()
        })
    }

    /// True where the plan's document holds the change of that hash.
    pub fn holds(&self, change: &[u8; 32]) -> bool {
        let paper = self.root(Space::Plan);
        paper.is_some_and(|paper| paper.document.has(&automerge::ChangeHash(*change)))
    }

    /// Names and people as far as known.
    pub fn directory(&self) -> crate::io::Directory {
        self.charter
            .as_ref()
            .map_or_else(Default::default, |charter| {
                self.names.directory(
                    charter,
                    &self.profile.relay_url,
                    &self.links,
                    &self.kits,
                    &self.heard,
                    self.secrets.device(),
                )
            })
    }

    /// The charter as folded so far.
    pub const fn charter(&self) -> Option<&Charter> {
        self.charter.as_ref()
    }

    /// This device.
    pub fn device(&self) -> DeviceId {
        self.secrets.device()
    }

    /// True where the key of a space and epoch is here.
    pub fn has_key(&self, space: Space, epoch: u32) -> bool {
        self.keyring.key(space, epoch).is_some()
    }

    /// Where the reading of each document stands, for a failure's message.
    #[doc(hidden)]
    pub fn trace(&self) -> String {
        let papers = self.papers.values().map(|paper| {
            let outbox: Vec<_> = paper.outbox.values().map(|out| out.seq).collect();
            format!(
                "{:?}, log {}, applied {}, held {}, waiting {}, outbox {outbox:?}, unsealed {}",
                paper.reading,
                paper.log.len(),
                paper.applied,
                paper.held.len(),
                paper.waiting.len(),
                paper.unsealed.len(),
            )
        });
        papers.collect::<Vec<_>>().join("; ")
    }

    fn link(&self) -> Link {
        match (&self.session.stage, self.session.retry_at) {
            // A device that was removed asks now and then whether it still is: nobody waits for that.
            (Stage::Down, Some(retry_at)) if self.session.wanted && !self.is_removed() => {
                Link::Waiting { retry_at }
            }
            (Stage::Down, _) => Link::Offline,
            (Stage::Live, _) => Link::Online,
            _ => Link::Connecting,
        }
    }

    /// Everything that follows by itself from the present state.
    fn go_on(&mut self) {
        self.return_if_due();
        self.adopt_orphans();
        self.show_own();
        self.dial_if_due();
        self.ask_for_owed();
        self.seal_if_due();
        self.advance_intents();
        self.forget_lost_keys();
        let is_due = |paper: &Paper| paper.waiting.due_len() > 0;
        self.effects.again |= self.papers.values().any(is_due);
        self.close_round();
    }

    fn outputs(&mut self) -> Vec<Output> {
        let mut effects = std::mem::take(&mut self.effects);
        let mut outputs = std::mem::take(&mut effects.views);
        if effects.directory {
            outputs.push(Output::Directory(self.directory()));
        }
        if !effects.ops.is_empty() {
            outputs.push(Output::Persist(effects.ops));
        }
        let replies = effects.replies.into_iter();
        outputs.extend(replies.map(|(id, reply)| Output::Reply(id, reply)));
        let sends = effects.sends.iter();
        outputs.extend(sends.map(|frame| Output::Send(frame.encode())));
        if effects.hang_up {
            outputs.push(Output::HangUp);
        }
        if effects.dial {
            outputs.push(Output::Dial(crate::link::socket_url(
                &self.profile.relay_url,
            )));
        }
        effects.fetch.retain(|hash| self.fetching.insert(*hash));
        if !effects.fetch.is_empty() {
            outputs.push(Output::Fetch(effects.fetch));
        }
        let status = self.status();
        if effects.status.as_ref() != Some(&status) {
            outputs.push(Output::Status(status.clone()));
        }
        self.effects.status = Some(status);
        let wake = self.next_wake();
        if wake != effects.wake {
            outputs.extend(wake.map(Output::Wake));
        }
        self.effects.wake = wake;
        if effects.again {
            outputs.push(Output::Again);
        }
        outputs
    }

    fn next_wake(&self) -> Option<Millis> {
        let seals = self.papers.values().filter_map(|paper| {
            let goes_out = self.is_live() && paper.reading == crate::paper::Reading::Done;
            (goes_out && self.takes_edits(paper.space))
                .then_some(paper.seal_at)
                .flatten()
        });
        // While a connection is closing, its end is what goes on, not the clock.
        let is_down = matches!(self.session.stage, Stage::Down);
        let retry = self
            .session
            .retry_at
            .filter(|_| self.session.wanted && is_down);
        let stalls = self.stalls().map(|(shown_at, _)| shown_at);
        seals
            .chain(retry)
            .chain(self.session.shown_until)
            .chain(self.session.sign_at)
            .chain(stalls.filter(|at| *at > self.now))
            .chain(self.charter_owed_at().filter(|at| *at > self.now))
            .chain(
                self.papers
                    .values()
                    .filter_map(|paper| Some(paper.owed?.due_at)),
            )
            .min()
    }

    fn send(&mut self, frame: ToRelay) {
        self.effects.sends.push(frame);
    }

    fn persist(&mut self, ops: impl IntoIterator<Item = StoreOp>) {
        self.effects.ops.extend(ops);
    }

    /// Brings the views up to date and tells the differences, if any.
    fn refresh_view(&mut self) {
        let mut views = Vec::new();
        for paper in self.papers.values_mut() {
            let diff = paper.refresh(&self.names);
            if !diff.is_empty() {
                views.push((paper.space, diff));
            }
        }
        for (space, diff) in views {
            let view = self.view(space, diff);
            self.effects.views.push(Output::View(view));
        }
    }

    fn view(&self, space: Space, diff: PlanDiff) -> ViewChange {
        let undo = self.undo.get(&space);
        ViewChange {
            space,
            heads: self.heads_of(space),
            diff,
            can_undo: undo.is_some_and(UndoStack::can_undo),
            can_redo: undo.is_some_and(UndoStack::can_redo),
        }
    }

    /// The document that a space has from the start.
    fn root(&self, space: Space) -> Option<&Paper> {
        let venture = self.charter.as_ref()?.venture();
        self.papers.get(&DocumentId::root(venture, space))
    }

    /// True where this device may read the space now.
    fn may_read(&self, space: Space) -> bool {
        let charter = self.charter.as_ref();
        charter.is_some_and(|it| it.may_read(self.secrets.device(), space))
    }

    /// Ends a round that has settled with its digest.
    fn close_round(&mut self) {
        if !self.round.running || !self.status().settled {
            return;
        }
        let round = std::mem::take(&mut self.round);
        let plans = self.papers.values().map(|paper| &paper.plan);
        let met = plans
            .flat_map(heqi_domain::plan::Plan::conflicts)
            .filter(|conflict| !round.known.contains(&conflict.id) && conflict.involves_me())
            .count() as u64;
        let merged = round.merged;
        if merged > 0 || met > 0 {
            let digest = Digest { merged, met };
            self.effects.views.push(Output::Digest(digest));
        }
    }

    fn draw<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}

/// The replica's random generator as the domain asks for it.
struct Drawn<'a>(&'a mut ChaCha20Rng);

impl Entropy for Drawn<'_> {
    fn bytes16(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
