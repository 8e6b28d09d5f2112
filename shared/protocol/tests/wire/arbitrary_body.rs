//! Bodies of entries of every kind, drawn from a seed; those that only found and join a venture stand with the rest.

use heqi_protocol::access::{AccessRule, Grant};
use heqi_protocol::charter::{
    Action, AddDevice, Answer, Body, BoxKey, Complain, Confirm, DeleteDocument, Extent, Keys,
    MoveRelay, NewGeneration, Offer, OfferKind, Propose, Rechain, Remove, Rotate, SealedKey,
    SetAccess, SetName, SetRoles, Share, TakeIn, Target, Withdraw,
};
use heqi_protocol::{DeviceId, DocumentId, InviteId, List, MemberId, PartyId, RelayKey, Signature};

use super::arbitrary::Draw;

impl Draw {
    pub(crate) fn later_body(&mut self, kind: usize) -> Body {
        match kind {
            4 => Body::Offer(Offer {
                offer: InviteId(self.array()),
                seal: BoxKey(self.array()),
                kind: self.offer_kind(),
                tag: self.hash(),
                expires_ms: self.maybe(Self::number),
                boxes: self.list(Self::space_box),
            }),
            5 => Body::AddDevice(AddDevice {
                device: self.device(),
                proof: Signature(self.array()),
                boxes: self.list(Self::space_box),
            }),
            6 => Body::Withdraw(Withdraw {
                invite: InviteId(self.array()),
                keys: self.keys(),
            }),
            7 => Body::SetRoles(SetRoles {
                member: MemberId(self.array()),
                roles: self.roles(),
                keys: self.keys(),
            }),
            8 => Body::Remove(Remove {
                target: self.target(),
                proposal: self.maybe(Self::hash),
                seen: self.list(|draw| Extent {
                    document: DocumentId(draw.array()),
                    point: draw.point(),
                }),
                keys: self.keys(),
            }),
            9 => Body::Rotate(Rotate { keys: self.keys() }),
            10 => Body::Complain(Complain {
                space: self.space(),
                epoch: self.small(),
            }),
            11 => Body::Confirm(Confirm {
                member: MemberId(self.array()),
            }),
            _ => self.body_of_many(kind),
        }
    }

    fn body_of_many(&mut self, kind: usize) -> Body {
        match kind {
            12 => Body::Propose(Propose {
                action: self.action(),
            }),
            13 => Body::Answer(Answer {
                proposal: self.hash(),
                agrees: self.below(2) == 1,
            }),
            14 => Body::SetAccess(SetAccess {
                proposal: self.maybe(Self::hash),
                rules: self.rules(),
                keys: self.keys(),
            }),
            15 => Body::TakeIn(TakeIn {
                space: self.space(),
                document: DocumentId(self.array()),
                envelopes: self.list(Self::hash),
            }),
            16 => Body::DeleteDocument(DeleteDocument {
                space: self.space(),
                document: DocumentId(self.array()),
            }),
            17 => Body::NewGeneration(NewGeneration {
                space: self.space(),
                document: DocumentId(self.array()),
                generation: self.small(),
            }),
            18 => Body::MoveRelay(MoveRelay {
                relay: RelayKey(self.array()),
                url: self.name(),
            }),
            19 => Body::Rechain(Rechain {
                space: self.space(),
                epoch: self.small(),
                previous: SealedKey {
                    nonce: self.array(),
                    sealed: self.array(),
                },
            }),
            _ => Body::SetName(SetName {
                target: self.target(),
                name: self.name(),
            }),
        }
    }

    fn keys(&mut self) -> Keys {
        Keys {
            rotated: self.list(Self::new_key),
            boxes: self.list(Self::space_box),
        }
    }

    fn offer_kind(&mut self) -> OfferKind {
        [OfferKind::Device, OfferKind::Recovery][self.below(2)]
    }

    fn target(&mut self) -> Target {
        match self.below(3) {
            0 => Target::Device(DeviceId(self.array())),
            1 => Target::Member(MemberId(self.array())),
            _ => Target::Party(PartyId(self.array())),
        }
    }

    fn action(&mut self) -> Action {
        match self.below(4) {
            0 => Action::Interests {
                from_day: self.small().cast_signed(),
                shares: self.list(|draw| Share {
                    party: PartyId(draw.array()),
                    basis_points: u16::try_from(draw.below(10_001)).unwrap(),
                }),
            },
            1 => Action::Access(self.rules()),
            2 => Action::Remove(self.target()),
            _ => Action::Repair(PartyId(self.array())),
        }
    }

    fn rules<const MAX: usize>(&mut self) -> List<AccessRule, MAX> {
        self.list(|draw| AccessRule {
            space: draw.space(),
            party: draw.maybe(|draw| PartyId(draw.array())),
            grant: draw.maybe(|draw| Grant {
                read: draw.roles(),
                write: draw.roles(),
            }),
        })
    }
}
