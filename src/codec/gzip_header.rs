//! The header of a gzip member (RFC 1952, section 2.3), taken byte by byte so that it may be split anywhere.

use flate2::Crc;

use super::error::DecodeError;

const FHCRC: u8 = 0x02;
const FEXTRA: u8 = 0x04;
const FNAME: u8 = 0x08;
const FCOMMENT: u8 = 0x10;
const RESERVED: u8 = 0xe0;

/// Bytes before the optional fields.
const FIXED: u8 = 10;

/// A member's header as far as it was read.
#[derive(Debug)]
pub(super) struct GzipHeader {
    step: Step,
    flags: u8,
    crc: Crc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Fixed(u8),
    ExtraLength(Option<u8>),
    Extra(u16),
    Name,
    Comment,
    HeaderCrc(Option<u8>),
}

impl GzipHeader {
    pub(super) fn new() -> Self {
        Self { step: Step::Fixed(0), flags: 0, crc: Crc::new() }
    }

    /// Takes one byte, which stands at `at`. True: it was the header's last.
    pub(super) fn take(&mut self, byte: u8, at: u64) -> Result<bool, DecodeError> {
        let next = match self.step {
            Step::Fixed(n) => {
                self.fixed(n, byte, at)?;
                if n + 1 < FIXED { Some(Step::Fixed(n + 1)) } else { self.after(0) }
            }
            Step::ExtraLength(None) => Some(Step::ExtraLength(Some(byte))),
            Step::ExtraLength(Some(low)) => match u16::from_le_bytes([low, byte]) {
                0 => self.after(FEXTRA),
                length => Some(Step::Extra(length)),
            },
            Step::Extra(1) => self.after(FEXTRA),
            Step::Extra(left) => Some(Step::Extra(left - 1)),
            Step::Name if byte == 0 => self.after(FNAME),
            Step::Comment if byte == 0 => self.after(FCOMMENT),
            Step::Name | Step::Comment => Some(self.step),
            Step::HeaderCrc(None) => Some(Step::HeaderCrc(Some(byte))),
            Step::HeaderCrc(Some(low)) => {
                self.check_crc(u16::from_le_bytes([low, byte]), at)?;
                None
            }
        };
        if !matches!(self.step, Step::HeaderCrc(_)) {
            self.crc.update(&[byte]);
        }
        if let Some(step) = next {
            self.step = step;
        }
        Ok(next.is_none())
    }

    fn fixed(&mut self, n: u8, byte: u8, at: u64) -> Result<(), DecodeError> {
        let expected = match n {
            0 if byte != 0x1f => "a gzip member (1f 8b)",
            1 if byte != 0x8b => "a gzip member (1f 8b)",
            2 if byte != 8 => "the compression method deflate (08)",
            3 if byte & RESERVED != 0 => "gzip flags without reserved bits",
            _ => {
                if n == 3 {
                    self.flags = byte;
                }
                return Ok(());
            }
        };
        Err(DecodeError::Unexpected { at, expected, actual: format!("{byte:02x}") })
    }

    /// The first optional field after that of flag `done` (0: after the fixed part). None: the header is complete.
    fn after(&self, done: u8) -> Option<Step> {
        let order = [
            (FEXTRA, Step::ExtraLength(None)),
            (FNAME, Step::Name),
            (FCOMMENT, Step::Comment),
            (FHCRC, Step::HeaderCrc(None)),
        ];
        let begin = order.iter().position(|(flag, _)| *flag == done).map_or(0, |at| at + 1);
        order.into_iter().skip(begin).find(|(flag, _)| self.flags & flag != 0).map(|(_, step)| step)
    }

    fn check_crc(&self, stored: u16, at: u64) -> Result<(), DecodeError> {
        let (expected, actual) = (u32::from(stored), self.crc.sum() & 0xffff);
        if expected == actual {
            return Ok(());
        }
        Err(DecodeError::Checksum { at: at.saturating_sub(1), what: "gzip header's CRC", expected, actual })
    }
}
