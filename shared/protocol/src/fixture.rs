//! People, charters and envelopes for tests and benchmarks of those that know this crate alone.
//!
//! Signatures and structure are valid; key boxes, names and ciphertexts are filler that opens to nothing. Everything
//! follows from small seeds, so a test that fails fails again.

mod amend;

use ed25519_dalek::SigningKey;

use crate::access::{Role, Roles, Space};
use crate::charter::entry::CHARTER_VERSION;
use crate::charter::{
    Author, Body, BoxKey, Content, DeviceKeys, Entry, Genesis, KeyBox, NewKey, SealedName, SpaceBox,
};
use crate::codec::{Bytes, List, Text};
use crate::envelope::{ENVELOPE_VERSION, Envelope, Header, Prev};
use crate::handshake::{Challenge, Hello, Who};
use crate::ids::{
    DeviceId, DocumentId, Hash, InviteId, MemberId, PartyId, RelayKey, StreamId, VentureId,
};
use crate::log::{Point, Seen};
use crate::sign::digest;

pub use amend::{
    accept, add_device, admit_party, amend, answer, complain, confirm, content, delete_document,
    invite, keys, move_relay, name, new_generation, offer, propose, remove, rotate, set_access,
    set_name, set_roles, signed, take_in, withdraw,
};

/// A member with a device.
#[derive(Clone, Debug)]
pub struct Person {
    pub key: SigningKey,
    pub member: MemberId,
    pub party: PartyId,
}

impl Person {
    /// The same person for the same seed and party.
    pub fn new(seed: u64, party: PartyId) -> Self {
        Self {
            key: signing_key("person", seed),
            member: MemberId(short("member", seed)),
            party,
        }
    }

    /// The same member on another device.
    #[must_use]
    pub fn on_device(&self, seed: u64) -> Self {
        let key = signing_key("device", seed);
        Self { key, ..*self }
    }

    pub fn device(&self) -> DeviceId {
        DeviceId(self.key.verifying_key().to_bytes())
    }

    pub fn keys(&self) -> DeviceKeys {
        let seal = BoxKey(digest("fixture seal", &[&self.device().0]).0);
        let id = self.device();
        DeviceKeys { id, seal }
    }

    pub fn who(&self) -> Who {
        Who::Device(self.device())
    }
}

/// An invite or an offer, with the key that its link or code would carry.
#[derive(Clone, Debug)]
pub struct Link {
    pub key: SigningKey,
}

impl Link {
    pub fn new(seed: u64) -> Self {
        let key = signing_key("invite", seed);
        Self { key }
    }

    pub fn id(&self) -> InviteId {
        InviteId(self.key.verifying_key().to_bytes())
    }

    pub fn seal(&self) -> BoxKey {
        BoxKey(digest("fixture seal", &[&self.id().0]).0)
    }
}

/// The signing key of that purpose and seed.
pub fn signing_key(purpose: &str, seed: u64) -> SigningKey {
    SigningKey::from_bytes(&digest("fixture key", &[purpose.as_bytes(), &seed.to_le_bytes()]).0)
}

/// The relay key that belongs to a relay's signing key.
pub fn relay_key(key: &SigningKey) -> RelayKey {
    RelayKey(key.verifying_key().to_bytes())
}

/// The party of that seed.
pub fn party(seed: u64) -> PartyId {
    PartyId(short("party", seed))
}

/// The genesis of a venture with spaces `directory` and `plan`; its founder plans and manages.
pub fn genesis(founder: &Person, relay: RelayKey, seed: u64) -> Entry {
    let roles = [Role::Pmo, Role::PartnerManager];
    founding(
        founder,
        relay,
        seed,
        &roles,
        &[Space::Directory, Space::Plan],
    )
}

/// The genesis of a venture with every shared space and the private one of its founder, who has every role.
pub fn whole_genesis(founder: &Person, relay: RelayKey, seed: u64) -> Entry {
    let own = [Space::Directory, Space::Private(founder.party)];
    let spaces: Vec<_> = own.into_iter().chain(Space::SHARED).collect();
    founding(founder, relay, seed, &Role::ALL, &spaces)
}

