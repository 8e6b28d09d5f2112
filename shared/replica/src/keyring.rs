//! Keys of spaces: made, boxed for recipients, opened from boxes.
//!
//! A key is taken only if it matches the commitment in the charter. It encrypts nothing itself: each use has a key
//! derived from it under a label of its own.

use std::collections::BTreeMap;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use heqi_protocol::charter::{Body, BoxKey, Due, Entry, KeyBox, Keys, NewKey, SealedKey, SpaceBox};
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

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> [u8; 32] {
        self.0
    }

    pub(crate) fn commitment(&self) -> Hash {
        digest(COMMITMENT, &[&self.0])
    }

    /// The key that seals envelopes.
    pub(crate) fn envelope(&self) -> [u8; 32] {
        expand(&self.0, "heqi envelope v1")
    }

    /// The key that seals the key of the epoch before.
    fn previous(&self) -> [u8; 32] {
        expand(&self.0, "heqi previous key v1")
    }

    /// The key that seals names in the charter.
    pub(crate) fn name(&self) -> [u8; 32] {
        expand(&self.0, "heqi name v1")
    }
}

/// The keys a device has, by space and epoch, and what the charter says of each epoch.
#[derive(Clone, Default)]
pub(crate) struct Keyring {
    keys: BTreeMap<(Space, u32), SpaceKey>,
    epochs: BTreeMap<(Space, u32), Announced>,
}

/// What an entry said of an epoch.
#[derive(Clone)]
struct Announced {
    commitment: Hash,
    /// Older keys sealed under this one: by the rotation, and again by others.
    previous: Vec<SealedKey>,
}

