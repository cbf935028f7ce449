//! The shapes of requests that are answered. There is no way to name a URL.

use lagvis::image::{Digest, Reference};

use super::{
    allow::{Allowed, HUB, canonical, is_host},
    refusal::Refusal,
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

impl Kind {
    /// A word for it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Manifest(_) => "manifest",
            Self::Blob(_) => "blob",
            Self::Tags(_) => "tags",
            Self::Referrers(..) => "referrers",
        }
    }
}

/// What may be said in a query: what the API knows, and what quay.io and others page with.
const QUERY: [&str; 4] = ["n", "last", "next_page", "artifactType"];

/// A request that may be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Registry, allowed.
    pub(super) registry: String,
    /// Repository.
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The path that was asked for here.
    asked: String,
    /// The `ns` that was asked for here.
    ns: Option<String>,
}

impl Route {
    /// Reads `/v2/<name>/<kind>/<which>` with `?ns=`.
    pub(super) fn parse(path: &str, query: Option<&str>, allowed: &Allowed) -> Result<Self, Refusal> {
        let rest = path.strip_prefix("/v2/").ok_or_else(|| Refusal::unknown(path))?;
        let parts: Vec<&str> = rest.split('/').collect();
        let [name @ .., kind, which] = parts.as_slice() else { return Err(Refusal::unknown(path)) };
        let pairs = pairs(query);
        let mut all = pairs.iter().filter(|(key, _)| key == "ns").map(|(_, value)| value.to_ascii_lowercase());
        let (ns, another) = (all.next(), all.next());
        if another.is_some() {
            return Err(Refusal::invalid("UNSUPPORTED", "two values of ns"));
        }
        if let Some(wrong) = ns.as_ref().filter(|ns| !is_host(ns)) {
            return Err(Refusal::invalid("UNSUPPORTED", wrong));
        }
        let (registry, name) = registry_of(name, ns.as_deref(), allowed);
        if !allowed.allows(&registry) {
            return Err(Refusal::not_allowed(&registry));
        }
        let name = valid_name(&registry, &name)?;
        let which = which.replace("%3A", ":").replace("%3a", ":");
        let kind = match *kind {
            "manifests" if is_tag(&which) || Digest::parse(&which).is_ok() => Kind::Manifest(which),
            "blobs" if Digest::parse(&which).is_ok() => Kind::Blob(which),
            "tags" if which == "list" => Kind::Tags(only(&pairs)),
            "referrers" if Digest::parse(&which).is_ok() => Kind::Referrers(which, only(&pairs)),
            "manifests" | "blobs" | "referrers" => return Err(Refusal::invalid("DIGEST_INVALID", &which)),
            _ => return Err(Refusal::unknown(path)),
        };
        Ok(Self { registry, name, kind, asked: path.to_owned(), ns })
    }

    /// The same for a manifest's digest.
    pub(super) fn pinned(&self, digest: &Digest) -> Self {
        Self { kind: Kind::Manifest(digest.to_string()), ..self.clone() }
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

    /// Another page of this list, as an address here; the query is the registry's.
    pub(super) fn page(&self, query: &str) -> Option<String> {
        let query = only(&pairs(Some(query)));
        if query.is_empty() || !matches!(self.kind, Kind::Tags(_) | Kind::Referrers(..)) {
            return None;
        }
        let ns = self.ns.as_ref().map(|ns| format!("&ns={}", escape(ns))).unwrap_or_default();
        Some(format!("{}?{query}{ns}", self.asked))
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
fn registry_of(name: &[&str], ns: Option<&str>, allowed: &Allowed) -> (String, String) {
    if let Some(ns) = ns {
        return (canonical(ns), name.join("/"));
    }
    if let [first, rest @ ..] = name
        && !rest.is_empty()
        && (first.contains(['.', ':']) || *first == "localhost")
        && is_host(first)
        && allowed.allows(&canonical(first))
    {
        return (canonical(first), rest.join("/"));
    }
    (allowed.default.clone(), name.join("/"))
}

/// The repository by the grammar; Docker Hub's one-level names get their `library/`.
fn valid_name(registry: &str, name: &str) -> Result<String, Refusal> {
    // Not the registry itself: a host without a dot would be taken for a part of the name.
    let host = if registry == HUB { HUB } else { "registry.invalid" };
    match Reference::parse(&format!("{host}/{name}")) {
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
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    };
    query.unwrap_or_default().split('&').map(pair).collect()
}

/// The query again, of the known keys alone.
fn only(pairs: &[(String, String)]) -> String {
    let kept = pairs.iter().filter(|(key, value)| QUERY.contains(&key.as_str()) && !value.is_empty());
    kept.map(|(key, value)| format!("{key}={}", escape(value))).collect::<Vec<_>>().join("&")
}

fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str, query: Option<&str>) -> Result<String, u16> {
        let allowed = Allowed::new("docker.io", &[], &["127.0.0.1:5000".into(), "registry".into(), "localhost".into()]);
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
            (
                "/v2/registry-1.docker.io/busybox/manifests/1",
                None,
                Ok("docker.io /v2/library/busybox/manifests/1".into()),
            ),
            ("/v2/a/manifests/1", Some("ns=index.docker.io"), Ok("docker.io /v2/library/a/manifests/1".into())),
            ("/v2/a/manifests/1", Some("ns=registry.hub.docker.com"), Ok("docker.io /v2/library/a/manifests/1".into())),
            ("/v2/a/manifests/1", Some("ns=Docker.io"), Ok("docker.io /v2/library/a/manifests/1".into())),
            ("/v2/a/manifests/1", Some("ns=registry"), Ok("registry /v2/a/manifests/1".into())),
            ("/v2/localhost/a/manifests/1", None, Ok("localhost /v2/a/manifests/1".into())),
            ("/v2/x/manifests/1", Some("ns=evil.example/x.pkg.dev"), Err(404)),
            ("/v2/a/b/tags/list", Some("n=5&evil=1"), Ok("docker.io /v2/a/b/tags/list?n=5".into())),
            ("/v2/x/manifests/1", Some("ns=evil.example"), Err(403)),
            ("/v2/evil.example/a/manifests/1", None, Ok("docker.io /v2/evil.example/a/manifests/1".into())),
            ("/v2/a/../b/manifests/1", None, Err(404)),
            ("/v2/A/manifests/1", None, Err(404)),
            ("/v2/a/manifests/sha256:xyz", None, Err(404)),
            ("/v2/a/blobs/latest", None, Err(404)),
            ("/v2/a/uploads/x", None, Err(404)),
            ("/v2/manifests/1", None, Err(404)),
        ] {
            assert_eq!(route(path, query), expected, "{path}");
        }
        let blob = format!("/v2/a/blobs/{digest}");
        assert_eq!(route(&blob, None), Ok(format!("docker.io /v2/library/a/blobs/{digest}")));
    }
}
