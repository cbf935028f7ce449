//! Time that passes: waits, and waits with an end.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Browsers count in 32 bits.
const MOST: u64 = i32::MAX as u64;

/// Waits so many milliseconds, in the page or in a worker.
pub async fn sleep(milliseconds: u64) {
    let time = u32::try_from(milliseconds.min(MOST)).unwrap_or_default();
    let set = Reflect::get(&js_sys::global(), &"setTimeout".into()).and_then(|set| set.dyn_into::<Function>());
    let Ok(set) = set else { return };
    let promise = Promise::new(&mut |fulfil, _| {
        _ = set.call2(&JsValue::NULL, &fulfil, &JsValue::from(time));
    });
    _ = JsFuture::from(promise).await;
}

/// What a future comes to, unless it takes longer than so many milliseconds.
pub async fn within<T>(milliseconds: u64, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut end) = (pin!(future), pin!(sleep(milliseconds)));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => end.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// An end that moves on: one timer for many waits, each of which would leave one behind.
#[derive(Default)]
pub struct Deadline(Option<Pin<Box<dyn Future<Output = ()>>>>);

impl Deadline {
    /// What a future comes to, unless `left` (milliseconds) comes to nothing before.
    pub async fn guard<T>(&mut self, left: impl Fn() -> u64, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(value));
            }
            loop {
                let timer = self.0.get_or_insert_with(|| Box::pin(sleep(left().max(1))));
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.0 = None;
                if left() == 0 {
                    return Poll::Ready(None);
                }
            }
        })
        .await
    }
}
