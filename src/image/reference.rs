//! Image references: `name[:tag][@digest]` in the grammar of distribution/reference, with Docker's familiar names.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Digest, DigestError, pasted::meant};

/// Longest path that the grammar allows.
const PATH_LENGTH: usize = 255;
const DOCKER_HUB: &str = "docker.io";
const LATEST: &str = "latest";

/// A reference to an image in a registry.
///
/// ```
/// use lagvis::image::Reference;
/// let reference = Reference::parse("busybox").unwrap();
/// assert_eq!(reference.to_string(), "docker.io/library/busybox:latest");
/// assert_eq!(reference.familiar(), "busybox:latest");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing was given.
    #[error("the reference is empty: type an image, for example busybox or ghcr.io/owner/app:1.2")]
    Empty,
    /// A web address or a command, not a reference.
    #[error("'{given}' is {what}, not a reference: try {offer}")]
    Offer {
        /// As given.
        given: String,
        /// What it is instead.
        what: &'static str,
        /// The reference that is most likely meant.
        offer: String,
    },
    /// 64 hex characters alone.
    #[error("'{0}' is an image ID, which no registry knows: give a name, or name@sha256:…")]
    BareId(String),
    /// The path has upper-case letters.
    #[error("repository name must be lowercase: '{path}', try {offer}")]
    Uppercase {
        /// The path as given.
        path: String,
        /// The same reference with the path in lower case.
        offer: String,
    },
    /// The domain is against the grammar.
    #[error("'{0}' is no registry: it should look like host.example or host.example:5000")]
    Domain(String),
    /// The path is against the grammar.
    #[error("'{0}' is no repository name: lower-case letters and digits, joined by '/', '.', '_', '__' or '-'")]
    Path(String),
    /// The tag is against the grammar.
    #[error("'{0}' is no tag: up to 128 letters, digits, '_', '.' and '-', not beginning with '.' or '-'")]
    Tag(String),
    /// The digest is against the grammar.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The path is longer than 255.
    #[error("the repository name has {0} characters, at most {PATH_LENGTH} are allowed")]
    TooLong(usize),
}

impl ReferenceError {
    /// The reference that is meant, where there is no doubt of it: that of a command or a web address.
    pub fn meant(&self) -> Option<Reference> {
        match self {
            Self::Offer { offer, .. } => Reference::parse(offer).ok(),
            _ => None,
        }
    }

    /// The reference that is most likely meant, where there is one.
    pub fn suggestion(&self) -> Option<String> {
        match self {
            Self::Offer { offer, .. } | Self::Uppercase { offer, .. } => Some(offer.clone()),
            _ => None,
        }
    }
}

impl Reference {
    /// Parses a reference. Without tag and digest the tag is `latest`.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if let Some(error) = not_a_reference(text) {
            return Err(error);
        }
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(ReferenceError::BareId(text.into()));
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        let (domain, rest) = split_domain(name);
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        check_domain(&domain)?;
        if !path.split('/').all(is_path_component) {
            let before = name.strip_suffix(rest).unwrap_or_default();
            return Err(wrong_path(text, before, path));
        }
        if let Some(tag) = tag
            && !is_tag(tag)
        {
            return Err(ReferenceError::Tag(excerpt(tag)));
        }
        let is_short = domain == DOCKER_HUB && !path.contains('/');
        let path = if is_short { format!("library/{path}") } else { path.to_owned() };
        if path.len() > PATH_LENGTH {
            return Err(ReferenceError::TooLong(path.len()));
        }
        let tag = tag.map(str::to_owned).or_else(|| digest.is_none().then(|| LATEST.to_owned()));
        Ok(Self { domain, path, tag, digest })
    }

    /// The registry, `docker.io` for Docker Hub.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The repository, `library/busybox` for busybox.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest. It wins over the tag.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Whether it is on Docker Hub.
    pub fn is_docker_hub(&self) -> bool {
        self.domain == DOCKER_HUB
    }

    /// The same, pinned to a digest.
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }

    /// The same repository, and in it what this names: a tag or a digest.
    ///
    /// # Errors
    /// [`ReferenceError::Tag`] when it is neither.
    pub fn with(&self, tag_or_digest: &str) -> Result<Self, ReferenceError> {
        if let Ok(digest) = Digest::parse(tag_or_digest) {
            return Ok(Self { tag: None, digest: Some(digest), ..self.clone() });
        }
        if !is_tag(tag_or_digest) {
            return Err(ReferenceError::Tag(excerpt(tag_or_digest)));
        }
        Ok(Self { tag: Some(tag_or_digest.to_owned()), digest: None, ..self.clone() })
    }

    /// The repository alone, as Docker writes it.
    pub fn repository(&self) -> String {
        Self { tag: None, digest: None, ..self.clone() }.familiar()
    }

    /// As Docker writes it: without `docker.io/` and `library/`. A path whose first component would be read as another
    /// registry keeps its `docker.io/`, where Docker's own form would name that registry.
    pub fn familiar(&self) -> String {
        let name = match (self.is_docker_hub(), self.path.strip_prefix("library/")) {
            (true, Some(short)) if !short.contains('/') => short.to_owned(),
            (true, _) if split_domain(&self.path).1 == self.path => self.path.clone(),
            _ => format!("{}/{}", self.domain, self.path),
        };
        self.with_suffix(name)
    }

    fn with_suffix(&self, mut name: String) -> String {
        if let Some(tag) = &self.tag {
            name = format!("{name}:{tag}");
        }
        if let Some(digest) = &self.digest {
            name = format!("{name}@{digest}");
        }
        name
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_suffix(format!("{}/{}", self.domain, self.path)))
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Commands and web addresses, with what is most likely meant.
fn not_a_reference(text: &str) -> Option<ReferenceError> {
    let (what, offer) = meant(text)?;
    Some(ReferenceError::Offer { given: excerpt(text), what, offer })
}

