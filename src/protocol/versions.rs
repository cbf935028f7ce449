//! Work on contents that takes a while: two versions of a file compared, a file's digest, downloads, searches, the way to
//! a place in a long text. One of a kind runs at a time; it says how far it is and can be cancelled.

use serde::{Deserialize, Serialize};

use super::{FileAt, TextParts};
use crate::problem::Problem;

/// What the page asks for. A second of a kind ends the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// What changed from one version of a file to another. Answered by [`Found::Compared`].
    Compare {
        /// The version before.
        old: FileAt,
        /// The version after.
        new: FileAt,
    },
    /// A file's SHA-256. Answered by [`Found::Hashed`].
    Hash(FileAt),
    /// A file to be saved. Answered by `FromSession::Saved`.
    Download(Download),
    /// Where the parts of a text begin, up to that of a byte. Answered by [`Found::Sought`].
    Seek {
        /// The file.
        file: FileAt,
        /// The byte.
        byte: u64,
    },
    /// Bytes looked for in contents. Answered by [`Found::Hits`] and [`Found::Searched`].
    Search(SearchSpec),
}

/// Kinds of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskKind {
    /// [`Task::Compare`]
    Compare,
    /// [`Task::Hash`]
    Hash,
    /// [`Task::Download`]
    Download,
    /// [`Task::Search`]
    Search,
    /// [`Task::Seek`]
    Seek,
}

impl TaskKind {
    /// How many there are.
    pub const COUNT: usize = 5;
}

impl Task {
    /// Its kind.
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::Compare { .. } => TaskKind::Compare,
            Self::Hash(_) => TaskKind::Hash,
            Self::Download(_) => TaskKind::Download,
            Self::Search(_) => TaskKind::Search,
            Self::Seek { .. } => TaskKind::Seek,
        }
    }
}

/// What is put into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Download {
    /// A file.
    File(FileAt),
    /// A folder as of a layer, as a tar; the root is the whole file system.
    Folder {
        /// The folder's node.
        node: u32,
        /// The layer, inclusive; none: the final image.
        upto: Option<u32>,
    },
    /// A layer's blob as it is transported.
    Blob {
        /// The layer.
        layer: u32,
    },
    /// A layer's tar.
    LayerTar {
        /// The layer.
        layer: u32,
    },
}

/// What is looked for, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchSpec {
    /// The text, or bytes as hexadecimal digits.
    pub text: String,
    /// The text is hexadecimal digits.
    pub hex: bool,
    /// Letters a to z match in either case.
    pub any_case: bool,
    /// In all versions of all layers, also what later layers changed or removed; else in the final image.
    pub every_layer: bool,
}

/// How a task goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Found {
    /// Bytes done and in all.
    Progress {
        /// Which.
        kind: TaskKind,
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// It came to an end, or was cancelled (without a problem).
    Ended {
        /// Which.
        kind: TaskKind,
        /// Why it failed.
        problem: Option<Problem>,
    },
    /// Two versions were compared.
    Compared(Box<Comparison>),
    /// A file was hashed.
    Hashed {
        /// The file.
        file: FileAt,
        /// The digest, `sha256:…`.
        digest: String,
    },
    /// Places that a search found, in order of the contents' places in the blobs.
    Hits(Vec<Hit>),
    /// The parts of a text are known.
    Sought(TextParts),
    /// A search came to its end.
    Searched(SearchEnd),
}

impl Found {
    /// The kind of task that it is of.
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::Progress { kind, .. } | Self::Ended { kind, .. } => *kind,
            Self::Compared(_) => TaskKind::Compare,
            Self::Hashed { .. } => TaskKind::Hash,
            Self::Hits(_) | Self::Searched(_) => TaskKind::Search,
            Self::Sought(_) => TaskKind::Seek,
        }
    }
}

/// How two versions of a file differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The version before.
    pub old: FileAt,
    /// The version after.
    pub new: FileAt,
    /// Bytes of both.
    pub sizes: (u64, u64),
    /// What differs.
    pub difference: Difference,
}

/// What differs between two contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Difference {
    /// Nothing.
    None,
    /// Lines.
    Text(TextDifference),
    /// Bytes that are no text.
    Binary {
        /// The first byte that differs.
        first: u64,
    },
    /// More than `limits::DIFF_BYTES`: lines are not compared.
    TooLarge {
        /// The first byte that differs.
        first: u64,
        /// The cap.
        cap: u64,
    },
}

/// Lines that differ, with neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextDifference {
    /// Stretches of lines.
    pub hunks: Vec<Vec<DiffLine>>,
    /// Lines added in all.
    pub added: u32,
    /// Lines removed in all.
    pub removed: u32,
    /// Lines that differ and are not in `hunks`, of which there are more than `limits::DIFF_LINES`.
    pub left_out: u32,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// Its number in the old text, from 1; none when it was added.
    pub old: Option<u32>,
    /// Its number in the new text, from 1; none when it was removed.
    pub new: Option<u32>,
    /// The line without its end.
    pub text: String,
    /// Bytes of it beyond `limits::DIFF_LINE_BYTES`, which are not in `text`.
    pub cut: u32,
    /// The text ends without a newline.
    pub unended: bool,
}

/// A place where a search found something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The file; the version that it was found in.
    pub file: FileAt,
    /// Its path, as in `--files`.
    pub path: String,
    /// The final image has that version.
    pub visible: bool,
    /// First byte.
    pub offset: u64,
    /// Bytes found.
    pub length: u64,
    /// What stands before it in its line, what was found, what stands behind it; safe to show.
    pub excerpt: [String; 3],
}

/// How a search came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchEnd {
    /// Files searched.
    pub files: u64,
    /// Bytes searched.
    pub bytes: u64,
    /// Places found, also those that are not given: a file gives
    /// `limits::SEARCH_HITS_OF_A_FILE`.
    pub places: u64,
    /// It ended early, with `limits::SEARCH_HITS` places.
    pub capped: bool,
}
