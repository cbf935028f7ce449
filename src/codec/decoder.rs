//! The push decoder: one type for every compression that layers come in.

use std::fmt;

use super::{
    access::{AccessIndex, Points},
    error::DecodeError,
    gzip::Gzip,
    member::Member,
    meter::Meter,
    zstd::Zstd,
};
use crate::limits::LayerLimits;

/// A stream that is entered again has passed its caps before.
const PASSED: LayerLimits = LayerLimits {
    bytes: u64::MAX,
    expansion_ratio: u64::MAX,
    entries: u32::MAX,
    path_bytes: usize::MAX,
    path_depth: usize::MAX,
    pax_bytes: u64::MAX,
};

/// How a layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, with any number of members.
    Gzip,
    /// zstd, with any number of frames.
    Zstd,
}

impl Compression {
    /// The name in receipts: `none`, `gzip`, `zstd`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Unpacks a stream that is pushed in slices of any size.
///
/// Checksums and lengths inside the stream are checked, and the caps of [`crate::limits`] are enforced. After an
/// error the decoder is of no more use: what it then gives is undefined, though it never panics.
///
/// ```
/// use lagvis::codec::{Compression, DecodeError, Decoder};
/// let mut decoder = Decoder::new(Compression::None);
/// let mut out = Vec::new();
/// let mut sink = |bytes: &[u8]| -> Result<(), DecodeError> {
///     out.extend_from_slice(bytes);
///     Ok(())
/// };
/// decoder.push(b"plain", &mut sink)?;
/// decoder.finish(&mut sink)?;
/// assert_eq!(out, b"plain");
/// # Ok::<(), DecodeError>(())
/// ```
pub struct Decoder {
    meter: Meter,
    format: Format,
}

enum Format {
    Plain,
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
}

/// How far it is; the buffers would only fill the screen.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("meter", &self.meter).finish_non_exhaustive()
    }
}

impl Decoder {
    /// A decoder for a stream from its first byte on.
    pub fn new(compression: Compression) -> Self {
        Self::keeping(compression, 0)
    }

    /// The same, keeping points at which the stream can be entered later: at most `share` bytes of them, spaced as wide
    /// as that needs. See [`Decoder::access`].
    pub fn keeping(compression: Compression, share: usize) -> Self {
        let points = Points::new(share);
        let format = match compression {
            Compression::None => Format::Plain,
            Compression::Gzip => Format::Gzip(Box::new(Gzip::new(points))),
            Compression::Zstd => Format::Zstd(Box::new(Zstd::new(points))),
        };
        Self { meter: Meter::default(), format }
    }

    /// With other caps than the usual ones.
    #[must_use]
    pub fn limited(mut self, limits: LayerLimits) -> Self {
        self.meter.limits = limits;
        self
    }

    /// A decoder that begins as late as it can to give the unpacked byte `output`. [`Decoder::consumed`] says which
    /// byte of the stream is to be pushed first, [`Decoder::produced`] which unpacked byte comes out first.
    ///
    /// Checksums of a gzip member that it enters in its middle are not checked.
    pub fn resume(index: &AccessIndex, output: u64) -> Self {
        let compression = index.compression();
        if compression == Compression::None {
            let at = output.min(index.stream_bytes());
            return Self {
                meter: Meter { consumed: at, produced: at, limits: PASSED, ..Meter::default() },
                format: Format::Plain,
            };
        }
        let Some(point) = index.before(output) else { return Self::new(compression) };
        let meter = Meter { consumed: point.input, produced: point.output, limits: PASSED, ..Meter::default() };
        let format = match compression {
            Compression::Gzip => Format::Gzip(Box::new(Gzip::resume(&point))),
            _ => Format::Zstd(Box::new(Zstd::new(Points::default()))),
        };
        Self { meter, format }
    }

    /// Where the stream that was unpacked can be entered.
    pub fn access(&self) -> AccessIndex {
        let finish = |points: &Points, compression| points.finish(compression, self.consumed(), self.produced());
        match &self.format {
            Format::Plain => finish(&Points::default(), Compression::None),
            Format::Gzip(gzip) => finish(gzip.points(), Compression::Gzip),
            Format::Zstd(zstd) => finish(zstd.points(), Compression::Zstd),
        }
    }

    /// The member or frame that it is in.
    pub fn member(&self) -> Member {
        self.meter.member.clone()
    }

    /// Takes the next compressed bytes and hands what they unpack to to the sink, in slices of at most 256 KiB
    /// (uncompressed streams: the slice as it came).
    ///
    /// # Errors
    /// The sink's own, or a [`DecodeError`] where the stream is damaged or too large.
    pub fn push<E: From<DecodeError>>(
        &mut self,
        input: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match &mut self.format {
            Format::Plain => {
                self.meter.consumed += input.len() as u64;
                self.meter.give(input, sink)
            }
            Format::Gzip(gzip) => gzip.push(input, &mut self.meter, sink),
            Format::Zstd(zstd) => zstd.push(input, &mut self.meter, sink),
        }
    }

    /// Says that the stream has ended.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when it ended inside a member or frame, or before any.
    pub fn finish<E: From<DecodeError>>(&mut self, _sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        // Both formats hand on all they have as soon as they have it, so that no bytes are left here.
        let at = self.meter.consumed;
        let within = match &self.format {
            Format::Plain => None,
            Format::Gzip(gzip) => gzip.inside(),
            Format::Zstd(zstd) => zstd.inside(),
        };
        within.map_or(Ok(()), |within| Err(DecodeError::Truncated { at, within }.into()))
    }

    /// Compressed bytes taken so far.
    pub fn consumed(&self) -> u64 {
        self.meter.consumed
    }

    /// Bytes handed to the sink so far.
    pub fn produced(&self) -> u64 {
        self.meter.produced
    }
}
