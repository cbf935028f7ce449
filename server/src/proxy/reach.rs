//! Which URLs may be asked for a registry, and through which client.
//!
//! Registries of the list are reached over https at public addresses. Those that the operator named are reached
//! wherever they are, and may send to each other; no other registry can send anybody there.

use std::sync::Arc;

use lagvis::registry::TOKEN_SERVERS;
use reqwest::{Client, Url};

use super::{
    allow::{Allowed, HUB, canonical},
    refusal::Refusal,
};
use crate::{
    address::{PublicOnly, is_private_literal},
    cli::ServeArgs,
    serve::TokenServer,
};

/// The clients, and what the operator named.
pub(super) struct Reach {
    /// Reaches public addresses only.
    public: Client,
    /// Reaches what the operator named, wherever it is.
    anywhere: Client,
    plain: Vec<String>,
    named: Vec<Url>,
    token_servers: Vec<TokenServer>,
}

impl Reach {
    pub(super) fn new(args: &ServeArgs) -> Result<Self, reqwest::Error> {
        let client = || {
            Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(args.connect_timeout)
                // Longest silence of a registry before its headers, and between two pieces of a body.
                .read_timeout(args.stall_timeout)
                .user_agent(concat!("lagvis/", env!("CARGO_PKG_VERSION")))
        };
        let plain: Vec<String> = args.plain_http.iter().map(|host| canonical(host)).collect();
        let secure = args.allow_registry.iter().chain([&args.default_registry]).map(|host| canonical(host));
        let urls =
            plain.iter().map(|host| format!("http://{host}")).chain(secure.map(|host| format!("https://{host}")));
        // A dot in front allows every subdomain, whoever has it: that names no registry.
        let named = urls.filter(|url| !url.contains("//.")).filter_map(|url| Url::parse(&url).ok()).collect();
        Ok(Self {
            public: client().dns_resolver(Arc::new(PublicOnly)).build()?,
            anywhere: client().build()?,
            plain,
            named,
            token_servers: args.token_server.clone(),
        })
    }

    /// Where a registry's API is.
    pub(super) fn base(&self, registry: &str) -> Result<Url, Refusal> {
        let base = match registry {
            HUB => "https://registry-1.docker.io".to_owned(),
            plain if self.is_plain(plain) => format!("http://{plain}"),
            host => format!("https://{host}"),
        };
        Url::parse(&base).map_err(|error| Refusal::unavailable(registry, &error.to_string()))
    }

    fn is_plain(&self, registry: &str) -> bool {
        self.plain.iter().any(|host| host == registry)
    }

    /// Whether a URL is at a host and port that the operator named.
    pub(super) fn is_named(&self, url: &Url) -> bool {
        self.named.iter().any(|named| named.origin() == url.origin())
    }

    /// The client that may ask a URL for a registry.
    pub(super) fn client(&self, registry: &str, url: &Url) -> Result<&Client, Refusal> {
        if self.is_named(&self.base(registry)?) && self.is_named(url) {
            return Ok(&self.anywhere);
        }
        let host = url.host_str().unwrap_or_default();
        if url.scheme() != "https" {
            return Err(Refusal::forbidden(registry, &format!("it sends to {host}, which is not https")));
        }
        if is_private_literal(host) {
            return Err(Refusal::forbidden(registry, &format!("it sends to {host}, which is not a public address")));
        }
        Ok(&self.public)
    }

    /// The client that may ask a URL for a token. The realm is the registry's to choose, so its host must be the
    /// registry's own or the one that is known for it; nothing is sent to any other. A password goes to no other
    /// registry either, though the operator named it.
    pub(super) fn token_client(&self, registry: &str, url: &Url, has_password: bool) -> Result<&Client, Refusal> {
        let base = self.base(registry)?;
        let host = url.host_str().unwrap_or_default();
        let told = self.token_servers.iter().find(|server| canonical(&server.registry) == registry);
        let known = TOKEN_SERVERS.iter().find(|(name, _)| *name == registry).map(|(_, realm)| *realm);
        let is_known = match told.map(|server| server.host.as_str()).or(known) {
            Some(realm) => realm == host || realm == authority(url),
            None => url.host_str() == base.host_str(),
        };
        let is_plain = url.scheme() == "http" && self.is_plain(registry);
        if self.is_named(&base) {
            // Next to a registry within, the token server is often on another port.
            if is_known && (url.scheme() == "https" || is_plain) {
                return Ok(&self.anywhere);
            }
            if self.is_named(url) && !has_password {
                return Ok(&self.anywhere);
            }
        } else if is_known && url.scheme() == "https" {
            return self.client(registry, url);
        }
        let why = format!("it sends for a token to {host}, which is not known as its token server");
        Err(Refusal::forbidden(registry, &why))
    }

    /// Whether a document may come from there: nothing but its registry's word stands for a tag, so it stays with the
    /// registry's host, what is below it, and other registries that are allowed (`registry.k8s.io` sends to regions).
    pub(super) fn keeps_documents(&self, registry: &str, url: &Url, allowed: &Allowed) -> Result<bool, Refusal> {
        let Some(host) = url.host_str() else { return Ok(false) };
        let is_below = host.strip_suffix(registry).is_some_and(|rest| rest.ends_with('.'));
        Ok(is_below || allowed.allows(&canonical(&authority(url))) || self.base(registry)?.host_str() == Some(host))
    }
}

