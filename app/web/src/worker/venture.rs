//! A venture that is open: its replica with store, socket and timers, told one thing after another.

pub(super) mod actor;

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use heqi_domain::RecordId;
use heqi_protocol::{Hash, Space};
use heqi_replica::{Directory, Input, Replica, Reply, Request};
use wasm_bindgen_futures::spawn_local;

use super::failure;
use super::hub::Hub;
use super::idb::StoreError;
use super::people;
use super::queue::Queue;
use super::scope;
use super::shelf::{Beginning, database_name};
use super::signal::Signal;
use super::socket::Heard;
use super::sync::{Sync, beginning_failure};
use super::vault::{RowKey, Vault};
use crate::wire::{Failure, MembersView, Rights, VentureKey};

/// A venture whose replica is at work.
pub(super) struct Venture {
    pub(super) key: VentureKey,
    replica: RefCell<Replica>,
    queue: Queue<Asked, Event>,
    sync: RefCell<Sync>,
    directory: RefCell<Directory>,
    member: Cell<bool>,
    removed: Cell<bool>,
    line: Line,
    end: RefCell<Option<Result<(), StoreError>>>,
    changed: Signal,
}

/// How the connection has gone.
#[derive(Default)]
struct Line {
    /// A connection was open once.
    opened: Cell<bool>,
    /// A connection ended, or never came about.
    lost: Cell<bool>,
}

/// What came of waiting for a venture to begin.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Begun {
    /// The device is a member's and the charter is here.
    Member,
    /// It will not come to anything.
    Failed(Failure),
    /// No relay was reached.
    Unreachable,
}

/// What came of a request.
pub(super) struct Answered {
    pub(super) result: Result<Reply, Failure>,
    /// The first task that it brought into the outline.
    pub(super) created: Option<RecordId>,
}

/// Takes what came of a request, before anything else is told of the venture.
pub(super) type Answer = Box<dyn FnOnce(Answered)>;

struct Asked {
    request: Request,
    answer: Answer,
}

/// What happens to a replica unasked.
enum Event {
    Input(Input),
    /// From the connection of this number.
    Heard(u64, Heard),
    /// Somebody wants to read envelopes.
    Read(Vec<Hash>, oneshot::Sender<Vec<Option<Vec<u8>>>>),
    /// The rows are to be sealed under another key, or under none.
    Rekey(Option<RowKey>, oneshot::Sender<()>),
}

impl Venture {
    /// Opens the venture from its rows and sets its replica to work.
    pub(super) async fn open(hub: &Rc<Hub>, key: &VentureKey) -> Result<Rc<Self>, Failure> {
        let store_failed = |error| failure::of_store(&error);
        let opened = Vault::open(&database_name(key), hub.row_key(key).await?).await;
        let store = opened.map_err(store_failed)?;
        let rows = store.rows(heqi_replica::ENVELOPE_TABLE).await;
        let entropy = scope::entropy().map_err(|detail| Failure::Defect { detail })?;
        let replica = Replica::open(rows.map_err(store_failed)?, entropy);
        Self::start(hub, key, replica.map_err(failure::of_open)?, store)
    }

    /// Sets a replica that was just made to work on an empty store.
    pub(super) async fn begin(
        hub: &Rc<Hub>,
        key: &VentureKey,
        replica: Replica,
    ) -> Result<Rc<Self>, Failure> {
        let store = Vault::open(&database_name(key), None).await;
        Self::start(hub, key, replica, store.map_err(|e| failure::of_store(&e))?)
    }

    fn start(
        hub: &Rc<Hub>,
        key: &VentureKey,
        replica: Replica,
        store: Vault,
    ) -> Result<Rc<Self>, Failure> {
        let venture = Rc::new(Self {
            key: key.clone(),
            replica: RefCell::new(replica),
            queue: Queue::new(),
            sync: RefCell::default(),
            directory: RefCell::default(),
            member: Cell::default(),
            removed: Cell::default(),
            line: Line::default(),
            end: RefCell::default(),
            changed: Signal::default(),
        });
        let actor = actor::Actor::new(hub, &venture, store).map_err(|thrown| Failure::Defect {
            detail: format!("{thrown:?}"),
        })?;
        hub.put(&venture);
        spawn_local(actor.run());
        Ok(venture)
    }

    /// Asks the replica; `answer` is called with what comes of it, unless the venture ends before.
    pub(super) fn ask_with(&self, request: Request, answer: Answer) {
        // An ended venture drops the answer, which whoever waits for it understands.
        self.queue.ask(Asked { request, answer });
    }

