//! What was verified, as JSON: the same from the page and the command line. No times in it.

use serde::{Deserialize, Serialize};

use crate::{
    image::Digest,
    opened::{SourceKind, Warning},
    problem::Problem,
    session::ImageState,
    tree::Tree,
    verify::{Anchor, Check, Verdict},
};

/// The receipt of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of Lagvis.
    pub lagvis: String,
    /// What was opened.
    pub source: Source,
    /// The images that were read.
    pub images: Vec<ImageReceipt>,
    /// What went wrong.
    pub problems: Vec<ProblemReceipt>,
}

/// What was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its kind.
    pub kind: SourceKind,
    /// Base name of a file or folder, or the reference.
    pub name: String,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageReceipt {
    /// Names that the source gives it.
    pub names: Vec<String>,
    /// What the verdict rests on.
    pub anchor: Anchor,
    /// Digest of the index.
    pub index_digest: Option<Digest>,
    /// Digest of the manifest.
    pub manifest_digest: Option<Digest>,
    /// Image ID.
    pub image_id: Option<Digest>,
    /// `os/architecture[/variant]`.
    pub platform: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Every check, in pull order.
    pub checks: Vec<Check>,
    /// Layers, base first.
    pub layers: Vec<LayerReceipt>,
    /// Oddities.
    pub warnings: Vec<Warning>,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerReceipt {
    /// Digest of the blob as transported.
    pub digest: Option<Digest>,
    /// Digest of the uncompressed tar.
    pub diff_id: Option<Digest>,
    /// Identity upon the layers below.
    pub chain_id: Option<Digest>,
    /// Media type as stated.
    pub media_type: Option<String>,
    /// none, gzip or zstd, as told from the bytes.
    pub compression: Option<String>,
    /// Bytes of the blob.
    pub size: Option<u64>,
    /// Bytes of the tar.
    pub uncompressed_size: Option<u64>,
    /// Tar members, whiteouts included.
    pub entries: Option<u64>,
    /// The instruction that made it.
    pub created_by: Option<String>,
}

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemReceipt {
    /// Its kind.
    pub kind: String,
    /// Where.
    #[serde(rename = "where")]
    pub place: String,
    /// What exactly.
    pub text: String,
}

impl From<&Problem> for ProblemReceipt {
    fn from(problem: &Problem) -> Self {
        Self { kind: problem.kind.name().to_owned(), place: problem.place.clone(), text: problem.detail.clone() }
    }
}

impl Receipt {
    /// A receipt with no image yet.
    pub fn new(kind: SourceKind, name: impl Into<String>) -> Self {
        Self {
            lagvis: env!("CARGO_PKG_VERSION").to_owned(),
            source: Source { kind, name: name.into() },
            images: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Adds an image with its problems. Without a tree the merge's warnings are left out.
    pub fn add(&mut self, state: &ImageState, tree: Option<&Tree>) {
        let image = state.image();
        let layers = image.layers.iter().zip(state.layers());
        self.images.push(ImageReceipt {
            names: image.names.clone(),
            anchor: image.anchor.clone(),
            index_digest: image.index_digest.clone(),
            manifest_digest: image.manifest_digest.clone(),
            image_id: image.image_id.clone(),
            platform: image.platform.as_ref().map(ToString::to_string),
            verdict: state.verdict(),
            checks: state.checks(),
            layers: layers
                .map(|(spec, result)| {
                    let facts = result.facts.as_ref();
                    let unpacked = facts.filter(|facts| !facts.compression.is_empty());
                    LayerReceipt {
                        digest: spec.digest.clone(),
                        diff_id: spec.diff_id.clone(),
                        chain_id: spec.chain_id.clone(),
                        media_type: spec.media_type.clone(),
                        compression: unpacked.map(|facts| facts.compression.clone()),
                        size: facts.map(|facts| facts.size).or(spec.size),
                        uncompressed_size: unpacked.map(|facts| facts.uncompressed_size),
                        entries: unpacked.map(|facts| facts.entries),
                        created_by: spec.created_by.clone(),
                    }
                })
                .collect(),
            warnings: state.warnings(tree),
        });
        self.problems.extend(state.problems().iter().map(ProblemReceipt::from));
    }

    /// The JSON, indented, with a newline at its end.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).map(|json| json + "\n").unwrap_or_default()
    }
}