fn founding(
    founder: &Person,
    relay: RelayKey,
    seed: u64,
    roles: &[Role],
    spaces: &[Space],
) -> Entry {
    let keys = spaces.iter().map(|space| NewKey {
        space: *space,
        epoch: 0,
        commitment: digest("fixture commitment", &[&seed.to_le_bytes()]),
        previous: None,
        boxes: list(vec![key_box(founder.keys().seal)]),
    });
    let body = Body::Genesis(Genesis {
        nonce: digest("fixture venture", &[&seed.to_le_bytes()]).0,
        relay,
        name: name_at(0),
        party: founder.party,
        party_name: name_at(0),
        member: founder.member,
        member_name: name_at(0),
        roles: Roles::new(roles),
        device: founder.keys(),
        keys: list(keys.collect()),
    });
    let content = Content {
        version: CHARTER_VERSION,
        venture: VentureId(Hash::ZERO.0),
        position: 0,
        prev: Hash::ZERO,
        author: Author::Device(founder.device()),
        body,
    };
    Entry::sign(&content, &founder.key).expect("a fixture is small")
}

/// Answers a challenge.
pub fn hello(
    challenge: &Challenge,
    venture: VentureId,
    who: Who,
    charter_position: u64,
    key: &SigningKey,
) -> Hello {
    let origin = Text::new("ws://fixture").expect("a fixture is small");
    let nonce = digest("fixture hello", &[&challenge.nonce]).0;
    Hello::sign(
        challenge,
        venture,
        who,
        origin,
        nonce,
        charter_position,
        key,
    )
}

/// One stream of a device in one document, giving one envelope after the other.
#[derive(Clone, Debug)]
pub struct Stream {
    key: SigningKey,
    /// What the next envelope will say; change it to say something else.
    pub header: Header,
}

impl Stream {
    /// A stream into the root document of the venture's plan.
    pub fn new(person: &Person, venture: VentureId, seed: u64) -> Self {
        Self::into_space(person, venture, Space::Plan, seed)
    }

    /// A stream into the root document of a space.
    pub fn into_space(person: &Person, venture: VentureId, space: Space, seed: u64) -> Self {
        let seen = Seen {
            incarnation: None,
            point: Point {
                seq: 0,
                chain: Hash::ZERO,
            },
            charter_head: Hash(venture.0),
        };
        let header = Header {
            version: ENVELOPE_VERSION,
            venture,
            space,
            document: DocumentId::root(venture, space),
            opens: None,
            generation: 0,
            epoch: 0,
            device: person.device(),
            stream: StreamId(short("stream", seed)),
            dseq: 1,
            prev: Prev::First { acknowledged: None },
            seen,
            nonce: [0; 24],
        };
        let key = person.key.clone();
        Self { key, header }
    }

    /// The same stream into a document of its own, which its first envelope opens.
    pub fn opening(mut self, nonce: [u8; 16]) -> Self {
        let header = &mut self.header;
        header.document = DocumentId::opened_by(header.venture, header.space, header.device, nonce);
        header.opens = Some(nonce);
        self
    }

    pub const fn document(&self) -> DocumentId {
        self.header.document
    }

    /// Signs the next envelope, holding `ciphertext`, and moves on.
    pub fn seal(&mut self, ciphertext: &[u8]) -> Envelope {
        let envelope = Envelope::sign(&self.header, ciphertext.to_vec(), &self.key)
            .expect("a fixture is small");
        self.header.opens = None;
        self.header.dseq += 1;
        self.header.prev = Prev::Next {
            hash: envelope.hash(),
        };
        envelope
    }
}

fn boxes<const MAX: usize>(
    spaces: std::collections::BTreeMap<Space, u32>,
    recipient: BoxKey,
) -> List<SpaceBox, MAX> {
    let boxes = spaces.into_iter().map(|(space, epoch)| SpaceBox {
        space,
        epoch,
        key: key_box(recipient),
    });
    list(boxes.collect())
}

fn key_box(recipient: BoxKey) -> KeyBox {
    KeyBox {
        recipient,
        encapped: [1; 32],
        sealed: [2; 48],
    }
}

fn name_at(epoch: u32) -> SealedName {
    SealedName {
        epoch,
        nonce: [3; 24],
        sealed: Bytes::new(vec![4; 48]).expect("a fixture is small"),
    }
}

fn list<T, const MAX: usize>(values: Vec<T>) -> List<T, MAX> {
    List::new(values).unwrap_or_else(|_| unreachable!("a fixture is small"))
}

fn short(purpose: &str, seed: u64) -> [u8; 16] {
    let hash = digest("fixture id", &[purpose.as_bytes(), &seed.to_le_bytes()]);
    hash.0[..16].try_into().expect("16 of 32 bytes")
}
