//! Keys of spaces: made, boxed for recipients, opened from boxes.
//!
//! A key is taken only if it matches the commitment in the charter. It encrypts nothing itself: each use has a key
//! derived from it under a label of its own.

use std::collections::BTreeMap;

use heqi_protocol::charter::{Body, BoxKey, Charter, Entry, KeyBox, NewKey, SpaceBox};
use heqi_protocol::sign::digest;
use heqi_protocol::{Hash, List, Space, encode};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;

use crate::keys::{Secrets, expand, recipient};

const COMMITMENT: &str = "heqi key commitment v1";

/// The key of a space in one epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpaceKey([u8; 32]);

impl SpaceKey {
    pub(crate) fn random(rng: &mut ChaCha20Rng) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self(key)
    }

    pub(crate) fn commitment(&self) -> Hash {
        digest(COMMITMENT, &[&self.0])
    }

    /// The key that seals envelopes.
    pub(crate) fn envelope(&self) -> [u8; 32] {
        expand(&self.0, "heqi envelope v1")
    }

    /// The key that seals names in the charter.
    pub(crate) fn name(&self) -> [u8; 32] {
        expand(&self.0, "heqi name v1")
    }
}

/// The keys a device has, by space and epoch.
#[derive(Clone, Default)]
pub(crate) struct Keyring {
    keys: BTreeMap<(Space, u32), SpaceKey>,
}

impl Keyring {
    pub(crate) fn insert(&mut self, space: Space, epoch: u32, key: SpaceKey) {
        self.keys.insert((space, epoch), key);
    }

    pub(crate) fn key(&self, space: Space, epoch: u32) -> Option<SpaceKey> {
        self.keys.get(&(space, epoch)).copied()
    }

    /// Takes the keys that `entry`, which `charter` has just folded, boxes for the holder of `secrets`.
    pub(crate) fn take(&mut self, charter: &Charter, entry: &Entry, secrets: &Secrets) {
        match &entry.content().body {
            Body::Genesis(genesis) => {
                for new in genesis.keys.iter() {
                    for key_box in new.boxes.iter() {
                        self.open(charter, new.space, new.epoch, key_box, secrets);
                    }
                }
            }
            Body::Invite(invite) => self.take_boxes(charter, &invite.boxes, secrets),
            Body::Accept(accept) => self.take_boxes(charter, &accept.boxes, secrets),
            Body::AdmitParty(_) => {}
        }
    }

    fn take_boxes(&mut self, charter: &Charter, boxes: &[SpaceBox], secrets: &Secrets) {
        for space_box in boxes {
            self.open(
                charter,
                space_box.space,
                space_box.epoch,
                &space_box.key,
                secrets,
            );
        }
    }

    fn open(
        &mut self,
        charter: &Charter,
        space: Space,
        epoch: u32,
        key_box: &KeyBox,
        secrets: &Secrets,
    ) {
        if key_box.recipient != secrets.box_key() {
            return;
        }
        let Some(key) = open_box(charter.founding_nonce(), space, epoch, key_box, secrets) else {
            return;
        };
        let committed = charter
            .spaces()
            .get(&space)
            .filter(|known| known.epoch == epoch);
        if committed.is_some_and(|known| known.commitment == key.commitment()) {
            self.insert(space, epoch, key);
        }
    }

    /// Boxes the newest keys of `spaces` for `recipient`; `None` where a key is missing or the recipient's key is bad.
    pub(crate) fn boxes_for(
        &self,
        founding_nonce: [u8; 32],
        spaces: impl IntoIterator<Item = (Space, u32)>,
        to: BoxKey,
        rng: &mut ChaCha20Rng,
    ) -> Option<Vec<SpaceBox>> {
        spaces
            .into_iter()
            .map(|(space, epoch)| {
                let key = self.key(space, epoch)?;
                let key = seal_box(founding_nonce, space, epoch, key, to, rng)?;
                Some(SpaceBox { space, epoch, key })
            })
            .collect()
    }
}

/// The first key of a space, boxed for its founder.
pub(crate) fn first_key(
    founding_nonce: [u8; 32],
    space: Space,
    key: SpaceKey,
    founder: BoxKey,
    rng: &mut ChaCha20Rng,
) -> NewKey {
    let key_box = seal_box(founding_nonce, space, 0, key, founder, rng)
        .expect("the founder's key was just made from a seed");
    NewKey {
        space,
        epoch: 0,
        commitment: key.commitment(),
        previous: None,
        boxes: List::new(vec![key_box]).expect("one box is within the limit"),
    }
}

fn info(founding_nonce: [u8; 32], space: Space, epoch: u32) -> Vec<u8> {
    let mut info = b"heqi key box v1".to_vec();
    info.extend(encode(&(founding_nonce, space, epoch)));
    info
}

fn seal_box(
    founding_nonce: [u8; 32],
    space: Space,
    epoch: u32,
    key: SpaceKey,
    to: BoxKey,
    rng: &mut ChaCha20Rng,
) -> Option<KeyBox> {
    let (encapped, sealed) =
        hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient(to)?,
            &info(founding_nonce, space, epoch),
            &key.0,
            &[],
            rng,
        )
        .ok()?;
    Some(KeyBox {
        recipient: to,
        encapped: encapped.to_bytes().into(),
        sealed: sealed.try_into().ok()?,
    })
}

fn open_box(
    founding_nonce: [u8; 32],
    space: Space,
    epoch: u32,
    key_box: &KeyBox,
    secrets: &Secrets,
) -> Option<SpaceKey> {
    let encapped = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&key_box.encapped).ok()?;
    let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        secrets.seal(),
        &encapped,
        &info(founding_nonce, space, epoch),
        &key_box.sealed,
        &[],
    )
    .ok()?;
    Some(SpaceKey(key.try_into().ok()?))
}

#[cfg(test)]
mod tests;
