//! Raw deflate (RFC 1951) that can stop between two blocks, say at which bit it stands, and go on from there later.
//!
//! This is the only unsafe code of the project. The safe interfaces of the decoders in use hide the bit position, the
//! window and the stop at a block's end, without which a stream can be entered at its first byte only. So zlib's own
//! interface is called here, in its implementation in Rust; no other module sees a pointer.
#![expect(unsafe_code, reason = "zlib's interface takes pointers; each call says why its pointers are valid")]

use libz_rs_sys::{
    Z_BLOCK, Z_BUF_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END, inflate, inflateEnd, inflateGetDictionary, inflateInit2_,
    inflatePrime, inflateReset, inflateSetDictionary, z_stream, zlibVersion,
};

/// Bytes that deflate can point back.
pub(super) const WINDOW: usize = 32 << 10;
/// Raw deflate with a full window; the gzip header and trailer are read by our own parser.
const RAW: i32 = -15;

/// `z_stream.data_type`: bits of the last byte that are not used yet.
const UNUSED_BITS: i32 = 63;
/// `z_stream.data_type`: the last block has begun.
const LAST_BLOCK: i32 = 64;
/// `z_stream.data_type`: between two blocks.
const BOUNDARY: i32 = 128;

/// A decoder of one deflate stream after the other.
pub(super) struct Inflate {
    stream: Box<z_stream>,
}

/// What one call did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) used: usize,
    pub(super) made: usize,
    /// The stream has ended.
    pub(super) ended: bool,
}

/// The data cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// Bytes that were taken before it showed.
    pub(super) used: usize,
    /// Bytes that were unpacked before it showed.
    pub(super) made: usize,
}

/// Where a call stops, besides the end of input, output and stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Nowhere,
    /// At the end of a block.
    BetweenBlocks,
}

// SAFETY: the state behind the stream's pointers was allocated for it, belongs to it alone and is bound to no thread;
// its input and output pointers are only followed during a call, which sets them anew.
unsafe impl Send for Inflate {}

impl Inflate {
    /// A decoder at a stream's first byte. Where there is no memory for it, the first call fails.
    pub(super) fn new() -> Self {
        let mut stream = Box::<z_stream>::default();
        let size = i32::try_from(size_of::<z_stream>()).unwrap_or_default();
        // SAFETY: the stream is valid and writable, its allocator is the default one; version and size are the
        // library's own. On failure its state stays null, which every other call answers with an error.
        _ = unsafe { inflateInit2_(&raw mut *stream, RAW, zlibVersion(), size) };
        Self { stream }
    }

    /// Begins another stream.
    pub(super) fn reset(&mut self) {
        // SAFETY: the stream is valid; a null state is answered with an error.
        _ = unsafe { inflateReset(&raw mut *self.stream) };
    }

    /// Goes on in the middle of a stream: behind `window`, with the `bits` (at most seven) that are left of a byte.
    pub(super) fn resume(&mut self, window: &[u8], bits: u8, value: u8) {
        self.reset();
        let window = window.last_chunk::<WINDOW>().map_or(window, <[u8; WINDOW]>::as_slice);
        let length = u32::try_from(window.len()).unwrap_or_default();
        // SAFETY: the stream is valid, and the window is readable for its length during the call, which copies it.
        _ = unsafe { inflateSetDictionary(&raw mut *self.stream, window.as_ptr(), length) };
        // SAFETY: the stream is valid; at most seven bits are within what the call takes.
        _ = unsafe { inflatePrime(&raw mut *self.stream, i32::from(bits.min(7)), i32::from(value)) };
    }

