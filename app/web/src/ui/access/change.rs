//! Changing access: proposed to all parties, or done at once where it narrows one's own.

use leptos::prelude::*;

use super::Level;
use crate::ui::charter_words;
use crate::ui::controls::Note;
use crate::ui::dialog::Dialog;
use crate::ui::i18n::t;
use crate::ui::members::{ask, role_label};
use crate::ui::session::use_session;
use crate::wire::{AccessRule, Action, Grant, Id, MembersView, Request, Role, Space};

#[component]
pub(super) fn ChangeDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open=open title="access-change" testid="access-dialog">
            <ChangeForm open=open />
        </Dialog>
    }
}

#[component]
fn ChangeForm(open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let members = StoredValue::new(session.members.get_untracked().unwrap_or_default());
    let party = RwSignal::new(None::<Id>);
    let space = RwSignal::new(Space::Plan);
    let levels = RwSignal::new(Vec::<(Role, Level)>::new());
    let present =
        move || members.with_value(|members| present(members, &party.get(), &space.get()));
    Effect::new(move || {
        let grant = present();
        let level = |role| (role, Level::of(&grant, role));
        levels.set(Role::ALL.into_iter().map(level).collect());
    });
    let wanted = move || levels.with(|levels| grant(levels));
    let narrows = move || {
        let own = members.with_value(|members| {
            let mine = members.parties.iter().find(|party| party.mine);
            mine.map(|party| party.id.clone())
        });
        party.get().is_some() && party.get() == own && is_within(&wanted(), &present())
    };
    let rule = move |grant: Option<Grant>| AccessRule {
        space: space.get(),
        party: party.get(),
        grant,
    };
    let changes = move || wanted() != present();
    let words = move || {
        let action = Action::Access(vec![rule(Some(wanted()))]);
        members.with_value(|members| charter_words::action(members, &action).join(" "))
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let rules = vec![rule(Some(wanted()))];
        if narrows() {
            ask(session, Request::Narrow(rules), "access-narrowed");
        } else {
            ask(
                session,
                Request::Propose(Action::Access(rules)),
                "decided-now",
            );
        }
        open.set(false);
    };
    let has_rule = move || {
        let (space, party) = (space.get(), party.get());
        members.with_value(|members| {
            let mut rules = members.rules.iter();
            rules.any(|rule| rule.space == space && rule.party == party)
        })
    };
    let back = move |_| {
        let action = Action::Access(vec![rule(None)]);
        ask(session, Request::Propose(action), "decided-now");
        open.set(false);
    };
    view! {
        <form class="form" on:submit=submit data-testid="access-form">
            <div class="form-pair" data-even="true">
                <PartyField members=members party=party />
                <SpaceField members=members space=space />
            </div>
            <Levels levels=levels />
            <Note state="info">
                <p data-testid="access-words">{words}</p>
                <p>{move || if narrows() { t!("access-narrows") } else { t!("needs-everyone") }}</p>
            </Note>
            <div class="form-actions">
                <button class="button" data-kind="primary" data-testid="access-submit" disabled=move || !changes()>
                    {move || if narrows() { t!("access-narrow") } else { t!("propose") }}
                </button>
                <button class="button" type="button" data-kind="quiet" hidden=move || !has_rule() on:click=back>
                    {move || t!("access-back")}
                </button>
            </div>
        </form>
    }
}

#[component]
fn PartyField(members: StoredValue<MembersView>, party: RwSignal<Option<Id>>) -> impl IntoView {
    let options = members.with_value(|members| {
        let alive = members.parties.iter().filter(|party| !party.removed);
        alive
            .map(|party| view! { <option value=party.id.0.clone()>{party.name.clone()}</option> })
            .collect_view()
    });
    let choose = move |event| {
        let value = event_target_value(&event);
        party.set((value != "*").then_some(Id(value)));
    };
    view! {
        <div class="field">
            <label class="field-label" for="access-party">{move || t!("access-party")}</label>
            <select class="input" id="access-party" data-testid="access-party" on:change=choose>
                <option value="*">{move || t!("all-parties")}</option>
                {options}
            </select>
        </div>
    }
}

