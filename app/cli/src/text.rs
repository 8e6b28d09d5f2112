//! Texts in the reader's language, by Fluent, from the files shared with the browser client.

use std::cell::OnceCell;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;

pub(crate) use fluent_bundle::FluentValue;

/// A language of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

/// All texts of one language. Nothing is read before the first text is asked for.
pub(crate) struct Texts {
    language: Language,
    bundle: OnceCell<FluentBundle<FluentResource>>,
}

impl Language {
    const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language of a tag or locale such as `zh-CN`, `zh_CN.UTF-8` or `en`; `None` for others.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next()?;
        let same = |language: &Self| {
            let known = language.tag().split('-').next();
            known.is_some_and(|known| known.eq_ignore_ascii_case(primary))
        };
        Self::ALL.into_iter().find(same)
    }

    /// The language that the environment asks for, English where it asks for none that there is.
    pub(crate) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty())
            .and_then(|value| Self::of(&value))
            .unwrap_or(Self::English)
    }

    fn id(self) -> LanguageIdentifier {
        self.tag()
            .parse()
            .expect("the tags are constants that parse")
    }

    const fn sources(self) -> [&'static str; 6] {
        match self {
            Self::English => [
                include_str!("../../locales/en/ui.ftl"),
                include_str!("../../locales/en/status.ftl"),
                include_str!("../../locales/en/rejected.ftl"),
                include_str!("../../locales/en/conflict.ftl"),
                include_str!("../../locales/en/import.ftl"),
                include_str!("../../locales/en/cli.ftl"),
            ],
            Self::Chinese => [
                include_str!("../../locales/zh-CN/ui.ftl"),
                include_str!("../../locales/zh-CN/status.ftl"),
                include_str!("../../locales/zh-CN/rejected.ftl"),
                include_str!("../../locales/zh-CN/conflict.ftl"),
                include_str!("../../locales/zh-CN/import.ftl"),
                include_str!("../../locales/zh-CN/cli.ftl"),
            ],
        }
    }
}

impl Texts {
    pub(crate) const fn new(language: Language) -> Self {
        Self {
            language,
            bundle: OnceCell::new(),
        }
    }

    /// The text of message `id`; the id itself where there is no such message.
    pub(crate) fn say(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set(*name, value.clone());
        }
        let bundle = self.bundle.get_or_init(|| bundle(self.language));
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, Some(&values), &mut errors)
            .into_owned()
    }

    /// Several things in one phrase, as the language lists them.
    pub(crate) fn listed(&self, things: &[String]) -> String {
        things.join(&self.say("list-separator", &[]))
    }
}

/// Says a message: `say!(texts, "cli-done")`, `say!(texts, "cli-tasks", count = 3)`.
macro_rules! say {
    ($texts:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $texts.say($id, &[$((stringify!($name), $crate::text::FluentValue::from($value))),*])
    };
}
pub(crate) use say;

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new(vec![language.id()]);
    // Both languages run left to right, and isolation marks would end up in what people copy from a terminal.
    bundle.set_use_isolating(false);
    for source in language.sources() {
        // A broken message is left out and the rest kept; a test holds the files to be whole.
        let resource = FluentResource::try_new(source.to_owned())
            .unwrap_or_else(|(resource, _errors)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Message ids of one language's file for the command line, each with the variables it uses.
    fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let source = language.sources()[5];
        let parsed = FluentResource::try_new(source.to_owned());
        assert!(parsed.is_ok(), "cli.ftl of {} is broken", language.tag());
        let mut found = BTreeMap::<String, BTreeSet<String>>::new();
        let mut current = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((id, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                current = id.to_owned();
                assert!(
                    found.insert(current.clone(), BTreeSet::new()).is_none(),
                    "{current} twice"
                );
            }
            for piece in line.split("{ $").skip(1) {
                let name = piece.split([' ', '}']).next().unwrap_or_default();
                found
                    .entry(current.clone())
                    .or_default()
                    .insert(name.to_owned());
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_variables() {
        let english = messages(Language::English);
        assert!(english.len() > 20);
        assert_eq!(english, messages(Language::Chinese));
    }

    #[test]
    fn every_message_named_in_code_exists_in_both_languages() {
        let mut code = Vec::new();
        sources(
            std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
            &mut code,
        );
        let mut named = 0;
        for text in &code {
            for piece in text.split("\"cli-").skip(1) {
                let id = format!("cli-{}", piece.split('"').next().unwrap_or_default());
                if id.ends_with('-') || id.contains('{') || id == "cli-done" || id == "cli-tasks" {
                    continue;
                }
                for language in Language::ALL {
                    let texts = Texts::new(language);
                    assert_ne!(texts.say(&id, &[]), id, "{id} in {}", language.tag());
                }
                named += 1;
            }
        }
        assert!(named > 20, "only {named} messages found in code");
    }

    fn sources(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.file_name().is_some_and(|name| name != "text.rs") {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn the_environment_chooses_the_language() {
        let with = |set: &[(&str, &str)]| {
            let set = set.to_vec();
            Language::of_environment(move |name| {
                let value = set.iter().find(|(known, _)| *known == name);
                value.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[("LANG", "zh_CN.UTF-8")]), Language::Chinese);
        assert_eq!(
            with(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "en_GB")]),
            Language::English
        );
        assert_eq!(
            with(&[("LANG", "zh_CN"), ("LC_ALL", "")]),
            Language::Chinese
        );
        assert_eq!(with(&[("LANG", "C")]), Language::English);
        assert_eq!(with(&[]), Language::English);
    }
}
