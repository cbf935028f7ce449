//! A layer's table of contents (TOC): what eStargz and zstd:chunked put into a layer so that runtimes can show its tree
//! before they have its bytes, and believe it rather than the tar.
//!
//! [`TocReader`] says which few bytes of the blob it needs, holds the table against the digest in the layer's descriptor,
//! and gives rows as the tar would. Whether the tar says the same is known when the layer was read whole: a
//! [`LayerReader`] of a layer with a table keeps a [`Witness`] and holds one against the other.
//!
//! Contents are held against the digests of files and of chunks, and against where the table says that they are: runtimes
//! fetch chunks by themselves. Chunks that share a gzip member are an exception: of these files only the digest is looked
//! at.
//!
//! [`LayerReader`]: super::LayerReader

mod compare;
mod entries;
mod error;
mod footer;
mod reader;
mod time;
mod unpack;
mod witness;

pub use entries::Toc;
pub use error::TocError;
pub use reader::{TocReader, TocStep};
pub(super) use witness::Witness;

/// A SHA-256.
type Sum = [u8; 32];

/// The table of an eStargz layer, as a member of its tar.
const STARGZ_MEMBER: &[u8] = b"stargz.index.json";
