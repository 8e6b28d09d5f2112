//! A member's device: a replica, the rows it was told to keep, and what it has yet to do.

use std::collections::{BTreeMap, VecDeque};

use heqi_domain::plan::PlanMirror;
use heqi_protocol::{Hash, Space};
use heqi_replica::{
    Digest, ENVELOPE_TABLE, Failure, Heads, Input, Output, Problem, Replica, Reply, Request,
    RequestId, Status, StoreOp, envelope_key,
};

/// The rows of a store, by key.
pub type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// A device and its store.
pub struct Device {
    pub name: String,
    /// What is on its disk.
    pub rows: Rows,
    pub replica: Option<Replica>,
    pub outputs: VecDeque<Output>,
    pub inputs: VecDeque<Input>,
    pub connection: Option<u64>,
    pub wake: Option<u64>,
    /// Cannot reach the relay.
    pub cut: bool,
    clock: Clock,
    /// The view as its interface holds it.
    pub mirror: PlanMirror,
    pub heads: Heads,
    pub status: Option<Status>,
    /// Every problem that was shown since it was made.
    pub problems: Vec<Problem>,
    pub digests: Vec<Digest>,
    pub replies: BTreeMap<RequestId, Result<Reply, Failure>>,
    next_request: RequestId,
}

/// A clock that is ahead or behind, and gains or loses, as long as it is not set.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    ahead_ms: i64,
    /// Milliseconds that it gains in a thousand.
    gains: i64,
    set_at: u64,
}

impl Clock {
    fn at(self, now: u64) -> u64 {
        let since = now.saturating_sub(self.set_at) as i64;
        now.saturating_add_signed(self.ahead_ms + since * self.gains / 1000)
    }

    /// When it will show that time.
    fn until(self, shown: u64) -> u64 {
        let since = shown.saturating_add_signed(-self.ahead_ms) as i64 - self.set_at as i64;
        let since = since * 1000 / (1000 + self.gains);
        let mut then = self.set_at.saturating_add_signed(since - 1);
        while self.at(then) < shown {
            then += 1;
        }
        then
    }
}

/// What a device wants of the network.
pub enum Wish {
    Dial,
    HangUp,
    Send(Vec<u8>),
}

impl Device {
    pub fn new(name: &str, replica: Replica) -> Self {
        let mut device = Self::idle(name);
        device.replica = Some(replica);
        device.boot();
        device
    }

    /// A device that finds these rows on its disk.
    pub fn over(name: &str, rows: Rows, entropy: [u8; 32]) -> Self {
        let mut device = Self::idle(name);
        device.rows = rows;
        device.reopen(entropy);
        device
    }