/// The first component is a domain if it is localhost, or holds `.` or `:` or an upper-case letter.
fn split_domain(text: &str) -> (String, &str) {
    if let Some((first, rest)) = text.split_once('/') {
        let is_domain = first == "localhost" || first.contains(['.', ':']) || first.to_lowercase() != first;
        if is_domain {
            let domain = if first == "index.docker.io" { DOCKER_HUB } else { first };
            return (domain.to_owned(), rest);
        }
    }
    (DOCKER_HUB.to_owned(), text)
}

fn check_domain(domain: &str) -> Result<(), ReferenceError> {
    let wrong = || ReferenceError::Domain(excerpt(domain));
    let (host, port) = match domain.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            let is_address = !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
            if !is_address {
                return Err(wrong());
            }
            (None, port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        None => match domain.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(domain), Some("0")),
        },
    };
    let port = port.ok_or_else(wrong)?;
    let component = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let good = host.is_none_or(|host| host.split('.').all(component))
        && !port.is_empty()
        && port.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(()) } else { Err(wrong()) }
}

/// Why a path is against the grammar; `before` is what stands in front of it in the whole text.
fn wrong_path(text: &str, before: &str, path: &str) -> ReferenceError {
    let lower = path.to_lowercase();
    if !lower.split('/').all(is_path_component) {
        return ReferenceError::Path(excerpt(path));
    }
    let after = text.get(before.len() + path.len()..).unwrap_or_default();
    ReferenceError::Uppercase { path: excerpt(path), offer: format!("{before}{lower}{after}") }
}

/// `[a-z0-9]+` joined by `.`, `_`, `__` or any number of `-`.
fn is_path_component(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut rest = part;
    loop {
        let word = rest.trim_start_matches(is_word);
        if word.len() == rest.len() {
            return false;
        }
        if word.is_empty() {
            return true;
        }
        rest = if let Some(after) = word.strip_prefix("__").or_else(|| word.strip_prefix(['.', '_'])) {
            after
        } else if word.starts_with('-') {
            word.trim_start_matches('-')
        } else {
            return false;
        };
    }
}

