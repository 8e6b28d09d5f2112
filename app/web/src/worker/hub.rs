//! The tabs and the ventures, and who is told what.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::begin;
use super::failure;
use super::idb::{Durability, StoreError};
use super::lock::{self, Held, Neighbours};
use super::port::Port;
use super::requests;
use super::scope;
use super::shelf::{Entry, Shelf};
use super::signal::Signal;
use super::vault::RowKey;
use super::venture::Venture;
use crate::wire::{
    Failure, Fatal, FromWorker, Push, Reply, Request, ToWorker, VentureKey, VentureSummary,
    WireError,
};

/// How long another worker may take to let the store go before the tabs are told that they wait for it.
const PATIENCE_MS: u64 = 8_000;
/// How long a worker that was refused waits in case that the holder is going away by itself.
const GRACE_MS: u64 = 1_500;
/// Time between two looks at how long nobody has touched a venture.
const IDLE_LOOK_MS: u64 = 60_000;

/// Names a tab while it is there.
pub(super) type TabId = u64;

/// All tabs and ventures of the worker.
#[derive(Default)]
pub(super) struct Hub {
    tabs: RefCell<BTreeMap<TabId, Tab>>,
    tabs_met: Cell<TabId>,
    store: RefCell<Store>,
    store_changed: Signal,
    ventures: RefCell<BTreeMap<VentureKey, Rc<Venture>>>,
    opening: RefCell<BTreeSet<VentureKey>>,
    opened: Signal,
    /// Keys of locked ventures that somebody has unlocked.
    keys: RefCell<BTreeMap<VentureKey, RowKey>>,
    idle: RefCell<BTreeMap<VentureKey, Idle>>,
    /// What this device is called where it enrols.
    device: RefCell<String>,
}

struct Tab {
    port: Port,
    greeted: bool,
    open: Option<VentureKey>,
    /// The request that opens a venture, while it is not answered: the last one of the tab.
    opening: Option<u32>,
}

/// Since when nobody has touched an unlocked venture.
struct Idle {
    touched_ms: u64,
    timer: scope::Timer,
}

/// Whether the store is this worker's.
#[derive(Default)]
enum Store {
    /// Not yet; the reason where it is clear that it takes long.
    #[default]
    Waiting,
    Late(Fatal),
    Open(
        Rc<Shelf>,
        #[expect(dead_code, reason = "held, not read")] Held,
    ),
    Gone(Fatal),
}

/// Serves tabs for as long as the worker lives.
pub(super) async fn serve() {
    let hub = Rc::new(Hub::default());
    let connect = Rc::clone(&hub);
    super::port::accept(move |port| connect.meet(port));
    let online = Rc::clone(&hub);
    scope::on("online", move || {
        for venture in online.running() {
            venture.connect(false);
        }
    });
    if let Err(fatal) = hub.take_store().await {
        hub.stop_with(fatal);
    }
}

impl Hub {
    /// The index of ventures, once the store is this worker's.
    pub(super) async fn shelf(&self) -> Result<Rc<Shelf>, Failure> {
        let look = || match &*self.store.borrow() {
            Store::Open(shelf, _) => Some(Ok(Rc::clone(shelf))),
            Store::Gone(_) => Some(Err(Failure::Store {
                detail: "the store of this browser is closed here".into(),
            })),
            Store::Waiting | Store::Late(_) => None,
        };
        self.store_changed.until(look).await
    }

    /// The venture at work, opened where it is not yet.
    pub(super) async fn venture(self: &Rc<Self>, key: &VentureKey) -> Result<Rc<Venture>, Failure> {
        let shelf = self.shelf().await?;
        let free = || (!self.opening.borrow().contains(key)).then_some(());
        self.opened.until(free).await;
        if let Some(venture) = self.ventures.borrow().get(key) {
            return Ok(Rc::clone(venture));
        }
        if shelf.entry(key).is_none() {
            return Err(Failure::NoVenture);
        }
        self.opening.borrow_mut().insert(key.clone());
        let venture = Venture::open(self, key).await;
        self.opening.borrow_mut().remove(key);
        self.opened.notify();
        venture
    }

