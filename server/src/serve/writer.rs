//! The one thread that owns the core: it takes what has come in, hands it over as one batch, and gives out what follows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use heqi_protocol::FromRelay;
use heqi_protocol::frame::Unavailable;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::metrics::Metrics;
use super::outbound::Outbound;
use crate::log::StoreError;
use crate::{ConnId, Core, Input, Out};

/// Inputs of one batch.
const BATCH_MAX: usize = 1024;
/// Frames that wait for the writer, all connections together.
const QUEUE_KIB_MAX: usize = 32 << 10;

/// Why the writer ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the writer panicked")]
    Panicked,
}

enum Job {
    Open(ConnId, Arc<Outbound>),
    Input {
        conn: ConnId,
        input: Input,
        kib: usize,
    },
    Drain,
}

/// Where connections put what they read.
#[derive(Clone, Debug)]
pub struct Inbox {
    jobs: mpsc::Sender<Job>,
    room_kib: Arc<Semaphore>,
}

/// The writer has stopped and takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the relay is stopping")]
pub struct Stopping;

impl Inbox {
    pub async fn open(&self, conn: ConnId, outbound: Arc<Outbound>) -> Result<(), Stopping> {
        self.send(Job::Open(conn, outbound)).await
    }

    /// Waits for room for an input that came as `bytes` bytes.
    pub async fn input(&self, conn: ConnId, input: Input, bytes: usize) -> Result<(), Stopping> {
        let kib = bytes.div_ceil(1024);
        let permits = u32::try_from(kib).unwrap_or(u32::MAX);
        let room = self.room_kib.acquire_many(permits).await;
        // The writer gives it back when it has dealt with the input.
        room.map_err(|_| Stopping)?.forget();
        self.send(Job::Input { conn, input, kib }).await
    }

    /// Has the writer finish what is queued, tell everybody, and end.
    pub async fn drain(&self) {
        // An error says that it has ended already.
        let _ = self.send(Job::Drain).await;
    }

    pub fn is_open(&self) -> bool {
        !self.jobs.is_closed()
    }

    async fn send(&self, job: Job) -> Result<(), Stopping> {
        self.jobs.send(job).await.map_err(|_| Stopping)
    }
}

/// The running writer.
#[derive(Debug)]
pub struct Running {
    ended: oneshot::Receiver<Result<(), Failed>>,
    outcome: Option<Result<(), Failed>>,
}

impl Running {
    /// Waits until the writer has ended, by whatever cause.
    pub async fn ended(&mut self) {
        if self.outcome.is_none() {
            let outcome = (&mut self.ended).await;
            self.outcome = Some(outcome.unwrap_or(Err(Failed::Panicked)));
        }
    }

    pub async fn join(mut self) -> Result<(), Failed> {
        self.ended().await;
        self.outcome.unwrap_or(Ok(()))
    }
}

/// Starts the writer's thread.
pub fn start(core: Core, metrics: Arc<Metrics>) -> (Inbox, Running) {
    let (jobs, queue) = mpsc::channel(BATCH_MAX);
    let room_kib = Arc::new(Semaphore::new(QUEUE_KIB_MAX));
    let inbox = Inbox {
        jobs,
        room_kib: room_kib.clone(),
    };
    let (end, ended) = oneshot::channel();
    let writer = Writer {
        core,
        queue,
        room_kib,
        metrics,
        outbounds: BTreeMap::new(),
        is_draining: false,
    };
    thread::spawn(move || {
        // Nobody may wait for it any more.
        let _ = end.send(writer.run());
    });
    let running = Running {
        ended,
        outcome: None,
    };
    (inbox, running)
}

struct Writer {
    core: Core,
    queue: mpsc::Receiver<Job>,
    room_kib: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    outbounds: BTreeMap<ConnId, Arc<Outbound>>,
    is_draining: bool,
}

impl Writer {
    fn run(mut self) -> Result<(), Failed> {
        let mut jobs = Vec::new();
        while self.wait(&mut jobs) {
            self.step(&mut jobs)?;
            if self.is_draining {
                self.finish(&mut jobs)?;
                break;
            }
        }
        Ok(())
    }

