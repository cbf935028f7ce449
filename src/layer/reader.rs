//! Reads one layer in one pass: blob hash, inflate, diffID hash, tar.

use super::{
    index::{IndexError, Indexer},
    judge::{Broken, Cause, Judged},
    parts::{Shelf, TableParts},
    toc::Witness,
};
use crate::{
    codec::{AccessIndex, Compression, DecodeError, Decoder, Sniffed, TarParser, sniff},
    image::Digest,
    limits::LayerLimits,
    opened::{LayerSpec, Warning},
    problem::{Problem, ProblemKind},
    protocol::{LayerFacts, LayerState},
    verify::{Check, CheckKind, CheckState, Verifier, judge},
};

/// Bytes that have to be seen before the compression can be told.
const SNIFF: usize = 8;

/// A layer being read. Push its bytes in order, then [`LayerReader::finish`].
pub struct LayerReader {
    spec: LayerSpec,
    index: u32,
    head: Vec<u8>,
    stream: Option<Stream>,
    /// Hash of the blob as transported. None when the tar is plain and its own hash says the same.
    blob: Option<Verifier>,
    blob_bytes: u64,
    share: usize,
    limits: LayerLimits,
    shelf: Option<Box<dyn Shelf>>,
}

/// What is known once the first bytes were seen.
struct Stream {
    compression: Compression,
    decoder: Decoder,
    tar: TarStage,
    /// Unpacking ended early: no more is decoded, the blob is hashed on.
    broken: Option<Broken>,
}

/// The uncompressed side: hash and parser. A tar that cannot be parsed is hashed on to its end.
struct TarStage {
    hash: Verifier,
    parser: TarParser,
    indexer: Indexer,
    failure: Option<IndexError>,
}

/// What reading a layer gave.
#[derive(Debug)]
pub struct LayerOutcome {
    /// The layer's final state.
    pub state: LayerState,
    /// Its checks: blob (where something names it), diff_id.
    pub checks: Vec<Check>,
    /// Compression, sizes, entries.
    pub facts: LayerFacts,
    /// Its table; only when nothing mismatched and the tar could be read.
    pub table: Option<TableParts>,
    /// Where its blob can be entered to read a file of it; there whenever the table is.
    pub access: Option<AccessIndex>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// Oddities inside.
    pub warnings: Vec<Warning>,
    /// What is wrong with its table of contents, if it has one. Runtimes that pull lazily go by that; the tar, and with it
    /// all that is shown, is as it was verified.
    pub toc_problem: Option<Problem>,
}

impl LayerReader {
    /// A reader of layer `index`, as `spec` states it.
    pub fn new(index: u32, spec: LayerSpec) -> Self {
        let blob = Verifier::new(CheckKind::Blob, spec.subject.clone(), spec.digest.clone(), spec.size);
        Self {
            spec,
            index,
            head: Vec::new(),
            stream: None,
            blob: Some(blob),
            blob_bytes: 0,
            share: 0,
            limits: LayerLimits::default(),
            shelf: None,
        }
    }

    /// Keeps points at which the blob can be entered later, at most `share` bytes of them. Without them a
    /// compressed layer can only be read from its start. What a layer's share is, the session says.
    pub fn keep_access(mut self, share: usize) -> Self {
        self.share = share;
        self
    }

