//! gzip (RFC 1952) as a push decoder: members of raw deflate between our own header and trailer parser.
//!
//! flate2's own gzip readers stop at the first member or pull their input; layers have several members (eStargz has
//! one a file) and are pushed. On the way it keeps points at which the stream can be entered later.

use flate2::Crc;

use super::{
    access::{Point, Points},
    error::DecodeError,
    gzip_header::GzipHeader,
    inflate::{Inflate, Stop},
    meter::Meter,
};

/// Output buffer: it stays in the second-level cache while CRC, hash and tar parser go over it.
const OUTPUT: usize = 256 << 10;

/// The decoder's state; its buffers are allocated once.
pub(super) struct Gzip {
    state: State,
    inflate: Inflate,
    crc: Crc,
    /// Bytes that the current member has given; none when it was entered in its middle, and cannot be checked.
    made: Option<u64>,
    /// The last byte of deflate data: some of its bits may belong to the next block.
    last: u8,
    points: Points,
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
    pub(super) fn new(points: Points) -> Self {
        Self {
            state: State::Header(GzipHeader::new()),
            inflate: Inflate::new(),
            crc: Crc::new(),
            made: Some(0),
            last: 0,
            points,
            output: vec![0; OUTPUT].into_boxed_slice(),
        }
    }

    /// A decoder of what follows a point.
    pub(super) fn resume(point: &Point) -> Self {
        let mut gzip = Self::new(Points::default());
        if !point.window.is_empty() {
            let (bits, value) = point.bits;
            gzip.inflate.resume(&point.window, bits, value);
            gzip.state = State::Body;
            gzip.made = None;
        }
        gzip
    }

    /// Where the stream can be entered.
    pub(super) fn points(&self) -> &Points {
        &self.points
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
                self.byte(*byte, meter)?;
                meter.consumed += 1;
                input = rest;
            }
        }
        Ok(())
    }

    /// Takes one byte outside the deflate data.
    fn byte(&mut self, byte: u8, meter: &Meter) -> Result<(), DecodeError> {
        let at = meter.consumed;
        match &mut self.state {
            State::Header(header) => {
                if header.take(byte, at)? {
                    self.inflate.reset();
                    self.crc.reset();
                    self.made = Some(0);
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
                self.points.bare(at, meter.produced);
                meter.begins(at);
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
            // A stop at the next block's end is asked for only where a point is due: it costs a call.
            let stop = if self.points.is_due(meter.produced) { Stop::BetweenBlocks } else { Stop::Nowhere };
            let progress = match self.inflate.inflate(input, &mut self.output, stop) {
                Ok(progress) => progress,
                Err(damage) => {
                    // What came before it is given as it would be had the stream been cut there.
                    meter.give(self.output.get(..damage.made).unwrap_or_default(), sink)?;
                    return Err(corrupt(meter.consumed + damage.used as u64).into());
                }
            };
            let (taken, rest) = input.split_at_checked(progress.used).unwrap_or((input, &[]));
            meter.consumed += taken.len() as u64;
            self.last = taken.last().copied().unwrap_or(self.last);
            input = rest;
            let made = progress.made;
            let output = self.output.get(..made).unwrap_or_default();
            if let Some(sum) = &mut self.made {
                *sum += made as u64;
                self.crc.update(output);
            }
            meter.give(output, sink)?;
            if stop == Stop::BetweenBlocks {
                self.keep_point(meter);
            }
            if progress.ended {
                self.state = State::Trailer { bytes: [0; 8], have: 0 };
                return Ok(input);
            }
            // With nothing left it is called once more: damage in the last bytes shows only then.
            if input.is_empty() && progress.used == 0 && made < self.output.len() {
                return Ok(input);
            }
            if progress.used == 0 && made == 0 && stop == Stop::Nowhere {
                return Err(corrupt(meter.consumed).into());
            }
        }
    }

    /// Keeps the point where the decoder stands, if it stands between two blocks.
    fn keep_point(&mut self, meter: &Meter) {
        if let Some(bits) = self.inflate.boundary() {
            let value = self.last.checked_shr(8 - u32::from(bits)).unwrap_or_default();
            self.points.with_window(meter.consumed, meter.produced, (bits, value), &self.inflate.window());
        }
    }

    /// Checks CRC-32 and ISIZE; the trailer's last byte stands at `at`.
    fn trailer(&self, bytes: [u8; 8], at: u64) -> Result<(), DecodeError> {
        let Some(made) = self.made else { return Ok(()) };
        let [a, b, c, d, size @ ..] = bytes;
        let (expected, actual) = (u32::from_le_bytes([a, b, c, d]), self.crc.sum());
        let at = at.saturating_sub(7);
        if expected != actual {
            return Err(DecodeError::Checksum { at, what: "gzip member's CRC-32", expected, actual });
        }
        let (expected, actual) = (u64::from(u32::from_le_bytes(size)), made);
        if expected != actual & u64::from(u32::MAX) {
            return Err(DecodeError::Length { at: at + 4, what: "gzip member's size modulo 2^32", expected, actual });
        }
        Ok(())
    }
}

/// Without the library's own words: which ones it finds depends on how the bytes are cut.
fn corrupt(at: u64) -> DecodeError {
    DecodeError::Corrupt { at, format: "deflate", detail: "no deflate stream goes on like this".to_owned() }
}
