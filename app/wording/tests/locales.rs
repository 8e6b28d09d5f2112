//! Both languages say the same things, and code names only messages that exist.

#![allow(
    clippy::unwrap_used,
    reason = "what these read is the checkout itself: a test shall fail where it is not as expected"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};
use heqi_wording::{COMMAND_LINE, Language, SHARED};

type Messages = BTreeMap<String, BTreeSet<String>>;

#[test]
fn both_languages_have_the_same_files_and_messages() {
    let (english, chinese) = (files("en"), files("zh-CN"));
    assert_eq!(
        english.keys().collect::<Vec<_>>(),
        chinese.keys().collect::<Vec<_>>()
    );
    for (file, messages) in &english {
        let ids = |messages: &Messages| messages.keys().cloned().collect::<BTreeSet<_>>();
        let (english, chinese) = (ids(messages), ids(&chinese[file]));
        let differing: Vec<_> = english.symmetric_difference(&chinese).collect();
        assert!(differing.is_empty(), "{file}: {differing:?}");
    }
}

#[test]
fn both_languages_use_the_same_arguments() {
    let (english, chinese) = (all("en"), all("zh-CN"));
    for (id, arguments) in &english {
        assert_eq!(Some(arguments), chinese.get(id), "{id}");
    }
}

#[test]
fn no_message_stands_twice() {
    for language in ["en", "zh-CN"] {
        let mut seen = BTreeSet::new();
        for id in files(language).into_values().flat_map(Messages::into_keys) {
            assert!(seen.insert(id.clone()), "{language}: {id}");
        }
    }
}

#[test]
fn every_file_of_texts_belongs_to_a_topic() {
    let topics = || SHARED.iter().chain(COMMAND_LINE);
    for language in Language::ALL {
        assert_eq!(topics().count(), files(language.tag()).len());
        for file in files(language.tag()).into_keys() {
            let text = fs::read_to_string(folder(language.tag()).join(&file)).unwrap();
            let carried = topics().any(|topic| topic.source(language) == text);
            assert!(carried, "{}/{file}", language.tag());
        }
    }
}

#[test]
fn every_message_named_in_the_interface_exists() {
    let messages = all_of(&files("en"), |file| !file.starts_with("cli"));
    let named = named_in(&sources());
    assert!(named.len() > 100, "the search found only {}", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|id| !messages.contains_key(*id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_message_of_the_interface_is_used() {
    let commands = read(&root("../cli/src"));
    let all: String = sources().into_iter().chain(commands).collect();
    let files = files("en");
    let unused: Vec<_> = files["ui.ftl"]
        .keys()
        .filter(|id| !all.contains(&format!("\"{id}\"")))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_message_named_by_the_command_line_exists() {
    let messages = all("en");
    let sources = read(&root("../cli/src"));
    let missing: Vec<_> = named_in(&sources)
        .into_iter()
        .filter(|id| !messages.contains_key(id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let mut named = 0;
    for source in sources {
        for piece in source.split("\"cli-").skip(1) {
            let id = format!("cli-{}", piece.split('"').next().unwrap_or_default());
            assert!(messages.contains_key(&id), "{id}");
            named += 1;
        }
    }
    assert!(named > 20, "only {named} messages found in code");
}

#[test]
fn every_key_of_the_domain_has_a_message() {
    let messages = all("en");
    let mut named = 0;
    for source in read(&root("../../shared/domain/src")) {
        for prefix in ["rejected-", "mspdi-"] {
            for piece in source.split(&format!("=> \"{prefix}")).skip(1) {
                let id = format!("{prefix}{}", piece.split('"').next().unwrap_or_default());
                assert!(messages.contains_key(&id), "{id}");
                named += 1;
            }
        }
    }
    assert!(named > 30, "only {named} keys found");
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn folder(language: &str) -> PathBuf {
    root("locales").join(language)
}

/// Messages of each file of a language, with the arguments they use.
fn files(language: &str) -> BTreeMap<String, Messages> {
    let entries = fs::read_dir(folder(language)).unwrap();
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let resource = fluent_syntax::parser::parse(text)
                .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
            (name, messages(&resource))
        })
        .collect()
}

fn all(language: &str) -> Messages {
    all_of(&files(language), |_| true)
}

fn all_of(files: &BTreeMap<String, Messages>, wanted: impl Fn(&str) -> bool) -> Messages {
    let wanted = files.iter().filter(|(file, _)| wanted(file));
    wanted.flat_map(|(_, messages)| messages.clone()).collect()
}

fn messages(resource: &Resource<String>) -> Messages {
    let message = |entry: &Entry<String>| match entry {
        Entry::Message(message) => {
            let mut arguments = BTreeSet::new();
            let value = message.value.as_ref();
            in_pattern(
                value.unwrap_or_else(|| panic!("{} is empty", message.id.name)),
                &mut arguments,
            );
            Some((message.id.name.clone(), arguments))
        }
        _ => None,
    };
    resource.body.iter().filter_map(message).collect()
}

fn in_pattern(pattern: &Pattern<String>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, arguments);
        }
    }
}

fn in_expression(expression: &Expression<String>, arguments: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, arguments),
        Expression::Select { selector, variants } => {
            in_inline(selector, arguments);
            for variant in variants {
                in_pattern(&variant.value, arguments);
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<String>, arguments: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.clone());
        }
        InlineExpression::Placeable { expression } => in_expression(expression, arguments),
        _ => {}
    }
}

/// Ids that follow one of the ways in which code names a message.
fn named_in(sources: &[String]) -> BTreeSet<String> {
    const WAYS: [&str; 5] = ["t!(", "say!(", "msg(", "label=", "hint="];
    let mut ids = BTreeSet::new();
    for source in sources {
        let plain = source.split("#[cfg(test)]").next().unwrap_or_default();
        for way in WAYS {
            let places = plain.match_indices(way).filter(|(at, _)| {
                // `format!(` ends in `t!(` too.
                !plain[..*at].ends_with(|before: char| before.is_alphanumeric())
            });
            let behind = places.filter_map(|(at, _)| match (way, &plain[at + way.len()..]) {
                // The texts come first.
                ("say!(", arguments) => Some(arguments.split_once(',')?.1),
                (_, arguments) => Some(arguments),
            });
            let named = behind.filter_map(|text| literal(text.trim_start()));
            ids.extend(named.map(str::to_owned));
        }
    }
    ids
}

/// The string literal that the text begins with.
fn literal(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.split('"').next()
}

fn sources() -> Vec<String> {
    let mut sources = read(&root("src"));
    sources.extend(read(&root("../web/src/ui")));
    sources
}

fn read(folder: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(read(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            sources.push(fs::read_to_string(path).unwrap());
        }
    }
    sources
}
