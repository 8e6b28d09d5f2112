//! What is exported, opened by Automerge's own JavaScript.
//!
//! `HEQI_AUTOMERGE_JS` names the folder where it is installed, as `cargo xtask test` sets it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::relay::Relay;
use super::{files_below, sync_all, two_parties};

#[test]
fn an_exported_plan_opens_in_automerges_own_javascript() {
    let Some(javascript) = javascript() else {
        return;
    };
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["task", "add", "Survey"]);
    bob.run(&["sync"]);
    for (home, name) in [(&ann, "name=Survey north"), (&bob, "name=测量")] {
        let code = home.code_of("Survey");
        home.offline(&["task", "set", &code, name]);
    }
    sync_all(&[&ann, &bob]);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("export");
    ann.run(&["export", dir.to_str().unwrap()]);

    let is_document = |path: &PathBuf| path.extension().is_some_and(|end| end == "automerge");
    let files: Vec<_> = files_below(&dir).into_iter().filter(is_document).collect();
    let output = Command::new("node")
        .arg(javascript.join("open.mjs"))
        .args(&files)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let opened: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(opened.len(), files.len());
    let mut heads: Vec<Value> = Vec::new();
    for document in &opened {
        heads.extend(document["heads"].as_array().unwrap().iter().cloned());
        assert_eq!(document["saved"], document["heads"]);
    }
    let plan = ann.run(&["plan", "list"]);
    assert_eq!(&heads, plan["heads"].as_array().unwrap());
    let conflicts = opened[0]["conflicts"].as_object().unwrap();
    let names = conflicts.iter().find(|(key, _)| key.ends_with("/name"));
    let (key, names) = names.unwrap_or_else(|| panic!("{conflicts:?}"));
    assert_eq!(*names, serde_json::json!(["Survey north", "测量"]));
    let shown = plan["tasks"][0]["name"].clone();
    assert_eq!(opened[0]["values"][key], shown);
}

/// Where Automerge's JavaScript is; `None`, said past the capture of test output, where it is not installed.
fn javascript() -> Option<PathBuf> {
    let folder = std::env::var_os("HEQI_AUTOMERGE_JS").map(PathBuf::from);
    if folder.is_none() {
        let said = writeln!(
            std::io::stderr(),
            "SKIPPED: exports in Automerge's JavaScript, for HEQI_AUTOMERGE_JS is unset; `cargo xtask test` installs it"
        );
        said.unwrap();
    }
    folder
}
