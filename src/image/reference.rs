//! Image references: `name[:tag][@digest]` in the grammar of distribution/reference, with Docker's familiar names.

mod error;
mod grammar;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Digest;

pub use error::ReferenceError;
pub(crate) use grammar::is_tag;

use grammar::{check_domain, excerpt, is_path_component, not_a_reference, split_domain, wrong_path};

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
