//! Manifests that were verified, kept in memory by digest: many people who look at one image cost its registry one
//! request, and a HEAD for each look at a tag. What a password gave is never kept.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use lagvis::image::Digest;
use moka::future::Cache;

use super::{
    allow::Allowed,
    answer::{QUOTA, Refusal},
    body::Document,
    metrics::{Kept, Metrics},
    route::Kind,
    upstream::{Ask, Upstream, accepts},
};

/// What an entry costs besides its bytes.
const OVERHEAD: u32 = 512;

/// The cache.
pub(super) struct Manifests {
    kept: Cache<Key, Arc<Manifest>>,
    is_on: bool,
    metrics: Arc<Metrics>,
}

/// A registry need not give to one repository what it gives to another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    registry: String,
    name: String,
    digest: String,
}

/// A manifest or index whose bytes are as its digest says.
pub(super) struct Manifest {
    pub(super) digest: HeaderValue,
    pub(super) media_type: HeaderValue,
    pub(super) body: Bytes,
}

/// What was found.
pub(super) enum Found {
    /// A verified manifest, with what the registry says of its quota.
    Verified(Arc<Manifest>, HeaderMap),
    /// The registry's own answer: no success, or bytes that are not as their digest says.
    Other(Document),
    /// The registry is to be asked as for anything else.
    Nothing,
}

/// Why a manifest is not kept.
enum NotKept {
    Refused(Refusal),
    Other(Document),
}

impl Manifests {
    pub(super) fn new(bytes: u64, time: Duration, metrics: Arc<Metrics>) -> Self {
        let weigh = |_: &Key, manifest: &Arc<Manifest>| {
            u32::try_from(manifest.body.len()).unwrap_or(u32::MAX).saturating_add(OVERHEAD)
        };
        let kept = Cache::builder().max_capacity(bytes).weigher(weigh).time_to_live(time).build();
        Self { kept, is_on: bytes > 0, metrics }
    }

    /// Bytes that are kept.
    pub(super) fn bytes(&self) -> u64 {
        self.kept.weighted_size()
    }

    /// Finds what a request wants, here or at its registry.
    pub(super) async fn find(
        &self,
        upstream: &Upstream,
        allowed: &Allowed,
        ask: &Ask<'_>,
        client: &HeaderMap,
    ) -> Result<Found, Refusal> {
        let Kind::Manifest(which) = &ask.route.kind else { return Ok(Found::Nothing) };
        if !self.is_on || ask.credentials.is_some() {
            return Ok(Found::Nothing);
        }
        // Whether a client has it already is told here: what is fetched is for all.
        let mut ask = ask.clone();
        ask.headers.remove(header::IF_NONE_MATCH);
        let named = Digest::parse(which).ok();
        let is_tag = named.is_none();
        let (digest, mut quota) = match named {
            Some(digest) => (digest, HeaderMap::new()),
            // A HEAD of a tag would end here as it began.
            None if ask.method == Method::HEAD => return Ok(Found::Nothing),
            None => match resolve(upstream, allowed, &ask).await? {
                Some(found) => found,
                None => return Ok(Found::Nothing),
            },
        };
        if digest.hasher().is_none() {
            return Ok(Found::Nothing);
        }
        let route = ask.route.pinned(&digest);
        let key = Key { registry: route.registry.clone(), name: route.name.clone(), digest: digest.to_string() };
        let known = self.kept.get(&key).await;
        self.metrics.looked_up(Kept::Manifest, known.is_some());
        // What the registry says of its quota, where this request is the one that asked it.
        let said = Mutex::new(None);
        let found = match known {
            Some(manifest) => Ok(manifest),
            // Nothing is fetched for a HEAD that would do with its headers.
            None if ask.method == Method::HEAD => return Ok(Found::Nothing),
            None => {
                let fetch = self.fetch(upstream, allowed, Ask { route: &route, ..ask }, &digest, &said);
                // Requests that come meanwhile wait for the same.
                self.kept.try_get_with(key, fetch).await
            }
        };
        let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
        let is_own = said.is_some();
        quota.extend(said.unwrap_or_default());
        Ok(match found {
            Ok(manifest) if is_accepted(client, &manifest.media_type) => Found::Verified(manifest, quota),
            Ok(_) => Found::Nothing,
            Err(why) => match why.as_ref() {
                // Another client may take other types, or have no room left: that is not this one's answer.
                NotKept::Refused(refusal) if !is_own && refusal.is_of_client() => Found::Nothing,
                NotKept::Other(_) if !is_own => Found::Nothing,
                NotKept::Refused(refusal) => return Err(refusal.clone()),
                // For a tag the registry's own word stands, whatever it said of a digest.
                NotKept::Other(_) if is_tag => Found::Nothing,
                NotKept::Other(document) => Found::Other(document.clone()),
            },
        })
    }

