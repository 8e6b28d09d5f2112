//! The connection to a relay.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, MessageEvent, WebSocket};

/// What a connection tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Opened,
    Frame(Vec<u8>),
    Closed,
}

/// A WebSocket; silent from when it is dropped.
pub(super) struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn Fn()>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _closed: Closure<dyn Fn()>,
}

impl Socket {
    /// Opens a connection and tells `hear` what comes of it.
    pub(super) fn dial(url: &str, hear: impl Fn(Heard) + Clone + 'static) -> Result<Self, JsValue> {
        let socket = WebSocket::new(url)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (on_open, on_close) = (hear.clone(), hear.clone());
        let opened = Closure::<dyn Fn()>::new(move || on_open(Heard::Opened));
        let closed = Closure::<dyn Fn()>::new(move || on_close(Heard::Closed));
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            // A text, which no relay sends, becomes a frame that cannot be decoded.
            let data = event.data().dyn_into::<ArrayBuffer>().ok();
            let frame = data.map(|data| Uint8Array::new(&data).to_vec());
            hear(Heard::Frame(frame.unwrap_or_default()));
        });
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self {
            socket,
            _opened: opened,
            _message: message,
            _closed: closed,
        })
    }

    /// Sends a binary message; what cannot be sent is lost with the connection.
    pub(super) fn send(&self, frame: &[u8]) {
        let _closing = self.socket.send_with_u8_array(frame);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // What was sent before still goes out.
        let _already_closed = self.socket.close();
    }
}
