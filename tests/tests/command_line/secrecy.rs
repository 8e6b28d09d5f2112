//! The folder of a relay, searched for what its host must not learn.

use std::fs;
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};

use super::home::Home;
use super::relay::Relay;
use super::{files_below, plan_file, sync_all, text};

#[test]
fn the_folder_of_the_relay_holds_no_word_of_plan_party_member_or_venture() {
    let relay = Relay::start();
    let (ann, bob) = (Home::empty(), Home::empty());
    let create = [
        "venture",
        "create",
        "Tally crossing",
        "--relay",
        relay.url(),
        "--party",
        "Annenwerk AG",
    ];
    ann.run(
        &[
            &create[..],
            &["--code", "ANW", "--member", "Annabel Kessler"],
        ]
        .concat(),
    );
    let invite = ann.run(&["invite", "--party", "Bobrowski Bau", "--role", "pmo"]);
    let used = text(&invite["link"]).to_owned();
    bob.run(&["join", &used, "--member", "Bohdan Malik"]);
    ann.run(&["plan", "import", plan_file().path().to_str().unwrap()]);
    let code = ann.code_of("Piling");
    ann.run(&[
        "task",
        "set",
        &code,
        "notes=Ask the harbour master",
        "accountable=Kowalczyk",
    ]);
    ann.run(&["task", "add", "桩基施工"]);
    bob.run(&["sync"]);
    bob.run(&["task", "delete", &bob.code_of("Foundations")]);
    sync_all(&[&ann, &bob]);
    ann.run(&["device", "name", "Annabel Kessler", "Quayside laptop"]);
    bob.run(&["member", "name", "Bohdan Malik", "Bohdan Wisniewski"]);
    let link = ann.run(&["invite", "--party", "Gammawerk", "--role", "viewer"]);
    let secret = |link: &str| link.split_once("#invite=").unwrap().1.to_owned();
    let secrets = [secret(&used), secret(text(&link["link"]))];
    let stopped = relay.stop();

    let words = [
        // Venture, parties, members.
        "crossing",
        "Annenwerk",
        "Bobrowski",
        "Gammawerk",
        "Annabel",
        "Kessler",
        "Bohdan",
        "Wisniewski",
        "Quayside",
        // Plan: title, tasks, codes, texts.
        "Harbour bridge",
        "Foundations",
        "Piling",
        "ANW-T0",
        "harbour master",
        "Kowalczyk",
        "桩基施工",
        &secrets[0],
        &secrets[1],
    ];
    for word in words {
        assert_eq!(form_of(word, stopped.data()), None, "{word:?}");
    }
    // The search would find them: a member's own folder holds them.
    for word in ["Kowalczyk", "Foundations", "桩基施工"] {
        assert!(form_of(word, ann.folder()).is_some(), "{word:?}");
    }
}

/// The form in which a word stands in a file of a folder, by its name.
pub(crate) fn form_of(word: &str, folder: &Path) -> Option<&'static str> {
    let contents = contents(folder);
    let mut forms = forms(word).into_iter();
    let found = forms.find(|(_, form)| holds(&contents, form));
    found.map(|(name, _)| name)
}

/// The forms in which a word could stand in a file, each with its name; none so short that chance would write it.
fn forms(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |order: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(order).collect();
    let mut forms = vec![
        ("plain", word.as_bytes().to_vec()),
        ("lower case", word.to_lowercase().into_bytes()),
        ("upper case", word.to_uppercase().into_bytes()),
        ("UTF-16, little end first", utf16(u16::to_le_bytes)),
        ("UTF-16, big end first", utf16(u16::to_be_bytes)),
        ("hexadecimal", HEXLOWER.encode(word.as_bytes()).into_bytes()),
    ];
    // The characters of base64 that depend on this word alone, at each of three places it can have.
    for skipped in 0..3 {
        let mut bytes = vec![0; skipped];
        bytes.extend(word.as_bytes());
        let whole = bytes.len() / 3 * 3;
        let encoded = BASE64.encode(&bytes[..whole]).into_bytes();
        forms.push(("base64", encoded[skipped.min(1) * 4..].to_vec()));
    }
    forms.retain(|(_, form)| form.len() >= 5);
    forms
}

/// The bytes of all files below a folder.
fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let files = files_below(folder);
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn holds(contents: &[Vec<u8>], form: &[u8]) -> bool {
    let is_here = |window: &[u8]| window[0] == form[0] && window == form;
    contents
        .iter()
        .any(|bytes| bytes.windows(form.len()).any(is_here))
}

#[test]
fn a_word_is_found_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let utf16: Vec<u8> = "xxFoundations"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let encoded = [
        "Foundations",
        "xFoundations",
        "xxFoundationsx",
        "xxxFoundationsxx",
    ]
    .map(|text| BASE64.encode(text.as_bytes()).into_bytes());
    let mut files = vec![
        b"of Foundations".to_vec(),
        b"foundations".to_vec(),
        utf16,
        b"466f756e646174696f6e73".to_vec(),
    ];
    files.extend(encoded);
    for bytes in files {
        fs::write(&file, &bytes).unwrap();
        let found = form_of("Foundations", folder.path());
        assert!(found.is_some(), "{:?}", String::from_utf8_lossy(&bytes));
    }
    fs::write(&file, "Foundation").unwrap();
    assert_eq!(form_of("Foundations", folder.path()), None);
}