    async fn fetch(
        &self,
        upstream: &Upstream,
        allowed: &Allowed,
        ask: Ask<'_>,
        digest: &Digest,
        quota: &Mutex<Option<HeaderMap>>,
    ) -> Result<Arc<Manifest>, NotKept> {
        let say = |said| *quota.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
        say(HeaderMap::new());
        let ask = Ask { method: Method::GET, ..ask };
        let response = upstream.send(&ask, allowed).await.map_err(NotKept::Refused)?;
        let document =
            Document::read(&ask.route.registry, response, ask.place.hold()).await.map_err(NotKept::Refused)?;
        say(of_quota(&document.headers));
        let media_type = document.headers.get(header::CONTENT_TYPE).filter(|value| is_json(value)).cloned();
        let (Some(media_type), http::StatusCode::OK) = (media_type, document.status) else {
            return Err(NotKept::Other(document));
        };
        if !verifies(digest, &document.body) {
            self.metrics.mismatched();
            return Err(NotKept::Other(document));
        }
        let digest = HeaderValue::try_from(digest.to_string()).map_err(|_| NotKept::Other(document.clone()))?;
        // A copy: what is kept has a limit of its own, and holds no client's room.
        let body = Bytes::copy_from_slice(&document.body);
        Ok(Arc::new(Manifest { digest, media_type, body }))
    }
}

/// Whether bytes are as a digest says; not if nobody here can tell.
pub(super) fn verifies(digest: &Digest, bytes: &[u8]) -> bool {
    let Some(mut hasher) = digest.hasher() else { return false };
    hasher.update(bytes);
    hasher.finish() == *digest
}

/// The digest that a tag has now, by the registry's word. That asks for no manifest, and so costs no quota.
async fn resolve(
    upstream: &Upstream,
    allowed: &Allowed,
    ask: &Ask<'_>,
) -> Result<Option<(Digest, HeaderMap)>, Refusal> {
    let head = upstream.send(&Ask { method: Method::HEAD, ..ask.clone() }, allowed).await?;
    let digest = head.headers().get("docker-content-digest").and_then(|value| value.to_str().ok());
    let digest = digest.filter(|_| head.status().is_success()).and_then(|digest| Digest::parse(digest).ok());
    Ok(digest.map(|digest| (digest, of_quota(head.headers()))))
}

fn of_quota(headers: &HeaderMap) -> HeaderMap {
    let mut quota = HeaderMap::new();
    for name in QUOTA {
        for value in headers.get_all(name) {
            quota.append(name, value.clone());
        }
    }
    quota
}

fn is_json(media_type: &HeaderValue) -> bool {
    let text = media_type.to_str().unwrap_or_default();
    let text = text.split(';').next().unwrap_or_default().trim();
    text.starts_with("application/") && text.ends_with("json")
}

/// Whether a client takes this type. One that says nothing takes what the proxy asks for.
fn is_accepted(client: &HeaderMap, media_type: &HeaderValue) -> bool {
    let media_type = media_type.to_str().unwrap_or_default();
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut wishes = accepts(client).filter_map(|value| value.to_str().ok()).peekable();
    wishes.peek().is_none()
        || wishes
            .flat_map(|line| line.split(','))
            .map(essence)
            .any(|wish| wish == "*/*" || wish == "application/*" || wish == essence(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_takes_what_it_says_and_anything_if_it_says_nothing() {
        let oci = HeaderValue::from_static("application/vnd.oci.image.manifest.v1+json; charset=utf-8");
        for (accept, expected) in [
            (&[][..], true),
            (&["*/*"], true),
            (&["text/html, */*;q=0.1"], true),
            (&["application/*"], true),
            (&["application/x", "Application/vnd.oci.image.manifest.v1+json;q=0.5"], true),
            (&["application/vnd.docker.distribution.manifest.v2+json"], false),
        ] {
            let mut client = HeaderMap::new();
            for value in accept {
                client.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            assert_eq!(is_accepted(&client, &oci), expected, "{accept:?}");
        }
    }

    #[test]
    fn bytes_are_held_against_their_digest() {
        let digest = Digest::of(b"{}");
        assert!(verifies(&digest, b"{}") && !verifies(&digest, b"{ }"));
    }
}
