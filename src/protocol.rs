//! Messages between page, session worker and layer workers. Plain data; how they travel is the page's business.
//!
//! Each direction is one enum. Page and workers compare [`VERSION`] first: an old cached worker can meet a new page.

use serde::{Deserialize, Serialize};

use crate::{
    image::{Digest, Platform, Step},
    opened::{LayerSpec, SourceKind, Warning},
    problem::Problem,
    verify::{Anchor, Check, CheckState, Verdict},
};

/// Version of these messages. Raised with each change.
pub const VERSION: u32 = 1;

/// The first message to a worker: which part it plays. With it travel the ports to its peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Keeps archive or pull, tree and queries. One port a layer worker.
    Session,
    /// Verifies and indexes layers. One port to the session.
    Layer,
}

/// From the page to the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToSession {
    /// Open an image. Files travel beside the message.
    Open(OpenRequest),
    /// Answer to [`FromSession::Images`].
    ChooseImage(u32),
    /// Answer to [`FromSession::Platforms`].
    ChoosePlatform(u32),
    /// See the tree in another way. Answered by [`FromSession::View`].
    View(ViewSpec),
    /// Rows of the current view. Answered by [`FromSession::Rows`].
    Rows {
        /// First row.
        start: u32,
        /// How many.
        count: u32,
    },
    /// Open or close a folder. Answered by [`FromSession::View`].
    Expand {
        /// The folder's node.
        node: u32,
        /// Open or close.
        open: bool,
        /// With all folders below.
        deep: bool,
    },
    /// Open a path's folders so that it has a row. Answered by [`FromSession::View`] and [`FromSession::Revealed`].
    Reveal {
        /// Path as in `--files`.
        path: String,
    },
    /// Facts of one entry. Answered by [`FromSession::Detail`].
    Detail {
        /// The node.
        node: u32,
    },
    /// Ask for the receipt. Answered by [`FromSession::Receipt`].
    Receipt,
    /// Bytes of a file. Answered by [`FromSession::Content`].
    Content {
        /// The file.
        file: FileAt,
        /// First byte.
        start: u64,
        /// At most so many.
        length: u32,
    },
    /// A whole file, to be saved. Answered by [`FromSession::Saved`], or [`FromSession::Failed`].
    Save(FileAt),
}

/// A file as of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAt {
    /// The path's node.
    pub node: u32,
    /// The layer, inclusive: an old version, also of a path that is gone.
    pub layer: u32,
}

/// What to open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OpenRequest {
    /// One archive; the File travels beside the message.
    Archive {
        /// Base name.
        name: String,
        /// Image ID that a link asks for.
        expect_image: Option<Digest>,
    },
    /// A folder with an OCI layout; the Files travel beside the message, in this order.
    Folder {
        /// Folder name.
        name: String,
        /// Relative paths.
        paths: Vec<String>,
        /// Image ID that a link asks for.
        expect_image: Option<Digest>,
    },
    /// An image of a registry.
    Registry {
        /// The reference as typed or linked.
        reference: String,
        /// Platform that was asked for; else linux/amd64 where the index has one, else the person chooses.
        platform: Option<Platform>,
        /// Base URL of the proxy, or direct.
        proxy: Option<String>,
        /// Base URL that the page was served from: reached without being asked about.
        page: String,
    },
}

/// From the session to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromSession {
    /// The worker is up.
    Ready {
        /// Its [`VERSION`].
        version: u32,
    },
    /// Work before the layers: what is being done, for people ("Reading the archive's members").
    Stage {
        /// The step.
        text: String,
        /// Bytes done and in all, where known.
        done: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
    /// A check of index, manifest or config came to an end.
    Checked(Check),
    /// The source holds several images: choose one.
    Images(Vec<ImageChoice>),
    /// The index holds several platforms: choose one. Sent also when one was chosen already, so that the page can
    /// offer the others.
    Platforms {
        /// The platforms, linux/amd64 first.
        choices: Vec<PlatformChoice>,
        /// The one that is being opened; none when the session waits for an answer.
        chosen: Option<u32>,
    },
    /// Metadata is checked, layers are known and are being read.
    Opened(Box<ImageSummary>),
    /// A layer moved on.
    Layer(LayerProgress),
    /// The tree was built anew and the view is to be asked for again.
    Tree(TreeInfo),
    /// Every layer came to an end.
    Finished(Box<Outcome>),
    /// The view as it is now.
    View(ViewInfo),
    /// Rows of the view.
    Rows {
        /// The view that they belong to; rows of an older one are dropped.
        view: u32,
        /// First row.
        start: u32,
        /// The rows.
        rows: Vec<Row>,
    },
    /// The row of a path that was to be revealed; none when the view has no such path.
    Revealed {
        /// The path.
        path: String,
        /// Its row and node.
        row: Option<(u32, u32)>,
    },
    /// Facts of one entry.
    Detail(Box<Detail>),
    /// The receipt, as JSON.
    Receipt(String),
    /// Bytes of a file.
    Content(Box<Content>),
    /// A whole file, under a URL of this page.
    Saved {
        /// Its name, safe to be one.
        name: String,
        /// Where it can be taken from while the session lives.
        url: String,
    },
    /// Opening failed, or something failed that leaves the image open (see `fatal`).
    Failed {
        /// The problem.
        problem: Problem,
        /// Nothing can be shown.
        fatal: bool,
    },
}

/// One image of an archive with several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageChoice {
    /// Names; may be empty.
    pub names: Vec<String>,
    /// Image ID.
    pub image_id: Option<Digest>,
    /// Platform.
    pub platform: Option<Platform>,
    /// Layers.
    pub layers: u32,
    /// Whether manifest and config are here.
    pub present: bool,
}

