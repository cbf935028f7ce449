//! The content of one file of a layer, or a range of it, out of the layer's blob: a state machine without I/O.

use std::{collections::VecDeque, ops::Range};

use xxhash_rust::xxh3::Xxh3Default;

use super::table::{LayerTable, RowKind};
use crate::codec::{AccessIndex, Compression, DecodeError, Decoder};

/// Bytes of the blob that are asked for at once.
pub(super) const CHUNK: u64 = 256 << 10;

/// Why a file's content cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// There is no content: not a regular file.
    #[error("it is no regular file of this layer")]
    NotAFile,
    /// The layer is not verified, and nothing of it is given.
    #[error("layer {layer} is not verified, and nothing of it is given")]
    Unverified {
        /// The layer.
        layer: u32,
    },
    /// The range is not within the file.
    #[error("the bytes {start} to {end} were asked for, of {size}")]
    OutOfRange {
        /// First byte asked for.
        start: u64,
        /// Behind the last byte asked for.
        end: u64,
        /// Bytes of the file.
        size: u64,
    },
    /// The blob does not unpack any more as it did when it was verified.
    #[error("the layer cannot be unpacked: {0}")]
    Decode(#[from] DecodeError),
    /// The blob ends before the content does.
    #[error("the layer ends before the file does, at byte {at}")]
    Truncated {
        /// Where.
        at: u64,
    },
    /// The content is not what was verified.
    #[error("its bytes are not those that were verified")]
    Changed,
}

/// Bytes of one of the image's blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobRange {
    /// The layer.
    pub layer: u32,
    /// First byte, from the blob's start.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// What a [`ContentReader`] needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentStep {
    /// These bytes of the blob. The length is zero where only holes are left: provide an empty slice then.
    Read {
        /// First byte, from the blob's start.
        offset: u64,
        /// How many. Fewer may be provided, though not none.
        length: u64,
    },
    /// Nothing: the content was given.
    Done,
}

/// Gives a file's content. Ask with [`ContentReader::poll`], answer with [`ContentReader::provide`].
///
/// Content that is read whole is held against its fingerprint at the end; what a sink took before that is to be
/// dropped when the last call fails. The caller has to see to it that the layer was verified:
/// [`ImageState::content`] does.
///
/// [`ImageState::content`]: ../session/struct.ImageState.html#method.content
#[derive(Debug)]
pub struct ContentReader {
    decoder: Decoder,
    stream_bytes: u64,
    compression: Compression,
    wanted: Wanted,
}

/// What is still to be given.
pub(super) struct Wanted {
    pub(super) parts: VecDeque<Part>,
    /// The hole behind the last part.
    hole: u64,
    done: bool,
    print: Option<(Box<Xxh3Default>, u128)>,
}

/// The hash's state would only fill the screen.
impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wanted").field("parts", &self.parts).field("hole", &self.hole).finish_non_exhaustive()
    }
}

/// Stored bytes, with the hole before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    hole: u64,
    /// From the tar's start.
    pub(super) start: u64,
    length: u64,
}

/// Why unpacking stopped.
pub(super) enum Halt<E> {
    Done,
    Sink(E),
    Decode(DecodeError),
}

impl<E> From<DecodeError> for Halt<E> {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl ContentReader {
    /// Reads bytes of the file that stands in a row of a layer's table; all of them without a range.
    ///
    /// # Errors
    /// [`ContentError::NotAFile`] and [`ContentError::OutOfRange`].
    pub fn new(
        access: &AccessIndex,
        table: &LayerTable,
        row: u32,
        range: Option<Range<u64>>,
    ) -> Result<Self, ContentError> {
        if row >= table.rows() || !matches!(table.kind(row), RowKind::File | RowKind::Aufs) {
            return Err(ContentError::NotAFile);
        }
        let wanted = Wanted::new(table, row, range)?;
        let first = wanted.parts.front().map_or(0, |part| part.start);
        Ok(Self {
            decoder: Decoder::resume(access, first),
            stream_bytes: access.stream_bytes(),
            compression: access.compression(),
            wanted,
        })
    }

    /// What is needed next.
    pub fn poll(&self) -> ContentStep {
        if self.wanted.done {
            return ContentStep::Done;
        }
        let offset = self.decoder.consumed();
        let left = match (self.wanted.parts.back(), self.compression) {
            (None, _) => 0,
            (Some(last), Compression::None) => last.start.saturating_add(last.length).saturating_sub(offset),
            _ => self.stream_bytes.saturating_sub(offset),
        };
        ContentStep::Read { offset, length: left.min(CHUNK) }
    }

