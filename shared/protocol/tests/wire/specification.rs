//! The specification in the crate's documentation names every context and every limit, as they are.

use std::path::{Path, PathBuf};

#[test]
fn every_context_of_the_sources_is_specified() {
    let specification = specification();
    let mut found = 0;
    for source in sources(&folder()) {
        for literal in source.split('"').filter(|text| is_context(text)) {
            assert!(
                specification.contains(&format!("| `{literal}` |")),
                "{literal}"
            );
            found += 1;
        }
    }
    assert!(found >= 14, "the sources have {found} contexts");
}

#[test]
fn every_limit_is_specified_with_its_value() {
    let limits = std::fs::read_to_string(folder().join("limits.rs")).unwrap();
    let specification = specification();
    let mut found = 0;
    for line in limits
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "))
    {
        let (name, rest) = line.split_once(": usize = ").unwrap();
        let value = grouped(value(rest.trim_end_matches(';')));
        let row = format!("| `{name}` | {value} |");
        assert!(specification.contains(&row), "{row}");
        found += 1;
    }
    assert!(found >= 16, "there are {found} limits");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn specification() -> String {
    std::fs::read_to_string(folder().join("wire.md")).unwrap()
}

/// Every source but the fixture, which signs nothing that goes over the wire.
fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
    found
}

fn is_context(text: &str) -> bool {
    text.starts_with("heqi ") && text.ends_with(" v1") && !text.contains('\n')
}

/// `1 << 20` or `100_000`.
fn value(text: &str) -> usize {
    let number = |text: &str| text.trim().replace('_', "").parse::<usize>().unwrap();
    match text.split_once("<<") {
        Some((number_text, shift)) => number(number_text) << number(shift),
        None => number(text),
    }
}

fn grouped(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
