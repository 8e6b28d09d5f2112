//! What entries do: one struct a kind, as on the wire.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::SigningKey;

use super::entry::{BoxKey, DeviceKeys, NewKey, SealedKey, SealedName, SpaceBox};
use crate::access::{AccessRule, Roles, Space};
use crate::codec::{List, encode};
use crate::ids::{DeviceId, DocumentId, Hash, InviteId, MemberId, PartyId, RelayKey, VentureId};
use crate::limits::{
    ACCESS_RULES_MAX, BOXES_MAX, PARTIES_MAX, REMOVAL_DOCUMENTS_MAX, SPACES_PER_ENTRY_MAX,
    TAKE_IN_MAX,
};
use crate::log::Point;
use crate::sign::{self, BadSignature, Signature};

const DEVICE_PROOF: &str = "heqi device proof v1";
const ADDED_DEVICE_PROOF: &str = "heqi added device proof v1";

/// Basis points of the whole.
pub const WHOLE_BASIS_POINTS: u32 = 10_000;

/// Starts a venture: its relay, first party, member and device, and the first keys of its spaces.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Genesis {
    pub nonce: [u8; 32],
    pub relay: RelayKey,
    pub name: SealedName,
    pub party: PartyId,
    pub party_name: SealedName,
    pub member: MemberId,
    pub member_name: SealedName,
    pub roles: Roles,
    pub device: DeviceKeys,
    pub keys: List<NewKey, SPACES_PER_ENTRY_MAX>,
}

/// Adds a party.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AdmitParty {
    pub party: PartyId,
    pub name: SealedName,
}

/// Lets the holder of a link become a member. The invite has keys of its own, so nobody need be online for it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Invite {
    pub invite: InviteId,
    pub seal: BoxKey,
    pub party: PartyId,
    pub roles: Roles,
    /// Milliseconds since 1970.
    pub expires_ms: Option<u64>,
    pub boxes: List<SpaceBox, SPACES_PER_ENTRY_MAX>,
}

/// Turns an invite into a member with a first device; signed by the invite's key.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Accept {
    pub member: MemberId,
    pub name: SealedName,
    pub device: DeviceKeys,
    /// The device's own signature over all of this, set by [`Accept::prove`].
    pub proof: Signature,
    pub boxes: List<SpaceBox, SPACES_PER_ENTRY_MAX>,
}

impl Accept {
    /// Signs the device's own admission as it stands: whoever holds the invite's key cannot give it another name or
    /// other boxes.
    #[must_use]
    pub fn prove(mut self, venture: VentureId, invite: InviteId, key: &SigningKey) -> Self {
        let parts: [&[u8]; 3] = [&venture.0, &invite.0, &self.proven()];
        self.proof = sign::sign(key, DEVICE_PROOF, &parts);
        self
    }

    pub(crate) fn verify_proof(
        &self,
        venture: VentureId,
        invite: InviteId,
    ) -> Result<(), BadSignature> {
        let parts: [&[u8]; 3] = [&venture.0, &invite.0, &self.proven()];
        sign::verify(&self.device.id.0, DEVICE_PROOF, &parts, &self.proof)
    }

    fn proven(&self) -> Vec<u8> {
        encode(&(self.member, &self.name, self.device, &self.boxes))
    }
}

/// The keys that a change of access brings along.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Keys {
    /// New epochs, of spaces that somebody may no longer read.
    pub rotated: List<NewKey, SPACES_PER_ENTRY_MAX>,
    /// The present keys of other spaces, for those who may read them and lack them.
    pub boxes: List<SpaceBox, BOXES_MAX>,
}

/// What an [`Offer`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum OfferKind {
    /// Adds one device, once.
    Device,
    /// Adds devices for as long as it is not withdrawn: the key of a recovery kit.
    Recovery,
}

