//! What more than one party must agree on: interests, access, removals in other parties, repairs.

use std::collections::BTreeSet;

use super::body::{Action, Answer, Propose, SetAccess, Share, Target, WHOLE_BASIS_POINTS};
use super::entry::Content;
use super::refused::Refused;
use super::state::{Interests, Proposal, State};
use crate::access::AccessRule;
use crate::ids::{Hash, PartyId};
use crate::limits::PROPOSALS_MAX;

impl State {
    pub(super) fn propose(
        &mut self,
        content: &Content,
        id: Hash,
        propose: &Propose,
    ) -> Result<(), Refused> {
        let (by, manager) = self.manager(&content.author)?;
        let party = manager.party;
        self.check_action(&propose.action)?;
        if !self.electorate(&propose.action).contains(&party) {
            return Err(Refused::BadProposal);
        }
        let proposers = self.proposals.values().filter_map(|it| self.proposer(it));
        if proposers.filter(|other| *other == party).count() >= PROPOSALS_MAX {
            return Err(Refused::Full("proposals"));
        }
        let proposal = Proposal {
            action: propose.action.clone(),
            by,
            agreed: BTreeSet::from([party]),
            declined: BTreeSet::new(),
            is_decided: false,
        };
        self.proposals.insert(id, proposal);
        self.decide(id, content.position + 1);
        Ok(())
    }

    pub(super) fn answer(&mut self, content: &Content, answer: Answer) -> Result<(), Refused> {
        let (_, manager) = self.manager(&content.author)?;
        let party = manager.party;
        let open = self.proposals.get(&answer.proposal);
        let open = open.filter(|proposal| !proposal.is_decided);
        let action = open.ok_or(Refused::NotDecided)?.action.clone();
        if !self.electorate(&action).contains(&party) {
            return Err(Refused::OtherParty);
        }
        let proposer = self.proposals.get(&answer.proposal);
        let proposer = proposer.and_then(|proposal| self.proposer(proposal));
        let needs_all = matches!(action, Action::Interests { .. } | Action::Access(_));
        if !answer.agrees && (needs_all || proposer == Some(party)) {
            self.proposals.remove(&answer.proposal);
            return Ok(());
        }
        let mut is_news = false;
        if let Some(proposal) = self.proposals.get_mut(&answer.proposal) {
            let (into, out_of) = match answer.agrees {
                true => (&mut proposal.agreed, &mut proposal.declined),
                false => (&mut proposal.declined, &mut proposal.agreed),
            };
            out_of.remove(&party);
            is_news = into.insert(party);
        }
        self.decide(answer.proposal, content.position + 1);
        // Said again it may still decide, where a party whose word was wanting has gone.
        let is_open = self
            .proposals
            .get(&answer.proposal)
            .is_some_and(|it| !it.is_decided);
        if !is_news && is_open {
            return Err(Refused::Nothing);
        }
        Ok(())
    }

    pub(super) fn set_access(&mut self, content: &Content, set: &SetAccess) -> Result<(), Refused> {
        let (_, manager) = self.manager(&content.author)?;
        let own = manager.party;
        check_rules(&set.rules)?;
        match set.proposal {
            Some(proposal) => {
                self.decided(proposal, &Action::Access(set.rules.clone()))?;
                self.proposals.remove(&proposal);
            }
            None if set.rules.iter().all(|rule| self.is_narrower(rule, own)) => {}
            None => return Err(Refused::NotDecided),
        }
        self.past_access
            .push((content.position + 1, self.access.clone()));
        for rule in set.rules.iter() {
            self.access.set(rule);
        }
        Ok(())
    }

    /// Holds a proposal against what is about to be done.
    pub(super) fn decided(&self, proposal: Hash, action: &Action) -> Result<(), Refused> {
        let proposal = self.proposals.get(&proposal);
        let fits = proposal.is_some_and(|it| it.is_decided && it.action == *action);
        if fits {
            Ok(())
        } else {
            Err(Refused::NotDecided)
        }
    }

    /// The parties whose word counts: those with a manager, but for the party that it is about.
    pub(crate) fn electorate(&self, action: &Action) -> BTreeSet<PartyId> {
        let about = match action {
            Action::Interests { .. } | Action::Access(_) => None,
            Action::Remove(target) => self.party_of(*target),
            Action::Repair(party) => Some(*party),
        };
        let managers = self.members.values().filter(|member| member.is_manager());
        let parties = managers.map(|member| member.party);
        parties.filter(|party| Some(*party) != about).collect()
    }

