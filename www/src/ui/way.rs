//! The way to a registry, as the settings have it, and in words.

use lagvis::{image::Reference, protocol::Via};

use super::{page, settings};

/// The way to a registry.
pub fn to(reference: &Reference) -> Via {
    if settings::is_direct() {
        return Via::direct(reference);
    }
    Via::Proxy { base: settings::proxy().unwrap_or_else(page::base) }
}

/// Who is talked to that the person has to allow: none for the page's own server.
pub fn stranger(via: &Via, reference: &Reference) -> Option<String> {
    let host = match via {
        Via::Proxy { base } => base.clone(),
        Via::Direct { .. } => via.base(reference),
    };
    (!settings::is_confirmed(&host)).then_some(host)
}

/// Host and port of a URL.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// The way, for people.
pub fn words(via: &Via) -> String {
    match via {
        Via::Proxy { base } if *base == page::base() => format!("through this page's own server, {}", host(base)),
        Via::Proxy { base } => format!("through the proxy {}", host(base)),
        Via::Direct { .. } => "directly".to_owned(),
    }
}

/// The name in `data-way`.
pub fn name(via: &Via) -> &'static str {
    match via {
        Via::Proxy { .. } => "proxy",
        Via::Direct { .. } => "direct",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn hosts_of_urls() {
        for (url, host) in [("https://a:1/b", "a:1"), ("http://a", "a"), ("a/b", "a"), ("https://a?x", "a")] {
            assert_eq!(super::host(url), host);
        }
    }
}
