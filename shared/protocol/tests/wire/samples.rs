//! A small venture made from fixed keys, so that every byte of it is known.

use ed25519_dalek::SigningKey;
use heqi_protocol::charter::{
    Accept, AdmitParty, Author, Body, BoxKey, Content, DeviceKeys, Entry, Genesis, Invite, KeyBox,
    NewKey, SealedName, SpaceBox,
};
use heqi_protocol::log::{Point, Seen};
use heqi_protocol::{
    Bytes, Charter, DeviceId, DocumentId, Envelope, Hash, Header, Incarnation, InviteId, List,
    MemberId, PartyId, Prev, RelayKey, Role, Roles, Signature, Space, StreamId, VentureId,
};

pub(crate) const INCARNATION: Incarnation = Incarnation {
    number: 2,
    nonce: [0x1c; 8],
};

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

pub(crate) fn relay_key() -> SigningKey {
    key(0x4e)
}

pub(crate) fn relay() -> RelayKey {
    RelayKey(public(&relay_key()))
}

pub(crate) fn founder() -> SigningKey {
    key(0x01)
}

pub(crate) fn invite_key() -> SigningKey {
    key(0x02)
}

pub(crate) fn guest() -> SigningKey {
    key(0x03)
}

pub(crate) fn device(key: &SigningKey) -> DeviceId {
    DeviceId(public(key))
}

/// The keys of the device that signs with `key`; the box key is no point of low order, and that is all that matters.
pub(crate) fn device_keys(key: &SigningKey) -> DeviceKeys {
    DeviceKeys {
        id: device(key),
        seal: seal_of(key),
    }
}

pub(crate) fn seal_of(key: &SigningKey) -> BoxKey {
    let mut bytes = public(key);
    bytes[0] ^= 0x55;
    BoxKey(bytes)
}

pub(crate) fn name(fill: u8) -> SealedName {
    SealedName {
        epoch: 0,
        nonce: [fill; 24],
        sealed: Bytes::new(vec![fill; 40]).unwrap(),
    }
}

pub(crate) fn key_box(recipient: BoxKey, fill: u8) -> KeyBox {
    KeyBox {
        recipient,
        encapped: [fill; 32],
        sealed: [fill; 48],
    }
}

pub(crate) fn space_box(space: Space, recipient: BoxKey) -> SpaceBox {
    SpaceBox {
        space,
        epoch: 0,
        key: key_box(recipient, 0xb0),
    }
}

/// Boxes for the two spaces of the sample venture.
pub(crate) fn boxes<const MAX: usize>(recipient: BoxKey) -> List<SpaceBox, MAX> {
    let spaces = [Space::Directory, Space::Plan];
    List::new(spaces.map(|space| space_box(space, recipient)).to_vec()).unwrap()
}

pub(crate) fn new_key(space: Space, recipient: BoxKey) -> NewKey {
    NewKey {
        space,
        epoch: 0,
        commitment: Hash([0xc0; 32]),
        previous: None,
        boxes: List::new(vec![key_box(recipient, 0xb1)]).unwrap(),
    }
}

pub(crate) fn genesis() -> Genesis {
    let device = device_keys(&founder());
    let keys = [Space::Directory, Space::Plan].map(|space| new_key(space, device.seal));
    Genesis {
        nonce: [0xf0; 32],
        relay: relay(),
        name: name(0xa0),
        party: PartyId([0x10; 16]),
        party_name: name(0xa1),
        member: MemberId([0x20; 16]),
        member_name: name(0xa2),
        roles: Roles::new(&[Role::PartnerManager, Role::Pmo]),
        device,
        keys: List::new(keys.to_vec()).unwrap(),
    }
}

pub(crate) fn genesis_content(genesis: Genesis) -> Content {
    Content {
        version: 1,
        venture: VentureId([0; 32]),
        position: 0,
        prev: Hash::ZERO,
        author: Author::Device(genesis.device.id),
        body: Body::Genesis(genesis),
    }
}

pub(crate) fn genesis_entry() -> Entry {
    Entry::sign(&genesis_content(genesis()), &founder()).unwrap()
}

