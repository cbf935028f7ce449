//! Tokens: got from a registry's own token server, kept as long as they are good, each for one repository and one
//! person.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::{StatusCode, header};
use lagvis::registry::{Challenge, token_of};
use moka::{Expiry, future::Cache};
use reqwest::Url;
use serde::Deserialize;

use super::{
    answer::{Refusal, cause},
    credentials::{Credentials, Identity},
    metrics::Metrics,
    reach::Reach,
    route::Route,
};

/// A token without a word on its life lives a minute by the protocol.
const USUAL: u64 = 60;
/// Longest that one is kept.
const LONGEST: u64 = 3_600;
/// They are forgotten a little before. One that ended earlier is renewed when the registry refuses it.
const EARLY: Duration = Duration::from_secs(10);
const TOKEN_BYTES: usize = 1 << 20;
/// Bytes of all that are kept.
const KEPT_BYTES: u64 = 32 << 20;
/// What one costs besides its bytes.
const OVERHEAD: usize = 512;

/// For what access is: a repository of a registry, and somebody or nobody.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct For {
    pub(super) registry: String,
    pub(super) name: String,
    pub(super) whose: Option<Identity>,
}

/// How a registry lets one in.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Access {
    /// By a token.
    Bearer(Arc<str>),
    /// By name and password; they are in each request and not kept here.
    Basic,
}

/// Access with its life.
#[derive(Clone)]
pub(super) struct Granted {
    pub(super) access: Access,
    life: Duration,
}

impl Granted {
    /// Name and password, which the registry took.
    pub(super) fn basic() -> Self {
        Self { access: Access::Basic, life: Duration::from_secs(USUAL) }
    }
}

/// Why there is no token.
pub(super) enum NoToken {
    /// The token server gives none: what the registry said stands.
    Refused,
    Failed(Refusal),
}

struct Life;

impl Expiry<For, Granted> for Life {
    fn expire_after_create(&self, _: &For, granted: &Granted, _: Instant) -> Option<Duration> {
        Some(granted.life)
    }
}

/// An empty store of what was granted.
pub(super) fn store() -> Cache<For, Granted> {
    store_of(KEPT_BYTES)
}

/// How long tokens are is for token servers to say.
fn store_of(bytes: u64) -> Cache<For, Granted> {
    let weigh = |key: &For, granted: &Granted| {
        let token = match &granted.access {
            Access::Bearer(token) => token.len(),
            Access::Basic => 0,
        };
        u32::try_from(key.registry.len() + key.name.len() + token + OVERHEAD).unwrap_or(u32::MAX)
    };
    Cache::builder().max_capacity(bytes).weigher(weigh).expire_after(Life).build()
}

#[derive(Deserialize)]
struct Expires {
    expires_in: Option<u64>,
}

/// A token. Redirects of the token server are not followed: they would undo the check of its host.
pub(super) async fn token(
    reach: &Reach,
    metrics: &Metrics,
    route: &Route,
    challenge: &Challenge,
    credentials: Option<&Credentials>,
) -> Result<Granted, NoToken> {
    let registry = &route.registry;
    let failed = |why: &str| NoToken::Failed(Refusal::unavailable(registry, why));
    let unusable = |why: &str| NoToken::Failed(Refusal::unusable(registry, why));
    let url = url(route, challenge, credentials.is_some())
        .map_err(|error| unusable(&format!("its token server's address is wrong: {error}")))?;
    let client = reach.token_client(registry, &url, credentials.is_some()).map_err(NoToken::Failed)?;
    let mut request = client.get(url);
    if let Some(credentials) = credentials {
        request = request.header(header::AUTHORIZATION, credentials.value());
    }
    let begin = Instant::now();
    let mut response = request.send().await.map_err(|error| failed(&cause(&error)))?;
    metrics.upstream(begin.elapsed());
    match response.status() {
        StatusCode::OK => {}
        StatusCode::TOO_MANY_REQUESTS => {
            let wait = response.headers().get(header::RETRY_AFTER).cloned();
            return Err(NoToken::Failed(Refusal::limited(registry, wait)));
        }
        StatusCode::UNAUTHORIZED if credentials.is_some() => {
            return Err(NoToken::Failed(Refusal::wrong_password(registry)));
        }
        StatusCode::FORBIDDEN if credentials.is_some() => return Err(NoToken::Failed(Refusal::no_right(registry))),
        status if status.is_client_error() => return Err(NoToken::Refused),
        status => return Err(failed(&format!("its token server answers {}", status.as_u16()))),
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&cause(&error)))? {
        body.extend_from_slice(&chunk);
        if body.len() > TOKEN_BYTES {
            return Err(unusable("its token is too long"));
        }
    }
    let token = token_of(&body).ok_or(NoToken::Refused)?;
    let said = serde_json::from_slice::<Expires>(&body).ok().and_then(|answer| answer.expires_in);
    let life = Duration::from_secs(said.unwrap_or(USUAL).clamp(USUAL, LONGEST)) - EARLY;
    Ok(Granted { access: Access::Bearer(token.into()), life })
}

/// Where the token is. For a person it is for pulling from this repository, whatever the registry would like.
fn url(route: &Route, challenge: &Challenge, is_person: bool) -> Result<Url, String> {
    let scope = format!("repository:{}:pull", route.name);
    let mut url = Url::parse(&challenge.url(&scope)).map_err(|error| error.to_string())?;
    // They would be sent as Basic, to whom the registry likes. A URL that can hold none says so.
    _ = url.set_username("");
    _ = url.set_password(None);
    if is_person {
        let kept: Vec<(String, String)> =
            url.query_pairs().into_owned().filter(|(key, _)| key != "scope" && key != "account").collect();
        url.query_pairs_mut().clear().extend_pairs(kept).append_pair("scope", &scope);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_has_a_bound_in_bytes() {
        let store = store_of(1 << 20);
        for number in 0..50 {
            let key = For { registry: "r.example".to_owned(), name: format!("a/{number}"), whose: None };
            let access = Access::Bearer("x".repeat(100_000).into());
            store.insert(key, Granted { access, life: Duration::from_secs(USUAL) }).await;
        }
        store.run_pending_tasks().await;
        assert!((1..=10).contains(&store.entry_count()) && store.weighted_size() <= 1 << 20);
    }
}