    /// The venture that a tab has open.
    pub(super) async fn venture_of(self: &Rc<Self>, tab: TabId) -> Result<Rc<Venture>, Failure> {
        let open = self
            .tabs
            .borrow()
            .get(&tab)
            .and_then(|tab| tab.open.clone());
        let key = open.ok_or(Failure::NoVenture)?;
        self.lock_if_idle(&key).await;
        self.venture(&key).await
    }

    /// Locks a venture that was left alone for too long, before anything is done in it.
    pub(super) async fn lock_if_idle(self: &Rc<Self>, key: &VentureKey) {
        if self.is_idle(key) {
            self.lock(key).await;
        }
    }

    /// The venture if it is at work.
    pub(super) fn at_work(&self, key: &VentureKey) -> Option<Rc<Venture>> {
        self.ventures.borrow().get(key).cloned()
    }

    pub(super) fn put(&self, venture: &Rc<Venture>) {
        let key = venture.key.clone();
        self.ventures.borrow_mut().insert(key, Rc::clone(venture));
    }

    /// Drops a venture that ended; it is opened from its store when it is asked for again.
    pub(super) fn forget(&self, venture: &Rc<Venture>) {
        let mut ventures = self.ventures.borrow_mut();
        if ventures
            .get(&venture.key)
            .is_some_and(|other| Rc::ptr_eq(other, venture))
        {
            ventures.remove(&venture.key);
        }
    }

    /// The key of a venture's rows; `None` where it is not locked.
    pub(super) async fn row_key(&self, key: &VentureKey) -> Result<Option<RowKey>, Failure> {
        let entry = self.shelf().await?.entry(key).ok_or(Failure::NoVenture)?;
        let Some(lock) = entry.lock else {
            return Ok(None);
        };
        let known = self.keys.borrow().get(key).cloned();
        known.map(Some).ok_or_else(|| Failure::Locked(lock.view()))
    }

    /// The venture of this id that can be opened here. Who has lost the passphrase of a locked one comes back beside it.
    pub(super) fn of_venture(&self, shelf: &Shelf, venture: &str) -> Option<VentureKey> {
        let keys = self.keys.borrow();
        shelf.of_venture(venture, |key, entry| {
            entry.lock.is_none() || keys.contains_key(key)
        })
    }

    /// Keeps the key of a locked venture until it is locked again, or forgets it.
    pub(super) fn set_row_key(&self, key: &VentureKey, row_key: Option<RowKey>) {
        match row_key {
            Some(row_key) => self.keys.borrow_mut().insert(key.clone(), row_key),
            None => self.keys.borrow_mut().remove(key),
        };
    }

    /// Locks a venture again: takes it from every tab, closes it, and forgets its key.
    pub(super) async fn lock(self: &Rc<Self>, key: &VentureKey) {
        // Who asks for it meanwhile waits until it is closed.
        let free = || (!self.opening.borrow().contains(key)).then_some(());
        self.opened.until(free).await;
        self.opening.borrow_mut().insert(key.clone());
        self.set_row_key(key, None);
        self.idle.borrow_mut().remove(key);
        self.tell_open(key, Push::Locked(key.clone()));
        for tab in self.tabs.borrow_mut().values_mut() {
            tab.open.take_if(|open| open == key);
        }
        if let Some(venture) = self.at_work(key) {
            venture.stop().await;
        }
        self.opening.borrow_mut().remove(key);
        self.opened.notify();
        if let Some(summary) = self.summary(key) {
            self.tell_all(Push::Venture(summary));
        }
    }

    /// Removes a venture that is not at work from this browser, and tells every tab.
    pub(super) async fn remove(self: &Rc<Self>, key: &VentureKey) -> Result<(), Failure> {
        let shelf = self.shelf().await?;
        let free = || (!self.opening.borrow().contains(key)).then_some(());
        self.opened.until(free).await;
        if self.at_work(key).is_some() || self.keys.borrow().contains_key(key) {
            // Somebody has unlocked it meanwhile.
            return Err(Failure::Forbidden);
        }
        // Who asks for it meanwhile waits until it is gone.
        self.opening.borrow_mut().insert(key.clone());
        let removed = shelf.remove(key).await;
        self.opening.borrow_mut().remove(key);
        self.opened.notify();
        removed.map_err(|error| failure::of_store(&error))?;
        self.tell_all(Push::Gone(key.clone()));
        Ok(())
    }

