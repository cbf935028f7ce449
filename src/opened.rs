//! An opened image: everything known of it before its layers are read. Archives and registries both end here.
//!
//! Depends on [`crate::image`], [`crate::verify`] and [`crate::problem`].

use serde::{Deserialize, Serialize};

use crate::{
    image::{Config, Digest, Platform, TocRef},
    verify::{Anchor, AnchorKind, Check, CheckKind},
};

/// What an image was opened from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A file by `docker save`, `podman save` or skopeo.
    DockerArchive,
    /// An OCI layout in a tar.
    OciArchive,
    /// An OCI layout as a folder.
    OciLayout,
    /// `docker save` before manifest.json.
    DockerLegacy,
    /// A root file system, as `docker export` writes it.
    Rootfs,
    /// A registry.
    Registry,
}

/// One image, its metadata checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenedImage {
    /// Names that the source gives it, familiar form.
    pub names: Vec<String>,
    /// What the verdict will rest on.
    pub anchor: Anchor,
    /// Digest of the index that it was chosen from.
    pub index_digest: Option<Digest>,
    /// Digest of its manifest, as named.
    pub manifest_digest: Option<Digest>,
    /// Digest of its config's bytes: the image ID.
    pub image_id: Option<Digest>,
    /// Platform, from the config, else from the index.
    pub platform: Option<Platform>,
    /// Checks so far, in pull order: index, manifest, config.
    pub checks: Vec<Check>,
    /// Manifest or config are missing or unreadable: the verdict can be no better than absent.
    pub absent: bool,
    /// The shape of the source names no content by digest (v1 legacy, root file systems).
    pub unverifiable: bool,
    /// The config; none when it is absent.
    pub config: Option<Config>,
    /// Layers, base first.
    pub layers: Vec<LayerSpec>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
    /// Attestations of the index that go with it.
    pub attestations: Vec<Digest>,
    /// The documents that it was read from, in pull order; none that mismatched.
    pub documents: Vec<Document>,
    /// For each layer, the archive's member (or the folder's file) that holds it, as named there. None where that name
    /// is no text or not the only one; empty for a registry.
    pub layer_members: Vec<Option<String>>,
}

/// A document as it came, after its check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Index, manifest or config.
    pub what: CheckKind,
    /// The digest that names it, else that of its bytes.
    pub digest: Option<Digest>,
    /// The archive's member that holds it, as [`OpenedImage::layer_members`].
    pub member: Option<String>,
    /// Its text. What of its bytes is no UTF-8 is replaced, which no such document holds.
    pub text: String,
}

impl Document {
    /// A document by its bytes.
    pub fn new(what: CheckKind, digest: Option<Digest>, bytes: &[u8]) -> Self {
        Self { what, digest, member: None, text: String::from_utf8_lossy(bytes).into_owned() }
    }
}

impl OpenedImage {
    /// An image of a file of which nothing is known but its names.
    pub(crate) fn unknown(names: Vec<String>) -> Self {
        Self {
            names,
            anchor: Anchor { kind: AnchorKind::None, value: String::new() },
            index_digest: None,
            manifest_digest: None,
            image_id: None,
            platform: None,
            checks: Vec::new(),
            absent: true,
            unverifiable: false,
            config: None,
            layers: Vec::new(),
            warnings: Vec::new(),
            attestations: Vec::new(),
            documents: Vec::new(),
            layer_members: Vec::new(),
        }
    }
}

/// A layer before it is read: what is stated of it and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSpec {
    /// Digest of the blob as transported, where one names it.
    pub digest: Option<Digest>,
    /// Size of the blob as a descriptor states it.
    pub size: Option<u64>,
    /// Digest of the uncompressed tar, from the config.
    pub diff_id: Option<Digest>,
    /// Identity upon the layers below.
    pub chain_id: Option<Digest>,
    /// Media type as stated.
    pub media_type: Option<String>,
    /// The instruction that made it.
    pub created_by: Option<String>,
    /// Name for messages: the archive member or the digest.
    pub subject: String,
    /// Where its bytes are.
    pub place: Place,
    /// What its descriptor says of its table of contents.
    pub toc: Option<TocRef>,
}

impl LayerSpec {
    /// A layer of which nothing is stated but where its bytes are.
    pub fn bare(subject: impl Into<String>, place: Place) -> Self {
        Self {
            digest: None,
            size: None,
            diff_id: None,
            chain_id: None,
            media_type: None,
            created_by: None,
            subject: subject.into(),
            place,
            toc: None,
        }
    }
}

/// Where a layer's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// A range of a file of the source: file 0 for an archive, the n-th file of a dropped folder.
    File {
        /// Which file of the source.
        file: u32,
        /// First byte.
        offset: u64,
        /// Bytes.
        length: u64,
    },
    /// A blob of the registry, under the layer's digest.
    Blob,
    /// Not here.
    Missing {
        /// Why, for people.
        why: String,
    },
    /// Here, but not to be read: encrypted, foreign, or no tar.
    Unreadable {
        /// Why, for people.
        why: String,
    },
}

/// Something odd that harms nothing that was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Kebab-case name of the kind.
    pub kind: String,
    /// Layer index, where it is about one.
    pub layer: Option<u32>,
    /// Path as in `--files`, where it is about one.
    pub path: Option<String>,
    /// The text for people.
    pub text: String,
}

impl Warning {
    /// A warning about the image as a whole.
    pub fn image(kind: &str, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), layer: None, path: None, text: text.into() }
    }
}
