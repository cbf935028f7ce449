//! Asks the registry: tokens, redirects, addresses.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Method, StatusCode, header};
use lagvis::registry::{Challenge, token_of};
use moka::future::Cache;
use reqwest::{Client, Response, Url};

use super::{
    address::{PublicOnly, is_private_literal},
    answer::Refusal,
    route::{Kind, Route},
};

/// What a registry may answer with, when the client does not say.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";
const REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of a registry, before its headers and between two pieces of a body.
const SILENCE: Duration = Duration::from_secs(30);
/// Tokens live at least a minute by the protocol; they are forgotten a little before.
const TOKEN_LIFE: Duration = Duration::from_secs(50);
const TOKEN_BYTES: usize = 1 << 20;

/// Token servers by registry, where they are not the registry's own host.
const REALMS: [(&str, &str); 2] = [("docker.io", "auth.docker.io"), ("registry.gitlab.com", "gitlab.com")];

/// The way to the registries.
pub(super) struct Upstream {
    /// Reaches public addresses only.
    public: Client,
    /// Reaches the registries that the operator named, wherever they are.
    plain: Client,
    plain_http: Vec<String>,
    tokens: Cache<(String, String), String>,
}

impl Upstream {
    pub(super) fn new(plain_http: &[String]) -> Result<Self, reqwest::Error> {
        let client = || {
            Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(CONNECT)
                .read_timeout(SILENCE)
                .user_agent(concat!("lagvis/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self {
            public: client().dns_resolver(Arc::new(PublicOnly)).build()?,
            plain: client().build()?,
            plain_http: plain_http.iter().map(|host| super::allow::canonical(host)).collect(),
            tokens: Cache::builder().max_capacity(10_000).time_to_live(TOKEN_LIFE).build(),
        })
    }

    fn is_plain(&self, registry: &str) -> bool {
        self.plain_http.iter().any(|host| host == registry)
    }

    fn base(&self, registry: &str) -> String {
        match registry {
            "docker.io" => "https://registry-1.docker.io".to_owned(),
            plain if self.is_plain(plain) => format!("http://{plain}"),
            host => format!("https://{host}"),
        }
    }

    /// Sends a request, gets a token if the registry asks for one, and follows its redirects.
    pub(super) async fn send(&self, method: &Method, route: &Route, client: &HeaderMap) -> Result<Response, Refusal> {
        let registry = &route.registry;
        let url = format!("{}{}", self.base(registry), route.path());
        let url = Url::parse(&url).map_err(|error| Refusal::unavailable(registry, &error.to_string()))?;
        let headers = request_headers(route, client);
        let key = (registry.clone(), route.name.clone());
        let known = self.tokens.get(&key).await;
        let response = self.hop(method, route, &url, &headers, known.as_deref()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return self.follow(method, route, &url, &headers, response).await;
        }
        let challenge = response.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let Some(challenge) = challenge.and_then(Challenge::parse) else { return Ok(response) };
        let Some(token) = self.token(route, &challenge).await? else { return Ok(response) };
        self.tokens.insert(key, token.clone()).await;
        let response = self.hop(method, route, &url, &headers, Some(&token)).await?;
        self.follow(method, route, &url, &headers, response).await
    }

    async fn hop(
        &self,
        method: &Method,
        route: &Route,
        url: &Url,
        headers: &HeaderMap,
        token: Option<&str>,
    ) -> Result<Response, Refusal> {
        let client = self.client_for(route, url)?;
        let mut request = client.request(method.clone(), url.clone()).headers(headers.clone());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.map_err(|error| Refusal::unavailable(&route.registry, &cause(&error)))
    }

    /// The client that may reach a URL: the operator's own registries at exactly their host and port, else https and
    /// public addresses.
    fn client_for(&self, route: &Route, url: &Url) -> Result<&Client, Refusal> {
        let host = url.host_str().unwrap_or_default();
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        if self.is_plain(&route.registry) && authority == route.registry {
            return Ok(&self.plain);
        }
        if url.scheme() != "https" {
            return Err(Refusal::unavailable(&route.registry, &format!("it sends to {authority}, which is not https")));
        }
        if is_private_literal(host) {
            return Err(Refusal::unavailable(
                &route.registry,
                &format!("it sends to {host}, which is not a public address"),
            ));
        }
        Ok(&self.public)
    }

    /// Follows redirects. Nothing but a blob may leave the registry's host, and no token ever does.
    async fn follow(
        &self,
        method: &Method,
        route: &Route,
        from: &Url,
        headers: &HeaderMap,
        mut response: Response,
    ) -> Result<Response, Refusal> {
        let mut here = from.clone();
        for _ in 0..REDIRECTS {
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let target = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let next = target.and_then(|target| here.join(target).ok());
            let Some(next) = next else {
                return Err(Refusal::unavailable(&route.registry, "it redirects to nowhere"));
            };
            let may_leave = matches!(route.kind, Kind::Blob(_)) || same_site(&here, &next);
            if !may_leave {
                return Err(Refusal::unavailable(&route.registry, "it redirects a document to another host"));
            }
            response = self.hop(method, route, &next, headers, None).await?;
            here = next;
        }
        Err(Refusal::unavailable(&route.registry, "it redirects more than 5 times"))
    }

    /// An anonymous token. The realm is the registry's to choose, so its host must be the registry's own or the one
    /// that is known for it; nothing is sent to any other.
    async fn token(&self, route: &Route, challenge: &Challenge) -> Result<Option<String>, Refusal> {
        let registry = &route.registry;
        let url = challenge.url(&format!("repository:{}:pull", route.name));
        let url = Url::parse(&url).map_err(|error| Refusal::unavailable(registry, &error.to_string()))?;
        let host = url.host_str().unwrap_or_default();
        let own = registry.rsplit_once(':').map_or(registry.as_str(), |(host, _)| host);
        let pinned = REALMS.iter().find(|(name, _)| name == registry).map(|(_, realm)| *realm);
        let plain = self.is_plain(registry) && url.scheme() == "http" && host == own;
        if !(plain || (url.scheme() == "https" && host == pinned.unwrap_or(own))) {
            let why = format!("it sends for a token to {host}, which is not known as its token server");
            return Err(Refusal::unavailable(registry, &why));
        }
        let client = if plain { &self.plain } else { &self.public };
        if !plain && is_private_literal(host) {
            return Err(Refusal::unavailable(registry, "its token server is not at a public address"));
        }
        let mut response =
            client.get(url).send().await.map_err(|error| Refusal::unavailable(registry, &cause(&error)))?;
        if !response.status().is_success() {
            return Ok(None);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| Refusal::unavailable(registry, &cause(&e)))? {
            body.extend_from_slice(&chunk);
            if body.len() > TOKEN_BYTES {
                return Err(Refusal::unavailable(registry, "its token is too long"));
            }
        }
        Ok(token_of(&body))
    }
}

fn same_site(a: &Url, b: &Url) -> bool {
    let site = |url: &Url| {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut labels: Vec<String> = host.rsplit('.').take(2).map(str::to_owned).collect();
        labels.reverse();
        labels.join(".")
    };
    site(a) == site(b)
}

/// The client's wishes that concern the registry. Everything else stays here.
fn request_headers(route: &Route, client: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let accept = client.get(header::ACCEPT).filter(|value| !value.is_empty() && *value != "*/*");
    let accept = accept.cloned().unwrap_or_else(|| http::HeaderValue::from_static(ACCEPT));
    if !matches!(route.kind, Kind::Blob(_)) {
        headers.insert(header::ACCEPT, accept);
    }
    for name in [header::RANGE, header::IF_NONE_MATCH] {
        if let Some(value) = client.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    headers.insert(header::ACCEPT_ENCODING, http::HeaderValue::from_static("identity"));
    headers
}

/// The innermost reason, without the URL: it may be signed.
fn cause(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}
