//! The site itself, which its service worker keeps (`www/assets/sw.js`).

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Whether the site at `base` opens without network: a service worker of its own has all its files, else it would not be
/// active. Another site on the same host may have one that knows nothing of this.
pub async fn is_site_kept(base: &str) -> bool {
    scope().await.is_ok_and(|scope| scope.as_deref() == Some(base))
}

/// The scope of the active service worker.
async fn scope() -> Result<Option<String>, JsValue> {
    let get = |object: &JsValue, key: &str| Reflect::get(object, &key.into());
    let workers = get(&get(&js_sys::global(), "navigator")?, "serviceWorker")?;
    let ask: Function = get(&workers, "getRegistration")?.dyn_into()?;
    let registration = JsFuture::from(Promise::from(ask.call0(&workers)?)).await?;
    if get(&registration, "active")?.is_falsy() {
        return Ok(None);
    }
    Ok(get(&registration, "scope")?.as_string())
}
