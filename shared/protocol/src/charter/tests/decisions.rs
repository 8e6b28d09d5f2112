//! Proposals: nobody keeps the others from deciding, and nobody decides alone.

use super::{MANAGER, admit, ann, bob, cat, join, refused, take, three, two};
use crate::access::{AccessRule, Grant, Role, Roles, Space};
use crate::charter::{Action, Charter, Refused, Share, Target};
use crate::fixture::{self, Link, Person, Stream};
use crate::limits::PROPOSALS_MAX;
use crate::log::Point;
use crate::{Hash, List};

fn dan() -> Person {
    Person::new(4, fixture::party(4))
}

fn propose(charter: &mut Charter, by: &Person, action: Action) -> Hash {
    let entry = fixture::propose(charter, by, action);
    take(charter, &entry);
    entry.hash()
}

fn answer(charter: &mut Charter, by: &Person, proposal: Hash, agrees: bool) {
    let entry = fixture::answer(charter, by, proposal, agrees);
    take(charter, &entry);
}

fn shares(of: &[(&Person, u16)]) -> Action {
    let mut shares: Vec<_> = of
        .iter()
        .map(|(person, basis_points)| Share {
            party: person.party,
            basis_points: *basis_points,
        })
        .collect();
    shares.sort();
    let shares = List::new(shares).unwrap();
    Action::Interests {
        from_day: 1,
        shares,
    }
}

#[test]
fn party_that_fills_the_table_of_proposals_fills_only_its_own() {
    let mut charter = three();
    for number in 0..PROPOSALS_MAX {
        let bob = Target::Device(bob().device());
        let target = if number % 2 == 0 {
            bob
        } else {
            Target::Party(bob_party())
        };
        propose(&mut charter, &cat(), Action::Remove(target));
    }
    let more = Action::Remove(Target::Member(ann().member));
    let entry = fixture::propose(&charter, &cat(), more);
    refused(&charter, &entry, Refused::Full("proposals"));
    let target = Target::Party(cat().party);
    let proposal = propose(&mut charter, &bob(), Action::Remove(target));
    answer(&mut charter, &ann(), proposal, true);
    let entry = fixture::remove(&charter, &bob(), target, Some(proposal), vec![]);
    take(&mut charter, &entry);
    assert!(
        charter.proposals().is_empty(),
        "those of the removed are gone with them"
    );
}

fn bob_party() -> crate::PartyId {
    bob().party
}

#[test]
fn proposal_that_half_of_the_others_decline_is_dropped() {
    let mut charter = three();
    let remove = Action::Remove(Target::Member(ann().member));
    let proposal = propose(&mut charter, &cat(), remove);
    answer(&mut charter, &bob(), proposal, false);
    assert!(!charter.proposals().contains_key(&proposal));
}

#[test]
fn removal_is_decided_by_more_than_half_of_the_other_parties() {
    let mut charter = three();
    admit(&mut charter, &dan());
    let target = Target::Member(cat().member);
    let proposal = propose(&mut charter, &ann(), Action::Remove(target));
    let entry = fixture::remove(&charter, &ann(), target, Some(proposal), vec![]);
    refused(&charter, &entry, Refused::NotDecided);
    let entry = fixture::answer(&charter, &cat(), proposal, false);
    refused(&charter, &entry, Refused::OtherParty);
    answer(&mut charter, &dan(), proposal, true);
    let other = Target::Member(bob().member);
    let entry = fixture::remove(&charter, &ann(), other, Some(proposal), vec![]);
    refused(&charter, &entry, Refused::NotDecided);
    let entry = fixture::remove(&charter, &bob(), target, Some(proposal), vec![]);
    take(&mut charter, &entry);
    assert!(charter.is_removed(target));
}

