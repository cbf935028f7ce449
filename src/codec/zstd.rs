//! zstd (RFC 8878) as a push decoder: any number of frames, skippable ones among them.
//!
//! ruzstd decodes all the input that it is given, and one block of four bytes can unpack to 128 KiB. So the input is
//! cut at block boundaries here and the output drained after each block: memory stays within the window and one block.

use std::io;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use xxhash_rust::xxh64::Xxh64;

use super::{
    access::Points,
    error::DecodeError,
    meter::Meter,
    zstd_header::{BLOCK_HEADER, BlockHeader, FrameHeader, MAGIC, frame_header_len, is_skippable, number},
};

/// Largest slice handed to the sink.
const SLICE: usize = 256 << 10;
/// Bytes of the content checksum behind a frame's last block.
const CHECKSUM: usize = 4;

/// The decoder's state.
pub(super) struct Zstd {
    state: State,
    /// A unit (frame header, block) that came in pieces.
    partial: Vec<u8>,
    frames: FrameDecoder,
    hash: Xxh64,
    /// Bytes that the current frame has given.
    made: u64,
    points: Points,
}

#[derive(Debug)]
enum State {
    /// Before a frame's header. `first`: nothing was read yet.
    Frame { first: bool },
    /// Inside a skippable frame.
    Skip { left: u64 },
    /// Before a block's header.
    Block(FrameHeader),
}

impl Zstd {
    pub(super) fn new(points: Points) -> Self {
        Self {
            state: State::Frame { first: true },
            partial: Vec::new(),
            frames: FrameDecoder::new(),
            hash: Xxh64::new(0),
            made: 0,
            points,
        }
    }

    /// Where the stream can be entered: starts of frames.
    pub(super) fn points(&self) -> &Points {
        &self.points
    }

