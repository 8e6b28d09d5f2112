//! The threat model names tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let threats = std::fs::read_to_string(root.join("shared/protocol/src/threats.md")).unwrap();
    let mut known = BTreeSet::new();
    for folder in ["shared", "server", "app", "tests", "xtask"] {
        tests(&root.join(folder), &mut known);
    }
    let named: Vec<&str> = threats.split('`').skip(1).step_by(2).collect();
    assert!(named.len() >= 60, "it names {} tests", named.len());
    for test in named {
        assert!(known.contains(test), "there is no test {test}");
    }
}

/// The names of all tests in the sources of a folder.
fn tests(folder: &Path, known: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() && name != "target" && name != "node_modules" {
            tests(&path, known);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            known.extend(tests_of(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The names of the functions of a source that stand under an attribute which makes them tests.
fn tests_of(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim_start) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let named = line.strip_prefix("async ").unwrap_or(line);
        if let Some((name, _)) = named.strip_prefix("fn ").and_then(|it| it.split_once('(')) {
            found.extend(is_test.then(|| name.to_owned()));
            is_test = false;
        }
    }
    found
}

#[test]
fn a_function_that_is_no_test_shows_nothing() {
    let source = "#[test]\n#[cfg(unix)]\nfn one() {}\nfn none() {}\n    #[tokio::test]\n    async fn two() {}";
    assert_eq!(tests_of(source), ["one", "two"]);
}
