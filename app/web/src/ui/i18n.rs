//! The language of the page, and its texts.

use heqi_wording::{SHARED, Texts};
use leptos::prelude::*;

use super::browser;

pub(crate) use heqi_wording::{FluentValue, Language, msg};

const STORAGE_KEY: &str = "heqi.language";

thread_local! {
    // Texts are not `Sync`; those of a language are read when its first message is asked for.
    static TEXTS: [Texts; 2] = const {
        [Texts::new(Language::English, &[SHARED]), Texts::new(Language::Chinese, &[SHARED])]
    };
    static CURRENT: std::cell::OnceCell<RwSignal<Language>> = const { std::cell::OnceCell::new() };
}

/// Takes the remembered language, else the browser's, and makes it the page's.
pub(crate) fn provide() -> RwSignal<Language> {
    let preferred = browser::languages();
    let language = browser::remembered(STORAGE_KEY)
        .and_then(|tag| Language::of(&tag))
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

/// Says something in the page's language; in a reactive place it follows its changes.
pub(crate) fn say<T>(words: impl FnOnce(&Texts) -> T) -> T {
    let language = current();
    TEXTS.with(|[english, chinese]| match language {
        Language::English => words(english),
        Language::Chinese => words(chinese),
    })
}

/// Formats message `id` in the page's language; the id itself where there is no such message.
pub(crate) fn format(id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    say(|texts| texts.say(id, args))
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
