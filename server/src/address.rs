//! Addresses that nobody is sent to by a registry: this machine, its network, and every special range. The proxy connects
//! to them only for a registry that the operator named, the command only where the person named one within.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::LazyLock,
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// IANA's special-purpose registries, what is no unicast address, and 168.63.129.16: a cloud's own server for its machines,
/// at a public address.
const DENIED: [&str; 31] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "168.63.129.16/32",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
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
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "100::/64",
    "::/96",
    "::ffff:0:0:0/96",
];

static NETS: LazyLock<Vec<IpNet>> = LazyLock::new(|| DENIED.iter().filter_map(|net| net.parse().ok()).collect());

/// Whether an address is public.
pub(crate) fn is_public(address: IpAddr) -> bool {
    let address = match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
        v4 @ IpAddr::V4(_) => v4,
    };
    !NETS.iter().any(|net| net.contains(&address))
}

/// Whether the host of a URL is a literal address that is not public. Literals never reach the resolver.
pub(crate) fn is_private_literal(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().ok().or_else(|| bare.parse::<Ipv6Addr>().ok().map(IpAddr::V6));
    address.is_some_and(|address| !is_public(address))
}

/// Resolves names to public addresses only, at the moment of connecting, so that a name cannot change its mind.
pub(crate) struct PublicOnly;

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
    fn nets_begin_and_end_where_they_do() {
        for (address, public) in [
            ("1.0.0.0", true),
            ("0.255.255.255", false),
            ("9.255.255.255", true),
            ("10.0.0.0", false),
            ("10.255.255.255", false),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.64.0.0", false),
            ("100.127.255.255", false),
            ("100.128.0.0", true),
            ("126.255.255.255", true),
            ("127.255.255.255", false),
            ("128.0.0.0", true),
            ("168.63.129.15", true),
            ("168.63.129.16", false),
            ("168.63.129.17", true),
            ("169.253.255.255", true),
            ("169.254.0.0", false),
            ("169.255.0.0", true),
            ("172.15.255.255", true),
            ("172.16.0.0", false),
            ("172.31.255.255", false),
            ("172.32.0.0", true),
            ("192.0.0.255", false),
            ("192.0.1.0", true),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.167.255.255", true),
            ("192.168.0.0", false),
            ("192.169.0.0", true),
            ("198.17.255.255", true),
            ("198.18.0.0", false),
            ("198.19.255.255", false),
            ("198.20.0.0", true),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("223.255.255.255", true),
            ("224.0.0.0", false),
            ("255.255.255.255", false),
            ("::2", false),
            ("::1:0:0", true),
            ("::ffff:1.1.1.1", true),
            ("::ffff:10.0.0.1", false),
            ("::ffff:0:10.0.0.1", false),
            ("64:ff9b::1.1.1.1", false),
            ("64:ff9b:1::", false),
            ("100::", false),
            ("2001::", false),
            ("2001:1ff:ffff::", false),
            ("2001:200::", true),
            ("2001:db8::1", false),
            ("2001:db9::", true),
            ("2002::", false),
            ("2003::", true),
            ("3fff:fff::", false),
            ("3fff:1000::", true),
            ("5f00::", false),
            ("5f01::", true),
            ("fbff::", true),
            ("fc00::", false),
            ("fdff::", false),
            ("fe00::", true),
            ("fe80::", false),
            ("fec0::", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

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
