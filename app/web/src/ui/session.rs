//! What the tab knows of the worker, as signals that pages read.

use heqi_domain::plan::{PlanCommand, PlanDiff};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::environment::{self, Keeping};
use super::failure;
use super::i18n::t;
use super::mirror::Mirror;
use super::port::{self, News};
use super::route::{self, Page, Route};
use super::toast::Toasts;
use crate::wire::{
    Digest, Failure, Fatal, MembersView, Progress, Push, RecoveryKit, Reply, Request, Rights,
    SeenHeads, SyncStatus, UndoState, VentureKey, VentureSummary,
};

/// The state of the tab. Copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// Ventures on this device; `None` while the store opens.
    pub ventures: RwSignal<Option<Vec<VentureSummary>>>,
    /// The open venture with what the member may do in it.
    pub open: RwSignal<Option<Open>>,
    pub plan: Mirror,
    pub undo: RwSignal<UndoState>,
    pub sync: RwSignal<Option<SyncStatus>>,
    pub members: RwSignal<Option<MembersView>>,
    pub digest: RwSignal<Option<Digest>>,
    /// Long work of this tab: the request and how far it is.
    pub progress: RwSignal<Option<(u32, Progress)>>,
    /// How well the browser keeps the data; `None` until it answered.
    pub keeping: RwSignal<Option<Keeping>>,
    pub fatal: RwSignal<Option<Fatal>>,
    /// The venture of the URL, while it is opened and from then on.
    wanted: StoredValue<Option<VentureKey>>,
    /// Why the venture of the URL is not open.
    pub not_open: RwSignal<Option<Failure>>,
    /// The recovery kit to be shown, once made.
    pub kit: RwSignal<Option<RecoveryKit>>,
    /// A recovery kit is being made.
    pub making_kit: RwSignal<bool>,
    /// An editor holds text that is not yet a command.
    pub editing: RwSignal<bool>,
    /// What that editor holds by now, or has held.
    pub typed: StoredValue<String>,
    /// What was being typed when the worker stopped.
    pub left_over: StoredValue<Option<String>>,
    pub toasts: Toasts,
}

/// The open venture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Open {
    pub venture: VentureSummary,
    /// The plan is here.
    pub reads: bool,
    pub may_edit: bool,
    /// Is a manager of a party.
    pub manages: bool,
    /// The charter has removed this device.
    pub removed: bool,
}

impl Session {
    /// Starts the worker and follows what it tells.
    pub(crate) fn provide() -> Self {
        let session = Self {
            ventures: RwSignal::new(None),
            open: RwSignal::new(None),
            plan: Mirror::new(),
            undo: RwSignal::new(UndoState::default()),
            sync: RwSignal::new(None),
            members: RwSignal::new(None),
            digest: RwSignal::new(None),
            progress: RwSignal::new(None),
            keeping: RwSignal::new(None),
            fatal: RwSignal::new(None),
            wanted: StoredValue::new(None),
            not_open: RwSignal::new(None),
            kit: RwSignal::new(None),
            making_kit: RwSignal::new(false),
            editing: RwSignal::new(false),
            typed: StoredValue::new(String::new()),
            left_over: StoredValue::new(None),
            toasts: Toasts::new(),
        };
        provide_context(session);
        if port::connect(move |news| session.hear(news)).is_err() {
            session.defect("no worker");
        }
        spawn_local(async move { session.greet().await });
        session
    }

    /// Opens the venture of the URL unless it is open.
    pub(crate) fn show(&self, key: VentureKey) {
        let opened = self
            .open
            .with_untracked(|open| open.as_ref().map(|open| open.venture.key.clone()));
        if opened.as_ref() == Some(&key) {
            return;
        }
        let session = *self;
        session.leave();
        session.wanted.set_value(Some(key.clone()));
        spawn_local(async move {
            let venture = key.clone();
            let answer = port::ask(Request::OpenVenture { venture }).await;
            // Another one was chosen meanwhile, or none.
            if session.wanted.get_value() != Some(key) {
                return;
            }
            match answer {
                Ok(Reply::Plan(opened)) => session.opened(*opened),
                Ok(_) => session.defect("unfitting reply"),
                Err(failure) => session.not_open.set(Some(failure)),
            }
        });
    }

    /// The name of a venture on this device, which is told of a locked one too.
    pub(crate) fn name_of(&self, key: &VentureKey) -> Option<String> {
        self.ventures.with(|ventures| {
            let known = ventures.as_ref()?.iter().find(|known| known.key == *key)?;
            Some(known.name.clone())
        })
    }

    /// Forgets the open venture.
    pub(crate) fn leave(&self) {
        self.wanted.set_value(None);
        self.open.set(None);
        self.not_open.set(None);
        self.sync.set(None);
        self.members.set(None);
        self.digest.set(None);
        self.undo.set(UndoState::default());
    }

    /// A venture was created, joined or restored: it is listed and its plan shown.
    pub(crate) fn enter(&self, venture: VentureSummary) {
        let place = Route::Venture(venture.key.clone(), Page::Plan);
        self.put_venture(venture);
        route::go(&place);
        let session = *self;
        spawn_local(async move { session.keeping.set(Some(environment::ask_to_keep().await)) });
    }

    /// Edits the plan as seen now; a refusal is told in a toast.
    pub(crate) fn run(&self, command: PlanCommand) {
        self.run_seen(self.plan.heads(), command);
    }

