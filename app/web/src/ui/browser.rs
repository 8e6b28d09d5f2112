//! Small calls into the browser, each answering with a plain value where the browser may refuse.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

/// The window; the interface runs nowhere else.
pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("the interface is started by a page, which has a window")
}

/// The page's document.
pub(crate) fn document() -> web_sys::Document {
    window()
        .document()
        .expect("a window that runs scripts has a document")
}

/// The browser's preferred languages, best first.
pub(crate) fn languages() -> Vec<String> {
    if !cfg!(target_arch = "wasm32") {
        return Vec::new();
    }
    window()
        .navigator()
        .languages()
        .iter()
        .filter_map(|tag| tag.as_string())
        .collect()
}

/// The browser's user agent string.
pub(crate) fn user_agent() -> String {
    window().navigator().user_agent().unwrap_or_default()
}

/// Now, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// Declares the page's language to assistive software and line breaking.
pub(crate) fn set_page_language(tag: &str) {
    set_root_attribute("lang", Some(tag));
}

/// Sets or removes an attribute of the root element.
pub(crate) fn set_root_attribute(name: &str, value: Option<&str>) {
    if let Some(root) = document().document_element() {
        let _refused = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Sets the page's title.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// A value remembered for this origin; `None` too where storage is blocked.
pub(crate) fn remembered(key: &str) -> Option<String> {
    if !cfg!(target_arch = "wasm32") {
        return None;
    }
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Remembers a value for this origin, where storage is not blocked.
pub(crate) fn remember(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _full_or_blocked = storage.set_item(key, value);
    }
}

/// The URL fragment without its `#`.
pub(crate) fn fragment() -> String {
    let hash = window().location().hash().unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// Origin of the page, as `scheme://host[:port]`.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Replaces the URL fragment without leaving an entry in the history, so that a secret in it is gone.
pub(crate) fn replace_fragment(fragment: &str) {
    if let Ok(history) = window().history() {
        let url = format!("#{fragment}");
        let _refused = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
    }
}

/// Puts text on the clipboard; false where the browser refuses.
pub(crate) async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Selects what an element shows.
pub(crate) fn select(element: &web_sys::Element) {
    let method = |of: &JsValue, name: &str| {
        let method = Reflect::get(of, &name.into()).ok()?;
        method.dyn_into::<js_sys::Function>().ok()
    };
    let window = window();
    let selection = method(&window, "getSelection").and_then(|it| it.call0(&window).ok());
    if let Some(selection) = selection
        && let Some(select) = method(&selection, "selectAllChildren")
    {
        let _refused = select.call1(&selection, element);
    }
}

/// Hands a file to the browser's downloads.
pub(crate) fn download(name: &str, media_type: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The click has started the download; the browser keeps the blob until it is done.
    web_sys::Url::revoke_object_url(&url)
}

/// Reads a picked or dropped file; `None` where the browser cannot.
pub(crate) async fn read(file: &web_sys::File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Whether the page is a secure context: only there are workers locked, cached and kept.
pub(crate) fn is_secure_context() -> bool {
    window().is_secure_context()
}

/// Asks the browser to keep this origin's data; `None` where it cannot say.
pub(crate) async fn persist() -> Option<bool> {
    storage_answer("persist").await
}

/// Whether the browser keeps this origin's data under storage pressure; `None` where it cannot say.
pub(crate) async fn persisted() -> Option<bool> {
    storage_answer("persisted").await
}

/// Bytes this origin may store; `None` where the browser does not say.
pub(crate) async fn storage_quota() -> Option<f64> {
    let estimate = storage_call("estimate").await?;
    Reflect::get(&estimate, &"quota".into()).ok()?.as_f64()
}

/// Whether the browser has a feature under this name in its global scope.
pub(crate) fn has_global(name: &str) -> bool {
    Reflect::has(&window(), &name.into()).unwrap_or(false)
}

/// Whether `navigator` has a property of this name.
pub(crate) fn has_navigator(name: &str) -> bool {
    Reflect::has(&window().navigator(), &name.into()).unwrap_or(false)
}

async fn storage_answer(method: &str) -> Option<bool> {
    storage_call(method).await?.as_bool()
}

async fn storage_call(method: &str) -> Option<JsValue> {
    let navigator = window().navigator();
    let storage = Reflect::get(&navigator, &"storage".into()).ok()?;
    let function: js_sys::Function = Reflect::get(&storage, &method.into())
        .ok()?
        .dyn_into()
        .ok()?;
    let promise: js_sys::Promise = function.call0(&storage).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}

/// The element with this id, if it can take the focus.
pub(crate) fn element(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Listens to an event of the window for as long as the tab lives.
pub(crate) fn on_window(event: &str, listener: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn()>::new(listener);
    let _refused =
        window().add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Has the start script load the page again, as the newest build there is.
pub(crate) fn renew() {
    if let Ok(event) = web_sys::Event::new("heqi-renew") {
        let _cancelled = window().dispatch_event(&event);
    }
}

/// A time in milliseconds since 1970 as the reader's language writes it, to the minute.
pub(crate) fn local_time(ms: u64, language: &str) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        let _plain_object = Reflect::set(&options, &name.into(), &value.into());
    }
    let date = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    date.to_locale_string(language, &options).into()
}

/// Whether no element has the focus.
pub(crate) fn focus_is_nowhere() -> bool {
    let focused = document().active_element();
    focused.is_none_or(|element| element.tag_name() == "BODY")
}

/// A length of the style sheet's root, in pixels.
pub(crate) fn style_px(property: &str) -> Option<f64> {
    let root = document().document_element()?;
    let style = window().get_computed_style(&root).ok()??;
    let value = style.get_property_value(property).ok()?;
    value.trim().strip_suffix("px")?.parse().ok()
}

/// Whether the main pointer is a finger.
pub(crate) fn is_coarse() -> bool {
    let query = window().match_media("(pointer: coarse)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// A day (days since 1970) as the reader's language writes it.
pub(crate) fn local_day(day: i32, language: &str) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeZone", "UTC")] {
        let _plain_object = Reflect::set(&options, &name.into(), &value.into());
    }
    let date = js_sys::Date::new(&JsValue::from_f64(f64::from(day) * DAY_MS));
    date.to_locale_date_string(language, &options).into()
}

/// Today on the device's calendar, as `2026-03-31`.
pub(crate) fn today() -> String {
    if !cfg!(target_arch = "wasm32") {
        return String::new();
    }
    let now = js_sys::Date::new_0();
    let (year, month, day) = (now.get_full_year(), now.get_month() + 1, now.get_date());
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days since 1970 of a day written as `2026-03-31`.
pub(crate) fn day_number(day: &str) -> Option<i32> {
    let ms = js_sys::Date::parse(day);
    ms.is_finite().then(|| (ms / DAY_MS).floor() as i32)
}

const DAY_MS: f64 = 86_400_000.0;

/// A clock that calls back every second; stopped when it is dropped.
pub(crate) struct Ticking {
    handle: Option<i32>,
    _tick: Closure<dyn Fn()>,
}

/// Calls back every second for as long as what it returns is held.
pub(crate) fn every_second(tick: impl Fn() + 'static) -> Ticking {
    let tick = Closure::<dyn Fn()>::new(tick);
    let set = window().set_interval_with_callback_and_timeout_and_arguments_0(
        tick.as_ref().unchecked_ref(),
        1000,
    );
    Ticking {
        handle: set.ok(),
        _tick: tick,
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        if let Some(handle) = self.handle {
            window().clear_interval_with_handle(handle);
        }
    }
}

/// Opens the browser's way to print the page.
pub(crate) fn print() {
    let _refused = window().print();
}
