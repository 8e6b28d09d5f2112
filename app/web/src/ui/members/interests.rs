//! Proposing participating interests: a share for every party, a whole in sum.

use heqi_wording::charter::percent;
use leptos::prelude::*;

use super::ask;
use crate::ui::browser;
use crate::ui::controls::Note;
use crate::ui::dialog::Dialog;
use crate::ui::i18n::t;
use crate::ui::session::use_session;
use crate::wire::{Action, Id, PartyRow, Request};

const WHOLE: u32 = 10_000;

#[component]
pub(super) fn InterestsDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open=open title="interests-propose" testid="interests-dialog">
            <InterestsForm open=open />
        </Dialog>
    }
}

#[component]
fn InterestsForm(open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let parties = session.members.get_untracked().unwrap_or_default().parties;
    let share = |party: PartyRow| {
        let text = party.interest.map(percent).unwrap_or_default();
        let text = RwSignal::new(text.trim_end_matches('%').to_owned());
        (party.id, party.code, party.name, text)
    };
    let shares: Vec<_> = parties
        .into_iter()
        .filter(|party| !party.removed)
        .map(share)
        .collect();
    let fields = shares
        .iter()
        .cloned()
        .map(|(_, code, name, text)| {
            view! {
                <label class="share">
                    <span class="code">{code}</span>
                    <span>{name}</span>
                    <input
                        class="input" inputmode="decimal" data-testid="share" prop:value=text
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                    <span aria-hidden="true">"%"</span>
                </label>
            }
        })
        .collect_view();
    let shares = StoredValue::new(shares);
    let from = RwSignal::new(browser::today());
    let points = move || -> Option<Vec<(Id, u32)>> {
        shares.with_value(|shares| {
            let one = |(id, _, _, text): &(Id, _, _, RwSignal<String>)| {
                Some((id.clone(), text.with(|text| parse(text))?))
            };
            shares.iter().map(one).collect()
        })
    };
    let sum = move || points().map(|points| points.iter().map(|(_, points)| points).sum::<u32>());
    let from_day = move || browser::day_number(&from.get());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (Some(shares), Some(from_day)) = (points(), from_day()) else {
            return;
        };
        let action = Action::Interests { from_day, shares };
        ask(session, Request::Propose(action), "decided-now");
        open.set(false);
    };
    view! {
        <form class="form" on:submit=submit data-testid="interests-form">
            <p>{move || t!("interests-more")}</p>
            <div class="shares">{fields}</div>
            <p class="muted" role="status">
                {move || match sum() {
                    Some(sum) => t!("interests-sum", sum = percent(sum)),
                    None => t!("interests-numbers"),
                }}
            </p>
            <label class="field">
                <span class="field-label">{move || t!("interests-from")}</span>
                <input class="input" type="date" prop:value=from on:input=move |event| from.set(event_target_value(&event)) />
            </label>
            <Note state="info"><p>{move || t!("needs-everyone")}</p></Note>
            <div class="form-actions">
                <button
                    class="button" data-kind="primary" data-testid="interests-submit"
                    disabled=move || sum() != Some(WHOLE) || from_day().is_none()
                >
                    {move || t!("propose")}
                </button>
            </div>
        </form>
    }
}

/// A percentage of at most two decimals as basis points.
fn parse(text: &str) -> Option<u32> {
    let text = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    if rest.len() > 2 || whole.is_empty() {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let rest: u32 = format!("{rest:0<2}").parse().ok()?;
    (whole <= 100).then_some(whole * 100 + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_as_people_type_them() {
        let read = ["60", "33.5", "33,34 %", "0.05", "100%"].map(parse);
        assert_eq!(
            read,
            [Some(6000), Some(3350), Some(3334), Some(5), Some(10_000)]
        );
        assert_eq!(["", "x", "1.234", "101", "-1"].map(parse), [None; 5]);
    }
}
