//! Invite links: made for a person of a party, listed, taken back.

use heqi_protocol::charter::OfferKind;
use heqi_replica::{Act, Directory, OfferEntry, Reply};
use serde_json::{Value, json};

use super::beginning::code_for;
use crate::answer::Answer;
use crate::args::{Invite, InviteVerb};
use crate::asking::{Asked, ask, carry_out};
use crate::charter_words::{Named, day_of, party, role_names, roles};
use crate::context::Context;
use crate::finding::{self, short};
use crate::shell::Shell;
use crate::table::Table;
use crate::trouble::Trouble;
use heqi_wording::{Texts, say};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(crate) async fn on_invite(context: &Context, invite: Invite) -> Result<Answer, Trouble> {
    match &invite.verb {
        None => make(context, &invite).await,
        Some(InviteVerb::List) => list(context),
        Some(InviteVerb::Revoke { invite }) => revoke(context, invite).await,
    }
}

async fn make(context: &Context, invite: &Invite) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    // The parser asks for it where no other verb stands in its place.
    let party = invite.party.clone().unwrap_or_default();
    let act = Act::Invite {
        code: code(&shell, &party, invite.code.as_deref()),
        party: party.clone(),
        roles: invite.roles.clone(),
        expires_ms: invite
            .days
            .map(|days| shell.now_ms() + u64::from(days) * DAY_MS),
    };
    let asked = ask(&mut shell, context, act).await?;
    let names: Vec<_> = invite.roles.iter().map(|role| role.name()).collect();
    let mut json = json!({ "party": party, "roles": names, "link": null, "made": false });
    json["state"] = asked.state().into();
    let link = match &asked {
        Asked::Answered(reply) => match reply.as_ref() {
            Reply::Invited { link } => link.clone(),
            _ => String::new(),
        },
        asked => return Ok(asked.kept(json, &context.texts)),
    };
    json["made"] = true.into();
    json["link"] = link.as_str().into();
    let texts = &context.texts;
    let mut text = format!("{link}\n");
    text.push_str(&say!(texts, "invite-secret"));
    if is_loopback(&link) {
        text.push('\n');
        text.push_str(&say!(texts, "invite-loopback-made"));
    }
    Ok(Answer::new(json, text))
}

fn list(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let offers = directory.offers.iter().map(|offer| {
        json!({
            "id": offer.id.to_string(),
            "type": offer_kind(offer.kind),
            "member": named.member(offer.member),
            "device": offer.device.to_string(),
            "expires_ms": offer.expires_ms,
            "made_ms": offer.made_ms,
            "unconfirmed": offer.is_unconfirmed,
        })
    });
    let offers: Vec<_> = offers.collect();
    let mut text = pending(texts, &directory);
    for offer in &directory.offers {
        let who = named.member(offer.member);
        text.push_str(&offered(texts, offer, who.as_str()));
        text.push('\n');
    }
    if text.is_empty() {
        text = say!(texts, "cli-no-invites");
    }
    let json = json!({ "invites": listed(&directory), "offers": offers });
    Ok(Answer::new(json, text))
}

async fn revoke(context: &Context, text: &str) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let id = finding::invite(&shell.replica().directory(), text)?;
    let json = json!({ "invite": id.to_string() });
    let done = say!(context.texts, "cli-invite-revoked", id = short(id));
    carry_out(context, shell, Act::Withdraw(id), json, done).await
}

/// Pending invites in JSON.
pub(super) fn listed(directory: &Directory) -> Vec<Value> {
    let invites = directory.invites.iter().map(|invite| {
        json!({
            "id": invite.id.to_string(),
            "party": party(directory, invite.party),
            "party_id": invite.party.to_string(),
            "roles": role_names(invite.roles),
            "expires_ms": invite.expires_ms,
            "link": invite.link,
        })
    });
    invites.collect()
}

/// Pending invites as a table; nothing where there are none.
pub(super) fn pending(texts: &Texts, directory: &Directory) -> String {
    let mut table = Table::default();
    if !directory.invites.is_empty() {
        table.row([say!(texts, "invites-pending")]);
    }
    for invite in &directory.invites {
        table.row([
            format!("  {}", party(directory, invite.party)),
            short(invite.id),
            roles(texts, invite.roles),
            invite.link.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

/// A code or kit, and of a kit that was made here when, and whether anybody has it.
fn offered(texts: &Texts, offer: &OfferEntry, who: &str) -> String {
    let id = short(offer.id);
    match (offer.kind, offer.made_ms.map(day_of)) {
        (OfferKind::Device, _) => say!(texts, "cli-offer-device", id = id, who = who),
        (OfferKind::Recovery, None) => say!(texts, "cli-offer-recovery", id = id, who = who),
        (OfferKind::Recovery, Some(made)) if offer.is_unconfirmed => {
            say!(
                texts,
                "cli-offer-recovery-unconfirmed",
                id = id,
                who = who,
                day = made.as_str()
            )
        }
        (OfferKind::Recovery, Some(made)) => {
            let made = made.as_str();
            say!(
                texts,
                "cli-offer-recovery-made",
                id = id,
                who = who,
                day = made
            )
        }
    }
}

const fn offer_kind(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Device => "device",
        OfferKind::Recovery => "recovery",
    }
}

/// The code that was given; else one for a party that is not in the venture yet.
fn code(shell: &Shell, party: &str, given: Option<&str>) -> String {
    let parties = shell.replica().directory().parties;
    let known = parties
        .iter()
        .any(|known| known.name == party || known.code == party);
    match given {
        Some(code) => code.to_owned(),
        None if known => String::new(),
        None => {
            let taken: Vec<String> = parties.into_iter().map(|party| party.code).collect();
            code_for(party, &taken)
        }
    }
}

/// Whether the link leads to the machine it was made on.
fn is_loopback(link: &str) -> bool {
    let host = link.split_once("://").map_or("", |(_, rest)| rest);
    ["localhost", "127.", "[::1]"]
        .iter()
        .any(|start| host.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_the_own_machine_are_told_from_others() {
        assert!(is_loopback("http://127.0.0.1:8787/#invite=x"));
        assert!(is_loopback("http://localhost:8787/#invite=x"));
        assert!(!is_loopback("https://relay.example/#invite=localhost"));
    }
}