    /// Takes the bytes that were asked for, and hands content to the sink, in order.
    ///
    /// # Errors
    /// The sink's own, or a [`ContentError`]. After one the reader is of no more use.
    pub fn provide<E: From<ContentError>>(
        &mut self,
        bytes: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let wanted = &mut self.wanted;
        if wanted.done {
            return Ok(());
        }
        if !wanted.parts.is_empty() {
            let mut position = self.decoder.produced();
            let pushed = self.decoder.push(bytes, &mut |plain| {
                wanted.take(position, plain, sink).map_err(Halt::Sink)?;
                position += plain.len() as u64;
                if wanted.parts.is_empty() { Err(Halt::Done) } else { Ok(()) }
            });
            match pushed {
                Ok(()) if !bytes.is_empty() && self.decoder.consumed() < self.stream_bytes => return Ok(()),
                Ok(()) => return Err(ContentError::Truncated { at: self.decoder.consumed() }.into()),
                Err(Halt::Done) => {}
                Err(Halt::Sink(error)) => return Err(error),
                Err(Halt::Decode(error)) => return Err(ContentError::Decode(error).into()),
            }
        }
        wanted.end(sink)
    }
}

impl Wanted {
    pub(super) fn new(table: &LayerTable, row: u32, range: Option<Range<u64>>) -> Result<Self, ContentError> {
        let entry = table.entry(row);
        let Range { start, end } = range.unwrap_or(0..entry.size);
        if start > end || end > entry.size {
            return Err(ContentError::OutOfRange { start, end, size: entry.size });
        }
        let mut wanted = Self { parts: VecDeque::new(), hole: end - start, done: start == end, print: None };
        let (mut at, mut position) = (entry.offset, start);
        let mut part = |offset: u64, length: u64| {
            let (from, to) = (offset.max(position), offset.saturating_add(length).min(end));
            if from < to {
                let start = at.saturating_add(from - offset);
                wanted.parts.push_back(Part { hole: from - position, start, length: to - from });
                position = to;
            }
            at = at.saturating_add(length);
        };
        match table.sparse(row) {
            Some(parts) => parts.for_each(|(offset, length)| part(offset, length)),
            None => part(0, entry.size),
        }
        wanted.hole = end - position;
        if start == 0 && end == entry.size && end > 0 {
            wanted.print = Some((Box::new(Xxh3Default::new()), entry.print));
        }
        Ok(wanted)
    }

    /// Takes unpacked bytes that stand at `position` of the tar, and gives what is wanted of them.
    pub(super) fn take<E>(
        &mut self,
        mut position: u64,
        mut plain: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(part) = self.parts.front().copied() {
            let before = usize::try_from(part.start.saturating_sub(position)).unwrap_or(usize::MAX);
            let Some(here) = plain.get(before..).filter(|here| !here.is_empty()) else { return Ok(()) };
            position += before as u64;
            let length = usize::try_from(part.length).unwrap_or(usize::MAX).min(here.len());
            let (now, rest) = here.split_at(length);
            self.zeros(part.hole, sink)?;
            self.give(now, sink)?;
            position += length as u64;
            plain = rest;
            if length as u64 == part.length {
                self.parts.pop_front();
            } else if let Some(front) = self.parts.front_mut() {
                *front = Part { hole: 0, start: position, length: part.length - length as u64 };
            }
        }
        Ok(())
    }

    /// Gives the hole at the end, and checks what was given.
    pub(super) fn end<E: From<ContentError>>(
        &mut self,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.zeros(self.hole, sink)?;
        self.done = true;
        match self.print.take() {
            Some((hash, expected)) if hash.digest128() != expected => Err(ContentError::Changed.into()),
            _ => Ok(()),
        }
    }

    fn zeros<E>(&mut self, mut count: u64, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
        while count > 0 {
            let zeros = ZEROS.get(..usize::try_from(count).unwrap_or(usize::MAX)).unwrap_or(&ZEROS);
            self.give(zeros, sink)?;
            count -= zeros.len() as u64;
        }
        Ok(())
    }

    fn give<E>(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if let Some((hash, _)) = &mut self.print {
            hash.update(bytes);
        }
        sink(bytes)
    }
}
