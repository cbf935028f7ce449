//! How a registry is reached: through a proxy that speaks the distribution API, or directly.

pub use crate::protocol::Via;

use super::retry_after::words;
use crate::image::{Digest, Reference};

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
}

/// A request that the pull needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// URL.
    pub url: String,
    /// Headers to send.
    pub headers: Vec<(String, String)>,
    /// Most bytes of the body that are of use.
    pub max_bytes: u64,
    /// The digest that the body will be held against, where something names it: a copy of that can stand in for the
    /// answer, with its Content-Type.
    pub digest: Option<Digest>,
}

/// The response to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, at most `max_bytes` of it.
    pub body: Vec<u8>,
    /// The body was longer than that.
    pub truncated: bool,
}

impl HttpRequest {
    /// A GET, of which so many bytes are of use.
    pub(super) fn get(url: String, headers: Vec<(String, String)>, max_bytes: u64) -> Self {
        Self { method: Method::Get, url, headers, max_bytes, digest: None }
    }
}

impl HttpResponse {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// No connection. The text is the client's own.
    Unreachable(String),
    /// It broke off.
    Broken(String),
    /// Nothing came for so many seconds, or next to nothing.
    Stalled(u64),
    /// No such host.
    NoSuchHost(String),
    /// The host's certificate is not trusted.
    Certificate(String),
    /// The browser says that it is offline.
    Offline,
    /// A page that came over https may not ask a host over plain http.
    MixedContent,
    /// The browser keeps the page from hosts of the local network.
    LocalNetwork(String),
    /// The host sends on to where nobody follows: in a circle, too far, into the network within.
    Misled(String),
    /// The host answers, but does not let pages read it.
    Cors(String),
}

impl Transport {
    /// Whether it may be otherwise in a moment. A network that is away mostly is for longer: that is borne in the middle
    /// of something large only.
    pub(super) fn is_passing(&self, patient: bool) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken(_) | Self::Stalled(_) => true,
            Self::Offline => patient,
            _ => false,
        }
    }

    /// The reason, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Unreachable(text)
            | Self::Broken(text)
            | Self::NoSuchHost(text)
            | Self::Certificate(text)
            | Self::Misled(text)
            | Self::LocalNetwork(text)
            | Self::Cors(text) => text.clone(),
            Self::Stalled(seconds) => format!("nothing of use came for {}", words(seconds.saturating_mul(1_000))),
            Self::Offline => "the browser says that there is no network".to_owned(),
            Self::MixedContent => "a page that came over https may not ask for anything over plain http".to_owned(),
        }
    }
}

/// What a pull may be answered with. A registry that is asked for `*/*` may answer schema 1.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";

impl Via {
    /// URL of a manifest, by tag or digest.
    pub fn manifest(&self, reference: &Reference, which: &str) -> String {
        self.url(reference, &format!("manifests/{which}"), "")
    }

    /// URL of a blob.
    pub fn blob(&self, reference: &Reference, digest: &Digest) -> String {
        self.url(reference, &format!("blobs/{digest}"), "")
    }

    /// URL of a list (`tags/list`, `referrers/<digest>`), with the query of its page.
    pub(super) fn list(&self, reference: &Reference, list: &str, query: &str) -> String {
        self.url(reference, list, query)
    }

    fn url(&self, reference: &Reference, what: &str, query: &str) -> String {
        let path = reference.path();
        let and = if query.is_empty() { "" } else { "&" };
        match self {
            Self::Proxy { base } => {
                let base = base.trim_end_matches('/');
                format!("{base}/v2/{path}/{what}?{query}{and}ns={}", escape(reference.domain()))
            }
            Self::Direct { .. } if query.is_empty() => format!("{}/v2/{path}/{what}", self.origin(reference)),
            Self::Direct { .. } => format!("{}/v2/{path}/{what}?{query}", self.origin(reference)),
        }
    }

    /// Scheme and host of the registry's API.
    pub(super) fn origin(&self, reference: &Reference) -> String {
        let host = api_host(reference);
        let scheme = if matches!(self, Self::Direct { plain_http: true }) { "http" } else { "https" };
        format!("{scheme}://{host}")
    }

    /// Headers of a request for a manifest. None through a proxy: then a plain GET needs no preflight.
    pub(super) fn manifest_headers(&self) -> Vec<(String, String)> {
        match self {
            Self::Proxy { .. } => Vec::new(),
            Self::Direct { .. } => vec![("accept".to_owned(), ACCEPT.to_owned())],
        }
    }

    /// Who answers, for messages: the proxy or the registry.
    pub(super) fn is_proxy(&self) -> bool {
        matches!(self, Self::Proxy { .. })
    }
}

/// Where the API of a registry is: docker.io is a name, its API is elsewhere.
pub(super) fn api_host(reference: &Reference) -> &str {
    if reference.is_docker_hub() { "registry-1.docker.io" } else { reference.domain() }
}

/// Percent-encodes what cannot stand in a query value (`[`, `]` of an IPv6 host).
fn escape(text: &str) -> String {
    text.replace('[', "%5B").replace(']', "%5D")
}
