//! Sections of a flat little-endian buffer: written once, read by position without copying.

use super::parts::{Part, Shelf};

/// Start and length of a section, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) start: usize,
    pub(super) length: usize,
}

/// Reads a fixed-width value at `index` of a section. Out of range reads as zero: the table's lengths were checked when
/// it was taken in.
macro_rules! reader {
    ($name:ident, $type:ty) => {
        #[inline]
        pub(super) fn $name(self, buffer: &[u8], index: u32) -> $type {
            const WIDTH: usize = size_of::<$type>();
            // On wasm32 a number of a damaged table times the width does not fit; behind the section there is nothing.
            let at = (index as usize).checked_mul(WIDTH).filter(|at| *at < self.length);
            let bytes = at.and_then(|at| buffer.get(self.start + at..self.start + at + WIDTH));
            match bytes.and_then(|bytes| bytes.try_into().ok()) {
                Some(bytes) => <$type>::from_le_bytes(bytes),
                None => 0,
            }
        }
    };
}

impl Section {
    reader!(u8, u8);
    reader!(u16, u16);
    reader!(u32, u32);
    reader!(u64, u64);
    reader!(i64, i64);
    reader!(u128, u128);

    /// Bytes `from..to` of the section.
    pub(super) fn bytes(self, buffer: &[u8], from: u32, to: u32) -> &[u8] {
        let (from, to) = (from as usize, to as usize);
        if to > self.length || from > to {
            return &[];
        }
        buffer.get(self.start + from..self.start + to).unwrap_or_default()
    }
}

/// Bytes of a block: every width divides it.
const BLOCK: usize = 1 << 20;

/// A section under construction, of values of one width. It grows block by block: a buffer that is doubled is for a
/// moment in memory three times over, and much of a large one is not needed at last.
#[derive(Debug, Default)]
pub(super) struct Column {
    full: Vec<Part>,
    last: Vec<u8>,
}

impl Column {
    /// Appends a value. Full blocks go to the shelf, if there is one.
    pub(super) fn put<const WIDTH: usize>(&mut self, value: [u8; WIDTH], shelf: &mut Option<Box<dyn Shelf>>) {
        if self.last.len() >= BLOCK {
            self.full.push(match shelf {
                Some(shelf) => Part::Shelved { number: shelf.put(&self.last), length: self.last.len() },
                None => Part::Bytes(std::mem::replace(&mut self.last, Vec::with_capacity(BLOCK))),
            });
            self.last.clear();
        }
        self.last.extend_from_slice(&value);
    }

    /// Puts another in place of the last value.
    pub(super) fn set_last<const WIDTH: usize>(&mut self, value: [u8; WIDTH]) {
        if let Some(slot) = self.last.last_chunk_mut::<WIDTH>() {
            *slot = value;
        }
    }

    /// The blocks, in order.
    pub(super) fn into_parts(mut self) -> Vec<Part> {
        self.full.push(Part::Bytes(self.last));
        self.full
    }
}
