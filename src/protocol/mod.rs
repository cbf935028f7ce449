//! Messages between page, session worker and layer workers. Plain data; how they travel is the page's business.
//!
//! Each direction is one enum. Page and workers compare [`VERSION`] first: an old cached worker can meet a new page.

mod content;
mod image;
mod layer;
mod page;
mod request;
mod versions;
mod view;

use serde::{Deserialize, Serialize};

pub use content::{Bytes, Content, Examined, FileAt};
pub use image::{ImageSummary, LayerChanges, LayerFacts, LayerProgress, LayerState, Outcome, TreeInfo};
pub use layer::{BlobRequest, FromLayer, LayerJob, ToLayer};
pub use page::{FromSession, ImageChoice, OpenRequest, PlatformChoice, ToSession};
pub use request::Request;
pub use versions::{
    Comparison, DiffLine, Difference, Download, Found, Hit, SearchEnd, SearchSpec, Task, TaskKind, TextDifference,
};
pub use view::{Change, Detail, EntryType, Hop, Row, Sort, SortBy, Trail, VersionInfo, ViewInfo, ViewSpec};

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
