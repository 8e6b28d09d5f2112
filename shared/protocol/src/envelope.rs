//! The envelope: a sealed batch of changes with a signed header in the clear.
//!
//! Signed bytes are the bytes on the wire: header and ciphertext are kept as they came.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::SigningKey;

use crate::access::Space;
use crate::codec::{Bytes, Malformed, TooLong, decode, encode};
use crate::ids::{DeviceId, DocumentId, Hash, StreamId, VentureId};
use crate::limits::ENVELOPE_BYTES_MAX;
use crate::log::Seen;
use crate::sign::{self, BadSignature, Signature};

/// The only version so far.
pub const ENVELOPE_VERSION: u8 = 1;

const SIGN: &str = "heqi envelope signature v1";
const HASH: &str = "heqi envelope hash v1";
const BODY: &str = "heqi envelope ciphertext v1";

/// What an envelope follows in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Prev {
    /// The stream starts here (`dseq` 1), after the last envelope of the device that a relay has acknowledged, if any.
    First { acknowledged: Option<Position> },
    /// The hash of the envelope with `dseq - 1`.
    Next { hash: Hash },
}

/// The place of an envelope among those of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Position {
    pub stream: StreamId,
    pub dseq: u64,
    pub hash: Hash,
}

/// What everybody may read of an envelope; the additional data of its cipher.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Header {
    pub version: u8,
    pub venture: VentureId,
    pub space: Space,
    pub document: DocumentId,
    /// Set where this envelope opens a document that is not the root of its space: the nonce of its id.
    pub opens: Option<[u8; 16]>,
    /// Life of the document; a new one starts when its history is cut.
    pub generation: u32,
    /// Key epoch of the space.
    pub epoch: u32,
    pub device: DeviceId,
    pub stream: StreamId,
    /// Position in the stream, from 1.
    pub dseq: u64,
    pub prev: Prev,
    /// What the author had seen of log and charter.
    pub seen: Seen,
    /// XChaCha20-Poly1305 nonce.
    pub nonce: [u8; 24],
}

impl Header {
    /// True where the document's id is what space, device and nonce make it: so for every envelope of a root document
    /// and for those that open another. Any other envelope names a document that is known already, of the same space.
    pub fn names_its_document(&self) -> bool {
        self.document
            == match self.opens {
                None => DocumentId::root(self.venture, self.space),
                Some(nonce) => DocumentId::opened_by(self.venture, self.space, self.device, nonce),
            }
    }
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Wire {
    header: Bytes<HEADER_BYTES_MAX>,
    ciphertext: Bytes<ENVELOPE_BYTES_MAX>,
    signature: Signature,
}

const HEADER_BYTES_MAX: usize = 512;

/// An envelope and the bytes it came as.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    pub header: Header,
    bytes: Vec<u8>,
    header_len: usize,
    hash: Hash,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope")
            .field("hash", &self.hash)
            .field("header", &self.header)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl Envelope {
    /// Signs a sealed batch. `ciphertext` is made by the caller with [`encode`]d `header` as additional data.
    pub fn sign(header: &Header, ciphertext: Vec<u8>, key: &SigningKey) -> Result<Self, Malformed> {
        let too_long = |error: TooLong| Malformed {
            what: "envelope",
            reason: error.to_string(),
        };
        let header = Bytes::new(encode(header)).map_err(too_long)?;
        let ciphertext = Bytes::new(ciphertext).map_err(too_long)?;
        let body = sign::digest(BODY, &[&ciphertext]);
        let signature = sign::sign(key, SIGN, &[&header, &body.0]);
        let wire = Wire {
            header,
            ciphertext,
            signature,
        };
        Self::decode(encode(&wire))
    }

    /// Reads an envelope; its signature is not yet verified.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let wire: Wire = decode("envelope", &bytes, ENVELOPE_BYTES_MAX)?;
        let header: Header = decode("envelope header", &wire.header, HEADER_BYTES_MAX)?;
        let malformed = |reason: &str| Malformed {
            what: "envelope",
            reason: reason.into(),
        };
        if header.version != ENVELOPE_VERSION {
            return Err(malformed("unknown version"));
        }
        if matches!(header.prev, Prev::First { .. }) != (header.dseq == 1) || header.dseq == 0 {
            return Err(malformed("dseq and predecessor do not fit"));
        }
        let hash = sign::digest(HASH, &[&bytes]);
        let header_len = wire.header.len();
        Ok(Self {
            header,
            bytes,
            header_len,
            hash,
        })
    }

    /// Verifies the device's signature over header and ciphertext.
    pub fn verify(&self) -> Result<(), BadSignature> {
        let body = sign::digest(BODY, &[self.ciphertext()]);
        let parts: [&[u8]; 2] = [self.header_bytes(), &body.0];
        sign::verify(&self.header.device.0, SIGN, &parts, &self.signature())
    }

    /// The whole envelope as on the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The header as it was signed: the cipher's additional data.
    pub fn header_bytes(&self) -> &[u8] {
        &self.bytes[4..4 + self.header_len]
    }

    pub fn ciphertext(&self) -> &[u8] {
        &self.bytes[8 + self.header_len..self.bytes.len() - 64]
    }

    /// Identifies the envelope; covers the signature.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Where the envelope stands in its stream.
    pub const fn position(&self) -> Position {
        Position {
            stream: self.header.stream,
            dseq: self.header.dseq,
            hash: self.hash,
        }
    }

    fn signature(&self) -> Signature {
        let at = self.bytes.len() - 64;
        let bytes = self.bytes[at..].try_into();
        Signature(bytes.expect("an envelope that decoded ends with its signature"))
    }
}
