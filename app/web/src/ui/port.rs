//! The tab's end of the worker: requests with their answers, and pushes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures_channel::oneshot;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort, WorkerOptions, WorkerType};

use super::browser;
use crate::wire::{self, Failure, FromWorker, Push, Reply, Request, ToWorker, WireError};

/// What the worker's side can tell besides answers.
#[derive(Debug)]
pub(crate) enum News {
    Push(Push),
    /// The worker is of another build, whose messages this tab cannot read.
    OtherVersion,
    /// The worker did not start, or broke.
    Broken(String),
}

type Answer = oneshot::Sender<Result<Reply, Failure>>;

thread_local! {
    static PORT: RefCell<Option<MessagePort>> = const { RefCell::new(None) };
    static WAITING: RefCell<BTreeMap<u32, Answer>> = const { RefCell::new(BTreeMap::new()) };
    static NEXT_ID: Cell<u32> = const { Cell::new(1) };
}

/// Starts or joins the worker and hands its news to `on_news`, for as long as the tab lives.
pub(crate) fn connect(on_news: impl Fn(News) + Clone + 'static) -> Result<(), JsValue> {
    let boot = WorkerFiles::of_page();
    let port = if browser::has_global("SharedWorker") {
        shared_port(&boot, on_news.clone())?
    } else {
        dedicated_port(&boot, on_news.clone())?
    };
    let listener =
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| receive(&event, &on_news));
    port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The tab listens until it is gone.
    listener.forget();
    PORT.with_borrow_mut(|slot| *slot = Some(port));
    Ok(())
}

/// Asks the worker; `Failure::Defect` where there is none to ask.
pub(crate) async fn ask(request: Request) -> Result<Reply, Failure> {
    let (_id, answer) = ask_numbered(request);
    answered(answer).await
}

/// Asks the worker for long work; its pushes of progress carry the number given first.
pub(crate) fn ask_numbered(request: Request) -> (u32, oneshot::Receiver<Result<Reply, Failure>>) {
    let id = NEXT_ID.replace(NEXT_ID.get().wrapping_add(1));
    let (answer, answered) = oneshot::channel();
    WAITING.with_borrow_mut(|waiting| waiting.insert(id, answer));
    if post(&ToWorker::Request { id, request }).is_err() {
        // Dropping the sender answers the request as a defect.
        WAITING.with_borrow_mut(|waiting| waiting.remove(&id));
    }
    (id, answered)
}

/// Waits for an answer asked for by [`ask_numbered`].
pub(crate) async fn answered(
    answer: oneshot::Receiver<Result<Reply, Failure>>,
) -> Result<Reply, Failure> {
    answer.await.unwrap_or_else(|_| {
        Err(Failure::Defect {
            detail: "the worker is gone".into(),
        })
    })
}

/// Says that the tab goes away.
pub(crate) fn bye() {
    let _already_gone = post(&ToWorker::Bye);
}

/// Build of the page.
pub(crate) fn build() -> String {
    let root = browser::document().document_element();
    root.and_then(|root| root.get_attribute("data-build"))
        .unwrap_or_default()
}

/// Where the worker's files are, as the page's script tag says.
struct WorkerFiles {
    url: String,
}

impl WorkerFiles {
    fn of_page() -> Self {
        let tag = browser::document().get_element_by_id("boot");
        let file = |name: &str| {
            let value = tag.as_ref().and_then(|tag| tag.get_attribute(name));
            value.unwrap_or_default()
        };
        let (js, wasm) = (file("data-worker-js"), file("data-worker-wasm"));
        Self {
            url: format!("{}?js={js}&wasm={wasm}", file("data-worker-boot")),
        }
    }
}

fn options() -> WorkerOptions {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("heqi");
    options
}

fn shared_port(
    files: &WorkerFiles,
    on_news: impl Fn(News) + 'static,
) -> Result<MessagePort, JsValue> {
    // The start script has started it already; alone it would wait for the interface to load.
    let worker = match of_page("heqiWorker").and_then(|started| started.dyn_into().ok()) {
        Some(started) => started,
        None => web_sys::SharedWorker::new_with_worker_options(&files.url, &options())?,
    };
    if let Some(early) = of_page("heqiWorkerError").and_then(|detail| detail.as_string()) {
        on_news(News::Broken(early));
    }
    tell_errors(&worker, on_news);
    Ok(worker.port())
}

/// What the start script has left on the window under this name.
fn of_page(name: &str) -> Option<JsValue> {
    Reflect::get(&browser::window(), &name.into()).ok()
}

fn dedicated_port(
    files: &WorkerFiles,
    on_news: impl Fn(News) + 'static,
) -> Result<MessagePort, JsValue> {
    let worker = web_sys::Worker::new_with_options(&files.url, &options())?;
    tell_errors(&worker, on_news);
    let channel = web_sys::MessageChannel::new()?;
    let transfer = Array::of1(&channel.port2());
    worker.post_message_with_transfer(&"connect".into(), &transfer)?;
    Ok(channel.port1())
}

fn tell_errors(worker: &web_sys::EventTarget, on_news: impl Fn(News) + 'static) {
    let listener = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let message = Reflect::get(&event, &"message".into()).ok();
        let detail = message.and_then(|message| message.as_string());
        on_news(News::Broken(detail.unwrap_or_default()));
    });
    let _refused =
        worker.add_event_listener_with_callback("error", listener.as_ref().unchecked_ref());
    // The worker may break at any time of the tab's life.
    listener.forget();
}

fn receive(event: &MessageEvent, on_news: &impl Fn(News)) {
    let data = event.data();
    let Some(bytes) = data.dyn_ref::<Uint8Array>() else {
        let boot = Reflect::get(&data, &"boot".into()).ok();
        let detail = boot.and_then(|detail| detail.as_string());
        return on_news(News::Broken(detail.unwrap_or_default()));
    };
    match wire::decode(&bytes.to_vec()) {
        Ok(FromWorker::Reply { id, result }) => {
            if let Some(answer) = WAITING.with_borrow_mut(|waiting| waiting.remove(&id)) {
                let _no_longer_wanted = answer.send(result);
            }
        }
        Ok(FromWorker::Push(push)) => on_news(News::Push(push)),
        Err(WireError::Version(_)) => on_news(News::OtherVersion),
        Err(WireError::Malformed) => on_news(News::Broken("unreadable message".into())),
    }
}

fn post(message: &ToWorker) -> Result<(), JsValue> {
    let bytes = Uint8Array::from(wire::encode(message).as_slice());
    let transfer = Array::of1(&bytes.buffer());
    PORT.with_borrow(|port| match port {
        Some(port) => port.post_message_with_transferable(&bytes, &transfer),
        None => Err(JsValue::NULL),
    })
}
