//! Time, for progress and for pacing. Never part of a receipt.

use wasm_bindgen::{JsCast as _, JsValue};

/// Milliseconds since 1970.
pub fn today() -> u64 {
    super::file::to_u64(js_sys::Date::now())
}

/// Milliseconds since the page or worker began.
pub fn now() -> f64 {
    js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("performance"))
        .ok()
        .and_then(|performance| performance.dyn_into::<web_sys::Performance>().ok())
        .map_or(0.0, |performance| performance.now())
}