    /// Begins to count idle time anew, where the venture locks by itself; locks it where that time is over.
    pub(super) fn touched(self: &Rc<Self>, key: &VentureKey) {
        if self.is_idle(key) {
            return self.lock_soon(key);
        }
        let Some(limit_ms) = self.idle_limit_ms(key) else {
            self.idle.borrow_mut().remove(key);
            return;
        };
        let mut idle = self.idle.borrow_mut();
        let idle = idle.entry(key.clone()).or_insert_with(|| {
            let (hub, key) = (Rc::clone(self), key.clone());
            Idle {
                touched_ms: 0,
                timer: scope::Timer::new(move || hub.look_idle(&key)),
            }
        });
        idle.touched_ms = scope::wall_ms();
        idle.timer.set(limit_ms.min(IDLE_LOOK_MS));
    }

    /// True where nobody has touched a venture for the time after which it locks, by the clock on the wall: a timer does
    /// not count the time that the device sleeps.
    fn is_idle(&self, key: &VentureKey) -> bool {
        let idle = self.idle.borrow();
        let since_ms = idle
            .get(key)
            .map(|idle| scope::wall_ms().saturating_sub(idle.touched_ms));
        let limit_ms = self.idle_limit_ms(key);
        limit_ms.is_some_and(|limit_ms| since_ms.is_some_and(|since_ms| since_ms >= limit_ms))
    }

    fn idle_limit_ms(&self, key: &VentureKey) -> Option<u64> {
        let Store::Open(shelf, _) = &*self.store.borrow() else {
            return None;
        };
        let minutes = shelf.entry(key)?.lock?.idle_minutes;
        (minutes > 0).then_some(u64::from(minutes) * 60_000)
    }

    fn look_idle(self: &Rc<Self>, key: &VentureKey) {
        if self.is_idle(key) {
            return self.lock_soon(key);
        }
        if let Some(idle) = self.idle.borrow_mut().get_mut(key) {
            idle.timer.set(IDLE_LOOK_MS);
        }
    }

    fn lock_soon(self: &Rc<Self>, key: &VentureKey) {
        let (hub, key) = (Rc::clone(self), key.clone());
        spawn_local(async move { hub.lock(&key).await });
    }

    /// Closes what a tab has open, and notes the request by which it opens another venture.
    pub(super) fn turn_tab(&self, tab: TabId, opening: Option<u32>) {
        if let Some(tab) = self.tabs.borrow_mut().get_mut(&tab) {
            tab.open = None;
            tab.opening = opening;
        }
    }

    /// Notes what a tab has open; pushes of that venture reach it from now on. False where the tab has turned to another
    /// venture since the request `opening`.
    pub(super) fn set_open(&self, tab: TabId, opening: u32, open: VentureKey) -> bool {
        let mut tabs = self.tabs.borrow_mut();
        let tab = tabs.get_mut(&tab);
        let Some(tab) = tab.filter(|tab| tab.opening == Some(opening)) else {
            return false;
        };
        tab.opening = None;
        tab.open = Some(open);
        true
    }

    /// What this device is called where it enrols, as the tab that said hello last has it.
    pub(super) fn device_name(&self) -> String {
        self.device.borrow().clone()
    }

    /// Notes that a tab said hello, and what it calls this device.
    pub(super) fn greet(self: &Rc<Self>, tab: TabId, device: String) {
        *self.device.borrow_mut() = device;
        if let Some(tab) = self.tabs.borrow_mut().get_mut(&tab) {
            tab.greeted = true;
        }
        self.tabs_changed();
    }

    /// Tabs that said hello.
    pub(super) fn tabs(&self) -> u32 {
        let tabs = self.tabs.borrow();
        let greeted = tabs.values().filter(|tab| tab.greeted).count();
        u32::try_from(greeted).unwrap_or(u32::MAX)
    }

    /// Answers a request of a tab that may be gone.
    pub(super) fn reply(&self, tab: TabId, id: u32, result: Result<Reply, Failure>) {
        self.post(tab, &FromWorker::Reply { id, result });
    }

    /// Tells one tab.
    pub(super) fn tell(&self, tab: TabId, push: Push) {
        self.post(tab, &FromWorker::Push(push));
    }

