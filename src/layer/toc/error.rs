//! Why a table of contents is not used.

use crate::{
    codec::DecodeError,
    image::Digest,
    limits,
    problem::{Problem, ProblemKind},
};

/// Why a table of contents is not used. The layer is shown when it was read, as any other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TocError {
    /// Nothing states its digest, or where it is cannot be.
    #[error("{0}")]
    Unusable(String),
    /// The blob's end is no footer.
    #[error("the blob does not end with a footer of eStargz")]
    NoFooter,
    /// The footer leads out of the blob.
    #[error("the footer says that it begins at byte {offset} of {size}")]
    OutsideBlob {
        /// Where it should begin.
        offset: u64,
        /// Bytes of the blob.
        size: u64,
    },
    /// Other bytes came than were asked for.
    #[error("{actual} bytes came, {expected} were asked for")]
    Short {
        /// Asked for.
        expected: u64,
        /// Given.
        actual: u64,
    },
    /// [`limits::TOC_BYTES`].
    #[error("it has more than {cap} bytes (limit TOC_BYTES)", cap = limits::TOC_BYTES)]
    TooLarge,
    /// It does not unpack.
    #[error("it cannot be unpacked: {0}")]
    Unpack(DecodeError),
    /// Where it should be is none.
    #[error("there is no stargz.index.json")]
    Missing,
    /// Its digest is not the one in the layer's descriptor.
    #[error("its digest differs: expected {expected}, actual {actual}, {bytes} bytes")]
    Mismatch {
        /// As the descriptor states it.
        expected: Digest,
        /// Of its bytes.
        actual: Digest,
        /// Bytes hashed.
        bytes: u64,
    },
    /// It is not the JSON that was expected.
    #[error("it is not the JSON that was expected: {0}")]
    Json(String),
    /// Its version is not 1.
    #[error("it is of version {0}; version 1 is read")]
    Version(i64),
    /// An entry makes no sense.
    #[error("entry {number} ({name}): {why}")]
    Entry {
        /// Which, from 0.
        number: usize,
        /// Its name, as far as it is printable.
        name: String,
        /// Why.
        why: String,
    },
    /// A cap of layers was reached.
    #[error("{0}")]
    Limit(String),
}

impl TocError {
    /// Why a layer's table is not used, as a problem of the layer. `place` says which layer that is, for people.
    pub fn problem(&self, place: &str) -> Problem {
        Problem::new(self.kind(), place, format!("the table of contents is not used: {self}"))
    }

    /// What kind of problem that is.
    pub fn kind(&self) -> ProblemKind {
        match self {
            Self::Mismatch { .. } => ProblemKind::TocMismatch,
            Self::TooLarge | Self::Limit(_) | Self::Unpack(DecodeError::Limit { .. }) => ProblemKind::LimitExceeded,
            _ => ProblemKind::TocInvalid,
        }
    }
}
