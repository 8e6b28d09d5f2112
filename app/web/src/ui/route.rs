//! Which page the URL fragment names.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::browser;
use crate::wire::VentureKey;

/// A place in the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Ventures of this device, and the ways to a new one.
    Home,
    Create,
    /// Opening an invite; `Some` holds the link the page was opened with.
    Invite(Option<String>),
    /// Adding this device; `Some` holds the link the page was opened with.
    Restore(Option<String>),
    /// A link says that a venture has moved to another relay.
    Moved(String),
    Venture(VentureKey, Page),
}

/// A page of an open venture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Plan,
    Merge,
    Members,
    Access,
    Security,
    Settings,
}

impl Page {
    /// All pages, in the order of the navigation.
    pub(crate) const ALL: [Self; 6] = [
        Self::Plan,
        Self::Merge,
        Self::Members,
        Self::Access,
        Self::Security,
        Self::Settings,
    ];

    /// Name of the page in the URL and in markup.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Merge => "merge",
            Self::Members => "members",
            Self::Access => "access",
            Self::Security => "security",
            Self::Settings => "settings",
        }
    }
}

impl Route {
    /// Reads a fragment; anything unknown is home.
    pub(crate) fn parse(fragment: &str, page_url: &str) -> Self {
        if fragment.starts_with("invite=") {
            return Self::Invite(Some(page_url.to_owned()));
        }
        if fragment.starts_with("device=") || fragment.starts_with("recover=") {
            return Self::Restore(Some(page_url.to_owned()));
        }
        if fragment.starts_with("move=") {
            return Self::Moved(page_url.to_owned());
        }
        let mut parts = fragment.trim_start_matches('/').split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("create"), ..) => Self::Create,
            (Some("invite"), ..) => Self::Invite(None),
            (Some("restore"), ..) => Self::Restore(None),
            (Some("v"), Some(key), page) if !key.is_empty() => {
                let named = Page::ALL.into_iter().find(|p| Some(p.name()) == page);
                Self::Venture(VentureKey(key.to_owned()), named.unwrap_or(Page::Plan))
            }
            _ => Self::Home,
        }
    }

    /// The link to the place within the page.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Home => "#/".into(),
            Self::Create => "#/create".into(),
            Self::Invite(_) => "#/invite".into(),
            Self::Restore(_) => "#/restore".into(),
            Self::Moved(_) => "#/".into(),
            Self::Venture(key, page) => format!("#/v/{}/{}", key.0, page.name()),
        }
    }
}

/// The place the URL names, followed for as long as the tab lives.
pub(crate) fn provide() -> RwSignal<Route> {
    let route = RwSignal::new(now());
    let listener = Closure::<dyn Fn()>::new(move || route.set(now()));
    let _refused = browser::window()
        .add_event_listener_with_callback("hashchange", listener.as_ref().unchecked_ref());
    // The tab follows its URL until it is gone.
    listener.forget();
    route
}

/// Goes to a place, as a click on its link would.
pub(crate) fn go(route: &Route) {
    let _refused = browser::window().location().set_hash(&route.href());
}

fn now() -> Route {
    let url = browser::window().location().href().unwrap_or_default();
    Route::parse(&browser::fragment(), &url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_returns_from_its_link() {
        let key = VentureKey("abc-_9".into());
        let ventures = Page::ALL.map(|page| Route::Venture(key.clone(), page));
        let others = [
            Route::Home,
            Route::Create,
            Route::Invite(None),
            Route::Restore(None),
        ];
        for route in ventures.into_iter().chain(others) {
            assert_eq!(Route::parse(&route.href()[1..], ""), route);
        }
    }

    #[test]
    fn a_link_in_the_url_is_kept_whole() {
        let url = "https://relay.example/#invite=AbC";
        assert_eq!(
            Route::parse("invite=AbC", url),
            Route::Invite(Some(url.into()))
        );
        for mark in ["device", "recover"] {
            let url = format!("https://relay.example/#{mark}=AbC");
            let fragment = format!("{mark}=AbC");
            assert_eq!(Route::parse(&fragment, &url), Route::Restore(Some(url)));
        }
    }
}
