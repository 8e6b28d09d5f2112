//! Devices and a relay on one seed: who acts next, what is delayed, lost or crashes, follows from it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use heqi_protocol::frame::{LogEntry, Sent};
use heqi_protocol::{Bytes, FromRelay, List, Role, ToRelay};
use heqi_relay::core::{Core, Input as ToCore, Options};
use heqi_relay::fanout::{ConnId, Meter, Out, cost};
use heqi_relay::image::Image;
use heqi_replica::{Act, Failure, Input, Replica, Reply, Request};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::device::{Device, Rows, Wish};

/// Steps after which a network that does not settle is broken.
const STEPS_MAX: usize = 2_000_000;
/// Where the simulated clock starts: milliseconds since 1970.
const START_MS: u64 = 1_790_000_000_000;

/// A network of devices and one relay.
pub struct Net {
    pub seed: u64,
    pub now: u64,
    pub rng: ChaCha8Rng,
    pub devices: Vec<Device>,
    pub disk: Image,
    key: SigningKey,
    core: Option<Core>,
    pipes: BTreeMap<u64, Pipe>,
    next_connection: u64,
    /// Appends may be sent twice.
    pub duplicates: bool,
    /// What a device sent on a connection that was lost may still reach the relay, which finds out only then that
    /// the connection is gone.
    pub lingers: bool,
    /// What the relay does to one device.
    tamper: Option<Tamper>,
    /// What it shows to that device instead of itself.
    another: Option<Another>,
    /// What a device sends in the place of a frame of its replica, where somebody has changed its program.
    pub rewrite: Option<Rewrite>,
    /// Frames kept for being sent again.
    kept: Vec<Vec<u8>>,
    /// Frames that reached a device otherwise than an honest relay sends them, or not at all.
    pub tampered: usize,
}

/// Takes a device and a frame.
pub type Rewrite = Box<dyn FnMut(usize, Vec<u8>) -> Vec<u8>>;

/// A relay that is not honest to one device.
#[derive(Clone, Copy, Debug)]
struct Tamper {
    victim: usize,
    fault: Fault,
}

/// A relay of the same key and life that goes on by itself from a copy of the disk, and hears of nothing that it lacks.
struct Another {
    core: Core,
    connections: BTreeSet<u64>,
}

/// What a hostile relay does to one device: to the frames on their way down, or by what it serves them from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Keeps entries and acknowledgements back.
    Withhold,
    /// Leaves one frame of entries out.
    Omit,
    /// Lets two frames of entries change places.
    Reorder,
    /// Sends an older frame again.
    Replay,
    /// Changes a bit of an envelope.
    Alter,
    /// Acknowledges what it has not signed.
    ForgeAck,
    /// Leaves an entry of the charter out.
    OmitCharter,
    /// Serves from an older copy, in the same life.
    RollBack,
    /// Goes on for itself from here, and so for all others.
    TwoHistories,
}

impl Fault {
    pub const ALL: [Self; 9] = [
        Self::Withhold,
        Self::Omit,
        Self::Reorder,
        Self::Replay,
        Self::Alter,
        Self::ForgeAck,
        Self::OmitCharter,
        Self::RollBack,
        Self::TwoHistories,
    ];
}

/// A connection: what is on its way in both directions.
struct Pipe {
    device: usize,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Out>,
    meter: Arc<Meter>,
    /// The device has let go of it, and the relay does not know.
    is_lost: bool,
}

#[derive(Clone, Copy)]
enum Action {
    Device(usize),
    Up(u64),
    Down(u64),
    /// The relay finds out that a connection is gone.
    Gone(u64),
    Relay,
}

impl Net {
    pub fn seeded(seed: u64) -> Self {
        let disk = Image::default();
        let mut net = Self {
            seed,
            now: START_MS,
            rng: ChaCha8Rng::seed_from_u64(seed),
            devices: Vec::new(),
            disk,
            key: SigningKey::from_bytes(&[7; 32]),
            core: None,
            pipes: BTreeMap::new(),
            next_connection: 0,
            duplicates: false,
            lingers: false,
            tamper: None,
            another: None,
            rewrite: None,
            kept: Vec::new(),
            tampered: 0,
        };
        net.start_relay();
        net
    }

