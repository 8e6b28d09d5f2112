//! Codes that add this device: links, typed codes, and words of a recovery kit.

use heqi_protocol::charter::OfferKind;
use heqi_protocol::{RelayKey, VentureId};
use heqi_replica::{Code, CodeLink, find_url, relay_url};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{failure, people, scope};
use crate::wire::{CodeInfo, CodeProblem, Failure};

/// How long the relay may take to tell of a code.
const PATIENCE_MS: u64 = 15_000;

/// What a text says: a link by itself, a code or words by asking the relay at that address.
pub(super) async fn resolve(text: &str, relay: &str) -> Result<CodeLink, Failure> {
    if CodeLink::is_one(text) {
        return CodeLink::parse(text).map_err(|_| Failure::Code(CodeProblem::Malformed));
    }
    let code = Code::parse(text).map_err(failure::of_code)?;
    let relay = relay_url(relay).map_err(people::bad_link)?;
    let asked = scope::within(PATIENCE_MS, ask(find_url(&relay, &code))).await;
    let (relay_key, venture) = asked.ok_or(Failure::Offline)??;
    CodeLink::typed(&relay, relay_key, venture, code).map_err(people::bad_link)
}

/// What a link or code tells by itself; `known` stays open.
pub(super) fn info(link: &CodeLink) -> CodeInfo {
    CodeInfo {
        host: people::host(&link.relay_url).to_owned(),
        kit: link.kind() == OfferKind::Recovery,
        known: false,
    }
}

async fn ask(url: String) -> Result<(RelayKey, VentureId), Failure> {
    let response = get(&url).await.map_err(|_| Failure::Offline)?;
    let ok = Reflect::get(&response, &"ok".into()).ok();
    if ok.and_then(|ok| ok.as_bool()) != Some(true) {
        return Err(Failure::Code(CodeProblem::Unknown));
    }
    let told = call(&response, "json").await;
    let found = told.ok().and_then(|told| {
        let text = |name: &str| Reflect::get(&told, &name.into()).ok()?.as_string();
        let relay = RelayKey::parse(&text("relay")?)?;
        Some((relay, VentureId::parse(&text("venture")?)?))
    });
    found.ok_or(Failure::Code(CodeProblem::Unknown))
}

async fn get(url: &str) -> Result<JsValue, JsValue> {
    let scope = scope::scope();
    let fetch: Function = Reflect::get(&scope, &"fetch".into())?.dyn_into()?;
    let promise: Promise = fetch.call1(&scope, &url.into())?.dyn_into()?;
    JsFuture::from(promise).await
}

async fn call(of: &JsValue, method: &str) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(of, &method.into())?.dyn_into()?;
    let promise: Promise = method.call0(of)?.dyn_into()?;
    JsFuture::from(promise).await
}
