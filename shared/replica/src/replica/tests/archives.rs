//! Archives of a venture with a log, and what no byte of them can be changed to.

use std::collections::BTreeMap;

use heqi_protocol::frame::Sent;
use heqi_protocol::{FromRelay, Hash};

use super::desk::{Desk, envelopes};
use crate::archive::{Archive, ArchivedLog, Exported, Invalid, Listed, Verified, verify};
use crate::{Output, Reply, Request, envelope_key};

type Files = BTreeMap<String, Vec<u8>>;

/// A venture with two entries in its plan's log, the first acknowledged.
fn desk() -> Desk {
    let mut desk = Desk::settled();
    let mut point = desk.start();
    for (seq, name) in [(1, "Piling"), (2, "Deck")] {
        let body = envelopes(&desk.edit(name)).remove(0);
        desk.entries(seq, vec![Sent::Yours(body.hash())]);
        point = desk.after(point, body.hash());
        if seq == 1 {
            desk.frame(FromRelay::Ack(desk.ack_of(point)));
        }
    }
    desk
}

fn export(desk: &mut Desk) -> Files {
    desk.ask(Request::Archive);
    let archive: Archive = desk
        .outputs
        .iter()
        .rev()
        .find_map(|output| match output {
            Output::Reply(_, Ok(Reply::Archive(archive))) => Some(archive.clone()),
            _ => None,
        })
        .unwrap();
    let mut files: Files = archive.files.into_iter().collect();
    for log in archive.logs {
        let mut bytes = log.head();
        for (hash, position) in &log.entries {
            let envelope = desk.rows[&envelope_key(*hash)].clone();
            bytes.extend(ArchivedLog::entry(*position, envelope).unwrap());
        }
        files.insert(log.path, bytes);
    }
    listed(desk, files)
}

/// The files with a list that the desk signs of them, in the place of another.
fn listed(desk: &mut Desk, mut files: Files) -> Files {
    files.remove("manifest.heqi");
    let list = files.iter().map(|(path, file)| Listed::of(path, file));
    desk.ask(Request::SignArchive(list.collect()));
    let manifest = desk.outputs.iter().rev().find_map(|output| match output {
        Output::Reply(_, Ok(Reply::Manifest { path, file })) => Some((path.clone(), file.clone())),
        _ => None,
    });
    files.extend(manifest);
    files
}

fn path(files: &Files, end: &str) -> String {
    files
        .keys()
        .find(|path| path.ends_with(end))
        .unwrap()
        .clone()
}

#[test]
fn an_export_verifies_without_a_key() {
    let mut desk = desk();
    let files = export(&mut desk);
    let exported = Exported {
        device: desk.replica.directory().device.unwrap(),
        member: desk.replica.directory().me.unwrap(),
        removed: false,
        at_ms: desk.now,
    };
    let verified = Verified {
        charter_entries: 1,
        parties: 1,
        members: 1,
        devices: 1,
        documents: 1,
        envelopes: 2,
        acknowledged: 1,
    };
    assert_eq!(verify(&files), Ok((verified, exported)));
}

#[test]
fn no_byte_of_charter_or_log_can_be_changed() {
    let mut desk = desk();
    let mut files = export(&mut desk);
    files.retain(|path, _| !path.ends_with(".automerge"));
    for end in ["charter.heqi", ".log"] {
        let path = path(&files, end);
        for at in 0..files[&path].len() {
            let mut changed = files.clone();
            changed.get_mut(&path).unwrap()[at] ^= 1 << (at % 8);
            // Not even by who exports.
            let changed = listed(&mut desk, changed);
            assert!(verify(&changed).is_err(), "{path}, byte {at}");
        }
    }
}

