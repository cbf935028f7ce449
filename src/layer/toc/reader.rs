//! Gets a table of contents out of a blob by few bytes of it: a state machine without I/O.

use super::{TocError, entries::Toc, footer::footer, unpack};
use crate::{image::TocRef, limits};

/// Bytes of a blob's end that are asked for first: the footer, and small tables whole.
const TAIL: u64 = 64 << 10;

/// What a [`TocReader`] needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TocStep {
    /// These bytes of the blob, by [`TocReader::provide`].
    Read {
        /// First byte.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// Nothing: [`TocReader::finish`].
    Done,
}

/// Reads the table of contents of a layer.
#[derive(Debug)]
pub struct TocReader {
    reference: TocRef,
    /// Bytes of the blob.
    size: u64,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The blob's end.
    Tail,
    /// The table from here on, as far as it did not come with the end.
    Rest {
        offset: u64,
        have: Vec<u8>,
    },
    /// The table.
    Packed,
    Done(Box<Toc>),
}

impl TocReader {
    /// Of a blob of so many bytes, as its descriptor says.
    ///
    /// # Errors
    /// [`TocError::Unusable`].
    pub fn new(reference: TocRef, size: u64) -> Result<Self, TocError> {
        let stage = match &reference {
            TocRef::EStargz { .. } => Stage::Tail,
            TocRef::ZstdChunked { .. } => Stage::Packed,
            TocRef::Unusable { why } => return Err(TocError::Unusable(why.clone())),
        };
        Ok(Self { reference, size, stage })
    }

    /// What is needed next.
    pub fn poll(&self) -> TocStep {
        match (&self.stage, &self.reference) {
            (Stage::Tail, _) => TocStep::Read { offset: self.tail(), length: self.size - self.tail() },
            (Stage::Rest { offset, .. }, _) => TocStep::Read { offset: *offset, length: self.tail() - offset },
            (Stage::Packed, TocRef::ZstdChunked { offset, length, .. }) => {
                TocStep::Read { offset: *offset, length: *length }
            }
            _ => TocStep::Done,
        }
    }

    fn tail(&self) -> u64 {
        self.size.saturating_sub(TAIL)
    }

    /// Takes the bytes that were asked for.
    ///
    /// # Errors
    /// There is no table, it is not as its digest says, or makes no sense. The reader is of no more use then.
    pub fn provide(&mut self, bytes: Vec<u8>) -> Result<(), TocError> {
        let TocStep::Read { length, .. } = self.poll() else { return Ok(()) };
        if bytes.len() as u64 != length {
            return Err(TocError::Short { expected: length, actual: bytes.len() as u64 });
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Packed);
        match (stage, &self.reference) {
            (Stage::Tail, TocRef::EStargz { .. }) => self.ended(bytes),
            (Stage::Rest { have, .. }, TocRef::EStargz { .. }) => self.unpack(&[bytes, have].concat()),
            _ => self.unpack(&bytes),
        }
    }

    fn ended(&mut self, mut tail: Vec<u8>) -> Result<(), TocError> {
        let (offset, length) = footer(&tail).ok_or(TocError::NoFooter)?;
        let end = self.size.saturating_sub(length);
        if offset >= end {
            return Err(TocError::OutsideBlob { offset, size: self.size });
        }
        if end - offset > limits::TOC_BYTES {
            return Err(TocError::TooLarge);
        }
        tail.truncate(tail.len().saturating_sub(usize::try_from(length).unwrap_or(usize::MAX)));
        match offset.checked_sub(self.tail()).map(usize::try_from) {
            Some(Ok(at)) => self.unpack(tail.get(at..).unwrap_or_default()),
            _ => {
                self.stage = Stage::Rest { offset, have: tail };
                Ok(())
            }
        }
    }

    fn unpack(&mut self, packed: &[u8]) -> Result<(), TocError> {
        let json = match &self.reference {
            TocRef::EStargz { digest } => unpack::stargz(packed, digest)?,
            TocRef::ZstdChunked { unpacked, digest, .. } => unpack::chunked(packed, *unpacked, digest)?,
            TocRef::Unusable { why } => return Err(TocError::Unusable(why.clone())),
        };
        self.stage = Stage::Done(Box::new(Toc::parse(&json, self.size)?));
        Ok(())
    }

    /// The table; none before the last step.
    pub fn finish(self) -> Option<Toc> {
        match self.stage {
            Stage::Done(toc) => Some(*toc),
            _ => None,
        }
    }
}
