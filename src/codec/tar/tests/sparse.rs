//! Sparse files: old GNU, pax 0.0, 0.1 and 1.0.

use super::{end, header, member, message, only, padded, parse, pax, sealed};

/// What all sparse tests below store: `ab` at 3, `cd` at 8 of 12 bytes.
const SPARSE: &[u8] = b"\0\0\0ab\0\0\0cd\0\0";

fn assert_sparse(tar: &[u8], data_offset: u64) {
    let members = parse(tar).unwrap();
    let (entry, content) = &members[0];
    assert_eq!(entry.path, b"real");
    assert_eq!((entry.size, entry.stored, content.as_slice()), (12, 4, SPARSE));
    assert_eq!(entry.data_offset, data_offset);
    assert_eq!(entry.sparse.as_deref(), Some(&[(3, 2), (8, 2)][..]));
    assert_eq!(members[1].0.path, b"next");
}

#[test]
fn pax_sparse() {
    let tail = [member(b"GNUSparseFile.0/real", b'0', b"abcd"), member(b"next", b'0', b"n"), end()].concat();
    let zero_zero = pax(&[
        ("GNU.sparse.size", b"12"),
        ("GNU.sparse.numblocks", b"3"),
        ("GNU.sparse.offset", b"3"),
        ("GNU.sparse.numbytes", b"2"),
        ("GNU.sparse.offset", b"8"),
        ("GNU.sparse.numbytes", b"2"),
        ("GNU.sparse.offset", b"12"),
        ("GNU.sparse.numbytes", b"0"),
        ("path", b"real"),
    ]);
    let zero_one =
        pax(&[("GNU.sparse.name", b"real"), ("GNU.sparse.size", b"12"), ("GNU.sparse.map", b"3,2,8,2,12,0")]);
    for extended in [zero_zero, zero_one] {
        assert_sparse(&[extended.as_slice(), &tail].concat(), 1536);
    }
    let one = pax(&[
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", b"real"),
        ("GNU.sparse.realsize", b"12"),
    ]);
    let map = padded(b"3\n3\n2\n8\n2\n12\n0\n");
    let content = [map.as_slice(), b"abcd"].concat();
    let tar = [one, member(b"GNUSparseFile.0/real", b'0', &content), member(b"next", b'0', b"n"), end()].concat();
    assert_sparse(&tar, 2048);
}

/// An old GNU sparse header with these slots; whether a block of more follows.
fn gnu_sparse(slots: &[(u64, u64)], size: u64, stored: usize, more: bool) -> [u8; 512] {
    let mut block = header(b"real", b'S', stored);
    block[257..265].copy_from_slice(b"ustar  \0");
    for (at, (offset, length)) in slots.iter().enumerate() {
        block[386 + at * 24..][..24].copy_from_slice(format!("{offset:011o}\0{length:011o}\0").as_bytes());
    }
    block[482] = u8::from(more);
    block[483..494].copy_from_slice(format!("{size:011o}").as_bytes());
    sealed(block)
}

#[test]
fn old_gnu_sparse() {
    let block = gnu_sparse(&[(3, 2), (8, 2), (12, 0)], 12, 4, false);
    assert_sparse(&[block.to_vec(), padded(b"abcd"), member(b"next", b'0', b"n"), end()].concat(), 512);

    let first = gnu_sparse(&[(0, 1), (10, 1), (20, 1), (30, 1)], 300, 26, true);
    let mut blocks = [[0_u8; 512]; 2];
    for part in 0..22_usize {
        let slot = format!("{:011o}\0{:011o}\0", 40 + part * 10, 1);
        blocks[part / 21][part % 21 * 24..][..24].copy_from_slice(slot.as_bytes());
    }
    blocks[0][504] = 1;
    let tar = [first.to_vec(), blocks.concat(), padded(&[b'x'; 26]), end()].concat();
    let (entry, content) = only(&tar);
    let expected: Vec<_> = (0..300).map(|at| if at % 10 == 0 && at < 260 { b'x' } else { 0 }).collect();
    assert_eq!(content, expected);
    assert_eq!((entry.data_offset, entry.sparse.unwrap().len()), (1536, 26));
}

#[test]
fn damaged_sparse_files() {
    let old = |slots: &[(u64, u64)], size, stored| {
        [gnu_sparse(slots, size, stored, false).to_vec(), padded(&vec![1; stored]), end()].concat()
    };
    let one = |map: &[u8]| {
        let extended = pax(&[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0")]);
        [extended, member(b"f", b'0', map), end()].concat()
    };
    let table = [
        (old(&[(8, 2), (3, 2)], 12, 4), "out of order"),
        (old(&[(0, 2)], 12, 4), "do not add up"),
        (old(&[(0, 4)], 3, 4), "behind the file's end"),
        (one(b""), "missing"),
        (one(&[b"1000\n", "1\n".repeat(253).as_bytes(), b"1"].concat()), "longer than the member"),
        (one(&padded(b"a\n")), "no number"),
        (one(&padded(b"1111111111111111111111")), "too long"),
        (one(&padded(b"99999999\n")), "SPARSE_PARTS"),
    ];
    for (tar, expected) in table {
        let text = message(&tar);
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
    let huge = pax(&[("GNU.sparse.map", b"0,1"), ("GNU.sparse.size", b"9000000000000000000")]);
    let text = message(&[huge, member(b"f", b'0', b"x"), end()].concat());
    assert!(text.contains("LAYER_BYTES"), "{text}");
}
