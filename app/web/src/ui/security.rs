//! What people compare to know that they see the same venture, and what does not agree.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::charter_words;
use super::controls::Note;
use super::i18n::{self, t};
use super::icon::{Icon, icon};
use super::members::manages;
use super::route::Route;
use super::session::use_session;
use super::{browser, failure, port};
use crate::wire::{Alarm, Failure, Reply, Request, SecurityView, VerifiedView};

mod history;
mod mending;
mod moving;
mod outside;

use history::HistoryPanel;
use mending::{FollowPanel, TakeInPanel};
use moving::MovePanel;
use outside::OutsidePanel;

/// Words, checks, the relay, and the history of the charter.
#[component]
pub(crate) fn SecurityPage() -> impl IntoView {
    let session = use_session();
    let security = RwSignal::new(None::<SecurityView>);
    // What is compared changes with the charter and with every log; alarms and refusals come with the state of sync.
    let told = Memo::new(move |_| {
        session.sync.with(|sync| {
            sync.as_ref()
                .map(|sync| (sync.alarms, sync.quarantined, sync.waiting))
        })
    });
    // Counts of the open venture change; what a manager has typed stays.
    let is_manager = Memo::new(move |_| manages(session));
    // How often it was looked, and the look that is shown.
    let looks = StoredValue::new((0_u32, 0_u32));
    let look = move || {
        looks.update_value(|(last, _)| *last += 1);
        let (this_one, _) = looks.get_value();
        spawn_local(async move {
            let Ok(Reply::Security(view)) = port::ask(Request::Security).await else {
                return;
            };
            // An answer that a later one has overtaken, or that comes to a page which is gone, shows what was.
            let is_newer = looks.try_update_value(|(_, shown)| {
                let is_newer = this_one > *shown;
                *shown = this_one.max(*shown);
                is_newer
            });
            // What is the same keeps what is unfolded and focused.
            if is_newer == Some(true)
                && security.with_untracked(|known| known.as_ref() != Some(&*view))
            {
                security.set(Some(*view));
            }
        });
    };
    Effect::new(move || {
        session.members.track();
        told.track();
        look();
    });
    view! {
        <div class="page">
            <div class="page-inner">
                <header class="page-head">
                    <h1>{move || t!("nav-security")}</h1>
                    <p>{move || t!("security-more")}</p>
                </header>
                {move || security.get().map(|view| view! { <Alarms alarms=view.alarms look=Callback::new(move |()| look()) /> })}
                {move || security.get().map(|view| view! { <ComparePanel view=view look=Callback::new(move |()| look()) /> })}
                {move || security.get().map(|view| view! { <OutsidePanel view=view /> })}
                <VerifyPanel />
                {move || security.get().map(|view| view! { <RelayPanel view=view /> })}
                <HistoryPanel />
                {move || is_manager.get().then(|| view! { <TakeInPanel /> <MovePanel /> })}
                <FollowPanel />
            </div>
        </div>
    }
}

/// A member by name and party; the name is empty where this device does not know it.
fn person(member: &str, party: &str) -> String {
    match member {
        "" => t!("somebody"),
        member => t!("member-of", member = member, party = party),
    }
}

#[component]
fn Alarms(alarms: Vec<Alarm>, look: Callback<()>) -> impl IntoView {
    let session = use_session();
    let rows = alarms
        .into_iter()
        .map(|alarm| {
            let (at, device) = (alarm.at, alarm.device);
            let (member, party) = (alarm.member, alarm.party);
            let text = move || match alarm.charter {
                true => t!("alarm-charter", who = person(&member, &party), at = at),
                false => t!("alarm-log", who = person(&member, &party), at = at),
            };
            let call = move || match alarm.charter {
                true => t!("alarm-call-charter"),
                false => t!("alarm-call-log"),
            };
            let seen = move |_| {
                let dismiss = Request::Dismiss(device.clone());
                spawn_local(async move {
                    session.finish(port::ask(dismiss).await);
                    look.try_run(());
                });
            };
            view! {
                <Note state="bad" testid="alarm">
                    <p><strong>{text}</strong></p>
                    <ol class="steps">
                        <li>{move || t!("alarm-stop")}</li>
                        <li>{call}</li>
                        <li>{move || t!("alarm-move")}</li>
                        <li>{move || t!("alarm-same")}</li>
                    </ol>
                    <button class="button" data-testid="alarm-seen" on:click=seen>{move || t!("alarm-seen")}</button>
                </Note>
            }
        })
        .collect_view();
    view! { <div role="alert">{rows}</div> }
}

