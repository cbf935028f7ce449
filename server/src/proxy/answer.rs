//! What the client gets: headers rebuilt from an allowlist, CORS on every answer, errors as the distribution API has
//! them.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::json;

use super::route::{Kind, Route};

/// Headers of the registry that are passed on, where they are there.
const PASSED: [&str; 13] = [
    "content-type",
    "content-length",
    "docker-content-digest",
    "etag",
    "accept-ranges",
    "content-range",
    "retry-after",
    "ratelimit-limit",
    "ratelimit-remaining",
    "docker-ratelimit-source",
    "oci-filters-applied",
    "warning",
    "docker-distribution-api-version",
];

/// Headers that a page may read.
const EXPOSED: &str = "Docker-Content-Digest, WWW-Authenticate, Link, ETag, Accept-Ranges, Content-Range, \
                       Content-Encoding, Content-Length, Retry-After, RateLimit-Limit, RateLimit-Remaining, \
                       Docker-RateLimit-Source, OCI-Filters-Applied, Warning";

/// Methods that are answered.
const METHODS: &str = "GET, HEAD, OPTIONS";

/// A request that the proxy itself refuses.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// A header that belongs to the status.
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        Self { status, code, message, header: None }
    }

    pub(super) fn not_allowed(registry: &str) -> Self {
        let message = format!("this proxy does not serve the registry {}", clean(registry));
        Self::new(StatusCode::FORBIDDEN, "DENIED", message)
    }

    pub(super) fn method() -> Self {
        let message = format!("only {METHODS} are answered");
        let header = Some((header::ALLOW, HeaderValue::from_static(METHODS)));
        Self { header, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", message) }
    }

    pub(super) fn unknown(path: &str) -> Self {
        let message = format!("{} is no address of the distribution API", clean(path));
        Self::new(StatusCode::NOT_FOUND, "UNSUPPORTED", message)
    }

    /// A part that has not its shape: there can be nothing at such an address.
    pub(super) fn invalid(code: &'static str, value: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, format!("'{}' is not valid", clean(value)))
    }

    pub(super) fn unavailable(registry: &str, why: &str) -> Self {
        let message = format!("{} cannot be reached: {}", clean(registry), clean(why));
        Self::new(StatusCode::BAD_GATEWAY, "UNAVAILABLE", message)
    }

    /// The token server asks to wait.
    pub(super) fn limited(registry: &str, wait: Option<HeaderValue>) -> Self {
        let message = format!("the token server of {} asks to wait", clean(registry));
        let header = wait.map(|wait| (header::RETRY_AFTER, wait));
        Self { header, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS", message) }
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
        response.headers_mut().extend(self.header);
        cors(response.headers_mut());
        response
    }
}

fn clean(text: &str) -> String {
    text.chars().take(200).filter(|c| !c.is_control()).collect()
}

fn cors(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

/// The answer to a preflight.
pub(super) fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    cors(headers);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    let allowed = HeaderValue::from_static("Accept, Authorization, Range, If-None-Match");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// The answer to `GET /v2/`: the API is spoken here.
pub(super) fn version() -> Response {
    let mut response = (StatusCode::OK, "{}").into_response();
    let headers = response.headers_mut();
    cors(headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = HeaderName::from_static("docker-distribution-api-version");
    headers.insert(name, HeaderValue::from_static("registry/2.0"));
    response
}

/// Passes a registry's answer on, its body as it streams. What is no blob is capped.
pub(super) async fn pass_on(route: &Route, method: &Method, upstream: reqwest::Response) -> Result<Response, Refusal> {
    let status = upstream.status();
    if status.is_informational() {
        let why = format!("it answers {}, which is no answer", status.as_u16());
        return Err(Refusal::unavailable(&route.registry, &why));
    }
    let mut headers = HeaderMap::new();
    for name in PASSED {
        if let Some(value) = upstream.headers().get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    cors(&mut headers);
    let is_blob = matches!(route.kind, Kind::Blob(_));
    if !is_blob {
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
    }
    if let Some(next) = next_page(route, upstream.headers()) {
        headers.insert(header::LINK, next);
    }
    if is_blob && status.is_success() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    let cache = match (status.is_success() || status.as_u16() == 304, route.is_immutable()) {
        (true, true) => "public, max-age=31536000, immutable",
        (true, false) => "public, max-age=30",
        (false, _) => "no-store",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let body = if *method == Method::HEAD {
        Body::empty()
    } else if is_blob && status.is_success() {
        Body::from_stream(upstream.bytes_stream())
    } else {
        headers.remove(header::CONTENT_LENGTH);
        Body::from(document(route, upstream).await?)
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The link to the next page, as an address of this proxy: the registry's own would lead to another registry here, or
/// past the proxy.
fn next_page(route: &Route, upstream: &HeaderMap) -> Option<HeaderValue> {
    let links = upstream.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
    let target = links.flat_map(|value| value.split(',')).find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let mut parameters = parameters.split(';').map(|parameter| parameter.replace([' ', '"'], ""));
        parameters.any(|parameter| parameter.eq_ignore_ascii_case("rel=next")).then_some(target)
    })?;
    let (_, query) = target.split_once('?')?;
    HeaderValue::try_from(format!("<{}>; rel=\"next\"", route.page(query)?)).ok()
}

/// A document, up to the cap on metadata.
async fn document(route: &Route, mut upstream: reqwest::Response) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    while let Some(chunk) =
        upstream.chunk().await.map_err(|error| Refusal::unavailable(&route.registry, &cause(&error)))?
    {
        if body.len() + chunk.len() > lagvis::limits::METADATA_BYTES {
            let why = format!("its answer is longer than the {} bytes of metadata", lagvis::limits::METADATA_BYTES);
            return Err(Refusal::unavailable(&route.registry, &why));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost reason, without the URL: it may be signed.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}
