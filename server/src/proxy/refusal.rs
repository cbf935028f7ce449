//! What the proxy itself says instead of an answer, as the distribution API has errors, with CORS like everything else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::limits::Busy;

/// Headers that a page may read.
const EXPOSED: &str = "Docker-Content-Digest, WWW-Authenticate, Link, ETag, Accept-Ranges, Content-Range, \
                       Content-Encoding, Content-Length, Retry-After, RateLimit-Limit, RateLimit-Remaining, \
                       Docker-RateLimit-Source, OCI-Filters-Applied, Warning";

/// The reason where a client holds as many documents as it may.
const DOCUMENTS: &str = "documents";
/// Methods that are answered.
pub(super) const METHODS: &str = "GET, HEAD, OPTIONS";

/// A request that the proxy itself refuses.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// A word for the metrics.
    reason: &'static str,
    /// A header that belongs to the status.
    header: Option<Box<(HeaderName, HeaderValue)>>,
    /// A guessed password is paid for once, though all who wait for its token get this refusal.
    unpaid: Option<Arc<AtomicBool>>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, reason: &'static str, message: String) -> Self {
        Self { status, code, message, reason, header: None, unpaid: None }
    }

    pub(super) fn not_allowed(registry: &str) -> Self {
        let message = format!("this proxy does not serve the registry {}", clean(registry));
        Self::new(StatusCode::FORBIDDEN, "DENIED", "registry", message)
    }

    /// A page elsewhere asks for what may be within.
    pub(super) fn foreign_page(registry: &str, origin: &str) -> Self {
        let (registry, origin) = (clean(registry), clean(origin));
        let message = format!(
            "pages of {origin} may not ask this proxy for {registry}; its operator can allow them by --allow-origin {origin}"
        );
        Self::new(StatusCode::FORBIDDEN, "DENIED", "origin", message)
    }

    /// A name that anybody may have lead here, and with it their pages, asks for what may be within.
    pub(super) fn foreign_name(registry: &str, name: &str) -> Self {
        let (registry, name) = (clean(registry), clean(name));
        let message = format!(
            "this proxy does not know the name {name} that it was asked by, and pages of anybody could come by such a name \
             for {registry}; its operator can allow it by --allow-origin http://{name}"
        );
        Self::new(StatusCode::FORBIDDEN, "DENIED", "host", message)
    }

    pub(super) fn method() -> Self {
        let message = format!("only {METHODS} are answered");
        let header = Some(Box::new((header::ALLOW, HeaderValue::from_static(METHODS))));
        Self { header, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", "method", message) }
    }

    pub(super) fn unknown(path: &str) -> Self {
        let message = format!("{} is no address of the distribution API", clean(path));
        Self::new(StatusCode::NOT_FOUND, "UNSUPPORTED", "address", message)
    }

    /// A part that has not its shape: there can be nothing at such an address.
    pub(super) fn invalid(code: &'static str, value: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, "address", format!("'{}' is not valid", clean(value)))
    }

    pub(super) fn unavailable(registry: &str, why: &str) -> Self {
        let message = format!("{} cannot be reached: {}", clean(registry), clean(why));
        Self::new(StatusCode::BAD_GATEWAY, "UNAVAILABLE", "upstream", message)
    }

    /// The registry answered, but nothing that can be passed on.
    pub(super) fn unusable(registry: &str, why: &str) -> Self {
        let message = format!("{} gave no usable answer: {}", clean(registry), clean(why));
        Self::new(StatusCode::BAD_GATEWAY, "UNKNOWN", "upstream-answer", message)
    }

    /// The registry sends to where nobody is sent: what an attacker would try.
    pub(super) fn forbidden(registry: &str, why: &str) -> Self {
        Self { reason: "forbidden-upstream", ..Self::unusable(registry, why) }
    }

    pub(super) fn too_slow(registry: &str, patience: Duration) -> Self {
        let message = format!("{} did not answer within {} seconds", clean(registry), patience.as_secs_f32());
        Self::new(StatusCode::GATEWAY_TIMEOUT, "UNAVAILABLE", "upstream-slow", message)
    }

    /// The token server asks to wait.
    pub(super) fn limited(registry: &str, wait: Option<HeaderValue>) -> Self {
        let message = format!("the token server of {} asks to wait", clean(registry));
        let header = wait.map(|wait| Box::new((header::RETRY_AFTER, wait)));
        let reason = "token-server-limit";
        Self { header, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS", reason, message) }
    }

    /// The proxy's own limits.
    pub(super) fn busy(busy: Busy) -> Self {
        let (reason, wait, message) = match busy {
            Busy::Rate(wait) => ("rate", wait, "you ask this proxy too often"),
            Busy::Client(wait) => ("client-requests", wait, "too many of your requests are being answered"),
            Busy::All(wait) => ("requests", wait, "this proxy answers as many requests as it can"),
            Busy::Documents(wait) => (DOCUMENTS, wait, "too many bytes of documents wait to be taken"),
        };
        // Whole seconds, and never none.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let header = Some(Box::new((header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))));
        Self { header, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS", reason, message.to_owned()) }
    }

    pub(super) fn wrong_password(registry: &str) -> Self {
        let message = format!("{} does not take this name and password", clean(registry));
        let unpaid = Some(Arc::new(AtomicBool::new(true)));
        Self { unpaid, ..Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "password", message) }
    }

    /// The password may be right, but not for this.
    pub(super) fn no_right(registry: &str) -> Self {
        Self { unpaid: None, ..Self::wrong_password(registry) }
    }

    /// A password that came over plain http is refused, not used: it was readable on its way.
    pub(super) fn unsafe_password() -> Self {
        let message = "a password is taken over https only (behind a TLS server: see --trusted-proxy)".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "unsafe-password", message)
    }

    pub(super) fn unreadable_password() -> Self {
        let message = "the Authorization header cannot be read: Basic or Bearer is wanted".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "unreadable-password", message)
    }

    /// A token that this proxy did not give out, or that is too old.
    pub(super) fn old_token() -> Self {
        let message = "this token is not good, or no longer: log in again".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "old-token", message)
    }

    /// Who asks is to say who they are, or that they are nobody.
    pub(super) fn login() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "", "a token is wanted".to_owned())
    }

    /// Whether a registry refused the password, and nobody has paid for that.
    pub(super) fn is_to_be_paid(&self) -> bool {
        self.unpaid.as_ref().is_some_and(|unpaid| unpaid.swap(false, Ordering::Relaxed))
    }

    /// Whether it is for this client alone: another that waits for the same may have its answer.
    pub(super) fn is_of_client(&self) -> bool {
        self.reason == DOCUMENTS
    }

    pub(super) fn reason(&self) -> &'static str {
        self.reason
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(super) fn into_response(self) -> Response {
        let error = json!({"code": self.code, "message": self.message, "detail": {"source": "proxy"}});
        let body = json!({ "errors": [error] }).to_string();
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().extend(self.header.map(|header| *header));
        cors(response.headers_mut());
        response
    }
}

fn clean(text: &str) -> String {
    text.chars().take(200).filter(|c| !c.is_control()).collect()
}

/// What every answer has: a page of any origin may read it, and no browser takes it for a page.
pub(super) fn cors(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

/// The innermost reason, without the URL: it may be signed.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}