    /// With other caps than the usual ones.
    #[must_use]
    pub fn limited(mut self, limits: LayerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Puts parts of the table on a shelf as they are complete.
    #[must_use]
    pub fn shelving(mut self, shelf: Box<dyn Shelf>) -> Self {
        self.shelf = Some(shelf);
        self
    }

    /// Bytes of the blob taken so far.
    pub fn bytes(&self) -> u64 {
        self.blob_bytes
    }

    /// The blob is longer than stated: it is mismatched already, no more bytes need to come.
    pub fn is_too_long(&self) -> bool {
        self.spec.size.is_some_and(|size| self.blob_bytes > size)
    }

    /// Takes the next bytes of the blob.
    pub fn push(&mut self, bytes: &[u8]) {
        self.blob_bytes += bytes.len() as u64;
        if self.is_too_long() {
            if let Some(blob) = &mut self.blob {
                blob.update(bytes);
            }
            return;
        }
        if self.stream.is_some() {
            self.feed(bytes);
            return;
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= SNIFF {
            self.begin();
        }
    }

    /// Tells the compression from the bytes held back, and lets them through.
    fn begin(&mut self) {
        let head = std::mem::take(&mut self.head);
        let (compression, broken) = match sniff(&head) {
            Sniffed::Plain => (Compression::None, None),
            Sniffed::Gzip => (Compression::Gzip, None),
            Sniffed::Zstd => (Compression::Zstd, None),
            Sniffed::Xz => (Compression::None, Some("it is compressed with xz, which no runtime unpacks")),
            Sniffed::Bzip2 => (Compression::None, Some("it is compressed with bzip2, which no runtime unpacks")),
        };
        let hash = Verifier::new(CheckKind::DiffId, self.spec.subject.clone(), self.spec.diff_id.clone(), None);
        if compression == Compression::None && broken.is_none() && self.same_hash() {
            self.blob = None;
        }
        let decoder = Decoder::keeping(compression, self.share).limited(self.limits);
        // To be held against its table of contents a table is needed whole.
        let shelf = self.shelf.take().filter(|_| self.spec.toc.is_none());
        let mut indexer = Indexer::new(self.limits).shelving(shelf);
        indexer.witness = self.spec.toc.clone().map(|toc| Witness::new(toc, decoder.member()));
        self.stream = Some(Stream {
            compression,
            decoder,
            tar: TarStage { hash, parser: TarParser::new().limited(self.limits), indexer, failure: None },
            broken: broken.map(|why| Broken { why: why.to_owned(), cause: Cause::Unknown }),
        });
        self.feed(&head);
    }

    /// For a plain tar the blob's hash is the diffID's, when both are of one algorithm.
    fn same_hash(&self) -> bool {
        let algorithm =
            |digest: &Option<Digest>| digest.as_ref().map_or("sha256".to_owned(), |d| d.algorithm_name().to_owned());
        algorithm(&self.spec.digest) == algorithm(&self.spec.diff_id)
    }

    fn feed(&mut self, bytes: &[u8]) {
        if let Some(blob) = &mut self.blob {
            blob.update(bytes);
        }
        let Some(stream) = &mut self.stream else { return };
        if let Some(witness) = &mut stream.tar.indexer.witness {
            witness.blob(self.blob_bytes - bytes.len() as u64, bytes);
        }
        if stream.broken.is_some() {
            return;
        }
        let tar = &mut stream.tar;
        let pushed = stream.decoder.push::<DecodeError>(bytes, &mut |plain| {
            tar.take(plain);
            Ok(())
        });
        if let Err(error) = pushed {
            stream.broken = Some(Broken::from(error));
        }
    }

    /// Ends the layer and judges it.
    pub fn finish(mut self) -> LayerOutcome {
        if self.stream.is_none() {
            self.begin();
        }
        let Some(mut stream) = self.stream.take() else {
            return self.unread("it was never begun");
        };
        if stream.broken.is_none() && !self.is_too_long() {
            stream.finish();
        }
        let facts = LayerFacts {
            compression: stream.compression.name().to_owned(),
            size: self.blob_bytes,
            uncompressed_size: stream.tar.hash.bytes(),
            entries: stream.tar.indexer.table.rows() as u64,
        };
        let access = stream.decoder.access();
        let Stream { tar, broken, .. } = stream;
        let TarStage { hash, indexer, failure, .. } = tar;
        let (diff, blob) = self.checks(hash, broken.as_ref());
        let judged = Judged { diff, blob, broken, failure };
        self.outcome(judged, facts, indexer, access)
    }

    /// The diff_id check and, where something names the blob, the blob check.
    fn checks(&mut self, tar: Verifier, broken: Option<&Broken>) -> (Check, Option<Check>) {
        let too_long = self.is_too_long();
        let (mut diff, actual) = match broken {
            None if too_long => (tar.abandon("the blob is longer than stated"), None),
            None => tar.finish(),
            Some(broken) => (tar.abandon(format!("the layer cannot be unpacked: {}", broken.why)), None),
        };
        if broken.is_some_and(|broken| broken.cause == Cause::Damage) && self.spec.diff_id.is_some() {
            // Whatever was named unpacked to the diffID; these bytes do not unpack.
            diff.state = CheckState::Mismatched;
        }
        let blob = match (self.blob.take(), &self.spec.digest) {
            (_, None) => None,
            (Some(verifier), Some(_)) => Some(verifier.finish().0),
            (None, Some(expected)) => Some(judge(
                CheckKind::Blob,
                self.spec.subject.clone(),
                Some(expected),
                self.spec.size,
                self.blob_bytes,
                actual.as_ref(),
            )),
        };
        (diff, blob)
    }

    fn outcome(self, judged: Judged, facts: LayerFacts, indexer: Indexer, access: AccessIndex) -> LayerOutcome {
        let place = format!("layer {} ({})", self.index, self.spec.subject);
        let (state, mut problem) = judged.state(&place);
        let Indexer { table, mut warnings, witness, .. } = indexer;
        let mut built = None;
        let mut toc_problem = None;
        if problem.is_none() {
            let finished = table.finish().and_then(|parts| match witness {
                None => Ok(parts),
                Some(witness) => {
                    let table = parts.join()?;
                    toc_problem = witness.finish(&table, self.blob_bytes, &place, &mut warnings);
                    Ok(TableParts::whole(table))
                }
            });
            match finished {
                Ok(parts) => built = Some(parts),
                Err(error) => problem = Some(Problem::new(ProblemKind::LimitExceeded, place, error.to_string())),
            }
        }
        let warnings = warnings
            .into_iter()
            .map(|(kind, path, text)| Warning { kind, layer: Some(self.index), path, text })
            .collect();
        let checks = judged.blob.into_iter().chain([judged.diff]).collect();
        let access = built.is_some().then_some(access);
        LayerOutcome { state, checks, facts, table: built, access, problem, warnings, toc_problem }
    }

    /// Ends the layer early: its bytes could not be read to the end.
    pub fn abandon(mut self, problem: Problem) -> LayerOutcome {
        let mut checks = Vec::new();
        if self.spec.digest.is_some()
            && let Some(blob) = self.blob.take()
        {
            checks.push(blob.abandon(problem.detail.clone()));
        }
        let diff = Verifier::new(CheckKind::DiffId, self.spec.subject.clone(), self.spec.diff_id.clone(), None);
        checks.push(diff.abandon(problem.detail.clone()));
        let facts = LayerFacts { size: self.blob_bytes, ..LayerFacts::default() };
        let mismatched = checks.iter().any(|check| check.state == CheckState::Mismatched);
        let state = if mismatched { LayerState::Mismatched } else { LayerState::Unverifiable };
        LayerOutcome {
            state,
            checks,
            facts,
            table: None,
            access: None,
            problem: Some(problem),
            warnings: Vec::new(),
            toc_problem: None,
        }
    }

    fn unread(self, why: &str) -> LayerOutcome {
        let place = format!("layer {} ({})", self.index, self.spec.subject);
        self.abandon(Problem::new(ProblemKind::LayerInvalid, place, why))
    }
}

impl Stream {
    fn finish(&mut self) {
        let tar = &mut self.tar;
        let ended = self.decoder.finish::<DecodeError>(&mut |plain| {
            tar.take(plain);
            Ok(())
        });
        match ended {
            Err(error) => self.broken = Some(Broken::from(error)),
            Ok(()) if self.tar.failure.is_none() => {
                self.tar.failure = self.tar.parser.finish(&mut self.tar.indexer).err();
            }
            Ok(()) => {}
        }
    }
}

impl TarStage {
    fn take(&mut self, plain: &[u8]) {
        self.hash.update(plain);
        if self.failure.is_none() {
            self.failure = self.parser.push(plain, &mut self.indexer).err();
        }
    }
}
