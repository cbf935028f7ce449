//! Addresses that the proxy never connects to, unless the operator named that very registry: its own machine, its own
//! network, and every special range.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::LazyLock,
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

const DENIED: [&str; 22] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "2002::/16",
    "2001::/32",
    "100::/64",
    "::/96",
];

static NETS: LazyLock<Vec<IpNet>> = LazyLock::new(|| DENIED.iter().filter_map(|net| net.parse().ok()).collect());

/// Whether an address is public.
pub(super) fn is_public(address: IpAddr) -> bool {
    let address = match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
        v4 @ IpAddr::V4(_) => v4,
    };
    !NETS.iter().any(|net| net.contains(&address))
}

/// Whether the host of a URL is a literal address that is not public. Literals never reach the resolver.
pub(super) fn is_private_literal(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().ok().or_else(|| bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6));
    address.is_some_and(|address| !is_public(address))
}

/// Resolves names to public addresses only, at the moment of connecting, so that a name cannot change its mind.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(format!("{host} has no public address").into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_net_is_read_and_private_addresses_are_told() {
        assert_eq!(NETS.len(), DENIED.len());
        for (host, private) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("169.254.169.254", true),
            ("0.0.0.0", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("[fe80::1]", true),
            ("[64:ff9b::7f00:1]", true),
            ("1.1.1.1", false),
            ("[2606:4700::1111]", false),
            ("registry.example", false),
        ] {
            assert_eq!(is_private_literal(host), private, "{host}");
        }
    }
}