    /// Edits the plan as it was at `seen`.
    pub(crate) fn run_seen(&self, seen: SeenHeads, command: PlanCommand) {
        let session = *self;
        spawn_local(async move {
            session.finish(port::ask(Request::Command { seen, command }).await);
        });
    }

    /// Asks, and tells a failure in a toast; for requests whose success shows by itself.
    pub(crate) fn tell(&self, request: Request) {
        let session = *self;
        spawn_local(async move { session.finish(port::ask(request).await) });
    }

    /// Tells a failure in a toast.
    pub(crate) fn finish(&self, result: Result<Reply, Failure>) {
        if let Err(failure) = result {
            self.toasts.bad(failure::text(&failure));
        }
    }

    async fn greet(self) {
        let hello = Request::Hello {
            build: port::build(),
            device: device_name(),
        };
        if let Err(failure) = port::ask(hello).await {
            return self.defect(&failure::text(&failure));
        }
        match port::ask(Request::ListVentures).await {
            Ok(Reply::Ventures(ventures)) => self.ventures.set(Some(ventures)),
            Ok(_) => self.defect("unfitting reply"),
            Err(failure) => self.defect(&failure::text(&failure)),
        }
        self.keeping.set(Some(environment::keeping().await));
    }

    fn opened(&self, opened: crate::wire::PlanOpened) {
        self.plan.reset(opened.heads, opened.plan);
        self.undo.set(opened.undo);
        self.sync.set(Some(opened.sync));
        self.open.set(Some(Open {
            venture: opened.venture,
            reads: opened.rights.read,
            may_edit: opened.rights.edit,
            manages: opened.rights.manage,
            removed: opened.rights.removed,
        }));
        let session = *self;
        spawn_local(async move {
            if let Ok(Reply::Members(members)) = port::ask(Request::Members).await {
                session.put_members(members);
            }
        });
    }

    fn hear(&self, news: News) {
        match news {
            News::Push(push) => self.follow(push),
            News::OtherVersion => self.stop(Fatal::NewerBuild),
            News::Broken(detail) => self.defect(&detail),
        }
    }

    fn follow(&self, push: Push) {
        match push {
            Push::Plan { heads, diff, undo } => {
                self.plan.apply(heads, diff);
                self.undo.set(undo);
            }
            Push::Sync(sync) => self.sync.set(Some(sync)),
            Push::Digest(digest) => self.digest.set(Some(digest)),
            Push::Members(members) => self.put_members(members),
            Push::Locked(key) => self.locked(key),
            Push::Venture(venture) => self.put_venture(venture),
            Push::Gone(key) => self.gone(&key),
            Push::Progress { request, progress } => self.progress.set(Some((request, progress))),
            Push::Fatal(fatal) => self.stop(fatal),
        }
    }

    /// Shows why nothing goes on, and keeps what is being typed: its editor goes with the page.
    fn stop(&self, fatal: Fatal) {
        if self.editing.get_untracked() {
            let typed = self.typed.get_value();
            self.left_over
                .set_value(Some(typed).filter(|typed| !typed.is_empty()));
        }
        self.fatal.set(Some(fatal));
    }

    fn put_members(&self, members: MembersView) {
        let Rights {
            read,
            edit,
            manage,
            removed,
        } = members.rights;
        self.open.maybe_update(|open| match open {
            Some(open) => {
                let now = (read, edit, manage, removed);
                let before = (open.reads, open.may_edit, open.manages, open.removed);
                (open.reads, open.may_edit, open.manages, open.removed) = now;
                now != before
            }
            None => false,
        });
        self.members.set(Some(members));
    }

    /// Asks again for what was locked: the answer says what opens it.
    fn locked(&self, key: VentureKey) {
        if self.wanted.get_value().as_ref() != Some(&key) {
            return;
        }
        self.leave();
        self.kit.set(None);
        self.plan.reset(SeenHeads::default(), PlanDiff::default());
        self.show(key);
    }

    /// A venture is not on this device any more: whoever looks at it sees those that are.
    fn gone(&self, key: &VentureKey) {
        self.ventures.update(|ventures| {
            let ventures = ventures.get_or_insert_default();
            ventures.retain(|known| known.key != *key);
        });
        if self.wanted.get_value().as_ref() == Some(key) {
            self.leave();
            route::go(&Route::Home);
        }
    }

    /// Opens again what was just unlocked.
    pub(crate) fn unlocked(&self, key: VentureKey) {
        self.leave();
        self.show(key);
    }

    fn put_venture(&self, venture: VentureSummary) {
        self.open.maybe_update(|open| match open {
            Some(open) if open.venture.key == venture.key && open.venture != venture => {
                open.venture = venture.clone();
                true
            }
            _ => false,
        });
        self.ventures.update(|ventures| {
            let ventures = ventures.get_or_insert_default();
            match ventures.iter_mut().find(|known| known.key == venture.key) {
                Some(known) => *known = venture,
                None => ventures.push(venture),
            }
        });
    }

    fn defect(&self, detail: &str) {
        self.stop(Fatal::Defect {
            detail: detail.to_owned(),
        });
    }
}

/// What this device is called where it enrols.
fn device_name() -> String {
    match environment::device() {
        (Some(browser), Some(system)) => t!("device-default", browser = browser, system = system),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => String::new(),
    }
}

/// The session of the page.
pub(crate) fn use_session() -> Session {
    expect_context::<Session>()
}
