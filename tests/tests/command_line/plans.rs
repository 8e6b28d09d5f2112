//! Plans made, changed, imported and exported from the command line.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::home::Exit;
use super::relay::Relay;
use super::{assert_agree, files_below, sync_all, two_parties};

#[test]
fn tasks_are_moved_linked_deleted_restored_and_exported() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    for name in ["Survey", "Piling", "Deck"] {
        ann.run(&["task", "add", name]);
    }
    let [survey, piling, deck] = ["Survey", "Piling", "Deck"].map(|name| ann.code_of(name));
    ann.run(&["task", "move", &deck, "--under", &survey]);
    ann.run(&["task", "move", &piling, "--up"]);
    ann.run(&[
        "task", "link", &piling, &deck, "--type", "SS", "--lag", "-1w",
    ]);
    bob.run(&["sync"]);
    assert_eq!(bob.names(), ["Piling", "Survey", "Deck"]);
    bob.run(&["task", "delete", &survey]);
    assert_eq!(bob.names(), ["Piling"]);
    bob.run(&["task", "restore", &survey]);
    ann.run(&["sync"]);
    assert_agree(&[&ann, &bob], ann.conflicts().len());
    assert!(ann.names().contains(&"Survey".to_owned()));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.csv");
    let path = file.to_str().unwrap();
    ann.run(&["plan", "export", path]);
    ann.fails(&["plan", "export", path], Exit::Usage);
    let csv = fs::read_to_string(&file).unwrap();
    for cell in [&survey, &piling, &deck, &format!("{piling}SS-1w")] {
        assert!(csv.contains(cell.as_str()), "{cell} in {csv}");
    }
    ann.run(&["task", "unlink", &piling, &deck]);
    ann.run(&["plan", "export", path, "--force"]);
    let csv = fs::read_to_string(&file).unwrap();
    assert!(!csv.contains("SS-1w"), "{csv}");
}

#[test]
fn real_files_imported_by_both_parties_offline_merge_without_a_conflict() {
    let Some(folder) = real_files() else { return };
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    let files = files_below(&folder);
    assert!(files.len() >= 7, "{files:?}");
    let mut tasks = 0;
    for file in &files {
        let import = ["plan", "import", file.to_str().unwrap(), "--yes"];
        let [one, other] = [&ann, &bob].map(|home| home.offline(&import));
        assert_eq!(one, other);
        assert_eq!(one["tasks"], one["added"], "{file:?}");
        tasks += one["tasks"].as_u64().unwrap();
    }
    sync_all(&[&ann, &bob]);
    assert_agree(&[&ann, &bob], 0);
    assert_eq!(ann.tasks().len() as u64, tasks);
}

/// Files that Microsoft Project wrote; `None`, said past the capture of test output, where there are none.
fn real_files() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("HEQI_DATA") else {
        let said = writeln!(
            std::io::stderr(),
            "SKIPPED: real project files imported twice, for HEQI_DATA is unset"
        );
        said.unwrap();
        return None;
    };
    Some(Path::new(&data).join("mspdi"))
}
