//! The table's JSON out of its bytes, held against its digest.

use super::{STARGZ_MEMBER, TocError};
use crate::{
    codec::{Compression, DecodeError, Decoder, TarEntry, TarError, TarParser, TarVisitor},
    image::Digest,
    limits::{self, LayerLimits},
};

/// Bytes of the tar around the JSON: a header, padding and the end.
const AROUND: u64 = 64 << 10;

/// Holds bytes against a digest.
pub(super) fn check(expected: &Digest, bytes: &[u8]) -> Result<(), TocError> {
    let unknown = || TocError::Unusable(format!("{expected} is of an algorithm that is not known here"));
    let mut hasher = expected.hasher().ok_or_else(unknown)?;
    hasher.update(bytes);
    let actual = hasher.finish();
    if actual != *expected {
        return Err(TocError::Mismatch { expected: expected.clone(), actual, bytes: bytes.len() as u64 });
    }
    Ok(())
}

/// The JSON of zstd:chunked: its packed bytes are what the digest is of.
pub(super) fn chunked(packed: &[u8], unpacked: u64, digest: &Digest) -> Result<Vec<u8>, TocError> {
    check(digest, packed)?;
    let mut json = Vec::new();
    unpack(Compression::Zstd, packed, unpacked.min(limits::TOC_BYTES), &mut |bytes| {
        json.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(json)
}

/// The JSON of eStargz: a tar in a gzip member.
pub(super) fn stargz(packed: &[u8], digest: &Digest) -> Result<Vec<u8>, TocError> {
    let mut tar = TarParser::new();
    let mut member = Member::default();
    let cap = limits::TOC_BYTES + AROUND;
    unpack(Compression::Gzip, packed, cap, &mut |bytes| tar.push(bytes, &mut member).map_err(|_| Halt::Tar))?;
    let json = member.json.filter(|_| !member.is_inside).ok_or(TocError::Missing)?;
    if json.len() as u64 > limits::TOC_BYTES {
        return Err(TocError::TooLarge);
    }
    check(digest, &json)?;
    Ok(json)
}

enum Halt {
    Decode(DecodeError),
    Tar,
}

impl From<DecodeError> for Halt {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

fn unpack(
    compression: Compression,
    packed: &[u8],
    cap: u64,
    sink: &mut impl FnMut(&[u8]) -> Result<(), Halt>,
) -> Result<(), TocError> {
    // Names repeat themselves: a table packs well, and its cap is a small one.
    let limits = LayerLimits { bytes: cap, expansion_ratio: u64::MAX, ..LayerLimits::default() };
    let mut decoder = Decoder::new(compression).limited(limits);
    decoder.push(packed, sink).and_then(|()| decoder.finish(sink)).map_err(|halt| match halt {
        Halt::Decode(DecodeError::Limit { .. }) => TocError::TooLarge,
        Halt::Decode(error) => TocError::Unpack(error),
        Halt::Tar => TocError::Missing,
    })
}

/// Takes the content of the member that is the table.
#[derive(Default)]
struct Member {
    json: Option<Vec<u8>>,
    is_inside: bool,
}

impl TarVisitor for Member {
    type Error = TarError;

    fn entry(&mut self, entry: &TarEntry) -> Result<(), TarError> {
        self.is_inside = self.json.is_none() && entry.path == STARGZ_MEMBER;
        if self.is_inside {
            self.json = Some(Vec::new());
        }
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), TarError> {
        if let Some(json) = self.json.as_mut().filter(|_| self.is_inside) {
            json.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn entry_end(&mut self) -> Result<(), TarError> {
        self.is_inside = false;
        Ok(())
    }
}
