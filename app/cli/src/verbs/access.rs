//! Who reads and writes which space, and the keys that go with it.

use std::collections::BTreeSet;

use heqi_protocol::access::{AccessRule, Grant};
use heqi_protocol::charter::{Action, Refused};
use heqi_protocol::{List, Roles, Space};
use heqi_replica::{Act, Directory, Failure};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::{AccessVerb, KeyVerb, SetAccess};
use crate::asking::carry_out;
use crate::charter_words::{Named, role_names, roles};
use crate::context::Context;
use crate::finding::party;
use crate::shell::Shell;
use crate::space::{SpaceName, key, own_party};
use crate::table::Table;
use crate::trouble::Trouble;
use heqi_wording::say;

pub(crate) async fn on_access(context: &Context, verb: AccessVerb) -> Result<Answer, Trouble> {
    match verb {
        AccessVerb::List => list(context),
        AccessVerb::Set(set) => self::set(context, &set).await,
    }
}

pub(crate) async fn on_key(context: &Context, verb: KeyVerb) -> Result<Answer, Trouble> {
    match verb {
        KeyVerb::Rotate { spaces } => rotate(context, &spaces).await,
    }
}

fn list(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let mut table = Table::default();
    table.row([
        say!(texts, "cli-access-space"),
        say!(texts, "invite-party"),
        say!(texts, "cli-access-read"),
        say!(texts, "cli-access-write"),
    ]);
    let mut listed = Vec::new();
    for space in Space::SHARED {
        let parties = directory.parties.iter().filter(|party| !party.is_removed);
        for (index, party) in parties.enumerate() {
            let grant = party.access.iter().find(|(of, _)| *of == space);
            let Some((_, grant)) = grant else { continue };
            let set = rule_for(&directory, space, party.id);
            listed.push(json!({
                "space": key(space),
                "party": party.name,
                "party_id": party.id.to_string(),
                "read": role_names(grant.read),
                "write": role_names(grant.write),
                "rule": set,
                "readers": people(&directory, party.id, grant.read),
                "writers": people(&directory, party.id, grant.write),
            }));
            let name = match index {
                0 => named.space(space),
                _ => String::new(),
            };
            table.row([
                name,
                party.name.clone(),
                roles(texts, grant.read),
                roles(texts, grant.write),
            ]);
        }
    }
    let mut text = table.text();
    text.push_str(&say!(texts, "cli-access-private-note"));
    Ok(Answer::new(json!({ "access": listed }), text))
}

/// Where the grant of a party comes from: `party`, `all`, or `default`.
fn rule_for(directory: &Directory, space: Space, party: heqi_protocol::PartyId) -> &'static str {
    let set = |of| {
        let mut rules = directory.rules.iter();
        rules.any(|rule| rule.space == space && rule.party == of)
    };
    match (set(Some(party)), set(None)) {
        (true, _) => "party",
        (false, true) => "all",
        (false, false) => "default",
    }
}

/// The members of a party whose roles are among these.
fn people(directory: &Directory, party: heqi_protocol::PartyId, among: Roles) -> Vec<String> {
    let parties = directory.parties.iter().filter(|it| it.id == party);
    let members = parties.flat_map(|party| &party.members);
    let meant = members.filter(|member| !member.is_removed && member.roles.meets(among));
    meant.map(|member| member.name.clone()).collect()
}

async fn set(context: &Context, set: &SetAccess) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let space = space_of(&directory, set.space)?;
    let of = set.party.as_deref();
    let of = of.map(|name| party(&directory, name)).transpose()?;
    let roles = |list: &Option<crate::args::RoleList>| {
        Roles::new(list.as_ref().map_or(&[], |list| list.0.as_slice()))
    };
    let grant = (!set.default).then(|| Grant {
        read: roles(&set.read),
        write: roles(&set.write),
    });
    let rule = AccessRule {
        space,
        party: of.map(|party| party.id),
        grant,
    };
    let json = json!({
        "space": key(space),
        "party": of.map(|party| &party.name),
        "read": grant.map(|grant| role_names(grant.read)),
        "write": grant.map(|grant| role_names(grant.write)),
    });
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let done = say!(context.texts, "cli-access-set", space = named.space(space));
    let act = match narrows(&directory, &rule) {
        true => Act::NarrowAccess(vec![rule]),
        false => {
            let rules =
                List::new(vec![rule]).map_err(|_| Failure::Forbidden(Refused::AccessRule))?;
            Act::Propose(Action::Access(rules))
        }
    };
    carry_out(context, shell, act, json, done).await
}

/// True for a rule that only takes rights from one's own party, which needs nobody else's word.
fn narrows(directory: &Directory, rule: &AccessRule) -> bool {
    let own = own_party(directory);
    let now = directory.parties.iter().find(|party| Some(party.id) == own);
    let now = now.and_then(|party| party.access.iter().find(|(space, _)| *space == rule.space));
    let (Some((_, now)), Some(grant)) = (now, rule.grant) else {
        return false;
    };
    rule.party == own && grant.read.is_within(now.read) && grant.write.is_within(now.write)
}

async fn rotate(context: &Context, names: &[SpaceName]) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let spaces = match names {
        [] => readable(&shell),
        names => names
            .iter()
            .map(|name| space_of(&directory, *name))
            .collect::<Result<_, _>>()?,
    };
    let names: Vec<_> = spaces.iter().map(|space| key(*space)).collect();
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let said: Vec<_> = spaces.iter().map(|it| named.space(*it)).collect();
    let json: Value = json!({ "spaces": names });
    let done = say!(
        context.texts,
        "cli-rotated",
        spaces = context.texts.listed(&said)
    );
    carry_out(context, shell, Act::Rotate(spaces), json, done).await
}

/// The spaces with keys that this device reads.
fn readable(shell: &Shell) -> BTreeSet<Space> {
    let device = shell.replica().directory().device;
    let charter = shell.replica().charter().zip(device);
    let spaces = charter.into_iter().flat_map(|(charter, device)| {
        let spaces = charter.spaces().keys().copied();
        spaces.filter(move |space| charter.may_read(device, *space))
    });
    spaces.collect()
}

fn space_of(directory: &Directory, name: SpaceName) -> Result<Space, Failure> {
    name.space(directory).ok_or(Failure::NotYetMember)
}
