//! Between session and layer workers.

use serde::{Deserialize, Serialize};

use super::{Access, LayerProgress, Quota, Request};
use crate::{
    opened::{LayerSpec, Warning},
    problem::Problem,
};

/// From the session to a layer worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToLayer {
    /// Read a layer (a file travels beside the message).
    Read(Box<LayerJob>),
    /// Outline a plain layer of a file, or a layer of a registry by its table of contents.
    Outline(Box<LayerJob>),
    /// A part of a table was taken.
    Taken,
    /// Read the layer no further: it is read when the person asks for it.
    Stop,
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
    /// Where to fetch a blob from.
    pub fetch: Option<Box<Fetch>>,
    /// Bytes that points of entry into it may take.
    pub access_share: u32,
}

/// How to fetch a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// What opens its repository.
    pub access: Access,
    /// Seconds of silence that are borne.
    pub patience: u32,
}

/// From a layer worker to the session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromLayer {
    /// On the way.
    Progress(LayerProgress),
    /// A part of the table, transferred beside the message; all come before `Done`. Answered by [`ToLayer::Taken`].
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
        /// Why its table of contents is not used.
        problem: Option<Problem>,
    },
    /// It was told to stop, and did.
    Stopped {
        /// Layer index.
        index: u32,
    },
    /// A request came to its end.
    Requested(Request),
    /// What is left of the registry's quota.
    Quota(Quota),
    /// Came to an end.
    Done {
        /// How it came out.
        progress: LayerProgress,
        /// Oddities inside.
        warnings: Vec<Warning>,
    },
}