    /// Inside what the stream would end if it ended now.
    pub(super) fn inside(&self) -> Option<&'static str> {
        match self.state {
            State::Frame { first: false } if self.partial.is_empty() => None,
            State::Frame { .. } => Some("the header of a zstd frame"),
            State::Skip { .. } => Some("a skippable zstd frame"),
            State::Block(_) => Some("a block of a zstd frame"),
        }
    }

    pub(super) fn push<E: From<DecodeError>>(
        &mut self,
        mut input: &[u8],
        meter: &mut Meter,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while !input.is_empty() {
            if let State::Skip { left } = &mut self.state {
                let take = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                *left -= take as u64;
                meter.consumed += take as u64;
                input = input.get(take..).unwrap_or_default();
                if *left == 0 {
                    self.state = State::Frame { first: false };
                }
            } else {
                input = self.gather(input, meter, sink)?;
            }
        }
        Ok(())
    }

    /// Takes the next unit: in place if it lies whole in the input, else put together in `partial`.
    fn gather<'a, E: From<DecodeError>>(
        &mut self,
        input: &'a [u8],
        meter: &mut Meter,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<&'a [u8], E> {
        // Where the unit begins: what was gathered of it counts as consumed already.
        let at = meter.consumed - self.partial.len() as u64;
        if self.partial.is_empty() {
            let need = self.need(input, at)?;
            if let Some((unit, rest)) = input.split_at_checked(need) {
                meter.consumed += need as u64;
                self.unit(unit, at, meter, sink)?;
                return Ok(rest);
            }
        }
        let missing = self.need(&self.partial, at)?.saturating_sub(self.partial.len());
        let (more, rest) = input.split_at(missing.min(input.len()));
        self.partial.extend_from_slice(more);
        meter.consumed += more.len() as u64;
        if self.need(&self.partial, at)? == self.partial.len() {
            let mut unit = std::mem::take(&mut self.partial);
            self.unit(&unit, at, meter, sink)?;
            unit.clear();
            self.partial = unit;
        }
        Ok(rest)
    }

    /// How long the unit is that begins with `head`, as far as can be told: more bytes may say that it is longer.
    fn need(&self, head: &[u8], at: u64) -> Result<usize, DecodeError> {
        match &self.state {
            State::Frame { .. } => need_of_frame(head, at),
            State::Block(frame) => {
                let Some((header, _)) = head.split_first_chunk() else { return Ok(BLOCK_HEADER) };
                let block = BlockHeader::read(*header, at)?;
                let checksum = if block.last && frame.checksum { CHECKSUM } else { 0 };
                Ok(BLOCK_HEADER + block.stored + checksum)
            }
            State::Skip { .. } => Ok(0),
        }
    }

    /// Takes a whole unit, which began at `at`.
    fn unit<E: From<DecodeError>>(
        &mut self,
        unit: &[u8],
        at: u64,
        meter: &mut Meter,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if matches!(self.state, State::Frame { .. }) {
            return Ok(self.frame(unit, at, meter)?);
        }
        let mut source = unit;
        let finished = self
            .frames
            .decode_blocks(&mut source, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| corrupt(at, &error))?;
        self.drain(meter, sink)?;
        if finished {
            self.end_frame(meter.consumed)?;
        }
        Ok(())
    }

    /// Begins a frame, or skips one.
    fn frame(&mut self, unit: &[u8], at: u64, meter: &Meter) -> Result<(), DecodeError> {
        let (magic, rest) = unit.split_at_checked(4).unwrap_or_default();
        if is_skippable(u32::try_from(number(magic)).unwrap_or_default()) {
            let left = number(rest);
            self.state = if left == 0 { State::Frame { first: false } } else { State::Skip { left } };
            return Ok(());
        }
        let header = FrameHeader::read(unit, at)?;
        self.frames.reset(unit).map_err(|error| corrupt(at, &error))?;
        self.points.bare(at, meter.produced);
        meter.begins(at);
        self.hash.reset(0);
        self.made = 0;
        self.state = State::Block(header);
        Ok(())
    }

    /// Hands on what the window no longer needs; all of it once the frame is finished.
    fn drain<E: From<DecodeError>>(
        &mut self,
        meter: &mut Meter,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut drain = Drain { meter, sink, hash: &mut self.hash, made: &mut self.made, error: None };
        let drained = self.frames.collect_to_writer(&mut drain);
        match (drain.error, drained) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(corrupt(meter.consumed, &error).into()),
            (None, Ok(_)) => Ok(()),
        }
    }

    /// Checks the content checksum and size of the frame, which ends at `at`.
    fn end_frame(&mut self, at: u64) -> Result<(), DecodeError> {
        let State::Block(header) = std::mem::replace(&mut self.state, State::Frame { first: false }) else {
            return Ok(());
        };
        if let Some(expected) = header.content_size.filter(|size| *size != self.made) {
            return Err(DecodeError::Length { at, what: "zstd frame's content size", expected, actual: self.made });
        }
        let actual = u32::try_from(self.hash.digest() & u64::from(u32::MAX)).unwrap_or_default();
        match self.frames.get_checksum_from_data() {
            Some(expected) if header.checksum && expected != actual => {
                let at = at.saturating_sub(CHECKSUM as u64);
                Err(DecodeError::Checksum { at, what: "zstd frame's checksum", expected, actual })
            }
            _ => Ok(()),
        }
    }
}

/// Length of the header of the frame that begins with `head`; for a skippable frame, magic number and length.
fn need_of_frame(head: &[u8], at: u64) -> Result<usize, DecodeError> {
    let Some((magic, rest)) = head.split_first_chunk::<4>() else { return Ok(4) };
    let magic = u32::from_le_bytes(*magic);
    if is_skippable(magic) {
        return Ok(8);
    }
    if magic != MAGIC {
        let expected = "a zstd frame (28 b5 2f fd) or a skippable one";
        return Err(DecodeError::Unexpected { at, expected, actual: format!("{:02x?}", magic.to_le_bytes()) });
    }
    Ok(rest.first().map_or(5, |descriptor| frame_header_len(*descriptor)))
}

/// Passes ruzstd's output on without copying it, and keeps the sink's own error, which an `io::Error` cannot carry.
struct Drain<'a, E, S> {
    meter: &'a mut Meter,
    sink: &'a mut S,
    hash: &'a mut Xxh64,
    made: &'a mut u64,
    error: Option<E>,
}

impl<E: From<DecodeError>, S: FnMut(&[u8]) -> Result<(), E>> io::Write for Drain<'_, E, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let slice = bytes.get(..SLICE).unwrap_or(bytes);
        self.hash.update(slice);
        *self.made += slice.len() as u64;
        match self.meter.give(slice, self.sink) {
            Ok(()) => Ok(slice.len()),
            Err(error) => {
                self.error = Some(error);
                Err(io::Error::other("refused by the sink"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn corrupt(at: u64, error: &impl ToString) -> DecodeError {
    DecodeError::Corrupt { at, format: "zstd", detail: error.to_string() }
}
