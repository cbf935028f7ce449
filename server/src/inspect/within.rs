//! Where the command goes: to the host that the person named, and where that sends, as long as it is no address within
//! this machine or network. Whoever names a registry within wants to be there; one outside has no business to send there.

use std::net::{IpAddr, ToSocketAddrs as _};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::{Attempt, Policy},
};

use super::http::NoSuchHost;
use crate::address::{is_private_literal, is_public};

/// More hops than any registry needs.
const REDIRECTS: usize = 5;

/// The host that the person named, and whether it is within.
#[derive(Clone, Debug)]
pub(super) struct Home {
    host: String,
    is_within: bool,
}

impl Home {
    /// Of a URL that begins with it.
    pub(super) fn of(base: &str) -> Self {
        let host = Url::parse(base).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_within = match bare.parse::<IpAddr>() {
            Ok(address) => !is_public(address),
            // A name that is not known here is no name of this network.
            Err(_) => (bare.as_str(), 0).to_socket_addrs().is_ok_and(|mut found| found.any(|a| !is_public(a.ip()))),
        };
        Self { host, is_within }
    }

    /// Why a URL is not asked; none if it may be. Names are looked at when they are resolved.
    pub(super) fn refuses(&self, url: &Url) -> Option<String> {
        let host = url.host_str().unwrap_or_default();
        let is_free = self.is_within || host == self.host || !is_private_literal(host);
        (!is_free).then(|| format!("{} sends to {host}, which is no public address", self.host))
    }

    /// Redirects as far as they may be followed: never from https to plain http.
    pub(super) fn redirects(&self) -> Policy {
        let home = self.clone();
        Policy::custom(move |attempt| match home.stops(&attempt) {
            Some(why) => attempt.error(why),
            None => attempt.follow(),
        })
    }

    fn stops(&self, attempt: &Attempt<'_>) -> Option<String> {
        let (url, before) = (attempt.url(), attempt.previous());
        if before.contains(url) {
            return Some(format!("{} sends on in a circle", self.host));
        }
        if before.len() > REDIRECTS {
            return Some(format!("{} sends on more than {REDIRECTS} times", self.host));
        }
        if url.scheme() != "https" && before.last().is_some_and(|url| url.scheme() == "https") {
            let host = url.host_str().unwrap_or_default();
            return Some(format!("{} sends from https to {host} over plain http", self.host));
        }
        self.refuses(url)
    }
}

/// The system's resolver, with an error of its own, and without addresses within for hosts that nobody named.
impl Resolve for Home {
    fn resolve(&self, name: Name) -> Resolving {
        let home = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let mut found: Vec<_> = tokio::net::lookup_host((host.as_str(), 0)).await.map_err(NoSuchHost)?.collect();
            if !home.is_within && host != home.host {
                found.retain(|address| is_public(address.ip()));
                if found.is_empty() {
                    return Err(format!("{} sends to {host}, which has no public address", home.host).into());
                }
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_outside_sends_within() {
        for (base, url, free) in [
            ("https://registry.example", "https://169.254.169.254/token", false),
            ("https://registry.example", "https://127.0.0.1/token", false),
            ("https://registry.example", "https://[::1]/token", false),
            ("https://registry.example", "https://[::ffff:10.0.0.1]/token", false),
            ("https://registry.example", "https://cdn.example/blob", true),
            ("https://1.1.1.1", "https://10.0.0.1/token", false),
            ("https://1.1.1.1", "https://1.1.1.1/token", true),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token", true),
            ("http://localhost:5000", "http://10.0.0.1/token", true),
            ("http://[::1]:5000", "http://127.0.0.1/token", true),
        ] {
            let home = Home::of(base);
            assert_eq!(home.refuses(&Url::parse(url).unwrap()).is_none(), free, "{base}: {url}");
        }
    }

    #[tokio::test]
    async fn names_within_are_not_resolved_for_hosts_outside() {
        let resolve = |home: &str, name: &str| Home::of(home).resolve(name.parse().unwrap());
        assert!(resolve("http://localhost:5000", "localhost").await.is_ok());
        let why = resolve("https://1.1.1.1", "localhost").await.err().unwrap();
        assert!(why.to_string().contains("1.1.1.1 sends to localhost, which has no public address"), "{why}");
    }
}
