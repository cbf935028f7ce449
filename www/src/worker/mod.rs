//! What runs in the workers. One program, two parts: the first message says which.
//!
//! A worker says that it is up before it is spoken to: messages that come before its handler is set would be lost.

mod asking;
mod handover;
mod layer;
mod session;
mod toc;
mod transfer;

use lagvis::protocol::{FromSession, Role, VERSION};
use wasm_bindgen::{JsCast as _, prelude::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::browser::message::{Beside, post, receive};

/// Whether the program runs in a worker.
pub fn is_here() -> bool {
    js_sys::global().is_instance_of::<DedicatedWorkerGlobalScope>()
}

/// Entry point of the worker program.
pub fn run() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let inner = scope.clone();
    let first = Closure::once_into_js(move |event: MessageEvent| {
        let Ok((role, beside)) = receive::<Role>(&event) else { return };
        match role {
            Role::Session => session::start(&inner, beside.ports),
            Role::Layer => beside.ports.into_iter().for_each(layer::start),
        }
    });
    scope.set_onmessage(first.dyn_ref());
    _ = post(&scope, &FromSession::Ready { version: VERSION }, &Beside::default());
}

/// Hands every message of a port to `handle`, for as long as the worker lives.
fn listen(port: &web_sys::MessagePort, handle: impl FnMut(MessageEvent) + 'static) {
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(handle);
    port.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    // The port lives as long as the worker, and so must its handler.
    closure.forget();
}
