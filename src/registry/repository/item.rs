//! One thing of a repository, read by its digest: a manifest, an index, or a blob that is a document. It is checked
//! before a byte of it is used.

use super::content::item_of;
use crate::{
    image::{Descriptor, Digest, DocumentKind, Reference, document_kind},
    limits,
    problem::{Problem, ProblemKind},
    protocol::Item,
    registry::{
        answer::{refused, unreachable},
        via::{HttpRequest, HttpResponse, Transport, Via},
    },
    verify::{CheckKind, CheckState, check_bytes},
};

/// What a digest names, being read.
#[derive(Debug)]
pub struct ReadItem {
    reference: Reference,
    via: Via,
    digest: Digest,
    named: Option<Descriptor>,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Manifest,
    Blob,
    Done(Box<Item>),
    Failed,
}

impl ReadItem {
    /// What `digest` names in the repository that `reference` is of. Without the descriptor that names it, it is looked
    /// for among manifests, then among blobs.
    ///
    /// # Errors
    /// What cannot be checked or is too large to be read is not fetched at all.
    pub fn new(reference: Reference, via: Via, digest: Digest, named: Option<Descriptor>) -> Result<Self, Problem> {
        let kind = named.as_ref().map(|named| document_kind(&named.media_type));
        let stage = if kind == Some(DocumentKind::Other) { Stage::Blob } else { Stage::Manifest };
        let item = Self { reference, via, digest, named, stage };
        if item.digest.hasher().is_none() {
            let detail = format!("{} is an algorithm that cannot be checked here", item.digest.algorithm_name());
            return Err(item.problem(ProblemKind::ManifestInvalid, detail));
        }
        match item.named.as_ref().map(|named| named.size) {
            Some(size) if size > item.most() => Err(item.too_long()),
            _ => Ok(item),
        }
    }

    /// The request that is needed next; none at the end.
    pub fn poll(&self) -> Option<HttpRequest> {
        let (url, headers) = match self.stage {
            Stage::Manifest => {
                (self.via.manifest(&self.reference, &self.digest.to_string()), self.via.manifest_headers())
            }
            Stage::Blob => (self.via.blob(&self.reference, &self.digest), Vec::new()),
            Stage::Done(_) | Stage::Failed => return None,
        };
        Some(HttpRequest { digest: Some(self.digest.clone()), ..HttpRequest::get(url, headers, self.most()) })
    }

    fn most(&self) -> u64 {
        if self.stage == Stage::Blob { limits::ITEM_BYTES } else { limits::METADATA_BYTES as u64 }
    }

    /// Takes the response to it.
    ///
    /// # Errors
    /// It is not there, too long, or not what its digest names.
    pub fn provide(&mut self, response: Result<HttpResponse, Transport>) -> Result<(), Problem> {
        let stage = std::mem::replace(&mut self.stage, Stage::Failed);
        let response = response.map_err(|transport| unreachable(&self.via, &self.reference, &transport))?;
        let is_manifest = stage == Stage::Manifest;
        if is_manifest && self.named.is_none() && matches!(response.status, 400 | 404..=406 | 415 | 500) {
            // It may be a blob. distribution 2.8 answers 500 where a blob is asked for as a manifest.
            self.stage = Stage::Blob;
            return Ok(());
        }
        if response.status != 200 {
            return Err(refused(&self.via, &self.reference.with_digest(self.digest.clone()), &response));
        }
        if response.truncated {
            self.stage = stage;
            return Err(self.too_long());
        }
        let size = self.named.as_ref().map(|named| named.size);
        let what = if is_manifest { CheckKind::Manifest } else { CheckKind::Blob };
        let (check, _) = check_bytes(what, self.digest.to_string(), Some(self.digest.clone()), size, &response.body);
        if check.state != CheckState::Verified {
            let kind = if is_manifest { ProblemKind::ManifestMismatch } else { ProblemKind::LayerMismatch };
            let detail = format!(
                "{}: expected {}, actual {}",
                check.why.as_deref().unwrap_or("not checked"),
                check.expected,
                check.actual.as_deref().unwrap_or("not computed")
            );
            return Err(self.problem(kind, detail));
        }
        let told = if is_manifest { response.header("content-type").unwrap_or_default() } else { "" };
        let label = self.named.as_ref().map_or(told, |named| named.media_type.as_str());
        let item = item_of(self.digest.clone(), label, is_manifest, &response.body);
        // Two readers could take it for two different things.
        if is_manifest && document_kind(told) != DocumentKind::Other && item.media_type != main(told) {
            let detail = format!("the answer is called {}, the document calls itself {}", main(told), item.media_type);
            return Err(self.problem(ProblemKind::ManifestInvalid, detail));
        }
        self.stage = Stage::Done(Box::new(item));
        Ok(())
    }

    /// What was read and verified.
    pub fn item(self) -> Option<Item> {
        match self.stage {
            Stage::Done(item) => Some(*item),
            Stage::Manifest | Stage::Blob | Stage::Failed => None,
        }
    }

    fn too_long(&self) -> Problem {
        let detail = format!("it is longer than the {} bytes that are read of a document", self.most());
        self.problem(ProblemKind::LimitExceeded, detail)
    }

    fn problem(&self, kind: ProblemKind, detail: impl Into<String>) -> Problem {
        let place = self.reference.with_digest(self.digest.clone()).familiar();
        Problem::new(kind, place, detail)
    }
}

/// A media type without its parameters.
fn main(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}
