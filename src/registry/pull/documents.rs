//! Index, manifest and config as they come: checked against what names them, then read.

use super::{Pull, Stage, platforms::rank};
use crate::{
    assemble::layers_of,
    image::{
        Config, Descriptor, Digest, DocumentKind, Index, Manifest, Platform, document_kind, is_attestation, parse_json,
    },
    limits,
    opened::{Document, OpenedImage, Place},
    problem::{Problem, ProblemKind},
    protocol::PlatformChoice,
    registry::via::HttpResponse,
    verify::{Check, CheckKind, CheckState, check_bytes},
};

impl Pull {
    /// Hashes a document against what names it; an error says what was expected.
    pub(super) fn check(
        &mut self,
        what: CheckKind,
        expected: Option<Digest>,
        size: Option<u64>,
        body: &[u8],
    ) -> Result<Digest, Problem> {
        let digest = Digest::of(body);
        let subject = expected.as_ref().unwrap_or(&digest).to_string();
        let (check, actual) = check_bytes(what, subject, expected.clone(), size, body);
        let state = check.state;
        let text = format!(
            "{}: expected {}, actual {}",
            check.why.as_deref().unwrap_or_default(),
            check.expected,
            check.actual.as_deref().unwrap_or("not computed")
        );
        self.checks.push(check);
        if state == CheckState::Mismatched {
            let kind =
                if what == CheckKind::Config { ProblemKind::ConfigMismatch } else { ProblemKind::ManifestMismatch };
            return Err(self.problem(kind, text));
        }
        Ok(expected.or(actual).unwrap_or(digest))
    }

    pub(super) fn take_document(&mut self, response: &HttpResponse, named: Option<&Descriptor>) -> Result<(), Problem> {
        // Told from the labels around it: not a byte of the document itself is read before it is checked.
        let label = labelled(response, named);
        if label == DocumentKind::Schema1 {
            return Err(self.schema1());
        }
        let (expected, size) = match named {
            Some(descriptor) => (Some(descriptor.digest.clone()), Some(descriptor.size)),
            // By tag nothing states the digest but the registry's own header: it is held to its word, not believed.
            None => {
                let named = self.reference.digest().or(self.told.as_ref()).cloned();
                (named.or_else(|| header_digest(response)), None)
            }
        };
        let digest = self.check(check_kind(label), expected, size, &response.body)?;
        let kind = self.kind_of(response)?;
        if let Some(check) = self.checks.last_mut() {
            check.what = check_kind(kind);
        }
        self.documents.push(Document::new(check_kind(kind), Some(digest.clone()), &response.body));
        self.root.get_or_insert_with(|| digest.clone());
        if kind == DocumentKind::Index {
            return self.take_index(&response.body, digest);
        }
        let manifest: Manifest = parse_json(&response.body)
            .map_err(|error| self.problem(ProblemKind::ManifestInvalid, format!("{digest}: {error}")))?;
        if let Some(kind) = artifact(&manifest) {
            return Err(self.problem(ProblemKind::NotAnImageArtifact, format!("{digest} is of the type {kind}")));
        }
        self.stage = Stage::Config(Box::new(manifest), digest, named.and_then(|d| d.platform.clone()));
        Ok(())
    }

    /// The kind of document, by Content-Type and by the document's own word, which must agree.
    fn kind_of(&self, response: &HttpResponse) -> Result<DocumentKind, Problem> {
        let invalid = |detail: String| self.problem(ProblemKind::ManifestInvalid, detail);
        let head: Head = parse_json(&response.body).map_err(|error| invalid(error.to_string()))?;
        let content_type = response.header("content-type").unwrap_or_default();
        let outer = document_kind(content_type);
        let own = head.media_type.as_deref().map(document_kind);
        if outer == DocumentKind::Schema1 || own == Some(DocumentKind::Schema1) || head.schema_version == Some(1) {
            return Err(self.schema1());
        }
        // Two readers could take such a document for two different things (CVE-2021-41190).
        if head.manifests.is_some() && (head.layers.is_some() || head.config.is_some()) {
            return Err(invalid("it lists manifests, as an index does, and layers, as a manifest does".to_owned()));
        }
        let stated = content_type.split(';').next().unwrap_or_default().trim();
        if outer != DocumentKind::Other
            && let Some(own) = head.media_type.as_deref()
            && own != stated
        {
            return Err(invalid(format!("the answer is called {stated}, the document calls itself {own}")));
        }
        Ok(match (outer, own) {
            (DocumentKind::Other, Some(own)) if own != DocumentKind::Other => own,
            (DocumentKind::Other, _) if head.manifests.is_some() => DocumentKind::Index,
            (DocumentKind::Other, _) => DocumentKind::Manifest,
            (outer, _) => outer,
        })
    }

    fn schema1(&self) -> Problem {
        let detail = "it is a Docker schema 1 manifest, whose digest does not cover its bytes";
        self.problem(ProblemKind::Schema1Unsupported, detail)
    }

