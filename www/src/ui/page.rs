//! What the page asks of the browser beside the view: storage, theme, clipboard, saving, measuring. One small function
//! each; a browser that refuses one of them costs that convenience and nothing else.

use js_sys::{Array, JsString, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Milliseconds since the page was loaded.
pub use crate::browser::clock::now;

/// A value of the browser's local storage.
pub fn stored(key: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Stores a value, or removes it when it is empty.
pub fn store(key: &str, value: &str) {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    if let Some(storage) = storage {
        _ = if value.is_empty() { storage.remove_item(key) } else { storage.set_item(key, value) };
    }
}

/// Sets or removes an attribute of the root element.
pub fn root_attribute(name: &str, value: Option<&str>) {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Sets the window's title.
pub fn title(text: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(text);
    }
}

/// The folder that the page was served from.
pub fn base() -> String {
    let document = web_sys::window().and_then(|window| window.document());
    let base = document.and_then(|document| document.base_uri().ok().flatten()).unwrap_or_default();
    web_sys::Url::new_with_base(".", &base).map(|url| url.href()).unwrap_or(base)
}

/// Records the time from `start` until now under a name. By hand: web-sys has `measure` with options only as unstable.
pub fn measure(name: &str, start: f64) {
    let performance = web_sys::window().and_then(|window| window.performance());
    let Some(performance) = performance else { return };
    let options = js_sys::Object::new();
    _ = Reflect::set(&options, &JsValue::from_str("start"), &JsValue::from_f64(start));
    _ = Reflect::set(&options, &JsValue::from_str("end"), &JsValue::from_f64(performance.now()));
    let measure = Reflect::get(&performance, &JsValue::from_str("measure"));
    if let Some(measure) = measure.ok().and_then(|measure| measure.dyn_into::<js_sys::Function>().ok()) {
        _ = measure.call2(&performance, &JsValue::from_str(name), &options);
    }
}

/// Puts text on the clipboard. Pages served by plain http have none.
pub async fn copy(text: &str) -> bool {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return false };
    if !Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Offers text to be saved as a file. Sent as bytes, so that no browser shows it instead.
pub fn save(name: &str, text: &str) -> Result<(), JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let parts = Array::of1(&JsString::from(text));
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    save_url(name, &url)?;
    web_sys::Url::revoke_object_url(&url)
}

/// Saves what is at a URL of this page.
pub fn save_url(name: &str, url: &str) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let anchor: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    anchor.set_href(url);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        _ = window.location().reload();
    }
}

/// Focuses the element with this test id.
pub fn focus(test_id: &str) {
    _ = try_focus(test_id);
}

/// The same; whether it is there and has the focus then.
pub fn try_focus(test_id: &str) -> bool {
    element(test_id).is_some_and(|element| takes_focus(&element))
}

/// Focuses the first element that one of these selectors finds.
pub fn focus_first(css: &[&str]) -> bool {
    css.iter().find_map(|css| found(css)).is_some_and(|element| takes_focus(&element))
}

/// Behind a dialog nothing does.
fn takes_focus(element: &web_sys::HtmlElement) -> bool {
    _ = element.focus();
    let active = web_sys::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    active.is_some_and(|active| &active == AsRef::<web_sys::Element>::as_ref(element))
}

/// Whether the focus is in an element that a selector finds.
pub fn has_focus(css: &str) -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let active = document.and_then(|document| document.active_element());
    active.is_some_and(|active| active.closest(css).is_ok_and(|around| around.is_some()))
}

/// Whether a selector finds anything; not, where the browser does not know it.
pub fn is_there(css: &str) -> bool {
    found(css).is_some()
}

/// Scrolls the first element that a selector finds into view, as little as needed.
pub fn reveal(css: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(element) = document.and_then(|document| document.query_selector(css).ok().flatten()) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Presses the element with this test id.
pub fn press(test_id: &str) {
    _ = try_press(test_id);
}

/// The same; whether it is there.
pub fn try_press(test_id: &str) -> bool {
    element(test_id).map(|element| element.click()).is_some()
}

/// Scrolls the element with this id into view.
pub fn scroll_to(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(element) = document.and_then(|document| document.get_element_by_id(id)) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn element(test_id: &str) -> Option<web_sys::HtmlElement> {
    found(&format!("[data-testid='{test_id}']"))
}

fn found(css: &str) -> Option<web_sys::HtmlElement> {
    web_sys::window()?.document()?.query_selector(css).ok()??.dyn_into().ok()
}
