//! Who asks: the client's address, by a trusted proxy's word where one forwards; whether its way here is safe for a
//! password; whether it is a page.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Once,
};

use http::{HeaderMap, HeaderName, header};

use crate::{cli::ServeArgs, serve::Forwarded};

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// By any of these a request comes from somebody else than who sent it here.
const FORWARDING: [HeaderName; 8] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("true-client-ip"),
];
/// What browsers say of each request, where no script can change it.
const PAGE: [HeaderName; 2] = [HeaderName::from_static("sec-fetch-mode"), header::ORIGIN];

/// A client, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) ip: IpAddr,
    /// On this machine, and forwards for nobody.
    pub(super) is_own: bool,
    /// Came over https, or from this machine.
    pub(super) is_safe: bool,
    /// A script of a page: a challenge would have its browser ask for a password of its own.
    pub(super) is_page: bool,
    /// Came from a proxy that the operator trusts.
    pub(super) is_forwarded: bool,
}

/// What counts as one client: an IPv6 customer has a /64.
pub(crate) fn client_key(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Whether the operator trusts a peer's word on whom it forwards for.
pub(crate) fn is_trusted(ip: IpAddr, args: &ServeArgs) -> bool {
    args.trusted_proxy.iter().any(|net| net.contains(&ip.to_canonical()))
}

/// Finds out who asks.
pub(super) fn client(peer: SocketAddr, headers: &HeaderMap, args: &ServeArgs) -> Client {
    let peer = peer.ip().to_canonical();
    let is_page = PAGE.iter().any(|name| headers.contains_key(name))
        || text(headers, &header::USER_AGENT).starts_with("Mozilla/");
    let forwards = FORWARDING.iter().any(|name| headers.contains_key(name));
    if !is_trusted(peer, args) {
        if forwards && peer.is_loopback() {
            untold(peer);
        }
        let is_own = peer.is_loopback() && !forwards;
        return Client { ip: peer, is_own, is_safe: is_own, is_page, is_forwarded: false };
    }
    let (hops, proto) = match args.forwarded {
        Forwarded::XForwardedFor => {
            let proto = text(headers, &FORWARDED_PROTO);
            (values(headers, &FORWARDED_FOR), proto.rsplit(',').next().unwrap_or_default().trim().to_owned())
        }
        Forwarded::Forwarded => {
            let hops = values(headers, &header::FORWARDED);
            let proto = hops.last().map(|hop| parameter(hop, "proto")).unwrap_or_default();
            (hops.iter().map(|hop| parameter(hop, "for")).collect(), proto)
        }
    };
    // From the nearest outwards; behind one that is not trusted, nothing is.
    let mut ip = peer;
    for hop in hops.iter().rev() {
        let Some(address) = address(hop) else { break };
        ip = address;
        if !is_trusted(ip, args) {
            break;
        }
    }
    let is_safe = if proto.is_empty() { ip.is_loopback() } else { proto.eq_ignore_ascii_case("https") };
    Client { ip, is_own: peer.is_loopback() && !forwards, is_safe, is_page, is_forwarded: forwards }
}

/// All clients are one then, and no password is taken: said once.
fn untold(peer: IpAddr) {
    static SAID: Once = Once::new();
    SAID.call_once(|| tracing::warn!(%peer, "forwards for others, but --trusted-proxy does not name it"));
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The elements of a header, of all its lines.
fn values(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|value| value.trim().to_owned()).collect()
}

/// A parameter of an element of `Forwarded`.
fn parameter(element: &str, name: &str) -> String {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    value.unwrap_or_default().trim_matches('"').to_owned()
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().ok().or_else(with_port).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn seen(peer: &str, lines: &[(&'static str, &str)], arguments: &[&str]) -> (String, bool, bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let client = client(SocketAddr::new(peer.parse().unwrap(), 1), &headers, &ServeArgs::of(arguments));
        (client.ip.to_string(), client.is_own, client.is_safe)
    }

    #[test]
    fn only_trusted_proxies_tell_for_whom_they_forward() {
        let trust = ["--trusted-proxy", "127.0.0.1,10.0.0.0/8"];
        let rfc = [&trust[..], &["--forwarded", "forwarded"]].concat();
        let (xff, proto) = ("x-forwarded-for", "x-forwarded-proto");
        for (peer, lines, arguments, expected) in [
            ("127.0.0.1", &[][..], &[][..], ("127.0.0.1", true, true)),
            ("::ffff:127.0.0.1", &[], &[], ("127.0.0.1", true, true)),
            ("::1", &[], &[], ("::1", true, true)),
            ("203.0.113.1", &[], &[], ("203.0.113.1", false, false)),
            // Nobody named this proxy: it is the client, and what it forwards is not from here.
            ("127.0.0.1", &[(xff, "203.0.113.9"), (proto, "https")], &[], ("127.0.0.1", false, false)),
            ("127.0.0.1", &[("via", "1.1 front")], &[], ("127.0.0.1", false, false)),
            ("127.0.0.1", &[("x-real-ip", "203.0.113.9")], &[], ("127.0.0.1", false, false)),
            ("127.0.0.1", &[("cf-connecting-ip", "203.0.113.9")], &[], ("127.0.0.1", false, false)),
            ("203.0.113.1", &[(xff, "127.0.0.1"), (proto, "https")], &trust, ("203.0.113.1", false, false)),
            ("127.0.0.1", &[(xff, "203.0.113.9")], &trust, ("203.0.113.9", false, false)),
            ("127.0.0.1", &[(xff, "203.0.113.9"), (proto, "https")], &trust, ("203.0.113.9", false, true)),
            ("127.0.0.1", &[(xff, "203.0.113.9"), (proto, "http")], &trust, ("203.0.113.9", false, false)),
            ("127.0.0.1", &[(proto, "http")], &trust, ("127.0.0.1", false, false)),
            ("127.0.0.1", &[], &trust, ("127.0.0.1", true, true)),
            // What the client itself wrote stands further left.
            ("127.0.0.1", &[(xff, "1.1.1.1, 203.0.113.9")], &trust, ("203.0.113.9", false, false)),
            ("127.0.0.1", &[(xff, "1.1.1.1"), (xff, "203.0.113.9")], &trust, ("203.0.113.9", false, false)),
            ("127.0.0.1", &[(xff, "203.0.113.9, 10.1.1.1")], &trust, ("203.0.113.9", false, false)),
            ("127.0.0.1", &[(xff, "[2001:db8::1]:80")], &trust, ("2001:db8::1", false, false)),
            ("127.0.0.1", &[(xff, "unknown, 10.1.1.1")], &trust, ("10.1.1.1", false, false)),
            ("127.0.0.1", &[("forwarded", "for=203.0.113.9;proto=https")], &trust, ("127.0.0.1", false, true)),
            (
                "127.0.0.1",
                &[("forwarded", "for=1.1.1.1, For=\"[2001:db8::1]:8\";Proto=https")],
                &rfc,
                ("2001:db8::1", false, true),
            ),
            (
                "127.0.0.1",
                &[("forwarded", "for=203.0.113.9"), (xff, "1.1.1.1"), (proto, "https")],
                &rfc,
                ("203.0.113.9", false, false),
            ),
        ] {
            let (ip, is_own, is_safe) = seen(peer, lines, arguments);
            assert_eq!((ip.as_str(), is_own, is_safe), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn an_ipv6_customer_is_one_client() {
        let key = |text: &str| client_key(text.parse().unwrap()).to_string();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!((key("203.0.113.9"), key("::ffff:203.0.113.9")), ("203.0.113.9".into(), "203.0.113.9".into()));
    }
}
