//! A finished table in its parts. Joined they are a [`LayerTable`]; apart they can be handed on one after the other, so
//! that a large table is never in memory twice.

use super::table::{LayerTable, TableError};

/// A place for parts of a table under construction, so that they do not stay in the memory of the one who builds it.
pub trait Shelf: std::fmt::Debug {
    /// Takes a part; gives the number by which it is known there.
    fn put(&mut self, part: &[u8]) -> u32;
}

/// A part of a finished table.
#[derive(Debug)]
pub enum Part {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// They are on the shelf.
    Shelved {
        /// Its number there.
        number: u32,
        /// How many bytes.
        length: usize,
    },
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Shelved { length, .. } => *length,
        }
    }
}

/// The sections of a table, in order, long ones in several parts.
#[derive(Debug)]
pub struct TableParts(Vec<Part>);

impl TableParts {
    pub(super) fn new(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    /// A table that was joined, as one part.
    pub(super) fn whole(table: LayerTable) -> Self {
        Self(vec![Part::Bytes(table.into_bytes())])
    }

    /// Bytes of all parts.
    pub fn byte_len(&self) -> usize {
        self.0.iter().map(Part::len).sum()
    }

    /// The parts; each can be dropped once it was handed on.
    pub fn into_parts(self) -> std::vec::IntoIter<Part> {
        self.0.into_iter()
    }

    /// Joins the parts.
    ///
    /// # Errors
    /// Some are on a shelf.
    pub fn join(self) -> Result<LayerTable, TableError> {
        let mut buffer = Vec::with_capacity(self.byte_len());
        for part in self.0 {
            let Part::Bytes(bytes) = part else { return Err(TableError::SHELVED) };
            buffer.extend_from_slice(&bytes);
        }
        LayerTable::from_bytes(buffer)
    }
}