    /// A venture of as many parties as there are names, one member each; the first founds it. All settled.
    pub fn venture(&mut self, names: &[&str]) {
        let entropy = self.entropy();
        let founder = Replica::found(
            "http://relay.test",
            "Tally bridge",
            &format!("{} Ltd", names[0]),
            "A",
            names[0],
            entropy,
        );
        self.devices
            .push(Device::new(names[0], founder.expect("the names are good")));
        self.settle();
        for (index, name) in names.iter().enumerate().skip(1) {
            let code = char::from(b'A' + index as u8).to_string();
            self.join(name, &format!("{name} Ltd"), &code);
        }
    }

    /// Invites into a party and joins by the link.
    pub fn join(&mut self, name: &str, party: &str, code: &str) {
        let link = self.invite(0, party, code, &[Role::Pmo, Role::PartnerManager]);
        let entropy = self.entropy();
        let replica = Replica::join(&link, name, entropy).expect("the link is good");
        self.devices.push(Device::new(name, replica));
        self.settle();
    }

    /// An invite link by the member of a device, once it is in the charter.
    pub fn invite(&mut self, device: usize, party: &str, code: &str, roles: &[Role]) -> String {
        let act = Act::Invite {
            party: party.to_owned(),
            code: code.to_owned(),
            roles: roles.to_vec(),
            expires_ms: None,
        };
        match self.charter(device, act) {
            Ok(Reply::Invited { link }) => link,
            other => panic!("seed {}: no invite: {other:?}", self.seed),
        }
    }

    /// What comes of asking something of the charter.
    pub fn charter(&mut self, device: usize, act: Act) -> Result<Reply, Failure> {
        let id = self.devices[device].ask(Request::Charter(act));
        self.settle();
        let reply = self.devices[device].replies.remove(&id);
        reply.expect("it is answered once everything is settled")
    }

    /// A number below `bound`.
    pub fn pick(&mut self, bound: usize) -> usize {
        below(&mut self.rng, bound)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.pick(100) < percent
    }

    pub fn entropy(&mut self) -> [u8; 32] {
        let mut entropy = [0; 32];
        self.rng.fill_bytes(&mut entropy);
        entropy
    }

    /// Cuts a device off; what was on its way is lost.
    pub fn cut(&mut self, device: usize) {
        self.devices[device].cut = true;
        self.drop_connection(device);
    }

    pub fn heal(&mut self, device: usize) {
        self.devices[device].cut = false;
    }

    /// Ends a device's process and opens its store again.
    pub fn crash(&mut self, device: usize) {
        self.devices[device].crash();
        self.drop_connection(device);
        let entropy = self.entropy();
        self.devices[device].reopen(entropy);
    }

    /// Sets a device's clock by so many milliseconds; from then on it gains `gains` in a thousand. The process ends
    /// before a clock is set back.
    pub fn set_clock(&mut self, device: usize, by_ms: i64, gains: i64) {
        let now = self.now;
        if by_ms >= 0 {
            return self.devices[device].set_clock(now, by_ms, gains);
        }
        self.devices[device].crash();
        self.drop_connection(device);
        self.devices[device].set_clock(now, by_ms, gains);
        let entropy = self.entropy();
        self.devices[device].reopen(entropy);
    }

    /// Puts other rows in place of a device's store, as a restored backup or a copied profile does.
    pub fn replace_store(&mut self, device: usize, rows: Rows) {
        self.devices[device].rows = rows;
        self.crash(device);
    }

    /// Ends the relay's process and starts it again on the disk it had.
    pub fn crash_relay(&mut self) {
        let image = self.disk.copy();
        self.stop_relay();
        self.disk = image;
        self.start_relay();
    }

    /// From now on the relay's disk takes no writes, as a full one does, until the relay is started again.
    pub fn fill_relay_disk(&mut self) {
        self.disk.fail(true);
    }

    /// Starts the relay on an older image of its disk.
    pub fn restore_relay(&mut self, older: &Image) {
        self.stop_relay();
        self.disk = older.copy();
        self.start_relay();
    }

