//! What the page asks of the session, and what it is told.

use serde::{Deserialize, Serialize};

use super::{
    Ask, Content, Detail, Elsewhere, Examined, FileAt, Found, ImageSummary, Item, LayerProgress, MapSpec, Outcome,
    Quota, Request, Row, SpaceMap, SpaceReport, SpaceSpec, Task, TaskKind, Told, TreeInfo, VerifyWhen, ViewInfo,
    ViewSpec, Waiting, Way,
};
use crate::{
    image::{Digest, Platform},
    problem::Problem,
    verify::Check,
};

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
    /// Open or close these folders against the rule of the depth, and no others. Answered by [`FromSession::View`].
    Turn {
        /// Raised with each.
        number: u32,
        /// Paths as in `--files`.
        folders: Vec<String>,
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
    /// The treemap of a folder. Answered by [`FromSession::Map`].
    Map(MapSpec),
    /// The largest and the waste. Answered by [`FromSession::Space`].
    Space(SpaceSpec),
    /// Read layers whose tables of contents are shown and that are held back: this one, or all.
    Verify(Option<u32>),
    /// Read these no further.
    Hold,
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
    /// What a file is. Answered by [`FromSession::Examined`].
    Examine(FileAt),
    /// Work that takes a while. Answered by [`FromSession::Found`].
    Task {
        /// Raised with each; answers carry it.
        number: u32,
        /// The work.
        task: Task,
    },
    /// End it.
    Cancel(TaskKind),
    /// A question to the image's repository. Answered by [`FromSession::Repository`].
    Repository(Ask),
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
        /// How it is asked.
        way: Way,
        /// Most bytes that may be kept in this browser for images to come.
        keep: u64,
        /// When layers are verified that a table of contents shows.
        verify: VerifyWhen,
    },
    /// No image: a repository, to be asked.
    Repository {
        /// Its name as typed or linked.
        name: String,
        /// How it is asked.
        way: Way,
    },
}

/// From the session to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromSession {
    /// The worker is up.
    Ready {
        /// Its [`super::VERSION`].
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
        /// Where it is, if not as of the layer that is seen.
        elsewhere: Option<Elsewhere>,
    },
    /// Facts of one entry.
    Detail(Box<Detail>),
    /// A treemap.
    Map(Box<SpaceMap>),
    /// The largest and the waste.
    Space(Box<SpaceReport>),
    /// The receipt, as JSON.
    Receipt(String),
    /// Bytes of a file.
    Content(Box<Content>),
    /// What a file is.
    Examined(Box<Examined>),
    /// A file to be saved, under a URL of this page.
    Saved {
        /// Its name, safe to be one.
        name: String,
        /// Where it can be taken from, at once: not for long.
        url: String,
    },
    /// What the tag named when it was last pulled: the reference pinned to that. It may be opened without a network.
    Remembered(String),
    /// A request came to its end.
    Requested(Request),
    /// Something is waited for before a request is sent again; none: no more.
    Waiting(Option<Waiting>),
    /// What is left of the registry's quota.
    Quota(Quota),
    /// What the registry would like a person to read: its own words.
    Warned(Vec<String>),
    /// How a task goes on.
    Found {
        /// The task's number.
        number: u32,
        /// What came.
        found: Found,
    },
    /// An answer of the repository.
    Repository(Box<Told>),
    /// The reference is an artifact and no image: opening failed, but it can be looked at.
    Artifact {
        /// The canonical reference with the digest that it resolved to.
        pinned: String,
        /// Its documents, the manifest last.
        items: Vec<Item>,
        /// The problem, of the kind `artifact-not-image`.
        problem: Problem,
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