    fn party_of(&self, target: Target) -> Option<PartyId> {
        let of_member = |member| self.members.get(&member).map(|member| member.party);
        match target {
            Target::Device(device) => of_member(self.devices.get(&device)?.member),
            Target::Member(member) => of_member(member),
            Target::Party(party) => Some(party),
        }
    }

    fn decide(&mut self, id: Hash, position: u64) {
        let Some(proposal) = self.proposals.get(&id) else {
            return;
        };
        let electorate = self.electorate(&proposal.action);
        let agreed = electorate.intersection(&proposal.agreed).count();
        let declined = electorate.intersection(&proposal.declined).count();
        let is_decided = match proposal.action {
            Action::Interests { .. } | Action::Access(_) => agreed == electorate.len(),
            Action::Remove(_) | Action::Repair(_) => agreed * 2 > electorate.len(),
        };
        if declined > 0 && declined * 2 >= electorate.len() {
            self.proposals.remove(&id);
            return;
        }
        if !is_decided {
            return;
        }
        match proposal.action.clone() {
            Action::Interests { from_day, shares } => {
                self.interests.push(Interests {
                    from_day,
                    shares: shares.into_vec(),
                    decided_at: position,
                });
                self.proposals.remove(&id);
            }
            Action::Repair(party) => {
                self.repairs.insert(party);
                self.proposals.remove(&id);
            }
            // Done by an entry of its own, which brings the keys.
            Action::Access(_) | Action::Remove(_) => {
                if let Some(proposal) = self.proposals.get_mut(&id) {
                    proposal.is_decided = true;
                }
            }
        }
    }

    /// Drops proposals that nothing can come of any more, and decides those that waited only for a party that is gone.
    pub(super) fn tidy_proposals(&mut self, position: u64) {
        let ids: Vec<Hash> = self.proposals.keys().copied().collect();
        for id in ids {
            let Some(proposal) = self.proposals.get(&id) else {
                continue;
            };
            let is_orphan = self
                .proposer(proposal)
                .is_none_or(|party| self.party(party).is_err());
            if is_orphan || self.check_action(&proposal.action).is_err() {
                self.proposals.remove(&id);
            } else if !proposal.is_decided {
                self.decide(id, position);
            }
        }
    }

    fn proposer(&self, proposal: &Proposal) -> Option<PartyId> {
        self.members.get(&proposal.by).map(|by| by.party)
    }

    fn check_action(&self, action: &Action) -> Result<(), Refused> {
        match action {
            Action::Interests { shares, .. } => self.check_shares(shares),
            Action::Access(rules) => check_rules(rules),
            Action::Remove(target) => self.devices_of(*target).map(|_| ()),
            Action::Repair(party) if self.has_manager(*party) => Err(Refused::BadProposal),
            Action::Repair(party) => self.party(*party).map(|_| ()),
        }
    }

    fn check_shares(&self, shares: &[Share]) -> Result<(), Refused> {
        let is_ordered = shares.is_sorted_by(|one, next| one.party < next.party);
        let are_known = shares.iter().all(|share| self.party(share.party).is_ok());
        let sum: u32 = shares
            .iter()
            .map(|share| u32::from(share.basis_points))
            .sum();
        if is_ordered && are_known && sum == WHOLE_BASIS_POINTS {
            Ok(())
        } else {
            Err(Refused::Interests)
        }
    }

    /// True for a rule that only takes rights from the author's own party.
    fn is_narrower(&self, rule: &AccessRule, own: PartyId) -> bool {
        let now = self.access.grant(rule.space, own);
        rule.party == Some(own)
            && rule.grant.is_some_and(|grant| {
                let is_less = grant.read.is_within(now.read) && grant.write.is_within(now.write);
                is_less && grant != now
            })
    }
}

fn check_rules(rules: &[AccessRule]) -> Result<(), Refused> {
    let places: BTreeSet<_> = rules.iter().map(|rule| (rule.space, rule.party)).collect();
    let sound = rules.iter().all(|rule| {
        let writes_unread = |grant: crate::access::Grant| !grant.write.is_within(grant.read);
        rule.space.is_governed() && !rule.grant.is_some_and(writes_unread)
    });
    if rules.is_empty() || places.len() != rules.len() || !sound {
        return Err(Refused::AccessRule);
    }
    Ok(())
}
