//! Parties, their participating interests, and what is put to all of them.

use heqi_domain::time::Date;
use heqi_protocol::List;
use heqi_protocol::charter::{Action, Interests, Share, Target};
use heqi_replica::{Act, Directory, PartyEntry, ProposalEntry};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::{PartyVerb, ProposalVerb};
use crate::asking::{self, carry_out};
use crate::charter_words::{Named, action_kind, day, party as party_name};
use crate::context::{Context, today};
use crate::finding::{party, proposal, short};
use crate::space::own_party;
use crate::table::Table;
use crate::trouble::{Trouble, Usage};
use heqi_wording::charter::percent;
use heqi_wording::say;

const WHOLE: u32 = 10_000;

pub(crate) async fn on_party(context: &Context, verb: PartyVerb) -> Result<Answer, Trouble> {
    match verb {
        PartyVerb::List => list(context),
        PartyVerb::Name { name, new } => rename(context, &name, new).await,
        PartyVerb::Remove { name } => remove(context, &name).await,
        PartyVerb::Repair { name } => repair(context, &name).await,
        PartyVerb::Interests { shares, from } => interests(context, &shares, from).await,
    }
}

pub(crate) async fn on_proposal(context: &Context, verb: ProposalVerb) -> Result<Answer, Trouble> {
    match verb {
        ProposalVerb::List => proposals(context),
        ProposalVerb::Approve { proposal } => answer(context, &proposal, true).await,
        ProposalVerb::Decline { proposal } => answer(context, &proposal, false).await,
    }
}

fn list(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let now = in_force(&directory);
    let share = |party: &PartyEntry| {
        let shares = now.iter().flat_map(|it| &it.shares);
        let share = shares.clone().find(|share| share.party == party.id);
        share.map(|share| share.basis_points)
    };
    let own = own_party(&directory);
    let mut table = Table::default();
    let mut listed = Vec::new();
    for party in &directory.parties {
        let active = party.members.iter().filter(|member| !member.is_removed);
        let members = active.count();
        let mut marks = Vec::new();
        if own == Some(party.id) {
            marks.push(say!(texts, "party-mine"));
        }
        if party.is_removed {
            marks.push(say!(texts, "cli-removed-mark"));
        } else if !party.has_manager {
            marks.push(say!(texts, "cli-no-manager-mark"));
        }
        table.row([
            format!("{} ({})", party.name, party.code),
            share(party)
                .map(|points| percent(u32::from(points)))
                .unwrap_or_default(),
            say!(texts, "cli-members", count = members),
            texts.row(&marks),
        ]);
        listed.push(json!({
            "id": party.id.to_string(),
            "name": party.name,
            "code": party.code,
            "members": members,
            "interest_basis_points": share(party),
            "has_manager": party.has_manager,
            "removed": party.is_removed,
            "heard_ms": party.heard_ms,
            "own": own == Some(party.id),
        }));
    }
    let schedule = directory
        .interests
        .iter()
        .map(|it| interests_json(&directory, it));
    let json = json!({ "parties": listed, "interests": schedule.collect::<Vec<_>>() });
    Ok(Answer::new(json, table.text()))
}

/// The schedule that holds today: of those begun the latest, and of those of one day the last decided.
fn in_force(directory: &Directory) -> Option<&Interests> {
    let now = number(&today())?;
    let begun = directory.interests.iter().filter(|it| it.from_day <= now);
    begun.max_by_key(|it| (it.from_day, it.decided_at))
}

fn interests_json(directory: &Directory, interests: &Interests) -> Value {
    let shares = interests.shares.iter().map(|share| {
        json!({
            "party": party_name(directory, share.party),
            "party_id": share.party.to_string(),
            "basis_points": share.basis_points,
        })
    });
    json!({ "from": day(interests.from_day), "shares": shares.collect::<Vec<_>>() })
}

async fn rename(context: &Context, name: &str, new: String) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let party = party(&directory, name)?;
    let json = party_json(party);
    let done = say!(
        context.texts,
        "cli-named",
        before = party.name.as_str(),
        name = new.trim()
    );
    asking::rename(context, shell, Target::Party(party.id), new, json, done).await
}

async fn remove(context: &Context, name: &str) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let party = party(&directory, name)?;
    let done = match own_party(&directory) == Some(party.id) {
        true => say!(context.texts, "cli-party-left"),
        false => say!(
            context.texts,
            "cli-party-removed",
            name = party.name.as_str()
        ),
    };
    let act = Act::Remove(Target::Party(party.id));
    carry_out(context, shell, act, party_json(party), done).await
}

async fn repair(context: &Context, name: &str) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let party = party(&directory, name)?;
    let done = say!(
        context.texts,
        "cli-party-repaired",
        name = party.name.as_str()
    );
    let act = Act::Propose(Action::Repair(party.id));
    carry_out(context, shell, act, party_json(party), done).await
}

