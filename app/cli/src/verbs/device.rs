//! Devices of the members: listed, added by a code, revoked.

use heqi_protocol::charter::Target;
use heqi_protocol::{RelayKey, VentureId};
use heqi_replica::{Act, Code, CodeLink, Reply, StartError, find_url, relay_url};
use serde::Deserialize;
use serde_json::json;

use super::beginning::begin_device;
use super::qr;
use crate::answer::Answer;
use crate::args::{Code as Given, DeviceVerb};
use crate::asking::{self, ask_now, carry_out};
use crate::context::Context;
use crate::finding::{device, label, short};
use crate::http::{GetError, get};
use crate::table::Table;
use crate::trouble::{Trouble, Usage};
use heqi_wording::say;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// What a relay says of a code.
#[derive(Deserialize)]
struct Found {
    venture: String,
    relay: String,
}

pub(crate) async fn on_device(context: &Context, verb: DeviceVerb) -> Result<Answer, Trouble> {
    match verb {
        DeviceVerb::List => list(context),
        DeviceVerb::Add { hours } => add(context, hours).await,
        DeviceVerb::Join(code) => {
            let link = link_of(context, &code).await?;
            begin_device(context, &link, "cli-device-joined").await
        }
        DeviceVerb::Revoke { name } => revoke(context, &name).await,
        DeviceVerb::Name { device, new } => rename(context, &device, new).await,
    }
}

fn list(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let texts = &context.texts;
    let mut table = Table::default();
    let mut listed = Vec::new();
    for party in &directory.parties {
        for member in &party.members {
            for (index, device) in member.devices.iter().enumerate() {
                let this = directory.device == Some(device.id);
                let mut marks = Vec::new();
                if this {
                    marks.push(say!(texts, "cli-this-device"));
                }
                if device.is_removed {
                    marks.push(say!(texts, "cli-removed-mark"));
                }
                table.row([
                    format!("{}:{}/{}", party.code, member.name, index + 1),
                    device.name.clone(),
                    short(device.id),
                    texts.row(&marks),
                ]);
                listed.push(json!({
                    "id": device.id.to_string(),
                    "name": (!device.name.is_empty()).then_some(&device.name),
                    "number": index + 1,
                    "member": member.name,
                    "member_id": member.id.to_string(),
                    "party": party.name,
                    "heard_ms": device.heard_ms,
                    "removed": device.is_removed,
                    "this": this,
                }));
            }
        }
    }
    Ok(Answer::new(json!({ "devices": listed }), table.text()))
}

async fn add(context: &Context, hours: u16) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let expires_ms = Some(shell.now_ms() + u64::from(hours) * HOUR_MS);
    let reply = ask_now(&mut shell, context, Act::OfferDevice { expires_ms }).await?;
    let Reply::DeviceCode(code) = reply else {
        return Err(heqi_replica::Failure::NotYetMember.into());
    };
    let relay = shell.replica().directory().relay_url;
    let json = json!({
        "id": code.id.to_string(),
        "code": code.typed,
        "link": code.link,
        "relay": relay,
        "expires_ms": code.expires_ms,
    });
    let said = say!(
        context.texts,
        "cli-device-code",
        code = code.typed.as_str(),
        relay = relay.as_str(),
        link = code.link.as_str(),
        hours = u64::from(hours),
    );
    Ok(Answer::new(json, format!("{}{said}", qr(&code.link))))
}

async fn revoke(context: &Context, name: &str) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let (member, device) = device(&directory, name)?;
    let json = json!({ "device": device.id.to_string(), "member": member.name });
    let done = say!(
        context.texts,
        "cli-device-revoked",
        id = label(device),
        name = member.name.as_str()
    );
    let act = Act::Remove(Target::Device(device.id));
    carry_out(context, shell, act, json, done).await
}

async fn rename(context: &Context, given: &str, new: String) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let directory = shell.replica().directory();
    let (member, device) = device(&directory, given)?;
    let json = json!({ "device": device.id.to_string(), "member": member.name });
    let done = say!(
        context.texts,
        "cli-device-named",
        id = label(device),
        name = new.trim()
    );
    asking::rename(context, shell, Target::Device(device.id), new, json, done).await
}

/// What a code, a link or words lead to; the relay is asked where they do not say it.
pub(super) async fn link_of(context: &Context, given: &Given) -> Result<CodeLink, Trouble> {
    let text = given.code.join(" ");
    if CodeLink::is_one(&text) {
        return Ok(CodeLink::parse(&text).map_err(StartError::from)?);
    }
    let code = Code::parse(&text)?;
    let relay = given.relay.as_deref().ok_or(Usage::CodeNeedsRelay)?;
    let url = relay_url(relay).map_err(StartError::from)?;
    let dialer = context.dialer()?.ok_or(Usage::NeedsRelay)?;
    let address = find_url(&url, &code);
    let asked = get(&dialer, &address);
    let unreachable = |reason: String| Trouble::Unreachable {
        relay: url.to_string(),
        reason,
    };
    let answer = match tokio::time::timeout(context.patience, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(GetError::Absent)) => return Err(Usage::UnknownCode(url.to_string()).into()),
        Ok(Err(GetError::TooOften)) => return Err(Trouble::TooOften(url.to_string())),
        Ok(Err(GetError::Failed(reason))) => return Err(unreachable(reason)),
        Err(elapsed) => return Err(unreachable(elapsed.to_string())),
    };
    let found: Option<Found> = serde_json::from_slice(&answer).ok();
    let found =
        found.and_then(|it| Some((VentureId::parse(&it.venture)?, RelayKey::parse(&it.relay)?)));
    let Some((venture, relay)) = found else {
        return Err(Usage::UnknownCode(url.to_string()).into());
    };
    Ok(CodeLink::typed(&url, relay, venture, code).map_err(StartError::from)?)
}
