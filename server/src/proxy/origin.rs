//! Which pages may ask for a registry that the operator named. Such a registry may be one within: a browser that reaches
//! this proxy would read it for any page on the web that its person opens.
//!
//! A page elsewhere says so by its origin. One whose name leads here after it was loaded (DNS rebinding) does not, so the
//! name in `Host` must be one that nobody can have lead here: an address, a name of the machine or network, or one that the
//! operator gave.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};

use super::{client::Client, refusal::Refusal};

/// Origins of pages, beside this proxy's own and those of its machine.
pub(super) struct Origins(Vec<String>);

impl Origins {
    pub(super) fn new(allowed: &[String]) -> Self {
        Self(allowed.to_vec())
    }

    /// Refuses pages that may not ask. Clients that are no pages send no origin, and pages of the proxy's own origin
    /// send none with what only reads.
    pub(super) fn check(&self, registry: &str, headers: &HeaderMap, who: &Client) -> Result<(), Refusal> {
        if self.is_everybody() {
            return Ok(());
        }
        let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
        let own = text(header::HOST);
        // A trusted proxy in front answers for its names itself.
        if let Some(own) = own.filter(|own| !who.is_forwarded && !self.is_own(own)) {
            return Err(Refusal::foreign_name(registry, own));
        }
        match text(header::ORIGIN) {
            Some(origin) if !self.allows(origin) && !is_near(origin, own.unwrap_or_default()) => {
                Err(Refusal::foreign_page(registry, origin))
            }
            _ => Ok(()),
        }
    }

    fn is_everybody(&self) -> bool {
        self.0.iter().any(|allowed| allowed == "*")
    }

    fn allows(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    /// Whether a name is this proxy's, whoever may have it lead here.
    fn is_own(&self, host: &str) -> bool {
        let is_named = ["http", "https"].iter().any(|scheme| self.allows(&format!("{scheme}://{host}")));
        is_named || host.parse().is_ok_and(|authority: Authority| is_of_here(&authority))
    }

    /// Has caches on the way tell pages apart, where an answer is not for all of them.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        if self.is_everybody() {
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
    let is_loopback = address(&authority).is_some_and(|ip| ip.to_canonical().is_loopback());
    authority.as_str().eq_ignore_ascii_case(own) || is_localhost(authority.host()) || is_loopback
}

/// Whether no name server on the internet has a word on where a host is: an address, or a name without a dot.
fn is_of_here(authority: &Authority) -> bool {
    let host = authority.host();
    address(authority).is_some() || is_localhost(host) || (!host.is_empty() && !host.contains(['.', '[']))
}

fn is_localhost(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

fn address(authority: &Authority) -> Option<IpAddr> {
    authority.host().trim_start_matches('[').trim_end_matches(']').parse().ok()
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
    fn names_that_are_of_here_and_not() {
        let origins = Origins::new(&["https://own.example".to_owned(), "http://b.example:81".to_owned()]);
        for (host, is) in [
            ("127.0.0.1:8080", true),
            ("10.0.0.1", true),
            ("[::1]:8080", true),
            ("localhost:8080", true),
            ("app.localhost", true),
            ("lagvis:8080", true),
            ("Own.example", true),
            ("b.example:81", true),
            ("b.example", false),
            ("a.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("evil.example.", false),
            ("[evil.example]", false),
            ("", false),
            ("a b", false),
        ] {
            assert_eq!(origins.is_own(host), is, "{host}");
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
