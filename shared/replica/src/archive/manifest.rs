//! The list of an archive's files, signed by the device that exports.
//!
//! ```text
//! magic      16 bytes, "heqi manifest 1\n"
//! manifest   venture, device, time, and each file's path, length and SHA-256
//! signature  64 bytes, by the device
//! ```
//!
//! It holds together what stands in no log: that nothing was left out, added or exchanged since.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::SigningKey;
use heqi_protocol::charter::Charter;
use heqi_protocol::ids::VentureId;
use heqi_protocol::sign::{sign, verify};
use heqi_protocol::{DeviceId, Hash, MemberId, Signature, Text, encode};
use sha2::{Digest, Sha256};

use super::Invalid;

pub(super) const FILE: &str = "manifest.heqi";
const MAGIC: &[u8; 16] = b"heqi manifest 1\n";
const SIGN: &str = "heqi export manifest v1";
const SIGNATURE_BYTES: usize = 64;
const PATH_BYTES_MAX: usize = 256;

/// A file as the list has it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Listed {
    path: Text<PATH_BYTES_MAX>,
    bytes: u64,
    sha256: Hash,
}

/// A file that is being written.
pub struct Listing {
    path: Text<PATH_BYTES_MAX>,
    bytes: u64,
    sha256: Sha256,
}

/// Who exported an archive, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    pub device: DeviceId,
    pub member: MemberId,
    /// The device or its member was removed, as the exported charter says itself.
    pub removed: bool,
    /// Milliseconds since 1970 by the clock of the device.
    pub at_ms: u64,
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Manifest {
    venture: VentureId,
    device: DeviceId,
    at_ms: u64,
    files: Vec<Listed>,
}

impl Listing {
    /// Begins with the file at `path`, which is one of an [`super::Archive`].
    pub fn of(path: &str) -> Self {
        Self {
            path: Text::new(path).expect("paths of an archive are made of folder and id"),
            bytes: 0,
            sha256: Sha256::new(),
        }
    }

    /// Takes the next bytes of the file.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.sha256.update(bytes);
    }

    /// The file as it is listed, whole.
    pub fn whole(self) -> Listed {
        Listed {
            path: self.path,
            bytes: self.bytes,
            sha256: Hash(self.sha256.finalize().into()),
        }
    }
}

impl Listed {
    /// A file that is there as a whole.
    pub fn of(path: &str, content: &[u8]) -> Self {
        let mut listing = Listing::of(path);
        listing.add(content);
        listing.whole()
    }
}

/// The signed list as a file, with its path.
pub(crate) fn signed(
    venture: VentureId,
    key: &SigningKey,
    at_ms: u64,
    files: Vec<Listed>,
) -> (String, Vec<u8>) {
    let manifest = encode(&Manifest {
        venture,
        device: DeviceId(key.verifying_key().to_bytes()),
        at_ms,
        files,
    });
    let signature = sign(key, SIGN, &[&manifest]);
    let file = [MAGIC.as_slice(), &manifest, &signature.0].concat();
    (FILE.to_owned(), file)
}

/// Holds the files against the list, and the list against the charter.
pub(super) fn check(
    files: &BTreeMap<String, Vec<u8>>,
    charter: &Charter,
) -> Result<Exported, Invalid> {
    let manifest = read(files.get(FILE).ok_or(Invalid::NoManifest)?)?;
    let device = charter.devices().get(&manifest.device);
    let device = device.filter(|_| manifest.venture == charter.venture());
    let device = device.ok_or(Invalid::Exporter)?;
    let mut listed = BTreeSet::from([FILE]);
    for file in &manifest.files {
        let path: &str = &file.path;
        let content = files.get(path).ok_or_else(|| Invalid::Missing {
            path: path.to_owned(),
        })?;
        if Listed::of(path, content) != *file {
            return Err(Invalid::Changed {
                path: path.to_owned(),
            });
        }
        listed.insert(path);
    }
    if let Some(path) = files.keys().find(|path| !listed.contains(path.as_str())) {
        return Err(Invalid::Unlisted { path: path.clone() });
    }
    Ok(Exported {
        device: manifest.device,
        member: device.member,
        removed: device.removed.is_some(),
        at_ms: manifest.at_ms,
    })
}

/// The manifest of a file, its signature verified by the key that it names.
fn read(file: &[u8]) -> Result<Manifest, Invalid> {
    let unreadable = |reason: &str| Invalid::Unreadable {
        path: FILE.to_owned(),
        reason: reason.to_owned(),
    };
    let body = file.strip_prefix(MAGIC);
    let body = body.ok_or_else(|| unreadable("it is of another version"))?;
    let cut = body.split_last_chunk::<SIGNATURE_BYTES>();
    let (body, signature) = cut.ok_or_else(|| unreadable("it is cut short"))?;
    let manifest: Manifest =
        borsh::from_slice(body).map_err(|error| unreadable(&error.to_string()))?;
    verify(&manifest.device.0, SIGN, &[body], &Signature(*signature))
        .map_err(|error| unreadable(&error.to_string()))?;
    Ok(manifest)
}