#[test]
fn no_file_of_an_export_can_be_exchanged_left_out_or_added() {
    let mut desk = desk();
    let files = export(&mut desk);
    assert!(verify(&files).is_ok());
    // Another document that is sound by itself.
    let envelope = envelopes(&desk.edit("Caps")).remove(0);
    desk.entries(3, vec![Sent::Yours(envelope.hash())]);
    let later = export(&mut desk);
    let document = path(&files, ".automerge");
    let mut exchanged = files.clone();
    exchanged.insert(document.clone(), later[&document].clone());
    assert_ne!(exchanged, files);
    let changed = Err(Invalid::Changed { path: document });
    assert_eq!(verify(&exchanged), changed);
    for left_out in [path(&files, ".log"), "README.txt".to_owned()] {
        let mut rest = files.clone();
        rest.remove(&left_out);
        assert_eq!(verify(&rest), Err(Invalid::Missing { path: left_out }));
    }
    let mut more = files.clone();
    more.insert("plan/notes.txt".to_owned(), Vec::new());
    assert!(matches!(verify(&more), Err(Invalid::Unlisted { .. })));
    let mut bare = files.clone();
    bare.remove("manifest.heqi");
    assert_eq!(verify(&bare), Err(Invalid::NoManifest));
}

#[test]
fn no_byte_of_the_list_can_be_changed_and_nobody_else_signs_it() {
    let mut desk = desk();
    let files = export(&mut desk);
    for at in 0..files["manifest.heqi"].len() {
        let mut changed = files.clone();
        changed.get_mut("manifest.heqi").unwrap()[at] ^= 1 << (at % 8);
        assert!(verify(&changed).is_err(), "byte {at}");
    }
    let list = files.iter().filter(|(path, _)| *path != "manifest.heqi");
    let list = list.map(|(path, file)| Listed::of(path, file)).collect();
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let venture = desk.replica.venture().unwrap();
    let forged = crate::archive::signed(venture, &stranger, 1, list);
    let forged: Files = files.into_iter().chain([forged]).collect();
    assert_eq!(verify(&forged), Err(Invalid::Exporter));
}

#[test]
fn a_file_that_is_cut_short_goes_on_or_is_missing_is_told_by_name() {
    let files = export(&mut desk());
    for end in ["charter.heqi", ".log"] {
        let path = path(&files, end);
        let mut cut = files.clone();
        cut.get_mut(&path).unwrap().pop();
        assert!(verify(&cut).is_err());
        let mut longer = files.clone();
        longer.get_mut(&path).unwrap().push(0);
        assert!(
            matches!(verify(&longer), Err(Invalid::Unreadable { path: named, .. }) if named == path)
        );
    }
    let mut none = files.clone();
    none.remove("charter.heqi");
    assert!(matches!(verify(&none), Err(Invalid::Missing { .. })));
    let mut document = files.clone();
    let path = path(&files, ".automerge");
    document.insert(path, b"no document".to_vec());
    assert!(matches!(verify(&document), Err(Invalid::Changed { .. })));
}

#[test]
fn entries_that_change_places_do_not_verify() {
    let mut desk = desk();
    let files = export(&mut desk);
    let log = path(&files, ".log");
    let bytes = &files[&log];
    let item = |hash: Hash| {
        let envelope = desk.rows[&envelope_key(hash)].clone();
        ArchivedLog::entry(1, envelope).unwrap()
    };
    let hashes: Vec<Hash> = desk
        .replica
        .papers
        .values()
        .flat_map(|paper| paper.log.iter().map(|place| place.hash))
        .collect();
    let items: usize = hashes.iter().map(|hash| item(*hash).len()).sum();
    let mut swapped = bytes[..bytes.len() - items].to_vec();
    swapped.extend(item(hashes[1]));
    swapped.extend(item(hashes[0]));
    let mut files = files.clone();
    files.insert(log, swapped);
    assert!(matches!(
        verify(&files),
        Err(Invalid::Acknowledgement { .. })
    ));
}

#[test]
fn an_export_while_a_restored_relay_lacks_entries_verifies_too() {
    let mut desk = desk().reopened();
    desk.incarnation.number += 1;
    desk.greet();
    let start = desk.start();
    desk.subscribed(start, start);
    let (verified, _) = verify(&export(&mut desk)).unwrap();
    assert_eq!((verified.envelopes, verified.acknowledged), (0, 0));
}
