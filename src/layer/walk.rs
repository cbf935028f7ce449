//! The contents of many files of a layer in one walk over its blob: what a download of all files or a search needs,
//! where a reader for each file would unpack the same bytes again and again.

use std::sync::Arc;

use super::{
    content::{CHUNK, ContentError, ContentStep, Halt, Wanted},
    table::{LayerTable, RowKind},
};
use crate::codec::{AccessIndex, Decoder};

/// Takes the contents as they come.
pub trait ContentVisitor {
    /// The visitor's own error.
    type Error: From<ContentError>;

    /// The content of a row begins.
    fn begin(&mut self, row: u32) -> Result<(), Self::Error>;
    /// Its next bytes, holes as zeros.
    fn data(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    /// It is complete, and what it was when the layer was verified.
    fn end(&mut self, row: u32) -> Result<(), Self::Error>;
}

/// Gives the contents of files in the order in which they lie in the blob. Each is held against its fingerprint.
/// Stretches without a wanted file are passed over where the blob can be entered behind them. The caller has to see to
/// it that the layer was verified: [`ImageState::contents`] does.
///
/// [`ImageState::contents`]: ../session/struct.ImageState.html#method.contents
#[derive(Debug)]
pub struct ContentWalk {
    access: Arc<AccessIndex>,
    decoder: Decoder,
    files: Files,
}

#[derive(Debug)]
struct Files {
    table: Arc<LayerTable>,
    rows: std::vec::IntoIter<u32>,
    /// The row whose content is being given, and whether the visitor knows.
    current: Option<(u32, Wanted, bool)>,
}

impl ContentWalk {
    /// A walk over the files in these rows, which are brought into order.
    ///
    /// # Errors
    /// [`ContentError::NotAFile`] when one of the rows is none.
    pub fn new(access: Arc<AccessIndex>, table: Arc<LayerTable>, mut rows: Vec<u32>) -> Result<Self, ContentError> {
        let is_file = |row: &u32| *row < table.rows() && matches!(table.kind(*row), RowKind::File | RowKind::Aufs);
        if !rows.iter().all(is_file) {
            return Err(ContentError::NotAFile);
        }
        rows.sort_unstable();
        rows.dedup();
        let mut files = Files { table, rows: rows.into_iter(), current: None };
        files.next()?;
        let decoder = Decoder::resume(&access, files.start().unwrap_or_default());
        Ok(Self { access, decoder, files })
    }

    /// What is needed next. The length is zero where no byte of the blob is: provide an empty slice then.
    pub fn poll(&self) -> ContentStep {
        let offset = self.decoder.consumed();
        match &self.files.current {
            None => ContentStep::Done,
            Some((_, wanted, _)) if wanted.parts.is_empty() => ContentStep::Read { offset, length: 0 },
            Some(_) => {
                ContentStep::Read { offset, length: self.access.stream_bytes().saturating_sub(offset).min(CHUNK) }
            }
        }
    }

    /// Takes the bytes that were asked for, and hands contents to the visitor.
    ///
    /// # Errors
    /// The visitor's own, or a [`ContentError`]. After one the walk is of no more use.
    pub fn provide<V: ContentVisitor>(&mut self, bytes: &[u8], visitor: &mut V) -> Result<(), V::Error> {
        let (files, access) = (&mut self.files, &self.access);
        if files.start().is_none() {
            return files.take(0, &[], visitor);
        }
        let mut position = self.decoder.produced();
        let pushed = self.decoder.push(bytes, &mut |plain| {
            files.take(position, plain, visitor).map_err(Halt::Sink)?;
            position += plain.len() as u64;
            match files.start() {
                Some(start) if access.entry(start) <= position.saturating_add(CHUNK) => Ok(()),
                // Nothing more is wanted before a later point, or at all.
                _ => Err(Halt::Done),
            }
        });
        match pushed {
            Ok(()) if !bytes.is_empty() && self.decoder.consumed() < access.stream_bytes() => Ok(()),
            Ok(()) => Err(ContentError::Truncated { at: self.decoder.consumed() }.into()),
            Err(Halt::Done) => {
                self.decoder = Decoder::resume(access, files.start().unwrap_or_default());
                Ok(())
            }
            Err(Halt::Sink(error)) => Err(error),
            Err(Halt::Decode(error)) => Err(ContentError::Decode(error).into()),
        }
    }
}

impl Files {
    /// Where the next wanted byte stands in the tar; none where no stored byte is wanted before the file's end.
    fn start(&self) -> Option<u64> {
        self.current.as_ref().and_then(|(_, wanted, _)| wanted.parts.front()).map(|part| part.start)
    }

    fn next(&mut self) -> Result<(), ContentError> {
        self.current = match self.rows.next() {
            Some(row) => Some((row, Wanted::new(&self.table, row, None)?, false)),
            None => None,
        };
        Ok(())
    }

    /// Takes unpacked bytes that stand at `position` of the tar, for as many files as they are of.
    fn take<V: ContentVisitor>(&mut self, position: u64, plain: &[u8], visitor: &mut V) -> Result<(), V::Error> {
        while let Some((row, wanted, known)) = &mut self.current {
            if !*known {
                visitor.begin(*row)?;
                *known = true;
            }
            wanted.take(position, plain, &mut |bytes| visitor.data(bytes))?;
            if !wanted.parts.is_empty() {
                break;
            }
            wanted.end(&mut |bytes| visitor.data(bytes))?;
            visitor.end(*row)?;
            self.next()?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
