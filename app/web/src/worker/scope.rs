//! What the worker's global scope offers: clocks, timers, randomness, events.

use heqi_domain::time::Date;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort, WorkerGlobalScope};

/// Longest time a timer can be set to, in milliseconds: more would ring at once.
const TIMER_MS_MAX: u64 = i32::MAX as u64;

/// The worker's global scope.
pub(super) fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// A property of the global scope that the boot script shares with the worker.
pub(super) fn shared(name: &str) -> JsValue {
    Reflect::get(&scope(), &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a property of the global scope that the boot script shares with the worker.
pub(super) fn share(name: &str, value: &JsValue) {
    // The scope is an ordinary object, which takes any property.
    let _set = Reflect::set(&scope(), &name.into(), value);
}

/// Milliseconds since 1970 by the device's clock, which may be set forth and back.
pub(super) fn wall_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// Milliseconds of a clock that does not run backwards while the worker lives; near those since 1970.
pub(super) fn steady_ms() -> u64 {
    steady_us() / 1000
}

/// Microseconds of the same clock, as finely as the browser tells.
pub(super) fn steady_us() -> u64 {
    match scope().performance() {
        Some(performance) => ((performance.time_origin() + performance.now()) * 1000.0) as u64,
        None => wall_ms() * 1000,
    }
}

/// The day on the device's calendar.
pub(super) fn today() -> Date {
    let now = js_sys::Date::new_0();
    let (year, month, day) = (now.get_full_year(), now.get_month() + 1, now.get_date());
    Date::parse(&format!("{year:04}-{month:02}-{day:02}"))
        .unwrap_or_else(|_| Date::parse("1970-01-01").expect("this is a day of the calendar"))
}

/// Fresh random bytes; fails where the browser has no source of them.
pub(super) fn entropy<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The parameter of the worker's URL with this name.
pub(super) fn parameter(name: &str) -> String {
    let query = scope().location().search();
    let pairs = query.trim_start_matches('?').split('&');
    let named = pairs.filter_map(|pair| pair.split_once('='));
    let mut values = named.filter_map(|(key, value)| (key == name).then_some(value));
    values.next().unwrap_or_default().to_owned()
}

/// Waits this many milliseconds.
pub(super) async fn sleep(ms: u64) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timer(&resolve, ms);
    });
    let _never_rejected = JsFuture::from(promise).await;
}

/// Listens to an event of the scope for as long as the worker lives.
pub(super) fn on(event: &str, listener: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn()>::new(listener);
    let _known_event =
        scope().add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Ends the worker once what it has posted is on its way; a tab that is loaded again starts a fresh one.
pub(super) fn close() {
    if let Ok(close) = Reflect::get(&scope(), &"close".into())
        && let Some(close) = close.dyn_ref::<Function>()
    {
        set_timer(close, 0);
    }
}

/// One timer that can be set again.
pub(super) struct Timer {
    ring: Closure<dyn Fn()>,
    set: Option<i32>,
}

impl Timer {
    pub(super) fn new(ring: impl Fn() + 'static) -> Self {
        Self {
            ring: Closure::new(ring),
            set: None,
        }
    }

    /// Rings in that many milliseconds, and not at the time set before.
    pub(super) fn set(&mut self, ms: u64) {
        self.clear();
        let ring = self.ring.as_ref().unchecked_ref();
        self.set = set_timer(ring, ms);
    }

    fn clear(&mut self) {
        if let Some(set) = self.set.take() {
            scope().clear_timeout_with_handle(set);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Calls back as a task of its own, after the messages that arrived meanwhile; sooner than any timer.
pub(super) struct Later {
    port: MessagePort,
    _ring: Closure<dyn Fn()>,
}

impl Later {
    pub(super) fn new(ring: impl Fn() + 'static) -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        let ring = Closure::<dyn Fn()>::new(ring);
        let port = channel.port1();
        let other = channel.port2();
        other.set_onmessage(Some(ring.as_ref().unchecked_ref()));
        Ok(Self { port, _ring: ring })
    }

    /// Rings soon.
    pub(super) fn ring(&self) {
        let _plain_value = self.port.post_message(&JsValue::NULL);
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.port.close();
    }
}

/// The answer, or `None` when it takes longer than that many milliseconds.
pub(super) async fn within<T>(ms: u64, answer: impl Future<Output = T>) -> Option<T> {
    let mut answer = std::pin::pin!(answer);
    let mut sleep = std::pin::pin!(sleep(ms));
    std::future::poll_fn(|context| {
        use std::task::Poll;
        if let Poll::Ready(answer) = answer.as_mut().poll(context) {
            return Poll::Ready(Some(answer));
        }
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}

fn set_timer(callback: &Function, ms: u64) -> Option<i32> {
    let ms = i32::try_from(ms.min(TIMER_MS_MAX)).unwrap_or(i32::MAX);
    scope()
        .set_timeout_with_callback_and_timeout_and_arguments_0(callback, ms)
        .ok()
}
