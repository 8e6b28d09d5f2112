//! Up to two devices and a relay core in memory, first come first served: what a replica takes is all that takes time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use ed25519_dalek::SigningKey;
use heqi_domain::RecordId;
use heqi_domain::import::ImportedPlan;
use heqi_domain::plan::{FieldEdit, PlanCommand};
use heqi_domain::time::Date;
use heqi_protocol::Role;
use heqi_relay::core::{Core, Input as ToCore, Options};
use heqi_relay::fanout::{ConnId, Meter, Out, cost};
use heqi_relay::image::Image;
use heqi_replica::{Act, ENVELOPE_TABLE, Input, Output, Replica, Reply, Request};
use heqi_tests::device::{Device, Wish};

/// Milliseconds since 1970.
const START_MS: u64 = 1_790_000_000_000;
/// Waits after which what does not settle never will.
const WAITS_MAX: usize = 10_000;
/// An input that takes longer holds up whoever edits meanwhile.
pub(crate) const LONG: Duration = Duration::from_millis(100);
const FIRST: usize = 0;
const SECOND: usize = 1;

/// Two devices, their relay and their clock.
pub(crate) struct Lab {
    /// The clock of both, in milliseconds.
    pub(crate) now: u64,
    /// Bytes of frames that each device got.
    pub(crate) received: Vec<u64>,
    /// Frames that the first device sent since this was set.
    pub(crate) sent: Option<Vec<Vec<u8>>>,
    devices: Vec<Device>,
    core: Core,
    meters: Vec<Arc<Meter>>,
    next_conn: u64,
    /// The second device gets its frames and does nothing with them yet.
    is_parked: bool,
    work: Work,
}

/// Time that the second device's replica spent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    pub(crate) total: Duration,
    /// Until the last view difference came out.
    pub(crate) until_view: Duration,
    /// Of one input.
    pub(crate) longest: Duration,
    /// Of all inputs that took longer than [`LONG`].
    pub(crate) in_long: Duration,
}

impl Lab {
    /// A venture with one device.
    pub(crate) fn begin() -> Result<Self> {
        let db = Image::default().open().expect("a disk in memory opens");
        let key = SigningKey::from_bytes(&[7; 32]);
        let core = Core::open(db, key, [8; 32], Options::default())?;
        let founder = Replica::found(
            "http://127.0.0.1:1",
            "Harbour crossing",
            "Nordbau",
            "N",
            "Anna",
            [1; 32],
        )?;
        let mut lab = Self {
            now: START_MS,
            received: Vec::new(),
            sent: None,
            devices: Vec::new(),
            core,
            meters: Vec::new(),
            next_conn: 0,
            is_parked: false,
            work: Work::default(),
        };
        lab.add(Device::new("Anna", founder));
        lab.settle()?;
        Ok(lab)
    }

    pub(crate) fn import(&mut self, plan: &ImportedPlan) -> Result<()> {
        let plan = Box::new(plan.clone());
        self.devices[FIRST].ask(command(PlanCommand::Import { plan }));
        self.run()
    }

    /// Has the first device edit a field, once it is run.
    pub(crate) fn set(&mut self, task: RecordId, edit: FieldEdit) {
        self.devices[FIRST].ask(command(PlanCommand::SetField { task, edit }));
    }

    /// Has the first device do something, and waits for its answer.
    pub(crate) fn ask(&mut self, request: Request) -> Result<Reply> {
        let id = self.devices[FIRST].ask(request);
        self.run()?;
        if !self.devices[FIRST].replies.contains_key(&id) {
            self.settle()?;
        }
        let reply = self.devices[FIRST].replies.remove(&id);
        Ok(reply.context("the replica does not answer")??)
    }

    /// Joins with a second device by an invite of the first.
    pub(crate) fn join(&mut self) -> Result<Work> {
        let reply = self.ask(Request::Charter(Act::Invite {
            party: "South Bank".to_owned(),
            code: "S".to_owned(),
            roles: vec![Role::Pmo],
            expires_ms: None,
        }))?;
        let Reply::Invited { link } = reply else {
            bail!("no invite but {reply:?}");
        };
        self.work = Work::default();
        self.add(Device::new("Bo", Replica::join(&link, "Bo", [2; 32])?));
        self.settle()?;
        Ok(self.work)
    }

    /// Has the relay acknowledge what the first device edited. The second does nothing until it is to merge.
    pub(crate) fn acknowledge_first(&mut self) -> Result<()> {
        self.is_parked = true;
        self.settle()
    }

    /// Lets the second device merge all that the first has edited.
    pub(crate) fn merge_at_second(&mut self) -> Result<Work> {
        self.acknowledge_first()?;
        self.is_parked = false;
        self.work = Work::default();
        self.settle()?;
        Ok(self.work)
    }

    /// True where both devices show the same plan.
    pub(crate) fn agree(&self) -> bool {
        self.devices[FIRST].mirror == self.devices[SECOND].mirror
    }

    /// Opens the first device's store once more and drops what was opened.
    pub(crate) fn time_to_open(&self) -> Result<Duration> {
        let rows = self.devices[FIRST].rows.iter();
        let rows: Vec<_> = rows
            .filter(|(key, _)| key.first() != Some(&ENVELOPE_TABLE))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let started = Instant::now();
        let opened = Replica::open(rows, [3; 32])?;
        let took = started.elapsed();
        ensure!(opened.plan().is_some(), "the plan is there");
        Ok(took)
    }

