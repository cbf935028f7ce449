//! What is kept of a layer, while it is read whole, for holding its table of contents against it.

use sha2::{Digest as _, Sha256};

use super::{STARGZ_MEMBER, Sum, TocError, compare::compare, entries::Toc, unpack};
use crate::{
    codec::{Member, TarEntry, TarKind},
    image::TocRef,
    layer::table::LayerTable,
    limits,
    problem::{Problem, ProblemKind},
};

/// The kind of warning for each difference.
const WARNING: &str = "toc-differs";

/// Contents that passed by.
#[derive(Default)]
pub(super) struct Seen {
    /// Each content in the pieces that gzip members or zstd frames cut it into.
    pub(super) pieces: Vec<Piece>,
    /// SHA-256 of each content that has several pieces.
    pub(super) whole: Vec<(u32, Sum)>,
}

/// A piece of a content: what a runtime fetches by itself.
pub(super) struct Piece {
    pub(super) row: u32,
    /// First byte in the content, and how many.
    pub(super) at: u64,
    pub(super) length: u64,
    /// Where the member or frame begins in the blob, and how many of its bytes come before the piece.
    pub(super) member: u64,
    pub(super) inner: u64,
    pub(super) sum: Sum,
}

/// A content that passes by.
struct Now {
    row: u32,
    /// Where it begins in the tar.
    start: u64,
    done: u64,
    /// Of all of it, and of the piece; the first piece is all of it until there is a second.
    whole: Sha256,
    piece: Option<Sha256>,
    /// Where the piece begins: in the content, and its member in blob and tar.
    from: u64,
    member: (u64, u64),
}

impl Now {
    fn take(&mut self, bytes: &[u8], member: (u64, u64), seen: &mut Seen) {
        if member != self.member {
            if self.done > self.from {
                self.end_piece(seen);
                self.piece = Some(Sha256::new());
            }
            (self.from, self.member) = (self.done, member);
        }
        self.done += bytes.len() as u64;
        self.whole.update(bytes);
        if let Some(piece) = &mut self.piece {
            piece.update(bytes);
        }
    }

    fn end_piece(&mut self, seen: &mut Seen) {
        let hash = self.piece.take().unwrap_or_else(|| self.whole.clone());
        let (member, output) = self.member;
        seen.pieces.push(Piece {
            row: self.row,
            at: self.from,
            length: self.done - self.from,
            member,
            inner: (self.start + self.from).saturating_sub(output),
            sum: hash.finalize().into(),
        });
    }

    fn end(mut self, seen: &mut Seen) {
        if self.done == 0 {
            return;
        }
        let is_cut = self.from > 0;
        self.end_piece(seen);
        if is_cut {
            seen.whole.push((self.row, self.whole.finalize().into()));
        }
    }
}

/// Sees a layer pass by.
pub(in crate::layer) struct Witness {
    reference: TocRef,
    member_now: Member,
    /// What was seen of contents, by row, ascending.
    seen: Seen,
    now: Option<Now>,
    /// The member of eStargz that is the table, if there is one, and whether its content comes now.
    member: Option<Vec<u8>>,
    is_member: bool,
    is_too_large: bool,
    /// The packed table of zstd:chunked, as far as it came.
    packed: Vec<u8>,
}

impl Witness {
    /// For a layer with such a table.
    pub(in crate::layer) fn new(reference: TocRef, member: Member) -> Self {
        Self {
            reference,
            member_now: member,
            seen: Seen::default(),
            now: None,
            member: None,
            is_member: false,
            is_too_large: false,
            packed: Vec::new(),
        }
    }

    /// Bytes of the blob, from byte `at` on.
    pub(in crate::layer) fn blob(&mut self, at: u64, bytes: &[u8]) {
        let TocRef::ZstdChunked { offset, length, .. } = self.reference else { return };
        let within = |byte: u64| usize::try_from(byte.saturating_sub(at)).map_or(bytes.len(), |n| n.min(bytes.len()));
        self.packed.extend_from_slice(bytes.get(within(offset)..within(offset + length)).unwrap_or_default());
    }

    /// A member begins.
    pub(in crate::layer) fn begin(&mut self, row: u32, entry: &TarEntry) {
        let is_file = entry.kind == TarKind::File;
        self.is_member = is_file && matches!(self.reference, TocRef::EStargz { .. }) && entry.path == STARGZ_MEMBER;
        if self.is_member {
            self.is_too_large = entry.size > limits::TOC_BYTES;
            self.member = Some(Vec::new());
        } else if is_file && self.reference.is_usable() {
            self.now = Some(Now {
                row,
                start: entry.data_offset,
                done: 0,
                whole: Sha256::new(),
                piece: None,
                from: 0,
                member: self.member_now.start(),
            });
        }
    }

    /// The next bytes of its content.
    pub(in crate::layer) fn data(&mut self, bytes: &[u8]) {
        if let Some(now) = &mut self.now {
            now.take(bytes, self.member_now.start(), &mut self.seen);
        }
        if let Some(member) = self.member.as_mut().filter(|_| self.is_member && !self.is_too_large) {
            member.extend_from_slice(bytes);
        }
    }

    /// Its content is complete.
    pub(in crate::layer) fn end(&mut self) {
        self.is_member = false;
        if let Some(now) = self.now.take() {
            now.end(&mut self.seen);
        }
    }

    /// Holds the table of contents against the tar's table: what is wrong with it, and each difference as a warning.
    pub(in crate::layer) fn finish(
        mut self,
        table: &LayerTable,
        blob: u64,
        place: &str,
        warnings: &mut Vec<(String, Option<String>, String)>,
    ) -> Option<Problem> {
        let toc = match self.toc(blob) {
            Ok(toc) => toc,
            Err(error) => return Some(error.problem(place)),
        };
        let Toc { table: listed, contents } = toc;
        let listed = match listed.join() {
            Ok(listed) => listed,
            Err(error) => return Some(TocError::Limit(error.to_string()).problem(place)),
        };
        let differences = compare(&listed, &contents, table, &self.seen);
        let first = differences.first()?;
        let count = match differences.len() {
            1 => "1 path".to_owned(),
            n => format!("{n} paths"),
        };
        let detail = format!("table of contents and tar differ at {count}, first at {}: {}", first.path, first.text);
        let told = differences.into_iter().take(limits::TOC_DIFFERENCES);
        warnings.extend(told.map(|difference| (WARNING.to_owned(), Some(difference.path), difference.text)));
        Some(Problem::new(ProblemKind::TocDiffers, place, detail))
    }

    fn toc(&mut self, blob: u64) -> Result<Toc, TocError> {
        let json = match &self.reference {
            TocRef::Unusable { why } => return Err(TocError::Unusable(why.clone())),
            TocRef::EStargz { .. } if self.is_too_large => return Err(TocError::TooLarge),
            TocRef::EStargz { digest } => {
                let json = self.member.take().ok_or(TocError::Missing)?;
                unpack::check(digest, &json)?;
                json
            }
            TocRef::ZstdChunked { unpacked, digest, .. } => unpack::chunked(&self.packed, *unpacked, digest)?,
        };
        Toc::parse(&json, blob)
    }
}
