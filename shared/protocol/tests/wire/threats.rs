//! The threat model names tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let threats = std::fs::read_to_string(root.join("shared/protocol/src/threats.md")).unwrap();
    let mut known = BTreeSet::new();
    for folder in ["shared", "server", "app", "tests", "xtask"] {
        functions(&root.join(folder), &mut known);
    }
    let named: Vec<&str> = threats.split('`').skip(1).step_by(2).collect();
    assert!(named.len() >= 60, "it names {} tests", named.len());
    for test in named {
        assert!(known.contains(test), "there is no test {test}");
    }
}

/// The names of all functions in the sources of a folder.
fn functions(folder: &Path, known: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() && name != "target" && name != "node_modules" {
            functions(&path, known);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let after = source.split("fn ").skip(1);
            known.extend(after.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
        }
    }
}
