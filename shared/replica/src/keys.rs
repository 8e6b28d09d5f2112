//! Secrets of a device and of an invite, each derived from one 32-byte seed.

use ed25519_dalek::SigningKey;
use heqi_protocol::charter::{BoxKey, DeviceKeys};
use heqi_protocol::{DeviceId, InviteId};
use hkdf::Hkdf;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use sha2::Sha256;

/// The keys that a seed makes: one to sign with, one that boxes are addressed to.
#[derive(Clone)]
pub(crate) struct Secrets {
    seed: [u8; 32],
    sign: SigningKey,
    seal: <X25519HkdfSha256 as Kem>::PrivateKey,
    seal_public: BoxKey,
}

impl Secrets {
    pub(crate) fn from_seed(seed: [u8; 32]) -> Self {
        let sign = SigningKey::from_bytes(&expand(&seed, "heqi sign v1"));
        let (seal, public) = X25519HkdfSha256::derive_keypair(&expand(&seed, "heqi seal v1"));
        let seal_public = BoxKey(public.to_bytes().into());
        Self {
            seed,
            sign,
            seal,
            seal_public,
        }
    }

    pub(crate) const fn seed(&self) -> [u8; 32] {
        self.seed
    }

    pub(crate) const fn sign(&self) -> &SigningKey {
        &self.sign
    }

    pub(crate) const fn seal(&self) -> &<X25519HkdfSha256 as Kem>::PrivateKey {
        &self.seal
    }

    pub(crate) const fn box_key(&self) -> BoxKey {
        self.seal_public
    }

    pub(crate) fn device(&self) -> DeviceId {
        DeviceId(self.sign.verifying_key().to_bytes())
    }

    pub(crate) fn device_keys(&self) -> DeviceKeys {
        DeviceKeys {
            id: self.device(),
            seal: self.seal_public,
        }
    }

    pub(crate) fn invite(&self) -> InviteId {
        InviteId(self.sign.verifying_key().to_bytes())
    }
}

/// HKDF-SHA256 of a secret under a label.
pub(crate) fn expand(secret: &[u8; 32], label: &'static str) -> [u8; 32] {
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(None, secret)
        .expand(label.as_bytes(), &mut out)
        .expect("32 bytes is within what HKDF-SHA256 gives");
    out
}

/// The HPKE form of a public box key; `None` where the bytes are no key.
pub(crate) fn recipient(key: BoxKey) -> Option<<X25519HkdfSha256 as Kem>::PublicKey> {
    <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&key.0).ok()
}