    /// Tells every tab that has the venture open.
    pub(super) fn tell_open(&self, key: &VentureKey, push: Push) {
        self.tell_where(push, |tab| tab.open.as_ref() == Some(key));
    }

    /// Tells every tab that said hello.
    pub(super) fn tell_all(&self, push: Push) {
        self.tell_where(push, |tab| tab.greeted);
    }

    /// Tells how syncing of a venture stands, and keeps whether edits wait to be sent.
    pub(super) fn sync_changed(self: &Rc<Self>, venture: &Rc<Venture>) {
        let (status, pending) = {
            let sync = venture.sync();
            (sync.status(self.tabs()), sync.pending())
        };
        self.tell_open(&venture.key, Push::Sync(status));
        self.keep(venture, Durability::Relaxed, move |entry| {
            // One write when the first edit waits and one when the last is sent, not one for each.
            if (entry.pending == 0) != (pending == 0) {
                entry.pending = pending;
            }
        });
    }

    /// Tells the names and people of a venture, and keeps the names.
    pub(super) fn directory_changed(self: &Rc<Self>, venture: &Rc<Venture>) {
        let members = venture.members();
        self.tell_open(&venture.key, Push::Members(members));
        let directory = venture.directory().clone();
        self.keep(venture, Durability::Relaxed, move |entry| {
            entry.take_names(&directory);
        });
    }

    /// Changes the entry of a venture in the index and tells everybody.
    pub(super) fn keep(
        self: &Rc<Self>,
        venture: &Rc<Venture>,
        durability: Durability,
        change: impl FnOnce(&mut Entry) + 'static,
    ) {
        let (hub, venture) = (Rc::clone(self), Rc::clone(venture));
        spawn_local(async move {
            let Ok(shelf) = hub.shelf().await else { return };
            match shelf.change(&venture.key, durability, change).await {
                Ok(Some(entry)) if entry.beginning.is_none() => {
                    let summary = hub.with_pending(entry.summary(&venture.key));
                    hub.tell_all(Push::Venture(summary));
                }
                Ok(_) => {}
                Err(error) => hub.tell_all(Push::Fatal(failure::fatal(&error))),
            }
        });
    }

    /// Keeps that the relay is asked to admit this device.
    pub(super) async fn keep_asked(&self, key: &VentureKey) -> Result<(), StoreError> {
        let gone = |_| StoreError::Failed("the store of this browser is closed here".into());
        let shelf = self.shelf().await.map_err(gone)?;
        let changed = shelf.change(key, Durability::Strict, |entry| entry.asked = true);
        changed.await.map(drop)
    }

    /// The summary of a venture on this device.
    pub(super) fn summary(&self, key: &VentureKey) -> Option<VentureSummary> {
        let Store::Open(shelf, _) = &*self.store.borrow() else {
            return None;
        };
        let entry = shelf.entry(key)?;
        Some(self.with_pending(entry.summary(key)))
    }

    /// The summary with what the venture knows better while it is at work.
    pub(super) fn with_pending(&self, mut summary: VentureSummary) -> VentureSummary {
        if let Some(venture) = self.at_work(&summary.key) {
            summary.pending = venture.sync().pending();
        }
        summary.locked &= !self.keys.borrow().contains_key(&summary.key);
        summary
    }

    fn running(&self) -> Vec<Rc<Venture>> {
        self.ventures.borrow().values().cloned().collect()
    }

    fn meet(self: &Rc<Self>, port: web_sys::MessagePort) {
        let id = self.tabs_met.get();
        self.tabs_met.set(id + 1);
        let (hearing, leaving) = (Rc::clone(self), Rc::clone(self));
        let port = Port::listen(
            port,
            move |message| hearing.hear(id, message),
            move || leaving.leave(id),
        );
        let tab = Tab {
            port,
            greeted: false,
            open: None,
            opening: None,
        };
        self.tabs.borrow_mut().insert(id, tab);
        let trouble = match &*self.store.borrow() {
            Store::Late(fatal) | Store::Gone(fatal) => Some(fatal.clone()),
            Store::Waiting | Store::Open(..) => None,
        };
        if let Some(fatal) = trouble {
            self.tell(id, Push::Fatal(fatal));
        }
    }

