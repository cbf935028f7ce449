//! How many pixels a picture has, by its header. Nothing is decoded here.

use super::{
    kind::Kind,
    ranges::{Ranges, Stop},
};

/// Segments of a JPEG before its frame header; real ones have a dozen.
const SEGMENTS: usize = 256;

/// Width and height in pixels.
pub(super) fn size(kind: Kind, file: &Ranges) -> Result<(u32, u32), Stop> {
    match kind {
        // PNG (third edition), 11.2.1: IHDR comes first.
        Kind::Png => Ok((be(file.get(16, 4)?), be(file.get(20, 4)?))),
        // GIF89a, 18: the logical screen.
        Kind::Gif => Ok((le(file.get(6, 2)?), le(file.get(8, 2)?))),
        Kind::Bmp => bmp(file),
        Kind::WebP => webp(file),
        Kind::Jpeg => jpeg(file),
        _ => Err(Stop::broken("it is no picture")),
    }
}

/// BITMAPCOREHEADER has 16-bit sizes; the others 32-bit ones, a negative height for top-down.
fn bmp(file: &Ranges) -> Result<(u32, u32), Stop> {
    if le(file.get(14, 4)?) == 12 {
        return Ok((le(file.get(18, 2)?), le(file.get(20, 2)?)));
    }
    let height = le(file.get(22, 4)?).cast_signed().unsigned_abs();
    Ok((le(file.get(18, 4)?), height))
}

/// RFC 9649, 2.5 to 2.7.
fn webp(file: &Ranges) -> Result<(u32, u32), Stop> {
    match file.get(12, 4)? {
        b"VP8 " => Ok((le(file.get(26, 2)?) & 0x3fff, le(file.get(28, 2)?) & 0x3fff)),
        b"VP8L" => {
            let bits = le(file.get(21, 4)?);
            Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Ok((le(file.get(24, 3)?) + 1, le(file.get(27, 3)?) + 1)),
        _ => Err(Stop::broken("this kind of WebP is not known")),
    }
}

/// ITU T.81, B.1.1.3 and B.2.2: segments up to the frame header.
fn jpeg(file: &Ranges) -> Result<(u32, u32), Stop> {
    let mut at = 2;
    for _ in 0..SEGMENTS {
        let &[mark, kind] = file.get(at, 2)? else { break };
        if mark != 0xff {
            break;
        }
        match kind {
            // Fill bytes, and markers without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Ok((be(file.get(at + 7, 2)?), be(file.get(at + 5, 2)?)));
            }
            0xd9 | 0xda => break,
            _ => at += 2 + u64::from(be(file.get(at + 2, 2)?)).max(2),
        }
    }
    Err(Stop::broken("it has no frame header where a JPEG has one"))
}

fn le(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn be(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}
