//! Each reason for which a genesis founds nothing.

use heqi_protocol::charter::entry::SealedKey;
use heqi_protocol::charter::{Author, BoxKey, Content, Entry, Genesis, KeyBox, NewKey, Refused};
use heqi_protocol::sign::BadSignature;
use heqi_protocol::{Charter, Hash, List, PartyId, Role, Roles, Space, VentureId};

use super::samples::{
    device, device_keys, founder, genesis, genesis_content, genesis_entry, guest, history, key,
    key_box, name, new_key, seal_of,
};

#[test]
fn genesis_founds_a_venture_named_by_its_hash() {
    let entry = genesis_entry();
    let charter = Charter::found(&entry).unwrap();
    assert_eq!(charter.venture().0, entry.hash().0);
    assert_eq!((charter.position(), charter.head()), (1, entry.hash()));
}

#[test]
fn founding_entry_out_of_place_is_refused() {
    let base = || genesis_content(genesis());
    let stranger = Author::Device(device(&guest()));
    let position = Refused::NotNext { position: 0 };
    for (content, reason) in [
        (
            Content {
                position: 1,
                ..base()
            },
            position.clone(),
        ),
        (
            Content {
                prev: Hash([1; 32]),
                ..base()
            },
            position,
        ),
        (
            Content {
                venture: VentureId([1; 32]),
                ..base()
            },
            Refused::OtherVenture,
        ),
        (
            Content {
                author: stranger,
                ..base()
            },
            Refused::UnknownAuthor,
        ),
    ] {
        let entry = Entry::sign(&content, &founder()).unwrap();
        assert_eq!(Charter::found(&entry), Err(reason));
    }
    let later = Charter::found(&history()[1]);
    assert_eq!(later, Err(Refused::GenesisMisplaced));
}

#[test]
fn genesis_signed_by_another_key_is_refused() {
    let entry = Entry::sign(&genesis_content(genesis()), &guest()).unwrap();
    assert_eq!(
        Charter::found(&entry),
        Err(Refused::Signature(BadSignature))
    );
}

#[test]
fn founder_without_a_role_is_refused() {
    let roles = Roles::new(&[]);
    refused(Genesis { roles, ..genesis() }, Refused::NoRole);
}

#[test]
fn founder_whom_nothing_can_be_boxed_for_is_refused() {
    let weak = BoxKey([0; 32]);
    let device = heqi_protocol::charter::DeviceKeys {
        seal: weak,
        ..device_keys(&founder())
    };
    let keys = [Space::Directory, Space::Plan].map(|space| new_key(space, weak));
    let keys = List::new(keys.to_vec()).unwrap();
    refused(
        Genesis {
            device,
            keys,
            ..genesis()
        },
        Refused::WeakKey,
    );
}

#[test]
fn name_under_an_unknown_epoch_is_refused() {
    let later = || heqi_protocol::charter::SealedName {
        epoch: 1,
        ..name(0)
    };
    refused(
        Genesis {
            name: later(),
            ..genesis()
        },
        Refused::NameEpoch,
    );
    refused(
        Genesis {
            party_name: later(),
            ..genesis()
        },
        Refused::NameEpoch,
    );
    refused(
        Genesis {
            member_name: later(),
            ..genesis()
        },
        Refused::NameEpoch,
    );
}

#[test]
fn keys_that_are_not_the_founders_first_are_refused() {
    let own = device_keys(&founder()).seal;
    let other = seal_of(&key(9));
    let plan = || new_key(Space::Plan, own);
    let boxed = |boxes: Vec<KeyBox>| NewKey {
        boxes: List::new(boxes).unwrap(),
        ..plan()
    };
    let previous = Some(SealedKey {
        nonce: [0; 24],
        sealed: [0; 48],
    });
    let wrong = [
        vec![],
        vec![plan()],
        vec![new_key(Space::Directory, own)],
        with_directory(vec![plan(), plan()]),
        with_directory(vec![NewKey { epoch: 1, ..plan() }]),
        with_directory(vec![NewKey { previous, ..plan() }]),
        with_directory(vec![boxed(vec![])]),
        with_directory(vec![boxed(vec![key_box(other, 0)])]),
        with_directory(vec![boxed(vec![key_box(own, 0), key_box(own, 1)])]),
        with_directory(vec![boxed(vec![key_box(own, 0), key_box(other, 0)])]),
    ];
    for keys in wrong {
        let keys = List::new(keys).unwrap();
        refused(Genesis { keys, ..genesis() }, Refused::Boxes);
    }
}

#[test]
fn founder_keys_no_space_that_they_may_not_read() {
    let own = device_keys(&founder()).seal;
    let with = |space| {
        let keys = vec![new_key(Space::Plan, own), new_key(space, own)];
        List::new(with_directory(keys)).unwrap()
    };
    let private = Space::Private(genesis().party);
    let keys = with(private);
    assert!(found(Genesis { keys, ..genesis() }).is_ok());
    let keys = with(Space::Private(PartyId([0x11; 16])));
    refused(Genesis { keys, ..genesis() }, Refused::Boxes);
    let (keys, roles) = (with(Space::Finance), Roles::new(&[Role::Viewer]));
    refused(
        Genesis {
            keys,
            roles,
            ..genesis()
        },
        Refused::Boxes,
    );
}

fn with_directory(mut keys: Vec<NewKey>) -> Vec<NewKey> {
    keys.push(new_key(Space::Directory, device_keys(&founder()).seal));
    keys
}

fn found(genesis: Genesis) -> Result<Charter, Refused> {
    let entry = Entry::sign(&genesis_content(genesis), &founder()).unwrap();
    Charter::found(&entry)
}

fn refused(genesis: Genesis, reason: Refused) {
    assert_eq!(found(genesis), Err(reason));
}
