//! One content that arrives in slices: where the needle is, and what stands around it.

use super::Needle;

/// Bytes before and behind a place that are shown with it.
const BEFORE: usize = 40;
const BEHIND: usize = 80;

/// A content being searched.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Bytes that are still to be searched, with those before them that are to be shown.
    kept: Vec<u8>,
    /// Where `kept` begins in the content.
    start: u64,
    /// Where the search goes on in `kept`.
    next: usize,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// First byte.
    pub(super) offset: u64,
    /// What stands before it in its line, it itself, what stands behind it.
    pub(super) excerpt: [Vec<u8>; 3],
}

impl Scan {
    /// Takes the next bytes; at the content's end none, with `last`. Places do not overlap.
    pub(super) fn push(&mut self, needle: &Needle, bytes: &[u8], last: bool, found: &mut impl FnMut(Place)) {
        self.kept.extend_from_slice(bytes);
        // What begins behind this waits for the bytes that are to be shown behind it.
        let limit = if last { self.kept.len() } else { (self.kept.len() + 1).saturating_sub(needle.len() + BEHIND) };
        while let Some(at) = needle.find(&self.kept, self.next).filter(|at| *at < limit) {
            found(self.place(at, needle.len()));
            self.next = at + needle.len();
        }
        self.next = self.next.max(limit);
        let drop = self.next.saturating_sub(BEFORE).min(self.kept.len());
        self.kept.drain(..drop);
        self.start += drop as u64;
        self.next -= drop;
    }

    fn place(&self, at: usize, length: usize) -> Place {
        let part = |from: usize, to: usize| self.kept.get(from..to.min(self.kept.len())).unwrap_or_default();
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0);
        let before = part(at.saturating_sub(BEFORE), at);
        let before = before.rsplit(is_end).next().unwrap_or_default();
        let behind = part(at + length, at + length + BEHIND);
        let behind = behind.split(is_end).next().unwrap_or_default();
        let excerpt = [before.to_vec(), part(at, at + length).to_vec(), behind.to_vec()];
        Place { offset: self.start + at as u64, excerpt }
    }
}
