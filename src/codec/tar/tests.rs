//! The parser: headers by hand, the `tar` crate as an oracle, chunk boundaries, damage.

mod oracle;
mod sparse;

use std::io::Read;

use proptest::prelude::*;

use super::{TarEntry, TarError, TarKind, TarParser, TarVisitor};
use crate::limits;

/// Members with their content.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    members: Vec<(TarEntry, Vec<u8>)>,
    open: bool,
}

impl TarVisitor for Seen {
    type Error = TarError;

    fn entry(&mut self, entry: &TarEntry) -> Result<(), TarError> {
        assert!(!self.open, "an entry inside an entry");
        self.open = true;
        self.members.push((entry.clone(), Vec::new()));
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), TarError> {
        assert!(self.open && !bytes.is_empty());
        self.members.last_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }

    fn entry_end(&mut self) -> Result<(), TarError> {
        assert!(self.open, "an end without an entry");
        self.open = false;
        Ok(())
    }
}

fn parse_in(tar: &[u8], cuts: &[usize]) -> Result<Seen, TarError> {
    let (mut parser, mut seen, mut rest) = (TarParser::new(), Seen::default(), tar);
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*cuts.next().unwrap()).clamp(1, rest.len()));
        parser.push(now, &mut seen)?;
        rest = later;
    }
    parser.finish(&mut seen)?;
    assert_eq!(parser.position(), tar.len() as u64);
    assert!(!seen.open, "an entry never ended");
    Ok(seen)
}

/// Parses whole and byte by byte: both must agree.
fn parse(tar: &[u8]) -> Result<Vec<(TarEntry, Vec<u8>)>, TarError> {
    let whole = parse_in(tar, &[usize::MAX]);
    assert_eq!(parse_in(tar, &[1]), whole);
    whole.map(|seen| seen.members)
}

/// A ustar header of this type, with the checksum done.
fn header(name: &[u8], kind: u8, size: usize) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    block[108..115].copy_from_slice(b"0001750");
    block[116..123].copy_from_slice(b"0000144");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[136..147].copy_from_slice(b"14000000000");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    sealed(block)
}

fn sealed(mut block: [u8; 512]) -> [u8; 512] {
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

fn changed(block: [u8; 512], at: usize, bytes: &[u8]) -> [u8; 512] {
    let mut block = block;
    block[at..at + bytes.len()].copy_from_slice(bytes);
    sealed(block)
}

fn padded(content: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    content.resize(content.len().next_multiple_of(512), 0);
    content
}

fn member(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    [header(name, kind, content.len()).to_vec(), padded(content)].concat()
}

fn pax(records: &[(&str, &[u8])]) -> Vec<u8> {
    let mut content = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length != rest + length.to_string().len() {
            length += 1;
        }
        content.extend_from_slice(format!("{length} {key}=").as_bytes());
        content.extend_from_slice(value);
        content.push(b'\n');
    }
    member(b"PaxHeaders/x", b'x', &content)
}

fn end() -> Vec<u8> {
    vec![0; 1024]
}

fn only(tar: &[u8]) -> (TarEntry, Vec<u8>) {
    let mut members = parse(tar).unwrap();
    assert_eq!(members.len(), 1);
    members.remove(0)
}

fn message(tar: &[u8]) -> String {
    parse(tar).unwrap_err().to_string()
}

#[test]
fn a_plain_member() {
    let tar = [member(b"etc/hosts", b'0', b"hello"), end()].concat();
    let expected = TarEntry {
        path: b"etc/hosts".to_vec(),
        mode: 0o644,
        uid: 1000,
        gid: 100,
        mtime: 0o14_000_000_000,
        size: 5,
        stored: 5,
        data_offset: 512,
        ..TarEntry::default()
    };
    assert_eq!(only(&tar), (expected, b"hello".to_vec()));
}

#[test]
fn types() {
    let table = [
        (0, &b"f"[..], TarKind::File),
        (0, b"d/", TarKind::Directory),
        (b'0', b"f", TarKind::File),
        (b'0', b"f/", TarKind::File),
        (b'1', b"f", TarKind::HardLink),
        (b'2', b"f", TarKind::Symlink),
        (b'3', b"f", TarKind::CharDevice),
        (b'4', b"f", TarKind::BlockDevice),
        (b'5', b"f", TarKind::Directory),
        (b'6', b"f", TarKind::Fifo),
        (b'7', b"f", TarKind::File),
        (b'D', b"f", TarKind::Directory),
        (b'Z', b"f", TarKind::File),
    ];
    for (kind, name, expected) in table {
        let block = changed(header(name, kind, 0), 157, b"target");
        let block = changed(changed(block, 329, b"0000010"), 337, b"0000003");
        let (entry, _) = only(&[block.to_vec(), end()].concat());
        assert_eq!(entry.kind, expected, "type {kind}");
        let is_link = matches!(expected, TarKind::HardLink | TarKind::Symlink);
        assert_eq!(entry.link, if is_link { &b"target"[..] } else { b"" });
        let is_device = matches!(expected, TarKind::CharDevice | TarKind::BlockDevice);
        assert_eq!(entry.device, if is_device { (8, 3) } else { (0, 0) });
    }
    let v7 = changed(header(b"d/", b'0', 0), 257, &[0; 8]);
    assert_eq!(only(&[v7.to_vec(), end()].concat()).0.kind, TarKind::Directory);
}

