//! Exports, verified offline, and what may not be done to them.

use std::fs;
use std::path::{Path, PathBuf};

use super::home::{Exit, Home};
use super::relay::Relay;
use super::{files_below, text, two_parties};

#[test]
fn an_export_verifies_and_a_tampered_one_does_not() {
    let relay = Relay::start();
    let (ann, bob) = two_parties(&relay);
    ann.run(&["task", "add", "Survey"]);
    bob.run(&["task", "add", "Permits"]);
    ann.run(&["sync"]);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("export");
    ann.run(&["export", dir.to_str().unwrap()]);
    let verified = ann.run(&["verify", dir.to_str().unwrap()]);
    assert_eq!(verified["valid"], true);
    let count = |what: &str| verified[what].as_u64().unwrap();
    assert_eq!((count("envelopes"), count("members")), (2, 2));
    // The relay's word for the last entry may come after the entry itself.
    assert!((1..=2).contains(&count("acknowledged")));
    ann.fails(&["export", dir.to_str().unwrap()], Exit::Usage);

    let mut tampered = 0;
    for file in files_below(&dir) {
        let whole = fs::read(&file).unwrap();
        for at in [whole.len() / 3, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&file, bytes).unwrap();
            let refused = ann.fails(&["verify", dir.to_str().unwrap()], Exit::Misbehaviour);
            assert_eq!(refused["error"]["kind"], "misbehaviour", "{file:?} at {at}");
            tampered += 1;
        }
        fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        ann.fails(&["verify", dir.to_str().unwrap()], Exit::Misbehaviour);
        fs::remove_file(&file).unwrap();
        ann.fails(&["verify", dir.to_str().unwrap()], Exit::Misbehaviour);
        fs::write(&file, &whole).unwrap();
    }
    assert!(tampered >= 15);
    ann.run(&["verify", dir.to_str().unwrap()]);
}

#[test]
fn an_export_names_its_exporter_and_takes_no_file_from_elsewhere() {
    let relay = Relay::start();
    let (ann, _bob) = two_parties(&relay);
    ann.run(&["task", "add", "Survey"]);
    let folder = tempfile::tempdir().unwrap();
    let [first, later] = ["first", "later"].map(|name| folder.path().join(name));
    ann.run(&["export", first.to_str().unwrap()]);
    ann.run(&["task", "add", "Caps"]);
    ann.run(&["export", later.to_str().unwrap()]);
    let verify = ["verify", first.to_str().unwrap()];
    let verified = Home::empty().run(&verify);
    let exported = &verified["exported"];
    assert_eq!(exported["member_id"], own_id(&ann).as_str());
    assert_eq!(exported["removed"], false);
    let said = ann.says(&["--lang", "en", "verify", first.to_str().unwrap()]);
    let digits = &own_id(&ann)[..8];
    assert!(said.contains(&format!("since the member {digits} exported them")));

    // A document that is sound, of the same venture, and not the one that was exported.
    let document = document(&first);
    let whole = fs::read(&document).unwrap();
    let other = later.join(document.strip_prefix(&first).unwrap());
    fs::copy(other, &document).unwrap();
    let refused = ann.fails(&verify, Exit::Misbehaviour);
    let told = text(&refused["error"]["message"]);
    assert!(told.contains("is not as it was exported"), "{told}");
    fs::write(&document, whole).unwrap();

    let added = first.join("plan/other.automerge");
    std::os::unix::fs::symlink(&document, &added).unwrap();
    let refused = ann.fails(&verify, Exit::Misbehaviour);
    assert!(text(&refused["error"]["message"]).contains("plan/other.automerge"));
    fs::remove_file(added).unwrap();
    ann.run(&verify);
}

fn document(dir: &Path) -> PathBuf {
    let mut files = files_below(dir).into_iter();
    let is_document = |path: &PathBuf| path.extension().is_some_and(|end| end == "automerge");
    files.find(is_document).unwrap()
}

/// The id of the member whose home it is.
fn own_id(home: &Home) -> String {
    let list = home.run(&["member", "list"]);
    let parties = list["parties"].as_array().unwrap().iter();
    let mut members = parties.flat_map(|party| party["members"].as_array().unwrap());
    let own = members.find(|member| member["me"] == true).unwrap();
    text(&own["id"]).to_owned()
}
