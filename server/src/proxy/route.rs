//! The shapes of requests that are answered. There is no way to name a URL.

use lagvis::image::{Digest, Reference};

use super::{
    allow::{Allowed, canonical},
    answer::Refusal,
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A manifest or index, by tag or digest.
    Manifest(String),
    /// A blob.
    Blob(String),
    /// The list of tags, with its query.
    Tags(String),
    /// What refers to a manifest, with its query.
    Referrers(String, String),
}

/// A request that may be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Registry, allowed.
    pub(super) registry: String,
    /// Repository.
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl Route {
    /// Reads `/v2/<name>/<kind>/<which>` with `?ns=`.
    pub(super) fn parse(path: &str, query: Option<&str>, allowed: &Allowed) -> Result<Self, Refusal> {
        let rest = path.strip_prefix("/v2/").ok_or_else(|| Refusal::unknown(path))?;
        let parts: Vec<&str> = rest.split('/').collect();
        let [name @ .., kind, which] = parts.as_slice() else { return Err(Refusal::unknown(path)) };
        let pairs = pairs(query);
        let ns = pairs.iter().find(|(key, _)| key == "ns").map(|(_, value)| canonical(value));
        let (registry, name) = registry_of(name, ns, allowed);
        if !allowed.allows(&registry) {
            return Err(Refusal::not_allowed(&registry));
        }
        let name = valid_name(&registry, &name)?;
        let which = which.replace("%3A", ":").replace("%3a", ":");
        let kind = match *kind {
            "manifests" if is_tag(&which) || Digest::parse(&which).is_ok() => Kind::Manifest(which),
            "blobs" if Digest::parse(&which).is_ok() => Kind::Blob(which),
            "tags" if which == "list" => Kind::Tags(only(&pairs, &["n", "last"])),
            "referrers" if Digest::parse(&which).is_ok() => Kind::Referrers(which, only(&pairs, &["artifactType"])),
            "manifests" | "blobs" | "referrers" => return Err(Refusal::invalid("DIGEST_INVALID", &which)),
            _ => return Err(Refusal::unknown(path)),
        };
        Ok(Self { registry, name, kind })
    }

    /// The path at the registry, with its query.
    pub(super) fn path(&self) -> String {
        let name = &self.name;
        let query = |query: &str| if query.is_empty() { String::new() } else { format!("?{query}") };
        match &self.kind {
            Kind::Manifest(which) => format!("/v2/{name}/manifests/{which}"),
            Kind::Blob(digest) => format!("/v2/{name}/blobs/{digest}"),
            Kind::Tags(filter) => format!("/v2/{name}/tags/list{}", query(filter)),
            Kind::Referrers(digest, filter) => format!("/v2/{name}/referrers/{digest}{}", query(filter)),
        }
    }

    /// The answer is named by its digest and never changes.
    pub(super) fn is_immutable(&self) -> bool {
        match &self.kind {
            Kind::Manifest(which) => Digest::parse(which).is_ok(),
            Kind::Blob(_) => true,
            Kind::Tags(_) | Kind::Referrers(..) => false,
        }
    }
}

/// By `ns`, else by a first component that is an allowed host, else the default.
fn registry_of(name: &[&str], ns: Option<String>, allowed: &Allowed) -> (String, String) {
    if let Some(ns) = ns {
        return (ns, name.join("/"));
    }
    if let [first, rest @ ..] = name
        && !rest.is_empty()
        && first.contains(['.', ':'])
        && allowed.allows(&canonical(first))
    {
        return (canonical(first), rest.join("/"));
    }
    (allowed.default.clone(), name.join("/"))
}

/// The repository by the grammar; Docker Hub's one-level names get their `library/`.
fn valid_name(registry: &str, name: &str) -> Result<String, Refusal> {
    match Reference::parse(&format!("{registry}/{name}")) {
        Ok(reference) if reference.digest().is_none() && !name.contains(':') => Ok(reference.path().to_owned()),
        _ => Err(Refusal::invalid("NAME_INVALID", name)),
    }
}

fn is_tag(text: &str) -> bool {
    Reference::parse(&format!("x:{text}")).is_ok() && !text.contains('@')
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((byte, after)) = rest.split_first() {
            let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
            match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *byte == b'%') {
                Some(decoded) => {
                    bytes.push(decoded);
                    rest = after.get(2..).unwrap_or_default();
                }
                None => {
                    bytes.push(*byte);
                    rest = after;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        Some((decode(key), decode(value)))
    };
    query.unwrap_or_default().split('&').filter_map(pair).collect()
}

/// The query again, of these keys alone, and of plain characters alone.
fn only(pairs: &[(String, String)], keys: &[&str]) -> String {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+/".contains(&b));
    let kept = pairs.iter().filter(|(key, value)| keys.contains(&key.as_str()) && plain(value));
    kept.map(|(key, value)| format!("{key}={}", value.replace('+', "%2B"))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str, query: Option<&str>) -> Result<String, u16> {
        let allowed = Allowed::new("docker.io", &[], &["127.0.0.1:5000".into()]);
        Route::parse(path, query, &allowed).map(|r| format!("{} {}", r.registry, r.path())).map_err(|r| r.status())
    }

    #[test]
    fn shapes_that_are_answered_and_not() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (path, query, expected) in [
            ("/v2/busybox/manifests/latest", None, Ok("docker.io /v2/library/busybox/manifests/latest".into())),
            ("/v2/a/b/manifests/1", Some("ns=ghcr.io"), Ok("ghcr.io /v2/a/b/manifests/1".into())),
            ("/v2/ghcr.io/a/b/manifests/1", None, Ok("ghcr.io /v2/a/b/manifests/1".into())),
            ("/v2/x/manifests/1", Some("ns=127.0.0.1%3A5000"), Ok("127.0.0.1:5000 /v2/x/manifests/1".into())),
            ("/v2/a/b/tags/list", Some("n=5&evil=1"), Ok("docker.io /v2/a/b/tags/list?n=5".into())),
            ("/v2/x/manifests/1", Some("ns=evil.example"), Err(403)),
            ("/v2/evil.example/a/manifests/1", None, Ok("docker.io /v2/evil.example/a/manifests/1".into())),
            ("/v2/a/../b/manifests/1", None, Err(400)),
            ("/v2/A/manifests/1", None, Err(400)),
            ("/v2/a/manifests/sha256:xyz", None, Err(400)),
            ("/v2/a/blobs/latest", None, Err(400)),
            ("/v2/a/uploads/x", None, Err(404)),
            ("/v2/manifests/1", None, Err(400)),
        ] {
            assert_eq!(route(path, query), expected, "{path}");
        }
        let blob = format!("/v2/a/blobs/{digest}");
        assert_eq!(route(&blob, None), Ok(format!("docker.io /v2/library/a/blobs/{digest}")));
    }
}
