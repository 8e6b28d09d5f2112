//! Identifiers. All are opaque bytes; those that are keys say so.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::access::Space;
use crate::codec::encode;
use crate::sign::digest;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Parses the lower-case hexadecimal form; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), data_encoding::HEXLOWER.encode(&self.0[..4]))
            }
        }
    };
}

id!(
    /// A SHA-256 digest.
    Hash, 32
);
id!(
    /// A venture: the hash of its signed genesis entry, so that nobody can make another charter for it.
    VentureId, 32
);
id!(
    /// A party of a venture; random.
    PartyId, 16
);
id!(
    /// A member of a party; random.
    MemberId, 16
);
id!(
    /// A device: its Ed25519 verifying key.
    DeviceId, 32
);
id!(
    /// An invite: its Ed25519 verifying key. The signing half is in the invite link.
    InviteId, 32
);
id!(
    /// A relay: its Ed25519 verifying key, pinned by the charter.
    RelayKey, 32
);
id!(
    /// One uninterrupted run of a device's store; random, drawn at the first edit after each opening.
    StreamId, 16
);
id!(
    /// A document, the unit of log and of loading. See [`DocumentId::root`] and [`DocumentId::opened_by`].
    DocumentId, 32
);

impl Hash {
    /// The predecessor of what has none.
    pub const ZERO: Self = Self([0; 32]);
}

impl DocumentId {
    /// The one document that every space has from the start.
    pub fn root(venture: VentureId, space: Space) -> Self {
        let space = encode(&space);
        Self(digest("heqi root document v1", &[&venture.0, &space]).0)
    }

    /// A document that `device` opens with `nonce`, online or not.
    pub fn opened_by(venture: VentureId, space: Space, device: DeviceId, nonce: [u8; 16]) -> Self {
        let space = encode(&space);
        Self(digest("heqi document v1", &[&venture.0, &space, &device.0, &nonce]).0)
    }
}
