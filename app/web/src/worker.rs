//! The worker: hosts a replica for every venture that tabs have open, once for all tabs of a browser profile.
//!
//! ```text
//! tab ─► port ─► hub ─► requests ─► venture ─► queue ─► actor ─► replica
//! tab ◄─ port ◄─ hub ◄──────────────────────────────── actor ◄─ outputs
//!                                                       actor ─► idb, socket, timers
//! ```
//!
//! - The actor does each output before the next: nothing is sent that is not on the disk.
//! - What a person asks comes before what came in meanwhile; large merges go in slices between them.
//! - One worker of an origin owns the store ([`lock`]); the index of ventures ([`shelf`]) and the rows of each venture
//!   are databases of their own ([`idb`]).
//! - A defect ends the worker and is told to every tab, by the boot script, which needs no wasm for it.

mod acts;
mod begin;
mod charter;
mod code;
mod failure;
mod hub;
mod idb;
mod import;
mod lock;
mod locking;
mod people;
mod port;
mod queue;
mod relay;
mod requests;
mod scope;
mod shelf;
mod signal;
mod socket;
mod sync;
mod vault;
mod venture;
mod zip;

use wasm_bindgen::JsValue;

/// Starts serving tabs; returns at once, the browser calls back.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        let text = JsValue::from(panic.to_string());
        web_sys::console::error_1(&text);
        // The boot script tells the tabs when the trap that follows reaches it. What breaks after the first panic is
        // of its making.
        if scope::shared("heqiDefect").is_undefined() {
            scope::share("heqiDefect", &text);
        }
    }));
    wasm_bindgen_futures::spawn_local(hub::serve());
}
