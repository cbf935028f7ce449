//! Files out of a layer's blob, against the bytes that went in.

use std::{io::Write as _, ops::Range};

use flate2::write::GzEncoder;
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{AccessIndex, ContentError, ContentReader, ContentStep, LayerReader, LayerTable, RowKind};
use crate::{
    image::Digest,
    opened::{LayerSpec, Place},
};

/// A file: its content, and which parts of it are stored, where it is sparse.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) content: Vec<u8>,
    parts: Option<Vec<(usize, usize)>>,
}

impl File {
    pub(super) fn whole(content: &[u8]) -> Self {
        Self { content: content.to_vec(), parts: None }
    }

    /// At most four parts, as a GNU header has room for; what they do not cover is zero.
    pub(super) fn sparse(content: &[u8], parts: &[(usize, usize)]) -> Self {
        let mut holey = vec![0; content.len()];
        for (at, length) in parts {
            holey[*at..at + length].copy_from_slice(&content[*at..at + length]);
        }
        Self { content: holey, parts: Some(parts.to_vec()) }
    }
}

fn octal(field: &mut [u8], number: usize) {
    let text = format!("{number:0width$o}", width = field.len() - 1);
    field[..text.len()].copy_from_slice(text.as_bytes());
}

/// A tar in which row `n` is file `n`; a hard link to the first comes last.
pub(super) fn tar(files: &[File]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (number, file) in files.iter().enumerate() {
        let mut header = tar::Header::new_gnu();
        let name = format!("f{number}");
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        let mut stored = file.content.clone();
        if let Some(parts) = &file.parts {
            stored = parts.iter().flat_map(|(at, length)| file.content[*at..at + length].to_vec()).collect();
            header.set_entry_type(tar::EntryType::GNUSparse);
            let gnu = header.as_gnu_mut().unwrap();
            octal(&mut gnu.realsize, file.content.len());
            for (slot, (at, length)) in gnu.sparse.iter_mut().zip(parts) {
                octal(&mut slot.offset, *at);
                octal(&mut slot.numbytes, *length);
            }
        }
        header.set_size(stored.len() as u64);
        header.set_cksum();
        builder.append(&header, stored.as_slice()).unwrap();
    }
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Link);
    link.set_size(0);
    builder.append_link(&mut link, "link", "f0").unwrap();
    builder.into_inner().unwrap()
}

