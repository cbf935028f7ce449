//! The fields of one header block: v7, ustar, GNU.

use super::{Block, TarError, TarKind};

/// A header block whose checksum is right.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    block: &'a Block,
    offset: u64,
}

/// What a header says about the member's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// A member of this kind, without content in the tar.
    Bare(TarKind),
    /// A file, or a directory in v7's way; with content.
    File,
    /// An old GNU sparse file: content, and the map in the header.
    GnuSparse,
    /// A member whose content is of no use: GNU's directory listing.
    Listing,
    /// pax records for the next member.
    Pax,
    /// pax records for all that follow.
    PaxGlobal,
    /// GNU: the next member's path.
    LongPath,
    /// GNU: the next member's link target.
    LongLink,
    /// GNU: a volume's label, which is no member.
    Label,
}

impl<'a> Header<'a> {
    /// Checks the block's checksum; both the unsigned sum and the signed one of old tars are accepted.
    pub(super) fn read(block: &'a Block, offset: u64) -> Result<Self, TarError> {
        let header = Self { block, offset };
        let field = header.field(148, 8);
        let (mut unsigned, mut signed) = (0_u32, 0_i64);
        for (at, byte) in block.iter().enumerate() {
            let byte = if (148..156).contains(&at) { b' ' } else { *byte };
            unsigned += u32::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        match octal(field) {
            Some(stored) if stored == u64::from(unsigned) || i64::try_from(stored) == Ok(signed) => Ok(header),
            _ if offset == 0 => Err(TarError::NotATar),
            _ => {
                Err(TarError::Checksum { header: offset, expected: field.escape_ascii().to_string(), actual: unsigned })
            }
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    fn field(&self, at: usize, len: usize) -> &'a [u8] {
        self.block.get(at..at + len).unwrap_or_default()
    }

    /// A field up to its first NUL.
    fn text(&self, at: usize, len: usize) -> &'a [u8] {
        let field = self.field(at, len);
        field.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// An octal or base-256 field; a blank one is 0.
    fn number(&self, at: usize, len: usize, name: &'static str) -> Result<i64, TarError> {
        let field = self.field(at, len);
        let value = match field.first() {
            Some(first) if first & 0x80 != 0 => base256(field),
            _ => octal(field).and_then(|value| i64::try_from(value).ok()),
        };
        value.ok_or_else(|| self.wrong(name, field))
    }

    fn unsigned(&self, at: usize, len: usize, name: &'static str) -> Result<u64, TarError> {
        u64::try_from(self.number(at, len, name)?).map_err(|_| self.wrong(name, self.field(at, len)))
    }

    fn wrong(&self, field: &'static str, value: &[u8]) -> TarError {
        TarError::Number { header: self.offset, field, value: value.escape_ascii().to_string() }
    }

    pub(super) fn kind(&self) -> Type {
        match self.field(156, 1).first() {
            Some(b'1') => Type::Bare(TarKind::HardLink),
            Some(b'2') => Type::Bare(TarKind::Symlink),
            Some(b'3') => Type::Bare(TarKind::CharDevice),
            Some(b'4') => Type::Bare(TarKind::BlockDevice),
            Some(b'5') => Type::Bare(TarKind::Directory),
            Some(b'6') => Type::Bare(TarKind::Fifo),
            Some(b'x') => Type::Pax,
            Some(b'g') => Type::PaxGlobal,
            Some(b'L') => Type::LongPath,
            Some(b'K') => Type::LongLink,
            Some(b'D') => Type::Listing,
            Some(b'V') => Type::Label,
            Some(b'S') => Type::GnuSparse,
            _ => Type::File,
        }
    }

    /// Whether a path that ends in a slash makes this a directory: v7 has no type for them.
    pub(super) fn is_v7(&self) -> bool {
        let old = self.field(257, 5) != b"ustar";
        matches!(self.field(156, 1), [0]) || (old && matches!(self.field(156, 1), [b'0']))
    }

    /// Path: ustar's prefix joined with the name. GNU keeps other things where the prefix would be.
    pub(super) fn path(&self) -> Vec<u8> {
        let name = self.text(0, 100);
        if self.field(257, 6) != b"ustar\0" {
            return name.to_vec();
        }
        // star keeps times behind a shorter prefix and says so at the block's end.
        let prefix = if self.field(508, 4) == b"tar\0" { self.text(345, 131) } else { self.text(345, 155) };
        if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
    }

    pub(super) fn link(&self) -> Vec<u8> {
        self.text(157, 100).to_vec()
    }

    pub(super) fn mode(&self) -> Result<u32, TarError> {
        let mode = self.number(100, 8, "mode")? & 0o7777;
        Ok(u32::try_from(mode).unwrap_or_default())
    }

    pub(super) fn uid(&self) -> Result<u64, TarError> {
        self.unsigned(108, 8, "uid")
    }

    pub(super) fn gid(&self) -> Result<u64, TarError> {
        self.unsigned(116, 8, "gid")
    }

    pub(super) fn size(&self) -> Result<u64, TarError> {
        self.unsigned(124, 12, "size")
    }

    pub(super) fn mtime(&self) -> Result<i64, TarError> {
        self.number(136, 12, "mtime")
    }

    pub(super) fn device(&self) -> Result<(u32, u32), TarError> {
        let part = |at, name| {
            let value = self.unsigned(at, 8, name)?;
            u32::try_from(value).map_err(|_| self.wrong(name, self.field(at, 8)))
        };
        Ok((part(329, "devmajor")?, part(337, "devminor")?))
    }

    /// Old GNU sparse: the size with holes.
    pub(super) fn real_size(&self) -> Result<u64, TarError> {
        self.unsigned(483, 12, "realsize")
    }

    /// Old GNU sparse: `count` slots of offset and length at `at`. A blank slot ends them.
    pub(super) fn slots(&self, at: usize, count: usize, into: &mut Vec<(u64, u64)>) -> Result<(), TarError> {
        for slot in 0..count {
            let at = at + slot * 24;
            if self.field(at, 24).first() == Some(&0) {
                break;
            }
            into.push((self.unsigned(at, 12, "sparse offset")?, self.unsigned(at + 12, 12, "sparse length")?));
        }
        Ok(())
    }

    /// Old GNU sparse: the four slots of the header, and whether a block of more follows.
    pub(super) fn sparse(&self, into: &mut Vec<(u64, u64)>) -> Result<bool, TarError> {
        self.slots(386, 4, into)?;
        Ok(self.field(482, 1) != [0])
    }

    /// Old GNU sparse: a block of 21 slots that follows a header at `offset`; whether another one follows.
    pub(super) fn more_sparse(block: &Block, offset: u64, into: &mut Vec<(u64, u64)>) -> Result<bool, TarError> {
        let header = Header { block, offset };
        header.slots(0, 21, into)?;
        Ok(header.field(504, 1) != [0])
    }
}

/// Octal digits with spaces and NULs around them; blank is 0.
fn octal(field: &[u8]) -> Option<u64> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let begin = field.iter().position(|byte| !is_blank(byte)).unwrap_or(field.len());
    let digits = field.get(begin..)?.split(is_blank).next().unwrap_or_default();
    digits.iter().try_fold(0_u64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// GNU's base-256: two's complement, big-endian, the first bit only a mark.
fn base256(field: &[u8]) -> Option<i64> {
    let (first, rest) = field.split_first()?;
    // The bit below the mark is the sign.
    let start = i128::from(first & 0x7f) - if first & 0x40 != 0 { 0x80 } else { 0 };
    let value = rest.iter().try_fold(start, |sum, byte| Some(sum.checked_mul(256)? + i128::from(*byte)))?;
    i64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_numbers() {
        let table: [(&[u8], Option<u64>); 8] = [
            (b"0000644\0", Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"77777777", Some(0o77_777_777)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"12 junk\0", Some(0o12)),
            (b"0000689\0", None),
            (b"-1\0\0\0\0\0\0", None),
        ];
        for (field, expected) in table {
            assert_eq!(octal(field), expected, "{}", field.escape_ascii());
        }
    }

    #[test]
    fn base256_numbers() {
        let table: [(&[u8], Option<i64>); 6] = [
            (&[0x80, 0, 0, 0, 0, 0, 1, 0], Some(256)),
            (&[0xff, 0xff, 0xff, 0xff], Some(-1)),
            (&[0xff, 0xff, 0xff, 0x00], Some(-256)),
            (&[0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255], Some(i64::MAX)),
            (&[0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], None),
            (&[0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], None),
        ];
        for (field, expected) in table {
            assert_eq!(base256(field), expected, "{field:02x?}");
        }
    }
}
