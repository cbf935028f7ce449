//! Web locks: names that workers and pages of this origin hold, so that other tabs see what is in use.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

/// A name that is held until this is dropped.
pub struct Held(Function);

impl Drop for Held {
    fn drop(&mut self) {
        _ = self.0.call0(&JsValue::NULL);
    }
}

fn manager() -> Result<JsValue, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    Reflect::get(&navigator, &"locks".into())
}

/// Waits until nobody else holds the name, and holds it.
pub async fn alone(name: &str) -> Result<Held, JsValue> {
    request(name, "exclusive").await
}

/// Holds a name, beside others who may, until the worker or page ends.
pub async fn hold(name: &str) -> Result<(), JsValue> {
    request(name, "shared").await.map(std::mem::forget)
}

async fn request(name: &str, mode: &str) -> Result<Held, JsValue> {
    let manager = manager()?;
    let request: Function = Reflect::get(&manager, &"request".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &mode.into())?;
    // The lock is held until this promise settles.
    let (until, release) = promise()?;
    let (granted, grant) = promise()?;
    let on_granted = Closure::once_into_js(move |_: JsValue| {
        _ = grant.call0(&JsValue::NULL);
        until
    });
    let ended = Promise::from(request.call3(&manager, &name.into(), &options, &on_granted)?);
    // The request settles before it is granted only if it fails.
    JsFuture::from(Promise::race(&Array::of2(&granted, &ended))).await?;
    Ok(Held(release))
}

/// A promise, and what fulfils it.
fn promise() -> Result<(Promise, Function), JsValue> {
    let mut fulfil = None;
    // The function is called before the promise is there.
    let promise = Promise::new(&mut |resolve, _| fulfil = Some(resolve));
    Ok((promise, fulfil.ok_or("a promise without an end")?))
}

/// The names that are held by anyone.
pub async fn held() -> Result<Vec<String>, JsValue> {
    let manager = manager()?;
    let query: Function = Reflect::get(&manager, &"query".into())?.dyn_into()?;
    let state = JsFuture::from(Promise::from(query.call0(&manager)?)).await?;
    let held: Array = Reflect::get(&state, &"held".into())?.dyn_into()?;
    Ok(held.iter().filter_map(|lock| Reflect::get(&lock, &"name".into()).ok()?.as_string()).collect())
}