#[component]
fn ComparePanel(view: SecurityView, look: Callback<()>) -> impl IntoView {
    let session = use_session();
    let members = move || {
        let members = session.members.get().unwrap_or_default();
        let alive = members.parties.into_iter().flat_map(|party| party.members);
        alive
            .filter(|member| !member.removed)
            .map(|member| view! {
                <dt>{member.name} {member.me.then(|| view! { <span class="muted">" " {move || t!("you-mark")}</span> })}</dt>
                <dd class="words" data-testid="words-member">{member.words}</dd>
            })
            .collect_view()
    };
    let position = view.charter_position;
    // What an alarm asks to compare is not looked for.
    let is_asked_for = view.alarms.iter().any(|alarm| !alarm.charter);
    let logs = view
        .logs
        .into_iter()
        .filter(|log| log.seq > 0)
        .map(|log| {
            let space = log.space;
            let seq = log.seq;
            let name = move || {
                session.members.with(|members| {
                    charter_words::space(&members.clone().unwrap_or_default(), &space)
                })
            };
            view! {
                <dt>{name} " " <span class="muted">{move || t!("log-to", seq = seq)}</span></dt>
                <dd class="words" data-testid="words-log">{log.words}</dd>
            }
        })
        .collect_view();
    view! {
        <section class="panel" data-testid="compare-panel">
            <div class="panel-head">
                <h2>{move || t!("security-compare")}</h2>
                <button class="button list-end" data-kind="quiet" on:click=move |_| look.run(())>{move || t!("refresh")}</button>
            </div>
            <div class="panel-body">
                <p>{move || t!("security-compare-more")}</p>
                <div class="words-box" data-kind="main">
                    <span class="field-label">{move || t!("words-charter", count = position)}</span>
                    <p class="words" data-testid="words-charter">{view.charter}</p>
                </div>
                <dl class="words-list">
                    <dt>{move || t!("this-device")}</dt>
                    <dd class="words" data-testid="words-device">{view.device}</dd>
                    {members}
                </dl>
                <details class="more" open=is_asked_for>
                    <summary>{move || t!("words-logs")}</summary>
                    <p class="muted">{move || t!("words-logs-more")}</p>
                    <dl class="words-list">{logs}</dl>
                </details>
            </div>
        </section>
    }
}

#[component]
fn VerifyPanel() -> impl IntoView {
    let busy = RwSignal::new(false);
    let found = RwSignal::new(None::<Result<VerifiedView, Failure>>);
    let verify = move |_| {
        busy.set(true);
        found.set(None);
        spawn_local(async move {
            let result = port::ask(Request::Verify).await;
            found.set(match result {
                Ok(Reply::Verified(view)) => Some(Ok(view)),
                Ok(_) => None,
                Err(failure) => Some(Err(failure)),
            });
            busy.set(false);
        });
    };
    let words = move |found: Result<VerifiedView, Failure>| match found {
        Ok(VerifiedView {
            invalid: Some(reason),
            ..
        }) => ("bad", t!("verify-bad", reason = reason)),
        Ok(view) => {
            let (entries, documents) = (view.charter_entries, view.documents);
            (
                "ok",
                t!(
                    "verify-good",
                    entries = entries,
                    documents = documents,
                    envelopes = view.envelopes
                ),
            )
        }
        Err(failed) => ("warn", failure::text(&failed)),
    };
    view! {
        <section class="panel" data-testid="verify-panel">
            <div class="panel-head">
                <h2>{move || t!("verify")}</h2>
                <button class="button list-end" data-testid="verify-now" disabled=busy on:click=verify>
                    {icon(Icon::Shield)}
                    {move || if busy.get() { t!("verify-busy") } else { t!("verify-now") }}
                </button>
            </div>
            <div class="panel-body" role="status">
                <p>{move || t!("verify-more")}</p>
                {move || found.get().map(|found| {
                    let (state, text) = words(found);
                    view! { <Note state=state testid="verified"><p>{text}</p></Note> }
                })}
            </div>
        </section>
    }
}

#[component]
fn RelayPanel(view: SecurityView) -> impl IntoView {
    let session = use_session();
    let heard = move || {
        let members = session.members.get().unwrap_or_default();
        let others = members
            .parties
            .into_iter()
            .filter(|party| !party.mine && !party.removed);
        others
            .map(|party| {
                let ms = party.last_heard_ms;
                view! {
                    <dt>{party.name}</dt>
                    <dd>{move || match ms {
                        Some(ms) => t!("last-heard", time = browser::local_time(ms, i18n::current().tag())),
                        None => t!("never-heard"),
                    }}</dd>
                }
            })
            .collect_view()
    };
    view! {
        <section class="panel" data-testid="relay-panel">
            <div class="panel-head"><h2>{move || t!("security-relay")}</h2></div>
            <div class="panel-body">
                <dl class="facts">
                    <dt>{move || t!("relay-url")}</dt>
                    <dd>{view.relay_url}</dd>
                    <dt>{move || t!("relay-key")}</dt>
                    <dd><span class="words">{view.relay}</span><br /><span class="code muted">{view.relay_key}</span></dd>
                </dl>
                <h3>{move || t!("security-heard")}</h3>
                <p class="muted">{move || t!("security-heard-more")}</p>
                <dl class="facts" data-testid="heard">{heard}</dl>
                <p><a href=Route::Home.href()>{move || t!("sees-title")}</a></p>
            </div>
        </section>
    }
}
