//! What a host's name tells without asking anybody: whether it is this machine, or one of the local network; and whose
//! token server it is.

/// Token servers by registry, where they are not the registry's own host.
pub const TOKEN_SERVERS: [(&str, &str); 2] = [("docker.io", "auth.docker.io"), ("registry.gitlab.com", "gitlab.com")];

/// A host without its port, of `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(super) fn without_port(authority: &str) -> &str {
    match authority.find(']') {
        Some(end) => authority.get(..=end).unwrap_or(authority),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// Scheme and authority of a URL; none where there is something before an `@`, which is no host, whatever it looks like.
pub(super) fn origin(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    (!authority.is_empty() && !authority.contains('@')).then_some((scheme, authority))
}

/// Whether a host is this machine itself: what is sent to it travels on no network.
pub fn is_loopback(authority: &str) -> bool {
    let host = without_port(authority).to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || octets(&host).is_some_and(|o| o[0] == 127)
}

/// Whether a host's name says that it is of a local network, and not of the internet.
pub fn is_local(authority: &str) -> bool {
    let host = without_port(authority).to_ascii_lowercase();
    let v6 = |prefix: &str| host.starts_with('[') && host.get(1..).is_some_and(|rest| rest.starts_with(prefix));
    let v4 =
        octets(&host).is_some_and(|o| matches!(o, [10, ..] | [192, 168, ..] | [169, 254, ..] | [172, 16..=31, ..]));
    is_loopback(authority) || v4 || host.ends_with(".local") || v6("fc") || v6("fd") || v6("fe8") || v6("fe9")
}

fn octets(host: &str) -> Option<[u8; 4]> {
    let parts: Vec<u8> = host.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    parts.try_into().ok()
}

/// Whether what is secret may be sent to a URL: over https, or to this machine.
pub fn is_private_way(url: &str) -> bool {
    match origin(url) {
        Some(("https", _)) => true,
        Some(("http", authority)) => is_loopback(authority),
        _ => false,
    }
}

/// Whether a token server may be sent a person's password for a registry: its realm is the registry's to choose, so its
/// host must be the registry's own or the one that is known for it.
pub fn is_token_server_of(registry: &str, realm_host: &str) -> bool {
    let known = TOKEN_SERVERS.iter().find(|(name, _)| *name == registry).map(|(_, host)| *host);
    let (expected, host) = match known {
        Some(known) => (known, realm_host),
        // Next to a registry the token server is often on another port.
        None => (without_port(registry), without_port(realm_host)),
    };
    expected.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_this_machine_and_of_the_local_network() {
        for (host, loopback, local) in [
            ("localhost", true, true),
            ("localhost:5000", true, true),
            ("registry.localhost", true, true),
            ("127.0.0.1:5000", true, true),
            ("127.1.2.3", true, true),
            ("[::1]:5000", true, true),
            ("10.0.0.1:5000", false, true),
            ("172.31.0.1", false, true),
            ("172.32.0.1", false, false),
            ("192.168.1.1", false, true),
            ("nas.local:5000", false, true),
            ("[fd00::1]:5000", false, true),
            ("[2001:db8::1]:5000", false, false),
            ("localhost.example", false, false),
            ("127.0.0.1.example", false, false),
            ("ghcr.io", false, false),
        ] {
            assert_eq!((is_loopback(host), is_local(host)), (loopback, local), "{host}");
        }
    }

    #[test]
    fn ways_on_which_a_password_may_go() {
        for (url, private) in [
            ("https://proxy.example/", true),
            ("http://127.0.0.1:8080/", true),
            ("http://localhost/", true),
            ("http://proxy.example/", false),
            ("http://10.0.0.1/", false),
            ("http://localhost@proxy.example/", false),
            ("https://user@proxy.example/", false),
            ("ftp://localhost/", false),
            ("localhost", false),
        ] {
            assert_eq!(is_private_way(url), private, "{url}");
        }
    }

    #[test]
    fn token_servers_that_get_passwords() {
        for (registry, host, own) in [
            ("docker.io", "auth.docker.io", true),
            ("docker.io", "registry-1.docker.io", false),
            ("docker.io", "auth.docker.io.evil.example", false),
            ("registry.gitlab.com", "gitlab.com", true),
            ("ghcr.io", "ghcr.io", true),
            ("quay.io", "auth.quay.io", false),
            ("127.0.0.1:5000", "127.0.0.1:5001", true),
            ("127.0.0.1:5000", "127.0.0.2:5000", false),
            ("[::1]:5000", "[::1]:5001", true),
        ] {
            assert_eq!(is_token_server_of(registry, host), own, "{registry} {host}");
        }
    }
}
