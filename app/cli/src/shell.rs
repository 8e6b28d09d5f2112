//! Drives a replica: brings it what happens, and does what it asks for, strictly in order.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use heqi_replica::{
    Digest, Failure, Input, Millis, Output, Replica, Reply, Request, RequestId, Status, ViewChange,
};

use heqi_protocol::Space;

use crate::socket::{Dialer, Event, Socket};
use crate::store::{Store, StoreError};

/// A replica with its store, clock and socket.
pub(crate) struct Shell {
    replica: Replica,
    store: Store,
    clock: Clock,
    /// `None` where nothing is to be dialled.
    dialer: Option<Dialer>,
    socket: Option<Socket>,
    /// What outputs called for; comes before anything from outside.
    due: VecDeque<Input>,
    again: bool,
    wake_at: Option<Millis>,
    asked: RequestId,
    replies: BTreeMap<RequestId, Result<Reply, Failure>>,
    news: News,
    line: Line,
    /// The space whose tasks are worked on.
    space: Space,
}

/// What people are told of, since it was last asked for.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) views: Vec<ViewChange>,
    pub(crate) digests: Vec<Digest>,
    pub(crate) directory_changed: bool,
    pub(crate) status_changed: bool,
}

/// How the connection has gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// Connections that ended, or never came about, without being asked to.
    pub(crate) lost: u32,
    /// A connection was open at least once.
    pub(crate) opened: bool,
    /// The network's words for the last loss.
    pub(crate) reason: String,
}

/// Milliseconds since 1970 that never run backwards.
struct Clock {
    started: Instant,
    started_at: Millis,
}

impl Shell {
    /// Takes over a replica that was made or opened, and starts it.
    pub(crate) fn start(
        replica: Replica,
        store: Store,
        dialer: Option<Dialer>,
    ) -> Result<Self, StoreError> {
        let mut shell = Self {
            replica,
            store,
            clock: Clock::start(),
            dialer,
            socket: None,
            due: VecDeque::new(),
            again: false,
            wake_at: None,
            asked: 0,
            replies: BTreeMap::new(),
            news: News::default(),
            line: Line::default(),
            space: Space::Plan,
        };
        shell.take(Input::Start)?;
        shell.work_off()?;
        Ok(shell)
    }

    pub(crate) const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The space whose tasks are worked on.
    pub(crate) const fn space(&self) -> Space {
        self.space
    }

    pub(crate) const fn work_on(&mut self, space: Space) {
        self.space = space;
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn status(&self) -> Status {
        self.replica.status()
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> Millis {
        self.clock.now()
    }

    pub(crate) const fn line(&self) -> &Line {
        &self.line
    }

    pub(crate) const fn is_offline(&self) -> bool {
        self.dialer.is_none()
    }

    /// What is new since this was last called.
    pub(crate) fn news(&mut self) -> News {
        std::mem::take(&mut self.news)
    }

    /// Ends it and removes the store from disk.
    pub(crate) fn discard(self) -> Result<(), StoreError> {
        drop(self.socket);
        self.store.discard()
    }

    /// Connects from now on, unless the shell is to stay offline.
    pub(crate) fn go_online(&mut self) -> Result<(), StoreError> {
        if self.dialer.is_none() {
            return Ok(());
        }
        self.take(Input::Online(true))
    }

    /// Asks, and answers at once where the replica does.
    pub(crate) fn ask(
        &mut self,
        request: Request,
    ) -> Result<Option<Result<Reply, Failure>>, StoreError> {
        self.asked += 1;
        self.take(Input::Ask(self.asked, request))?;
        self.work_off()?;
        Ok(self.replies.remove(&self.asked))
    }

    /// The answer to what was asked last, once it has come.
    pub(crate) fn reply(&mut self) -> Option<Result<Reply, Failure>> {
        self.replies.remove(&self.asked)
    }

    /// Waits for one thing to happen and deals with it. Dropping the future loses nothing.
    pub(crate) async fn step(&mut self) -> Result<(), StoreError> {
        let input = self.next_input().await;
        self.take(input)
    }

    /// Does what needs nothing from outside.
    fn work_off(&mut self) -> Result<(), StoreError> {
        loop {
            let input = match self.due.pop_front() {
                Some(input) => input,
                None if std::mem::take(&mut self.again) => Input::Work,
                None => return Ok(()),
            };
            self.take(input)?;
        }
    }

    async fn next_input(&mut self) -> Input {
        if let Some(input) = self.due.pop_front() {
            return input;
        }
        if std::mem::take(&mut self.again) {
            return Input::Work;
        }
        let wait = self
            .wake_at
            .map(|at| Duration::from_millis(at.saturating_sub(self.clock.now())));
        let alarm = async move {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let socket = &mut self.socket;
        let event = async move {
            match socket {
                Some(socket) => socket.event().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = event => self.happened(event),
            () = alarm => {
                self.wake_at = None;
                Input::Wake
            }
        }
    }

    fn happened(&mut self, event: Event) -> Input {
        match event {
            Event::Opened => {
                self.line.opened = true;
                Input::Opened
            }
            Event::Frame(bytes) => Input::Frame(bytes),
            Event::Closed(reason) => {
                self.socket = None;
                self.line.lost += 1;
                self.line.reason = reason;
                Input::Closed
            }
        }
    }

    fn take(&mut self, input: Input) -> Result<(), StoreError> {
        for output in self.replica.handle(input, self.clock.now()) {
            self.perform(output)?;
        }
        Ok(())
    }

    fn perform(&mut self, output: Output) -> Result<(), StoreError> {
        match output {
            Output::Persist(ops) => self.store.write(&ops)?,
            Output::Fetch(hashes) => {
                let found = self.store.envelopes(hashes)?;
                self.due.push_back(Input::Fetched(found));
            }
            Output::Dial(url) => match &self.dialer {
                Some(dialer) => self.socket = Some(dialer.dial(url)),
                None => self.due.push_back(Input::Closed),
            },
            Output::HangUp => self.hang_up(),
            Output::Send(frame) => {
                if let Some(socket) = &self.socket {
                    socket.send(frame);
                }
            }
            Output::Wake(at) => self.wake_at = Some(at),
            Output::Again => self.again = true,
            Output::View(change) => self.news.views.push(change),
            Output::Status(_) => self.news.status_changed = true,
            Output::Directory(_) => self.news.directory_changed = true,
            Output::Digest(digest) => self.news.digests.push(digest),
            Output::Reply(id, reply) => {
                self.replies.insert(id, reply);
            }
        }
        Ok(())
    }

    fn hang_up(&mut self) {
        self.socket = None;
        if self.replica.status().problem.is_some() {
            self.line.lost += 1;
        }
        self.due.push_back(Input::Closed);
    }
}

impl Clock {
    fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        // A clock before 1970 is as good as none: time is only told apart.
        let started_at = since.map_or(0, millis);
        Self {
            started: Instant::now(),
            started_at,
        }
    }

    fn now(&self) -> Millis {
        self.started_at + millis(self.started.elapsed())
    }
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