    /// Asks the replica and waits for what comes of it.
    pub(super) async fn ask(&self, request: Request) -> Result<(Reply, Option<RecordId>), Failure> {
        let (sender, receiver) = oneshot::channel();
        let answer: Answer = Box::new(move |answered| {
            let _no_longer_wanted = sender.send(answered);
        });
        self.ask_with(request, answer);
        match receiver.await {
            Ok(answered) => answered.result.map(|reply| (reply, answered.created)),
            Err(_) => Err(self.ended_failure()),
        }
    }

    /// Tells the replica to connect now, unless a person must decide first (`by_person` says that one did).
    pub(super) fn connect(&self, by_person: bool) {
        if by_person || self.sync.borrow().stopped_by().is_none() {
            self.queue.happened(Event::Input(Input::Online(true)));
        }
    }

    /// Lets what was asked be done, then closes connection and store.
    pub(super) async fn stop(&self) {
        self.queue.stop();
        let ended = || self.end.borrow().is_some().then_some(());
        self.changed.until(ended).await;
    }

    /// Waits until it is clear what becomes of the founding, joining or recovering.
    pub(super) async fn begun(&self, beginning: Beginning) -> Begun {
        self.changed.until(|| self.look_begun(beginning)).await
    }

    pub(super) fn replica(&self) -> Ref<'_, Replica> {
        self.replica.borrow()
    }

    pub(super) fn sync(&self) -> Ref<'_, Sync> {
        self.sync.borrow()
    }

    pub(super) fn directory(&self) -> Ref<'_, Directory> {
        self.directory.borrow()
    }

    /// The venture's id in hexadecimal; empty before it is founded.
    pub(super) fn id(&self) -> String {
        let replica = self.replica.borrow();
        let venture = replica.charter().map(|charter| charter.venture());
        venture.map_or_else(String::new, |venture| venture.to_string())
    }

    /// The people of the venture, as the interface is told.
    pub(super) fn members(&self) -> MembersView {
        let replica = self.replica.borrow();
        let mut view = people::members_view(&self.directory.borrow(), replica.charter());
        view.rights = self.rights();
        view
    }

    /// What the member may do on this device.
    pub(super) fn rights(&self) -> Rights {
        let directory = self.directory.borrow();
        let removed = self.removed.get();
        let (Some((_, me)), Some(device), false) =
            (people::me(&directory), directory.device, removed)
        else {
            return Rights {
                read: self.has_plan(),
                removed,
                ..Rights::default()
            };
        };
        let replica = self.replica.borrow();
        let edit = replica
            .charter()
            .is_some_and(|charter| charter.may_write_at(device, Space::Plan, charter.position()));
        Rights {
            read: replica.plan().is_some(),
            edit,
            manage: me.roles.has(heqi_protocol::Role::PartnerManager),
            removed,
        }
    }

    fn has_plan(&self) -> bool {
        self.replica.borrow().plan().is_some()
    }

    /// True where a role of the member reads the plan now.
    fn reads_plan(&self) -> bool {
        let replica = self.replica.borrow();
        let charter = replica.charter();
        charter.is_some_and(|charter| charter.may_read(replica.device(), Space::Plan))
    }

    /// Envelopes of the store, each where it has one.
    pub(super) async fn envelopes(
        &self,
        hashes: Vec<Hash>,
    ) -> Result<Vec<Option<Vec<u8>>>, Failure> {
        let (sender, receiver) = oneshot::channel();
        self.queue.happened(Event::Read(hashes, sender));
        receiver.await.map_err(|_| self.ended_failure())
    }

    /// Seals all rows under another key, or under none.
    pub(super) async fn rekey(&self, key: Option<RowKey>) -> Result<(), Failure> {
        let (sender, receiver) = oneshot::channel();
        self.queue.happened(Event::Rekey(key, sender));
        receiver.await.map_err(|_| self.ended_failure())
    }

    fn look_begun(&self, beginning: Beginning) -> Option<Begun> {
        if let Some(Err(error)) = &*self.end.borrow() {
            return Some(Begun::Failed(failure::of_store(error)));
        }
        if self.member.get() && (self.has_plan() || !self.reads_plan()) {
            return Some(Begun::Member);
        }
        if let Some(problem) = self.sync.borrow().final_problem() {
            return Some(Begun::Failed(beginning_failure(problem, beginning)));
        }
        (self.line.lost.get() && !self.line.opened.get()).then_some(Begun::Unreachable)
    }

    fn ended_failure(&self) -> Failure {
        match &*self.end.borrow() {
            Some(Err(error)) => failure::of_store(error),
            _ => Failure::NoVenture,
        }
    }
}
