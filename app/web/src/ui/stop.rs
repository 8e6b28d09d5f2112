//! Screens that stop here: what is wrong, and the remedy.

use leptos::prelude::*;

use super::controls::{CopyBox, LanguageSwitch};
use super::environment::Unfit;
use super::i18n::{msg, t};
use super::session::use_session;
use super::{app, browser};
use crate::wire::Fatal;

/// The page cannot work in this place.
#[component]
pub(crate) fn UnfitScreen(unfit: Unfit) -> impl IntoView {
    let remedy = match unfit {
        Unfit::InsecureOrigin => view! { <InsecureRemedy /> }.into_any(),
        Unfit::Missing(_) => view! {
            <p>{move || t!("unfit-missing", feature = app::unfit_name(unfit))}</p>
        }
        .into_any(),
    };
    view! {
        <main class="stop" data-testid="unfit" data-state=app::unfit_name(unfit)>
            <div class="stop-box">
                <img src="/icon.svg" alt="Heqi 合契" width="40" height="40" />
                <h1>{move || t!("unfit-title")}</h1>
                {remedy}
                <LanguageSwitch />
            </div>
        </main>
    }
}

/// An address without encryption that is not this machine: three ways out.
#[component]
fn InsecureRemedy() -> impl IntoView {
    let origin = browser::origin();
    let port = browser::window().location().port().unwrap_or_default();
    let local = format!("http://localhost:{port}");
    let named = origin.clone();
    view! {
        <p>{move || t!("unfit-insecure", origin = named.clone())}</p>
        <ol>
            <li>{move || t!("unfit-remedy-tls")}</li>
            <li>{move || t!("unfit-remedy-local", url = local.clone())}</li>
            <li>{move || t!("unfit-remedy-tunnel")}</li>
        </ol>
        <p class="muted">{move || t!("unfit-why")}</p>
    }
}

/// The worker stopped.
#[component]
pub(crate) fn FatalScreen(fatal: Fatal) -> impl IntoView {
    let (state, title, text, detail) = words(fatal);
    let left_over = use_session().left_over.get_value();
    let reload = move |_| browser::renew();
    view! {
        <main class="stop" data-testid="fatal" data-state=state>
            <div class="stop-box">
                <img src="/icon.svg" alt="Heqi 合契" width="40" height="40" />
                <div class="stop-words" role="alert">
                    <h1>{move || t!(title)}</h1>
                    <p>{move || t!(text)}</p>
                </div>
                {left_over.map(|typed| view! {
                    <p>{move || t!("fatal-typed")}</p>
                    <CopyBox text=typed testid="fatal-typed" />
                })}
                {detail.map(|detail| view! {
                    <details class="stop-detail" data-testid="fatal-detail">
                        <summary>{move || t!("fatal-detail")}</summary>
                        <pre>{detail}</pre>
                    </details>
                })}
                <div class="form-actions">
                    <button class="button" data-kind="primary" on:click=reload data-testid="reload">
                        {move || t!("reload")}
                    </button>
                </div>
                <LanguageSwitch />
            </div>
        </main>
    }
}

/// Name in markup, title, text, and what a report of it needs.
fn words(fatal: Fatal) -> (&'static str, &'static str, &'static str, Option<String>) {
    match fatal {
        Fatal::Store { detail } => (
            "store",
            msg("fatal-store-title"),
            msg("fatal-store"),
            Some(detail),
        ),
        Fatal::StoreFull => ("full", msg("fatal-full-title"), msg("fatal-full"), None),
        Fatal::NewerBuild => ("newer", msg("fatal-newer-title"), msg("fatal-newer"), None),
        Fatal::Occupied => (
            "occupied",
            msg("fatal-occupied-title"),
            msg("fatal-occupied"),
            None,
        ),
        Fatal::Defect { detail } => (
            "defect",
            msg("fatal-defect-title"),
            msg("fatal-defect"),
            Some(detail),
        ),
    }
}
