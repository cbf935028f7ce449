//! Compression by magic bytes: names and media types are not believed.

/// What a stream is by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sniffed {
    /// Nothing known: a tar, or nothing that is read here.
    Plain,
    /// gzip (RFC 1952).
    Gzip,
    /// zstd (RFC 8878), also when a skippable frame comes first.
    Zstd,
    /// xz, which no container runtime unpacks.
    Xz,
    /// bzip2, which no container runtime of today writes.
    Bzip2,
}

/// Tells the compression from the first 8 bytes, or as many as there are.
///
/// ```
/// use lagvis::codec::{Sniffed, sniff};
/// assert_eq!(sniff(&[0x1f, 0x8b, 8]), Sniffed::Gzip);
/// assert_eq!(sniff(b"etc/passwd"), Sniffed::Plain);
/// ```
pub fn sniff(head: &[u8]) -> Sniffed {
    match head {
        [0x1f, 0x8b, ..] => Sniffed::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Sniffed::Zstd,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Sniffed::Xz,
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Sniffed::Bzip2,
        _ => Sniffed::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_magic_bytes() {
        let table: [(&[u8], Sniffed); 9] = [
            (b"", Sniffed::Plain),
            (&[0x1f], Sniffed::Plain),
            (&[0x1f, 0x8b], Sniffed::Gzip),
            (&[0x28, 0xb5, 0x2f, 0xfd, 4], Sniffed::Zstd),
            (&[0x5a, 0x2a, 0x4d, 0x18], Sniffed::Zstd),
            (&[0x60, 0x2a, 0x4d, 0x18], Sniffed::Plain),
            (&[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], Sniffed::Xz),
            (b"BZh91AY&", Sniffed::Bzip2),
            (b"BZhello", Sniffed::Plain),
        ];
        for (head, expected) in table {
            assert_eq!(sniff(head), expected, "{head:02x?}");
        }
    }
}
