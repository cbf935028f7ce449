//! Requests: small documents whole and capped, blobs as streams. No credentials, no referrer.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use lagvis::{
    protocol::{Peer, Request},
    registry::{Pace, Transport},
};

use super::{clock, file::describe, stream::ByteStream, timer, why};

/// A response whose body has not been read.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers that the browser lets us see, lower-case names.
    pub headers: Vec<(String, String)>,
    body: Option<ByteStream>,
    pace: Pace,
    deadline: timer::Deadline,
    /// Bytes of the body that came.
    pub received: u64,
}

/// Whether the browser may keep what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// It may, and asks whether it is still so.
    Asked,
    /// Not: what is large is kept elsewhere, and parts of it are asked for.
    Never,
}

/// A request on its way, for the log.
pub struct Sent {
    method: &'static str,
    to: Peer,
    url: String,
    at: f64,
    start: f64,
}

impl Sent {
    /// A request that is sent now.
    pub fn now(method: &'static str, to: Peer, url: &str) -> Self {
        Self { method, to, url: url.to_owned(), at: js_sys::Date::now(), start: clock::now() }
    }

    /// Where it goes.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// It came to its end.
    pub fn ended(&self, status: Option<u16>, bytes: u64, error: Option<String>) -> Request {
        let method = self.method.to_owned();
        let took = whole(clock::now() - self.start);
        Request { method, to: self.to, url: self.url.clone(), status, bytes, at: whole(self.at), took, error }
    }
}

/// Whole milliseconds.
fn whole(milliseconds: f64) -> u64 {
    // `as` saturates; a negative clock is zero.
    #[expect(clippy::cast_possible_truncation, reason = "saturating is meant")]
    let milliseconds = milliseconds as u64;
    milliseconds
}

/// Sends a request. `patience`: milliseconds of silence that are borne, before the answer and within it. Without an answer
/// its host may be asked whether it is there: that is a request too, which `log` hears of.
pub async fn send(
    sent: &Sent,
    headers: &[(String, String)],
    cache: Cache,
    patience: u64,
    log: impl Fn(Request),
) -> Result<Answer, Transport> {
    let Sent { method, to, url, .. } = sent;
    if let Some(blocked) = why::blocked(url) {
        return Err(blocked);
    }
    let abort = web_sys::AbortController::new().ok();
    let request = request(method, url, headers, cache, abort.as_ref());
    let request = request.map_err(|error| Transport::Unreachable(describe(&error)))?;
    let Some(response) = timer::within(Pace::to_begin(patience), respond(&request)).await else {
        if let Some(abort) = abort {
            abort.abort();
        }
        return Err(Transport::Stalled(Pace::to_begin(patience).div_ceil(1_000)));
    };
    let response = match response {
        Ok(response) => response,
        Err(error) => return Err(why::unanswered(*to, url, describe(&error), log).await),
    };
    Ok(Answer {
        status: response.status(),
        headers: header_list(&response),
        body: response.body().and_then(|body| ByteStream::new(&body).ok()),
        pace: Pace::new(patience, clock::today()),
        deadline: timer::Deadline::default(),
        received: 0,
    })
}

/// Whether anything answers at a URL, whatever it says: a page may know no more of others' hosts.
pub async fn is_there(url: &str) -> bool {
    let init = web_sys::RequestInit::new();
    init.set_method("GET");
    init.set_credentials(web_sys::RequestCredentials::Omit);
    init.set_mode(web_sys::RequestMode::NoCors);
    set(&init, "referrerPolicy", "no-referrer");
    set(&init, "cache", "no-store");
    match web_sys::Request::new_with_str_and_init(url, &init) {
        Ok(request) => respond(&request).await.is_ok(),
        Err(_) => false,
    }
}

fn request(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    cache: Cache,
    abort: Option<&web_sys::AbortController>,
) -> Result<web_sys::Request, JsValue> {
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    init.set_credentials(web_sys::RequestCredentials::Omit);
    init.set_mode(web_sys::RequestMode::Cors);
    let list = web_sys::Headers::new()?;
    for (name, value) in headers {
        list.append(name, value)?;
    }
    init.set_headers(&list);
    init.set_signal(abort.map(web_sys::AbortController::signal).as_ref());
    set(&init, "referrerPolicy", "no-referrer");
    // A manifest by tag must be asked for again; what is named by digest may come from the browser's cache.
    set(&init, "cache", if cache == Cache::Asked { "no-cache" } else { "no-store" });
    web_sys::Request::new_with_str_and_init(url, &init)
}

async fn respond(request: &web_sys::Request) -> Result<web_sys::Response, JsValue> {
    let fetch: js_sys::Function = Reflect::get(&js_sys::global(), &"fetch".into())?.dyn_into()?;
    let promise = fetch.call1(&js_sys::global(), request)?;
    JsFuture::from(js_sys::Promise::from(promise)).await?.dyn_into()
}

fn set(init: &web_sys::RequestInit, key: &str, value: &str) {
    _ = Reflect::set(init, &key.into(), &value.into());
}

fn header_list(response: &web_sys::Response) -> Vec<(String, String)> {
    let entries = js_sys::try_iter(&response.headers()).ok().flatten();
    let pair = |entry: JsValue| {
        let entry = Array::from(&entry);
        Some((entry.get(0).as_string()?.to_lowercase(), entry.get(1).as_string()?))
    };
    entries.into_iter().flatten().filter_map(Result::ok).filter_map(pair).collect()
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The next piece of the body, valid until the next call; none at its end.
    pub async fn chunk(&mut self) -> Result<Option<Uint8Array>, Transport> {
        let Some(body) = &mut self.body else { return Ok(None) };
        let pace = self.pace;
        let read = self.deadline.guard(|| pace.left(clock::today()), body.next()).await;
        let chunk = match read {
            Some(read) => read.map_err(|error| why::broken(describe(&error)))?,
            None => {
                self.cancel();
                return Err(self.pace.silence());
            }
        };
        if let Some(chunk) = &chunk {
            let length = u64::from(chunk.length());
            self.received += length;
            self.pace.took(length, clock::today()).inspect_err(|_| self.cancel())?;
        }
        Ok(chunk)
    }

    /// The body whole, as far as `max` bytes; the flag tells that there was more.
    pub async fn bytes(&mut self, max: u64) -> Result<(Vec<u8>, bool), Transport> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if bytes.len() as u64 + u64::from(chunk.length()) > max {
                self.cancel();
                return Ok((bytes, true));
            }
            let start = bytes.len();
            bytes.resize(start + chunk.length() as usize, 0);
            if let Some(slot) = bytes.get_mut(start..) {
                chunk.copy_to(slot);
            }
        }
        Ok((bytes, false))
    }

    /// Stops the transfer.
    pub fn cancel(&self) {
        if let Some(body) = &self.body {
            body.cancel();
        }
    }
}
