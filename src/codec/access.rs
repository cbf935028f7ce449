//! Where a compressed stream can be entered: collected while it is unpacked, kept as one flat buffer.

use super::decoder::Compression;

/// Unpacked bytes from one point to the next, at first; in tests and for the fuzzer so close that small streams have some.
const SPACING: u64 = if cfg!(fuzzing) {
    512
} else if cfg!(test) {
    64 << 10
} else {
    4 << 20
};
/// Points without a window are small, and may stand closer by this factor.
const BARE: u64 = 16;

const MAGIC: &[u8; 4] = b"LVA1";
const HEADER: usize = 4 + 4 + 4 + 4 + 8 + 8;
const RECORD: usize = 8 + 8 + 4 + 4;

/// A place at which unpacking can begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    /// Bytes of the stream before it.
    pub(super) input: u64,
    /// Unpacked bytes before it.
    pub(super) output: u64,
    /// Bits of the byte before it that are still to be used, and their value.
    pub(super) bits: (u8, u8),
    /// The last unpacked bytes. Empty at the start of a gzip member or zstd frame.
    pub(super) window: Vec<u8>,
}

/// Collects points as a stream is unpacked, within a share of memory.
#[derive(Debug, Default)]
pub(super) struct Points {
    all: Vec<Point>,
    /// Bytes that they may take, and those that they take.
    share: usize,
    taken: usize,
    spacing: u64,
    last: u64,
}

impl Points {
    /// A collection that takes at most `share` bytes; none are collected for zero.
    pub(super) fn new(share: usize) -> Self {
        Self { share, spacing: SPACING, ..Self::default() }
    }

    /// Whether a point after `output` unpacked bytes is worth its window.
    pub(super) fn is_due(&self, output: u64) -> bool {
        self.share > 0 && output.saturating_sub(self.last) >= self.spacing
    }

    /// Keeps a point with the window that it needs.
    pub(super) fn with_window(&mut self, input: u64, output: u64, bits: (u8, u8), window: &[u8]) {
        // As they are: packed they would take half, and the page's program a tenth more.
        self.add(Point { input, output, bits, window: window.to_vec() });
    }

    /// Keeps the start of a gzip member or zstd frame, where it is far enough from the last point.
    pub(super) fn bare(&mut self, input: u64, output: u64) {
        if self.share > 0 && output.saturating_sub(self.last) >= self.spacing / BARE {
            self.add(Point { input, output, bits: (0, 0), window: Vec::new() });
        }
    }

    fn add(&mut self, point: Point) {
        self.last = point.output;
        self.taken += cost(&point);
        self.all.push(point);
        while self.taken > self.share && !self.all.is_empty() {
            self.thin();
        }
    }

    /// Drops every second point, and spaces the next ones wider.
    fn thin(&mut self) {
        self.spacing = self.spacing.saturating_mul(2);
        let mut odd = false;
        self.all.retain(|_| {
            odd = !odd;
            !odd
        });
        self.taken = self.all.iter().map(cost).sum();
    }

    /// The index of a stream that is `input` bytes long and unpacks to `output` bytes.
    pub(super) fn finish(&self, compression: Compression, input: u64, output: u64) -> AccessIndex {
        let number = match compression {
            Compression::None => 0_u32,
            Compression::Gzip => 1,
            Compression::Zstd => 2,
        };
        let mut buffer = Vec::with_capacity(HEADER + self.taken);
        buffer.extend_from_slice(MAGIC);
        buffer.extend_from_slice(&number.to_le_bytes());
        // The share is far below 4 GiB, and so are both counts.
        buffer.extend_from_slice(&u32::try_from(self.all.len()).unwrap_or_default().to_le_bytes());
        buffer.extend_from_slice(&[0; 4]);
        buffer.extend_from_slice(&input.to_le_bytes());
        buffer.extend_from_slice(&output.to_le_bytes());
        let mut end = 0_u32;
        for point in &self.all {
            end = end.saturating_add(u32::try_from(point.window.len()).unwrap_or(u32::MAX));
            buffer.extend_from_slice(&point.input.to_le_bytes());
            buffer.extend_from_slice(&point.output.to_le_bytes());
            buffer.extend_from_slice(&[point.bits.0, point.bits.1, 0, 0]);
            buffer.extend_from_slice(&end.to_le_bytes());
        }
        for point in &self.all {
            buffer.extend_from_slice(&point.window);
        }
        AccessIndex { buffer, compression }
    }
}

fn cost(point: &Point) -> usize {
    RECORD + point.window.len()
}

/// Where a stream can be entered: an immutable, versioned, flat buffer, the same on the wire, in memory and in a cache.
///
/// ```text
/// "LVA1" | u32 compression | u32 points | u32 zero | u64 bytes of the stream | u64 unpacked bytes
///        | points: u64 stream offset, u64 unpacked offset, u8 bits, u8 their value, u16 zero, u32 window end
///        | windows
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessIndex {
    buffer: Vec<u8>,
    compression: Compression,
}

