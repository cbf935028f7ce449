//! The state machine: what is asked for next. What comes is read in `documents`; what lets one in is the business of
//! [`super::Exchange`].

mod documents;
mod platforms;

use self::documents::header_digest;
use super::{
    answer::{refused, unreachable},
    via::{HttpRequest, HttpResponse, Method, Transport, Via},
};
use crate::{
    image::{Descriptor, Digest, Manifest, Platform, Reference},
    limits,
    opened::{Document, OpenedImage},
    problem::{Problem, ProblemKind},
    protocol::PlatformChoice,
    verify::{Anchor, AnchorKind, Check},
};

/// What a pull needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A response, by [`Pull::provide`].
    Fetch(HttpRequest),
    /// A platform, by [`Pull::choose`].
    ChoosePlatform(Vec<PlatformChoice>),
    /// Nothing: [`Pull::opened`] has the image.
    Ready,
}

/// An image being pulled: its documents, up to the config.
#[derive(Debug)]
pub struct Pull {
    reference: Reference,
    wanted: Option<Platform>,
    via: Via,
    stage: Stage,
    checks: Vec<Check>,
    /// What the registry says that the tag names, when that is what it named before.
    told: Option<Digest>,
    /// What the reference resolved to, the first document's digest.
    root: Option<Digest>,
    index: Option<Digest>,
    /// Digests of the indexes on the way, so that none names itself.
    above: Vec<Digest>,
    children: Vec<Descriptor>,
    platforms: Vec<PlatformChoice>,
    chosen: Option<usize>,
    attestations: Vec<Descriptor>,
    documents: Vec<Document>,
    opened: Option<OpenedImage>,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Whether the tag still names this.
    Asking(Digest),
    /// A manifest or index: by tag (no descriptor) or as a descriptor names it.
    Document(Option<Descriptor>),
    Choosing,
    Config(Box<Manifest>, Digest, Option<Platform>),
    Ready,
}

impl Pull {
    /// A pull of `reference`. Without a wanted platform linux/amd64 is taken where there is one.
    pub fn new(reference: Reference, platform: Option<Platform>, via: Via) -> Self {
        Self {
            reference,
            wanted: platform,
            via,
            stage: Stage::Document(None),
            checks: Vec::new(),
            told: None,
            root: None,
            index: None,
            above: Vec::new(),
            children: Vec::new(),
            platforms: Vec::new(),
            chosen: None,
            attestations: Vec::new(),
            documents: Vec::new(),
            opened: None,
        }
    }

    /// Says what the tag named when it was last pulled. The registry is asked first whether it still does: by HEAD,
    /// which costs no pull of a quota. What has copies of the documents then need not fetch them.
    pub fn remembering(mut self, digest: Option<Digest>) -> Self {
        if let (Some(digest), None) = (digest, self.reference.digest()) {
            self.stage = Stage::Asking(digest);
        }
        self
    }

    /// What is needed next. The same until it is provided.
    pub fn poll(&self) -> Step {
        let metadata = limits::METADATA_BYTES as u64;
        let manifest = |which: &str| {
            HttpRequest::get(self.via.manifest(&self.reference, which), self.via.manifest_headers(), metadata)
        };
        Step::Fetch(match &self.stage {
            Stage::Asking(_) => HttpRequest { method: Method::Head, max_bytes: 0, ..manifest(&self.named()) },
            Stage::Document(descriptor) => {
                let digest = descriptor.as_ref().map(|descriptor| &descriptor.digest);
                let digest = digest.or(self.reference.digest()).or(self.told.as_ref()).cloned();
                let which = digest.as_ref().map_or_else(|| self.named(), Digest::to_string);
                HttpRequest { digest, ..manifest(&which) }
            }
            Stage::Config(found, ..) => {
                let digest = &found.config.digest;
                let request = HttpRequest::get(self.via.blob(&self.reference, digest), Vec::new(), metadata);
                HttpRequest { digest: Some(digest.clone()), ..request }
            }
            Stage::Choosing => return Step::ChoosePlatform(self.platforms.clone()),
            Stage::Ready => return Step::Ready,
        })
    }

    /// What the reference names: its digest, else its tag.
    fn named(&self) -> String {
        match (self.reference.digest(), self.reference.tag()) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.to_owned(),
            (None, None) => "latest".to_owned(),
        }
    }

    /// Takes the response that [`Pull::poll`] asked for.
    pub fn provide(&mut self, response: Result<HttpResponse, Transport>) -> Result<(), Problem> {
        let response = response.map_err(|transport| unreachable(&self.via, &self.reference, &transport))?;
        if let Stage::Asking(before) = &self.stage {
            // Without an answer of use the tag is fetched as if nothing had been known of it.
            self.told = header_digest(&response).filter(|now| response.status == 200 && now == before);
            self.stage = Stage::Document(None);
            return Ok(());
        }
        if response.status != 200 {
            return Err(refused(&self.via, &self.reference, &response));
        }
        if response.truncated {
            let detail =
                format!("the answer is longer than the {} bytes that metadata may have", limits::METADATA_BYTES);
            return Err(self.problem(ProblemKind::LimitExceeded, detail));
        }
        match self.stage.clone() {
            Stage::Document(descriptor) => self.take_document(&response, descriptor.as_ref()),
            Stage::Config(manifest, digest, platform) => self.take_config(&response, &manifest, &digest, platform),
            Stage::Asking(_) | Stage::Choosing | Stage::Ready => Ok(()),
        }
    }

    fn problem(&self, kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem::new(kind, self.reference.familiar(), detail)
    }

    fn without_digest(&self) -> String {
        let name = self.reference.familiar();
        match (self.reference.tag(), name.split_once('@')) {
            (Some(_), Some((name, _))) => name.to_owned(),
            _ => name,
        }
    }

    fn anchor(&self) -> Anchor {
        match self.reference.digest() {
            Some(digest) => Anchor { kind: AnchorKind::Digest, value: digest.to_string() },
            None => Anchor { kind: AnchorKind::Tag, value: self.reference.domain().to_owned() },
        }
    }

    /// Checks so far, in pull order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The platforms of the index, linux/amd64 first; empty when there is no index.
    pub fn platforms(&self) -> &[PlatformChoice] {
        &self.platforms
    }

    /// The documents so far, verified, in pull order.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Which of them is pulled.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// The reference with the digest that it resolved to: the index's, if there is one.
    pub fn pinned(&self) -> Option<Reference> {
        Some(self.reference.with_digest(self.root.clone()?))
    }

    /// The image, once the pull is ready. Its layers are blobs of the registry.
    pub fn opened(&self) -> Option<OpenedImage> {
        self.opened.clone()
    }
}
