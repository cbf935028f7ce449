//! Many files in one walk, against the bytes that went in.

use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;
use crate::layer::content_tests::{File, gzip, index, tar, text};

#[derive(Default)]
struct Seen {
    open: bool,
    files: Vec<(u32, Vec<u8>)>,
}

impl ContentVisitor for Seen {
    type Error = ContentError;

    fn begin(&mut self, row: u32) -> Result<(), ContentError> {
        assert!(!self.open);
        self.open = true;
        self.files.push((row, Vec::new()));
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), ContentError> {
        assert!(self.open);
        self.files.last_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, row: u32) -> Result<(), ContentError> {
        assert_eq!(self.files.last().unwrap().0, row);
        self.open = false;
        Ok(())
    }
}

/// Walks in bites of at most this size; says how many bytes of the blob that took.
fn walk(mut walk: ContentWalk, blob: &[u8], bite: usize) -> Result<(Seen, usize), ContentError> {
    let (mut seen, mut taken) = (Seen::default(), 0);
    while let ContentStep::Read { offset, length } = walk.poll() {
        let offset = usize::try_from(offset).unwrap();
        let length = usize::try_from(length).unwrap().min(bite);
        taken += length;
        walk.provide(&blob[offset..offset + length], &mut seen)?;
    }
    Ok((seen, taken))
}

fn file() -> impl Strategy<Value = File> {
    (0_usize..200_000, any::<u32>(), any::<bool>()).prop_map(|(length, seed, sparse)| {
        let length = if seed % 5 == 0 { 0 } else { length };
        let content = text(seed, length);
        if sparse && length > 1000 {
            File::sparse(&content, &[(10, length / 4), (length / 2, length / 4)])
        } else {
            File::whole(&content)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_files_of_any_layer_come_whole_and_in_order(
        files in prop::collection::vec(file(), 1..12),
        wanted in any::<u16>(),
        packing in 0..3,
        bite in prop_oneof![Just(1000_usize), Just(70_000), Just(usize::MAX)],
    ) {
        let plain = tar(&files);
        let blob = match packing {
            0 => plain.clone(),
            1 => gzip(&plain, 6),
            _ => compress_to_vec(plain.as_slice(), CompressionLevel::Fastest),
        };
        let (access, table) = index(&plain, &blob, 1 << 20);
        let rows: Vec<u32> = (0..files.len()).filter(|n| wanted >> n & 1 == 1).map(|n| u32::try_from(n).unwrap()).collect();
        let reader = ContentWalk::new(Arc::new(access), Arc::new(table), rows.iter().rev().copied().collect()).unwrap();
        let (seen, _) = walk(reader, &blob, bite).unwrap();
        prop_assert!(!seen.open);
        prop_assert_eq!(seen.files.iter().map(|(row, _)| *row).collect::<Vec<_>>(), rows);
        for (row, content) in seen.files {
            prop_assert!(content == files[row as usize].content, "row {}", row);
        }
    }
}

#[test]
fn a_walk_reads_each_byte_once_and_passes_over_what_is_not_wanted() {
    let files: Vec<File> = (0..40).map(|seed| File::whole(&text(seed, 200_000))).collect();
    let plain = tar(&files);
    for blob in [plain.clone(), gzip(&plain, 6)] {
        let (access, table) = index(&plain, &blob, 4 << 20);
        let (access, table) = (Arc::new(access), Arc::new(table));
        let take = |rows: Vec<u32>| {
            let reader = ContentWalk::new(Arc::clone(&access), Arc::clone(&table), rows).unwrap();
            walk(reader, &blob, usize::MAX).unwrap().1
        };
        let chunk = usize::try_from(CHUNK).unwrap();
        assert!(take((0..40).collect()) <= blob.len() + 2 * chunk, "all");
        assert!(take(vec![0, 39]) <= 5 * chunk, "the first and the last");
    }
}

#[test]
fn what_is_no_file_or_has_changed_is_refused() {
    let plain = tar(&[File::whole(b"one"), File::whole(b"two")]);
    let (access, table) = index(&plain, &plain, 0);
    let (access, table) = (Arc::new(access), Arc::new(table));
    let new = |rows: &[u32]| ContentWalk::new(Arc::clone(&access), Arc::clone(&table), rows.to_vec());
    assert_eq!(new(&[0, 2]).unwrap_err(), ContentError::NotAFile, "a hard link");
    assert_eq!(new(&[9]).unwrap_err(), ContentError::NotAFile, "no row");
    let mut other = plain;
    let at = other.windows(3).position(|bytes| bytes == b"two").unwrap();
    other[at] ^= 1;
    assert_eq!(walk(new(&[0, 1]).unwrap(), &other, 100).err(), Some(ContentError::Changed));
    assert!(walk(new(&[0]).unwrap(), &other, usize::MAX).is_ok(), "the other file is as it was");
}