async fn interests(
    context: &Context,
    given: &[String],
    from: Option<Date>,
) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let mut shares = Vec::new();
    for given in given {
        let (name, percent) = given
            .rsplit_once('=')
            .ok_or_else(|| Usage::NotAShare(given.clone()))?;
        let basis_points = basis_points(percent).ok_or_else(|| Usage::NotAShare(given.clone()))?;
        let party = party(&directory, name)?.id;
        if shares.iter().any(|share: &Share| share.party == party) {
            return Err(Usage::Twice(name.to_owned()).into());
        }
        shares.push(Share {
            party,
            basis_points,
        });
    }
    let sum: u32 = shares
        .iter()
        .map(|share| u32::from(share.basis_points))
        .sum();
    if sum != WHOLE {
        let sum = format!("{}.{:02}", sum / 100, sum % 100);
        return Err(Usage::NotWhole(sum).into());
    }
    shares.sort_by_key(|share| share.party);
    let from = from.unwrap_or_else(today);
    let from_day = number(&from).ok_or_else(|| Usage::BadValue {
        field: "--from".into(),
        value: from.as_str().to_owned(),
    })?;
    let schedule = Interests {
        from_day,
        shares: shares.clone(),
        decided_at: 0,
    };
    let json = json!({ "interests": interests_json(&directory, &schedule) });
    let Ok(shares) = List::new(shares) else {
        return Err(Usage::NotWhole(String::new()).into());
    };
    let action = Action::Interests { from_day, shares };
    let done = say!(context.texts, "cli-interests-set", day = from.as_str());
    carry_out(context, shell, Act::Propose(action), json, done).await
}

fn proposals(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let names = |parties: &std::collections::BTreeSet<_>| -> Vec<String> {
        let parties = parties.iter();
        parties.map(|id| party_name(&directory, *id)).collect()
    };
    let waiting = |it: &ProposalEntry| -> Vec<String> {
        let silent = it.electorate.iter();
        let silent = silent.filter(|id| !it.agreed.contains(id) && !it.declined.contains(id));
        silent.map(|id| party_name(&directory, *id)).collect()
    };
    let listed = directory.proposals.iter().map(|it| {
        json!({
            "id": it.id.to_string(),
            "type": action_kind(&it.action),
            "sentence": named.action(&it.action),
            "by": named.member(it.by),
            "agreed": names(&it.agreed),
            "declined": names(&it.declined),
            "waiting": waiting(it),
            "decided": it.is_decided,
        })
    });
    let json = json!({ "proposals": listed.collect::<Vec<_>>() });
    let mut text = String::new();
    for it in &directory.proposals {
        text.push_str(&say!(
            texts,
            "cli-proposal",
            id = short(it.id),
            what = named.action(&it.action),
            who = named.member(it.by),
            agreed = texts.row(&names(&it.agreed)),
            waiting = texts.row(&waiting(it)),
        ));
        text.push('\n');
    }
    if directory.proposals.is_empty() {
        text = say!(texts, "cli-no-proposals");
    }
    Ok(Answer::new(json, text))
}

async fn answer(context: &Context, id: &str, agrees: bool) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let found = proposal(&directory, id)?;
    let texts = &context.texts;
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let what = named.action(&found.action);
    let json = json!({ "proposal": found.id.to_string(), "sentence": what, "agrees": agrees });
    let done = match agrees {
        true => say!(texts, "cli-approved", what = what),
        false => say!(texts, "cli-declined", what = what),
    };
    let act = Act::Answer {
        proposal: found.id,
        agrees,
    };
    carry_out(context, shell, act, json, done).await
}

fn party_json(party: &PartyEntry) -> Value {
    let (id, name) = (party.id.to_string(), party.name.as_str());
    json!({ "party": { "id": id, "name": name, "code": party.code } })
}

/// Days since 1970-01-01.
fn number(date: &Date) -> Option<i32> {
    let day: jiff::civil::Date = date.as_str().parse().ok()?;
    let first = jiff::civil::date(1970, 1, 1);
    first.until(day).ok().map(|span| span.get_days())
}

/// A percentage with at most two decimals, with or without its sign.
fn basis_points(text: &str) -> Option<u16> {
    let text = text.trim().trim_end_matches(['%', '％']).trim_end();
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || rest.len() > 2 || !plain(whole) || !plain(rest) {
        return None;
    }
    let points =
        whole.parse::<u32>().ok()?.checked_mul(100)? + format!("{rest:0<2}").parse::<u32>().ok()?;
    u16::try_from(points)
        .ok()
        .filter(|points| u32::from(*points) <= WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_become_basis_points_exactly() {
        assert_eq!(basis_points("60"), Some(6000));
        assert_eq!(basis_points("33.33 %"), Some(3333));
        assert_eq!(basis_points("0.5"), Some(50));
        for bad in ["", "-1", "33.333", "101", "a", "1e1", "%"] {
            assert_eq!(basis_points(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        let days = |text: &str| number(&Date::parse(text).unwrap());
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("2026-01-01"), Some(20_454));
        assert_eq!(days("1969-12-31"), Some(-1));
    }
}
