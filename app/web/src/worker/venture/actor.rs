//! Tells a replica one thing after another, and does what it asks for, each before the next.

use std::collections::BTreeMap;
use std::rc::Rc;

use heqi_domain::RecordId;
use heqi_domain::plan::PlanDiff;
use heqi_protocol::{Hash, Space, ToRelay};
use heqi_replica::{Input, Output, RequestId, StoreOp, ViewChange, envelope_key};
use wasm_bindgen::JsValue;

use super::{Answer, Answered, Asked, Event, Venture};
use crate::wire::{Digest, Push, SeenHeads, UndoState};
use crate::worker::failure;
use crate::worker::hub::Hub;
use crate::worker::idb::{Durability, StoreError};
use crate::worker::queue::Next;
use crate::worker::scope::{Later, Timer, steady_ms, steady_us, wall_ms};
use crate::worker::socket::{Heard, Socket};
use crate::worker::vault::Vault;

/// What a venture's replica works with.
pub(super) struct Actor {
    hub: Rc<Hub>,
    venture: Rc<Venture>,
    store: Vault,
    socket: Option<Socket>,
    /// Counts connections, so that what is left of one does not speak for the next.
    connection: u64,
    alarm: Timer,
    again: Later,
    asked: RequestId,
    answers: BTreeMap<RequestId, Answer>,
    /// The first task that the present input brought into the outline.
    created: Option<RecordId>,
}

impl Actor {
    pub(super) fn new(hub: &Rc<Hub>, venture: &Rc<Venture>, store: Vault) -> Result<Self, JsValue> {
        let (waking, working) = (Rc::clone(venture), Rc::clone(venture));
        Ok(Self {
            hub: Rc::clone(hub),
            venture: Rc::clone(venture),
            store,
            socket: None,
            connection: 0,
            alarm: Timer::new(move || waking.queue.happened(Event::Input(Input::Wake))),
            again: Later::new(move || working.queue.work())?,
            asked: 0,
            answers: BTreeMap::new(),
            created: None,
        })
    }

    /// Works until the venture is stopped or its store fails.
    pub(super) async fn run(mut self) {
        let end = self.work_off().await;
        let Self {
            hub,
            venture,
            store,
            socket,
            answers,
            ..
        } = self;
        venture.queue.stop();
        drop(socket);
        drop(store);
        hub.forget(&venture);
        if let Err(error) = &end {
            hub.tell_open(&venture.key, Push::Fatal(failure::fatal(error)));
        }
        *venture.end.borrow_mut() = Some(end);
        // Those who still wait learn the reason from the end.
        drop(answers);
        while let Next::Ask(unanswered) = venture.queue.next().await {
            drop(unanswered);
        }
        venture.changed.notify();
    }

    async fn work_off(&mut self) -> Result<(), StoreError> {
        self.take(Input::Start).await?;
        self.take(Input::Online(true)).await?;
        loop {
            match self.venture.queue.next().await {
                Next::Ask(Asked { request, answer }) => {
                    self.asked += 1;
                    self.answers.insert(self.asked, answer);
                    self.take(Input::Ask(self.asked, request)).await?;
                }
                Next::Happened(Event::Input(input)) => self.take(input).await?,
                Next::Happened(Event::Heard(connection, heard)) => {
                    if connection == self.connection {
                        self.hear(heard).await?;
                    }
                }
                Next::Happened(Event::Read(hashes, sender)) => {
                    let found = self.read(&hashes).await?;
                    let _no_longer_wanted = sender.send(found);
                }
                Next::Happened(Event::Rekey(key, sender)) => {
                    self.store.rekey(key).await?;
                    let _no_longer_wanted = sender.send(());
                }
                Next::Work => self.take(Input::Work).await?,
                Next::Stop => return Ok(()),
            }
        }
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), StoreError> {
        let input = match heard {
            Heard::Opened => {
                self.venture.line.opened.set(true);
                Input::Opened
            }
            Heard::Frame(frame) => Input::Frame(frame),
            Heard::Closed => {
                self.connection += 1;
                self.socket = None;
                self.venture.line.lost.set(true);
                Input::Closed
            }
        };
        self.take(input).await
    }

    async fn take(&mut self, input: Input) -> Result<(), StoreError> {
        let own = matches!(input, Input::Ask(..));
        let works = matches!(input, Input::Work);
        self.created = None;
        let now = steady_ms();
        let started_us = steady_us();
        let outputs = {
            let mut replica = self.venture.replica.borrow_mut();
            let outputs = replica.handle(input, now);
            if works {
                replica.worked_for(steady_us().saturating_sub(started_us));
            }
            outputs
        };
        for output in outputs {
            self.perform(output, own).await?;
        }
        self.venture.changed.notify();
        Ok(())
    }

