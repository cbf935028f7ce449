//! An image as the page shows it: its facts, its layers' states, its tree's sums, how it came out.

use serde::{Deserialize, Serialize};

use super::Waiting;
use crate::{
    image::{Digest, Platform, Step},
    opened::{Document, LayerSpec, SourceKind, Warning},
    problem::Problem,
    verify::{Anchor, Check, CheckState, Verdict},
};

/// What the page shows of the image, before and while layers are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageSummary {
    /// Kind of source.
    pub source: SourceKind,
    /// Base name of the file, or the reference.
    pub source_name: String,
    /// Names of the image.
    pub names: Vec<String>,
    /// What the verdict rests on.
    pub anchor: Anchor,
    /// For a registry: the canonical reference with the digest that the tag resolved to, for links.
    pub pinned: Option<String>,
    /// Digest of the index.
    pub index_digest: Option<Digest>,
    /// Digest of the manifest.
    pub manifest_digest: Option<Digest>,
    /// Image ID.
    pub image_id: Option<Digest>,
    /// Platform.
    pub platform: Option<Platform>,
    /// RFC 3339, as the config has it.
    pub created: Option<String>,
    /// How a container of it runs.
    pub run: crate::image::ContainerConfig,
    /// Layers, base first.
    pub layers: Vec<LayerSpec>,
    /// Build steps with the layers that they made.
    pub steps: Vec<Step>,
    /// Checks of index, manifest and config.
    pub checks: Vec<Check>,
    /// Oddities.
    pub warnings: Vec<Warning>,
    /// Digests of attestations that go with it.
    pub attestations: Vec<Digest>,
    /// Who made it, as the config has it.
    pub author: Option<String>,
    /// The documents that it was read from.
    pub documents: Vec<Document>,
    /// For each layer, the archive's member that holds it.
    pub layer_members: Vec<Option<String>>,
}

/// State of a layer (the page's `data-state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerState {
    /// Not begun.
    Waiting,
    /// Its bytes come from a registry.
    Downloading,
    /// Its bytes come from a file and are hashed.
    Verifying,
    /// Blob and tar are as named.
    Verified,
    /// They are not.
    Mismatched,
    /// Not in the source.
    Absent,
    /// Foreign, encrypted, unreadable, or nothing states its digest.
    Unverifiable,
}

impl LayerState {
    /// The name in `data-state`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Downloading => "downloading",
            Self::Verifying => "verifying",
            Self::Verified => "verified",
            Self::Mismatched => "mismatched",
            Self::Absent => "absent",
            Self::Unverifiable => "unverifiable",
        }
    }

    /// Nothing more will come.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Downloading | Self::Verifying)
    }
}

/// Whether a layer that is not at its end is shown by its table of contents, which was verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ByToc {
    /// It is not, or nothing new is said of that.
    #[default]
    No,
    /// It is, and the layer will be read.
    Shown,
    /// It is, and the layer will be read when the person asks for that.
    Held,
}

impl ByToc {
    /// The name in `data-toc`.
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Shown => "shown",
            Self::Held => "held",
        }
    }
}

/// When layers are verified that a table of contents shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum VerifyWhen {
    /// In the background, at once.
    #[default]
    Background,
    /// When the person asks for it.
    OnDemand,
}

/// How far a layer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerProgress {
    /// Layer index, base 0.
    pub index: u32,
    /// Its state.
    pub state: LayerState,
    /// What is waited for before its transfer goes on.
    pub waiting: Option<Waiting>,
    /// Bytes of the blob taken.
    pub done: u64,
    /// Bytes of the blob, where known.
    pub total: Option<u64>,
    /// When it ended: what was found.
    pub facts: Option<LayerFacts>,
    /// When it ended: its checks (blob, diff_id).
    pub checks: Vec<Check>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// It was here already, verified for an image before.
    pub kept: bool,
    /// Whether its table of contents is shown.
    pub by_toc: ByToc,
    /// When it ended: what is wrong with its table of contents.
    pub toc_problem: Option<Problem>,
}

impl LayerProgress {
    /// A layer on its way, of whose blob `done` bytes were taken.
    pub fn under_way(index: u32, state: LayerState, done: u64, total: Option<u64>) -> Self {
        Self {
            index,
            state,
            waiting: None,
            done,
            total,
            facts: None,
            checks: Vec::new(),
            problem: None,
            kept: false,
            by_toc: ByToc::No,
            toc_problem: None,
        }
    }
}

/// What reading a layer told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerFacts {
    /// `none`, `gzip` or `zstd`.
    pub compression: String,
    /// Bytes of the blob.
    pub size: u64,
    /// Bytes of the tar.
    pub uncompressed_size: u64,
    /// Tar members, whiteouts included.
    pub entries: u64,
}

/// The merged tree, when built anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeInfo {
    /// Each layer is in it that ever will be.
    pub complete: bool,
    /// Paths of the final image.
    pub paths: u64,
    /// Bytes of the final image, hard-linked content once.
    pub bytes: u64,
    /// For each layer, in order.
    pub layers: Vec<LayerChanges>,
    /// `PRETTY_NAME` of the image's os-release.
    pub distribution: Option<String>,
    /// Oddities of layers and merge.
    pub warnings: Vec<Warning>,
}

/// What a layer did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerChanges {
    /// Paths added.
    pub added: u64,
    /// Paths modified.
    pub modified: u64,
    /// Paths removed.
    pub removed: u64,
    /// Of the modified paths, files that the layer ships whole though only mode, owner, time or xattrs changed.
    pub metadata_only: u64,
    /// Bytes of these.
    pub metadata_only_bytes: u64,
    /// Files that it ships again though nothing differs.
    pub repeated: u64,
    /// Bytes of these.
    pub repeated_bytes: u64,
    /// Bytes of the files that it ships, hard-linked content once: the SIZE that `docker history` prints.
    pub shipped: u64,
    /// Bytes that it contributes to the final image.
    pub contribution: u64,
}

/// How the image came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Every check, in pull order.
    pub checks: Vec<Check>,
    /// Problems that leave the rest of the image visible.
    pub problems: Vec<Problem>,
    /// Bytes hashed in all.
    pub bytes_hashed: u64,
}

impl Outcome {
    /// How many checks are verified.
    pub fn verified(&self) -> usize {
        self.checks.iter().filter(|check| check.state == CheckState::Verified).count()
    }
}
