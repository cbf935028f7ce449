//! What a file is by its first bytes: one table. Names and media types are not believed, but for the language of text.

use serde::{Deserialize, Serialize};

use crate::text::{Lang, is_text, language};

/// First bytes that [`detect`] wants, or the whole file if it is smaller.
pub(super) const HEAD: u64 = 4 << 10;

/// A kind of file, as far as it matters to how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// No bytes at all.
    Empty,
    /// Text.
    Text(Lang),
    /// A program or library.
    Elf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    WebP,
    /// A Windows bitmap.
    Bmp,
    /// A zip, jar and all that is a zip inside.
    Zip,
    /// A tar.
    Tar,
    /// gzip; what is inside shows when it is unpacked.
    Gzip,
    /// zstd; what is inside shows when it is unpacked.
    Zstd,
    /// Anything else.
    Binary,
}

/// Offset, bytes there, kind, name. The first that fits counts.
const TABLE: &[(usize, &[u8], Kind, &str)] = &[
    (0, b"\x7fELF", Kind::Elf, "ELF"),
    (0, b"\x89PNG\r\n\x1a\n", Kind::Png, "PNG image"),
    (0, b"\xff\xd8\xff", Kind::Jpeg, "JPEG image"),
    (0, b"GIF87a", Kind::Gif, "GIF image"),
    (0, b"GIF89a", Kind::Gif, "GIF image"),
    (8, b"WEBPVP8", Kind::WebP, "WebP image"),
    (6, b"\0\0\0\0", Kind::Bmp, "BMP image"),
    (0, b"PK\x03\x04", Kind::Zip, "zip archive"),
    (0, b"PK\x05\x06", Kind::Zip, "empty zip archive"),
    (257, b"ustar", Kind::Tar, "tar archive"),
    (0, b"\x1f\x8b\x08", Kind::Gzip, "gzip"),
    (0, b"\x28\xb5\x2f\xfd", Kind::Zstd, "zstd"),
    (0, b"\xfd7zXZ\0", Kind::Binary, "xz"),
    (0, b"BZh", Kind::Binary, "bzip2"),
    (0, b"7z\xbc\xaf\x27\x1c", Kind::Binary, "7-Zip archive"),
    (0, b"!<arch>\ndebian-binary", Kind::Binary, "Debian package"),
    (0, b"!<arch>\n", Kind::Binary, "ar archive"),
    (0, b"\xed\xab\xee\xdb", Kind::Binary, "RPM package"),
    (0, b"SQLite format 3\0", Kind::Binary, "SQLite database"),
    (0, b"\0asm", Kind::Binary, "WebAssembly module"),
    (0, b"\xca\xfe\xba\xbe", Kind::Binary, "Java class"),
    (0, b"%PDF-", Kind::Binary, "PDF document"),
    (0, b"MZ", Kind::Binary, "Windows program"),
    (0, b"\xcf\xfa\xed\xfe", Kind::Binary, "Mach-O program"),
    (0, b"wOF2", Kind::Binary, "WOFF2 font"),
    (0, b"wOFF", Kind::Binary, "WOFF font"),
    (0, b"OTTO", Kind::Binary, "OpenType font"),
    (0, b"\0\x01\0\0\0", Kind::Binary, "TrueType font"),
    (0, b"\0\0\x01\0", Kind::Binary, "Windows icon"),
    (0, b"OggS", Kind::Binary, "Ogg media"),
    (0, b"ID3", Kind::Binary, "MP3 audio"),
    (4, b"ftyp", Kind::Binary, "MP4 media"),
    (0, b"\xde\x12\x04\x95", Kind::Binary, "gettext catalogue"),
    (0, b"TZif", Kind::Binary, "time zone"),
    (0, b"hsqs", Kind::Binary, "SquashFS image"),
];

/// Tells what a file of this name is by its first 4 KiB; and in words.
pub fn detect(name: &[u8], head: &[u8]) -> (Kind, String) {
    if head.is_empty() {
        return (Kind::Empty, "empty file".into());
    }
    let fits = |(at, magic, kind, _): &&(usize, &[u8], Kind, &str)| {
        head.get(*at..).is_some_and(|rest| rest.starts_with(magic)) && also(*kind, head)
    };
    if let Some((_, _, kind, name)) = TABLE.iter().find(fits) {
        return (*kind, (*name).to_owned());
    }
    if is_text(head, false) {
        let lang = language(name, head);
        return (Kind::Text(lang), lang.title().to_owned());
    }
    (Kind::Binary, "binary file".into())
}

/// Magics that are too short to be believed alone.
fn also(kind: Kind, head: &[u8]) -> bool {
    match kind {
        Kind::WebP => head.starts_with(b"RIFF"),
        Kind::Bmp => head.starts_with(b"BM"),
        _ => true,
    }
}

impl Kind {
    /// The media type under which the browser may decode it as a picture.
    pub fn picture(self) -> Option<&'static str> {
        match self {
            Self::Png => Some("image/png"),
            Self::Jpeg => Some("image/jpeg"),
            Self::Gif => Some("image/gif"),
            Self::WebP => Some("image/webp"),
            Self::Bmp => Some("image/bmp"),
            _ => None,
        }
    }
}
