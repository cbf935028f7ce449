//! Where a tag leads now, seen from what it led to when a link was made.

use crate::{
    image::{Digest, Index, Reference, parse_json},
    limits,
    problem::{Problem, ProblemKind},
    protocol::TagNow,
    registry::{
        answer::{refused, unreachable},
        via::{HttpRequest, HttpResponse, Method, Transport, Via},
    },
};

/// A tag being followed.
#[derive(Debug)]
pub struct FollowTag {
    reference: Reference,
    via: Via,
    tag: String,
    pinned: Digest,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Its digest alone, which counts for no quota.
    Head,
    /// The document: the digest was not told, or it may be an index that lists what is pinned.
    Get(Option<Digest>),
    Done(TagNow),
}

impl FollowTag {
    /// Follows `tag` of the repository that `reference` is of. `pinned` is what it led to.
    pub fn new(reference: Reference, via: Via, tag: String, pinned: Digest) -> Self {
        Self { reference, via, tag, pinned, stage: Stage::Head }
    }

    /// The request that is needed next; none at the end.
    pub fn poll(&self) -> Option<HttpRequest> {
        let (method, which) = match &self.stage {
            Stage::Head => (Method::Head, self.tag.clone()),
            Stage::Get(digest) => (Method::Get, digest.as_ref().map_or_else(|| self.tag.clone(), Digest::to_string)),
            Stage::Done(_) => return None,
        };
        Some(HttpRequest {
            method,
            url: self.via.manifest(&self.reference, &which),
            headers: self.via.manifest_headers(),
            max_bytes: limits::METADATA_BYTES as u64,
            digest: None,
        })
    }

    /// Takes the response to it.
    ///
    /// # Errors
    /// The registry did not answer, refused, or what it sent is not what it named.
    pub fn provide(&mut self, response: Result<HttpResponse, Transport>) -> Result<(), Problem> {
        let response = response.map_err(|transport| unreachable(&self.via, &self.reference, &transport))?;
        self.stage = match (&self.stage, response.status) {
            (Stage::Head | Stage::Get(None), 404) => Stage::Done(TagNow::Gone),
            (Stage::Head, 200) => {
                let told = response.header("docker-content-digest").and_then(|text| Digest::parse(text.trim()).ok());
                match told {
                    Some(digest) if digest == self.pinned => Stage::Done(TagNow::Same),
                    told => Stage::Get(told),
                }
            }
            (Stage::Get(_), 200) if response.truncated => {
                let detail = format!("the manifest of {} is longer than {} bytes", self.tag, limits::METADATA_BYTES);
                return Err(Problem::new(ProblemKind::LimitExceeded, self.reference.repository(), detail));
            }
            (Stage::Get(told), 200) => Stage::Done(self.judge(told.as_ref(), &response.body)?),
            _ => return Err(refused(&self.via, &self.reference, &response)),
        };
        Ok(())
    }

    fn judge(&self, told: Option<&Digest>, body: &[u8]) -> Result<TagNow, Problem> {
        let actual = hash(told.unwrap_or(&self.pinned), body);
        if told.is_some_and(|told| *told != actual) {
            let detail = format!("expected {}, actual {actual}", told.unwrap_or(&actual));
            return Err(Problem::new(ProblemKind::ManifestMismatch, self.reference.repository(), detail));
        }
        if actual == self.pinned {
            return Ok(TagNow::Same);
        }
        let index: Index = parse_json(body).unwrap_or_default();
        let lists = index.manifests.iter().any(|child| child.digest == self.pinned);
        Ok(if lists { TagNow::Within(actual) } else { TagNow::Moved(actual) })
    }

    /// Where it leads, once that is known.
    pub fn now(&self) -> Option<TagNow> {
        match &self.stage {
            Stage::Done(now) => Some(now.clone()),
            Stage::Head | Stage::Get(_) => None,
        }
    }
}

/// The digest of bytes by the algorithm of another digest, sha256 where that is unknown here.
fn hash(like: &Digest, bytes: &[u8]) -> Digest {
    like.hasher().map_or_else(
        || Digest::of(bytes),
        |mut hasher| {
            hasher.update(bytes);
            hasher.finish()
        },
    )
}
