//! Steps that people take in a charter, as a property test draws them: sensible ones and others.

use super::{Charter, Entry, ann, bob};
use crate::access::{AccessRule, Grant, Role, Roles, Space};
use crate::charter::{Action, OfferKind, Target};
use crate::fixture::{self, Link, Person};
use crate::{DocumentId, Hash, List};

/// What is drawn for one step.
pub(super) type Drawn = (u8, u8, u8, u8, bool);

/// Everybody with a device, and every link and code, that there ever was.
pub(super) struct World {
    pub(super) people: Vec<Person>,
    pub(super) links: Vec<Link>,
    made: u64,
}

const KINDS: usize = 19;

const SPACES: [Space; 4] = [
    Space::Directory,
    Space::Plan,
    Space::Finance,
    Space::Contracts,
];

impl World {
    pub(super) fn new() -> Self {
        Self {
            people: vec![ann(), bob()],
            links: Vec::new(),
            made: 1_000,
        }
    }

    /// The entry of a step, by somebody of a side's party, as that side's charter stands.
    pub(super) fn entry(&mut self, charter: &Charter, side: usize, drawn: Drawn) -> Option<Entry> {
        let (kind, who, first, second, _) = drawn;
        let by = self.somebody(side, who)?;
        let (first, second) = (usize::from(first), usize::from(second));
        match usize::from(kind) % KINDS {
            0..=4 => self.about_links(charter, &by, usize::from(kind) % KINDS, first, second),
            5..=7 => self.about_people(charter, &by, usize::from(kind) % KINDS, first, second),
            8..=11 => Some(about_keys(charter, &by, usize::from(kind) % KINDS, first)),
            18 => {
                let other = &self.people[first % self.people.len()];
                Some(fixture::set_name(charter, &by, target(other, second)))
            }
            other => self.about_decisions(charter, &by, other, first, second),
        }
    }

    /// The first manager of a side in every other step, that steps be taken and not only refused.
    fn somebody(&self, side: usize, who: u8) -> Option<Person> {
        let party = self.people[side].party;
        let own: Vec<_> = self.people.iter().filter(|it| it.party == party).collect();
        let index = if who.is_multiple_of(2) {
            0
        } else {
            usize::from(who) % own.len()
        };
        own.get(index).map(|it| (*it).clone())
    }

    fn fresh(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    fn link(&mut self) -> Link {
        let link = Link::new(self.fresh());
        self.links.push(link.clone());
        link
    }

    fn about_links(
        &mut self,
        charter: &Charter,
        by: &Person,
        kind: usize,
        first: usize,
        second: usize,
    ) -> Option<Entry> {
        let known = (!self.links.is_empty()).then(|| self.links[first % self.links.len()].clone());
        let offers = [OfferKind::Device, OfferKind::Recovery];
        Some(match kind {
            0 => {
                let link = self.link();
                fixture::invite(charter, by, &link, by.party, &roles(second), None)
            }
            1 => {
                let seed = self.fresh();
                let known = known?;
                let party = charter
                    .invites()
                    .get(&known.id())
                    .map_or(by.party, |it| it.party);
                let person = Person::new(seed, party);
                self.people.push(person.clone());
                fixture::accept(charter, &known, &person)
            }
            2 => {
                let code = self.link();
                fixture::offer(charter, by, &code, offers[second % 2], None)
            }
            3 => {
                let (known, seed) = (known?, self.fresh());
                let offer = charter.offers().get(&known.id());
                let owner =
                    offer.and_then(|it| self.people.iter().find(|own| own.member == it.member));
                let device = owner.unwrap_or(by).on_device(seed);
                self.people.push(device.clone());
                fixture::add_device(charter, &known, &device)
            }
            _ => fixture::withdraw(charter, by, &known?),
        })
    }

    fn about_people(
        &self,
        charter: &Charter,
        by: &Person,
        kind: usize,
        first: usize,
        second: usize,
    ) -> Option<Entry> {
        let other = &self.people[first % self.people.len()];
        Some(match kind {
            5 => fixture::set_roles(charter, by, other.member, &roles(second)),
            6 => fixture::remove(charter, by, target(other, second), None, vec![]),
            _ => fixture::confirm(charter, by, other.member),
        })
    }

    fn about_decisions(
        &self,
        charter: &Charter,
        by: &Person,
        kind: usize,
        first: usize,
        second: usize,
    ) -> Option<Entry> {
        let other = &self.people[first % self.people.len()];
        let rule = rule(second.is_multiple_of(2).then_some(by.party), second);
        let open = charter.proposals().iter().nth(first % 3);
        let document = DocumentId::opened_by(charter.venture(), Space::Plan, by.device(), [7; 16]);
        Some(match kind {
            12 => fixture::propose(charter, by, Action::Remove(target(other, second))),
            13 => {
                let rules = List::new(vec![rule]).ok()?;
                fixture::propose(charter, by, Action::Access(rules))
            }
            14 => fixture::answer(charter, by, *open?.0, !second.is_multiple_of(4)),
            15 => {
                let (id, proposal) = open?;
                carried_out(charter, by, *id, &proposal.action)?
            }
            16 => fixture::set_access(charter, by, None, &[rule]),
            _ => match second % 3 {
                0 => fixture::take_in(charter, by, Space::Plan, document, &[Hash([9; 32])]),
                1 => fixture::new_generation(charter, by, Space::Plan, document, 1),
                _ => fixture::delete_document(charter, by, Space::Plan, document),
            },
        })
    }
}

fn about_keys(charter: &Charter, by: &Person, kind: usize, first: usize) -> Entry {
    let space = SPACES[first % SPACES.len()];
    match kind {
        8 => fixture::rotate(charter, by, &[space, Space::Private(by.party)]),
        9 => fixture::rotate(charter, by, &[space]),
        10 => fixture::rotate(charter, by, &[]),
        _ => fixture::complain(charter, by, space),
    }
}

fn carried_out(charter: &Charter, by: &Person, id: Hash, action: &Action) -> Option<Entry> {
    match action {
        Action::Remove(target) => Some(fixture::remove(charter, by, *target, Some(id), vec![])),
        Action::Access(rules) => Some(fixture::set_access(charter, by, Some(id), rules)),
        Action::Interests { .. } | Action::Repair(_) => None,
    }
}

fn target(person: &Person, drawn: usize) -> Target {
    match drawn % 8 {
        0 => Target::Party(person.party),
        1 | 2 => Target::Member(person.member),
        _ => Target::Device(person.device()),
    }
}

fn rule(party: Option<crate::PartyId>, drawn: usize) -> AccessRule {
    let read = roles(drawn / 2);
    AccessRule {
        space: SPACES[1 + drawn % 3],
        party,
        grant: Some(Grant {
            read: Roles::new(&read),
            write: Roles::new(&read[..1]),
        }),
    }
}

fn roles(drawn: usize) -> Vec<Role> {
    match drawn % 5 {
        0 | 1 => vec![Role::Pmo, Role::PartnerManager],
        2 => vec![Role::Viewer],
        3 => vec![Role::Finance],
        _ => vec![Role::Legal, Role::PartnerManager],
    }
}
