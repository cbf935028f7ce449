//! The address bar: the only file that touches `history` and `location`.

use wasm_bindgen::{JsCast as _, JsValue, prelude::Closure};

/// The fragment as it is, without `#`.
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// The whole address, to be copied.
pub fn address() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// Whether a change of the view is a step that "Back" returns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new entry.
    Push,
    /// The same entry, said more exactly.
    Replace,
}

/// Writes the fragment, unless it is there already.
pub fn write(fragment: &str, step: Step) {
    if fragment == self::fragment() {
        return;
    }
    let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else { return };
    let url = if fragment.is_empty() { path() } else { format!("#{fragment}") };
    // Browsers refuse when it is called too often; the next change writes it again.
    _ = match step {
        Step::Push => history.push_state_with_url(&JsValue::NULL, "", Some(&url)),
        Step::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(&url)),
    };
}

/// The address without fragment.
fn path() -> String {
    let location = web_sys::window().map(|window| window.location());
    location
        .and_then(|location| Some(location.pathname().ok()? + &location.search().ok()?))
        .unwrap_or_else(|| "./".to_owned())
}

/// Listens to "Back", "Forward" and addresses typed by hand, until it is dropped.
pub struct Listener {
    handler: Closure<dyn FnMut()>,
}

impl Listener {
    /// Calls `moved` after each move.
    pub fn new(moved: impl Fn() + 'static) -> Self {
        let handler = Closure::<dyn FnMut()>::new(moved);
        if let Some(window) = web_sys::window() {
            _ = window.add_event_listener_with_callback("popstate", handler.as_ref().unchecked_ref());
        }
        Self { handler }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            _ = window.remove_event_listener_with_callback("popstate", self.handler.as_ref().unchecked_ref());
        }
    }
}