impl Keyring {
    pub(crate) fn key(&self, space: Space, epoch: u32) -> Option<SpaceKey> {
        self.keys.get(&(space, epoch)).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Notes an epoch of one's own making before its entry is in the charter.
    #[cfg(test)]
    pub(crate) fn insert(&mut self, space: Space, epoch: u32, key: SpaceKey) {
        self.keys.insert((space, epoch), key);
    }

    /// Takes the keys that `entry`, which the charter has folded, boxes for the holder of `secrets`, and those that
    /// the new ones open.
    pub(crate) fn take(&mut self, founding_nonce: [u8; 32], entry: &Entry, secrets: &Secrets) {
        let taker = Taker {
            founding_nonce,
            secrets,
        };
        match &entry.content().body {
            Body::Genesis(genesis) => self.take_new(&taker, &genesis.keys),
            Body::Invite(invite) => self.take_boxes(&taker, &invite.boxes),
            Body::Accept(accept) => self.take_boxes(&taker, &accept.boxes),
            Body::Offer(offer) => self.take_boxes(&taker, &offer.boxes),
            Body::AddDevice(add) => self.take_boxes(&taker, &add.boxes),
            Body::Rechain(it) => {
                self.announce_again(founding_nonce, it.space, it.epoch, &it.previous);
            }
            body => {
                if let Some(keys) = body.keys() {
                    self.take_new(&taker, &keys.rotated);
                    self.take_boxes(&taker, &keys.boxes);
                }
            }
        }
    }

    fn announce_again(
        &mut self,
        founding_nonce: [u8; 32],
        space: Space,
        epoch: u32,
        sealed: &SealedKey,
    ) {
        if let Some(announced) = self.epochs.get_mut(&(space, epoch)) {
            announced.previous.push(sealed.clone());
            self.unchain(founding_nonce, space, epoch);
        }
    }

    fn take_new(&mut self, taker: &Taker<'_>, keys: &[NewKey]) {
        for new in keys {
            let announced = Announced {
                commitment: new.commitment,
                previous: new.previous.iter().cloned().collect(),
            };
            self.epochs.insert((new.space, new.epoch), announced);
            for key_box in new.boxes.iter() {
                self.open(taker, new.space, new.epoch, key_box);
            }
        }
    }

    fn take_boxes(&mut self, taker: &Taker<'_>, boxes: &[SpaceBox]) {
        for space_box in boxes {
            self.open(taker, space_box.space, space_box.epoch, &space_box.key);
        }
    }

    fn open(&mut self, taker: &Taker<'_>, space: Space, epoch: u32, key_box: &KeyBox) {
        if key_box.recipient != taker.secrets.box_key() || self.keys.contains_key(&(space, epoch)) {
            return;
        }
        let opened = open_box(taker.founding_nonce, space, epoch, key_box, taker.secrets);
        if let Some(key) = opened.filter(|key| self.is_committed(space, epoch, *key)) {
            self.keys.insert((space, epoch), key);
            self.unchain(taker.founding_nonce, space, epoch);
        }
    }

    /// Space and epoch of every key held, and whether the key is the one that the charter names.
    pub(crate) fn checked(&self) -> impl Iterator<Item = (Space, u32, bool)> {
        let keys = self.keys.iter();
        keys.map(|((space, epoch), key)| (*space, *epoch, self.is_committed(*space, *epoch, *key)))
    }

    fn is_committed(&self, space: Space, epoch: u32, key: SpaceKey) -> bool {
        let announced = self.epochs.get(&(space, epoch));
        announced.is_some_and(|announced| announced.commitment == key.commitment())
    }

    /// Opens older keys from a newer one, as far back as they go.
    fn unchain(&mut self, founding_nonce: [u8; 32], space: Space, from: u32) {
        let reached = self.reached(founding_nonce, space, from);
        self.keys.extend(
            reached
                .into_iter()
                .map(|(epoch, key)| ((space, epoch), key)),
        );
    }

    /// The keys that whoever gets that one opens with it, itself included.
    fn reached(
        &self,
        founding_nonce: [u8; 32],
        space: Space,
        from: u32,
    ) -> BTreeMap<u32, SpaceKey> {
        let mut reached = BTreeMap::new();
        let mut next: Vec<_> = self
            .key(space, from)
            .map(|key| (from, key))
            .into_iter()
            .collect();
        while let Some((epoch, key)) = next.pop() {
            if reached.insert(epoch, key).is_some() {
                continue;
            }
            let announced = self.epochs.get(&(space, epoch));
            let sealed = announced.map_or(&[][..], |announced| &announced.previous);
            let opened = sealed
                .iter()
                .filter_map(|sealed| open_previous(founding_nonce, space, epoch, sealed, key));
            // Usually that of the epoch just before; further back where that one's key was in doubt.
            next.extend(opened.filter_map(|before| {
                let commitment = before.commitment();
                let mut older = self.epochs.range((space, 0)..(space, epoch));
                let ((_, older), _) = older.rfind(|(_, it)| it.commitment == commitment)?;
                Some((*older, before))
            }));
        }
        reached
    }

    /// True where an older key was sealed under one that is here, and none that the charter names came out.
    pub(crate) fn is_cut_off(&self, founding_nonce: [u8; 32], space: Space, older: u32) -> bool {
        let newer = self.keys.range((space, older + 1)..=(space, u32::MAX));
        let mut newer = newer.map(|((_, epoch), _)| *epoch);
        let is_missing = self.key(space, older).is_none();
        newer.next().filter(|_| is_missing).is_some_and(|epoch| {
            let claims = self.epochs.get(&(space, epoch));
            claims.is_some_and(|claims| !claims.previous.is_empty())
                && self.reached(founding_nonce, space, epoch).len() == 1
        })
    }

    /// The newest key before `epoch` that is here and that the key of that epoch does not open for others, sealed under
    /// it.
    pub(crate) fn unreached(
        &self,
        founding_nonce: [u8; 32],
        space: Space,
        epoch: u32,
        rng: &mut ChaCha20Rng,
    ) -> Option<SealedKey> {
        let key = self.key(space, epoch)?;
        let reached = self.reached(founding_nonce, space, epoch);
        let mut older = self.keys.range((space, 0)..(space, epoch));
        let (_, before) = older.rfind(|((_, older), _)| !reached.contains_key(older))?;
        Some(seal_previous(
            founding_nonce,
            space,
            epoch,
            *before,
            key,
            rng,
        ))
    }

    /// The keys that `other` has not, or has others for.
    pub(crate) fn beyond(&self, other: &Self) -> Vec<((Space, u32), SpaceKey)> {
        let keys = self.keys.iter().map(|(place, key)| (*place, *key));
        keys.filter(|(place, key)| other.keys.get(place) != Some(key))
            .collect()
    }

    /// The newest epoch of a space whose key is here.
    pub(crate) fn newest(&self, space: Space) -> Option<u32> {
        let mut keys = self.keys.range((space, 0)..=(space, u32::MAX));
        keys.next_back().map(|((_, epoch), _)| *epoch)
    }

    /// The newest key before `epoch` that is here.
    fn before(&self, space: Space, epoch: u32) -> Option<SpaceKey> {
        let mut older = self.keys.range((space, 0)..(space, epoch));
        older.next_back().map(|(_, key)| *key)
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

    /// Makes the keys that an entry must bring; `None` where this device lacks one of them.
    pub(crate) fn keys_for(
        &self,
        founding_nonce: [u8; 32],
        due: &Due,
        rng: &mut ChaCha20Rng,
    ) -> Option<Keys> {
        let mut rotated = Vec::new();
        for (space, (epoch, recipients)) in &due.rotated {
            let key = SpaceKey::random(rng);
            let before = self.before(*space, *epoch);
            let previous = before
                .map(|before| seal_previous(founding_nonce, *space, *epoch, before, key, rng));
            let boxes: Option<Vec<_>> = recipients
                .iter()
                .map(|to| seal_box(founding_nonce, *space, *epoch, key, *to, rng))
                .collect();
            rotated.push(NewKey {
                space: *space,
                epoch: *epoch,
                commitment: key.commitment(),
                previous,
                boxes: List::new(boxes?).ok()?,
            });
        }
        let mut boxes = Vec::new();
        for (space, (epoch, recipients)) in &due.boxes {
            for to in recipients {
                boxes.extend(self.boxes_for(founding_nonce, [(*space, *epoch)], *to, rng)?);
            }
        }
        Some(Keys {
            rotated: List::new(rotated).ok()?,
            boxes: List::new(boxes).ok()?,
        })
    }
}

/// Who opens boxes, and the venture they are of.
struct Taker<'a> {
    founding_nonce: [u8; 32],
    secrets: &'a Secrets,
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

fn seal_previous(
    founding_nonce: [u8; 32],
    space: Space,
    epoch: u32,
    before: SpaceKey,
    under: SpaceKey,
    rng: &mut ChaCha20Rng,
) -> SealedKey {
    let mut nonce = [0; 24];
    rng.fill_bytes(&mut nonce);
    let payload = Payload {
        msg: &before.0,
        aad: &encode(&(founding_nonce, space, epoch)),
    };
    let sealed = XChaCha20Poly1305::new(&under.previous().into())
        .encrypt(&nonce.into(), payload)
        .expect("a key is far below the cipher's limit");
    SealedKey {
        nonce,
        sealed: sealed.try_into().expect("32 bytes of key and 16 of tag"),
    }
}

fn open_previous(
    founding_nonce: [u8; 32],
    space: Space,
    epoch: u32,
    sealed: &SealedKey,
    under: SpaceKey,
) -> Option<SpaceKey> {
    let payload = Payload {
        msg: &sealed.sealed,
        aad: &encode(&(founding_nonce, space, epoch)),
    };
    let key = XChaCha20Poly1305::new(&under.previous().into())
        .decrypt(&sealed.nonce.into(), payload)
        .ok()?;
    Some(SpaceKey(key.try_into().ok()?))
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
