//! Asks the registry: gets in, and follows redirects.

use std::{sync::Arc, time::Instant};

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use lagvis::registry::Challenge;
use moka::future::Cache;
use reqwest::{Response, Url};

use super::{
    allow::{Allowed, is_well_known},
    answer::{Refusal, cause},
    credentials::{Credentials, Keyed},
    limits::Place,
    metrics::{Kept, Metrics},
    reach::Reach,
    route::{Kind, Route},
    tokens::{Access, For, Granted, NoToken, store, token},
};
use crate::cli::ServeArgs;

/// What a registry may answer with, when the client does not say.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";
const REDIRECTS: usize = 5;

/// The way to the registries.
pub(super) struct Upstream {
    reach: Reach,
    granted: Cache<For, Granted>,
    keyed: Keyed,
    metrics: Arc<Metrics>,
}

/// What is asked, in whose name; the same at every hop.
#[derive(Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) route: &'a Route,
    /// Headers as the registry gets them, but for Authorization.
    pub(super) headers: HeaderMap,
    pub(super) credentials: Option<&'a Credentials>,
    /// The client's place.
    pub(super) place: &'a Place,
}

impl Upstream {
    pub(super) fn new(args: &ServeArgs, keyed: Keyed, metrics: Arc<Metrics>) -> Result<Self, reqwest::Error> {
        Ok(Self { reach: Reach::new(args)?, granted: store(), keyed, metrics })
    }

    /// Whether a registry is reached in private networks too.
    pub(super) fn may_be_within(&self, registry: &str) -> bool {
        self.reach.base(registry).is_ok_and(|base| self.reach.is_named(&base)) && !is_well_known(registry)
    }

    /// Sends a request, gets in if the registry wants to know who asks, and follows its redirects.
    pub(super) async fn send(&self, ask: &Ask<'_>, allowed: &Allowed) -> Result<Response, Refusal> {
        let route = ask.route;
        let base = self.reach.base(&route.registry)?;
        let url =
            base.join(&route.path()).map_err(|error| Refusal::unavailable(&route.registry, &error.to_string()))?;
        let whose = ask.credentials.map(|credentials| self.keyed.identity(credentials));
        let key = For { registry: route.registry.clone(), name: route.name.clone(), whose };
        let known = self.granted.get(&key).await.map(|granted| granted.access);
        let response = self.hop(ask, &url, known.as_ref()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            if known.is_some() {
                self.metrics.looked_up(Kept::Token, true);
            }
            return self.follow(ask, allowed, url, known, response).await;
        }
        // Challenges are read where they are of use: a registry that is open has none.
        let Some(wanted) = Wanted::of(&response, ask) else { return Ok(response) };
        self.metrics.looked_up(Kept::Token, false);
        if let Some(known) = &known
            && self.granted.get(&key).await.is_some_and(|granted| granted.access == *known)
        {
            self.granted.invalidate(&key).await;
        }
        let access = match wanted {
            Wanted::Password => Access::Basic,
            // Requests that come meanwhile wait for the same token.
            Wanted::Token(challenge) => {
                let token = token(&self.reach, &self.metrics, route, &challenge, ask.credentials);
                match self.granted.try_get_with(key.clone(), token).await {
                    Ok(granted) => granted.access,
                    Err(none) => match none.as_ref() {
                        NoToken::Refused => return Ok(response),
                        NoToken::Failed(refusal) => return Err(refusal.clone()),
                    },
                }
            }
        };
        let response = self.hop(ask, &url, Some(&access)).await?;
        if access == Access::Basic {
            if response.status() == StatusCode::UNAUTHORIZED {
                return Err(Refusal::wrong_password(&route.registry));
            }
            self.granted.insert(key, Granted::basic()).await;
        }
        self.follow(ask, allowed, url, Some(access), response).await
    }

