//! The venture moves to another relay, or is followed there.

use heqi_replica::{Act, Reply, Request, StartError, relay_url};
use serde_json::json;

use crate::answer::Answer;
use crate::args::RelayVerb;
use crate::asking::{Asked, ask};
use crate::context::Context;
use crate::syncing::sync;
use crate::trouble::{Trouble, Usage};
use heqi_wording::say;

pub(crate) async fn on_relay(context: &Context, verb: RelayVerb) -> Result<Answer, Trouble> {
    match verb {
        RelayVerb::Move { url, dead } => relocate(context, &url, dead).await,
        RelayVerb::Follow { link } => follow(context, link).await,
    }
}

async fn relocate(context: &Context, url: &str, is_dead: bool) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    shell.in_venture()?;
    let url = relay_url(url).map_err(StartError::from)?;
    let dialer = context.dialer()?.ok_or(Usage::NeedsRelay)?;
    let unreachable = |reason: String| Trouble::Unreachable {
        relay: url.to_string(),
        reason,
    };
    let shown = tokio::time::timeout(context.patience, dialer.relay_key(&url)).await;
    let relay = match shown {
        Ok(key) => key.map_err(unreachable)?,
        Err(elapsed) => return Err(unreachable(elapsed.to_string())),
    };
    let act = Act::MoveRelay {
        url: url.to_string(),
        relay,
        is_dead,
    };
    let asked = ask(&mut shell, context, act).await?;
    let mut json = json!({
        "relay": &*url,
        "key": relay.to_string(),
        "state": asked.state(),
        "link": null,
    });
    let texts = &context.texts;
    let link = match &asked {
        Asked::Answered(reply) => match reply.as_ref() {
            Reply::Moved { link } => link.clone(),
            _ => String::new(),
        },
        asked => return Ok(asked.kept(json, texts)),
    };
    json["link"] = link.as_str().into();
    let synced = sync(&mut shell, context).await?;
    let text = say!(
        texts,
        "cli-relay-moved",
        relay = &*url,
        link = link.as_str()
    );
    Ok(Answer::new(json, text).synced(&synced, texts))
}

async fn follow(context: &Context, link: String) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    shell.in_venture()?;
    if context.offline {
        return Err(Usage::NeedsRelay.into());
    }
    shell.ask(Request::Follow(link))?.transpose()?;
    let synced = sync(&mut shell, context).await?;
    let relay = shell.replica().directory().relay_url;
    let text = match synced.is_acknowledged() {
        true => say!(context.texts, "cli-relay-followed", relay = relay.as_str()),
        false => String::new(),
    };
    Ok(Answer::new(json!({ "relay": relay }), text).synced(&synced, &context.texts))
}
