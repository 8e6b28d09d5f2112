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
    Founded {
        party: String,
        member: String,
    },
    PartyAdmitted(String),
    Invited {
        party: String,
        roles: Vec<&'static str>,
    },
    Joined {
        member: String,
        party: String,
    },
    DeviceOffered,
    KitMade,
    /// `device` as it is told from others, in words.
    DeviceAdded {
        member: String,
        device: String,
    },
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
    Answered {
        agrees: bool,
    },
    AccessSet(Vec<Rule>),
    TakenIn(u64),
    DocumentDeleted,
    GenerationBegun,
    RelayMoved,
}

/// Who is removed.
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

/// What an entry did, as a sentence whose subject is its author.
pub fn sentence(texts: &Texts, author: &str, event: &Event) -> String {
    match event {
        Event::Founded { party, member } => {
            say!(
                texts,
                "history-founded",
                member = member.as_str(),
                party = party.as_str()
            )
        }
        Event::PartyAdmitted(party) => say!(
            texts,
            "history-party-admitted",
            author = author,
            party = party.as_str()
        ),
        Event::Invited { party, roles } => say!(
            texts,
            "history-invited",
            author = author,
            party = party.as_str(),
            roles = self::roles(texts, roles)
        ),
        Event::Joined { member, party } => say!(
            texts,
            "history-joined",
            member = member.as_str(),
            party = party.as_str()
        ),
        Event::DeviceOffered => say!(texts, "history-device-offered", author = author),
        Event::KitMade => say!(texts, "history-kit-made", author = author),
        Event::DeviceAdded { member, device } => say!(
            texts,
            "history-device-added",
            member = member.as_str(),
            device = device.as_str()
        ),
        Event::Withdrawn => say!(texts, "history-withdrawn", author = author),
        Event::RolesSet { member, roles } => say!(
            texts,
            "history-roles-set",
            author = author,
            member = member.as_str(),
            roles = self::roles(texts, roles)
        ),
        Event::Removed(target) => say!(
            texts,
            "history-removed",
            author = author,
            target = self::target(texts, target)
        ),
        Event::KeysGiven => say!(texts, "history-keys-given", author = author),
        Event::Complained(space) => say!(
            texts,
            "history-complained",
            author = author,
            space = self::space(texts, space)
        ),
        Event::Confirmed(member) => say!(
            texts,
            "history-confirmed",
            author = author,
            member = member.as_str()
        ),
        Event::Proposed(proposal) => say!(
            texts,
            "history-proposed",
            author = author,
            what = self::proposal(texts, proposal).join(" ")
        ),
        Event::Answered { agrees: true } => say!(texts, "history-agreed", author = author),
        Event::Answered { agrees: false } => say!(texts, "history-declined", author = author),
        Event::AccessSet(rules) => say!(
            texts,
            "history-access-set",
            author = author,
            rules = self::rules(texts, rules).join(" ")
        ),
        Event::TakenIn(count) => {
            say!(texts, "history-taken-in", author = author, count = *count)
        }
        Event::DocumentDeleted => say!(texts, "history-document-deleted", author = author),
        Event::GenerationBegun => say!(texts, "history-generation", author = author),
        Event::RelayMoved => say!(texts, "history-relay-moved", author = author),
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
                "proposal-interests",
                from = from.as_str(),
                shares = texts.row(&shares)
            )]
        }
        Proposal::Access(rules) => self::rules(texts, rules),
        Proposal::Remove(target) => vec![say!(
            texts,
            "proposal-remove",
            target = self::target(texts, target)
        )],
        Proposal::Repair(party) => vec![say!(texts, "proposal-repair", party = party.as_str())],
    }
}

/// A rule of access as a sentence.
pub fn rule(texts: &Texts, rule: &Rule) -> String {
    let space = space(texts, &rule.space);
    let Some((read, write)) = &rule.grant else {
        return match &rule.party {
            Some(party) => say!(
                texts,
                "rule-back-party",
                space = space,
                party = party.as_str()
            ),
            None => say!(texts, "rule-back", space = space),
        };
    };
    let (read, write) = (roles(texts, read), roles(texts, write));
    match &rule.party {
        Some(party) => say!(
            texts,
            "rule-party",
            space = space,
            party = party.as_str(),
            read = read,
            write = write
        ),
        None => say!(texts, "rule-all", space = space, read = read, write = write),
    }
}

/// The name of a space.
pub fn space(texts: &Texts, space: &Space) -> String {
    match space {
        Space::Named(name) => texts.say(&format!("space-{name}"), &[]),
        Space::Private(party) => say!(texts, "space-private", party = party.as_str()),
    }
}

/// Roles as the language lists them.
pub fn roles(texts: &Texts, roles: &[&'static str]) -> String {
    let names: Vec<_> = roles
        .iter()
        .map(|name| texts.say(&format!("role-{name}"), &[]))
        .collect();
    match names.as_slice() {
        [] => say!(texts, "nobody"),
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
    rules.iter().map(|one| rule(texts, one)).collect()
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
        assert_eq!(english, "Anna invited somebody to Süd as PMO, Finance.");
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
        assert_eq!(all, "Plan: read by PMO, written by nobody.");
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