/// Lets a member's own key add devices to them: a code typed or scanned on a new device, or a recovery kit.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Offer {
    /// The verifying key that the code makes.
    pub offer: InviteId,
    pub seal: BoxKey,
    pub kind: OfferKind,
    /// Digest over venture and member that only who knows the code can make: nobody can pass off another venture.
    pub tag: Hash,
    /// Milliseconds since 1970.
    pub expires_ms: Option<u64>,
    pub boxes: List<SpaceBox, SPACES_PER_ENTRY_MAX>,
}

/// Adds a device to the member of an offer; signed by the offer's key.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AddDevice {
    pub device: DeviceKeys,
    /// The device's own signature over all of this, set by [`AddDevice::prove`].
    pub proof: Signature,
    pub boxes: List<SpaceBox, SPACES_PER_ENTRY_MAX>,
}

impl AddDevice {
    /// Signs the device's own admission.
    #[must_use]
    pub fn prove(mut self, venture: VentureId, offer: InviteId, key: &SigningKey) -> Self {
        let proven = encode(&(self.device, &self.boxes));
        let parts: [&[u8]; 3] = [&venture.0, &offer.0, &proven];
        self.proof = sign::sign(key, ADDED_DEVICE_PROOF, &parts);
        self
    }

    pub(crate) fn verify_proof(
        &self,
        venture: VentureId,
        offer: InviteId,
    ) -> Result<(), BadSignature> {
        let proven = encode(&(self.device, &self.boxes));
        let parts: [&[u8]; 3] = [&venture.0, &offer.0, &proven];
        sign::verify(&self.device.id.0, ADDED_DEVICE_PROOF, &parts, &self.proof)
    }
}

/// Takes back an invite, an offer or a recovery key; what it could read gets new keys.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Withdraw {
    pub invite: InviteId,
    pub keys: Keys,
}

/// Gives a member other roles.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SetRoles {
    pub member: MemberId,
    pub roles: Roles,
    pub keys: Keys,
}

/// Whom a removal removes, and a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Target {
    Device(DeviceId),
    Member(MemberId),
    Party(PartyId),
}

/// How far the author of a removal had read a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Extent {
    pub document: DocumentId,
    pub point: Point,
}

/// Removes a device, a member or a party, with the keys that follow from it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Remove {
    pub target: Target,
    /// The decided proposal, where the target is of another party.
    pub proposal: Option<Hash>,
    /// The documents that its author reads, in ascending order. What the removed wrote beyond is late.
    pub seen: List<Extent, REMOVAL_DOCUMENTS_MAX>,
    pub keys: Keys,
}

/// New keys, or present keys for those who lack them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rotate {
    pub keys: Keys,
}

/// Says that the box for its author does not open to the key of the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Complain {
    pub space: Space,
    pub epoch: u32,
}

/// Says that its author has compared words with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Confirm {
    pub member: MemberId,
}

/// A party's share of the venture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Share {
    pub party: PartyId,
    pub basis_points: u16,
}

/// What needs more than one party's word.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Action {
    /// The participating interests from that day on (days since 1970-01-01), in ascending order of parties; their sum
    /// is [`WHOLE_BASIS_POINTS`]. Every party that has a manager agrees.
    Interests {
        from_day: i32,
        shares: List<Share, PARTIES_MAX>,
    },
    /// Who reads and writes what. Every party that has a manager agrees.
    Access(List<AccessRule, ACCESS_RULES_MAX>),
    /// Removes somebody of another party. Most of the other parties that have a manager agree.
    Remove(Target),
    /// Lets others make a member of a party that has no manager its manager, or invite one. Most of the other parties
    /// agree.
    Repair(PartyId),
}

/// Puts something to the parties; its author's party agrees.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Propose {
    pub action: Action,
}

/// A party's answer to a proposal, named by the hash of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Answer {
    pub proposal: Hash,
    pub agrees: bool,
}

/// Sets rules of access, as decided, or narrower ones for its author's own party.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SetAccess {
    pub proposal: Option<Hash>,
    pub rules: List<AccessRule, ACCESS_RULES_MAX>,
    pub keys: Keys,
}

