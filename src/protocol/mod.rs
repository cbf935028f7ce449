//! Messages between page, session worker and layer workers. Plain data; how they travel is the page's business.
//!
//! Each direction is one enum. Page and workers compare [`VERSION`] first: an old cached worker can meet a new page.

mod access;
mod content;
mod filter;
mod image;
mod layer;
mod page;
mod repository;
mod request;
mod space;
mod versions;
mod view;

use serde::{Deserialize, Serialize};

pub(crate) use access::Pass;
pub use access::{Access, Login, Quota, Via, WaitReason, Waiting, Way};
pub use content::{Bytes, Content, Examined, FileAt, TextParts};
pub use filter::{Filter, ModeTest, PatternKind, Search};
pub use image::{
    ByToc, ImageSummary, LayerChanges, LayerFacts, LayerProgress, LayerState, Outcome, TreeInfo, VerifyWhen,
};
pub use layer::{Fetch, FromLayer, LayerJob, ToLayer};
pub use page::{FromSession, ImageChoice, OpenRequest, PlatformChoice, ToSession};
pub use repository::{
    Ask, Changed, Fate, ImageDifference, ImageFacts, Item, LayerPair, LayerSide, Pair, Payload, Referrer,
    ReferrerSource, Referrers, Sizes, TagList, TagNow, Told,
};
pub use request::{Peer, Request};
pub use space::{
    Advice, Cell, DiveScore, Large, MapSpec, SpaceMap, SpaceReport, SpaceSpec, Waste, WasteKind, WasteOfKind,
    WasteOfLayer, WastedFile,
};
pub use versions::{
    Comparison, DiffLine, Difference, Download, Found, Hit, SearchEnd, SearchSpec, Task, TaskKind, TextDifference,
};
pub use view::{
    Change, Detail, Elsewhere, EntryType, Hop, Reason, Row, Show, Sort, SortBy, Trail, VersionInfo, ViewInfo, ViewSpec,
};

/// Version of these messages. Raised with each change.
pub const VERSION: u32 = 9;

/// The first message to a worker: which part it plays. With it travel the ports to its peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Keeps archive or pull, tree and queries. One port a layer worker.
    Session,
    /// Verifies and indexes layers. One port to the session.
    Layer,
}
