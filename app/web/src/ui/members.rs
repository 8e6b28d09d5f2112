//! Parties, their members, and invites.

use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controls::{Note, TextField};
use super::i18n::{self, t};
use super::icon::{Icon, icon};
use super::session::use_session;
use super::{browser, failure, party_code, port};
use crate::wire::{Failure, InviteRow, MemberRow, PartyRow, Reply, Request, Role};

/// The list of parties, and the way to invite.
#[component]
pub(crate) fn MembersPage() -> impl IntoView {
    let session = use_session();
    let inviting = RwSignal::new(false);
    let may_invite = move || {
        session
            .open
            .with(|open| open.as_ref().is_some_and(|o| o.may_invite))
    };
    let parties = move || session.members.get().unwrap_or_default().parties;
    let invites = move || session.members.get().unwrap_or_default().invites;
    view! {
        <div class="page">
            <div class="page-inner">
                <header class="page-head">
                    <h1>{move || t!("nav-members")}</h1>
                    <button
                        class="button" data-kind="primary" data-testid="invite-open"
                        hidden=move || !may_invite() on:click=move |_| inviting.set(true)
                    >
                        {icon(Icon::Invite)}
                        {move || t!("invite")}
                    </button>
                    <p>{move || t!("members-more")}</p>
                </header>
                {move || parties().into_iter().map(|party| view! { <PartyPanel party=party /> }).collect_view()}
                {move || {
                    let invites = invites();
                    (!invites.is_empty()).then(|| view! { <PendingInvites invites=invites /> })
                }}
            </div>
        </div>
        <InviteDialog open=inviting />
    }
}

#[component]
fn PartyPanel(party: PartyRow) -> impl IntoView {
    let (name, named) = (party.name.clone(), party.name.clone());
    let code = party.code.clone();
    let heard = party.last_heard_ms;
    let members = party
        .members
        .into_iter()
        .map(|member| view! { <Member member=member /> })
        .collect_view();
    view! {
        <section class="panel" data-testid="party" data-code=code data-name=named>
            <div class="panel-head">
                <span class="code">{party.code}</span>
                <h2>{move || if name.is_empty() { t!("party-unnamed") } else { name.clone() }}</h2>
                {party.leader.then(|| view! { <span class="tag">{move || t!("party-leader")}</span> })}
                {party.mine.then(|| view! { <span class="tag" data-state="info">{move || t!("party-mine")}</span> })}
                <span class="list-end muted">
                    {move || heard.filter(|_| !party.mine).map(|ms| {
                        t!("last-heard", time = browser::local_time(ms, i18n::current().tag()))
                    })}
                </span>
            </div>
            <ul class="list">{members}</ul>
        </section>
    }
}

#[component]
fn Member(member: MemberRow) -> impl IntoView {
    let named = member.name.clone();
    let roles = member.roles;
    let confirmed = member.confirmed;
    view! {
        <li data-testid="member" data-name=named data-confirmed=confirmed.to_string()>
            {icon(Icon::People)}
            <span>{member.name}</span>
            {member.me.then(|| view! { <span class="muted">{move || t!("you-mark")}</span> })}
            <span class="list-end">
                {roles.into_iter().map(|role| view! { <span class="tag">{move || t!(role_label(role))}</span> }).collect_view()}
                {(!confirmed && !member.me).then(|| view! {
                    <span class="tag" data-state="warn" title=move || t!("unconfirmed-more") data-testid="unconfirmed">
                        {move || t!("unconfirmed")}
                    </span>
                })}
            </span>
        </li>
    }
}

#[component]
fn PendingInvites(invites: Vec<InviteRow>) -> impl IntoView {
    let rows = invites
        .into_iter()
        .map(|invite| {
            let role = invite.role;
            view! {
                <li data-testid="pending-invite">
                    {icon(Icon::Invite)}
                    <span class="code">{invite.code}</span>
                    <span>{invite.party}</span>
                    <span class="list-end"><span class="tag">{move || t!(role_label(role))}</span></span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel" data-testid="pending-invites">
            <div class="panel-head"><h2>{move || t!("invites-pending")}</h2></div>
            <ul class="list">{rows}</ul>
        </section>
    }
}

/// Makes an invite and shows its link, once.
#[component]
fn InviteDialog(open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let link = RwSignal::new(None::<String>);
    Effect::new(move || {
        if let (Some(dialog), true) = (dialog.get(), open.get()) {
            let _already_open = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let closed = move |_| {
        open.set(false);
        link.set(None);
    };
    view! {
        <dialog class="dialog" node_ref=dialog data-testid="invite-dialog" aria-labelledby="invite-dialog-title" on:close=closed>
            <div class="dialog-head">
                <h2 id="invite-dialog-title">{move || t!("invite-dialog")}</h2>
                <button class="button" data-kind="icon" aria-label=move || t!("close") data-testid="invite-close" on:click=move |_| close()>
                    {icon(Icon::Close)}
                </button>
            </div>
            <div class="dialog-body">
                {move || match link.get() {
                    Some(link) => view! { <InviteLink link=link /> }.into_any(),
                    None if open.get() => view! { <InviteForm link=link /> }.into_any(),
                    None => ().into_any(),
                }}
            </div>
        </dialog>
    }
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
    let role = RwSignal::new(Role::Pmo);
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
    let ready =
        move || party().is_some_and(|(name, code)| !name.is_empty() && party_code::is_valid(&code));
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
            role: role.get_untracked(),
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
        known.iter().enumerate().map(option).collect_view()
    });
    let roles = Role::ALL
        .into_iter()
        .map(|role| view! { <option value=role.name()>{move || t!(role_label(role))}</option> })
        .collect_view();
    let choose_role = move |event| {
        let value = event_target_value(&event);
        role.set(
            Role::ALL
                .into_iter()
                .find(|role| role.name() == value)
                .unwrap_or(Role::Viewer),
        );
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
            <div class="field">
                <label class="field-label" for="invite-role">{move || t!("invite-role")}</label>
                <select class="input" id="invite-role" data-testid="invite-role" on:change=choose_role>{roles}</select>
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
    let copied = RwSignal::new(false);
    let text = StoredValue::new(link.clone());
    let loopback = is_loopback(&link);
    let copy = move |_| {
        spawn_local(async move { copied.set(browser::copy(&text.get_value()).await) });
    };
    view! {
        <p>{move || t!("invite-link-more")}</p>
        <div class="copy-box" data-testid="invite-link" tabindex="0">{link}</div>
        {loopback.then(|| view! {
            <Note state="warn" testid="invite-loopback"><p>{move || t!("invite-loopback-made")}</p></Note>
        })}
        <div class="form-actions">
            <button class="button" data-kind="primary" data-testid="invite-copy" on:click=copy>
                {icon(Icon::Copy)}
                {move || if copied.get() { t!("copied") } else { t!("copy") }}
            </button>
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

/// Message id of a role's name.
const fn role_label(role: Role) -> &'static str {
    use i18n::msg;
    match role {
        Role::PartnerManager => msg("role-partner-manager"),
        Role::Pmo => msg("role-pmo"),
        Role::Finance => msg("role-finance"),
        Role::Market => msg("role-market"),
        Role::Legal => msg("role-legal"),
        Role::Viewer => msg("role-viewer"),
    }
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
