//! Kinds, pictures, archives and programs, made by hand and damaged.

use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::text::Lang;

/// Examines a file, giving at most what was asked for.
pub(super) fn examine(name: &str, bytes: &[u8]) -> Summary {
    examine_of(name, bytes, bytes.len() as u64)
}

/// The same of a file that says that it has `size` bytes.
fn examine_of(name: &str, bytes: &[u8], size: u64) -> Summary {
    let mut examiner = Examiner::new(name.as_bytes(), size);
    for _ in 0..2_000 {
        match examiner.poll() {
            Step::Done(summary) => return *summary,
            Step::Read { offset, length } => {
                assert!(length > 0 && offset + length <= size, "reads {length} bytes at {offset} of {size}");
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let to = usize::try_from(offset + length).unwrap_or(usize::MAX).min(bytes.len());
                examiner.provide(bytes[from..to].to_vec());
            }
        }
    }
    panic!("{name}: it never ends");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out =
        flate2::GzBuilder::new().filename("the name").mtime(77).write(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn tar() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, size) in [("a/b", 3_usize), ("large", 600_000), ("c", 0)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(size as u64);
        header.set_mtime(5);
        builder.append_data(&mut header, path, &vec![1; size][..]).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn kinds_by_first_bytes() {
    for (name, bytes, kind) in [
        ("a", &b""[..], Kind::Empty),
        ("a.json", b"{}", Kind::Text(Lang::Json)),
        ("a.png", b"hello", Kind::Text(Lang::Plain)),
        ("a", b"\x7fELF", Kind::Elf),
        ("a.txt", b"\x89PNG\r\n\x1a\n", Kind::Png),
        ("a.svg", b"<svg onload='x'>", Kind::Text(Lang::Plain)),
        ("a", b"RIFF....WEBPVP8 ", Kind::WebP),
        ("a", b"RIFF....WAVE", Kind::Text(Lang::Plain)),
        ("a", b"BM\x10\0\0\0\0\0\0\0", Kind::Bmp),
        ("a", b"PK\x03\x04", Kind::Zip),
        ("a", b"\0\x01\x02", Kind::Binary),
    ] {
        let mut head = bytes.to_vec();
        head.truncate(4_096);
        assert_eq!(detect(name.as_bytes(), &head).0, kind, "{name} {bytes:?}");
        let summary = examine(name, bytes);
        assert_eq!(summary.kind, kind);
    }
}

#[test]
fn pictures_say_their_size() {
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &300_u32.to_be_bytes(), &200_u32.to_be_bytes(), &[8, 2, 0, 0, 0]]
        .concat();
    let gif = b"GIF89a\x2c\x01\xc8\0\0\0\0".to_vec();
    let mut bmp = [&b"BM"[..], &[0; 12], &40_u32.to_le_bytes(), &300_u32.to_le_bytes()].concat();
    bmp.extend((-200_i32).to_le_bytes());
    let exif = [&[0xff, 0xe1, 0x75, 0x30][..], &[0; 0x752e]].concat();
    let jpeg = [&b"\xff\xd8"[..], &exif, &[0xff, 0xc2, 0, 11, 8, 0, 200, 1, 44, 1]].concat();
    let vp8x = [&b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], &[0x2b, 1, 0], &[199, 0, 0]].concat();
    let vp8l = [&b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f"[..], &(299_u32 | 199 << 14).to_le_bytes()].concat();
    let vp8 = [&b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a"[..], &[0x2c, 1, 200, 0]].concat();
    for bytes in [png, gif, bmp, jpeg, vp8x, vp8l, vp8] {
        assert_eq!(examine("a", &bytes).about, About::Picture(300, 200), "{:?}", &bytes[..12]);
        let cut = examine("a", &bytes[..bytes.len() - 6]);
        assert!(cut.about == About::Nothing && cut.problem.is_some() || cut.about == About::Picture(300, 200));
    }
    assert!(examine("a", b"\xff\xd8\xff\xda\0\0").problem.is_some());
}

fn names(summary: &Summary) -> Vec<&str> {
    match &summary.about {
        About::Listing(listing) => listing.members.iter().map(|member| member.name.as_str()).collect(),
        about => panic!("{about:?} {:?}", summary.problem),
    }
}

#[test]
fn tars_are_listed_inside_gzip_too() {
    for (bytes, title) in [(tar(), "tar archive"), (gzip(&tar()), "tar archive in gzip")] {
        let summary = examine("a.tar", &bytes);
        assert_eq!(names(&summary), ["a/b", "large", "c"]);
        assert_eq!((summary.problem.as_deref(), summary.name.as_str()), (None, title));
        let cut = examine("a.tar", &bytes[..bytes.len() / 2]);
        assert!(cut.problem.is_some() && !names(&cut).is_empty(), "{:?}", cut.problem);
    }
}

#[test]
fn gzip_of_something_else_says_its_name() {
    let summary = examine("b.gz", &gzip(b"hello"));
    let About::Listing(listing) = &summary.about else { panic!("{summary:?}") };
    let member = &listing.members[0];
    assert_eq!((member.name.as_str(), member.size, member.mtime), ("the name", Some(5), Some(77)));
}

#[test]
fn long_tars_are_listed_up_to_a_limit() {
    let mut header = tar::Header::new_ustar();
    header.set_path("x").unwrap();
    header.set_size(0);
    header.set_cksum();
    let bytes = header.as_bytes().repeat(6_000);
    let summary = examine("a.tar", &bytes);
    assert_eq!(names(&summary).len(), crate::limits::LISTED_MEMBERS);
    assert_eq!(summary.problem.as_deref(), Some("the first 5000 members"));
}

/// The header of a program with one program header: the dynamic section, at byte `at`.
pub(super) fn elf(wide: bool, big: bool, at: u64) -> Vec<u8> {
    let put = |out: &mut Vec<u8>, value: u64, length: usize| {
        let bytes = value.to_be_bytes();
        let field = &bytes[8 - length..];
        if big { out.extend(field) } else { out.extend(field.iter().rev()) }
    };
    let word = if wide { 8 } else { 4 };
    let mut out = vec![0x7f, b'E', b'L', b'F', 1 + u8::from(wide), 1 + u8::from(big), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let header = if wide { 64 } else { 52 };
    for (value, length) in
        [(2, 2), (if wide { 21 } else { 8 }, 2), (1, 4), (0, word), (header, word), (0, word), (0, 4)]
    {
        put(&mut out, value, length);
    }
    for value in [header, if wide { 56 } else { 32 }, 2, 40, 0, 0] {
        put(&mut out, value, 2);
    }
    for (kind, offset, size) in [(1_u64, 0_u64, 4_096_u64), (2, at, 4 * 2 * word as u64)] {
        put(&mut out, kind, 4);
        let fields: &[(u64, usize)] = if wide {
            &[(0, 4), (offset, 8), (offset, 8), (0, 8), (size, 8), (0, 8), (0, 8)]
        } else {
            &[(offset, 4), (offset, 4), (0, 4), (size, 4), (0, 4), (0, 4), (0, 4)]
        };
        fields.iter().for_each(|(value, length)| put(&mut out, *value, *length));
    }
    out.resize(usize::try_from(at).unwrap(), 0);
    for (tag, value) in [(1, 1), (5, 512), (10, 16), (0, 0)] {
        put(&mut out, tag, word);
        put(&mut out, value, word);
    }
    out.resize(512, 0);
    out.extend(b"\0libx.so.1\0\0\0\0\0\0");
    out
}

#[test]
fn programs_of_each_width_and_byte_order() {
    for (wide, big) in [(false, false), (false, true), (true, false), (true, true)] {
        let summary = examine("a", &elf(wide, big, 256));
        let About::Elf(elf) = &summary.about else { panic!("{summary:?}") };
        assert_eq!((elf.bits, elf.big_endian), (if wide { 64 } else { 32 }, big));
        assert_eq!(elf.needed, ["libx.so.1"], "{wide} {big}");
        let machine = match (wide, big) {
            (false, _) => "MIPS 32",
            (true, true) => "PowerPC 64",
            (true, false) => "PowerPC 64 (little-endian)",
        };
        assert_eq!((elf.machine.as_str(), elf.kind.as_str()), (machine, "executable"));
        assert_eq!((elf.symbols, elf.is_static, summary.problem), (Symbols::Stripped, false, None));
    }
}

#[test]
fn hostile_programs_are_told() {
    let good = elf(true, false, 256);
    for (at, value) in [(56, 0xffff_u16), (54, 1), (32, 0xffff), (72 + 56 + 6, 0xffff), (266, 0xffff)] {
        let mut bytes = good.clone();
        bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
        let summary = examine("a", &bytes);
        assert!(matches!(&summary.about, About::Elf(_)), "{at}: {summary:?}");
    }
    assert!(examine("a", b"\x7fELF\x09\x09").problem.is_some());
    assert!(examine_of("a", &good, 1 << 40).problem.is_some(), "it ends before it says");
}

fn seeds() -> Vec<Vec<u8>> {
    vec![
        elf(true, false, 256),
        elf(false, true, 256),
        gzip(&tar()),
        tar(),
        b"PK\x05\x06".repeat(20),
        b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0".repeat(30),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Whatever a file's bytes are, examining it ends and reads only within it.
    #[test]
    fn damaged_files_come_to_an_end(seed in 0_usize..6, damage in proptest::collection::vec((any::<u32>(), any::<u8>()), 0..12), keep in any::<u32>()) {
        let mut bytes = seeds().swap_remove(seed);
        bytes.truncate(4_096.min(bytes.len()));
        for (at, byte) in damage {
            let at = at as usize % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(1 + keep as usize % bytes.len());
        let _ = examine("a", &bytes);
    }
}
