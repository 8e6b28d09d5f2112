//! Light, dark, or as the system has it.

use leptos::prelude::*;

use super::browser;
use super::i18n::msg;

// `static/boot.js` reads this before the first paint.
const STORAGE_KEY: &str = "heqi.theme";

/// A choice of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// All choices, in the order they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Name of the choice in storage and markup.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Message that names the choice.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::System => msg("theme-system"),
            Self::Light => msg("theme-light"),
            Self::Dark => msg("theme-dark"),
        }
    }
}

/// Takes the remembered choice and applies every later one.
pub(crate) fn provide() -> RwSignal<Theme> {
    let remembered = browser::remembered(STORAGE_KEY);
    let choice = Theme::ALL
        .into_iter()
        .find(|theme| Some(theme.name()) == remembered.as_deref());
    let theme = RwSignal::new(choice.unwrap_or(Theme::System));
    Effect::new(move || {
        let theme = theme.get();
        browser::remember(STORAGE_KEY, theme.name());
        let forced = (theme != Theme::System).then_some(theme.name());
        browser::set_root_attribute("data-theme", forced);
    });
    theme
}
