//! Where one begins: ventures of this device, a new one, an invite, a recovery file; and what a relay's host sees.

use leptos::prelude::*;

use super::controls::LanguageSwitch;
use super::i18n::{msg, t};
use super::icon::{Icon, icon};
use super::notices::UpdateNotice;
use super::route::Route;

mod create;
mod home;
mod invite;
mod moved;
mod restore;

use create::CreatePage;
use home::HomePage;
use invite::InvitePage;
use moved::MovedPage;
use restore::RestorePage;

/// The frame of all start pages.
#[component]
pub(crate) fn StartPage() -> impl IntoView {
    let route = expect_context::<RwSignal<Route>>();
    view! {
        <div class="start">
            <aside class="start-aside">
                <Mark />
                <h1>{move || t!("start-claim")}</h1>
                <p>{move || t!("start-claim-more")}</p>
                <HostSees />
            </aside>
            <main class="start-main" id="main">
                <div class="start-top">
                    <Mark />
                    <LanguageSwitch />
                </div>
                <UpdateNotice />
                {move || match route.get() {
                    Route::Create => view! { <CreatePage /> }.into_any(),
                    Route::Invite(link) => view! { <InvitePage link=link /> }.into_any(),
                    Route::Restore(link) => view! { <RestorePage link=link /> }.into_any(),
                    Route::Moved(link) => view! { <MovedPage link=link /> }.into_any(),
                    Route::Home | Route::Venture(..) => view! { <HomePage /> }.into_any(),
                }}
            </main>
        </div>
    }
}

#[component]
fn Mark() -> impl IntoView {
    view! {
        <div class="start-mark">
            <img src="/icon.svg" alt="" width="40" height="40" />
            <span>"Heqi 合契"</span>
        </div>
    }
}

/// What the host of a relay sees of a venture, and what not.
#[component]
fn HostSees() -> impl IntoView {
    const SEES: [&str; 5] = [
        msg("sees-addresses"),
        msg("sees-times"),
        msg("sees-sizes"),
        msg("sees-structure"),
        msg("sees-codes"),
    ];
    const NOT: [&str; 4] = [
        msg("sees-not-plan"),
        msg("sees-not-names"),
        msg("sees-not-files"),
        msg("sees-not-keys"),
    ];
    view! {
        <section class="sees" data-testid="host-sees">
            <h2>{move || t!("sees-title")}</h2>
            <div class="sees-columns">
                <div>
                    <h3>{move || t!("sees-yes")}</h3>
                    <ul>{points(&SEES, Icon::Info)}</ul>
                </div>
                <div>
                    <h3>{move || t!("sees-no")}</h3>
                    <ul>{points(&NOT, Icon::Shield)}</ul>
                </div>
            </div>
        </section>
    }
}

fn points(ids: &'static [&'static str], sign: Icon) -> impl IntoView {
    ids.iter()
        .map(|id| view! { <li>{icon(sign)} <span>{move || t!(id)}</span></li> })
        .collect_view()
}
