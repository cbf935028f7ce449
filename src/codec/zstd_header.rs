//! Frame and block headers of zstd (RFC 8878, section 3.1.1), as far as they are needed to cut the input at block
//! boundaries and to refuse what is too large before ruzstd allocates for it.

use super::error::DecodeError;
use crate::limits;

/// Magic number of a frame.
pub(super) const MAGIC: u32 = 0xfd2f_b528;
/// Most bytes of a block, compressed or not.
const BLOCK: usize = 128 << 10;
/// Bytes of a block's header.
pub(super) const BLOCK_HEADER: usize = 3;

/// Whether a frame of this magic number is to be skipped.
pub(super) fn is_skippable(magic: u32) -> bool {
    magic & 0xffff_fff0 == 0x184d_2a50
}

/// Little-endian number of up to eight bytes.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// What a frame's header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) content_size: Option<u64>,
    pub(super) checksum: bool,
}

/// The fields' sizes, from the descriptor: window, dictionary, content size.
fn fields(descriptor: u8) -> (usize, usize, usize) {
    let single = descriptor & 0x20 != 0;
    let dictionary = match descriptor & 3 {
        0 => 0,
        1 => 1,
        2 => 2,
        _ => 4,
    };
    let content = match descriptor >> 6 {
        0 => usize::from(single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    (usize::from(!single), dictionary, content)
}

/// Bytes of the frame header with this descriptor, magic number included.
pub(super) fn frame_header_len(descriptor: u8) -> usize {
    let (window, dictionary, content) = fields(descriptor);
    5 + window + dictionary + content
}

impl FrameHeader {
    /// Reads a whole header, magic number included, that stands at `at`.
    pub(super) fn read(bytes: &[u8], at: u64) -> Result<Self, DecodeError> {
        let descriptor = bytes.get(4).copied().unwrap_or_default();
        if descriptor & 0x08 != 0 {
            let expected = "a zstd frame without the reserved bit";
            return Err(DecodeError::Unexpected { at: at + 4, expected, actual: format!("{descriptor:02x}") });
        }
        let (window, dictionary, content) = fields(descriptor);
        let field = |from: usize, len: usize| number(bytes.get(from..from + len).unwrap_or_default());
        let id = field(5 + window, dictionary);
        if id != 0 {
            return Err(DecodeError::Dictionary { at, id: u32::try_from(id).unwrap_or(u32::MAX) });
        }
        let stated = field(5 + window + dictionary, content) + if content == 2 { 256 } else { 0 };
        let actual = if window == 0 { stated } else { window_size(field(5, 1)) };
        if actual > limits::ZSTD_WINDOW {
            return Err(DecodeError::Limit { at, limit: "ZSTD_WINDOW", cap: limits::ZSTD_WINDOW, actual });
        }
        Ok(Self { content_size: (content > 0).then_some(stated), checksum: descriptor & 0x04 != 0 })
    }
}

/// Window_Descriptor, section 3.1.1.1.2.
fn window_size(descriptor: u64) -> u64 {
    let base = 1_u64 << (10 + (descriptor >> 3));
    base + base / 8 * (descriptor & 7)
}

/// What a block's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockHeader {
    pub(super) last: bool,
    /// Bytes that follow the header.
    pub(super) stored: usize,
}

impl BlockHeader {
    /// Reads the three bytes that stand at `at`.
    pub(super) fn read(bytes: [u8; BLOCK_HEADER], at: u64) -> Result<Self, DecodeError> {
        let [low, middle, high] = bytes;
        let size = usize::from(low >> 3) | usize::from(middle) << 5 | usize::from(high) << 13;
        let wrong = |expected| DecodeError::Unexpected { at, expected, actual: format!("{bytes:02x?}") };
        if size > BLOCK {
            return Err(wrong("a zstd block of at most 128 KiB"));
        }
        let stored = match low >> 1 & 3 {
            0 | 2 => size,
            // Run length: one byte, repeated.
            1 => 1,
            _ => return Err(wrong("a zstd block of a known type")),
        };
        Ok(Self { last: low & 1 != 0, stored })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        for (descriptor, expected) in [(0, 1 << 10), (7, 1920), (0x58, 2 << 20), (0xff, 15 << 38)] {
            assert_eq!(window_size(descriptor), expected);
        }
    }

    #[test]
    fn frame_headers() {
        let header = |rest: &[u8]| [&MAGIC.to_le_bytes(), rest].concat();
        let table: [(&[u8], Result<FrameHeader, &str>); 6] = [
            (&[0x20, 9], Ok(FrameHeader { content_size: Some(9), checksum: false })),
            (&[0x04, 0x58], Ok(FrameHeader { content_size: None, checksum: true })),
            (&[0x60, 1, 0], Ok(FrameHeader { content_size: Some(257), checksum: false })),
            (&[0x08, 0], Err("reserved")),
            (&[0x01, 0x58, 7], Err("dictionary 7")),
            (&[0x00, 0xff], Err("ZSTD_WINDOW")),
        ];
        for (rest, expected) in table {
            assert_eq!(frame_header_len(rest[0]), rest.len() + 4);
            match (FrameHeader::read(&header(rest), 0), expected) {
                (Ok(actual), Ok(expected)) => assert_eq!(actual, expected),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
                other => panic!("{rest:02x?}: {other:?}"),
            }
        }
    }
}
