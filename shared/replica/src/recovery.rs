//! The recovery file: what brings a device back in an empty browser.
//!
//! It holds the device's secret. Keys, charter and documents come back from the relay with it.

use borsh::{BorshDeserialize, BorshSerialize};
use heqi_protocol::{Text, VentureId, decode, encode};

use crate::link::URL_BYTES_MAX;

const MAGIC: &[u8; 16] = b"heqi recovery 1\n";
const BYTES_MAX: usize = 4096;

#[derive(BorshSerialize, BorshDeserialize)]
pub(crate) struct RecoveryFile {
    pub(crate) relay_url: Text<URL_BYTES_MAX>,
    pub(crate) venture: VentureId,
    pub(crate) device_seed: [u8; 32],
}

/// Why a file brings nothing back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecoveryFile {
    #[error("this is not a recovery file of Heqi; choose the file that was saved as one")]
    NotOne,
    #[error("the recovery file is damaged; use another copy of it")]
    Damaged,
}

impl RecoveryFile {
    pub(crate) const fn new(
        relay_url: Text<URL_BYTES_MAX>,
        venture: VentureId,
        device_seed: [u8; 32],
    ) -> Self {
        Self {
            relay_url,
            venture,
            device_seed,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let body = encode(self);
        let mut file = MAGIC.to_vec();
        file.extend(heqi_protocol::sign::digest("heqi recovery file v1", &[&body]).0);
        file.extend(body);
        file
    }

    pub(crate) fn decode(file: &[u8]) -> Result<Self, BadRecoveryFile> {
        let rest = file
            .strip_prefix(MAGIC.as_slice())
            .ok_or(BadRecoveryFile::NotOne)?;
        let (hash, body) = rest
            .split_first_chunk::<32>()
            .ok_or(BadRecoveryFile::Damaged)?;
        if heqi_protocol::sign::digest("heqi recovery file v1", &[body]).0 != *hash {
            return Err(BadRecoveryFile::Damaged);
        }
        decode("recovery file", body, BYTES_MAX).map_err(|_| BadRecoveryFile::Damaged)
    }
}

#[cfg(test)]
mod tests;