#[test]
fn sizes_of_bare_members_count_for_nothing() {
    for kind in *b"123456" {
        let tar = [header(b"bare", kind, 5000).to_vec(), member(b"next", b'0', b"x"), end()].concat();
        let members = parse(&tar).unwrap();
        assert_eq!((members[0].0.size, members[0].0.stored), (0, 0));
        assert_eq!(members[1].0.path, b"next");
    }
    let listing = [member(b"dir", b'D', b"Yfile\0\0"), member(b"next", b'0', b"x"), end()].concat();
    let members = parse(&listing).unwrap();
    assert_eq!(members[0].1, b"");
    assert_eq!(members[1].0.path, b"next");
}

#[test]
fn names() {
    let prefixed = changed(header(b"name", b'0', 0), 345, b"a/prefix");
    assert_eq!(only(&[prefixed.to_vec(), end()].concat()).0.path, b"a/prefix/name");
    let gnu = changed(prefixed, 257, b"ustar  \0");
    assert_eq!(only(&[gnu.to_vec(), end()].concat()).0.path, b"name");
    let full = header(&[b'n'; 100], b'0', 0);
    assert_eq!(only(&[full.to_vec(), end()].concat()).0.path, [b'n'; 100]);

    let long = [b'x'; 3000];
    let tar = [
        member(b"././@LongLink", b'K', &[&long[..], b"/target\0"].concat()),
        member(b"././@LongLink", b'L', &[&long[..], b"/path\0"].concat()),
        member(b"cut", b'2', b""),
        member(b"next", b'0', b""),
        end(),
    ]
    .concat();
    let members = parse(&tar).unwrap();
    assert_eq!(members[0].0.path, [&long[..], b"/path"].concat());
    assert_eq!(members[0].0.link, [&long[..], b"/target"].concat());
    assert_eq!(members[0].0.header_offset, 2 * (512 + 3072));
    assert_eq!(members[1].0.path, b"next");
}

#[test]
fn pax_records() {
    let records: [(&str, &[u8]); 12] = [
        ("path", b"real\npath"),
        ("size", b"3"),
        ("uid", b"70000000"),
        ("gid", b"4294967296"),
        ("mtime", b"-1.25"),
        ("comment", b"not\nread=it"),
        ("SCHILY.xattr.user.a", b"line\nline\0"),
        ("SCHILY.xattr.user.a", b"last"),
        ("SCHILY.xattr.user.overlay.origin", b""),
        ("LIBARCHIVE.xattr.user.a", b"Zmlyc3Q"),
        ("LIBARCHIVE.xattr.user.b%3D", b"Yg"),
        ("MSWINDOWS.rawsd", b"x"),
    ];
    let tar = [pax(&records), header(b"cut", b'0', 0).to_vec(), padded(b"abc"), end()].concat();
    let (entry, content) = only(&tar);
    assert_eq!((entry.path.as_slice(), entry.size, content.as_slice()), (&b"real\npath"[..], 3, &b"abc"[..]));
    assert_eq!((entry.uid, entry.gid, entry.mtime), (70_000_000, 1 << 32, -2));
    let attribute = |name: &[u8], value: &[u8]| (name.to_vec(), value.to_vec());
    let expected =
        vec![attribute(b"user.a", b"last"), attribute(b"user.overlay.origin", b""), attribute(b"user.b=", b"b")];
    assert_eq!(entry.xattrs, expected);
}

#[test]
fn pax_values_are_taken_back_and_do_not_stay() {
    let back = pax(&[("path", b"x"), ("path", b""), ("mtime", b"5"), ("mtime", b"")]);
    let global = member(b"pax_global_header", b'g', b"14 path=global\n");
    let tar = [global, pax(&[("uid", b"7")]), back, member(b"a", b'0', b""), member(b"b", b'0', b""), end()].concat();
    for ((entry, _), name) in parse(&tar).unwrap().iter().zip([b"a", b"b"]) {
        assert_eq!((entry.path.as_slice(), entry.uid, entry.mtime), (&name[..], 1000, 0o14_000_000_000));
    }
}

