//! Inviting somebody: who they are in the venture, for how long the link works, and the link itself.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::member::RoleBox;
use crate::ui::controls::{CopyButton, Note, TextField};
use crate::ui::dialog::Dialog;
use crate::ui::i18n::t;
use crate::ui::qr::Qr;
use crate::ui::session::use_session;
use crate::ui::{failure, party_code, port};
use crate::wire::{Failure, PartyRow, Reply, Request, Role};

/// Makes an invite and shows its link, once.
#[component]
pub(super) fn InviteDialog(open: RwSignal<bool>) -> impl IntoView {
    let link = RwSignal::new(None::<String>);
    Effect::new(move || {
        if !open.get() {
            link.set(None);
        }
    });
    view! {
        <Dialog open=open title="invite-dialog" testid="invite">
            {move || match link.get() {
                Some(link) => view! { <InviteLink link=link /> }.into_any(),
                None => view! { <InviteForm link=link /> }.into_any(),
            }}
        </Dialog>
    }
}

/// A party that had members looks after its people itself, unless the others have decided to repair it.
fn may_invite_into(party: &PartyRow) -> bool {
    !party.removed && party.looked_after
}

#[component]
fn InviteForm(link: RwSignal<Option<String>>) -> impl IntoView {
    let session = use_session();
    let known = session.members.get_untracked().unwrap_or_default().parties;
    let taken: Vec<String> = known.iter().map(|party| party.code.clone()).collect();
    // The index of a known party, or none for a new one.
    let chosen = RwSignal::new(None::<usize>);
    let (name, code) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let suggested = StoredValue::new(String::new());
    let roles = RwSignal::new(vec![Role::Pmo]);
    let days = RwSignal::new(14_u32);
    let failed = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    Effect::new(move || {
        let suggestion = name.with(|name| party_code::suggest(name, &taken));
        if code.get_untracked() == suggested.get_value() {
            code.set(suggestion.clone());
            suggested.set_value(suggestion);
        }
    });
    let parties = StoredValue::new(known);
    let party = move || match chosen.get() {
        Some(at) => {
            parties.with_value(|known| known.get(at).map(|p| (p.name.clone(), p.code.clone())))
        }
        None => Some((
            name.get().trim().to_owned(),
            code.get().trim().to_uppercase(),
        )),
    };
    let ready = move || {
        party().is_some_and(|(name, code)| !name.is_empty() && party_code::is_valid(&code))
            && !roles.with(Vec::is_empty)
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some((party, code)) = party().filter(|_| ready() && !busy.get_untracked()) else {
            return;
        };
        busy.set(true);
        failed.set(None);
        let request = Request::CreateInvite {
            party,
            code,
            roles: roles.get_untracked(),
            days: days.get_untracked(),
        };
        spawn_local(async move {
            match port::ask(request).await {
                Ok(Reply::InviteLink(made)) => link.set(Some(made)),
                Ok(_) => {}
                Err(failure) => failed.set(Some(failure)),
            }
            busy.set(false);
        });
    };
    let options = parties.with_value(|known| {
        let option = |(at, party): (usize, &PartyRow)| {
            let label = format!("{} · {}", party.code, party.name);
            view! { <option value=at.to_string()>{label}</option> }
        };
        known
            .iter()
            .enumerate()
            .filter(|(_, party)| may_invite_into(party))
            .map(option)
            .collect_view()
    });
    let boxes = Role::ALL
        .into_iter()
        .map(|role| view! { <RoleBox role=role held=roles /> })
        .collect_view();
    let choose_days = move |event| {
        days.set(event_target_value(&event).parse().unwrap_or(14));
    };
    view! {
        <form class="form" on:submit=submit data-testid="invite-create-form">
            <div class="field">
                <label class="field-label" for="invite-party">{move || t!("invite-party")}</label>
                <select
                    class="input" id="invite-party" data-testid="invite-party"
                    on:change=move |event| chosen.set(event_target_value(&event).parse().ok())
                >
                    <option value="new">{move || t!("invite-party-new")}</option>
                    {options}
                </select>
            </div>
            <div class="form-pair" hidden=move || chosen.get().is_some()>
                <TextField label="party-name" value=name testid="invite-party-name" />
                <TextField label="party-code" value=code testid="invite-party-code" max_length=party_code::CHARS_MAX />
            </div>
            <fieldset class="roles" data-testid="invite-roles">
                <legend>{move || t!("roles")}</legend>
                {boxes}
            </fieldset>
            <div class="field">
                <label class="field-label" for="invite-days">{move || t!("invite-days")}</label>
                <select class="input" id="invite-days" data-testid="invite-days" on:change=choose_days>
                    {[14_u32, 3, 30, 0].into_iter().map(|count| view! {
                        <option value=count.to_string()>{move || match count {
                            0 => t!("expires-never"),
                            count => t!("days-count", count = count),
                        }}</option>
                    }).collect_view()}
                </select>
            </div>
            {move || failed.get().map(|failure| view! {
                <div role="alert"><Note state="bad"><p>{failure::text(&failure)}</p></Note></div>
            })}
            <div class="form-actions">
                <button class="button" data-kind="primary" data-testid="invite-create" disabled=move || busy.get() || !ready()>
                    {move || if busy.get() { t!("invite-making") } else { t!("invite-create") }}
                </button>
            </div>
        </form>
    }
}

/// The link, to be copied: it is shown only now.
#[component]
fn InviteLink(link: String) -> impl IntoView {
    let shown = NodeRef::new();
    let text = link.clone();
    let loopback = is_loopback(&link);
    view! {
        <p>{move || t!("invite-link-more")}</p>
        <div class="qr-box">
            <Qr text=link.clone() label=Signal::derive(|| t!("invite-link")) />
            <div class="copy-box" data-testid="invite-link" tabindex="0" node_ref=shown>{link}</div>
        </div>
        {loopback.then(|| view! {
            <Note state="warn" testid="invite-loopback"><p>{move || t!("invite-loopback-made")}</p></Note>
        })}
        <div class="form-actions">
            <CopyButton text=text shown=shown testid="invite-copy".to_owned() kind="primary" />
            <span class="muted">{move || t!("invite-secret")}</span>
        </div>
    }
}

/// Whether a link leads to the machine it was made on.
fn is_loopback(link: &str) -> bool {
    let host = link.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', '#', '?']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_the_own_machine_are_recognised() {
        for own in [
            "http://localhost:8787/#invite=x",
            "http://127.0.0.1:1/#",
            "http://[::1]:8787/",
            "http://a.localhost/",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "https://relay.example/#invite=localhost",
            "https://localhost.example/",
            "http://192.168.1.9:8787/",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