    /// Deceives a device from now on. What is older than the present is served from `older`.
    pub fn deceive(&mut self, victim: usize, fault: Fault, older: &Image) {
        self.tamper = Some(Tamper { victim, fault });
        let copy = match fault {
            Fault::RollBack => older.copy(),
            Fault::TwoHistories => self.disk.copy(),
            Fault::Withhold
            | Fault::Omit
            | Fault::Reorder
            | Fault::Replay
            | Fault::Alter
            | Fault::ForgeAck
            | Fault::OmitCharter => return,
        };
        self.drop_connection(victim);
        let core = self.open_core(&copy);
        self.another = Some(Another {
            core,
            connections: BTreeSet::new(),
        });
    }

    /// From now on the relay is honest to all.
    pub fn be_honest(&mut self) {
        let victim = self.tamper.take().map(|tamper| tamper.victim);
        if let Some(victim) = victim.filter(|_| self.another.is_some()) {
            self.drop_connection(victim);
        }
        self.another = None;
    }

    pub fn relay(&self) -> &Core {
        self.core.as_ref().expect("the relay runs")
    }

    /// Lets a number of things happen.
    pub fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            if !self.step() {
                break;
            }
        }
    }

    /// Runs until every device that is not cut off has settled and nothing is on its way.
    pub fn settle(&mut self) {
        self.settle_but(|_| false);
    }

    /// The same, where devices that stand still as `stands` says have nothing left to do either.
    pub fn settle_but(&mut self, stands: impl Fn(&Device) -> bool) {
        for _ in 0..STEPS_MAX {
            if self.is_settled(&stands) {
                return;
            }
            if !self.step() {
                break;
            }
        }
        if self.is_settled(&stands) {
            return;
        }
        for device in &self.devices {
            eprintln!("{}: {:?}", device.name, device.status);
            if let Some(replica) = &device.replica {
                eprintln!("  {}", replica.trace());
            }
        }
        panic!("seed {} does not settle", self.seed);
    }

    fn is_settled(&self, stands: impl Fn(&Device) -> bool) -> bool {
        let mut pipes = self.pipes.values();
        let is_quiet = pipes.all(|it| !it.is_lost && it.up.is_empty() && it.down.is_empty());
        is_quiet
            && self.devices.iter().all(|device| {
                let status = device.status.as_ref();
                let is_done = status.is_some_and(|status| status.settled || status.removed);
                !device.is_busy() && (device.cut || is_done || stands(device))
            })
    }

    /// Lets one thing happen; false where nothing ever would.
    fn step(&mut self) -> bool {
        let actions = self.actions();
        if actions.is_empty() {
            return self.pass_time();
        }
        // Devices are quick beside the network.
        self.now += u64::from(self.rng.next_u32().is_multiple_of(3));
        self.wake_due();
        let action = actions[self.pick(actions.len())];
        match action {
            Action::Device(device) => self.step_device(device),
            Action::Up(pipe) => self.deliver_up(pipe),
            Action::Down(pipe) => self.deliver_down(pipe),
            Action::Gone(pipe) => self.end(pipe),
            Action::Relay => self.run_relay(Vec::new()),
        }
        true
    }

    fn actions(&self) -> Vec<Action> {
        let devices = self.devices.iter().enumerate();
        let devices = devices.filter(|(_, device)| device.is_busy());
        let mut actions: Vec<_> = devices.map(|(index, _)| Action::Device(index)).collect();
        for (id, pipe) in &self.pipes {
            if !pipe.up.is_empty() {
                actions.push(Action::Up(*id));
            }
            if pipe.is_lost && pipe.up.is_empty() {
                actions.push(Action::Gone(*id));
            } else if !pipe.is_lost && !pipe.down.is_empty() {
                actions.push(Action::Down(*id));
            }
        }
        let another = self.another.as_ref().map(|another| &another.core);
        if self.core.iter().chain(another).any(Core::has_more) {
            actions.push(Action::Relay);
        }
        actions
    }

    fn pass_time(&mut self) -> bool {
        let Some(next) = self.devices.iter().filter_map(|device| device.wake).min() else {
            return false;
        };
        self.now = self.now.max(next);
        self.wake_due();
        true
    }

    fn wake_due(&mut self) {
        for device in &mut self.devices {
            if device.wake.is_some_and(|at| at <= self.now) {
                device.wake = None;
                device.inputs.push_back(Input::Wake);
            }
        }
    }

    /// Lets one device do one thing.
    pub fn step_alone(&mut self, index: usize, now: u64) {
        self.now = now;
        self.step_device(index);
    }

    fn step_device(&mut self, index: usize) {
        let now = self.now;
        match self.devices[index].step(now) {
            None => {}
            Some(Wish::Dial) => self.dial(index),
            Some(Wish::HangUp) => self.drop_connection(index),
            Some(Wish::Send(frame)) => {
                let frame = match &mut self.rewrite {
                    Some(rewrite) => rewrite(index, frame),
                    None => frame,
                };
                let twice = self.duplicates && frame.first() == Some(&5) && self.chance(10);
                let connection = self.devices[index].connection;
                if let Some(pipe) = connection.and_then(|id| self.pipes.get_mut(&id)) {
                    if twice {
                        pipe.up.push_back(frame.clone());
                    }
                    pipe.up.push_back(frame);
                }
            }
        }
    }

    fn dial(&mut self, index: usize) {
        let reachable = !self.devices[index].cut && self.core.is_some();
        if !reachable {
            self.devices[index].inputs.push_back(Input::Closed);
            return;
        }
        let id = self.next_connection;
        self.next_connection += 1;
        let pipe = Pipe {
            device: index,
            up: VecDeque::new(),
            down: VecDeque::new(),
            meter: Arc::default(),
            is_lost: false,
        };
        let meter = pipe.meter.clone();
        self.pipes.insert(id, pipe);
        self.devices[index].connection = Some(id);
        let is_victim = self.tamper.is_some_and(|tamper| tamper.victim == index);
        if let Some(another) = self.another.as_mut().filter(|_| is_victim) {
            another.connections.insert(id);
            self.tampered += 1;
        }
        self.devices[index].inputs.push_back(Input::Opened);
        self.run_relay(vec![(ConnId(id), ToCore::Connected(meter))]);
    }

    fn deliver_up(&mut self, id: u64) {
        // What others have sent meanwhile may share the commit.
        let mut batch = Vec::new();
        let others: Vec<_> = self.pipes.keys().copied().collect();
        for other in others {
            let share = other == id || self.rng.next_u32().is_multiple_of(2);
            let Some(pipe) = self.pipes.get_mut(&other).filter(|_| share) else {
                continue;
            };
            let is_deceived = self
                .another
                .as_ref()
                .is_some_and(|it| it.connections.contains(&other));
            let frames = 1 + self.rng.next_u32() as usize % 4;
            for frame in pipe.up.drain(..frames.min(pipe.up.len())) {
                if !(is_deceived && reminds(&frame)) {
                    batch.push((ConnId(other), ToCore::frame(&frame)));
                }
            }
        }
        self.run_relay(batch);
    }

    fn deliver_down(&mut self, id: u64) {
        let Some(pipe) = self.pipes.get_mut(&id) else {
            return;
        };
        let device = pipe.device;
        match pipe.down.pop_front() {
            Some(Out::Frame(frame)) => {
                let has_room = pipe.meter.sent(cost(&frame));
                for frame in self.tampered_with(device, frame.to_vec()) {
                    self.devices[device].inputs.push_back(Input::Frame(frame));
                }
                if has_room {
                    self.run_relay(vec![(ConnId(id), ToCore::Room)]);
                }
            }
            Some(Out::Close | Out::Cut) => self.drop_connection(device),
            None => {}
        }
    }

    /// What reaches a device of a frame.
    fn tampered_with(&mut self, device: usize, frame: Vec<u8>) -> Vec<Vec<u8>> {
        let Some(Tamper { victim, fault }) = self.tamper else {
            return vec![frame];
        };
        let decoded = FromRelay::decode(&frame).ok();
        let is_hit = victim == device && self.chance(50);
        let Some(decoded) = decoded.filter(|_| victim == device) else {
            return vec![frame];
        };
        match (fault, decoded) {
            (Fault::Withhold, FromRelay::Entries { .. } | FromRelay::Ack(_)) => {
                self.tampered += 1;
                Vec::new()
            }
            (Fault::Omit, FromRelay::Entries { .. })
            | (Fault::OmitCharter, FromRelay::Charter { .. })
                if is_hit =>
            {
                self.tampered += 1;
                Vec::new()
            }
            (Fault::Replay, FromRelay::Entries { .. }) => {
                let older = self.kept.last().cloned().filter(|_| is_hit);
                self.kept.push(frame.clone());
                self.tampered += usize::from(older.is_some());
                std::iter::once(frame).chain(older).collect()
            }
            (Fault::Reorder, FromRelay::Entries { .. }) => match self.kept.pop() {
                Some(held) => {
                    self.tampered += 1;
                    vec![frame, held]
                }
                None if is_hit => {
                    self.kept.push(frame);
                    Vec::new()
                }
                None => vec![frame],
            },
            (
                Fault::Alter,
                FromRelay::Entries {
                    document,
                    first_seq,
                    entries,
                },
            ) if is_hit => {
                let entries = altered(entries.into_vec());
                self.tampered += usize::from(entries.is_some());
                entries.map_or(vec![frame], |entries| {
                    let entries = List::new(entries).expect("there are as many as before");
                    let frame = FromRelay::Entries {
                        document,
                        first_seq,
                        entries,
                    };
                    vec![frame.encode()]
                })
            }
            (Fault::ForgeAck, FromRelay::Ack(mut ack)) if is_hit => {
                ack.signature.0[7] ^= 1;
                self.tampered += 1;
                vec![FromRelay::Ack(ack).encode()]
            }
            _ => vec![frame],
        }
    }

    fn run_relay(&mut self, batch: Vec<(ConnId, ToCore)>) {
        let (others, batch) = match &self.another {
            Some(another) => batch
                .into_iter()
                .partition(|(conn, _)| another.connections.contains(&conn.0)),
            None => (Vec::new(), batch),
        };
        let mut out = Vec::new();
        if let Some(core) = &mut self.core {
            out.extend(core.handle(batch, self.now));
        }
        if let Some(another) = &mut self.another {
            out.extend(another.core.handle(others, self.now));
        }
        for (conn, out) in out {
            if let Some(pipe) = self.pipes.get_mut(&conn.0).filter(|it| !it.is_lost) {
                pipe.down.push_back(out);
            }
        }
    }

    fn drop_connection(&mut self, index: usize) {
        let Some(id) = self.devices[index].connection.take() else {
            return;
        };
        if self.devices[index].replica.is_some() {
            self.devices[index].inputs.push_back(Input::Closed);
        }
        let lingers = self.lingers && self.core.is_some() && self.chance(50);
        match self.pipes.get_mut(&id).filter(|_| lingers) {
            Some(pipe) => pipe.is_lost = true,
            None => self.end(id),
        }
    }

    fn end(&mut self, id: u64) {
        self.pipes.remove(&id);
        self.run_relay(vec![(ConnId(id), ToCore::Gone)]);
    }

    fn stop_relay(&mut self) {
        self.core = None;
        for device in 0..self.devices.len() {
            self.drop_connection(device);
        }
        self.pipes.clear();
    }

    fn start_relay(&mut self) {
        let disk = self.disk.clone();
        self.core = Some(self.open_core(&disk));
    }

    fn open_core(&mut self, disk: &Image) -> Core {
        let seed = self.entropy();
        let database = disk.open().expect("a disk in memory opens");
        let core = Core::open(database, self.key.clone(), seed, Options::default());
        core.expect("the relay opens what it wrote")
    }
}

/// True for what would show a relay that it has lost something.
fn reminds(frame: &[u8]) -> bool {
    matches!(
        ToRelay::decode(frame),
        Ok(ToRelay::Attest(_)
            | ToRelay::Prove { .. }
            | ToRelay::Restore { .. }
            | ToRelay::RestoreCharter(_))
    )
}

/// A number below `bound`.
pub fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    (rng.next_u64() % bound.max(1) as u64) as usize
}

/// Entries with another bit in the first whole envelope, if there is one.
fn altered(mut entries: Vec<LogEntry>) -> Option<Vec<LogEntry>> {
    let bytes = entries.iter_mut().find_map(|entry| match &mut entry.sent {
        Sent::Whole(bytes) => Some(bytes),
        Sent::Yours(_) => None,
    })?;
    let mut changed = bytes.to_vec();
    let within = changed.len() - 80;
    changed[within] ^= 1;
    *bytes = Bytes::new(changed).expect("it is as long as before");
    Some(entries)
}
