//! What this device wrote in a branch of the charter that gave way, asked again as the one that stands allows.
//!
//! Others ask again for theirs in their own time, and whom the branch let in comes back when they connect. What is about
//! somebody or something that is not there yet waits for it, and for nothing else: no device is unsettled by it.

use std::collections::{BTreeMap, BTreeSet};

use heqi_protocol::charter::{
    Action, AdmitParty, Author, Body, Charter, Confirm, Entry, Invite, Keys, MoveRelay, Offer,
    Rotate, SetName, SetRoles, Target, Withdraw,
};
use heqi_protocol::{DeviceId, Hash, InviteId};

use super::Replica;
use super::steps::Step;
use crate::io::{Failure, Reply};
use crate::store::Intent;

/// Somebody or something that may not be in the charter yet.
enum Whom {
    Target(Target),
    /// An invite, a code or a kit.
    Invite(InviteId),
}

/// A branch that gave way.
struct Branch {
    /// The charter at its end.
    charter: Charter,
    /// What was proposed in it.
    proposals: BTreeMap<Hash, Action>,
    /// Who was let in by an invite or a code in it.
    admitted: BTreeMap<InviteId, BTreeSet<DeviceId>>,
    /// Who made the invites and codes in it.
    makers: BTreeMap<InviteId, Author>,
}

impl Branch {
    fn of(charter: Charter, entries: &[Entry]) -> Self {
        let mut branch = Self {
            charter,
            proposals: BTreeMap::new(),
            admitted: BTreeMap::new(),
            makers: BTreeMap::new(),
        };
        for entry in entries {
            let content = entry.content();
            let admitted = match &content.body {
                Body::Accept(accept) => accept.device.id,
                Body::AddDevice(add) => add.device.id,
                Body::Propose(propose) => {
                    let action = propose.action.clone();
                    branch.proposals.insert(entry.hash(), action);
                    continue;
                }
                Body::Invite(Invite { invite: id, .. }) | Body::Offer(Offer { offer: id, .. }) => {
                    branch.makers.insert(*id, content.author);
                    continue;
                }
                _ => continue,
            };
            if let Author::Invite(invite) = content.author {
                branch.admitted.entry(invite).or_default().insert(admitted);
            }
        }
        branch
    }

    fn made_by(&self, author: Author, id: InviteId) -> bool {
        self.makers.get(&id) == Some(&author)
    }

    /// True where an invite or a code lets in nobody any more: it was taken back, or whom it let in was removed.
    fn is_over(&self, id: InviteId) -> bool {
        let charter = &self.charter;
        let is_open = charter.invites().contains_key(&id) || charter.offers().contains_key(&id);
        let mut admitted = self.admitted.get(&id).into_iter().flatten();
        !is_open && !admitted.any(|device| charter.is_active(*device))
    }
}

impl Replica {
    /// Asks again for what this device wrote in the entries of a branch whose last charter was `before`.
    pub(super) fn ask_again(&mut self, before: Charter, entries: &[Entry]) {
        let me = Author::Device(self.secrets.device());
        let branch = Branch::of(before, entries);
        for entry in entries.iter().filter(|it| it.content().author == me) {
            if let Some(intent) = self.asked_again(&branch, entry) {
                self.intend(intent, None);
            }
        }
    }

    fn asked_again(&self, branch: &Branch, entry: &Entry) -> Option<Intent> {
        let me = entry.content().author;
        match &entry.content().body {
            Body::Genesis(_)
            | Body::Accept(_)
            | Body::AddDevice(_)
            | Body::Complain(_)
            | Body::Rechain(_) => None,
            Body::Rotate(rotate) => self.rotated_again(rotate),
            Body::Invite(invite) if branch.is_over(invite.invite) => None,
            Body::Offer(offer) if branch.is_over(offer.offer) => None,
            // Nobody else asks again for what this device has both made and taken back.
            Body::Withdraw(withdraw) if branch.made_by(me, withdraw.invite) => None,
            // Whichever manager comes first carries out what is decided, once it is so again.
            Body::Remove(remove) if remove.proposal.is_some() => None,
            Body::SetAccess(set) if set.proposal.is_some() => None,
            Body::Remove(remove) => Some(Intent::Remove(remove.target)),
            Body::NewGeneration(new) => Some(Intent::BeginGeneration {
                space: new.space,
                document: new.document,
                over: new.generation.saturating_sub(1),
            }),
            Body::Propose(propose) => Some(Intent::Propose(propose.action.clone())),
            // A proposal has another name when it is made again, perhaps by this device.
            Body::Answer(answer) => match branch.proposals.get(&answer.proposal) {
                Some(action) if answer.agrees => Some(Intent::Propose(action.clone())),
                _ => Some(Intent::Again(entry.bytes().to_vec())),
            },
            _ => Some(Intent::Again(entry.bytes().to_vec())),
        }
    }

    /// True where an intent is about what the charter does not have yet, though it had it in a branch that gave way.
    pub(super) fn awaits_return(&self, intent: &Intent) -> bool {
        let Some(charter) = &self.charter else {
            return false;
        };
        match whom(intent) {
            Some(Whom::Target(Target::Device(id))) => !charter.devices().contains_key(&id),
            Some(Whom::Target(Target::Member(id))) => !charter.members().contains_key(&id),
            Some(Whom::Target(Target::Party(id))) => !charter.parties().contains_key(&id),
            Some(Whom::Invite(id)) => {
                let is_open =
                    charter.invites().contains_key(&id) || charter.offers().contains_key(&id);
                !is_open && charter.spent_at(id).is_none()
            }
            None => false,
        }
    }

