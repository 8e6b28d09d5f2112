//! The charter in plain language: what an entry did, what a proposal would change, what a rule of access allows.
//!
//! Names of people and parties come resolved, for the charter knows ids alone. Roles and spaces come by their names in
//! markup, such as `pmo` and `plan`.

use crate::texts::topic;
use crate::{Texts, Topic, say};

pub(crate) const TOPIC: Topic = topic!("charter");

/// What an entry of the charter did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// By the first party, of this name.
    Founded(String),
    PartyAdmitted(String),
    Invited {
        party: String,
        roles: Vec<&'static str>,
    },
    Joined,
    DeviceOffered,
    KitMade,
    /// The device as it is told from others, in words.
    DeviceAdded(String),
    Withdrawn,
    RolesSet {
        member: String,
        roles: Vec<&'static str>,
    },
    Removed(Target),
    KeysGiven,
    Complained(Space),
    Confirmed(String),
    Proposed(Proposal),
    /// To the proposal that is told from others by `id`.
    Answered {
        id: String,
        agrees: bool,
    },
    AccessSet(Vec<Rule>),
    TakenIn(u64),
    DocumentDeleted,
    GenerationBegun,
    /// To the relay of this key.
    RelayMoved(String),
    /// The name that was given then, where it can be read.
    Named {
        target: Target,
        name: Option<String>,
    },
}

/// Who is removed, or what is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Device { device: String, member: String },
    Member(String),
    Party(String),
}

/// What is put to the parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// From a day on, as the language writes it; shares in basis points.
    Interests {
        from: String,
        shares: Vec<(String, u32)>,
    },
    Access(Vec<Rule>),
    Remove(Target),
    Repair(String),
}

/// A space by its name in markup; a private one with its party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Space {
    Named(&'static str),
    Private(String),
}

/// A rule of access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub space: Space,
    /// The party it holds for; `None` for all.
    pub party: Option<String>,
    /// Roles that read, and roles that write; `None` takes the rule back.
    pub grant: Option<(Vec<&'static str>, Vec<&'static str>)>,
}

/// What an entry did, as a sentence whose subject is `who` wrote it.
pub fn sentence(texts: &Texts, who: &str, event: &Event) -> String {
    match event {
        Event::Founded(party) => say!(texts, "event-founded", who = who, party = party.as_str()),
        Event::PartyAdmitted(party) => {
            let party = party.as_str();
            say!(texts, "event-party-admitted", who = who, party = party)
        }
        Event::Invited { party, roles } => {
            let (party, roles) = (party.as_str(), self::roles(texts, roles));
            say!(
                texts,
                "event-invited",
                who = who,
                party = party,
                roles = roles
            )
        }
        Event::Joined => say!(texts, "event-joined", who = who),
        Event::DeviceOffered => say!(texts, "event-device-offered", who = who),
        Event::KitMade => say!(texts, "event-recovery-offered", who = who),
        Event::DeviceAdded(device) => {
            let device = device.as_str();
            say!(texts, "event-device-added", who = who, device = device)
        }
        Event::Withdrawn => say!(texts, "event-withdrawn", who = who),
        Event::RolesSet { member, roles } => {
            let (member, roles) = (member.as_str(), self::roles(texts, roles));
            say!(
                texts,
                "event-roles-set",
                who = who,
                member = member,
                roles = roles
            )
        }
        Event::Removed(target) => {
            let target = self::target(texts, target);
            say!(texts, "event-removed", who = who, target = target)
        }
        Event::KeysGiven => say!(texts, "event-keys-given", who = who),
        Event::Complained(space) => {
            let space = self::space(texts, space);
            say!(texts, "event-complained", who = who, space = space)
        }
        Event::Confirmed(member) => {
            let member = member.as_str();
            say!(texts, "event-confirmed", who = who, member = member)
        }
        Event::Proposed(proposal) => {
            let what = self::proposal(texts, proposal).join(" ");
            say!(texts, "event-proposed", who = who, what = what)
        }
        Event::Answered { id, agrees } => {
            let id = id.as_str();
            match agrees {
                true => say!(texts, "event-agreed", who = who, id = id),
                false => say!(texts, "event-declined", who = who, id = id),
            }
        }
        Event::AccessSet(rules) => {
            let rules = self::rules(texts, rules).join(" ");
            say!(texts, "event-access-set", who = who, rules = rules)
        }
        Event::TakenIn(count) => say!(texts, "event-taken-in", who = who, count = *count),
        Event::DocumentDeleted => say!(texts, "event-document-deleted", who = who),
        Event::GenerationBegun => say!(texts, "event-generation-begun", who = who),
        Event::RelayMoved(relay) => {
            say!(
                texts,
                "event-relay-moved",
                who = who,
                relay = relay.as_str()
            )
        }
        Event::Named { target, name } => {
            let target = self::target(texts, target);
            match name {
                Some(name) => {
                    let name = name.as_str();
                    say!(
                        texts,
                        "event-named",
                        who = who,
                        target = target,
                        name = name
                    )
                }
                None => say!(texts, "event-named-unread", who = who, target = target),
            }
        }
    }
}

