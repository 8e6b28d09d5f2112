//! A passkey's secret, through the start script's `heqiPasskey`: it alone speaks WebAuthn.

use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::browser;
use crate::wire::Passkey;

/// Whether this browser and device can keep a secret behind a passkey (WebAuthn with PRF).
pub(crate) async fn is_offered() -> bool {
    let answer = call("offered", &[]).await;
    answer.is_some_and(|answer| answer.is_truthy())
}

/// Makes a passkey under a name and returns it with its secret; `None` where the person or the browser refuses.
pub(crate) async fn make(name: &str) -> Option<(Passkey, Vec<u8>)> {
    let made = call("make", &[name.into()]).await?;
    let passkey = Passkey {
        credential: bytes(&made, "credential")?,
        salt: bytes(&made, "salt")?,
    };
    Some((passkey, bytes(&made, "secret")?))
}

/// The secret of a passkey; `None` where the person or the browser refuses.
pub(crate) async fn secret(passkey: &Passkey) -> Option<Vec<u8>> {
    let credential = Uint8Array::from(passkey.credential.as_slice());
    let salt = Uint8Array::from(passkey.salt.as_slice());
    let answer = call("secret", &[credential.into(), salt.into()]).await?;
    bytes(&answer, "secret")
}

async fn call(method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let of = Reflect::get(&browser::window(), &"heqiPasskey".into()).ok()?;
    let method: Function = Reflect::get(&of, &method.into()).ok()?.dyn_into().ok()?;
    let arguments: js_sys::Array = arguments.iter().collect();
    let promise: Promise = method.apply(&of, &arguments).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}

fn bytes(of: &JsValue, name: &str) -> Option<Vec<u8>> {
    let value = Reflect::get(of, &name.into()).ok()?;
    Some(value.dyn_ref::<Uint8Array>()?.to_vec())
}