    /// Entries that stand, from a position on.
    fn entries_from(&self, position: u64) -> impl Iterator<Item = Entry> {
        let from = usize::try_from(position).unwrap_or(usize::MAX);
        let records = self.records.iter().skip(from);
        records.filter_map(|record| Entry::decode(&record.entry).ok())
    }

    /// True where an overtaken entry sets what somebody has set of the same target since that one came back.
    fn is_decided_since(&self, entry: &Entry) -> bool {
        let content = entry.content();
        let Some(set) = set_of(&content.body) else {
            return false;
        };
        let since = self.entries_from(content.position);
        let mut back = since.skip_while(|it| !lets_in(&it.content().body, set.0));
        back.any(|it| set_of(&it.content().body) == Some(set))
    }

    /// New keys for the same spaces, where the branch that stands has not given them. What others may give of their own
    /// accord is due again by itself.
    fn rotated_again(&self, rotate: &Rotate) -> Option<Intent> {
        let spaces = self.charter.as_ref()?.spaces();
        if !self.is_manager() {
            return None;
        }
        let rotated = rotate.keys.rotated.iter();
        let again: Vec<_> = rotated
            .filter_map(|new| Some((new.space, spaces.get(&new.space)?.epoch)))
            .collect();
        (!again.is_empty()).then_some(Intent::Rotate(again))
    }

    /// An entry of this device that another branch has overtaken, asked for again.
    pub(super) fn step_again(&mut self, bytes: &[u8]) -> Step {
        let Ok(entry) = Entry::decode(bytes) else {
            return Step::Done(Reply::Done);
        };
        let body = entry.content().body.clone();
        let Some(charter) = &self.charter else {
            return Step::Failed(Failure::NotYetMember);
        };
        let is_there = match &body {
            Body::AdmitParty(admit) => charter.parties().contains_key(&admit.party),
            Body::Invite(invite) => charter.invites().contains_key(&invite.invite),
            Body::Offer(offer) => charter.offers().contains_key(&offer.offer),
            Body::MoveRelay(moved) => charter.relay() == moved.relay,
            Body::TakeIn(take) => {
                let (space, document) = (take.space, take.document);
                let is_there = |hash: &Hash| charter.has_taken_in(space, document, *hash);
                take.envelopes.iter().all(is_there)
            }
            Body::Withdraw(withdraw) => charter.spent_at(withdraw.invite).is_some(),
            Body::DeleteDocument(delete) => charter.is_deleted_in(delete.space, delete.document),
            _ => {
                let mut since = self.entries_from(entry.content().position);
                since.any(|other| {
                    other.content().author == entry.content().author
                        && other.content().body.clone().with_keys(Keys::default())
                            == body.clone().with_keys(Keys::default())
                })
            }
        };
        if is_there {
            return Step::Done(Reply::Done);
        }
        if self.is_decided_since(&entry) {
            let reason = "somebody has decided otherwise since they are back";
            return Step::Failed(Failure::Refused(reason.to_owned()));
        }
        match body {
            Body::AdmitParty(admit) => match self.resealed(&admit.name) {
                Some(name) => Step::Write(Body::AdmitParty(AdmitParty { name, ..admit })),
                None => self.nameless(),
            },
            Body::MoveRelay(moved) => match self.resealed(&moved.url) {
                Some(url) => Step::Write(Body::MoveRelay(MoveRelay { url, ..moved })),
                None => self.nameless(),
            },
            Body::SetName(set) => match self.resealed(&set.name) {
                Some(name) => Step::Write(Body::SetName(SetName { name, ..set })),
                None => self.nameless(),
            },
            body => Step::Write(body),
        }
    }
}

/// Whose roles or name a body sets, and which of the two.
fn set_of(body: &Body) -> Option<(Target, bool)> {
    match body {
        Body::SetRoles(set) => Some((Target::Member(set.member), true)),
        Body::SetName(set) => Some((set.target, false)),
        _ => None,
    }
}

fn lets_in(body: &Body, target: Target) -> bool {
    match (body, target) {
        (Body::AdmitParty(admit), Target::Party(party)) => admit.party == party,
        (Body::Accept(accept), Target::Member(member)) => accept.member == member,
        (Body::Accept(accept), Target::Device(device)) => accept.device.id == device,
        (Body::AddDevice(add), Target::Device(device)) => add.device.id == device,
        _ => false,
    }
}

/// Whom or what an intent is about that others may have to bring back first.
fn whom(intent: &Intent) -> Option<Whom> {
    let target = match intent {
        Intent::Remove(target) => *target,
        Intent::Again(bytes) => match Entry::decode(bytes).ok()?.content().body {
            Body::Confirm(Confirm { member }) | Body::SetRoles(SetRoles { member, .. }) => {
                Target::Member(member)
            }
            Body::SetName(SetName { target, .. }) => target,
            Body::Withdraw(Withdraw { invite, .. }) => return Some(Whom::Invite(invite)),
            _ => return None,
        },
        Intent::Withdraw(invite) => return Some(Whom::Invite(*invite)),
        _ => return None,
    };
    Some(Whom::Target(target))
}