    /// Runs, and lets time pass, until everybody who is not parked has settled.
    pub(crate) fn settle(&mut self) -> Result<()> {
        for _ in 0..WAITS_MAX {
            self.run()?;
            let active = &self.devices[..self.active()];
            let is_settled = |device: &Device| device.status.as_ref().is_some_and(|it| it.settled);
            if active.iter().all(is_settled) {
                return Ok(());
            }
            let next = active.iter().filter_map(|device| device.wake).min();
            let next = next.context("nobody waits for anything, and it is not settled")?;
            self.now = self.now.max(next);
        }
        bail!("it does not settle")
    }

    /// Runs until nobody has anything to do at this time.
    pub(crate) fn run(&mut self) -> Result<()> {
        loop {
            let mut is_quiet = true;
            for index in 0..self.active() {
                let device = &mut self.devices[index];
                if device.wake.is_some_and(|at| at <= self.now) {
                    device.wake = None;
                    device.inputs.push_back(Input::Wake);
                }
                while self.devices[index].is_busy() {
                    is_quiet = false;
                    self.step(index);
                }
            }
            if is_quiet {
                return self.check();
            }
        }
    }

    /// Devices that act: all, or the first alone.
    fn active(&self) -> usize {
        if self.is_parked {
            SECOND
        } else {
            self.devices.len()
        }
    }

    fn check(&mut self) -> Result<()> {
        if let Some(error) = self.core.take_broken() {
            return Err(error).context("the relay's store in memory failed");
        }
        for device in &mut self.devices {
            device
                .replies
                .retain(|_, reply| !matches!(reply, Ok(Reply::Done)));
            let problem = device.status.as_ref().and_then(|status| status.problem);
            if let Some(problem) = problem {
                bail!("{}: {problem}", device.name);
            }
            let failed = device
                .replies
                .values()
                .find_map(|reply| reply.as_ref().err());
            if let Some(failure) = failed {
                bail!("{}: {failure}", device.name);
            }
        }
        Ok(())
    }

    fn add(&mut self, device: Device) {
        self.devices.push(device);
        self.received.push(0);
        self.meters.push(Arc::default());
    }

    fn step(&mut self, index: usize) {
        let now = self.now;
        let device = &mut self.devices[index];
        let is_view = matches!(device.outputs.front(), Some(Output::View(_)));
        let is_input = device.outputs.is_empty();
        let started = Instant::now();
        let wish = device.step(now);
        let took = started.elapsed();
        if index == SECOND && is_input {
            self.work.total += took;
            self.work.longest = self.work.longest.max(took);
            if took > LONG {
                self.work.in_long += took;
            }
        }
        if index == SECOND && is_view {
            self.work.until_view = self.work.total;
        }
        match wish {
            None => {}
            Some(Wish::Dial) => self.dial(index),
            Some(Wish::HangUp) => self.hang_up(index),
            Some(Wish::Send(frame)) => self.send(index, frame),
        }
    }

    fn dial(&mut self, index: usize) {
        let conn = self.next_conn;
        self.next_conn += 1;
        self.meters[index] = Arc::default();
        self.devices[index].connection = Some(conn);
        self.devices[index].inputs.push_back(Input::Opened);
        let connected = ToCore::Connected(self.meters[index].clone());
        self.hand_over(vec![(ConnId(conn), connected)]);
    }

    fn hang_up(&mut self, index: usize) {
        if let Some(conn) = self.devices[index].connection.take() {
            self.devices[index].inputs.push_back(Input::Closed);
            self.hand_over(vec![(ConnId(conn), ToCore::Gone)]);
        }
    }

    fn send(&mut self, index: usize, frame: Vec<u8>) {
        if let Some(conn) = self.devices[index].connection {
            self.hand_over(vec![(ConnId(conn), ToCore::frame(&frame))]);
        }
        if let Some(sent) = self.sent.as_mut().filter(|_| index == FIRST) {
            sent.push(frame);
        }
    }

    /// Hands a batch to the relay and brings what it gives out, until it has no more.
    fn hand_over(&mut self, batch: Vec<(ConnId, ToCore)>) {
        let mut batches = VecDeque::from([batch]);
        while let Some(batch) = batches.pop_front() {
            for (conn, out) in self.core.handle(batch, self.now) {
                let device = self
                    .devices
                    .iter()
                    .position(|device| device.connection == Some(conn.0));
                let Some(device) = device else { continue };
                match out {
                    Out::Frame(frame) => {
                        self.received[device] += frame.len() as u64;
                        if self.meters[device].sent(cost(&frame)) {
                            batches.push_back(vec![(conn, ToCore::Room)]);
                        }
                        let frame = Input::Frame(frame.to_vec());
                        self.devices[device].inputs.push_back(frame);
                    }
                    Out::Close | Out::Cut => {
                        self.devices[device].connection = None;
                        self.devices[device].inputs.push_back(Input::Closed);
                    }
                }
            }
            if batches.is_empty() && self.core.has_more() {
                batches.push_back(Vec::new());
            }
        }
    }
}

fn command(command: PlanCommand) -> Request {
    Request::Plan {
        space: heqi_protocol::Space::Plan,
        seen: Vec::new(),
        command,
        today: Date::parse("2026-03-02").expect("the date is valid"),
    }
}