#[test]
fn base_256_numbers() {
    let block = changed(header(b"f", b'0', 0), 108, &[0x80, 0, 0, 1, 0, 0, 0, 0]);
    let block = changed(block, 136, &[0xff; 12]);
    let (entry, _) = only(&[block.to_vec(), end()].concat());
    assert_eq!((entry.uid, entry.mtime), (1 << 32, -1));
    let negative = changed(header(b"f", b'0', 0), 124, &[0xff; 12]);
    assert!(message(&[negative.to_vec(), end()].concat()).contains("size is no number in range"));
}

#[test]
fn ends() {
    let first = member(b"a", b'0', b"content");
    let whole = [first.clone(), end()].concat();
    let unpadded = &whole[..512 + 7];
    for tar in [&whole[..], &whole[..1024], &whole[..1536], &whole[..1700], unpadded] {
        assert_eq!(parse(tar).unwrap().len(), 1, "{} bytes", tar.len());
    }
    assert!(parse(&[]).unwrap().is_empty());
    assert!(parse(&end()).unwrap().is_empty());
    let behind = [whole.as_slice(), b"anything at all", &first].concat();
    assert_eq!(parse(&behind).unwrap().len(), 1);

    let mut parser = TarParser::new();
    let lone = [first.as_slice(), &[0; 512], &first].concat();
    parser.push(&lone, &mut Seen::default()).unwrap();
    assert!(parser.ended());
    assert_eq!(parser.lone_zero_block(), Some(1024));
}

#[test]
fn truncated_and_damaged() {
    let good = member(b"a", b'0', b"content");
    let mut bad = good.clone();
    bad[0] ^= 1;
    let blank = changed(header(b"a", b'0', 0), 108, b"12x    ");
    let huge = header(b"x", b'x', usize::try_from(limits::PAX_BYTES).unwrap() + 1);
    let long = pax(&[("path", &vec![b'p'; limits::PATH_BYTES + 1])]);
    let table = [
        (bad.clone(), "no tar header"),
        (vec![b'x'; 5000], "this is no tar"),
        (b"short".to_vec(), "this is no tar"),
        ([good.clone(), bad].concat(), "byte 1024: no tar header here"),
        (good[..514].to_vec(), "ends at byte 514, inside a member that begins at byte 0 and needs 519"),
        ([good.as_slice(), &good[..100]].concat(), "inside a header that begins at byte 1024 and needs 1536"),
        (pax(&[("path", b"a")])[..515].to_vec(), "inside an extended header that begins at byte 0"),
        (pax(&[("path", b"a")]), "an extended header without its member"),
        ([member(b"x", b'x', b"junk"), good.clone()].concat(), "malformed pax record at byte 0"),
        ([pax(&[("path", b"a\0b")]), good.clone()].concat(), "NUL"),
        ([pax(&[("size", b"-1")]), good.clone()].concat(), "pax size is no number in range: -1"),
        (blank.to_vec(), "uid is no number in range: 12x"),
        (huge.to_vec(), "PAX_BYTES"),
        ([long, good].concat(), "PATH_BYTES"),
    ];
    for (tar, expected) in table {
        let text = message(&tar);
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
}

#[test]
fn signed_checksums_of_old_tars() {
    let mut block = header(b"caf\xe9", b'0', 0);
    let sum: i32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            148..156 => 32,
            _ => i32::from(byte.cast_signed()),
        })
        .sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    assert_eq!(only(&[block.to_vec(), end()].concat()).0.path, b"caf\xe9");
}

#[test]
fn skipping_over_content() {
    let content = vec![7; 3000];
    let tar = [member(b"a", b'0', &content), member(b"b", b'0', b"kept"), end()].concat();
    for skip in [1, 2900, 3000, 9999] {
        let (mut parser, mut seen) = (TarParser::new(), Seen::default());
        parser.push(&tar[..512], &mut seen).unwrap();
        assert_eq!(parser.skippable(), 3000);
        parser.skip(skip);
        let from = usize::try_from(parser.position()).unwrap();
        assert_eq!(from as u64, 512 + skip.min(3000));
        parser.push(&tar[from..], &mut seen).unwrap();
        parser.finish(&mut seen).unwrap();
        assert_eq!(seen.members[0].1.len() as u64, 3000 - skip.min(3000));
        assert_eq!(seen.members[1].1, b"kept");
    }
}

#[test]
fn skipping_to_the_very_end() {
    let tar = member(b"a", b'0', &[7; 1024]);
    let (mut parser, mut seen) = (TarParser::new(), Seen::default());
    parser.push(&tar[..512], &mut seen).unwrap();
    parser.skip(1000);
    assert!(matches!(parser.finish(&mut seen), Err(TarError::Truncated { expected: 1536, at: 1512, .. })));
    parser.skip(24);
    parser.finish(&mut seen).unwrap();
    assert!(!seen.open);
}