    fn hear(self: &Rc<Self>, tab: TabId, message: Result<ToWorker, WireError>) {
        match message {
            Ok(ToWorker::Request { id, request }) => self.serve_request(tab, id, request),
            Ok(ToWorker::Bye) => self.leave(tab),
            // The tab reads the version of this, and no more.
            Err(WireError::Version(_)) => self.tell(tab, Push::Fatal(Fatal::NewerBuild)),
            Err(WireError::Malformed) => {
                let detail = "the tab sent an unreadable message".into();
                self.tell(tab, Push::Fatal(Fatal::Defect { detail }));
            }
        }
    }

    fn serve_request(self: &Rc<Self>, tab: TabId, id: u32, request: Request) {
        let hub = Rc::clone(self);
        spawn_local(async move { requests::serve(&hub, tab, id, request).await });
    }

    fn leave(self: &Rc<Self>, tab: TabId) {
        let left = self.tabs.borrow_mut().remove(&tab);
        if left.is_some() {
            self.tabs_changed();
        }
    }

    fn tabs_changed(self: &Rc<Self>) {
        for venture in self.running() {
            let status = venture.sync().status(self.tabs());
            self.tell_open(&venture.key, Push::Sync(status));
        }
    }

    fn tell_where(&self, push: Push, wanted: impl Fn(&Tab) -> bool) {
        let tabs = self.tabs.borrow();
        let mut wanting = tabs.values().filter(|tab| wanted(tab)).peekable();
        if wanting.peek().is_none() {
            return;
        }
        let bytes = crate::wire::encode(&FromWorker::Push(push));
        for tab in wanting {
            tab.port.post(&bytes);
        }
    }

    fn post(&self, tab: TabId, message: &FromWorker) {
        if let Some(tab) = self.tabs.borrow().get(&tab) {
            tab.port.post(&crate::wire::encode(message));
        }
    }

    /// Waits for the store, opens it, and takes up what was left undone.
    async fn take_store(self: &Rc<Self>) -> Result<(), Fatal> {
        let broken = |thrown: JsValue| Fatal::Store {
            detail: format!("{thrown:?}"),
        };
        let build = scope::parameter("wasm");
        let neighbours = Rc::new(Neighbours::join(&build).map_err(broken)?);
        let refused = Rc::clone(self);
        neighbours.ask_to_drain(move || refused.be_late_in(GRACE_MS));
        self.be_late_in(PATIENCE_MS);
        let held = lock::take().await.map_err(broken)?;
        let (idle, draining) = (Rc::clone(self), Rc::clone(self));
        neighbours.hold(
            move || idle.tabs.borrow().is_empty(),
            move || draining.drain(),
        );
        let shelf = Shelf::open().await.map_err(|e| failure::fatal(&e))?;
        let unfinished = shelf.unfinished();
        *self.store.borrow_mut() = Store::Open(Rc::new(shelf), held);
        self.store_changed.notify();
        for key in unfinished {
            let hub = Rc::clone(self);
            spawn_local(async move { begin::take_up(&hub, &key).await });
        }
        Ok(())
    }

    /// Tells the tabs that another worker keeps the store, if it still does in that time.
    fn be_late_in(self: &Rc<Self>, ms: u64) {
        let hub = Rc::clone(self);
        spawn_local(async move {
            scope::sleep(ms).await;
            if !matches!(&*hub.store.borrow(), Store::Waiting) {
                return;
            }
            *hub.store.borrow_mut() = Store::Late(Fatal::Occupied);
            hub.tell_where(Push::Fatal(Fatal::Occupied), |_| true);
        });
    }

    /// Finishes what is under way and lets another build have the store.
    fn drain(self: &Rc<Self>) {
        let hub = Rc::clone(self);
        spawn_local(async move {
            for venture in hub.running() {
                venture.stop().await;
            }
            hub.stop_with(Fatal::NewerBuild);
        });
    }

    /// Lets the store go, tells every tab why, and ends the worker.
    fn stop_with(&self, fatal: Fatal) {
        self.tell_where(Push::Fatal(fatal.clone()), |_| true);
        *self.store.borrow_mut() = Store::Gone(fatal);
        self.store_changed.notify();
        scope::close();
    }
}