#[component]
fn SpaceField(members: StoredValue<MembersView>, space: RwSignal<Space>) -> impl IntoView {
    let spaces = members.with_value(|members| members.access.clone());
    let spaces: Vec<Space> = spaces.into_iter().map(|(space, _)| space).collect();
    let known = StoredValue::new(spaces.clone());
    let options = spaces
        .into_iter()
        .map(|space| {
            let name = space.name();
            let words = move || members.with_value(|members| charter_words::space(members, &space));
            view! { <option value=name>{words}</option> }
        })
        .collect_view();
    let choose = move |event| {
        let value = event_target_value(&event);
        let found = known.with_value(|known| known.iter().find(|one| one.name() == value).cloned());
        space.set(found.unwrap_or(Space::Plan));
    };
    view! {
        <div class="field">
            <label class="field-label" for="access-space">{move || t!("access-space")}</label>
            <select class="input" id="access-space" data-testid="access-space" on:change=choose>{options}</select>
        </div>
    }
}

#[component]
fn Levels(levels: RwSignal<Vec<(Role, Level)>>) -> impl IntoView {
    let rows = Role::ALL
        .into_iter()
        .map(|role| {
            let now = move || {
                levels.with(|levels| {
                    let found = levels.iter().find(|(one, _)| *one == role);
                    found.map_or(Level::None, |(_, level)| *level)
                })
            };
            let choices = Level::ALL
                .into_iter()
                .map(|level| {
                    let set = move |_| {
                        levels.update(|levels| {
                            for (one, held) in levels.iter_mut() {
                                if *one == role {
                                    *held = level;
                                }
                            }
                        });
                    };
                    view! {
                        <button
                            type="button" role="radio" aria-checked=move || (now() == level).to_string()
                            data-testid=format!("level-{}-{}", role.name(), level.name()) on:click=set
                        >
                            {move || t!(level.label())}
                        </button>
                    }
                })
                .collect_view();
            view! {
                <div class="setting">
                    <span class="setting-title">{move || t!(role_label(role))}</span>
                    <div class="segmented" role="radiogroup" aria-label=move || t!(role_label(role))>{choices}</div>
                </div>
            }
        })
        .collect_view();
    view! { <div class="levels">{rows}</div> }
}

/// The grant in force for a party, or for all.
fn present(members: &MembersView, party: &Option<Id>, space: &Space) -> Grant {
    let access = match party {
        None => Some(&members.access),
        Some(id) => {
            let party = members.parties.iter().find(|party| party.id == *id);
            party.map(|party| &party.access)
        }
    };
    let found = access.and_then(|access| access.iter().find(|(one, _)| one == space));
    found.map(|(_, grant)| grant.clone()).unwrap_or_default()
}

fn grant(levels: &[(Role, Level)]) -> Grant {
    let at_least = |wanted: &[Level]| {
        let held = levels.iter().filter(|(_, level)| wanted.contains(level));
        held.map(|(role, _)| *role).collect()
    };
    Grant {
        read: at_least(&[Level::Read, Level::Write]),
        write: at_least(&[Level::Write]),
    }
}

fn is_within(narrow: &Grant, wide: &Grant) -> bool {
    let within = |some: &[Role], all: &[Role]| some.iter().all(|role| all.contains(role));
    within(&narrow.read, &wide.read) && within(&narrow.write, &wide.write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_of_levels_lets_write_only_who_reads() {
        let made = grant(&[
            (Role::Pmo, Level::Write),
            (Role::Viewer, Level::Read),
            (Role::Legal, Level::None),
        ]);
        assert_eq!(made.read, [Role::Pmo, Role::Viewer]);
        assert_eq!(made.write, [Role::Pmo]);
        assert!(is_within(&grant(&[(Role::Pmo, Level::Read)]), &made));
        assert!(!is_within(&grant(&[(Role::Viewer, Level::Write)]), &made));
    }
}