/// Takes in late envelopes of a removed device, wherever they are.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TakeIn {
    pub space: Space,
    pub document: DocumentId,
    pub envelopes: List<Hash, TAKE_IN_MAX>,
}

/// Deletes a document that is not the root of its space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct DeleteDocument {
    pub space: Space,
    pub document: DocumentId,
}

/// Starts a new life of a document, whose history is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewGeneration {
    pub space: Space,
    pub document: DocumentId,
    pub generation: u32,
}

/// Moves the venture to another relay. That relay may acknowledge this entry itself, where the old one is dead.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct MoveRelay {
    pub relay: RelayKey,
    /// Text is the address.
    pub url: SealedName,
}

/// Seals an older key of a space under its newest one, where no rotation has: the newest opens history again.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rechain {
    pub space: Space,
    /// The newest epoch, whose key seals.
    pub epoch: u32,
    pub previous: SealedKey,
}

/// Names a device, a member or a party, in the place of the name before.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SetName {
    pub target: Target,
    pub name: SealedName,
}

/// What an entry does. New kinds are appended.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Body {
    Genesis(Genesis),
    AdmitParty(AdmitParty),
    Invite(Invite),
    Accept(Accept),
    Offer(Offer),
    AddDevice(AddDevice),
    Withdraw(Withdraw),
    SetRoles(SetRoles),
    Remove(Remove),
    Rotate(Rotate),
    Complain(Complain),
    Confirm(Confirm),
    Propose(Propose),
    Answer(Answer),
    SetAccess(SetAccess),
    TakeIn(TakeIn),
    DeleteDocument(DeleteDocument),
    NewGeneration(NewGeneration),
    MoveRelay(MoveRelay),
    Rechain(Rechain),
    SetName(SetName),
}

impl Body {
    /// The keys that a change of access brings along; `None` for entries that leave access as it is or box keys for
    /// their own recipient alone.
    pub const fn keys(&self) -> Option<&Keys> {
        match self {
            Self::Withdraw(withdraw) => Some(&withdraw.keys),
            Self::SetRoles(set) => Some(&set.keys),
            Self::Remove(remove) => Some(&remove.keys),
            Self::Rotate(rotate) => Some(&rotate.keys),
            Self::SetAccess(set) => Some(&set.keys),
            Self::Genesis(_)
            | Self::AdmitParty(_)
            | Self::Invite(_)
            | Self::Accept(_)
            | Self::Offer(_)
            | Self::AddDevice(_)
            | Self::Complain(_)
            | Self::Confirm(_)
            | Self::Propose(_)
            | Self::Answer(_)
            | Self::TakeIn(_)
            | Self::DeleteDocument(_)
            | Self::NewGeneration(_)
            | Self::MoveRelay(_)
            | Self::Rechain(_)
            | Self::SetName(_) => None,
        }
    }

    /// The same with other keys; those that bring none stay as they are.
    #[must_use]
    pub fn with_keys(mut self, brought: Keys) -> Self {
        match &mut self {
            Self::Withdraw(Withdraw { keys, .. })
            | Self::SetRoles(SetRoles { keys, .. })
            | Self::Remove(Remove { keys, .. })
            | Self::Rotate(Rotate { keys })
            | Self::SetAccess(SetAccess { keys, .. }) => *keys = brought,
            Self::Genesis(_)
            | Self::AdmitParty(_)
            | Self::Invite(_)
            | Self::Accept(_)
            | Self::Offer(_)
            | Self::AddDevice(_)
            | Self::Complain(_)
            | Self::Confirm(_)
            | Self::Propose(_)
            | Self::Answer(_)
            | Self::TakeIn(_)
            | Self::DeleteDocument(_)
            | Self::NewGeneration(_)
            | Self::MoveRelay(_)
            | Self::Rechain(_)
            | Self::SetName(_) => {}
        }
        self
    }
}
