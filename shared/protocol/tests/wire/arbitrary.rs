//! Values of every shape, drawn from a seed.

use heqi_protocol::charter::entry::SealedKey;
use heqi_protocol::charter::{
    Accept, AdmitParty, Author, Body, BoxKey, Content, DeviceKeys, Genesis, Invite, KeyBox, NewKey,
    SealedName, SpaceBox,
};
use heqi_protocol::envelope::Position;
use heqi_protocol::log::{Point, Seen};
use heqi_protocol::{
    Bytes, DeviceId, DocumentId, Hash, Header, Incarnation, InviteId, List, MemberId, PartyId,
    Prev, RelayKey, Role, Roles, Signature, Space, StreamId, VentureId,
};

/// Splitmix64: small, and the same everywhere.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(end).unwrap()).unwrap()
    }

    pub(crate) fn small(&mut self) -> u32 {
        u32::try_from(self.number() >> 32).unwrap()
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.number().to_le_bytes()[0])
    }

    pub(crate) fn bytes<const MAX: usize>(&mut self) -> Bytes<MAX> {
        let len = self.below(70.min(MAX + 1));
        Bytes::new((0..len).map(|_| self.number().to_le_bytes()[0]).collect()).unwrap()
    }

    pub(crate) fn list<T, const MAX: usize>(
        &mut self,
        mut draw: impl FnMut(&mut Self) -> T,
    ) -> List<T, MAX> {
        let len = self.below(4.min(MAX + 1));
        List::new((0..len).map(|_| draw(self)).collect()).unwrap()
    }

    pub(crate) fn maybe<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(2) == 1).then(|| draw(self))
    }

    pub(crate) fn hash(&mut self) -> Hash {
        Hash(self.array())
    }

    pub(crate) fn space(&mut self) -> Space {
        match self.below(8) {
            0 => Space::Directory,
            1 => Space::Plan,
            2 => Space::Risk,
            3 => Space::Contracts,
            4 => Space::Finance,
            5 => Space::Market,
            6 => Space::Governance,
            _ => Space::Private(PartyId(self.array())),
        }
    }

    pub(crate) fn roles(&mut self) -> Roles {
        let roles: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|_| self.below(2) == 1)
            .collect();
        Roles::new(&roles)
    }

    pub(crate) fn name(&mut self) -> SealedName {
        SealedName {
            epoch: self.small(),
            nonce: self.array(),
            sealed: self.bytes(),
        }
    }

    fn key_box(&mut self) -> KeyBox {
        KeyBox {
            recipient: BoxKey(self.array()),
            encapped: self.array(),
            sealed: self.array(),
        }
    }

    pub(crate) fn space_box(&mut self) -> SpaceBox {
        SpaceBox {
            space: self.space(),
            epoch: self.small(),
            key: self.key_box(),
        }
    }

    pub(crate) fn new_key(&mut self) -> NewKey {
        NewKey {
            space: self.space(),
            epoch: self.small(),
            commitment: self.hash(),
            previous: self.maybe(|draw| SealedKey {
                nonce: draw.array(),
                sealed: draw.array(),
            }),
            boxes: self.list(Self::key_box),
        }
    }

    pub(crate) fn device(&mut self) -> DeviceKeys {
        DeviceKeys {
            id: DeviceId(self.array()),
            seal: BoxKey(self.array()),
        }
    }

    pub(crate) fn body(&mut self) -> Body {
        match self.below(21) {
            0 => Body::Genesis(Genesis {
                nonce: self.array(),
                relay: RelayKey(self.array()),
                name: self.name(),
                party: PartyId(self.array()),
                party_name: self.name(),
                member: MemberId(self.array()),
                member_name: self.name(),
                roles: self.roles(),
                device: self.device(),
                keys: self.list(Self::new_key),
            }),
            1 => Body::AdmitParty(AdmitParty {
                party: PartyId(self.array()),
                name: self.name(),
            }),
            2 => Body::Invite(Invite {
                invite: InviteId(self.array()),
                seal: BoxKey(self.array()),
                party: PartyId(self.array()),
                roles: self.roles(),
                expires_ms: self.maybe(Self::number),
                boxes: self.list(Self::space_box),
            }),
            3 => Body::Accept(Accept {
                member: MemberId(self.array()),
                name: self.name(),
                device: self.device(),
                proof: Signature(self.array()),
                boxes: self.list(Self::space_box),
            }),
            other => self.later_body(other),
        }
    }

    pub(crate) fn content(&mut self) -> Content {
        Content {
            version: 1,
            venture: VentureId(self.array()),
            position: self.number(),
            prev: self.hash(),
            author: match self.below(2) {
                0 => Author::Device(DeviceId(self.array())),
                _ => Author::Invite(InviteId(self.array())),
            },
            body: self.body(),
        }
    }

    pub(crate) fn incarnation(&mut self) -> Incarnation {
        Incarnation {
            number: self.small(),
            nonce: self.array(),
        }
    }

    pub(crate) fn point(&mut self) -> Point {
        Point {
            seq: self.number(),
            chain: self.hash(),
        }
    }

    pub(crate) fn header(&mut self) -> Header {
        let first = self.below(2) == 0;
        let acknowledged = self.maybe(|draw| Position {
            stream: StreamId(draw.array()),
            dseq: draw.number(),
            hash: draw.hash(),
        });
        let prev = match first {
            true => Prev::First { acknowledged },
            false => Prev::Next { hash: self.hash() },
        };
        Header {
            version: 1,
            venture: VentureId(self.array()),
            space: self.space(),
            document: DocumentId(self.array()),
            opens: self.maybe(Self::array),
            generation: self.small(),
            epoch: self.small(),
            device: DeviceId(self.array()),
            stream: StreamId(self.array()),
            dseq: if first { 1 } else { self.number().max(2) },
            prev,
            seen: Seen {
                incarnation: self.maybe(Self::incarnation),
                point: self.point(),
                charter_head: self.hash(),
            },
            nonce: self.array(),
        }
    }
}