    fn step(&mut self, jobs: &mut Vec<Job>) -> Result<(), Failed> {
        let mut kib_done = 0;
        let inputs = jobs.drain(..);
        let inputs: Vec<_> = inputs
            .filter_map(|job| self.accept(job, &mut kib_done))
            .collect();
        self.handle(inputs);
        self.room_kib.add_permits(kib_done);
        match self.core.take_broken() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// Takes no more, deals with what is queued, and tells everybody.
    fn finish(&mut self, jobs: &mut Vec<Job>) -> Result<(), Failed> {
        self.queue.close();
        self.room_kib.close();
        while let Ok(job) = self.queue.try_recv() {
            jobs.push(job);
        }
        self.step(jobs)?;
        self.say_farewell();
        Ok(())
    }

    /// Waits for jobs, unless connections that catch up keep it busy; false once nobody can send any.
    fn wait(&mut self, jobs: &mut Vec<Job>) -> bool {
        if !self.core.has_more() {
            return self.queue.blocking_recv_many(jobs, BATCH_MAX) > 0;
        }
        while jobs.len() < BATCH_MAX
            && let Ok(job) = self.queue.try_recv()
        {
            jobs.push(job);
        }
        true
    }

    fn accept(&mut self, job: Job, kib_done: &mut usize) -> Option<(ConnId, Input)> {
        match job {
            Job::Open(conn, outbound) => {
                let meter = outbound.meter.clone();
                self.outbounds.insert(conn, outbound);
                Some((conn, Input::Connected(meter)))
            }
            Job::Input { conn, input, kib } => {
                *kib_done += kib;
                if matches!(input, Input::Gone) {
                    self.outbounds.remove(&conn);
                }
                Some((conn, input))
            }
            Job::Drain => {
                self.is_draining = true;
                None
            }
        }
    }

    fn handle(&mut self, inputs: Vec<(ConnId, Input)>) {
        let (count, commits) = (inputs.len(), self.core.tally().commits);
        let started = Instant::now();
        let out = self.core.handle(inputs, now_ms());
        let has_committed = self.core.tally().commits > commits;
        let took = has_committed.then(|| started.elapsed());
        // First, so that nobody has an answer that the counts lack.
        self.metrics.note(self.core.tally(), count, took);
        self.give_out(out);
    }

    fn give_out(&mut self, mut out: Vec<(ConnId, Out)>) {
        // One lock and one wake for each connection; the order of its frames stays.
        out.sort_by_key(|(conn, _)| *conn);
        let mut out = out.into_iter().peekable();
        while let Some(conn) = out.peek().map(|(conn, _)| *conn) {
            let mine = std::iter::from_fn(|| out.next_if(|(next, _)| *next == conn));
            let mine = mine.map(|(_, out)| out);
            match self.outbounds.get(&conn) {
                Some(outbound) => outbound.push(mine),
                // It is gone, and so is whoever would read it.
                None => mine.for_each(drop),
            }
        }
    }

    fn say_farewell(&self) {
        let frame = FromRelay::Unavailable(Unavailable::Draining).encode();
        let frame = bytes::Bytes::from(frame);
        for outbound in self.outbounds.values() {
            let last = [Out::Frame(frame.clone()), Out::Close];
            outbound.push(last.into_iter());
        }
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn what_waits_for_the_writer_is_bounded() {
        let (jobs, mut queue) = mpsc::channel(BATCH_MAX);
        let room_kib = Arc::new(Semaphore::new(QUEUE_KIB_MAX));
        let inbox = Inbox {
            jobs,
            room_kib: room_kib.clone(),
        };
        let put = || inbox.input(ConnId(1), Input::Room, 1 << 20).now_or_never();
        let taken = (0..100).take_while(|_| put().is_some()).count();
        assert_eq!(taken, QUEUE_KIB_MAX >> 10);
        // As the writer does once it has dealt with one.
        let Ok(Job::Input { kib, .. }) = queue.try_recv() else {
            panic!("an input is not queued");
        };
        room_kib.add_permits(kib);
        assert_eq!(put(), Some(Ok(())));
        assert_eq!(put(), None);
    }
}