    fn idle(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rows: Rows::new(),
            replica: None,
            outputs: VecDeque::new(),
            inputs: VecDeque::new(),
            connection: None,
            wake: None,
            cut: false,
            clock: Clock::default(),
            mirror: PlanMirror::default(),
            heads: Heads::new(),
            status: None,
            problems: Vec::new(),
            digests: Vec::new(),
            replies: BTreeMap::new(),
            next_request: 0,
        }
    }

    /// Sets the clock by so many milliseconds; from now on it gains `gains` in a thousand. It never goes back while the
    /// process runs.
    pub fn set_clock(&mut self, now: u64, by_ms: i64, gains: i64) {
        assert!(by_ms >= 0 || self.replica.is_none(), "{} runs", self.name);
        self.clock = Clock {
            ahead_ms: self.clock.at(now) as i64 - now as i64 + by_ms,
            gains,
            set_at: now,
        };
    }

    /// Ends the process: only the rows stay.
    pub fn crash(&mut self) {
        self.replica = None;
        self.outputs.clear();
        self.inputs.clear();
        self.wake = None;
        self.status = None;
        self.mirror = PlanMirror::default();
    }

    /// Opens the store again.
    pub fn reopen(&mut self, entropy: [u8; 32]) {
        let replica = self.open_rows(entropy);
        if let Some(plan) = replica.plan() {
            // What an interface that opens the venture gets first.
            self.mirror.apply(&plan.snapshot());
        }
        self.heads = replica.heads();
        self.replica = Some(replica);
        self.boot();
    }

    /// The view as a replica computes it that opens this store, from the whole document.
    pub fn reread(&self) -> PlanMirror {
        let mut mirror = PlanMirror::default();
        if let Some(plan) = self.open_rows([0; 32]).plan() {
            mirror.apply(&plan.snapshot());
        }
        mirror
    }

    fn open_rows(&self, entropy: [u8; 32]) -> Replica {
        let rows = self
            .rows
            .iter()
            .filter(|(key, _)| key.first() != Some(&ENVELOPE_TABLE))
            .map(|(key, value)| (key.clone(), value.clone()));
        Replica::open(rows, entropy).expect("what a replica has kept it can open")
    }

    pub fn replica(&self) -> &Replica {
        self.replica.as_ref().expect("the device is running")
    }

    /// Queues a request; its reply appears in [`Device::replies`].
    pub fn ask(&mut self, request: Request) -> RequestId {
        self.next_request += 1;
        self.inputs
            .push_front(Input::Ask(self.next_request, request));
        self.next_request
    }

    pub fn is_busy(&self) -> bool {
        self.replica.is_some() && !(self.outputs.is_empty() && self.inputs.is_empty())
    }

    /// Does one thing: the next output, else the next input.
    pub fn step(&mut self, now: u64) -> Option<Wish> {
        if let Some(output) = self.outputs.pop_front() {
            return self.perform(output);
        }
        if let Some(input) = self.inputs.pop_front() {
            self.handle(input, now);
        }
        None
    }

    /// Hands one input to the replica.
    pub fn handle(&mut self, input: Input, now: u64) {
        let now = self.clock.at(now);
        if let Some(replica) = &mut self.replica {
            self.outputs.extend(replica.handle(input, now));
        }
    }

    fn boot(&mut self) {
        self.inputs.push_back(Input::Start);
        self.inputs.push_back(Input::Online(true));
    }

    fn perform(&mut self, output: Output) -> Option<Wish> {
        match output {
            Output::Persist(ops) => self.persist(ops),
            Output::Fetch(hashes) => {
                let found = hashes.into_iter().map(|hash| self.envelope(hash));
                let found = Input::Fetched(found.collect());
                self.inputs.push_back(found);
            }
            Output::Dial(_) => return Some(Wish::Dial),
            Output::HangUp => return Some(Wish::HangUp),
            Output::Send(frame) => return Some(Wish::Send(frame)),
            Output::Wake(at) => self.wake = Some(self.clock.until(at)),
            Output::Again => self.inputs.push_back(Input::Work),
            Output::View(view) if view.space != Space::Plan => {}
            Output::View(view) => {
                self.mirror.apply(&view.diff);
                self.heads = view.heads;
            }
            Output::Status(status) => {
                let last = self.problems.last().copied();
                self.problems
                    .extend(status.problem.filter(|problem| Some(*problem) != last));
                self.status = Some(status);
            }
            Output::Digest(digest) => self.digests.push(digest),
            Output::Reply(id, reply) => {
                self.replies.insert(id, reply);
            }
            Output::Directory(_) => {}
        }
        None
    }

    fn persist(&mut self, ops: Vec<StoreOp>) {
        for op in ops {
            match op {
                StoreOp::Put(key, value) => self.rows.insert(key, value),
                StoreOp::Delete(key) => self.rows.remove(&key),
            };
        }
    }

    fn envelope(&self, hash: Hash) -> (Hash, Option<Vec<u8>>) {
        (hash, self.rows.get(&envelope_key(hash)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_drifts_shows_a_time_when_it_says_and_not_before() {
        for (ahead_ms, gains) in [(0, 0), (86_400_000, -50), (-3 * 86_400_000, 50), (7, 999)] {
            let clock = Clock {
                ahead_ms,
                gains,
                set_at: 1_790_000_000_000,
            };
            for later in [0, 1, 999, 86_400_000] {
                let shown = clock.at(clock.set_at + later);
                let then = clock.until(shown);
                assert!(clock.at(then) >= shown && clock.at(then - 1) < shown);
            }
        }
    }
}
