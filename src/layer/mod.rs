//! One layer's bytes → its checks and its table.
//!
//! Bytes are pushed into a [`LayerReader`] as they arrive and pass once through blob hash, inflate, diffID hash and tar
//! parser. What comes out is a [`LayerTable`]: one flat buffer, the same on the wire, in memory and in a cache. Beside it
//! stands where the blob can be entered, with which a [`ContentReader`] gets at the files again.
//!
//! Depends on `image`, `codec`, `verify`, `opened`, `problem` and `limits`.

mod builder;
mod column;
mod content;
#[cfg(test)]
mod content_tests;
mod index;
mod judge;
mod name;
#[cfg(test)]
pub(crate) mod one_file;
mod outline;
mod parts;
mod reader;
mod table;
mod toc;
mod walk;

pub use crate::codec::AccessIndex;

pub use builder::TableBuilder;
pub use content::{BlobRange, ContentError, ContentReader, ContentStep};
pub use name::{Place, locate};
pub use outline::OutlineReader;
pub use parts::{Part, Shelf, TableParts};
pub use reader::{LayerOutcome, LayerReader};
pub use table::{Entry, LayerTable, NONE, ROOT, RowKind, TableError};
pub use toc::{Toc, TocError, TocReader, TocStep};
pub use walk::{ContentVisitor, ContentWalk};
