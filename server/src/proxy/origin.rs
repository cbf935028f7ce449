//! Which pages may ask for a registry that the operator named. Such a registry may be one within: a browser that reaches
//! this proxy would read it for any page on the web that its person opens.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue, Uri, header};

use super::refusal::Refusal;

/// Origins of pages, beside this proxy's own and those of its machine.
pub(super) struct Origins(Vec<String>);

impl Origins {
    pub(super) fn new(allowed: &[String]) -> Self {
        Self(allowed.to_vec())
    }

    /// Refuses pages that may not ask. Clients that are no pages send no origin, and pages of the proxy's own origin
    /// send none with what only reads.
    pub(super) fn check(&self, registry: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or_default();
        let own = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_allowed = self.0.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin));
        if is_allowed || is_near(origin, own) { Ok(()) } else { Err(Refusal::foreign_page(registry, origin)) }
    }

    /// Has caches on the way tell pages apart, where an answer is not for all of them.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        if self.0.iter().any(|allowed| allowed == "*") {
            return;
        }
        let vary = if headers.contains_key(header::VARY) { "accept, origin" } else { "origin" };
        headers.insert(header::VARY, HeaderValue::from_static(vary));
    }
}

/// Whether a page comes from this proxy's own host and port, or from a server on this machine.
fn is_near(origin: &str, own: &str) -> bool {
    // A scheme, so that `null` is no host.
    let uri = origin.parse::<Uri>().ok().filter(|uri| uri.scheme().is_some());
    let Some(authority) = uri.and_then(|uri| uri.into_parts().authority) else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    authority.as_str().eq_ignore_ascii_case(own) || host == "localhost" || host.ends_with(".localhost") || is_loopback
}

/// Reads the origin of an argument: scheme, host and port, or `*` for all.
pub(crate) fn origin(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    let is_origin = text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.path() == "/" && uri.query().is_none()
    });
    if text == "*" || (is_origin && !text.contains('@')) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("an origin as https://inspect.example.org is wanted, or *".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_are_near_and_not() {
        for (origin, own, is) in [
            ("https://a.example", "a.example", true),
            ("https://A.example:444", "a.example:444", true),
            ("https://a.example:444", "a.example", false),
            ("https://a.example.evil.example", "a.example", false),
            ("http://localhost:8000", "127.0.0.1:8080", true),
            ("http://app.localhost", "127.0.0.1:8080", true),
            ("http://127.0.0.1:1", "x", true),
            ("http://[::1]:1", "x", true),
            ("http://[::ffff:127.0.0.1]", "x", true),
            ("http://127.0.0.1.evil.example", "x", false),
            ("http://evillocalhost", "x", false),
            ("http://10.0.0.1", "x", false),
            ("null", "null", false),
            ("", "", false),
        ] {
            assert_eq!(is_near(origin, own), is, "{origin} at {own}");
        }
    }

    #[test]
    fn arguments_that_are_origins_and_not() {
        assert_eq!(origin(" https://A.example/ "), Ok("https://a.example".to_owned()));
        assert_eq!(origin("*"), Ok("*".to_owned()));
        for wrong in ["a.example", "https://a.example/x", "https://a.example?x", "https://u@a.example", "ftp://a", ""] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
