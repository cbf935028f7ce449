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
const PASSED: [&str; 14] = [
    "content-type",
    "content-length",
    "docker-content-digest",
    "etag",
    "accept-ranges",
    "content-range",
    "link",
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

/// A request that the proxy itself refuses.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn not_allowed(registry: &str) -> Self {
        let message = format!("this proxy does not serve the registry {}", clean(registry));
        Self { status: StatusCode::FORBIDDEN, code: "DENIED", message }
    }

    pub(super) fn method() -> Self {
        let message = "only GET, HEAD and OPTIONS are answered".to_owned();
        Self { status: StatusCode::METHOD_NOT_ALLOWED, code: "UNSUPPORTED", message }
    }

    pub(super) fn unknown(path: &str) -> Self {
        let message = format!("{} is no address of the distribution API", clean(path));
        Self { status: StatusCode::NOT_FOUND, code: "UNSUPPORTED", message }
    }

    pub(super) fn invalid(code: &'static str, value: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: format!("'{}' is not valid", clean(value)) }
    }

    pub(super) fn unavailable(registry: &str, why: &str) -> Self {
        let message = format!("{} cannot be reached: {}", clean(registry), clean(why));
        Self { status: StatusCode::BAD_GATEWAY, code: "UNAVAILABLE", message }
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
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, OPTIONS"));
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
    let mut headers = HeaderMap::new();
    for name in PASSED {
        if let Some(value) = upstream.headers().get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    cors(&mut headers);
    let is_blob = matches!(route.kind, Kind::Blob(_));
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

/// A document, up to the cap on metadata.
async fn document(route: &Route, mut upstream: reqwest::Response) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::new();
    while let Some(chunk) =
        upstream.chunk().await.map_err(|error| Refusal::unavailable(&route.registry, &error.to_string()))?
    {
        if body.len() + chunk.len() > lagvis::limits::METADATA_BYTES {
            let why = format!("its answer is longer than the {} bytes of metadata", lagvis::limits::METADATA_BYTES);
            return Err(Refusal::unavailable(&route.registry, &why));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
