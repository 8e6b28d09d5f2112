//! The worker's end of a tab.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use super::scope::{share, shared};
use crate::wire::{self, ToWorker, WireError};

/// A tab's port; silent from when it is dropped.
pub(super) struct Port {
    port: MessagePort,
    _message: Closure<dyn Fn(MessageEvent)>,
    _closed: Closure<dyn Fn()>,
}

impl Port {
    /// Hears what the tab says, and, where the browser tells, that it is gone without a word.
    pub(super) fn listen(
        port: MessagePort,
        hear: impl Fn(Result<ToWorker, WireError>) + 'static,
        gone: impl Fn() + 'static,
    ) -> Self {
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = event.data().dyn_into::<Uint8Array>();
            let bytes = bytes.map(|bytes| bytes.to_vec()).unwrap_or_default();
            hear(wire::decode(&bytes));
        });
        let closed = Closure::<dyn Fn()>::new(gone);
        let _known_event =
            port.add_event_listener_with_callback("close", closed.as_ref().unchecked_ref());
        // Setting the handler starts the port.
        port.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Self {
            port,
            _message: message,
            _closed: closed,
        }
    }

    /// Posts an encoded message.
    pub(super) fn post(&self, bytes: &[u8]) {
        let bytes = Uint8Array::from(bytes);
        let transfer = Array::of1(&bytes.buffer());
        // A tab that is gone hears nothing, and needs nothing.
        let _gone = self.port.post_message_with_transferable(&bytes, &transfer);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

/// Takes the ports of all tabs, those that came while the wasm was loading first.
pub(super) fn accept(connect: impl Fn(MessagePort) + 'static) {
    let connect = Rc::new(connect);
    let later = Rc::clone(&connect);
    let listener = Closure::<dyn Fn(MessagePort)>::new(move |port| later(port));
    share("heqiConnect", &listener.into_js_value());
    if let Ok(waiting) = shared("heqiPorts").dyn_into::<Array>() {
        for port in waiting.iter() {
            if let Ok(port) = port.dyn_into() {
                connect(port);
            }
        }
        waiting.set_length(0);
    }
}
