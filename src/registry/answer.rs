//! What a registry's refusal means, by status and by the error body that it may carry (distribution-spec, "Error codes").

use serde::Deserialize;

use super::via::{HttpResponse, Transport, Via};
use crate::{
    image::{Reference, display_name, parse_json},
    problem::{Problem, ProblemKind},
};

/// Characters of a registry's own words that are quoted.
const WORDS: usize = 300;

#[derive(Deserialize, Default)]
struct Body {
    #[serde(default)]
    errors: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    detail: serde_json::Value,
}

impl Entry {
    fn is_by_proxy(&self) -> bool {
        self.detail.get("source").and_then(serde_json::Value::as_str) == Some("proxy")
    }
}

/// Who speaks in a refusal, for people.
pub(super) fn speaker<'a>(via: &Via, reference: &'a Reference, response: &HttpResponse) -> &'a str {
    let body: Body = parse_json(&response.body).unwrap_or_default();
    let by_proxy = via.is_proxy() && body.errors.first().is_some_and(Entry::is_by_proxy);
    if by_proxy { "the proxy" } else { reference.domain() }
}

/// Whether the proxy says that the registry's answer is of no use: asked again, it would be the same.
pub(super) fn is_unusable(response: &HttpResponse) -> bool {
    let body: Body = parse_json(&response.body).unwrap_or_default();
    body.errors.first().is_some_and(|entry| entry.is_by_proxy() && entry.code == "UNKNOWN")
}

/// The problem that a response without success stands for.
pub(super) fn refused(via: &Via, reference: &Reference, response: &HttpResponse) -> Problem {
    let body: Body = parse_json(&response.body).unwrap_or_default();
    let first = body.errors.first();
    let code = first.map_or("", |entry| entry.code.as_str());
    let by_proxy = via.is_proxy() && first.is_some_and(Entry::is_by_proxy);
    let kind = match (response.status, code) {
        (403, _) if by_proxy => ProblemKind::RegistryNotAllowed,
        // A page instead of an answer: whatever is there, it is no proxy.
        (404 | 405, "") if via.is_proxy() && is_page(response) => ProblemKind::ProxyUnreachable,
        (502 | 504, "UNAVAILABLE") if by_proxy => ProblemKind::RegistryUnreachable,
        (429, _) | (_, "TOOMANYREQUESTS") => ProblemKind::RateLimited,
        (401 | 403, _) | (400..500, "UNAUTHORIZED" | "DENIED") => ProblemKind::AccessDenied,
        (_, "NAME_UNKNOWN") => ProblemKind::NameUnknown,
        (404, _) => ProblemKind::ManifestUnknown,
        _ => ProblemKind::RegistryError,
    };
    let mut detail = format!("{} answered {}", reference.domain(), response.status);
    if by_proxy {
        detail = format!("the proxy answered {}", response.status);
    }
    let words = first.map_or_else(|| plain_words(&response.body), |entry| format!("{} {}", entry.code, entry.message));
    if !words.trim().is_empty() {
        detail = format!("{detail}: {}", clean(&words));
    }
    if let Some(after) = response.header("retry-after") {
        // Seconds, or a date (RFC 9110, "Retry-After").
        let is_seconds = after.bytes().all(|b| b.is_ascii_digit());
        let (before, unit) = if is_seconds { ("", " seconds") } else { ("until ", "") };
        detail = format!("{detail}; it asks to wait {before}{}{unit}", clean(after));
    }
    Problem::new(kind, reference.familiar(), detail)
}

/// The problem of no response at all. Browsers give no reason for most network errors.
pub(super) fn unreachable(via: &Via, reference: &Reference, transport: &Transport) -> Problem {
    let place = match via {
        Via::Proxy { base } => base.clone(),
        Via::Direct { .. } => reference.domain().to_owned(),
    };
    let kind = match transport {
        Transport::Offline => ProblemKind::Offline,
        Transport::MixedContent => ProblemKind::MixedContent,
        Transport::LocalNetwork(_) => ProblemKind::LocalNetworkBlocked,
        Transport::Cors(_) if !via.is_proxy() => ProblemKind::CorsMissing,
        Transport::NoSuchHost(_) => ProblemKind::HostUnknown,
        Transport::Certificate(_) => ProblemKind::CertificateInvalid,
        Transport::Misled(_) => ProblemKind::RegistryError,
        _ if via.is_proxy() => ProblemKind::ProxyUnreachable,
        _ => ProblemKind::RegistryUnreachable,
    };
    Problem::new(kind, place, clean(&transport.words()))
}

fn is_page(response: &HttpResponse) -> bool {
    response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

/// A body that is text, and not a page.
fn plain_words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if text.trim_start().starts_with('<') { String::new() } else { text.into_owned() }
}

/// A stranger's words, short, on one line, and unable to change how the page reads.
fn clean(text: &str) -> String {
    let line: String = text.chars().take(WORDS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    display_name(line.trim().as_bytes())
}
