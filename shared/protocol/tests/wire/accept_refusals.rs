//! Each reason for which an invite is not accepted, and the box keys that nobody may bring.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::montgomery::MontgomeryPoint;
use heqi_protocol::charter::{Accept, Body, BoxKey, DeviceKeys, Refused};
use heqi_protocol::{InviteId, List, MemberId, VentureId};

use super::arbitrary::Draw;
use super::charter_refusals::{refused, with_pending, wrong_boxes};
use super::samples::{
    accept, boxes, by_device, by_invite, device_keys, fold, founder, guest, guest_member, history,
    invite_key, key, name, public, seal_of,
};

#[test]
fn invite_is_accepted_once() {
    let charter = fold(&history());
    for (member, device) in [(guest_member(), guest()), (MemberId([0x22; 16]), key(9))] {
        let accept = accept(charter.venture(), &invite_key(), member, &device);
        let entry = by_invite(&charter, &invite_key(), Body::Accept(accept));
        refused(&charter, &entry, Refused::InviteSpent);
    }
}

#[test]
fn device_accepts_nothing_in_the_place_of_an_invite() {
    let charter = with_pending();
    let accept = accept(charter.venture(), &invite_key(), guest_member(), &guest());
    let entry = by_device(&charter, &founder(), Body::Accept(accept));
    refused(&charter, &entry, Refused::InviteSpent);
}

#[test]
fn proof_of_another_device_or_admission_is_refused() {
    let charter = with_pending();
    let (venture, id) = (charter.venture(), InviteId(public(&invite_key())));
    let (member, keys) = (guest_member(), device_keys(&guest()));
    let fit = || accept(venture, &invite_key(), member, &guest());
    let other_seal = DeviceKeys {
        seal: seal_of(&key(9)),
        ..keys
    };
    let prove = |accept: Accept, venture, id, key| accept.prove(venture, id, key).proof;
    let proofs = [
        prove(fit(), venture, id, &founder()),
        prove(fit(), venture, id, &invite_key()),
        prove(fit(), VentureId([0; 32]), id, &guest()),
        prove(fit(), venture, InviteId([0; 32]), &guest()),
        prove(
            Accept {
                member: MemberId([0; 16]),
                ..fit()
            },
            venture,
            id,
            &guest(),
        ),
        prove(
            Accept {
                device: other_seal,
                ..fit()
            },
            venture,
            id,
            &guest(),
        ),
        prove(
            Accept {
                name: name(0xff),
                ..fit()
            },
            venture,
            id,
            &guest(),
        ),
        prove(
            Accept {
                boxes: List::default(),
                ..fit()
            },
            venture,
            id,
            &guest(),
        ),
    ];
    for proof in proofs {
        let body = Body::Accept(Accept { proof, ..fit() });
        refused(
            &charter,
            &by_invite(&charter, &invite_key(), body),
            Refused::DeviceProof,
        );
    }
}

#[test]
fn acceptance_with_other_boxes_than_due_is_refused() {
    let charter = with_pending();
    let fit = || accept(charter.venture(), &invite_key(), guest_member(), &guest());
    for boxes in wrong_boxes(fit().device.seal) {
        let accept = Accept { boxes, ..fit() };
        let id = InviteId(public(&invite_key()));
        let body = Body::Accept(accept.prove(charter.venture(), id, &guest()));
        refused(
            &charter,
            &by_invite(&charter, &invite_key(), body),
            Refused::Boxes,
        );
    }
}

#[test]
fn device_whom_nothing_can_be_boxed_for_is_refused() {
    let charter = with_pending();
    let (venture, id) = (charter.venture(), InviteId(public(&invite_key())));
    for weak in low_order() {
        let device = DeviceKeys {
            seal: weak,
            ..device_keys(&guest())
        };
        let accept = Accept {
            device,
            boxes: boxes(weak),
            ..accept(venture, &invite_key(), guest_member(), &guest())
        };
        let accept = accept.prove(venture, id, &guest());
        let entry = by_invite(&charter, &invite_key(), Body::Accept(accept));
        refused(&charter, &entry, Refused::WeakKey);
    }
}

#[test]
fn keys_of_low_order_are_those_that_share_no_secret() {
    let contributes = |bytes: [u8; 32]| MontgomeryPoint(bytes).mul_clamped([7; 32]).0 != [0; 32];
    for weak in low_order() {
        assert!(!contributes(weak.0) && weak.is_low_order(), "{weak:?}");
    }
    let mut draw = Draw(1);
    for _ in 0..64 {
        let bytes = draw.array();
        assert_eq!(contributes(bytes), !BoxKey(bytes).is_low_order());
    }
    // Their neighbours: one bit away from a key of low order lies a good one, but for the bit that X25519 ignores.
    for weak in low_order() {
        for bit in 0..256 {
            let mut bytes = weak.0;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(contributes(bytes), !BoxKey(bytes).is_low_order());
        }
    }
}

/// Every encoding of every point whose order divides eight, on the curve and on its twist.
fn low_order() -> Vec<BoxKey> {
    let mut keys: Vec<[u8; 32]> = EIGHT_TORSION
        .iter()
        .map(|point| point.to_montgomery().0)
        .collect();
    // -1 is the point of order four of the twist; p and p + 1 are 0 and 1 again.
    for last in [0xec, 0xed, 0xee] {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (last, 0x7f);
        keys.push(bytes);
    }
    let ignored = keys.clone().into_iter().map(|mut bytes| {
        bytes[31] |= 0x80;
        bytes
    });
    keys.extend(ignored);
    keys.into_iter().map(BoxKey).collect()
}
