//! What the client gets: headers rebuilt from an allowlist, CORS on every answer, errors as the distribution API has
//! them.

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use lagvis::image::Digest;
use serde_json::json;

use super::{
    body::{Document, Paced},
    credentials::Credentials,
    login::{LIFE, Login},
    manifests::{Manifest, verifies},
    refusal::{METHODS, cors},
    route::{Kind, Route},
};

pub(super) use super::refusal::{Refusal, cause};

/// Headers of the registry that are passed on, where they are there.
const PASSED: [&str; 9] = [
    "content-type",
    "content-length",
    "docker-content-digest",
    "etag",
    "accept-ranges",
    "content-range",
    "retry-after",
    "oci-filters-applied",
    "docker-distribution-api-version",
];

/// The same: what a registry says of the quota that it counts against this proxy, and warnings.
pub(super) const QUOTA: [&str; 4] = ["ratelimit-limit", "ratelimit-remaining", "docker-ratelimit-source", "warning"];

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

/// A token of the proxy's own, as the distribution's token specification has it.
pub(super) fn token(login: &Login, credentials: Option<&Credentials>) -> Result<Response, Refusal> {
    let token = login.seal(credentials).ok_or_else(Refusal::old_token)?;
    let body = json!({"token": token, "access_token": token, "expires_in": LIFE.as_secs()}).to_string();
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    cors(headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// How a registry's answer may be kept by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// It is named by its digest and never changes.
    ForGood,
    /// It may be another soon.
    Shortly,
    /// It is not to be kept: an error, or bytes that are not as their digest says.
    Not,
}

/// Passes a document on, or, without one, the headers of its answer.
pub(super) fn document(route: &Route, whose: Whose, document: Document) -> Result<Response, Refusal> {
    let Document { status, headers, body } = document;
    let keep = match (&route.kind, status.as_u16()) {
        (Kind::Manifest(which), 200) => match Digest::parse(which) {
            // Nobody in front of the proxy is to keep for a year what is wrong.
            Ok(digest) if verifies(&digest, &body) => Keep::ForGood,
            Ok(_) => Keep::Not,
            Err(_) => Keep::Shortly,
        },
        (_, 304) => of_digest(route),
        (_, status) if (200..300).contains(&status) => Keep::Shortly,
        _ => Keep::Not,
    };
    let mut headers = passed(route, status, &headers, keep, whose)?;
    headers.remove(header::CONTENT_LENGTH);
    Ok(response(status, headers, Body::from(body)))
}

/// Passes the answer to a HEAD on.
pub(super) fn head(route: &Route, whose: Whose, upstream: &reqwest::Response) -> Result<Response, Refusal> {
    let status = upstream.status();
    let keep = if status.is_success() || status.as_u16() == 304 { of_digest(route) } else { Keep::Not };
    let mut headers = passed(route, status, upstream.headers(), keep, whose)?;
    if matches!(route.kind, Kind::Blob(_)) && status.is_success() {
        download(&mut headers);
    }
    Ok(response(status, headers, Body::empty()))
}

/// Passes a blob on as it streams.
pub(super) fn blob(
    route: &Route,
    whose: Whose,
    upstream: reqwest::Response,
    patience: Duration,
) -> Result<Response, Refusal> {
    let status = upstream.status();
    let mut headers = passed(route, status, upstream.headers(), of_digest(route), whose)?;
    download(&mut headers);
    Ok(response(status, headers, Body::new(Paced::new(upstream, patience))))
}

/// A manifest that was verified here; to a client that has it already, only that.
pub(super) fn verified(
    route: &Route,
    manifest: &Manifest,
    quota: HeaderMap,
    method: &Method,
    client: &HeaderMap,
) -> Result<Response, Refusal> {
    let tag = HeaderValue::try_from(format!("\"{}\"", manifest.digest.to_str().unwrap_or_default()))
        .map_err(|error| Refusal::unavailable(&route.registry, &error.to_string()))?;
    let is_known = client.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = is_known.flat_map(|line| line.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == tag.as_bytes()
    });
    let mut upstream = quota;
    upstream.insert(header::CONTENT_TYPE, manifest.media_type.clone());
    upstream.insert(HeaderName::from_static("docker-content-digest"), manifest.digest.clone());
    upstream.insert(header::ETAG, tag);
    let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut headers = passed(route, status, &upstream, of_digest(route), Whose::Everybodys)?;
    let body = match (is_known, *method == Method::HEAD) {
        (true, _) => Body::empty(),
        (false, true) => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(manifest.body.len()));
            Body::empty()
        }
        (false, false) => Body::from(manifest.body.clone()),
    };
    Ok(response(status, headers, body))
}

fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Whom an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The registry gives it to anybody.
    Everybodys,
    /// It was asked for with a password.
    Somebodys,
}

fn of_digest(route: &Route) -> Keep {
    if route.is_immutable() { Keep::ForGood } else { Keep::Shortly }
}

/// A blob is a file to be saved, whatever its registry says.
fn download(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
}

/// The headers of a registry's answer as a client gets them.
fn passed(
    route: &Route,
    status: StatusCode,
    upstream: &HeaderMap,
    keep: Keep,
    whose: Whose,
) -> Result<HeaderMap, Refusal> {
    if status.is_informational() {
        let why = format!("it answers {}, which is no answer", status.as_u16());
        return Err(Refusal::unusable(&route.registry, &why));
    }
    let mut headers = HeaderMap::new();
    for name in PASSED.iter().chain(&QUOTA) {
        for value in upstream.get_all(*name) {
            headers.append(HeaderName::from_static(name), value.clone());
        }
    }
    cors(&mut headers);
    if !matches!(route.kind, Kind::Blob(_)) {
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
    }
    if let Some(next) = next_page(route, upstream) {
        headers.insert(header::LINK, next);
    }
    let cache = match (keep, whose) {
        (Keep::ForGood, Whose::Everybodys) => "public, max-age=31536000, immutable",
        (Keep::ForGood, Whose::Somebodys) => "private, max-age=31536000, immutable",
        (Keep::Shortly, Whose::Everybodys) => "public, max-age=30",
        (Keep::Shortly, Whose::Somebodys) => "private, no-store",
        (Keep::Not, _) => "no-store",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Ok(headers)
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