/// One platform of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformChoice {
    /// The platform; none when the index names none.
    pub platform: Option<Platform>,
    /// Digest of its manifest.
    pub digest: Digest,
    /// Size of its manifest in bytes.
    pub size: u64,
}

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

/// How far a layer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerProgress {
    /// Layer index, base 0.
    pub index: u32,
    /// Its state.
    pub state: LayerState,
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

/// A way to see the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewSpec {
    /// The tree as of this layer, inclusive; none: the final image.
    pub upto: Option<u32>,
    /// Mark what changed since before this layer; none: nothing is marked.
    pub since: Option<u32>,
    /// Leave out what did not change.
    pub changes_only: bool,
    /// Order among siblings.
    pub sort: Sort,
    /// Substring that a path must contain (case-insensitive); empty: all.
    pub filter: String,
}

/// Order among siblings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Largest, last or newest first.
    pub descending: bool,
}

/// Columns to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SortBy {
    /// Name, by raw bytes.
    #[default]
    Name,
    /// Size, folders by their sum.
    Size,
    /// Modification time.
    Time,
    /// Layer that last set it.
    Layer,
}

/// A view: its number and how many rows it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewInfo {
    /// Number of the view, raised with every change.
    pub view: u32,
    /// What it shows.
    pub spec: ViewSpec,
    /// Rows.
    pub rows: u32,
    /// Paths that were changed by the marked layers: added, modified, removed.
    pub changes: [u64; 3],
}

/// Type of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryType {
    /// Regular file.
    File,
    /// Directory.
    Dir,
    /// Symbolic link.
    Symlink,
    /// Another name of a file.
    Hardlink,
    /// Character device.
    Char,
    /// Block device.
    Block,
    /// Named pipe.
    Fifo,
}

impl EntryType {
    /// The name in `--files`.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Dir => "dir",
            Self::Symlink => "symlink",
            Self::Hardlink => "hardlink",
            Self::Char => "char",
            Self::Block => "block",
            Self::Fifo => "fifo",
        }
    }
}

/// What the marked layers did to a path (the page's `data-change`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Nothing.
    #[default]
    None,
    /// Not there before.
    Added,
    /// There before, and different.
    Modified,
    /// There before, gone now.
    Removed,
}

impl Change {
    /// The name in `data-change`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Removed => "removed",
        }
    }
}

/// One row of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The path's node.
    pub node: u32,
    /// Depth below the root, from 0.
    pub depth: u32,
    /// Name, safe to show.
    pub name: String,
    /// Path as in `--files`.
    pub path: String,
    /// Type.
    pub kind: EntryType,
    /// Bytes; for a folder the sum below it, hard-linked content once.
    pub size: u64,
    /// mode & 0o7777.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Link target, safe to show.
    pub link: Option<String>,
    /// Layer that last set it; none for a folder that no entry names.
    pub layer: Option<u32>,
    /// What the marked layers did.
    pub change: Change,
    /// Some below it changed.
    pub changed_below: bool,
    /// Open or closed; none when there is nothing below.
    pub open: Option<bool>,
}

/// Facts of one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Its row.
    pub row: Row,
    /// Entries below a folder.
    pub below: u64,
    /// Other names of the same content.
    pub same_file: Vec<String>,
    /// Extended attributes: name and value, safe to show.
    pub xattrs: Vec<(String, String)>,
    /// Device numbers.
    pub device: Option<(u32, u32)>,
    /// Each layer that touched the path, oldest first.
    pub versions: Vec<VersionInfo>,
}

/// What one layer did to a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionInfo {
    /// The layer.
    pub layer: u32,
    /// What it did.
    pub change: Change,
    /// Type after it; none when removed.
    pub kind: Option<EntryType>,
    /// Size after it.
    pub size: u64,
    /// Mode after it.
    pub mode: u32,
    /// What differs from the version before: content, mode, owner, time, xattr, link target, device, type.
    pub reasons: Vec<String>,
    /// The layer ships the file whole though its content is the one from before: `size` is what that costs.
    pub metadata_only: bool,
}

/// Bytes of a file, out of a verified layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The file.
    pub file: FileAt,
    /// The layer whose bytes these are.
    pub from: u32,
    /// First byte.
    pub start: u64,
    /// Bytes of the file.
    pub total: u64,
    /// The bytes.
    pub bytes: Bytes,
    /// Why there are none.
    pub problem: Option<Problem>,
}

/// Bytes that travel as bytes, not as a list of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// From the session to a layer worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToLayer {
    /// Read a layer (a file travels beside the message).
    Read(Box<LayerJob>),
    /// Outline a plain layer of a file.
    Outline(Box<LayerJob>),
    /// There is nothing more to do: end, so that your memory is free.
    End,
}

/// A layer to be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerJob {
    /// Layer index.
    pub index: u32,
    /// What is stated of it and where its bytes are (a file travels beside the message).
    pub spec: LayerSpec,
    /// Where to fetch a blob from, and which headers to send.
    pub fetch: Option<BlobRequest>,
    /// Bytes that points of entry into it may take.
    pub access_share: u32,
}

/// How to fetch a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRequest {
    /// URL.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
}

/// From a layer worker to the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromLayer {
    /// On the way.
    Progress(LayerProgress),
    /// A part of the table, transferred beside the message; all come before `Done`.
    Part {
        /// Bytes of all parts.
        total: u32,
    },
    /// Where the blob can be entered, transferred beside the message before `Done`.
    Access,
    /// The outline is through; its parts, if it has any, came before.
    Outlined {
        /// Layer index.
        index: u32,
    },
    /// Came to an end.
    Done {
        /// How it came out.
        progress: LayerProgress,
        /// Oddities inside.
        warnings: Vec<Warning>,
    },
}
