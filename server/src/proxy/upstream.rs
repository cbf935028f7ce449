//! Asks the registry: tokens and redirects.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use lagvis::registry::{Challenge, token_of};
use moka::future::Cache;
use reqwest::{Response, Url};

use super::{
    allow::Allowed,
    answer::{Refusal, cause},
    reach::Reach,
    route::{Kind, Route},
};
use crate::cli::ServeArgs;

/// What a registry may answer with, when the client does not say.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";
const REDIRECTS: usize = 5;
/// Tokens live at least a minute by the protocol; they are forgotten a little before. One that ended earlier is
/// renewed when the registry refuses it.
const TOKEN_LIFE: Duration = Duration::from_secs(50);
const TOKEN_BYTES: usize = 1 << 20;

/// The way to the registries.
pub(super) struct Upstream {
    reach: Reach,
    tokens: Cache<(String, String), String>,
}

/// Why there is no token.
enum NoToken {
    /// The token server gives none: what the registry said stands.
    Refused,
    Failed(Refusal),
}

impl Upstream {
    pub(super) fn new(args: &ServeArgs) -> Result<Self, reqwest::Error> {
        let tokens = Cache::builder().max_capacity(10_000).time_to_live(TOKEN_LIFE).build();
        Ok(Self { reach: Reach::new(args)?, tokens })
    }

    /// Sends a request, gets a token if the registry asks for one, and follows its redirects.
    pub(super) async fn send(
        &self,
        method: &Method,
        route: &Route,
        allowed: &Allowed,
        client: &HeaderMap,
    ) -> Result<Response, Refusal> {
        let base = self.reach.base(&route.registry)?;
        let url =
            base.join(&route.path()).map_err(|error| Refusal::unavailable(&route.registry, &error.to_string()))?;
        let ask = Ask { method, route, headers: request_headers(route, client) };
        let key = (route.registry.clone(), route.name.clone());
        let known = self.tokens.get(&key).await;
        let response = self.hop(&ask, &url, known.as_deref()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return self.follow(&ask, allowed, url, known, response).await;
        }
        let challenges = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let challenge = challenges.filter_map(|value| value.to_str().ok()).find_map(Challenge::parse);
        let Some(challenge) = challenge else { return Ok(response) };
        if known.is_some() && self.tokens.get(&key).await == known {
            self.tokens.invalidate(&key).await;
        }
        // Requests that come meanwhile wait for the same token.
        let token = match self.tokens.try_get_with(key, self.token(route, &challenge)).await {
            Ok(token) => token,
            Err(none) => match none.as_ref() {
                NoToken::Refused => return Ok(response),
                NoToken::Failed(refusal) => return Err(refusal.clone()),
            },
        };
        let response = self.hop(&ask, &url, Some(&token)).await?;
        self.follow(&ask, allowed, url, Some(token), response).await
    }

    async fn hop(&self, ask: &Ask<'_>, url: &Url, token: Option<&str>) -> Result<Response, Refusal> {
        let registry = &ask.route.registry;
        let client = self.reach.client(registry, url)?;
        let mut request = client.request(ask.method.clone(), url.clone()).headers(ask.headers.clone());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.map_err(|error| Refusal::unavailable(registry, &cause(&error)))
    }

    /// Follows redirects. Nothing but a blob may leave the registries, and the token stays where it is of use: once
    /// its registry was left, it is not sent again.
    async fn follow(
        &self,
        ask: &Ask<'_>,
        allowed: &Allowed,
        mut here: Url,
        mut token: Option<String>,
        mut response: Response,
    ) -> Result<Response, Refusal> {
        let registry = &ask.route.registry;
        let mut left = REDIRECTS;
        while matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            let target = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let next = target.and_then(|target| here.join(target).ok()).filter(Url::has_host);
            let Some(next) = next.map(without_password) else {
                return Err(Refusal::unavailable(registry, "it redirects to nowhere"));
            };
            if left == 0 {
                return Err(Refusal::unavailable(registry, "it redirects more than 5 times"));
            }
            left -= 1;
            let is_blob = matches!(ask.route.kind, Kind::Blob(_));
            if !is_blob && !self.reach.keeps_documents(registry, &next, allowed)? {
                return Err(Refusal::unavailable(registry, "it redirects a document to another host"));
            }
            token = token.filter(|_| next.origin() == here.origin());
            response = self.hop(ask, &next, token.as_deref()).await?;
            here = next;
        }
        Ok(response)
    }

    /// An anonymous token. Redirects of the token server are not followed: they would undo the check of its host.
    async fn token(&self, route: &Route, challenge: &Challenge) -> Result<String, NoToken> {
        let registry = &route.registry;
        let failed = |why: &str| NoToken::Failed(Refusal::unavailable(registry, why));
        let url = challenge.url(&format!("repository:{}:pull", route.name));
        let url = Url::parse(&url).map_err(|error| failed(&format!("its token server's address is wrong: {error}")))?;
        let url = without_password(url);
        let client = self.reach.token_client(registry, &url).map_err(NoToken::Failed)?;
        let mut response = client.get(url).send().await.map_err(|error| failed(&cause(&error)))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::TOO_MANY_REQUESTS => {
                let wait = response.headers().get(header::RETRY_AFTER).cloned();
                return Err(NoToken::Failed(Refusal::limited(registry, wait)));
            }
            status if status.is_client_error() => return Err(NoToken::Refused),
            status => return Err(failed(&format!("its token server answers {}", status.as_u16()))),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&cause(&error)))? {
            body.extend_from_slice(&chunk);
            if body.len() > TOKEN_BYTES {
                return Err(failed("its token is too long"));
            }
        }
        token_of(&body).ok_or(NoToken::Refused)
    }
}

/// What is sent at every hop.
struct Ask<'a> {
    method: &'a Method,
    route: &'a Route,
    headers: HeaderMap,
}

/// Name and password of a URL would be sent as Basic, to whom the registry likes.
fn without_password(mut url: Url) -> Url {
    // A URL that can hold none says so.
    _ = url.set_username("");
    _ = url.set_password(None);
    url
}

/// The client's wishes that concern the registry. Everything else stays here.
fn request_headers(route: &Route, client: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !matches!(route.kind, Kind::Blob(_)) {
        let is_wish = |value: &&HeaderValue| !matches!(value.as_bytes().trim_ascii(), b"" | b"*/*");
        for value in client.get_all(header::ACCEPT).iter().filter(is_wish) {
            headers.append(header::ACCEPT, value.clone());
        }
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static(ACCEPT));
    }
    if let Some(value) = client.get(header::IF_NONE_MATCH) {
        headers.insert(header::IF_NONE_MATCH, value.clone());
    }
    // Several ranges are answered in a type that names their boundary, and a blob's type is not passed on.
    if let Some(value) = client.get(header::RANGE).filter(|value| !value.as_bytes().contains(&b',')) {
        headers.insert(header::RANGE, value.clone());
    }
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}
