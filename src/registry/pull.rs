//! The state machine.

use super::{
    answer::{refused, unreachable},
    challenge::{Challenge, token_of},
    via::{HttpRequest, HttpResponse, Method, Transport, Via},
};
use crate::{
    assemble::layers_of,
    image::{
        Config, Descriptor, Digest, DocumentKind, Index, Manifest, Platform, Reference, display_name, document_kind,
        is_attestation, parse_json,
    },
    limits,
    opened::{Document, OpenedImage, Place},
    problem::{Problem, ProblemKind},
    protocol::{BlobRequest, PlatformChoice},
    verify::{Anchor, AnchorKind, Check, CheckKind, CheckState, check_bytes},
};

const TOKEN_BYTES: u64 = 1 << 20;

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
    token: Option<String>,
    /// A token was asked for since the last success: a second refusal is final.
    challenged: bool,
    stage: Stage,
    checks: Vec<Check>,
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
    /// A manifest or index: by tag (no descriptor) or as a descriptor names it.
    Document(Option<Descriptor>),
    /// A token, then the stage that asked for it.
    Token(Challenge, Box<Stage>),
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
            token: None,
            challenged: false,
            stage: Stage::Document(None),
            checks: Vec::new(),
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

    /// What is needed next. The same until it is provided.
    pub fn poll(&self) -> Step {
        let get = |url, headers, max_bytes| Step::Fetch(HttpRequest { method: Method::Get, url, headers, max_bytes });
        let metadata = limits::METADATA_BYTES as u64;
        match &self.stage {
            Stage::Document(descriptor) => {
                let which = descriptor.as_ref().map(|d| d.digest.to_string()).unwrap_or_else(|| self.named());
                get(
                    self.via.manifest(&self.reference, &which),
                    self.via.manifest_headers(self.token.as_deref()),
                    metadata,
                )
            }
            Stage::Config(manifest, ..) => {
                let url = self.via.blob(&self.reference, &manifest.config.digest);
                get(url, self.via.blob_headers(self.token.as_deref()), metadata)
            }
            Stage::Token(challenge, _) => {
                let scope = format!("repository:{}:pull", self.reference.path());
                get(challenge.url(&scope), Vec::new(), TOKEN_BYTES)
            }
            Stage::Choosing => Step::ChoosePlatform(self.platforms.clone()),
            Stage::Ready => Step::Ready,
        }
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
        if let Stage::Token(_, then) = &self.stage {
            let then = (**then).clone();
            return self.take_token(&response, then);
        }
        if response.status == 401
            && !self.challenged
            && let Some(challenge) = self.challenge(&response)?
        {
            self.challenged = true;
            self.stage = Stage::Token(challenge, Box::new(self.stage.clone()));
            return Ok(());
        }
        if response.status != 200 {
            return Err(refused(&self.via, &self.reference, &response));
        }
        // A token may run out while a platform is chosen: the next refusal is met again.
        self.challenged = false;
        if response.truncated {
            let detail =
                format!("the answer is longer than the {} bytes that metadata may have", limits::METADATA_BYTES);
            return Err(self.problem(ProblemKind::LimitExceeded, detail));
        }
        match self.stage.clone() {
            Stage::Document(descriptor) => self.take_document(&response, descriptor.as_ref()),
            Stage::Config(manifest, digest, platform) => self.take_config(&response, &manifest, &digest, platform),
            Stage::Token(..) | Stage::Choosing | Stage::Ready => Ok(()),
        }
    }

    fn problem(&self, kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem::new(kind, self.reference.familiar(), detail)
    }

    /// The challenge of a refusal, if it can be met. A realm over plain http is met for plain-http registries
    /// only, and on their own host.
    fn challenge(&self, response: &HttpResponse) -> Result<Option<Challenge>, Problem> {
        let Via::Direct { plain_http } = self.via else { return Ok(None) };
        let Some(challenge) = response.header("www-authenticate").and_then(Challenge::parse) else { return Ok(None) };
        if challenge.realm.starts_with("https://") || (plain_http && challenge.is_plain_on(self.reference.domain())) {
            return Ok(Some(challenge));
        }
        let detail =
            format!("it sends for a token to {}, which is not https", display_name(challenge.realm.as_bytes()));
        Err(self.problem(ProblemKind::AccessDenied, detail))
    }

    fn take_token(&mut self, response: &HttpResponse, then: Stage) -> Result<(), Problem> {
        if response.status != 200 {
            return Err(refused(&self.via, &self.reference, response));
        }
        let missing = || self.problem(ProblemKind::RegistryError, "the token server's answer holds no token");
        self.token = Some(token_of(&response.body).ok_or_else(missing)?);
        self.stage = then;
        Ok(())
    }

    /// Hashes a document against what names it; an error says what was expected.
    fn check(
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

    fn take_document(&mut self, response: &HttpResponse, named: Option<&Descriptor>) -> Result<(), Problem> {
        // Told from the labels around it: not a byte of the document itself is read before it is checked.
        let label = labelled(response, named);
        if label == DocumentKind::Schema1 {
            return Err(self.schema1());
        }
        let (expected, size) = match named {
            Some(descriptor) => (Some(descriptor.digest.clone()), Some(descriptor.size)),
            // By tag nothing states the digest but the registry's own header: it is held to its word, not believed.
            None => (self.reference.digest().cloned().or_else(|| header_digest(response)), None),
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

    fn take_index(&mut self, body: &[u8], digest: Digest) -> Result<(), Problem> {
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

    /// The platform that was asked for, or linux/amd64, or the only one.
    fn default_choice(&self) -> Result<Option<usize>, Problem> {
        let found = |wanted: &Platform| {
            self.children.iter().position(|child| child.platform.as_ref().is_some_and(|p| p.answers(wanted)))
        };
        if self.children.is_empty() {
            return Err(self.problem(ProblemKind::PlatformAbsent, "the index names no image"));
        }
        if let Some(wanted) = &self.wanted {
            return found(wanted).or_else(|| self.only_index()).ok_or_else(|| self.absent(wanted)).map(Some);
        }
        let usual = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
        Ok(found(&usual).or((self.children.len() == 1).then_some(0)))
    }

    /// An index that holds nothing but another index: the platforms are in there.
    fn only_index(&self) -> Option<usize> {
        let [child] = self.children.as_slice() else { return None };
        (child.platform.is_none() && document_kind(&child.media_type) == DocumentKind::Index).then_some(0)
    }

    fn absent(&self, wanted: &Platform) -> Problem {
        let known = |child: &Descriptor| child.platform.as_ref().map(Platform::to_string);
        let names: Vec<String> = self.children.iter().filter_map(known).collect();
        let there = if names.is_empty() { "none states its platform".to_owned() } else { names.join(", ") };
        self.problem(ProblemKind::PlatformAbsent, format!("there is no image for {wanted}; there are: {there}"))
    }

    /// Takes the platform of that index in [`Pull::platforms`].
    pub fn choose(&mut self, index: usize) -> Result<(), Problem> {
        let Some(child) = self.children.get(index).cloned() else {
            return Err(self.problem(ProblemKind::PlatformAbsent, format!("there is no platform number {index}")));
        };
        self.chosen = Some(index);
        self.stage = Stage::Document(Some(child));
        Ok(())
    }

    fn take_config(
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

    /// How to fetch a blob of this image.
    pub fn blob_request(&self, digest: &Digest) -> BlobRequest {
        let url = self.via.blob(&self.reference, digest);
        BlobRequest { url, headers: self.via.blob_headers(self.token.as_deref()) }
    }
}

/// linux/amd64 first, then Linux, then by name.
fn rank(child: &Descriptor) -> (bool, bool, String) {
    let name = child.platform.as_ref().map(Platform::to_string).unwrap_or_default();
    (name != "linux/amd64", !name.starts_with("linux/"), name)
}

fn header_digest(response: &HttpResponse) -> Option<Digest> {
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
    (!is_image).then(|| config.to_owned())
}
