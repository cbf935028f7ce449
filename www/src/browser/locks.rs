//! Web locks: a name is held for as long as the worker lives, so that other tabs see what is in use.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

fn manager() -> Result<JsValue, JsValue> {
    let scope: web_sys::WorkerGlobalScope = js_sys::global().dyn_into()?;
    Reflect::get(&scope.navigator(), &"locks".into())
}

/// Holds a name until the worker ends.
pub fn hold(name: &str) -> Result<(), JsValue> {
    let manager = manager()?;
    let request: Function = Reflect::get(&manager, &"request".into())?.dyn_into()?;
    // The lock is held until this promise settles, which it never does.
    let forever = Closure::once_into_js(|_: JsValue| Promise::new(&mut |_, _| {}));
    request.call2(&manager, &name.into(), &forever).map(|_| ())
}

/// The names that are held by anyone.
pub async fn held() -> Result<Vec<String>, JsValue> {
    let manager = manager()?;
    let query: Function = Reflect::get(&manager, &"query".into())?.dyn_into()?;
    let state = JsFuture::from(Promise::from(query.call0(&manager)?)).await?;
    let held: Array = Reflect::get(&state, &"held".into())?.dyn_into()?;
    Ok(held.iter().filter_map(|lock| Reflect::get(&lock, &"name".into()).ok()?.as_string()).collect())
}