    /// Unpacks from `input` to `output`.
    ///
    /// # Errors
    /// [`Damage`], after which the decoder is of no more use until it is reset.
    pub(super) fn inflate(&mut self, input: &[u8], output: &mut [u8], stop: Stop) -> Result<Progress, Damage> {
        let (available, room) = (clipped(input.len()), clipped(output.len()));
        let stream = &mut *self.stream;
        stream.next_in = input.as_ptr();
        stream.avail_in = available;
        stream.next_out = output.as_mut_ptr();
        stream.avail_out = room;
        let flush = if stop == Stop::BetweenBlocks { Z_BLOCK } else { Z_NO_FLUSH };
        // SAFETY: the stream is valid; the input is readable and the output writable for the stated lengths, and both
        // outlive the call, after which the pointers are not followed until the next call has set them.
        let code = unsafe { inflate(&raw mut *stream, flush) };
        let used = available.saturating_sub(stream.avail_in) as usize;
        let made = room.saturating_sub(stream.avail_out) as usize;
        match code {
            Z_OK | Z_BUF_ERROR | Z_STREAM_END => Ok(Progress { used, made, ended: code == Z_STREAM_END }),
            _ => Err(Damage { used, made }),
        }
    }

    /// Between two blocks: how many bits of the last byte are left for the next block. None elsewhere, and behind the
    /// stream's last block.
    pub(super) fn boundary(&self) -> Option<u8> {
        let state = self.stream.data_type;
        let bits = u8::try_from(state & UNUSED_BITS).ok()?;
        (state & BOUNDARY != 0 && state & LAST_BLOCK == 0 && bits < 8).then_some(bits)
    }

    /// The last bytes that were unpacked, at most [`WINDOW`].
    pub(super) fn window(&self) -> Vec<u8> {
        let mut window = vec![0; WINDOW];
        let mut length = 0_u32;
        // SAFETY: the stream is valid, and the window has room for the most that is ever written.
        _ = unsafe { inflateGetDictionary(&raw const *self.stream, window.as_mut_ptr(), &raw mut length) };
        window.truncate(length as usize);
        window
    }
}

impl Drop for Inflate {
    fn drop(&mut self) {
        // SAFETY: the stream is valid and not used any more; a null state is answered with an error.
        _ = unsafe { inflateEnd(&raw mut *self.stream) };
    }
}

/// A length as zlib takes it; what is beyond waits for the next call.
fn clipped(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn deflated(content: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// Text that gives blocks of every kind of bit length.
    fn content() -> Vec<u8> {
        (0..400_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes()).collect()
    }

    #[test]
    fn every_boundary_can_be_entered() {
        let content = content();
        let mut seen = [0; 8];
        // Level 1 makes one block of it all, which has no boundaries.
        for level in [1, 3, 6, 9] {
            let packed = deflated(&content, level);
            let (mut first, mut at, mut out) = (Inflate::new(), 0, Vec::new());
            let (mut buffer, mut second) = (vec![0; 1 << 20], Inflate::new());
            loop {
                let progress = first.inflate(&packed[at..], &mut buffer, Stop::BetweenBlocks).unwrap();
                at += progress.used;
                out.extend_from_slice(&buffer[..progress.made]);
                if progress.ended {
                    break;
                }
                let Some(bits) = first.boundary().filter(|_| at > 0) else { continue };
                seen[usize::from(bits)] += 1;
                let window = first.window();
                assert!(out.ends_with(&window) && window.len() == out.len().min(WINDOW));
                second.resume(&window, bits, packed[at - 1].checked_shr(8 - u32::from(bits)).unwrap_or(0));
                let resumed = second.inflate(&packed[at..], &mut buffer, Stop::Nowhere).unwrap();
                assert!(resumed.made > 0 || at == packed.len());
                assert!(content[out.len()..].starts_with(&buffer[..resumed.made]), "level {level}, bits {bits}");
            }
            assert!(out == content);
        }
        assert!(seen.iter().all(|count| *count > 0), "a bit position was not met: {seen:?}");
    }

    #[test]
    fn damage_is_told_and_a_reset_helps() {
        let (mut inflate, mut buffer) = (Inflate::new(), vec![0; 100]);
        assert!(inflate.inflate(&[0x07, 0], &mut buffer, Stop::Nowhere).is_err());
        inflate.reset();
        let progress = inflate.inflate(&deflated(b"abc", 6), &mut buffer, Stop::Nowhere).unwrap();
        assert!(progress.ended && buffer.starts_with(b"abc"));
        inflate.resume(&[7; 100_000], 9, 0);
        assert_eq!(inflate.window(), [7; WINDOW]);
    }
}
