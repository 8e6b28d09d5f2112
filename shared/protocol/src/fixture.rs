//! People, charters and envelopes for tests and benchmarks of those that know this crate alone.
//!
//! Signatures and structure are valid; key boxes, names and ciphertexts are filler that opens to nothing. Everything
//! follows from small seeds, so a test that fails fails again.

use ed25519_dalek::SigningKey;

use crate::access::{Role, Roles, Space};
use crate::charter::{
    Accept, AdmitParty, Author, Body, BoxKey, Charter, Content, DeviceKeys, Entry, Genesis, Invite,
    KeyBox, NewKey, SealedName, SpaceBox,
};
use crate::codec::{Bytes, List, Text};
use crate::envelope::{ENVELOPE_VERSION, Envelope, Header, Prev};
use crate::handshake::{Challenge, Hello, Who};
use crate::ids::{
    DeviceId, DocumentId, Hash, InviteId, MemberId, PartyId, RelayKey, StreamId, VentureId,
};
use crate::log::{Point, Seen};
use crate::sign::{Signature, digest};

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

/// An invite with the key that its link would carry.
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
    let keys = [Space::Directory, Space::Plan].map(|space| NewKey {
        space,
        epoch: 0,
        commitment: digest("fixture commitment", &[&seed.to_le_bytes()]),
        previous: None,
        boxes: list(vec![key_box(founder.keys().seal)]),
    });
    let body = Body::Genesis(Genesis {
        nonce: digest("fixture venture", &[&seed.to_le_bytes()]).0,
        relay,
        name: name(),
        party: founder.party,
        party_name: name(),
        member: founder.member,
        member_name: name(),
        roles: Roles::new(&[Role::Pmo, Role::PartnerManager]),
        device: founder.keys(),
        keys: list(keys.into()),
    });
    let content = Content {
        version: crate::charter::entry::CHARTER_VERSION,
        venture: VentureId(Hash::ZERO.0),
        position: 0,
        prev: Hash::ZERO,
        author: Author::Device(founder.device()),
        body,
    };
    Entry::sign(&content, &founder.key).expect("a fixture is small")
}

/// The next entry of `charter`, admitting `party`.
pub fn admit_party(charter: &Charter, by: &Person, party: PartyId) -> Entry {
    let body = Body::AdmitParty(AdmitParty {
        party,
        name: name(),
    });
    next(charter, Author::Device(by.device()), body, &by.key)
}

/// The next entry of `charter`, inviting the holder of `link` into `party`.
pub fn invite(
    charter: &Charter,
    by: &Person,
    link: &Link,
    party: PartyId,
    roles: &[Role],
    expires_ms: Option<u64>,
) -> Entry {
    let roles = Roles::new(roles);
    let seal = BoxKey(digest("fixture seal", &[&link.id().0]).0);
    let body = Body::Invite(Invite {
        invite: link.id(),
        seal,
        party,
        roles,
        expires_ms,
        boxes: boxes(charter.due_to_invite(by.device(), party, roles), seal),
    });
    next(charter, Author::Device(by.device()), body, &by.key)
}

/// The next entry of `charter`, with which `person` accepts the invite of `link`, if the charter knows it.
pub fn accept(charter: &Charter, link: &Link, person: &Person) -> Entry {
    let device = person.keys();
    let invite = charter.invites().get(&link.id());
    let boxes = invite.map(|invite| boxes(charter.held_by(invite.seal), device.seal));
    let (venture, member) = (charter.venture(), person.member);
    let accept = Accept {
        member,
        name: name(),
        device,
        proof: Signature([0; 64]),
        boxes: boxes.unwrap_or_default(),
    };
    let body = Body::Accept(accept.prove(venture, link.id(), &person.key));
    next(charter, Author::Invite(link.id()), body, &link.key)
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
        let space = Space::Plan;
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

fn next(charter: &Charter, author: Author, body: Body, key: &SigningKey) -> Entry {
    let content = Content {
        version: crate::charter::entry::CHARTER_VERSION,
        venture: charter.venture(),
        position: charter.position(),
        prev: charter.head(),
        author,
        body,
    };
    Entry::sign(&content, key).expect("a fixture is small")
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

fn name() -> SealedName {
    SealedName {
        epoch: 0,
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
