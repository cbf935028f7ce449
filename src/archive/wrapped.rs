//! An archive inside gzip or zstd. It has no random access, so whoever drives the engine unpacks it once, into a file
//! of its own, and opens that.

use crate::{
    codec::{Compression, DecodeError, Decoder, Sniffed, sniff},
    problem::{Problem, ProblemKind},
};

/// How a whole archive is compressed, by its first bytes (eight are enough); [`Compression::None`] for a tar.
///
/// # Errors
/// [`ProblemKind::UnsupportedCompression`] for what is not unpacked here, with the command that does it.
pub fn wrapping(head: &[u8]) -> Result<Compression, Problem> {
    match sniff(head) {
        Sniffed::Plain => Ok(Compression::None),
        Sniffed::Gzip => Ok(Compression::Gzip),
        Sniffed::Zstd => Ok(Compression::Zstd),
        Sniffed::Xz => Err(refused("xz", "unxz")),
        Sniffed::Bzip2 => Err(refused("bzip2", "bunzip2")),
    }
}

fn refused(format: &str, command: &str) -> Problem {
    let detail =
        format!("the whole archive is compressed with {format}: unpack it with {command} and open what comes out");
    Problem::new(ProblemKind::UnsupportedCompression, "", detail)
}

/// What is said of an archive that is compressed twice.
pub(super) fn refuse_compressed(head: &[u8]) -> Result<(), Problem> {
    match wrapping(head)? {
        Compression::None => Ok(()),
        Compression::Gzip => Err(refused("gzip, inside another compression", "gunzip")),
        Compression::Zstd => Err(refused("zstd, inside another compression", "zstd -d")),
    }
}

/// Unpacks a wrapped archive as its bytes come. A stream that is damaged or breaks off gives what it held up to there.
pub struct Unpacker {
    decoder: Decoder,
    taken: u64,
    failure: Option<Problem>,
}

/// Why a push ended early: the stream, or whoever takes the bytes.
enum Stop {
    Stream(DecodeError),
    Sink(Problem),
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Stream(error)
    }
}

impl Unpacker {
    /// For a stream from its first byte on.
    pub fn new(compression: Compression) -> Self {
        Self { decoder: Decoder::new(compression), taken: 0, failure: None }
    }

    /// Compressed bytes taken.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes compressed bytes and hands on what they unpack to. False when no more of them are of use.
    ///
    /// # Errors
    /// The sink's own, and [`ProblemKind::LimitExceeded`] for an archive that unpacks to too much.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8]) -> Result<(), Problem>) -> Result<bool, Problem> {
        self.taken += bytes.len() as u64;
        match self.decoder.push(bytes, &mut |plain| sink(plain).map_err(Stop::Sink)) {
            Ok(()) => Ok(true),
            Err(Stop::Sink(problem)) => Err(problem),
            Err(Stop::Stream(error)) if matches!(error, DecodeError::Limit { .. }) => {
                Err(problem(ProblemKind::LimitExceeded, &error))
            }
            Err(Stop::Stream(error)) => {
                self.failure = Some(problem(ProblemKind::ArchiveInvalid, &error));
                Ok(false)
            }
        }
    }

    /// Says that the stream has ended; gives what was wrong with it.
    pub fn finish(mut self) -> Option<Problem> {
        let ended = self.decoder.finish::<DecodeError>(&mut |_| Ok(()));
        self.failure.or_else(|| ended.err().map(|error| problem(ProblemKind::ArchiveTruncated, &error)))
    }
}

fn problem(kind: ProblemKind, error: &DecodeError) -> Problem {
    Problem::new(kind, "the compression around the archive", error.to_string())
}
