//! A manager whose rotations box garbage for one device.

use ed25519_dalek::SigningKey;
use heqi_protocol::charter::{Body, BoxKey, Entry, Rotate};
use heqi_protocol::{Bytes, List, ToRelay};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::device::Device;

/// What a device sends instead of its rotations: the same, signed as well, but for one box.
pub struct BadBoxes {
    key: SigningKey,
    victim: BoxKey,
}

impl BadBoxes {
    /// Made by who owns that device, and so has its key.
    pub fn by(device: &Device, victim: BoxKey) -> Self {
        let id = device.replica().device();
        let seeds = device.rows.values().flat_map(|row| row.windows(32));
        let mut keys = seeds.map(signing_key);
        let key = keys.find(|key| key.verifying_key().to_bytes() == id.0);
        Self {
            key: key.expect("the seed is in the store of the device"),
            victim,
        }
    }

    /// The frame, with garbage boxed where it rotates.
    pub fn instead_of(&self, frame: Vec<u8>) -> Vec<u8> {
        let Ok(ToRelay::Amend(bytes)) = ToRelay::decode(&frame) else {
            return frame;
        };
        let entry = Entry::decode(&bytes).expect("the replica has signed it");
        let mut content = entry.content().clone();
        let Body::Rotate(Rotate { keys }) = &mut content.body else {
            return frame;
        };
        let mut rotated = std::mem::take(&mut keys.rotated).into_vec();
        for new in &mut rotated {
            let mut boxes = std::mem::take(&mut new.boxes).into_vec();
            for key_box in boxes.iter_mut().filter(|it| it.recipient == self.victim) {
                key_box.sealed = [9; 48];
            }
            new.boxes = List::new(boxes).expect("there are as many as before");
        }
        keys.rotated = List::new(rotated).expect("there are as many as before");
        let entry = Entry::sign(&content, &self.key).expect("it is as long as before");
        let bytes = Bytes::new(entry.bytes().to_vec()).expect("it is as long as before");
        ToRelay::Amend(bytes).encode()
    }
}

/// The key that a device makes of its seed.
fn signing_key(seed: &[u8]) -> SigningKey {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, seed)
        .expand(b"heqi sign v1", &mut key)
        .expect("32 bytes is within what HKDF-SHA256 gives");
    SigningKey::from_bytes(&key)
}
