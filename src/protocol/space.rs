//! Where the bytes are: the treemap of a folder, the largest, and what is waste.

use serde::{Deserialize, Serialize};

use super::{Change, EntryType};

/// Which treemap to draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapSpec {
    /// The folder, a path as in `--files`; empty: the root.
    pub folder: String,
    /// The tree as of this layer, inclusive; none: the final image.
    pub upto: Option<u32>,
    /// Changes are those since before this layer; none: nothing counts as changed.
    pub since: Option<u32>,
    /// Width of the drawing, in CSS pixels.
    pub width: u32,
    /// Height of the drawing, in CSS pixels.
    pub height: u32,
}

/// A treemap: the folder's content, laid out. Areas are in proportion to bytes among siblings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpaceMap {
    /// What was asked for; its folder is the root where there is no such folder.
    pub spec: MapSpec,
    /// Bytes of the folder, hard-linked content once.
    pub bytes: u64,
    /// Its cells; those inside another come after it.
    pub cells: Vec<Cell>,
}

/// One cell of a treemap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The path; none for the cell that stands for what is too small to be seen alone.
    pub path: Option<String>,
    /// Name, safe to show.
    pub name: String,
    /// Type.
    pub kind: EntryType,
    /// Bytes, as the tree shows them.
    pub bytes: u64,
    /// Entries: those below a folder, 1 for a file, those that an "other" cell stands for.
    pub entries: u64,
    /// 0 for what is in the folder itself, 1 for what is in a folder in it.
    pub depth: u8,
    /// Left, top, width, height in pixels.
    pub place: [f32; 4],
    /// The layer that most of its bytes are from.
    pub layer: u32,
    /// What the marked layers did to most of its bytes.
    pub change: Change,
}

/// What to tell of an image's space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceSpec {
    /// Layers `0..base` are the base image: what they waste is left out.
    pub base: u32,
    /// The largest as of this layer, inclusive; none: the final image. Waste is always of the final image.
    pub upto: Option<u32>,
}

/// Where the bytes are, and which could be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpaceReport {
    /// What was asked for.
    pub spec: SpaceSpec,
    /// The largest files, hard-linked content once.
    pub files: Vec<Large>,
    /// The largest folders.
    pub folders: Vec<Large>,
    /// Waste.
    pub waste: Waste,
    /// The same image by dive's definition, over all layers.
    pub dive: DiveScore,
}

/// A large file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Large {
    /// Path as in `--files`.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// The layer that brought the content; none for a folder.
    pub layer: Option<u32>,
}

/// Bytes of files that layers ship and the final image does not need. Each byte is counted once, under one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waste {
    /// Bytes of all files that the layers above the base image ship.
    pub shipped: u64,
    /// Bytes of these that are waste.
    pub wasted: u64,
    /// Each kind that there is, in the order of [`WasteKind::ALL`].
    pub kinds: Vec<WasteOfKind>,
    /// Each layer that ships waste, base first.
    pub layers: Vec<WasteOfLayer>,
}

impl Waste {
    /// The part of what is shipped that is needed; 1 when nothing is shipped.
    #[expect(clippy::cast_precision_loss, reason = "a score of a few digits")]
    pub fn efficiency(&self) -> f64 {
        if self.shipped == 0 { 1.0 } else { 1.0 - self.wasted as f64 / self.shipped as f64 }
    }
}

/// Why bytes are waste. A byte that is so for several reasons counts under the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WasteKind {
    /// A later layer (or a later entry of the same one) puts something else at the path.
    Overwritten,
    /// A later layer deletes the path.
    Deleted,
    /// The layer ships a file again though only mode, owner, time or xattrs changed.
    MetadataOnly,
    /// The layer ships a file again though nothing changed.
    Repeated,
    /// Caches, indexes and logs that no program needs: see `space::LEFTOVERS`.
    Leftover,
    /// The same content as another file of the final image.
    Duplicate,
}

impl WasteKind {
    /// All, in order.
    pub const ALL: [Self; 6] =
        [Self::Overwritten, Self::Deleted, Self::MetadataOnly, Self::Repeated, Self::Leftover, Self::Duplicate];

    /// The name in hooks and tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overwritten => "overwritten",
            Self::Deleted => "deleted",
            Self::MetadataOnly => "metadata-only",
            Self::Repeated => "repeated",
            Self::Leftover => "leftover",
            Self::Duplicate => "duplicate",
        }
    }
}

/// Waste of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WasteOfKind {
    /// The kind.
    pub kind: WasteKind,
    /// Bytes.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// The largest of them, at most `limits::WASTE_PATHS`.
    pub paths: Vec<WastedFile>,
}

/// One file that is waste.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WastedFile {
    /// Path as in `--files`.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// The layer that ships it.
    pub layer: u32,
    /// The layer that overwrites or deletes it, or that shipped the same before.
    pub other: Option<u32>,
    /// What it is the leftover of, or the path that has the same content.
    pub note: Option<String>,
}

/// Waste that one layer ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WasteOfLayer {
    /// The layer.
    pub layer: u32,
    /// Bytes of the files that it ships.
    pub shipped: u64,
    /// Bytes of these that are waste.
    pub wasted: u64,
    /// What to change in the Dockerfile, what saves most first.
    pub advice: Vec<Advice>,
}

/// What to change in the Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// The kind of waste that it ends.
    pub kind: WasteKind,
    /// Bytes that it saves.
    pub bytes: u64,
    /// One sentence.
    pub text: String,
}

/// Efficiency as dive computes it: over all paths, the sum of the smallest size that a path ever had, by the sum of
/// all sizes that it had. A deletion is a size too: 0 for a file, for a folder what was in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiveScore {
    /// From 0 to 1; 1 when there are no bytes.
    pub efficiency: f64,
    /// All sizes of each path that several layers have, summed up: the copy that is needed is counted too.
    pub inefficient: u64,
}
