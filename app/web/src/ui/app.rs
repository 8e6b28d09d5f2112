//! The page as a whole: whether it can work here, where it stands, and what frames it.

use leptos::prelude::*;

use super::environment::{self, Unfit};
use super::route::{self, Route};
use super::session::Session;
use super::shell::Shell;
use super::start::StartPage;
use super::stop::{FatalScreen, UnfitScreen};
use super::toast::ToastList;
use super::{browser, guard, i18n, idle, theme};

/// Everything on the page.
#[component]
pub(crate) fn App() -> impl IntoView {
    provide_context(i18n::provide());
    provide_context(theme::provide());
    match environment::unfit() {
        Some(unfit) => view! { <UnfitScreen unfit=unfit /> }.into_any(),
        None => view! { <Product /> }.into_any(),
    }
}

/// The product, where it can work.
#[component]
fn Product() -> impl IntoView {
    let route = route::provide();
    provide_context(route);
    let session = Session::provide();
    guard::provide(session);
    idle::provide(session);
    Effect::new(move || match route.get() {
        Route::Venture(key, _) => session.show(key),
        _ => session.leave(),
    });
    Effect::new(move || {
        let name = session
            .open
            .with(|open| open.as_ref().map(|open| open.venture.name.clone()));
        browser::set_title(&match name {
            Some(name) => format!("{name} · Heqi 合契"),
            None => "Heqi 合契".to_owned(),
        });
    });
    let in_venture = Memo::new(move |_| matches!(route.get(), Route::Venture(..)));
    view! {
        {move || match (session.fatal.get(), in_venture.get()) {
            (Some(fatal), _) => view! { <FatalScreen fatal=fatal /> }.into_any(),
            (None, true) => view! { <Shell /> }.into_any(),
            (None, false) => view! { <StartPage /> }.into_any(),
        }}
        <ToastList toasts=session.toasts />
    }
}

/// Missing features by their names, for a report.
pub(crate) fn unfit_name(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::InsecureOrigin => "secure context",
        Unfit::Missing(name) => name,
    }
}