pub(super) fn gzip(plain: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn index(plain: &[u8], blob: &[u8], share: usize) -> (AccessIndex, LayerTable) {
    let spec = LayerSpec {
        digest: Some(Digest::of(blob)),
        size: Some(blob.len() as u64),
        diff_id: Some(Digest::of(plain)),
        ..LayerSpec::bare("layer", Place::Blob)
    };
    let mut reader = LayerReader::new(0, spec).keep_access(share);
    for chunk in blob.chunks(50_000) {
        reader.push(chunk);
    }
    let outcome = reader.finish();
    assert!(outcome.problem.is_none(), "{:?}", outcome.problem);
    let bytes = outcome.access.unwrap().into_bytes();
    (AccessIndex::from_bytes(bytes).unwrap(), outcome.table.unwrap().join().unwrap())
}

/// Reads in bites of at most this size; says how many bytes of the blob that took.
fn read(mut reader: ContentReader, blob: &[u8], bite: usize) -> Result<(Vec<u8>, usize), ContentError> {
    let (mut out, mut taken) = (Vec::new(), 0);
    while let ContentStep::Read { offset, length } = reader.poll() {
        let offset = usize::try_from(offset).unwrap();
        let length = usize::try_from(length).unwrap().min(bite);
        let bytes = blob.get(offset..offset + length).expect("what is asked for lies within the blob");
        taken += length;
        reader.provide(bytes, &mut |bytes| {
            out.extend_from_slice(bytes);
            Ok::<_, ContentError>(())
        })?;
    }
    Ok((out, taken))
}

/// Text whose numbers look random.
pub(super) fn text(seed: u32, length: usize) -> Vec<u8> {
    (0..).flat_map(|n: u32| format!("{}\n", (n ^ seed).wrapping_mul(2_654_435_761)).into_bytes()).take(length).collect()
}

#[test]
fn holes_are_zeros_wherever_the_range_is() {
    let content = text(3, 9000);
    let files = [
        File::sparse(&content, &[(10, 500), (600, 1), (8000, 1000)]),
        File::sparse(&content, &[(0, 20), (20, 20)]),
        File::sparse(&content, &[]),
        File::whole(b""),
        File::whole(&content),
    ];
    let plain = tar(&files);
    for blob in [plain.clone(), gzip(&plain, 6)] {
        let (access, table) = index(&plain, &blob, 1 << 20);
        for (file, row) in files.iter().zip(0..) {
            assert_eq!(table.sparse(row).is_some(), file.parts.is_some());
            let size = file.content.len();
            for range in [0..size, 0..0, 0..10, 5..15, 509..601, 599..8001, 8999..9000, 1000..2000, size..size] {
                let wanted = range.start as u64..range.end as u64;
                let reader = ContentReader::new(&access, &table, row, Some(wanted.clone()));
                match file.content.get(range.clone()) {
                    Some(expected) => {
                        let (out, _) = read(reader.unwrap(), &blob, 700).unwrap();
                        assert!(out == expected, "row {row}, {range:?}");
                    }
                    None => {
                        let Range { start, end } = wanted;
                        let expected = ContentError::OutOfRange { start, end, size: size as u64 };
                        assert_eq!(reader.unwrap_err(), expected);
                    }
                }
            }
        }
        let link = table.rows() - 1;
        assert_eq!(table.kind(link), RowKind::Hardlink);
        for row in [link, link + 1, u32::MAX] {
            assert_eq!(ContentReader::new(&access, &table, row, None).unwrap_err(), ContentError::NotAFile);
        }
    }
}

#[test]
fn only_what_is_near_is_read() {
    let files: Vec<File> = (0..20).map(|seed| File::whole(&text(seed, 100_000))).collect();
    let plain = tar(&files);
    let blob = gzip(&plain, 6);
    let (access, table) = index(&plain, &blob, 1 << 20);
    assert!(access.points() > 4);
    for row in 0..20 {
        let (out, taken) = read(ContentReader::new(&access, &table, row, None).unwrap(), &blob, 10_000).unwrap();
        assert!(out == files[row as usize].content);
        assert!(taken < blob.len() / 2, "{taken} of {} bytes were read for file {row}", blob.len());
        let (_, taken) =
            read(ContentReader::new(&index(&plain, &plain, 0).0, &table, row, None).unwrap(), &plain, 10_000).unwrap();
        assert_eq!(taken, 100_000, "a plain layer is read in place");
    }
}

#[test]
fn what_changed_since_is_told() {
    let files = [File::whole(&text(1, 5000)), File::whole(&text(2, 5000))];
    let plain = tar(&files);
    let (access, table) = index(&plain, &plain, 0);
    let mut changed = plain;
    changed[512 + 700] ^= 1;
    let reader = |row| ContentReader::new(&access, &table, row, None).unwrap();
    assert_eq!(read(reader(0), &changed, 1000).unwrap_err(), ContentError::Changed);
    assert!(read(reader(1), &changed, 1000).is_ok());
    let nothing = |_: &[u8]| Ok::<_, ContentError>(());
    assert_eq!(reader(0).provide(&[], &mut { nothing }).unwrap_err(), ContentError::Truncated { at: 512 });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_range_of_any_file(
        sizes in proptest::collection::vec((any::<u32>(), 0..300_000_usize), 1..6),
        holes in proptest::collection::vec(any::<prop::sample::Index>(), 6),
        share in 0..300_000_usize,
        level in 0..=9_u32,
        bite in 1..80_000_usize,
        ends in proptest::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 4),
        damage in any::<prop::sample::Index>(),
    ) {
        let mut files: Vec<File> = sizes.iter().map(|(seed, size)| File::whole(&text(*seed, *size))).collect();
        let mut edges: Vec<usize> = holes.iter().map(|at| at.index(200_001)).collect();
        edges.sort_unstable();
        let parts: Vec<_> = edges.chunks(2).map(|pair| (pair[0], pair[1] - pair[0])).collect();
        files.push(File::sparse(&text(7, 200_000), &parts));
        let plain = tar(&files);
        let blobs = [gzip(&plain, level), compress_to_vec(plain.as_slice(), CompressionLevel::Fastest), plain.clone()];
        for mut blob in blobs {
            let (access, table) = index(&plain, &blob, share);
            for (file, row) in files.iter().zip(0..) {
                for (a, b) in &ends {
                    let (a, b) = (a.index(file.content.len() + 1), b.index(file.content.len() + 1));
                    let range = a.min(b)..a.max(b);
                    let wanted = range.start as u64..range.end as u64;
                    let reader = ContentReader::new(&access, &table, row, Some(wanted)).unwrap();
                    prop_assert!(read(reader, &blob, bite).unwrap().0 == file.content[range]);
                }
                let reader = ContentReader::new(&access, &table, row, None).unwrap();
                prop_assert!(read(reader, &blob, bite).unwrap().0 == file.content);
            }
            // What was damaged since either does not matter, or is told.
            let at = damage.index(blob.len());
            blob[at] ^= 0x10;
            for (file, row) in files.iter().zip(0..) {
                let reader = ContentReader::new(&access, &table, row, None).unwrap();
                prop_assert!(read(reader, &blob, bite).map_or(true, |(out, _)| out == file.content));
            }
        }
    }
}
