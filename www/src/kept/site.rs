//! The site itself, which its service worker keeps (`www/assets/sw.js`).

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Whether this page opens without network: a service worker answers for it, and becomes that only with all its files.
pub fn is_site_kept() -> bool {
    let path = ["navigator", "serviceWorker", "controller"];
    let found =
        path.iter().try_fold(JsValue::from(js_sys::global()), |object, key| Reflect::get(&object, &(*key).into()));
    found.is_ok_and(|controller| controller.is_truthy())
}
