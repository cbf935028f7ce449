//! A finished table in its parts. Joined they are a [`LayerTable`]; apart they can be handed on one after the other, so
//! that a large table is never in memory twice.

use super::{
    column::Append as _,
    table::{LayerTable, TableError},
};

/// The sections of a table, in order.
#[derive(Debug)]
pub struct TableParts(Vec<Vec<u8>>);

impl TableParts {
    pub(super) fn new(parts: Vec<Vec<u8>>) -> Self {
        Self(parts)
    }

    /// A table that was joined, as one part.
    pub(super) fn whole(table: LayerTable) -> Self {
        Self(vec![table.into_bytes()])
    }

    /// Bytes of all parts.
    pub fn byte_len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// The parts; each can be dropped once it was handed on.
    pub fn into_parts(self) -> impl Iterator<Item = Vec<u8>> {
        self.0.into_iter()
    }

    /// Joins the parts.
    pub fn join(self) -> Result<LayerTable, TableError> {
        let mut buffer = Vec::with_capacity(self.byte_len());
        for part in self.0 {
            buffer.put(&part);
        }
        LayerTable::from_bytes(buffer)
    }
}
