//! One worker of an origin owns the store. A second one waits for the Web Lock, and asks its holder to let go.
//!
//! Workers of one build share the store by sharing the worker, so the holder keeps it from another worker of its own
//! build; it lets go for another build, unless that one would not understand the store.

use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use super::scope::scope;
use super::signal::Signal;

const LOCK: &str = "heqi-store";
const CHANNEL: &str = "heqi";
/// Version of the way data lies in the store; raised when an older build would not understand it.
const STORE_VERSION: u16 = 1;

/// What workers of one origin say to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    /// A worker of that build, which understands stores up to that version, wants the store.
    Drain { store: u16, build: String },
    /// The holder keeps the store.
    Held,
}

/// The right to use the store, until it is dropped.
pub(super) struct Held {
    release: Function,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Settles the promise that the lock waits for.
        let _settled = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// The channel between the workers of the origin.
pub(super) struct Neighbours {
    channel: BroadcastChannel,
    build: String,
}

impl Neighbours {
    /// Joins the channel as a worker of this build.
    pub(super) fn join(build: &str) -> Result<Self, JsValue> {
        let channel = BroadcastChannel::new(CHANNEL)?;
        let build = build.to_owned();
        Ok(Self { channel, build })
    }

    /// Asks the holder to let go, and calls `kept` when it will not.
    pub(super) fn ask_to_drain(&self, kept: impl Fn() + 'static) {
        self.listen(move |word| {
            if word == Word::Held {
                kept();
            }
        });
        self.say(&Word::Drain {
            store: STORE_VERSION,
            build: self.build.clone(),
        });
    }

    /// Answers as the holder: `drain` is called when another build is to have the store. A holder that `is_idle` lets
    /// go for anybody.
    pub(super) fn hold(
        self: &Rc<Self>,
        is_idle: impl Fn() -> bool + 'static,
        drain: impl Fn() + 'static,
    ) {
        let this = Rc::clone(self);
        self.listen(move |word| match word {
            Word::Drain { store, build } if lets_go(store, &build, &this.build, is_idle()) => {
                drain();
            }
            Word::Drain { .. } => this.say(&Word::Held),
            Word::Held => {}
        });
    }

    fn listen(&self, listener: impl Fn(Word) + 'static) {
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(word) = event.data().as_string().as_deref().and_then(Word::parse) {
                listener(word);
            }
        });
        let listener = listener.into_js_value();
        self.channel.set_onmessage(Some(listener.unchecked_ref()));
    }

    fn say(&self, word: &Word) {
        let _channel_is_open = self.channel.post_message(&word.text().into());
    }
}

/// Waits for the store, for as long as it takes.
pub(super) async fn take() -> Result<Held, JsValue> {
    let granted = Rc::new(Signal::default());
    let release = Rc::new(std::cell::RefCell::new(None));
    let (signal, slot) = (Rc::clone(&granted), Rc::clone(&release));
    let callback = Closure::once_into_js(move || {
        Promise::new(&mut |resolve: Function, _| {
            *slot.borrow_mut() = Some(resolve);
            signal.notify();
        })
    });
    // The promise of the request settles when the lock is given back: nobody waits for that.
    let _until_released = locks()?.request(LOCK, callback.unchecked_ref())?;
    let release = granted.until(|| release.borrow_mut().take()).await;
    Ok(Held { release })
}

fn lets_go(store: u16, build: &str, own_build: &str, is_idle: bool) -> bool {
    store >= STORE_VERSION && (build != own_build || is_idle)
}

impl Word {
    fn text(&self) -> String {
        match self {
            Self::Drain { store, build } => format!("drain {store} {build}"),
            Self::Held => "held".into(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "held" {
            return Some(Self::Held);
        }
        let (store, build) = text.strip_prefix("drain ")?.split_once(' ')?;
        Some(Self::Drain {
            store: store.parse().ok()?,
            build: build.to_owned(),
        })
    }
}

fn locks() -> Result<Locks, JsValue> {
    let locks = Reflect::get(&scope().navigator(), &"locks".into())?;
    if locks.is_undefined() {
        return Err("the browser offers no Web Locks here".into());
    }
    Ok(locks.unchecked_into())
}

#[wasm_bindgen]
extern "C" {
    /// The lock manager, which `web-sys` has only behind an unstable flag.
    type Locks;

    #[wasm_bindgen(method, catch)]
    fn request(this: &Locks, name: &str, callback: &Function) -> Result<Promise, JsValue>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_return_from_their_text_and_other_texts_are_none() {
        let drain = Word::Drain {
            store: 3,
            build: "heqi-worker-0f.wasm".into(),
        };
        for word in [drain, Word::Held] {
            assert_eq!(Word::parse(&word.text()), Some(word));
        }
        for text in ["", "drain", "drain x y", "drain 70000 y"] {
            assert_eq!(Word::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_holder_lets_go_for_another_build_that_understands_the_store() {
        assert!(lets_go(STORE_VERSION, "new", "old", false));
        assert!(!lets_go(STORE_VERSION, "same", "same", false));
        assert!(lets_go(STORE_VERSION, "same", "same", true));
        assert!(!lets_go(STORE_VERSION - 1, "older", "own", true));
    }
}