    pub(super) fn take_index(&mut self, body: &[u8], digest: Digest) -> Result<(), Problem> {
        let index: Index = parse_json(body)
            .map_err(|error| self.problem(ProblemKind::ManifestInvalid, format!("{digest}: {error}")))?;
        if self.above.contains(&digest) || self.above.len() >= limits::INDEX_DEPTH {
            let detail = format!("{digest}: indexes name indexes more than {} deep", limits::INDEX_DEPTH);
            return Err(self.problem(ProblemKind::LimitExceeded, detail));
        }
        if index.manifests.len() > limits::INDEX_CHILDREN {
            let detail =
                format!("the index names {} manifests, {} are read", index.manifests.len(), limits::INDEX_CHILDREN);
            return Err(self.problem(ProblemKind::LimitExceeded, detail));
        }
        self.index.get_or_insert_with(|| digest.clone());
        self.above.push(digest);
        let (attestations, mut children): (Vec<_>, Vec<_>) = index.manifests.into_iter().partition(is_attestation);
        self.attestations.extend(attestations);
        children.sort_by_key(rank);
        self.platforms = children
            .iter()
            .map(|child| PlatformChoice {
                platform: child.platform.clone(),
                digest: child.digest.clone(),
                size: child.size,
            })
            .collect();
        self.children = children;
        self.stage = Stage::Choosing;
        match self.default_choice()? {
            Some(choice) => self.choose(choice),
            None => Ok(()),
        }
    }

    pub(super) fn take_config(
        &mut self,
        response: &HttpResponse,
        manifest: &Manifest,
        digest: &Digest,
        platform: Option<Platform>,
    ) -> Result<(), Problem> {
        let (expected, size) = (manifest.config.digest.clone(), manifest.config.size);
        self.check(CheckKind::Config, Some(expected.clone()), Some(size), &response.body)?;
        let config: Config = parse_json(&response.body)
            .map_err(|error| self.problem(ProblemKind::ConfigInvalid, format!("{expected}: {error}")))?;
        if platform.is_none()
            && let (Some(wanted), Some(own)) = (&self.wanted, config.platform())
            && !own.answers(wanted)
        {
            let detail = format!("there is no image for {wanted}; the only one is for {own}");
            return Err(self.problem(ProblemKind::PlatformAbsent, detail));
        }
        // A digest of an unknown algorithm names its document, but proves nothing of it.
        let unproven = |check: &Check| check.state == CheckState::Unchecked && !check.expected.is_empty();
        let layers = layers_of(&manifest.layers, &config, |_| Place::Blob)?;
        let document = Document::new(CheckKind::Config, Some(expected.clone()), &response.body);
        let of_this = |d: &&Descriptor| d.annotations.get("vnd.docker.reference.digest") == Some(&digest.to_string());
        self.opened = Some(OpenedImage {
            names: vec![self.without_digest()],
            anchor: self.anchor(),
            index_digest: self.index.clone(),
            manifest_digest: Some(digest.clone()),
            image_id: Some(expected),
            platform: config.platform().or(platform),
            checks: self.checks.clone(),
            absent: false,
            unverifiable: self.checks.iter().any(unproven),
            config: Some(config),
            layers,
            warnings: Vec::new(),
            attestations: self.attestations.iter().filter(of_this).map(|d| d.digest.clone()).collect(),
            documents: self.documents.iter().cloned().chain([document]).collect(),
            layer_members: Vec::new(),
        });
        self.stage = Stage::Ready;
        Ok(())
    }
}

pub(super) fn header_digest(response: &HttpResponse) -> Option<Digest> {
    // One that cannot be checked would be believed instead.
    Digest::parse(response.header("docker-content-digest")?.trim()).ok().filter(|digest| digest.hasher().is_some())
}

/// What a document says of itself, before it is read as what it is.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    media_type: Option<String>,
    schema_version: Option<u32>,
    manifests: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
}

/// The kind of a document by what is said around it: its Content-Type, else the descriptor that names it.
fn labelled(response: &HttpResponse, named: Option<&Descriptor>) -> DocumentKind {
    match document_kind(response.header("content-type").unwrap_or_default()) {
        DocumentKind::Other => named.map_or(DocumentKind::Other, |descriptor| document_kind(&descriptor.media_type)),
        kind => kind,
    }
}

fn check_kind(kind: DocumentKind) -> CheckKind {
    if kind == DocumentKind::Index { CheckKind::Index } else { CheckKind::Manifest }
}

/// The type of an artifact that is no image.
fn artifact(manifest: &Manifest) -> Option<String> {
    if let Some(kind) = manifest.artifact_type.as_ref().filter(|kind| !kind.is_empty()) {
        return Some(kind.clone());
    }
    let config = manifest.config.media_type.as_str();
    let is_image = matches!(
        config,
        "" | "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
    );
    if !is_image {
        return Some(config.to_owned());
    }
    // Signatures and attestations borrow the config's type of an image; what they hold are documents.
    let is_document = |layer: &&Descriptor| layer.media_type.ends_with("json") || layer.media_type.starts_with("text/");
    let documents = manifest.layers.iter().filter(is_document).count();
    let first = manifest.layers.first().filter(|_| documents == manifest.layers.len());
    first.map(|layer| layer.media_type.clone())
}
