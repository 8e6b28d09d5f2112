use heqi_protocol::access::{AccessRule, Grant};
use heqi_protocol::charter::{
    Author, Charter, Content, DeviceKeys, Genesis, Rotate, SealedName, SetAccess, SetRoles,
};
use heqi_protocol::{Bytes, MemberId, PartyId, RelayKey, Role, Roles, VentureId};
use rand_chacha::rand_core::SeedableRng;

use super::*;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

fn genesis(founder: &Secrets, keys: Vec<NewKey>) -> Entry {
    let name = || SealedName {
        epoch: 0,
        nonce: [0; 24],
        sealed: Bytes::new(vec![0; 48]).unwrap(),
    };
    let genesis = Genesis {
        nonce: [7; 32],
        relay: RelayKey([1; 32]),
        name: name(),
        party: PartyId([1; 16]),
        party_name: name(),
        member: MemberId([1; 16]),
        member_name: name(),
        roles: Roles::new(&[Role::Pmo, Role::PartnerManager]),
        device: DeviceKeys {
            id: founder.device(),
            seal: founder.box_key(),
        },
        keys: List::new(keys).unwrap(),
    };
    let content = Content {
        version: heqi_protocol::charter::entry::CHARTER_VERSION,
        venture: VentureId([0; 32]),
        position: 0,
        prev: Hash::ZERO,
        author: Author::Device(founder.device()),
        body: Body::Genesis(genesis),
    };
    Entry::sign(&content, founder.sign()).unwrap()
}

/// The keys that a founder takes from a genesis whose boxes and commitments may lie.
fn taken(change: impl Fn(&mut NewKey)) -> Keyring {
    let founder = Secrets::from_seed([2; 32]);
    let mut rng = rng();
    let keys = [Space::Directory, Space::Plan].map(|space| {
        let key = SpaceKey::random(&mut rng);
        let mut new = first_key([7; 32], space, key, founder.box_key(), &mut rng);
        if space == Space::Plan {
            change(&mut new);
        }
        new
    });
    let entry = genesis(&founder, keys.to_vec());
    let charter = Charter::found(&entry).unwrap();
    let mut keyring = Keyring::default();
    keyring.take(charter.founding_nonce(), &entry, &founder);
    assert!(keyring.key(Space::Directory, 0).is_some());
    keyring
}

#[test]
fn a_boxed_key_is_taken_where_it_matches_its_commitment_only() {
    assert!(taken(|_| {}).key(Space::Plan, 0).is_some());
    let lied = taken(|new| new.commitment = Hash([1; 32]));
    assert!(lied.key(Space::Plan, 0).is_none());
}

#[test]
fn a_damaged_box_or_one_of_another_space_gives_no_key() {
    let change = |edit: fn(&mut KeyBox)| {
        taken(|new| {
            let mut boxes = new.boxes.to_vec();
            edit(&mut boxes[0]);
            new.boxes = List::new(boxes).unwrap();
        })
    };
    for keyring in [
        change(|key_box| key_box.sealed[0] ^= 1),
        change(|key_box| key_box.encapped[0] ^= 1),
        change(|key_box| key_box.encapped = [0; 32]),
    ] {
        assert!(keyring.key(Space::Plan, 0).is_none());
    }
    let founder = Secrets::from_seed([2; 32]);
    let key = SpaceKey::random(&mut rng());
    let new = first_key([7; 32], Space::Plan, key, founder.box_key(), &mut rng());
    let opened = |nonce, space, epoch| open_box(nonce, space, epoch, &new.boxes[0], &founder);
    assert!(opened([7; 32], Space::Plan, 0) == Some(key));
    assert!(opened([8; 32], Space::Plan, 0).is_none());
    assert!(opened([7; 32], Space::Risk, 0).is_none());
    assert!(opened([7; 32], Space::Plan, 1).is_none());
}

#[test]
fn a_key_is_boxed_for_its_recipient_alone() {
    let mut keyring = Keyring::default();
    let key = SpaceKey::random(&mut rng());
    keyring.insert(Space::Plan, 0, key);
    let to = Secrets::from_seed([3; 32]);
    let boxes = |spaces: &[(Space, u32)], to| {
        keyring.boxes_for([7; 32], spaces.iter().copied(), to, &mut rng())
    };
    let boxed = boxes(&[(Space::Plan, 0)], to.box_key()).unwrap();
    let opened = |secrets| open_box([7; 32], Space::Plan, 0, &boxed[0].key, secrets);
    assert!(opened(&to) == Some(key));
    assert!(opened(&Secrets::from_seed([4; 32])).is_none());
    assert!(boxes(&[(Space::Plan, 1)], to.box_key()).is_none());
    assert!(boxes(&[(Space::Plan, 0)], BoxKey([0; 32])).is_none());
}

#[test]
fn uses_of_a_key_have_keys_of_their_own() {
    let key = SpaceKey::random(&mut rng());
    assert_ne!(key.envelope(), key.name());
    assert_ne!(key.envelope(), key.0);
    assert_ne!(key.commitment().0, key.0);
}

