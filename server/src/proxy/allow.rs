//! Which registries may be reached.

use std::net::Ipv6Addr;

/// Docker Hub's usual name.
pub(super) const HUB: &str = "docker.io";

/// Registries that are allowed without a word, by host. A leading dot allows every subdomain.
const DEFAULT: [&str; 9] = [
    HUB,
    "ghcr.io",
    "quay.io",
    "gcr.io",
    ".pkg.dev",
    "mcr.microsoft.com",
    "public.ecr.aws",
    "registry.k8s.io",
    "registry.gitlab.com",
];

/// Docker Hub's other names.
const HUB_ALIASES: [&str; 3] = ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/// The allowlist.
pub(super) struct Allowed {
    pub(super) default: String,
    /// The operator's.
    own: Vec<String>,
}

impl Allowed {
    pub(super) fn new(default: &str, extra: &[String], plain: &[String]) -> Self {
        let own = extra.iter().chain(plain).map(|host| canonical(host)).collect();
        Self { default: canonical(default), own }
    }

    /// Whether a registry may be reached; `host` as [`canonical`] gives it.
    pub(super) fn allows(&self, host: &str) -> bool {
        host == self.default || is_well_known(host) || self.own.iter().any(|own| covers(own, host))
    }
}

/// Whether a registry is one of the public ones that need no word of the operator's.
pub(super) fn is_well_known(host: &str) -> bool {
    DEFAULT.iter().any(|known| covers(known, host))
}

/// Whether an entry of a list means this host.
fn covers(entry: &str, host: &str) -> bool {
    match entry.strip_prefix('.') {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => entry == host,
    }
}

/// One name for a registry: lower case, Docker Hub by its usual one.
pub(super) fn canonical(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    if HUB_ALIASES.contains(&host.as_str()) { HUB.to_owned() } else { host }
}

/// Whether a text is a host, with or without a port, and nothing else. What is not could lead a URL that is built of
/// it elsewhere, though it ends like an allowed host.
pub(super) fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let is_name = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => name.split('.').all(is_label),
    };
    is_name && port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_allowed_and_not() {
        let allowed = Allowed::new("docker.io", &["r.example".into()], &["127.0.0.1:5000".into()]);
        for (host, is) in [
            ("docker.io", true),
            ("registry-1.docker.io", true),
            ("europe-docker.pkg.dev", true),
            ("pkg.dev", false),
            ("evilpkg.dev", false),
            ("x.evil.pkg.dev.evil.example", false),
            ("R.example", true),
            ("r.example:444", false),
            ("127.0.0.1:5000", true),
            ("127.0.0.1:5001", false),
            ("localhost", false),
            ("index.docker.io", true),
            ("registry.hub.docker.com", true),
            ("Docker.IO", true),
            ("auth.docker.io", false),
        ] {
            assert_eq!(allowed.allows(&canonical(host)), is, "{host}");
        }
    }

    #[test]
    fn hosts_and_what_only_ends_like_one() {
        for host in ["a.example", "localhost", "a_b", "127.0.0.1:5000", "[::1]", "[::1]:5000", "x-y.pkg.dev:443"] {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "",
            ".",
            "a..pkg.dev",
            ".pkg.dev",
            "a.example.",
            "a.example/x.pkg.dev",
            "a.example#.pkg.dev",
            "a.example?x.pkg.dev",
            "a.example\\x.pkg.dev",
            "user@x.pkg.dev",
            "a:1.pkg.dev",
            "a:",
            "a:+1",
            "a:65536",
            "a b",
            "a%2fb",
            "[::1",
            "[x]",
            "::1",
            "\u{fc}.pkg.dev",
        ] {
            assert!(!is_host(other), "{other}");
        }
    }
}