/// A buffer that is no access index of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the access index is not of this version, or damaged: {0}")]
pub struct AccessIndexError(&'static str);

impl AccessIndex {
    /// Takes a buffer in, after checking that its parts fill it and that its points are in order.
    ///
    /// # Errors
    /// [`AccessIndexError`] when they do not.
    pub fn from_bytes(buffer: Vec<u8>) -> Result<Self, AccessIndexError> {
        if !buffer.starts_with(MAGIC) {
            return Err(AccessIndexError("it does not begin with LVA1"));
        }
        let compression = match read_u32(&buffer, 4) {
            0 => Compression::None,
            1 => Compression::Gzip,
            2 => Compression::Zstd,
            _ => return Err(AccessIndexError("its compression is not known")),
        };
        let index = Self { buffer, compression };
        let windows = HEADER.saturating_add(index.points().saturating_mul(RECORD));
        let (mut before, mut end) = ((0, 0), 0);
        for n in 0..index.points() {
            let Some(record) = index.record(n) else {
                return Err(AccessIndexError("its parts do not fill it"));
            };
            let here = (read_u64(record, 0), read_u64(record, 8));
            let next = read_u32(record, 20);
            if here.0 < before.0 || here.1 < before.1 || next < end || record.get(16).is_none_or(|bits| *bits > 7) {
                return Err(AccessIndexError("its points are not in order"));
            }
            (before, end) = (here, next);
        }
        if windows.saturating_add(end as usize) != index.buffer.len() {
            return Err(AccessIndexError("its parts do not fill it"));
        }
        Ok(index)
    }

    /// The buffer, for the wire or a cache.
    pub fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    /// The buffer, to be read.
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Bytes that the index takes.
    pub fn byte_len(&self) -> usize {
        self.buffer.len()
    }

    /// How the stream is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Bytes of the stream.
    pub fn stream_bytes(&self) -> u64 {
        read_u64(&self.buffer, 16)
    }

    /// Bytes that the stream unpacks to.
    pub fn unpacked_bytes(&self) -> u64 {
        read_u64(&self.buffer, 24)
    }

    /// Points at which the stream can be entered, its first byte left out.
    pub fn points(&self) -> usize {
        read_u32(&self.buffer, 8) as usize
    }

    fn record(&self, n: usize) -> Option<&[u8]> {
        let at = HEADER.checked_add(n.checked_mul(RECORD)?)?;
        self.buffer.get(at..at.checked_add(RECORD)?)
    }

    /// How many points stand at or before `output` unpacked bytes.
    fn count_before(&self, output: u64) -> usize {
        let (mut low, mut high) = (0, self.points());
        while low < high {
            let middle = low + (high - low) / 2;
            let here = self.record(middle).map_or(u64::MAX, |record| read_u64(record, 8));
            if here <= output { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The unpacked byte with which unpacking begins for the sake of the byte `output`.
    pub fn entry(&self, output: u64) -> u64 {
        if self.compression == Compression::None {
            return output;
        }
        let point = self.count_before(output).checked_sub(1).and_then(|n| self.record(n));
        point.map_or(0, |record| read_u64(record, 8))
    }

    /// The last point at or before `output` unpacked bytes; none: the stream's first byte.
    pub(super) fn before(&self, output: u64) -> Option<Point> {
        let n = self.count_before(output).checked_sub(1)?;
        let record = self.record(n)?;
        let start = n.checked_sub(1).and_then(|n| self.record(n)).map_or(0, |before| read_u32(before, 20)) as usize;
        let windows = self.buffer.get(HEADER + self.points() * RECORD..)?;
        Some(Point {
            input: read_u64(record, 0),
            output: read_u64(record, 8),
            bits: (*record.get(16)?, *record.get(17)?),
            window: windows.get(start..read_u32(record, 20) as usize)?.to_vec(),
        })
    }
}

/// A little-endian number; zero where the buffer ends before it.
fn read_u32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn read_u64(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::inflate::WINDOW;

    #[test]
    fn points_stay_within_their_share_and_spread_wider() {
        let noise: Vec<u8> =
            (0..32_768_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3] ^ n.to_le_bytes()[1]).collect();
        for share in [0, 10, 100, 40_000, 300_000] {
            let mut points = Points::new(share);
            let mut taken = 0;
            for mega in 1..2000_u64 {
                if points.is_due(mega << 20) {
                    points.with_window(mega, mega << 20, (3, 5), &noise);
                    taken += 1;
                }
                assert!(points.taken <= share);
            }
            let index = points.finish(Compression::Gzip, 2000, 2000 << 20);
            assert!(index.byte_len() <= share + HEADER, "{share}: {}", index.byte_len());
            assert!(taken < 200, "{taken} points were taken for a share of {share}");
            if share >= 300_000 {
                assert!(index.points() > 3);
                let point = index.before(1000 << 20).unwrap();
                assert!(point.output <= 1000 << 20 && point.output > 500 << 20);
                assert!(point.window == noise);
            }
            let again = AccessIndex::from_bytes(index.clone().into_bytes()).unwrap();
            assert_eq!(again, index);
        }
    }

    #[test]
    fn damaged_buffers_are_refused_or_harmless() {
        let mut points = Points::new(100_000);
        points.bare(700, 1 << 20);
        points.with_window(900, 9 << 20, (7, 1), b"window");
        let whole = points.finish(Compression::Gzip, 1000, 10 << 20).into_bytes();
        for cut in 0..whole.len() {
            assert!(AccessIndex::from_bytes(whole[..cut].to_vec()).is_err(), "cut at {cut}");
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                if let Ok(index) = AccessIndex::from_bytes(damaged) {
                    let point = index.before(u64::MAX);
                    assert!(point.is_none_or(|point| point.window.len() <= WINDOW));
                }
            }
        }
    }
}
