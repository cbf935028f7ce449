//! gzip (RFC 1952) as a push decoder: members of raw deflate between our own header and trailer parser.
//!
//! flate2's own gzip readers stop at the first member or pull their input; layers have several members (eStargz has
//! one a file) and are pushed.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{error::DecodeError, gzip_header::GzipHeader, meter::Meter};

/// Output buffer: it stays in the second-level cache while CRC, hash and tar parser go over it.
const OUTPUT: usize = 256 << 10;

/// The decoder's state; its buffers are allocated once.
pub(super) struct Gzip {
    state: State,
    inflate: Decompress,
    crc: Crc,
    output: Box<[u8]>,
}

#[derive(Debug)]
enum State {
    Header(GzipHeader),
    Body,
    Trailer {
        bytes: [u8; 8],
        have: usize,
    },
    /// Behind a member: another one, zeros, or the end.
    Between,
    /// Zeros up to the end, as a tape or disk leaves them: GNU gzip ignores them too.
    Padding,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            state: State::Header(GzipHeader::new()),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            output: vec![0; OUTPUT].into_boxed_slice(),
        }
    }

    /// Inside what the stream would end if it ended now.
    pub(super) fn inside(&self) -> Option<&'static str> {
        match self.state {
            State::Header(_) => Some("the header of a gzip member"),
            State::Body => Some("the data of a gzip member"),
            State::Trailer { .. } => Some("the trailer of a gzip member"),
            State::Between | State::Padding => None,
        }
    }

    pub(super) fn push<E: From<DecodeError>>(
        &mut self,
        mut input: &[u8],
        meter: &mut Meter,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while !input.is_empty() {
            if matches!(self.state, State::Body) {
                input = self.body(input, meter, sink)?;
            } else if let Some((byte, rest)) = input.split_first() {
                self.byte(*byte, meter.consumed)?;
                meter.consumed += 1;
                input = rest;
            }
        }
        Ok(())
    }

    /// Takes one byte outside the deflate data.
    fn byte(&mut self, byte: u8, at: u64) -> Result<(), DecodeError> {
        match &mut self.state {
            State::Header(header) => {
                if header.take(byte, at)? {
                    self.inflate.reset(false);
                    self.crc.reset();
                    self.state = State::Body;
                }
            }
            State::Trailer { bytes, have } => {
                if let Some(slot) = bytes.get_mut(*have) {
                    *slot = byte;
                }
                *have += 1;
                if *have == bytes.len() {
                    let bytes = *bytes;
                    self.trailer(bytes, at)?;
                    self.state = State::Between;
                }
            }
            State::Between if byte != 0 => {
                let mut header = GzipHeader::new();
                header.take(byte, at)?;
                self.state = State::Header(header);
            }
            State::Between => self.state = State::Padding,
            State::Padding if byte != 0 => {
                let expected = "nothing but zeros after the last gzip member";
                return Err(DecodeError::Unexpected { at, expected, actual: format!("{byte:02x}") });
            }
            State::Padding | State::Body => {}
        }
        Ok(())
    }

    /// Inflates until the input or the member ends; gives back the input that is left.
    fn body<'a, E: From<DecodeError>>(
        &mut self,
        mut input: &'a [u8],
        meter: &mut Meter,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<&'a [u8], E> {
        loop {
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(input, &mut self.output, FlushDecompress::None)
                .map_err(|error| corrupt(meter.consumed + (self.inflate.total_in() - read), error.to_string()))?;
            let used = usize::try_from(self.inflate.total_in() - read).unwrap_or(usize::MAX);
            let made = usize::try_from(self.inflate.total_out() - written).unwrap_or(usize::MAX);
            meter.consumed += used as u64;
            input = input.get(used..).unwrap_or_default();
            let output = self.output.get(..made).unwrap_or_default();
            self.crc.update(output);
            meter.give(output, sink)?;
            if status == Status::StreamEnd {
                self.state = State::Trailer { bytes: [0; 8], have: 0 };
                return Ok(input);
            }
            if input.is_empty() && made < self.output.len() {
                return Ok(input);
            }
            if used == 0 && made == 0 {
                return Err(corrupt(meter.consumed, "no progress".to_owned()).into());
            }
        }
    }

    /// Checks CRC-32 and ISIZE; the trailer's last byte stands at `at`.
    fn trailer(&self, bytes: [u8; 8], at: u64) -> Result<(), DecodeError> {
        let [a, b, c, d, size @ ..] = bytes;
        let (expected, actual) = (u32::from_le_bytes([a, b, c, d]), self.crc.sum());
        let at = at.saturating_sub(7);
        if expected != actual {
            return Err(DecodeError::Checksum { at, what: "gzip member's CRC-32", expected, actual });
        }
        let (expected, actual) = (u64::from(u32::from_le_bytes(size)), self.inflate.total_out());
        if expected != actual & u64::from(u32::MAX) {
            return Err(DecodeError::Length { at: at + 4, what: "gzip member's size modulo 2^32", expected, actual });
        }
        Ok(())
    }
}

fn corrupt(at: u64, detail: String) -> DecodeError {
    DecodeError::Corrupt { at, format: "deflate", detail }
}
