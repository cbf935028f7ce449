//! Requests that were sent, for people to read.

use serde::{Deserialize, Serialize};

/// Whom a request went to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Peer {
    /// The server that the page comes from, for a part of the page.
    #[default]
    Site,
    /// The proxy.
    Proxy,
    /// The registry itself.
    Registry,
    /// The registry's token server.
    TokenServer,
}

/// One request that came to its end. None of them carries a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET` or `HEAD`.
    pub method: String,
    /// Whom it went to.
    pub to: Peer,
    /// Its whole URL.
    pub url: String,
    /// HTTP status; none when there was no answer.
    pub status: Option<u16>,
    /// Bytes of the answer's body that came, unpacked from what HTTP itself packs.
    pub bytes: u64,
    /// When it was sent: milliseconds since 1970.
    pub at: u64,
    /// Milliseconds until its last byte.
    pub took: u64,
    /// Why it broke off.
    pub error: Option<String>,
}

impl Request {
    /// Host with port, and path with query.
    pub fn host_and_path(&self) -> (&str, &str) {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        rest.split_at_checked(at).unwrap_or((rest, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_path_are_told_apart() {
        let of = |url: &str| {
            let request = Request { url: url.to_owned(), ..Request::default() };
            let (host, path) = request.host_and_path();
            (host.to_owned(), path.to_owned())
        };
        assert_eq!(of("https://h:1/v2/a?ns=b"), ("h:1".into(), "/v2/a?ns=b".into()));
        assert_eq!(of("http://h"), ("h".into(), String::new()));
        assert_eq!(of("sample.tar"), ("sample.tar".into(), String::new()));
    }
}