    async fn hop(&self, ask: &Ask<'_>, url: &Url, access: Option<&Access>) -> Result<Response, Refusal> {
        let registry = &ask.route.registry;
        let client = self.reach.client(registry, url)?;
        let mut request = client.request(ask.method.clone(), url.clone()).headers(ask.headers.clone());
        match (access, ask.credentials) {
            (Some(Access::Bearer(token)), _) => request = request.bearer_auth(token),
            (Some(Access::Basic), Some(credentials)) => {
                request = request.header(header::AUTHORIZATION, credentials.value());
            }
            _ => {}
        }
        let begin = Instant::now();
        let response = request.send().await.map_err(|error| Refusal::unavailable(registry, &cause(&error)))?;
        self.metrics.upstream(begin.elapsed());
        Ok(response)
    }

    /// Follows redirects. Nothing but a blob may leave the registries, and access stays where it is of use: once its
    /// registry was left, it is not sent again.
    async fn follow(
        &self,
        ask: &Ask<'_>,
        allowed: &Allowed,
        mut here: Url,
        mut access: Option<Access>,
        mut response: Response,
    ) -> Result<Response, Refusal> {
        let registry = &ask.route.registry;
        let mut seen = Vec::new();
        while matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            let target = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let next = target.and_then(|target| here.join(target).ok()).filter(Url::has_host);
            let Some(next) = next.map(without_password) else {
                return Err(Refusal::unusable(registry, "it redirects to nowhere"));
            };
            if next == here || seen.contains(&next) {
                return Err(Refusal::unusable(registry, "it redirects in a circle"));
            }
            if seen.len() == REDIRECTS {
                return Err(Refusal::unusable(registry, "it redirects more than 5 times"));
            }
            let is_blob = matches!(ask.route.kind, Kind::Blob(_));
            if !is_blob && !self.reach.keeps_documents(registry, &next, allowed)? {
                return Err(Refusal::unusable(registry, "it redirects a document to another host"));
            }
            access = access.filter(|_| next.origin() == here.origin());
            response = self.hop(ask, &next, access.as_ref()).await?;
            seen.push(std::mem::replace(&mut here, next));
        }
        Ok(response)
    }
}

/// What a registry that answers 401 wants.
enum Wanted {
    Token(Challenge),
    Password,
}

impl Wanted {
    /// A token before a password; a password only where there is one.
    fn of(response: &Response, ask: &Ask<'_>) -> Option<Self> {
        let all = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let all: Vec<&str> = all.filter_map(|value| value.to_str().ok()).collect();
        if let Some(challenge) = all.iter().copied().find_map(Challenge::parse) {
            return Some(Self::Token(challenge));
        }
        let schemes = all.iter().flat_map(|value| value.split(',')).filter_map(|part| part.split_whitespace().next());
        let is_basic = schemes.into_iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
        (is_basic && ask.credentials.is_some()).then_some(Self::Password)
    }
}

/// Name and password of a URL would be sent as Basic, to whom the registry likes.
fn without_password(mut url: Url) -> Url {
    // A URL that can hold none says so.
    _ = url.set_username("");
    _ = url.set_password(None);
    url
}

/// The client's wishes that concern the registry. Everything else stays here.
pub(super) fn request_headers(route: &Route, client: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if matches!(route.kind, Kind::Blob(_)) {
        // Several ranges are answered in a type that names their boundary, and a blob's type is not passed on.
        if let Some(value) = client.get(header::RANGE).filter(|value| !value.as_bytes().contains(&b',')) {
            headers.insert(header::RANGE, value.clone());
        }
    } else {
        for value in accepts(client) {
            headers.append(header::ACCEPT, value.clone());
        }
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static(ACCEPT));
    }
    if let Some(value) = client.get(header::IF_NONE_MATCH) {
        headers.insert(header::IF_NONE_MATCH, value.clone());
    }
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

/// What a client says that it takes, if it says anything.
pub(super) fn accepts(client: &HeaderMap) -> impl Iterator<Item = &HeaderValue> {
    let is_wish = |value: &&HeaderValue| !matches!(value.as_bytes().trim_ascii(), b"" | b"*/*");
    client.get_all(header::ACCEPT).iter().filter(is_wish)
}
