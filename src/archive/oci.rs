//! An OCI image layout (image-spec image-layout.md): index.json → index → manifest → config, each a blob under
//! `blobs/<algorithm>/<encoded>`.

use super::{
    documents::{Documents, Stop},
    members::Members,
};
use crate::{
    assemble::layers_of,
    image::{Config, Descriptor, Digest, DocumentKind, Index, Manifest, document_kind, is_attestation, parse_json},
    limits,
    opened::{Document, OpenedImage, Place, Warning},
    problem::{Problem, ProblemKind},
    verify::{Check, CheckKind, CheckState, check_bytes},
};

/// Annotations that name an image, the fullest first.
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/// The images that index.json lists, depth first. Empty when there is no index.json. What is wrong with one of them
/// goes to `problems`, and the image counts as absent.
pub(super) fn images(
    members: &Members,
    documents: &Documents,
    problems: &mut Vec<Problem>,
) -> Result<Vec<OpenedImage>, Stop> {
    let Some(bytes) = documents.get(members, "index.json", limits::METADATA_BYTES)? else { return Ok(Vec::new()) };
    let index: Index =
        parse_json(bytes).map_err(|e| Problem::new(ProblemKind::ArchiveInvalid, "index.json", e.to_string()))?;
    let mut walk = Walk { members, documents, images: Vec::new(), problems: Vec::new() };
    for child in index.manifests.iter().take(limits::INDEX_CHILDREN) {
        let chain =
            Chain { names: names(child), index_digest: None, checks: Vec::new(), documents: Vec::new(), depth: 0 };
        walk.descend(child, &chain)?;
    }
    problems.append(&mut walk.problems);
    Ok(walk.images)
}

/// The member that holds a blob.
pub(super) fn blob_path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm_name(), digest.encoded())
}

/// Where a layer's blob is.
pub(super) fn blob_place(members: &Members, digest: &Digest) -> Place {
    let path = blob_path(digest);
    match members.find(&path) {
        Some(member) if member.truncated => Place::Missing { why: format!("the archive ends inside {path}") },
        Some(member) => Place::File { file: member.file, offset: member.offset, length: member.length },
        None => Place::Missing { why: format!("the archive does not hold {path}") },
    }
}

fn names(descriptor: &Descriptor) -> Vec<String> {
    NAMES.iter().find_map(|key| descriptor.annotations.get(*key)).cloned().into_iter().collect()
}

/// The check of a blob, and its bytes if they match.
type Read<'a> = (Check, Option<&'a [u8]>);

struct Walk<'a> {
    members: &'a Members,
    documents: &'a Documents,
    images: Vec<OpenedImage>,
    problems: Vec<Problem>,
}

/// What lies above a descriptor.
#[derive(Clone)]
struct Chain {
    names: Vec<String>,
    index_digest: Option<Digest>,
    checks: Vec<Check>,
    documents: Vec<Document>,
    depth: usize,
}

