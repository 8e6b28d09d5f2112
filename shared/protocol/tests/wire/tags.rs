//! Every variant of every enumeration has a sample: the tags of the samples are contiguous and the next one is unknown.

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use heqi_protocol::charter::{Body, OfferKind};
use heqi_protocol::frame::{Attested, Sent};
use heqi_protocol::{Hash, Role, Roles, decode, encode};

use super::values::{
    AMEND_REFUSALS, MISBEHAVIOURS, NACK_REASONS, SPACES, UNAVAILABLE, ack, authors, charter_ack,
    from_relay, predecessors, to_relay, who,
};
use super::whole::{actions, targets, whole_history};

#[test]
fn samples_cover_every_tag() {
    covered(&SPACES);
    covered(&Role::ALL);
    covered(&MISBEHAVIOURS);
    covered(&NACK_REASONS);
    covered(&AMEND_REFUSALS);
    covered(&UNAVAILABLE);
    covered(&who());
    covered(&authors());
    covered(&predecessors().map(|(_, prev)| prev));
    covered(&[Attested::Log(ack()), Attested::Charter(charter_ack())]);
    covered(&[Sent::Whole(Default::default()), Sent::Yours(Hash::ZERO)]);
    covered(&values(to_relay()));
    covered(&values(from_relay()));
    let bodies: Vec<Body> = whole_history()
        .iter()
        .map(|(_, entry)| entry.content().body.clone())
        .collect();
    covered(&bodies);
    covered(&actions());
    covered(&targets());
    covered(&[OfferKind::Device, OfferKind::Recovery]);
}

#[test]
fn set_of_roles_refuses_an_unknown_bit() {
    let known = encode(&Roles::new(&Role::ALL));
    assert_eq!(known, [0b11_1111]);
    for bits in 0b100_0000..=u8::MAX {
        assert!(decode::<Roles>("roles", &[bits], 1).is_err());
    }
}

#[test]
fn names_of_roles_lead_back_to_them() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.name()), Some(role));
    }
    assert_eq!(Role::parse("PMO"), None);
}

fn values<N, T>(named: Vec<(N, T)>) -> Vec<T> {
    named.into_iter().map(|(_, value)| value).collect()
}

fn covered<T: BorshSerialize + BorshDeserialize>(samples: &[T]) {
    let what = std::any::type_name::<T>();
    let tags: BTreeSet<u8> = samples.iter().map(|value| encode(value)[0]).collect();
    let count = u8::try_from(tags.len()).unwrap();
    assert_eq!(tags, (0..count).collect(), "{what}");
    let Err(error) = decode::<T>("value", &[count], 1) else {
        panic!("{what}: {count} has no sample");
    };
    assert!(error.reason.contains("variant tag"), "{what}: {error}");
}