    async fn perform(&mut self, output: Output, own: bool) -> Result<(), StoreError> {
        match output {
            Output::Persist(ops) => self.persist(ops, own).await?,
            Output::Fetch(hashes) => self.fetch(hashes).await?,
            Output::Dial(url) => self.dial(&url),
            Output::HangUp => self.hang_up(),
            Output::Send(frame) => self.send(&frame).await?,
            Output::Wake(at) => self.alarm.set(at.saturating_sub(steady_ms())),
            Output::Again => self.again.ring(),
            Output::View(view) => self.show(view),
            Output::Status(status) => {
                self.venture.member.set(status.member);
                self.follow_removal(status.removed);
                self.venture.sync.borrow_mut().follow(&status, wall_ms());
                self.hub.sync_changed(&self.venture);
            }
            Output::Directory(directory) => {
                *self.venture.directory.borrow_mut() = directory;
                self.hub.directory_changed(&self.venture);
            }
            Output::Digest(digest) => {
                let digest = Digest {
                    merged: u32::try_from(digest.merged).unwrap_or(u32::MAX),
                    met: u32::try_from(digest.met).unwrap_or(u32::MAX),
                };
                self.hub.tell_open(&self.venture.key, Push::Digest(digest));
            }
            Output::Reply(id, result) => {
                if let Some(answer) = self.answers.remove(&id) {
                    answer(Answered {
                        result: result.map_err(failure::of_request),
                        created: self.created.take(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Sends a frame. That the relay is asked to admit this device is kept before it is asked.
    async fn send(&self, frame: &[u8]) -> Result<(), StoreError> {
        if !self.venture.member.get() && matches!(ToRelay::decode(frame), Ok(ToRelay::Amend(_))) {
            self.hub.keep_asked(&self.venture.key).await?;
        }
        if let Some(socket) = &self.socket {
            socket.send(frame);
        }
        Ok(())
    }

    async fn persist(&mut self, ops: Vec<StoreOp>, own: bool) -> Result<(), StoreError> {
        if own {
            self.tell_saving(true);
        }
        let writes = ops.into_iter().map(|op| match op {
            StoreOp::Put(key, value) => (key, Some(value)),
            StoreOp::Delete(key) => (key, None),
        });
        self.store.write(writes, Durability::Strict).await?;
        if own {
            self.tell_saving(false);
        }
        Ok(())
    }

    fn tell_saving(&self, saving: bool) {
        self.venture.sync.borrow_mut().set_saving(saving);
        self.hub.sync_changed(&self.venture);
    }

    async fn fetch(&self, hashes: Vec<Hash>) -> Result<(), StoreError> {
        let values = self.read(&hashes).await?;
        let found = hashes.into_iter().zip(values).collect();
        let fetched = Event::Input(Input::Fetched(found));
        self.venture.queue.happened(fetched);
        Ok(())
    }

    async fn read(&self, hashes: &[Hash]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let keys: Vec<_> = hashes.iter().map(|hash| envelope_key(*hash)).collect();
        self.store.envelopes(&keys).await
    }

    /// Tells that the charter has removed this device, or has it again, and keeps when a removal was learned.
    fn follow_removal(&self, removed: bool) {
        if self.venture.removed.replace(removed) == removed {
            return;
        }
        self.hub.directory_changed(&self.venture);
        self.hub
            .keep(&self.venture, Durability::Strict, move |entry| {
                // The branch of the charter may have given way that removed it.
                entry.removed_ms = removed.then(|| entry.removed_ms.unwrap_or_else(wall_ms));
            });
    }

    fn dial(&mut self, url: &str) {
        let connection = self.connection;
        let venture = Rc::clone(&self.venture);
        let hear = move |heard| venture.queue.happened(Event::Heard(connection, heard));
        match Socket::dial(url, hear.clone()) {
            Ok(socket) => self.socket = Some(socket),
            Err(_) => hear(Heard::Closed),
        }
    }

    /// Closes without waiting for the other side, which may be gone.
    fn hang_up(&mut self) {
        if self.socket.take().is_some() {
            let closed = Event::Heard(self.connection, Heard::Closed);
            self.venture.queue.happened(closed);
        }
    }

    fn show(&mut self, view: ViewChange) {
        // The pages show the venture's plan; other spaces have pages of their own.
        if view.space != Space::Plan {
            return;
        }
        let undo = undo_state(&view);
        self.created = self.created.or_else(|| first_inserted(&view.diff));
        let push = Push::Plan {
            heads: seen_heads(&view),
            diff: view.diff,
            undo,
        };
        self.hub.tell_open(&self.venture.key, push);
    }
}

/// What can be taken back or done again after a change of the view.
pub(in crate::worker) const fn undo_state(view: &ViewChange) -> UndoState {
    UndoState {
        undo: view.can_undo,
        redo: view.can_redo,
    }
}

/// The heads of a view as the interface carries them.
pub(in crate::worker) fn seen_heads(view: &ViewChange) -> SeenHeads {
    SeenHeads(view.heads.concat())
}

fn first_inserted(diff: &PlanDiff) -> Option<RecordId> {
    let mut inserted = diff.splices.iter().flat_map(|splice| &splice.inserted);
    inserted.next().copied()
}