/// What follows the head of `charter`, by `author`.
pub(crate) fn next(charter: &Charter, author: Author, body: Body) -> Content {
    Content {
        version: 1,
        venture: charter.venture(),
        position: charter.position(),
        prev: charter.head(),
        author,
        body,
    }
}

pub(crate) fn by_device(charter: &Charter, key: &SigningKey, body: Body) -> Entry {
    let content = next(charter, Author::Device(device(key)), body);
    Entry::sign(&content, key).unwrap()
}

pub(crate) fn by_invite(charter: &Charter, key: &SigningKey, body: Body) -> Entry {
    let author = Author::Invite(InviteId(public(key)));
    Entry::sign(&next(charter, author, body), key).unwrap()
}

pub(crate) fn admit(party: PartyId) -> Body {
    let name = name(0xa3);
    Body::AdmitParty(AdmitParty { party, name })
}

pub(crate) fn second_party() -> PartyId {
    PartyId([0x11; 16])
}

pub(crate) fn invite(key: &SigningKey, party: PartyId, roles: &[Role]) -> Invite {
    Invite {
        invite: InviteId(public(key)),
        seal: seal_of(key),
        party,
        roles: Roles::new(roles),
        expires_ms: Some(1_900_000_000_000),
        boxes: boxes(seal_of(key)),
    }
}

/// Acceptance of the invite of `invite` as `member` on the device of `device`.
pub(crate) fn accept(
    venture: VentureId,
    invite: &SigningKey,
    member: MemberId,
    device: &SigningKey,
) -> Accept {
    let keys = device_keys(device);
    let invite = InviteId(public(invite));
    Accept {
        member,
        name: name(0xa4),
        device: keys,
        proof: Signature([0; 64]),
        boxes: boxes(keys.seal),
    }
    .prove(venture, invite, device)
}

pub(crate) fn guest_member() -> MemberId {
    MemberId([0x21; 16])
}

/// Genesis, a second party, an invite of its manager, and its acceptance.
pub(crate) fn history() -> Vec<Entry> {
    let mut entries = vec![genesis_entry()];
    let mut charter = Charter::found(&entries[0]).unwrap();
    let mut push = |charter: &mut Charter, entry: Entry| {
        charter.append(&entry).unwrap();
        entries.push(entry);
    };
    let entry = by_device(&charter, &founder(), admit(second_party()));
    push(&mut charter, entry);
    let roles = [Role::PartnerManager, Role::Pmo];
    let body = Body::Invite(invite(&invite_key(), second_party(), &roles));
    let entry = by_device(&charter, &founder(), body);
    push(&mut charter, entry);
    let accept = accept(charter.venture(), &invite_key(), guest_member(), &guest());
    let entry = by_invite(&charter, &invite_key(), Body::Accept(accept));
    push(&mut charter, entry);
    entries
}

pub(crate) fn fold(entries: &[Entry]) -> Charter {
    let mut charter = Charter::found(&entries[0]).unwrap();
    for entry in &entries[1..] {
        charter.append(entry).unwrap();
    }
    charter
}

pub(crate) fn venture() -> VentureId {
    VentureId(genesis_entry().hash().0)
}

pub(crate) fn root() -> DocumentId {
    DocumentId::root(venture(), Space::Plan)
}

pub(crate) fn point(seq: u64) -> Point {
    Point {
        seq,
        chain: Hash([0xcc; 32]),
    }
}

pub(crate) fn header() -> Header {
    Header {
        version: 1,
        venture: venture(),
        space: Space::Plan,
        document: root(),
        opens: None,
        generation: 0,
        epoch: 0,
        device: device(&founder()),
        stream: StreamId([0x5a; 16]),
        dseq: 1,
        prev: Prev::First { acknowledged: None },
        seen: Seen {
            incarnation: None,
            point: point(0),
            charter_head: Hash([0xcd; 32]),
        },
        nonce: [0x24; 24],
    }
}

pub(crate) fn envelope(header: &Header) -> Envelope {
    Envelope::sign(header, vec![0xe5; 48], &founder()).unwrap()
}
