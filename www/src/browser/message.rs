//! Typed messages over `postMessage`: `{m: <message>, …}` with files, ports and buffers beside it.

use js_sys::{Array, Object, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast as _, JsValue};

/// Something that messages can be posted to.
pub trait Post {
    /// Posts a value and transfers what `transfer` lists.
    fn post_raw(&self, value: &JsValue, transfer: &JsValue) -> Result<(), JsValue>;
}

impl Post for web_sys::Worker {
    fn post_raw(&self, value: &JsValue, transfer: &JsValue) -> Result<(), JsValue> {
        self.post_message_with_transfer(value, transfer)
    }
}

impl Post for web_sys::MessagePort {
    fn post_raw(&self, value: &JsValue, transfer: &JsValue) -> Result<(), JsValue> {
        self.post_message_with_transferable(value, transfer)
    }
}

impl Post for web_sys::DedicatedWorkerGlobalScope {
    fn post_raw(&self, value: &JsValue, transfer: &JsValue) -> Result<(), JsValue> {
        self.post_message_with_transfer(value, transfer)
    }
}

/// What travels beside a message.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Files; cloned by reference, never by content.
    pub files: Vec<web_sys::File>,
    /// Ports, transferred.
    pub ports: Vec<web_sys::MessagePort>,
    /// A buffer, transferred.
    pub buffer: Option<js_sys::ArrayBuffer>,
}

/// Posts a message.
pub fn post<T: Serialize>(to: &impl Post, message: &T, beside: &Beside) -> Result<(), JsValue> {
    let value = Object::new();
    let set = |key: &str, part: &JsValue| Reflect::set(&value, &JsValue::from_str(key), part).map(|_| ());
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(false);
    set("m", &message.serialize(&serializer)?)?;
    let transfer = Array::new();
    if !beside.files.is_empty() {
        set("files", &beside.files.iter().collect::<Array>())?;
    }
    if !beside.ports.is_empty() {
        let ports: Array = beside.ports.iter().collect();
        set("ports", &ports)?;
        beside.ports.iter().for_each(|port| _ = transfer.push(port));
    }
    if let Some(buffer) = &beside.buffer {
        set("buffer", buffer)?;
        transfer.push(buffer);
    }
    to.post_raw(&value, &transfer)
}

/// Reads a message that [`post`] sent.
pub fn receive<T: DeserializeOwned>(event: &web_sys::MessageEvent) -> Result<(T, Beside), JsValue> {
    let value = event.data();
    let get = |key: &str| Reflect::get(&value, &JsValue::from_str(key));
    let message = serde_wasm_bindgen::from_value(get("m")?)?;
    let list = |key: &str| get(key).ok().filter(Array::is_array).map(|list| Array::from(&list)).unwrap_or_default();
    let beside = Beside {
        files: list("files").iter().filter_map(|file| file.dyn_into().ok()).collect(),
        ports: list("ports").iter().filter_map(|port| port.dyn_into().ok()).collect(),
        buffer: get("buffer")?.dyn_into().ok(),
    };
    Ok((message, beside))
}
