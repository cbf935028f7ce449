//! The outline of a plain layer: its table from the headers alone, seeking over content, before anything is hashed. It
//! shows a tree at once; nothing of it is verified, and contents are not compared.

use super::{index::Indexer, parts::TableParts};
use crate::{
    codec::TarParser,
    limits::{self, LayerLimits},
};

/// An outline being read. Push the layer's bytes in order, leaving out what may be skipped.
pub struct OutlineReader {
    parser: TarParser,
    indexer: Indexer,
    broken: bool,
}

impl Default for OutlineReader {
    fn default() -> Self {
        Self::new()
    }
}

impl OutlineReader {
    /// For a layer from its first byte on.
    pub fn new() -> Self {
        let limits = LayerLimits { entries: limits::OUTLINE_ENTRIES, ..LayerLimits::default() };
        Self { parser: TarParser::new(), indexer: Indexer::outline(limits), broken: false }
    }

    /// Takes the next bytes. False when no more are needed: the tar has ended, or cannot be read.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.broken |= self.parser.push(bytes, &mut self.indexer).is_err();
        !self.broken && !self.parser.ended()
    }

    /// Skips what is left of a large content; gives how many bytes that were, so many need not be pushed.
    pub fn skip(&mut self) -> u64 {
        let left = self.parser.skippable();
        if left < limits::OUTLINE_SKIP {
            return 0;
        }
        self.parser.skip(left);
        left
    }

    /// The table; none when the tar cannot be read, which the verified pass says, or when it is long (see
    /// [`limits::OUTLINE_ENTRIES`]).
    pub fn finish(mut self) -> Option<TableParts> {
        if self.broken || self.parser.finish(&mut self.indexer).is_err() {
            return None;
        }
        self.indexer.table.finish().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar() -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, size) in [("small", 10_usize), ("large", 3_000_000), ("last", 700)] {
            let mut header = tar::Header::new_gnu();
            header.set_size(size as u64);
            builder.append_data(&mut header, name, vec![7; size].as_slice()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn large_contents_are_skipped_and_all_entries_are_there() {
        let bytes = tar();
        let mut reader = OutlineReader::new();
        let (mut at, mut pushed) = (0, 0);
        while at < bytes.len() {
            let end = (at + 64 * 1024).min(bytes.len());
            pushed += end - at;
            if !reader.push(&bytes[at..end]) {
                break;
            }
            at = end + usize::try_from(reader.skip()).unwrap();
        }
        assert!(pushed < 1 << 20, "{pushed} bytes were read");
        let table = reader.finish().unwrap().join().unwrap();
        let sizes: Vec<u64> = (0..table.rows()).map(|row| table.size(row)).collect();
        assert_eq!(sizes, [10, 3_000_000, 700]);
        let prints: Vec<u128> = (0..3).map(|row| table.entry(row).print).collect();
        assert!(prints[0] != prints[2], "contents that were not read are not called alike");
    }

    #[test]
    fn what_is_no_tar_has_no_outline() {
        let mut reader = OutlineReader::new();
        reader.push(&[b'x'; 2048]);
        assert!(reader.finish().is_none());
    }
}
