//! Messages in the reader's language, by Fluent.
//!
//! The texts live in `app/locales`, shared with the command line. A test holds both languages to the
//! same messages, and every id named in code to an existing message.

use std::collections::BTreeMap;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use leptos::prelude::*;
use unic_langid::LanguageIdentifier;

use super::browser;

pub(crate) use fluent_bundle::FluentValue;

const STORAGE_KEY: &str = "heqi.language";

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// All languages, in the order they are offered.
    pub(crate) const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Name of the language in itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// The first of the preferred tags that is offered, else English.
    pub(crate) fn choose<'a>(preferred: impl IntoIterator<Item = &'a str>) -> Self {
        preferred
            .into_iter()
            .find_map(|tag| match tag.split('-').next() {
                Some(primary) if primary.eq_ignore_ascii_case("zh") => Some(Self::Chinese),
                Some(primary) if primary.eq_ignore_ascii_case("en") => Some(Self::English),
                _ => None,
            })
            .unwrap_or(Self::English)
    }

    fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    fn id(self) -> LanguageIdentifier {
        let id = self.tag().parse();
        id.expect("the tags of this enum are well-formed")
    }

    fn sources(self) -> [&'static str; 5] {
        match self {
            Self::English => [
                include_str!("../../../locales/en/ui.ftl"),
                include_str!("../../../locales/en/status.ftl"),
                include_str!("../../../locales/en/rejected.ftl"),
                include_str!("../../../locales/en/conflict.ftl"),
                include_str!("../../../locales/en/import.ftl"),
            ],
            Self::Chinese => [
                include_str!("../../../locales/zh-CN/ui.ftl"),
                include_str!("../../../locales/zh-CN/status.ftl"),
                include_str!("../../../locales/zh-CN/rejected.ftl"),
                include_str!("../../../locales/zh-CN/conflict.ftl"),
                include_str!("../../../locales/zh-CN/import.ftl"),
            ],
        }
    }
}

thread_local! {
    // Bundles are built once per language and hold a formatter cache that is not `Sync`.
    static BUNDLES: BTreeMap<Language, FluentBundle<FluentResource>> =
        Language::ALL.into_iter().map(|language| (language, bundle(language))).collect();
    static CURRENT: std::cell::OnceCell<RwSignal<Language>> = const { std::cell::OnceCell::new() };
}

/// Takes the remembered language, else the browser's, and makes it the page's.
pub(crate) fn provide() -> RwSignal<Language> {
    let preferred = browser::languages();
    let language = browser::remembered(STORAGE_KEY)
        .and_then(|tag| Language::parse(&tag))
        .unwrap_or_else(|| Language::choose(preferred.iter().map(String::as_str)));
    let current = RwSignal::new(language);
    CURRENT.with(|cell| {
        let _already_provided = cell.set(current);
    });
    Effect::new(move || browser::set_page_language(current.get().tag()));
    current
}

/// The language of the page; reading it in a reactive place follows its changes.
pub(crate) fn current() -> Language {
    CURRENT.with(|cell| {
        cell.get()
            .map_or(Language::English, |current| current.get())
    })
}

/// Changes the language of the page and remembers it.
pub(crate) fn switch_to(language: Language) {
    browser::remember(STORAGE_KEY, language.tag());
    CURRENT.with(|cell| {
        if let Some(current) = cell.get() {
            current.set(language);
        }
    });
}

/// Formats message `id` in the page's language; the id itself where there is no such message.
pub(crate) fn format(id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    format_in(current(), id, args)
}

/// Formats message `id` in `language`.
pub(crate) fn format_in(language: Language, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        values.set(*name, value.clone());
    }
    BUNDLES.with(|bundles| {
        let bundle = &bundles[&language];
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, Some(&values), &mut errors)
            .into_owned()
    })
}

/// Names a message id in code, so that the test that looks for them finds it.
pub(crate) const fn msg(id: &'static str) -> &'static str {
    id
}

/// Formats a message: `t!("nav-plan")`, `t!("sync-waiting", count = 3)`.
macro_rules! t {
    ($id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::ui::i18n::format(
            $id,
            &[$((stringify!($name), $crate::ui::i18n::FluentValue::from($value))),*],
        )
    };
}
pub(crate) use t;

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new(vec![language.id()]);
    // Both languages are written left to right, and isolation marks would end up in copied text.
    bundle.set_use_isolating(false);
    for source in language.sources() {
        // A broken message is skipped by the parser and the rest kept; a test holds the files to be whole.
        let resource = FluentResource::try_new(source.to_owned())
            .unwrap_or_else(|(resource, _errors)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_preferred_language_that_is_offered_wins() {
        assert_eq!(Language::choose(["fr", "zh-TW", "en"]), Language::Chinese);
        assert_eq!(Language::choose(["en-GB", "zh-CN"]), Language::English);
        assert_eq!(Language::choose(["de"]), Language::English);
    }

    #[test]
    fn counts_choose_their_plural() {
        let tasks =
            |count: i64| format_in(Language::English, "tasks-count", &[("count", count.into())]);
        assert_eq!((tasks(1), tasks(3)), ("1 task".into(), "3 tasks".into()));
    }
}