/// Host and port of a URL; the port only where it is not the scheme's own.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(arguments: &[&str]) -> Reach {
        _ = rustls::crypto::ring::default_provider().install_default();
        let own = ["--plain-http", "127.0.0.1:5000,store.lan:80,[::1]:5000"];
        Reach::new(&ServeArgs::of(&[&own[..], arguments].concat())).unwrap()
    }

    /// Which of the two clients, if any: `*` reaches everything.
    fn way(reach: &Reach, client: &Result<&Client, Refusal>) -> &'static str {
        match client {
            Ok(client) if std::ptr::eq(*client, &raw const reach.anywhere) => "*",
            Ok(_) => "public",
            Err(_) => "",
        }
    }

    #[test]
    fn what_the_operator_named_is_reached_for_what_the_operator_named_alone() {
        let reach = reach(&["--allow-registry", "10.0.0.1,.corp.example"]);
        for (registry, url, expected) in [
            ("127.0.0.1:5000", "http://127.0.0.1:5000/v2/", "*"),
            ("127.0.0.1:5000", "http://store.lan/x", "*"),
            ("store.lan:80", "http://store.lan/x", "*"),
            ("[::1]:5000", "http://[::1]:5000/x", "*"),
            ("127.0.0.1:5000", "https://10.0.0.1/x", "*"),
            ("10.0.0.1", "https://10.0.0.1/x", "*"),
            ("10.0.0.1", "http://10.0.0.1/x", ""),
            ("127.0.0.1:5000", "http://127.0.0.1:5001/x", ""),
            ("127.0.0.1:5000", "https://cdn.example/x", "public"),
            ("ghcr.io", "https://cdn.example/x", "public"),
            ("ghcr.io", "http://cdn.example/x", ""),
            ("ghcr.io", "http://127.0.0.1:5000/v2/", ""),
            ("ghcr.io", "http://store.lan/x", ""),
            ("ghcr.io", "https://10.0.0.1/x", ""),
            ("x.corp.example", "https://10.0.0.1/x", ""),
            ("x.corp.example", "https://x.corp.example/x", "public"),
        ] {
            assert_eq!(way(&reach, &reach.client(registry, &Url::parse(url).unwrap())), expected, "{registry}: {url}");
        }
    }

    #[test]
    fn token_servers_that_are_known_and_not() {
        let told = "ghcr.io=login.example,r.example=10.0.0.3,10.0.0.2=10.0.0.3:5001";
        let reach = reach(&["--allow-registry", "10.0.0.1,10.0.0.2,r.example", "--token-server", told]);
        for (registry, url, expected, with_password) in [
            (HUB, "https://auth.docker.io/token", "public", "public"),
            (HUB, "https://registry-1.docker.io/token", "", ""),
            (HUB, "http://auth.docker.io/token", "", ""),
            (HUB, "https://auth.docker.io.evil.example/token", "", ""),
            ("registry.gitlab.com", "https://gitlab.com/jwt/auth", "public", "public"),
            ("quay.io", "https://quay.io/v2/auth", "public", "public"),
            ("quay.io", "https://auth.quay.io/token", "", ""),
            ("quay.io", "http://quay.io/token", "", ""),
            ("quay.io", "http://127.0.0.1:5000/token", "", ""),
            ("ghcr.io", "https://login.example/token", "public", "public"),
            ("ghcr.io", "https://ghcr.io/token", "", ""),
            ("r.example", "https://10.0.0.3/token", "*", "*"),
            ("r.example", "http://10.0.0.3/token", "", ""),
            ("10.0.0.2", "https://10.0.0.3:5001/token", "*", "*"),
            ("10.0.0.2", "https://10.0.0.3/token", "", ""),
            ("127.0.0.1:5000", "http://127.0.0.1:5001/token", "*", "*"),
            ("127.0.0.1:5000", "https://127.0.0.1/token", "*", "*"),
            ("127.0.0.1:5000", "http://127.0.0.2:5000/token", "", ""),
            // Another registry of the operator's may give tokens; it does not get passwords.
            ("127.0.0.1:5000", "http://store.lan/token", "*", ""),
            ("127.0.0.1:5000", "https://evil.example/token", "", ""),
            ("[::1]:5000", "http://[::1]:5001/token", "*", "*"),
            ("10.0.0.1", "https://10.0.0.1:8443/token", "*", "*"),
            ("10.0.0.1", "http://10.0.0.1/token", "", ""),
        ] {
            let url = Url::parse(url).unwrap();
            for (has_password, expected) in [(false, expected), (true, with_password)] {
                let client = reach.token_client(registry, &url, has_password);
                assert_eq!(way(&reach, &client), expected, "{registry}: {url}, password: {has_password}");
            }
        }
    }

    #[test]
    fn documents_stay_with_registries() {
        let reach = reach(&[]);
        let allowed = Allowed::new(HUB, &[], &[]);
        for (registry, url, expected) in [
            ("registry.k8s.io", "https://europe-west2-docker.pkg.dev/v2/k8s/pause/manifests/1", true),
            ("quay.io", "https://cdn01.quay.io/x", true),
            ("quay.io", "https://evilquay.io/x", false),
            ("ghcr.io", "https://ghcr.io/x", true),
            ("ghcr.io", "https://cdn.example/x", false),
            (HUB, "https://registry-1.docker.io/x", true),
        ] {
            let keeps = reach.keeps_documents(registry, &Url::parse(url).unwrap(), &allowed);
            assert_eq!(keeps.unwrap(), expected, "{registry}: {url}");
        }
    }
}
