//! Views of the tree: how to see it, its rows, the facts of one entry.

use serde::{Deserialize, Serialize};

use super::{Filter, Search};

/// A way to see the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewSpec {
    /// The tree as of this layer, inclusive; none: the final image.
    pub upto: Option<u32>,
    /// Mark what changed since before this layer; none: nothing is marked.
    pub since: Option<u32>,
    /// How much of the tree.
    pub show: Show,
    /// Order among siblings.
    pub sort: Sort,
    /// What paths are searched for.
    pub search: Search,
    /// What entries must be like.
    pub filter: Filter,
    /// Folders above this depth are open: 0 is none, [`u32::MAX`] all. One that was opened or closed by itself is the
    /// other way round.
    pub depth: u32,
}

impl ViewSpec {
    /// Whether only what is found is shown, with the folders that lead to it.
    pub fn is_searching(&self) -> bool {
        !self.search.text.is_empty() || !self.filter.is_empty()
    }
}

/// How much of the tree is shown while layers are marked; without marked layers it is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// All that is there as of the layer.
    #[default]
    All,
    /// What the marked layers changed.
    Changes,
    /// The marked layers alone: all that they hold or delete, whether it made a difference or not. Folders' sums are
    /// of what they hold.
    Alone,
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
    /// Permission bits.
    Mode,
    /// Owner, then group.
    Owner,
    /// Modification time.
    Time,
    /// Layer that last set it.
    Layer,
}

impl SortBy {
    /// All, in the columns' order.
    pub const ALL: [Self; 6] = [Self::Name, Self::Size, Self::Mode, Self::Owner, Self::Time, Self::Layer];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Size => "size",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Time => "time",
            Self::Layer => "layer",
        }
    }
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
    /// Entries that were searched for and found; without a search all that are shown.
    pub found: u32,
    /// Paths that were changed by the marked layers: added, modified, removed.
    pub changes: [u64; 3],
    /// Folders that are open or closed against the rule of the depth, as in `--files`; none where these are too many to
    /// be told.
    pub turned: Option<Vec<String>>,
    /// Number of the last [`super::ToSession::Turn`] that it knows of.
    pub turns: u32,
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
    /// All.
    pub const ALL: [Self; 7] =
        [Self::File, Self::Dir, Self::Symlink, Self::Hardlink, Self::Char, Self::Block, Self::Fifo];

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
    /// All.
    pub const ALL: [Self; 4] = [Self::None, Self::Added, Self::Modified, Self::Removed];

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
    /// Where it leads, for a symbolic link.
    pub trail: Option<Trail>,
}

/// Where a symbolic link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The links on the way, the first is the link itself.
    pub hops: Vec<Hop>,
    /// The path at the end as in `--files`, or why there is none.
    pub end: Result<String, String>,
}

/// A symbolic link on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Its path as in `--files`.
    pub path: String,
    /// What it says, safe to show.
    pub target: String,
}

/// Where a path is that is not there as of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Elsewhere {
    /// It was there before.
    Removed {
        /// The layer that removed it.
        by: u32,
        /// The layer whose version it removed.
        last: u32,
    },
    /// It comes only with a later layer, this one.
    Later(u32),
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
    /// What differs from the version before.
    pub reasons: Vec<Reason>,
    /// The layer ships the file whole though its content is the one from before: `size` is what that costs.
    pub metadata_only: bool,
}

/// Why a path counts as changed: what it was, and what it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Another type. A hard link to a file is a file.
    Type(EntryType, EntryType),
    /// A symbolic link leads elsewhere; targets safe to show.
    Link(String, String),
    /// Other bytes.
    Content,
    /// Major and minor numbers of a device.
    Device((u32, u32), (u32, u32)),
    /// mode & 0o7777.
    Mode(u32, u32),
    /// Owner and group.
    Owner((u32, u32), (u32, u32)),
    /// Modification time, in seconds since 1970.
    Time(i64, i64),
    /// Extended attributes that came, went or changed, by names that are safe to show; none of them where only their
    /// order is another.
    Xattrs(Vec<(String, Change)>),
}

impl Reason {
    /// What differs, in a word or two.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Type(..) => "type",
            Self::Link(..) => "link target",
            Self::Content => "content",
            Self::Device(..) => "device",
            Self::Mode(..) => "mode",
            Self::Owner(..) => "owner",
            Self::Time(..) => "time",
            Self::Xattrs(_) => "xattr",
        }
    }

    /// Whether other bytes are there now, so that shipping them was no waste.
    pub fn is_of_content(&self) -> bool {
        matches!(self, Self::Content | Self::Type(..))
    }
}
