//! One layer's bytes → its checks and its table.
//!
//! Bytes are pushed into a [`LayerReader`] as they arrive and pass once through blob hash, inflate, diffID hash and tar
//! parser. What comes out is a [`LayerTable`]: one flat buffer, the same on the wire, in memory and in a cache.
//!
//! Depends on `image`, `codec`, `verify`, `opened`, `problem` and `limits`.

mod builder;
mod column;
mod index;
mod name;
mod outline;
mod parts;
mod reader;
mod table;

pub use builder::TableBuilder;
pub use name::{Place, locate};
pub use outline::OutlineReader;
pub use parts::TableParts;
pub use reader::{LayerOutcome, LayerReader};
pub use table::{Entry, LayerTable, NONE, ROOT, RowKind, TableError};