impl Walk<'_> {
    fn descend(&mut self, child: &Descriptor, above: &Chain) -> Result<(), Stop> {
        if self.images.len() >= limits::INDEX_CHILDREN {
            return Ok(());
        }
        match self.document(child, above) {
            Err(Stop::Problem(problem)) => {
                self.problems.push(problem);
                self.images.push(absent(child, above.clone()));
                Ok(())
            }
            done => done,
        }
    }

    fn document(&mut self, child: &Descriptor, above: &Chain) -> Result<(), Stop> {
        match document_kind(&child.media_type) {
            DocumentKind::Index => self.index(child, above),
            DocumentKind::Manifest => self.manifest(child, above),
            DocumentKind::Schema1 => Err(Problem::new(
                ProblemKind::Schema1Unsupported,
                child.digest.to_string(),
                "it is a Docker schema 1 manifest, whose digest does not cover its bytes",
            )
            .into()),
            // Without a media type the document itself tells: an index has manifests.
            DocumentKind::Other => match self.read(CheckKind::Manifest, child)? {
                Some((check, Some(bytes))) if check.state == CheckState::Verified => {
                    let is_index = parse_json::<Index>(bytes).is_ok_and(|index| !index.manifests.is_empty());
                    if is_index { self.index(child, above) } else { self.manifest(child, above) }
                }
                _ => self.manifest(child, above),
            },
        }
    }

    /// A blob's bytes with the check of them. Bytes that do not match are not given.
    fn read(&self, what: CheckKind, descriptor: &Descriptor) -> Result<Option<Read<'_>>, Stop> {
        let path = blob_path(&descriptor.digest);
        let Some(bytes) = self.documents.get(self.members, &path, limits::METADATA_BYTES)? else { return Ok(None) };
        let digest = &descriptor.digest;
        let (check, _) = check_bytes(what, digest.to_string(), Some(digest.clone()), Some(descriptor.size), bytes);
        let usable = check.state != CheckState::Mismatched;
        Ok(Some((check, usable.then_some(bytes))))
    }

    fn document_of(&self, what: CheckKind, descriptor: &Descriptor, bytes: &[u8]) -> Document {
        self.members.document(what, Some(descriptor.digest.clone()), &blob_path(&descriptor.digest), bytes)
    }

    fn index(&mut self, child: &Descriptor, above: &Chain) -> Result<(), Stop> {
        let mut chain = above.clone();
        chain.depth += 1;
        chain.index_digest.get_or_insert_with(|| child.digest.clone());
        if chain.depth > limits::INDEX_DEPTH {
            let detail = format!("indexes are nested more than {} deep", limits::INDEX_DEPTH);
            return Err(Problem::new(ProblemKind::LimitExceeded, child.digest.to_string(), detail).into());
        }
        let Some((check, bytes)) = self.read(CheckKind::Index, child)? else {
            let mut image = absent(child, chain);
            image.warnings.push(Warning::image("index-absent", "its index is not in the archive"));
            self.images.push(image);
            return Ok(());
        };
        chain.checks.push(check);
        chain.documents.extend(bytes.map(|bytes| self.document_of(CheckKind::Index, child, bytes)));
        let Some(index) = bytes.and_then(|bytes| parse_json::<Index>(bytes).ok()) else {
            self.images.push(absent(child, chain));
            return Ok(());
        };
        let (attestations, images): (Vec<_>, Vec<_>) = index.manifests.into_iter().partition(is_attestation);
        for image in images.iter().take(limits::INDEX_CHILDREN) {
            let first = self.images.len();
            self.descend(image, &chain)?;
            let own = attestations.iter().filter(|a| refers_to(a, &image.digest)).map(|a| a.digest.clone());
            if let Some(opened) = self.images.get_mut(first) {
                opened.attestations.extend(own);
            }
        }
        Ok(())
    }

    fn manifest(&mut self, child: &Descriptor, above: &Chain) -> Result<(), Stop> {
        let mut image = absent(child, above.clone());
        let Some((check, bytes)) = self.read(CheckKind::Manifest, child)? else {
            image.warnings.push(Warning::image("manifest-absent", "its manifest is not in the archive"));
            self.images.push(image);
            return Ok(());
        };
        image.checks.push(check);
        let Some(bytes) = bytes else {
            self.images.push(image);
            return Ok(());
        };
        image.documents.push(self.document_of(CheckKind::Manifest, child, bytes));
        let manifest: Manifest = match parse_json(bytes) {
            Ok(manifest) => manifest,
            Err(error) => {
                let place = child.digest.to_string();
                self.problems.push(Problem::new(ProblemKind::ManifestInvalid, place, error.to_string()));
                self.images.push(image);
                return Ok(());
            }
        };
        if is_artifact(&manifest) {
            return Ok(());
        }
        image.image_id = Some(manifest.config.digest.clone());
        image.anchor.value = manifest.config.digest.to_string();
        if let Some((check, bytes)) = self.read(CheckKind::Config, &manifest.config)? {
            image.checks.push(check);
            image.documents.extend(bytes.map(|bytes| self.document_of(CheckKind::Config, &manifest.config, bytes)));
            if let Some(config) = bytes.and_then(|bytes| parse_json::<Config>(bytes).ok()) {
                let members = self.members;
                match layers_of(&manifest.layers, &config, |layer| blob_place(members, &layer.digest)) {
                    Ok(layers) => (image.layers, image.absent) = (layers, false),
                    Err(problem) => self.problems.push(Problem { place: child.digest.to_string(), ..problem }),
                }
                image.platform = config.platform().or(image.platform);
                image.config = Some(config);
            }
        } else {
            image.warnings.push(Warning::image("config-absent", "its config is not in the archive"));
        }
        self.images.push(image);
        Ok(())
    }
}

fn is_artifact(manifest: &Manifest) -> bool {
    let config = manifest.config.media_type.as_str();
    manifest.artifact_type.is_some()
        || !(config.is_empty()
            || config == "application/vnd.oci.image.config.v1+json"
            || config == "application/vnd.docker.container.image.v1+json")
}

fn refers_to(attestation: &Descriptor, image: &Digest) -> bool {
    attestation.annotations.get("vnd.docker.reference.digest").is_some_and(|of| *of == image.to_string())
}

/// An image of which nothing is known but its descriptor, until its documents are read.
fn absent(child: &Descriptor, above: Chain) -> OpenedImage {
    let is_index = document_kind(&child.media_type) == DocumentKind::Index;
    let mut image = OpenedImage::unknown(if above.names.is_empty() { names(child) } else { above.names });
    image.index_digest = above.index_digest;
    image.manifest_digest = (!is_index).then(|| child.digest.clone());
    image.platform.clone_from(&child.platform);
    image.checks = above.checks;
    image.documents = above.documents;
    image
}
