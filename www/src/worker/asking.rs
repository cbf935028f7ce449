//! Requests of the engine, sent with the browser's fetch: documents whole, and what all requests have in common.

use lagvis::{
    protocol::{Access, Request},
    registry::{HttpRequest, HttpResponse, Method, Moment, Transport},
};

use crate::browser::{
    clock,
    fetch::{self, Cache, Sent},
};

/// A response with its body, or why there is none.
pub(super) async fn whole(
    access: &Access,
    request: &HttpRequest,
    patience: u64,
    log: impl Fn(Request),
) -> Result<HttpResponse, Transport> {
    let HttpRequest { url, headers, max_bytes, .. } = request;
    let sent = Sent::now(method(request), access.peer(url), url);
    let fail = |status, bytes, transport: Transport| {
        log(sent.ended(status, bytes, Some(transport.words())));
        transport
    };
    let sending = fetch::send(&sent, headers, Cache::Asked, patience, &log).await;
    let mut answer = sending.map_err(|transport| fail(None, 0, transport))?;
    let read = answer.bytes(*max_bytes).await;
    let (body, truncated) = read.map_err(|transport| fail(Some(answer.status), answer.received, transport))?;
    log(sent.ended(Some(answer.status), answer.received, None));
    Ok(HttpResponse { status: answer.status, headers: answer.headers, body, truncated })
}

pub(super) fn method(request: &HttpRequest) -> &'static str {
    match request.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
    }
}

/// Now, and a random number.
pub(super) fn moment() -> Moment {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between nothing and all")]
    let chance = (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    Moment { now: clock::today(), chance }
}

/// Milliseconds of silence that are borne.
pub(super) fn milliseconds(seconds: u32) -> u64 {
    u64::from(seconds) * 1_000
}