#[test]
fn the_newest_key_opens_every_older_one() {
    let owner = Secrets::from_seed([3; 32]);
    let mut maker = Keyring::default();
    let mut reader = Keyring::default();
    let mut rng = rng();
    for epoch in 0..5 {
        let recipients = std::collections::BTreeSet::from([owner.box_key()]);
        let mut due = Due::default();
        due.rotated.insert(Space::Plan, (epoch, recipients));
        let made = maker.keys_for([7; 32], &due, &mut rng).unwrap();
        let taker = Taker {
            founding_nonce: [7; 32],
            secrets: &owner,
        };
        maker.take_new(&taker, &made.rotated);
        // A newcomer knows what was announced, and gets a box of the newest key alone.
        let last = epoch == 4;
        let other = Secrets::from_seed([4; 32]);
        let secrets = if last { &owner } else { &other };
        let taker = Taker { secrets, ..taker };
        reader.take_new(&taker, &made.rotated);
        assert_eq!(reader.key(Space::Plan, 0).is_some(), last);
    }
    for epoch in 0..5 {
        assert!(reader.key(Space::Plan, epoch) == maker.key(Space::Plan, epoch));
    }
    assert!(maker.key(Space::Plan, 0) != maker.key(Space::Plan, 4));
}

#[test]
fn an_older_key_that_a_rotation_left_out_is_sealed_again_by_who_has_it() {
    let (owner, newcomer) = (Secrets::from_seed([3; 32]), Secrets::from_seed([4; 32]));
    let mut maker = Keyring::default();
    let mut reader = Keyring::default();
    let mut rng = rng();
    for epoch in 0..4 {
        let mut recipients = std::collections::BTreeSet::from([owner.box_key()]);
        if epoch == 3 {
            recipients.insert(newcomer.box_key());
        }
        let mut due = Due::default();
        due.rotated.insert(Space::Plan, (epoch, recipients));
        let mut made = maker
            .keys_for([7; 32], &due, &mut rng)
            .unwrap()
            .rotated
            .into_vec();
        if epoch == 2
            && let Some(previous) = &mut made[0].previous
        {
            previous.sealed[0] ^= 1;
        }
        for (keyring, secrets) in [(&mut maker, &owner), (&mut reader, &newcomer)] {
            let taker = Taker {
                founding_nonce: [7; 32],
                secrets,
            };
            keyring.take_new(&taker, &made);
        }
    }
    let has =
        |keyring: &Keyring| [0, 1, 2, 3].map(|epoch| keyring.key(Space::Plan, epoch).is_some());
    assert_eq!(has(&maker), [true; 4]);
    assert_eq!(has(&reader), [false, false, true, true]);
    assert!(reader.is_cut_off([7; 32], Space::Plan, 1));
    assert!(
        reader
            .unreached([7; 32], Space::Plan, 3, &mut rng)
            .is_none()
    );
    let again = maker.unreached([7; 32], Space::Plan, 3, &mut rng).unwrap();
    for keyring in [&mut maker, &mut reader] {
        keyring.announce_again([7; 32], Space::Plan, 3, &again);
    }
    assert_eq!(has(&reader), [true; 4]);
    assert!(!reader.is_cut_off([7; 32], Space::Plan, 1));
    assert!(maker.unreached([7; 32], Space::Plan, 3, &mut rng).is_none());
}

/// Has the founder write an entry with the keys that the charter wants, made from their keyring.
fn write(charter: &mut Charter, keyring: &mut Keyring, founder: &Secrets, body: Body) {
    let mut content = Content {
        version: heqi_protocol::charter::entry::CHARTER_VERSION,
        venture: charter.venture(),
        position: charter.position(),
        prev: charter.head(),
        author: Author::Device(founder.device()),
        body: body.clone(),
    };
    let due = match body {
        Body::Rotate(_) => charter.owed_by(founder.device()),
        _ => charter.keys_due(&content).unwrap(),
    };
    let nonce = charter.founding_nonce();
    let keys = keyring.keys_for(nonce, &due, &mut rng()).unwrap();
    content.body = body.with_keys(keys);
    let entry = Entry::sign(&content, founder.sign()).unwrap();
    assert_eq!(charter.append(&entry), Ok(()));
    keyring.take(nonce, &entry, founder);
}

#[test]
fn who_comes_back_as_the_last_reader_of_a_space_gives_it_new_keys_and_its_history() {
    let founder = Secrets::from_seed([2; 32]);
    let spaces = [Space::Directory, Space::Plan, Space::Finance];
    let keys = spaces.map(|space| {
        let key = SpaceKey::random(&mut rng());
        first_key([7; 32], space, key, founder.box_key(), &mut rng())
    });
    let entry = genesis(&founder, keys.to_vec());
    let mut charter = Charter::found(&entry).unwrap();
    let mut keyring = Keyring::default();
    keyring.take(charter.founding_nonce(), &entry, &founder);
    let keys = Keys::default;
    // Nobody reads finance any more, then its last reader does again.
    let only = Roles::new(&[Role::Finance]);
    let rule = AccessRule {
        space: Space::Finance,
        party: Some(PartyId([1; 16])),
        grant: Some(Grant {
            read: only,
            write: only,
        }),
    };
    let narrow = Body::SetAccess(SetAccess {
        proposal: None,
        rules: List::new(vec![rule]).unwrap(),
        keys: keys(),
    });
    write(&mut charter, &mut keyring, &founder, narrow);
    assert!(charter.spaces()[&Space::Finance].is_due);
    let roles = Roles::new(&[Role::Pmo, Role::PartnerManager, Role::Finance]);
    let back = Body::SetRoles(SetRoles {
        member: MemberId([1; 16]),
        roles,
        keys: keys(),
    });
    write(&mut charter, &mut keyring, &founder, back);
    let rotation = Body::Rotate(Rotate { keys: keys() });
    write(&mut charter, &mut keyring, &founder, rotation);
    let newest = &charter.spaces()[&Space::Finance];
    assert!(newest.epoch == 1 && !newest.is_due);
    let reached = keyring.reached(charter.founding_nonce(), Space::Finance, 1);
    assert_eq!(reached.len(), 2, "the new key opens the one of before");
}
