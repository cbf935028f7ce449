//! Why a request had no answer, as far as a browser lets a page know: it gives one error for all reasons.

use js_sys::{Function, Object, Promise, Reflect};
use lagvis::{
    protocol::{Peer, Request},
    registry::{Transport, is_local, is_loopback},
};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{
    fetch::{self, Sent},
    timer,
};

/// Names of the permission to ask hosts of the local network; each browser knows one of them, or none.
const PERMISSIONS: [&str; 3] = ["local-network-access", "local-network", "loopback-network"];
/// Longest wait for the answer of a host that is asked whether it is there.
const PATIENCE: u64 = 10_000;

/// What is known before the request is sent.
pub fn blocked(url: &str) -> Option<Transport> {
    let (scheme, authority) = parts(url)?;
    let secure = location("protocol").is_some_and(|protocol| protocol == "https:");
    (secure && scheme == "http" && !is_loopback(authority)).then_some(Transport::MixedContent)
}

/// Why there was no answer.
pub async fn unanswered(to: Peer, url: &str, text: String, log: impl Fn(Request)) -> Transport {
    if is_offline() {
        return Transport::Offline;
    }
    let Some((scheme, authority)) = parts(url) else { return Transport::Unreachable(text) };
    let page = location("host").unwrap_or_default();
    if page == authority && location("protocol").is_some_and(|protocol| protocol.trim_end_matches(':') == scheme) {
        return Transport::Unreachable(text);
    }
    let nearer = is_loopback(authority) && !is_loopback(&page) || is_local(authority) && !is_local(&page);
    if is_local(authority)
        && let Some(state) = permission().await
        && (state == "denied" || nearer && state != "granted")
    {
        return Transport::LocalNetwork(format!("the browser's permission to ask the local network is “{state}”"));
    }
    // Without reading anything: an answer at all tells that the host is there.
    let sent = Sent::now("GET", to, &format!("{scheme}://{authority}/v2/"));
    let there = timer::within(PATIENCE, fetch::is_there(sent.url())).await;
    log(sent.ended(None, 0, Some("asked only whether anybody is there".to_owned())));
    if there == Some(true) {
        return Transport::Cors("it answers, but without the headers that let web pages read it (CORS)".to_owned());
    }
    Transport::Unreachable(text)
}

/// Why a body broke off.
pub fn broken(text: String) -> Transport {
    if is_offline() { Transport::Offline } else { Transport::Broken(text) }
}

fn is_offline() -> bool {
    get(&["navigator", "onLine"]).and_then(|online| online.as_bool()) == Some(false)
}

fn parts(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    Some((scheme, rest.split(['/', '?', '#']).next().unwrap_or_default()))
}

fn location(part: &str) -> Option<String> {
    get(&["location", part])?.as_string()
}

fn get(path: &[&str]) -> Option<JsValue> {
    path.iter().try_fold(JsValue::from(js_sys::global()), |object, key| Reflect::get(&object, &(*key).into()).ok())
}

/// The state of the permission to ask hosts of the local network; none where the browser knows no such thing.
async fn permission() -> Option<String> {
    let permissions = get(&["navigator", "permissions"])?;
    let query: Function = Reflect::get(&permissions, &"query".into()).ok()?.dyn_into().ok()?;
    let mut found = None;
    for name in PERMISSIONS {
        let descriptor = Object::new();
        Reflect::set(&descriptor, &"name".into(), &name.into()).ok()?;
        let Ok(asked) = query.call1(&permissions, &descriptor) else { continue };
        let Ok(status) = JsFuture::from(Promise::from(asked)).await else { continue };
        let state = Reflect::get(&status, &"state".into()).ok().and_then(|state| state.as_string());
        match state.as_deref() {
            Some("denied") => return state,
            Some(_) => found = found.or(state),
            None => {}
        }
    }
    found
}
