//! Requests: small documents whole and capped, blobs as streams. No credentials, no referrer.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use lagvis::protocol::Request;

use super::{clock, file::describe, stream::ByteStream};

/// A response whose body has not been read.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers that the browser lets us see, lower-case names.
    pub headers: Vec<(String, String)>,
    body: Option<ByteStream>,
    /// Bytes of the body that came.
    pub received: u64,
}

/// A request on its way, for the log.
pub struct Sent {
    method: &'static str,
    url: String,
    at: f64,
    start: f64,
}

impl Sent {
    /// A request that is sent now.
    pub fn now(method: &'static str, url: &str) -> Self {
        Self { method, url: url.to_owned(), at: js_sys::Date::now(), start: clock::now() }
    }

    /// It came to its end.
    pub fn ended(&self, status: Option<u16>, bytes: u64, error: Option<String>) -> Request {
        let method = self.method.to_owned();
        let took = whole(clock::now() - self.start);
        Request { method, url: self.url.clone(), status, bytes, at: whole(self.at), took, error }
    }
}

/// Whole milliseconds.
fn whole(milliseconds: f64) -> u64 {
    // `as` saturates; a negative clock is zero.
    #[expect(clippy::cast_possible_truncation, reason = "saturating is meant")]
    let milliseconds = milliseconds as u64;
    milliseconds
}

/// Sends a request.
pub async fn send(method: &str, url: &str, headers: &[(String, String)]) -> Result<Answer, String> {
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    init.set_credentials(web_sys::RequestCredentials::Omit);
    init.set_mode(web_sys::RequestMode::Cors);
    let list = web_sys::Headers::new().map_err(|e| describe(&e))?;
    for (name, value) in headers {
        list.append(name, value).map_err(|e| describe(&e))?;
    }
    init.set_headers(&list);
    set(&init, "referrerPolicy", "no-referrer");
    // A manifest by tag must be asked for again; what is named by digest may come from the browser's cache.
    set(&init, "cache", "no-cache");
    let request = web_sys::Request::new_with_str_and_init(url, &init).map_err(|e| describe(&e))?;
    let fetch: js_sys::Function =
        Reflect::get(&js_sys::global(), &"fetch".into()).and_then(JsCast::dyn_into).map_err(|e| describe(&e))?;
    let promise = fetch.call1(&js_sys::global(), &request).map_err(|e| describe(&e))?;
    let response = JsFuture::from(js_sys::Promise::from(promise)).await.map_err(|e| describe(&e))?;
    let response: web_sys::Response = response.dyn_into().map_err(|e| describe(&e))?;
    Ok(Answer {
        status: response.status(),
        headers: header_list(&response),
        body: response.body().and_then(|body| ByteStream::new(&body).ok()),
        received: 0,
    })
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
    pub async fn chunk(&mut self) -> Result<Option<Uint8Array>, String> {
        let chunk = match &mut self.body {
            Some(body) => body.next().await.map_err(|e| describe(&e))?,
            None => None,
        };
        self.received += chunk.as_ref().map_or(0, |chunk| u64::from(chunk.length()));
        Ok(chunk)
    }

    /// The body whole, as far as `max` bytes; the flag tells that there was more.
    pub async fn bytes(&mut self, max: u64) -> Result<(Vec<u8>, bool), String> {
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
