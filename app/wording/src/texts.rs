//! Messages by Fluent, from the topics that a shell names.

use std::cell::OnceCell;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

use crate::Language;

/// The messages of one subject, one file per language.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    pub(crate) english: &'static str,
    pub(crate) chinese: &'static str,
}

/// Takes a topic's files from `locales`.
macro_rules! topic {
    ($name:literal) => {
        $crate::Topic {
            english: include_str!(concat!("../locales/en/", $name, ".ftl")),
            chinese: include_str!(concat!("../locales/zh-CN/", $name, ".ftl")),
        }
    };
}
pub(crate) use topic;

/// The texts of some topics in one language. Nothing is read before the first text is asked for.
pub struct Texts {
    language: Language,
    topics: &'static [&'static [Topic]],
    bundle: OnceCell<FluentBundle<FluentResource>>,
}

impl Topic {
    /// The file of a language.
    pub const fn source(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }
}

impl Texts {
    pub const fn new(language: Language, topics: &'static [&'static [Topic]]) -> Self {
        Self {
            language,
            topics,
            bundle: OnceCell::new(),
        }
    }

    /// The text of message `id`; the id itself where there is no such message.
    pub fn say(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        self.find(id, args).unwrap_or_else(|| id.to_owned())
    }

    /// The text of message `id`, if there is such a message.
    pub(crate) fn find(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let bundle = self.bundle.get_or_init(|| self.read());
        let pattern = bundle.get_message(id)?.value()?;
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set(*name, value.clone());
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors);
        Some(text.into_owned())
    }

    /// Several things in one phrase, as the language lists them: `one, two and three`.
    pub fn listed(&self, things: &[String]) -> String {
        match things {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => {
                let args = [
                    ("first", self.row(first).into()),
                    ("last", last.as_str().into()),
                ];
                self.say("list-and", &args)
            }
        }
    }

    /// Several things one after the other, as in a table's cell: `one, two, three`.
    pub fn row(&self, things: &[String]) -> String {
        things.join(&self.say("list-separator", &[]))
    }

    fn read(&self) -> FluentBundle<FluentResource> {
        let mut bundle = FluentBundle::new(vec![self.language.id()]);
        // Both languages run left to right, and isolation marks would end up in what people copy.
        bundle.set_use_isolating(false);
        for topic in self.topics.iter().copied().flatten() {
            // A broken message is left out and the rest kept; a test holds the files to be whole.
            let resource = FluentResource::try_new(topic.source(self.language).to_owned())
                .unwrap_or_else(|(resource, _errors)| resource);
            bundle.add_resource_overriding(resource);
        }
        bundle
    }
}

/// Names a message id in code, so that the test that looks for them finds it.
pub const fn msg(id: &'static str) -> &'static str {
    id
}

/// Says a message: `say!(texts, "close")`, `say!(texts, "tasks-count", count = 3)`.
#[macro_export]
macro_rules! say {
    ($texts:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $texts.say($id, &[$((stringify!($name), $crate::FluentValue::from($value))),*])
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SHARED;

    fn english() -> Texts {
        Texts::new(Language::English, &[SHARED])
    }

    #[test]
    fn counts_choose_their_plural() {
        let texts = english();
        let tasks = |count: i64| say!(texts, "tasks-count", count = count);
        assert_eq!((tasks(1), tasks(3)), ("1 task".into(), "3 tasks".into()));
    }

    #[test]
    fn things_are_listed_as_the_language_lists_them() {
        let chinese = Texts::new(Language::Chinese, &[SHARED]);
        let things = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(english().listed(&things), "a, b and c");
        assert_eq!(chinese.listed(&things), "a、b和c");
        assert_eq!(english().listed(&things[..1]), "a");
        assert_eq!(english().row(&things), "a, b, c");
    }

    #[test]
    fn a_message_of_a_topic_not_carried_is_its_id() {
        assert_eq!(say!(english(), "cli-home"), "cli-home");
        let with = Texts::new(Language::English, &[SHARED, crate::COMMAND_LINE]);
        assert_eq!(say!(with, "cli-home"), "Home");
    }
}