/// Whether a text is a tag.
pub(crate) fn is_tag(tag: &str) -> bool {
    let mut bytes = tag.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    first && tag.len() <= 128 && bytes.all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

fn excerpt(text: &str) -> String {
    text.chars().take(120).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    #[test]
    fn names_and_what_they_stand_for() {
        let pinned = format!("ubuntu@sha256:{HEX}");
        let both = format!("xyz.com/a/b:t@sha256:{HEX}");
        for (text, canonical, familiar) in [
            ("busybox", "docker.io/library/busybox:latest", "busybox:latest"),
            ("busybox:1", "docker.io/library/busybox:1", "busybox:1"),
            ("library/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
            ("docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
            ("index.docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
            ("index.docker.io/a/b", "docker.io/a/b:latest", "a/b:latest"),
            ("dmcgowan/app:v1", "docker.io/dmcgowan/app:v1", "dmcgowan/app:v1"),
            ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
            ("localhost:5000/app:t", "localhost:5000/app:t", "localhost:5000/app:t"),
            ("test.com:8000/a/b/c", "test.com:8000/a/b/c:latest", "test.com:8000/a/b/c:latest"),
            ("Uppercase/app", "Uppercase/app:latest", "Uppercase/app:latest"),
            ("[2001:db8::1]:5000/repo:t", "[2001:db8::1]:5000/repo:t", "[2001:db8::1]:5000/repo:t"),
            ("[::1]/repo", "[::1]/repo:latest", "[::1]/repo:latest"),
            ("a/foo__bar/x-----y.z_w", "docker.io/a/foo__bar/x-----y.z_w:latest", "a/foo__bar/x-----y.z_w:latest"),
            ("xn--n3h.com/my-app:xn--n3h", "xn--n3h.com/my-app:xn--n3h", "xn--n3h.com/my-app:xn--n3h"),
            ("docker.io/s.sl/co", "docker.io/s.sl/co:latest", "docker.io/s.sl/co:latest"),
            ("docker.io/localhost/app", "docker.io/localhost/app:latest", "docker.io/localhost/app:latest"),
            ("docker.io/docker.io/app", "docker.io/docker.io/app:latest", "docker.io/docker.io/app:latest"),
            (
                "docker.io/index.docker.io/app",
                "docker.io/index.docker.io/app:latest",
                "docker.io/index.docker.io/app:latest",
            ),
            ("  busybox ", "docker.io/library/busybox:latest", "busybox:latest"),
            (&pinned, &format!("docker.io/library/{pinned}"), &pinned),
            (&both, &both, &both),
        ] {
            let reference = Reference::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(
                (reference.to_string().as_str(), reference.familiar().as_str()),
                (canonical, familiar),
                "{text}"
            );
            assert_eq!(Reference::parse(&reference.to_string()), Ok(reference.clone()), "canonical form of {text}");
            assert_eq!(Reference::parse(&reference.familiar()), Ok(reference), "familiar form of {text}");
        }
    }

    #[test]
    fn texts_that_are_no_references() {
        let long = format!("{}a:tag", "a/".repeat(128));
        for text in [
            "",
            "Busybox",
            "a//b",
            "a/b:",
            "a/b:-x",
            "a/b@",
            "a/b@sha256:short",
            "-a.com/x",
            "a-.com/x",
            "foo___bar",
            "-foo",
            "foo-",
            "foo.",
            ".foo",
            "a:b:c",
            "test:5000:x",
            "[::1/x",
            "[zz]/x",
            "a b",
            "aa/asdf$$^/aa",
            &long,
            HEX,
            "x.com:/y",
        ] {
            assert!(Reference::parse(text).is_err(), "{text:?} was taken");
        }
        let longest = format!("registry.example:5000/{}a:the-tag-does-not-count", "a/".repeat(127));
        assert!(Reference::parse(&longest).is_ok(), "255 characters of path, domain and tag not counted");
        assert!(matches!(Reference::parse(HEX), Err(ReferenceError::BareId(_))));
        assert!(matches!(Reference::parse(&format!("a:{}", "x".repeat(129))), Err(ReferenceError::Tag(_))));
    }

    /// The cases of distribution/reference's own tests (reference_test.go, normalize_test.go). Names are normal here as
    /// Docker takes them, so that one without a slash is Docker Hub's; an algorithm of digests that is not known is read,
    /// and what it names cannot be verified.
    #[test]
    fn cases_of_the_distribution() {
        let sha512 = format!("xn--7o8h.com/myimage:xn--7o8h.com@sha512:{HEX}{HEX}");
        for (text, domain, path, tag) in [
            ("test_com", "docker.io", "library/test_com", "latest"),
            ("test.com:tag", "docker.io", "library/test.com", "tag"),
            ("test.com:5000", "docker.io", "library/test.com", "5000"),
            ("test.com/repo:tag", "test.com", "repo", "tag"),
            ("test:5000/repo", "test:5000", "repo", "latest"),
            ("test:5000/repo:tag", "test:5000", "repo", "tag"),
            ("lowercase:Uppercase", "docker.io", "library/lowercase", "Uppercase"),
            ("sub-dom1.foo.com/bar/baz/quux", "sub-dom1.foo.com", "bar/baz/quux", "latest"),
            ("sub-dom1.foo.com/bar/baz/quux:some-long-tag", "sub-dom1.foo.com", "bar/baz/quux", "some-long-tag"),
            (
                "b.gcr.io/test.example.com/my-app:test.example.com",
                "b.gcr.io",
                "test.example.com/my-app",
                "test.example.com",
            ),
            ("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com"),
            (&sha512, "xn--7o8h.com", "myimage", "xn--7o8h.com"),
            ("foo_bar.com:8080", "docker.io", "library/foo_bar.com", "8080"),
            ("foo/foo_bar.com:8080", "docker.io", "foo/foo_bar.com", "8080"),
            ("192.168.1.1", "docker.io", "library/192.168.1.1", "latest"),
            ("192.168.1.1:5000", "docker.io", "library/192.168.1.1", "5000"),
            ("192.168.1.1:5050/repo", "192.168.1.1:5050", "repo", "latest"),
            ("[2001:db8::1]/repo", "[2001:db8::1]", "repo", "latest"),
            ("[2001:db8:1:2:3:4:5:6]/repo:tag", "[2001:db8:1:2:3:4:5:6]", "repo", "tag"),
            ("[2001:db8::]:5000/repo", "[2001:db8::]:5000", "repo", "latest"),
            ("docker/docker", "docker.io", "docker/docker", "latest"),
            ("docker.io/docker/docker", "docker.io", "docker/docker", "latest"),
            ("index.docker.io/docker/docker", "docker.io", "docker/docker", "latest"),
            ("127.0.0.1:5000/docker/docker", "127.0.0.1:5000", "docker/docker", "latest"),
            ("192.168.0.1:8/debian", "192.168.0.1:8", "debian", "latest"),
            ("localhost/library/aa", "localhost", "library/aa", "latest"),
            ("[fc00::1]:5000/docker", "[fc00::1]:5000", "docker", "latest"),
            ("[fc00:1:2:3:4:5:6:7]:5000/docker/docker", "[fc00:1:2:3:4:5:6:7]:5000", "docker/docker", "latest"),
            (
                "docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c",
                "docker.io",
                "library/1a3f5e7d9c1b3a5f7e9d1c3b5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c",
                "latest",
            ),
            (
                "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
                "docker.io",
                "library/thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
                "latest",
            ),
        ] {
            let reference = Reference::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (reference.domain(), reference.path(), reference.tag().unwrap_or_default()),
                (domain, path, tag),
                "{text}"
            );
        }
        let short = format!("repo@sha256:{}", &HEX[..62]);
        for text in [
            ":justtag",
            "@sha256:ff",
            &short,
            "Uppercase:tag",
            "test:5000/Uppercase/lowercase:tag",
            "a/a/a//a",
            "aa/asdf$$^/aa",
            "[2001:db8::1]",
            "[2001:db8::1]:5000",
            "[fe80::1%eth0]:5000/repo",
            "[fe80::1%@invalidzone]:5000/repo",
            "[2001:db8:3:4::192.0.2.33]:5000/debian",
            "fc00::1:5000/debian",
            "https://github.com/docker/docker",
            "docker/Docker",
            "-docker",
            "-docker/docker",
            "-docker.io/docker/docker",
            "docker///docker",
            "docker.io/docker/Docker",
            "docker.io/docker///docker",
            "foo_bar.com/repo",
            HEX,
        ] {
            assert!(Reference::parse(text).is_err(), "{text} was taken");
        }
    }

    #[test]
    fn what_people_paste_is_offered_as_a_reference() {
        for (text, offer) in [
            ("docker pull nginx:1.27", "nginx:1.27"),
            ("podman pull --quiet quay.io/a/b", "quay.io/a/b"),
            ("https://hub.docker.com/_/busybox", "busybox"),
            ("https://hub.docker.com/r/grafana/grafana/tags", "grafana/grafana"),
            ("https://ghcr.io/owner/app:1", "ghcr.io/owner/app:1"),
            ("docker://quay.io/a/b", "quay.io/a/b"),
            ("user/App", "user/app"),
            ("Ghcr.io/Owner/App:V1", "Ghcr.io/owner/app:V1"),
        ] {
            let error = Reference::parse(text).unwrap_err();
            assert_eq!(error.suggestion().as_deref(), Some(offer), "{text}");
        }
    }
}