/// What a proposal would change, a sentence for each thing.
pub fn proposal(texts: &Texts, proposal: &Proposal) -> Vec<String> {
    match proposal {
        Proposal::Interests { from, shares } => {
            let shares: Vec<_> = shares
                .iter()
                .map(|(party, points)| format!("{party} {}", percent(*points)))
                .collect();
            vec![say!(
                texts,
                "action-interests",
                day = from.as_str(),
                shares = texts.row(&shares)
            )]
        }
        Proposal::Access(rules) => self::rules(texts, rules),
        Proposal::Remove(target) => vec![say!(
            texts,
            "action-remove",
            target = self::target(texts, target)
        )],
        Proposal::Repair(party) => vec![say!(texts, "action-repair", party = party.as_str())],
    }
}

/// A rule of access as a sentence.
pub fn rule(texts: &Texts, rule: &Rule) -> String {
    let mut space = space(texts, &rule.space);
    if let Some(party) = &rule.party {
        space = say!(
            texts,
            "space-of-party",
            space = space,
            party = party.as_str()
        );
    }
    match &rule.grant {
        Some((read, write)) => say!(
            texts,
            "access-rule",
            space = space,
            read = roles(texts, read),
            write = roles(texts, write)
        ),
        None => say!(texts, "access-rule-default", space = space),
    }
}

/// The name of a space.
pub fn space(texts: &Texts, space: &Space) -> String {
    match space {
        Space::Named(name) => texts.say(&format!("space-{name}"), &[]),
        Space::Private(party) => say!(texts, "space-private-of", party = party.as_str()),
    }
}

/// Roles as the language lists them.
pub fn roles(texts: &Texts, roles: &[&'static str]) -> String {
    let names: Vec<_> = roles
        .iter()
        .map(|name| texts.say(&format!("role-{name}"), &[]))
        .collect();
    match names.as_slice() {
        [] => say!(texts, "role-none"),
        names => texts.row(names),
    }
}

/// Basis points as a percentage, without zeros that say nothing.
pub fn percent(basis_points: u32) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    match rest {
        0 => format!("{whole}%"),
        rest if rest % 10 == 0 => format!("{whole}.{}%", rest / 10),
        rest => format!("{whole}.{rest:02}%"),
    }
}

fn rules(texts: &Texts, rules: &[Rule]) -> Vec<String> {
    rules
        .iter()
        .map(|one| say!(texts, "a-sentence", text = rule(texts, one)))
        .collect()
}

fn target(texts: &Texts, target: &Target) -> String {
    match target {
        Target::Device { device, member } => say!(
            texts,
            "target-device",
            device = device.as_str(),
            member = member.as_str()
        ),
        Target::Member(member) => member.clone(),
        Target::Party(party) => say!(texts, "target-party", party = party.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, SHARED};

    fn said(language: Language, event: &Event) -> String {
        sentence(&Texts::new(language, &[SHARED]), "Anna", event)
    }

    #[test]
    fn an_entry_reads_as_a_sentence_in_both_languages() {
        let event = Event::Invited {
            party: "Süd".into(),
            roles: vec!["pmo", "finance"],
        };
        let english = said(Language::English, &event);
        assert!(english.contains("PMO, Finance"), "{english}");
        let chinese = said(Language::Chinese, &event);
        assert!(
            chinese.contains("Anna") && chinese.contains("财务"),
            "{chinese}"
        );
    }

    #[test]
    fn a_rule_names_who_reads_and_who_writes() {
        let texts = Texts::new(Language::English, &[SHARED]);
        let rule = |party: Option<&str>, grant| {
            let party = party.map(str::to_owned);
            let space = Space::Named("plan");
            super::rule(
                &texts,
                &Rule {
                    space,
                    party,
                    grant,
                },
            )
        };
        let all = rule(None, Some((vec!["pmo"], Vec::new())));
        assert_eq!(all, "Plan: read by PMO, written by nobody");
        let one = rule(Some("Süd"), Some((vec!["pmo"], vec!["pmo"])));
        assert!(one.contains("Süd"), "{one}");
        assert!(rule(None, None).contains("default"));
    }

    #[test]
    fn shares_are_percentages_without_needless_zeros() {
        assert_eq!(
            [6000, 3350, 1234, 5, 0].map(percent),
            ["60%", "33.5%", "12.34%", "0.05%", "0%"]
        );
    }
}