#[test]
fn removed_party_does_not_say_itself_from_where_on_it_is_late() {
    let mut charter = three();
    let eve = Person::new(5, cat().party);
    join(&mut charter, &cat(), &eve, &MANAGER);
    let document = Stream::new(&cat(), charter.venture(), 1).document();
    let seen = || {
        let (seq, chain) = (u64::MAX, Hash([1; 32]));
        let point = Point { seq, chain };
        vec![crate::charter::Extent { document, point }]
    };
    let target = Target::Member(cat().member);
    let proposal = propose(&mut charter, &ann(), Action::Remove(target));
    answer(&mut charter, &bob(), proposal, true);
    for by in [cat(), eve] {
        let entry = fixture::remove(&charter, &by, target, Some(proposal), seen());
        refused(&charter, &entry, Refused::OtherParty);
    }
    let entry = fixture::remove(&charter, &ann(), target, Some(proposal), vec![]);
    take(&mut charter, &entry);
}

#[test]
fn proposal_that_waits_for_a_party_that_is_gone_is_decided() {
    let mut charter = three();
    let proposal = propose(
        &mut charter,
        &ann(),
        shares(&[(&ann(), 6_000), (&bob(), 4_000)]),
    );
    answer(&mut charter, &bob(), proposal, true);
    assert!(charter.interests().is_empty());
    let target = Target::Member(cat().member);
    let removal = propose(&mut charter, &ann(), Action::Remove(target));
    answer(&mut charter, &bob(), removal, true);
    let entry = fixture::remove(&charter, &ann(), target, Some(removal), vec![]);
    take(&mut charter, &entry);
    assert_eq!(charter.interests().len(), 1);
    assert_eq!(charter.interests()[0].decided_at, charter.position());
}

#[test]
fn interests_of_a_party_that_is_gone_are_never_decided() {
    let mut charter = three();
    let with_cat = shares(&[(&ann(), 6_000), (&cat(), 4_000)]);
    let proposal = propose(&mut charter, &ann(), with_cat.clone());
    answer(&mut charter, &bob(), proposal, true);
    let entry = fixture::remove(&charter, &cat(), Target::Party(cat().party), None, vec![]);
    take(&mut charter, &entry);
    assert!(charter.proposals().is_empty() && charter.interests().is_empty());
    let entry = fixture::propose(&charter, &ann(), with_cat);
    refused(&charter, &entry, Refused::Interests);
}

#[test]
fn party_without_a_manager_is_repaired_by_the_others() {
    let mut charter = three();
    let repair = Action::Repair(bob().party);
    let entry = fixture::propose(&charter, &ann(), repair.clone());
    refused(&charter, &entry, Refused::BadProposal);
    let dan = Person::new(4, bob().party);
    join(&mut charter, &bob(), &dan, &[Role::Viewer]);
    let entry = fixture::remove(&charter, &bob(), Target::Member(bob().member), None, vec![]);
    take(&mut charter, &entry);
    let link = Link::new(70);
    let entry = fixture::invite(&charter, &ann(), &link, bob().party, &MANAGER, None);
    refused(&charter, &entry, Refused::OtherParty);
    let proposal = propose(&mut charter, &ann(), repair);
    answer(&mut charter, &cat(), proposal, true);
    let eve = Person::new(5, bob().party);
    join(&mut charter, &ann(), &eve, &MANAGER);
    assert!(charter.has_manager(bob().party));
    let home = Space::Private(bob().party);
    assert!(
        !charter.may_read(eve.device(), home),
        "Dan is there to confirm them first"
    );
    let entry = fixture::confirm(&charter, &dan, eve.member);
    take(&mut charter, &entry);
    assert!(charter.may_read(eve.device(), home));
    assert!(
        !charter.looks_after(ann().party, bob().party),
        "it has a manager again"
    );
}

