//! The bytes of a file that came so far. Whoever parses asks for a range and, where it is not there yet, gives up and
//! begins anew once it is: a parser is then one plain function.

use crate::limits;

/// The least that is read at once: round trips cost more than bytes.
const STRIDE: u64 = 4 << 10;

/// Why parsing stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// These bytes are needed first.
    Read {
        /// First byte.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// The file is not as it should be, or a limit was reached.
    Broken(String),
}

impl Stop {
    pub(super) fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into())
    }
}

/// Ranges of a file.
#[derive(Debug)]
pub(super) struct Ranges {
    size: u64,
    held: Vec<(u64, Vec<u8>)>,
}

impl Ranges {
    pub(super) fn new(size: u64) -> Self {
        Self { size, held: Vec::new() }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn provide(&mut self, offset: u64, bytes: Vec<u8>) {
        self.held.push((offset, bytes));
    }

    /// Bytes of the file.
    ///
    /// # Errors
    /// [`Stop::Read`] while they are not there, [`Stop::Broken`] where the file ends before, or after too much was read.
    pub(super) fn get(&self, offset: u64, length: u64) -> Result<&[u8], Stop> {
        let end = offset.checked_add(length).filter(|end| *end <= self.size);
        let end = end.ok_or_else(|| {
            Stop::Broken(format!("it speaks of {length} bytes at byte {offset}, but ends at byte {}", self.size))
        })?;
        if length == 0 {
            return Ok(&[]);
        }
        for (start, bytes) in &self.held {
            let Some(from) = offset.checked_sub(*start).and_then(|from| usize::try_from(from).ok()) else { continue };
            let to = usize::try_from(end - start).unwrap_or(usize::MAX);
            if let Some(found) = bytes.get(from..to) {
                return Ok(found);
            }
        }
        let held: usize = self.held.iter().map(|(_, bytes)| bytes.len()).sum();
        if (held as u64).saturating_add(length) > limits::EXAMINED_BYTES || self.held.len() >= limits::EXAMINED_READS {
            return Err(Stop::broken("its headers lie too far apart to be read (EXAMINED_BYTES, EXAMINED_READS)"));
        }
        Err(Stop::Read { offset, length: length.max(STRIDE).min(self.size - offset) })
    }
}