#[test]
fn manager_narrows_the_access_of_their_own_party_alone() {
    let mut charter = two();
    let finance = Roles::new(&[Role::Finance]);
    let rule = |party, read, write| AccessRule {
        space: Space::Finance,
        party,
        grant: Some(Grant { read, write }),
    };
    let own = Some(bob().party);
    let wider = Roles::new(&Role::ALL);
    for rule in [
        rule(own, wider, finance),
        rule(Some(ann().party), finance, finance),
        rule(None, finance, finance),
        AccessRule {
            grant: None,
            ..rule(own, finance, finance)
        },
    ] {
        let entry = fixture::set_access(&charter, &bob(), None, &[rule]);
        refused(&charter, &entry, Refused::NotDecided);
    }
    let narrower = rule(own, finance, finance);
    let entry = fixture::set_access(&charter, &bob(), None, &[narrower]);
    take(&mut charter, &entry);
    // Once: or one manager could fill everybody's memory with tables of before.
    let entry = fixture::set_access(&charter, &bob(), None, &[narrower]);
    refused(&charter, &entry, Refused::NotDecided);
    assert!(!charter.may_read(bob().device(), Space::Finance));
    assert!(
        charter.spaces()[&Space::Finance].is_due,
        "Bob could not rotate what he reads no more"
    );
    let entry = fixture::rotate(&charter, &ann(), &[]);
    take(&mut charter, &entry);
    assert!(!charter.spaces()[&Space::Finance].is_due);
}

#[test]
fn rules_that_cannot_be_are_refused() {
    let charter = two();
    let (some, all) = (Roles::new(&[Role::Pmo]), Roles::new(&Role::ALL));
    let rule = |space, read, write| AccessRule {
        space,
        party: Some(bob().party),
        grant: Some(Grant { read, write }),
    };
    let fit = rule(Space::Risk, some, some);
    for rules in [
        vec![],
        vec![fit, fit],
        vec![rule(Space::Risk, some, all)],
        vec![rule(Space::Directory, some, some)],
        vec![rule(Space::Private(bob().party), some, some)],
    ] {
        let entry = fixture::set_access(&charter, &bob(), None, &rules);
        refused(&charter, &entry, Refused::AccessRule);
        let action = Action::Access(List::new(rules).unwrap());
        let entry = fixture::propose(&charter, &bob(), action);
        refused(&charter, &entry, Refused::AccessRule);
    }
}

#[test]
fn interests_that_do_not_add_up_are_refused() {
    let charter = two();
    let stranger = Person::new(9, fixture::party(9));
    let ordered = |of: &[(&Person, u16)]| shares(of);
    let mut twice = shares(&[(&ann(), 5_000), (&ann(), 5_000)]);
    for action in [
        ordered(&[]),
        ordered(&[(&ann(), 5_000), (&bob(), 5_001)]),
        ordered(&[(&ann(), 5_000), (&stranger, 5_000)]),
        twice.clone(),
    ] {
        let entry = fixture::propose(&charter, &ann(), action);
        refused(&charter, &entry, Refused::Interests);
    }
    if let Action::Interests { shares, .. } = &mut twice {
        let mut both = vec![
            Share {
                party: ann().party,
                basis_points: 5_000,
            },
            Share {
                party: bob().party,
                basis_points: 5_000,
            },
        ];
        both.sort();
        both.reverse();
        *shares = List::new(both).unwrap();
    }
    let entry = fixture::propose(&charter, &ann(), twice);
    refused(&charter, &entry, Refused::Interests);
}

#[test]
fn proposal_is_answered_while_it_is_open_and_once_the_same_way() {
    let mut charter = three();
    let entry = fixture::answer(&charter, &ann(), Hash([1; 32]), true);
    refused(&charter, &entry, Refused::NotDecided);
    let remove = Action::Remove(Target::Member(cat().member));
    let proposal = propose(&mut charter, &ann(), remove.clone());
    let entry = fixture::answer(&charter, &ann(), proposal, true);
    refused(&charter, &entry, Refused::Nothing);
    let entry = fixture::propose(&charter, &cat(), remove);
    refused(&charter, &entry, Refused::BadProposal);
    answer(&mut charter, &bob(), proposal, true);
    let entry = fixture::answer(&charter, &bob(), proposal, false);
    refused(&charter, &entry, Refused::NotDecided);
}
