//! The scan of a tar's headers: reads a little around each header and seeks over the content.

use super::{
    ReadRequest,
    members::{Member, Members},
    wrapped::refuse_compressed,
};
use crate::{
    codec::{TarEntry, TarError, TarKind, TarParser, TarVisitor},
    limits,
    problem::{Problem, ProblemKind},
};

/// Bytes read at a time. Headers come in runs (small members), so a little more than one is worth it.
const STRIDE: u64 = 64 << 10;

/// A scan under way.
#[derive(Debug)]
pub(super) struct Scan {
    parser: TarParser,
    size: u64,
    begun: bool,
    collect: Collect,
}

#[derive(Debug, Default)]
struct Collect {
    members: Members,
    too_many: bool,
}

impl TarVisitor for Collect {
    type Error = TarError;

    fn entry(&mut self, entry: &TarEntry) -> Result<(), TarError> {
        self.too_many |= self.members.len() >= limits::ARCHIVE_MEMBERS;
        if self.too_many {
            return Ok(());
        }
        match entry.kind {
            TarKind::File => {
                self.members.add(
                    &entry.path,
                    Member { file: 0, offset: entry.data_offset, length: entry.stored, truncated: false },
                );
            }
            TarKind::Symlink | TarKind::HardLink => {
                self.members.link(&entry.path, &entry.link, entry.kind == TarKind::HardLink);
            }
            _ => self.members.other(&entry.path),
        }
        Ok(())
    }

    fn data(&mut self, _: &[u8]) -> Result<(), TarError> {
        Ok(())
    }

    fn entry_end(&mut self) -> Result<(), TarError> {
        Ok(())
    }
}

impl Scan {
    pub(super) fn new(size: u64) -> Self {
        Self { parser: TarParser::new(), size, begun: false, collect: Collect::default() }
    }

    pub(super) fn position(&self) -> u64 {
        self.parser.position()
    }

    pub(super) fn needs(&self) -> ReadRequest {
        let offset = self.position().min(self.size);
        ReadRequest { file: 0, offset, length: STRIDE.min(self.size - offset) }
    }

    /// Takes the bytes asked for. True when the scan is over.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<bool, Problem> {
        if !self.begun {
            self.begun = true;
            refuse_compressed(bytes)?;
        }
        let at = self.position();
        if let Err(error) = self.parser.push(bytes, &mut self.collect) {
            return self.broken(at, &error);
        }
        if self.collect.too_many {
            let detail = format!("it has more than {} members", limits::ARCHIVE_MEMBERS);
            return Err(Problem::new(ProblemKind::LimitExceeded, "", detail));
        }
        let rest = self.size.saturating_sub(self.position());
        let skip = self.parser.skippable().min(rest);
        self.parser.skip(skip);
        Ok(self.parser.ended() || self.position() >= self.size || bytes.is_empty())
    }

    /// A header that makes no sense. At the very start the file is no tar; later, what was found before it stays.
    fn broken(&self, at: u64, error: &TarError) -> Result<bool, Problem> {
        let kind = if self.collect.members.is_empty() { ProblemKind::NotAnImage } else { ProblemKind::ArchiveInvalid };
        let detail = match kind {
            ProblemKind::NotAnImage => format!("this is no tar archive: {error}"),
            _ => format!("{error} (reading from byte {at})"),
        };
        Err(Problem::new(kind, "", detail))
    }

    /// The members, and whether the archive breaks off inside one.
    pub(super) fn finish(mut self) -> (Members, Option<Problem>) {
        let ended = self.parser.finish(&mut self.collect);
        let truncated = self.collect.members.truncate(self.size).map(|(name, missing)| {
            let detail = format!("the file ends {missing} bytes before the end of this member");
            Problem::new(ProblemKind::ArchiveTruncated, name, detail)
        });
        let truncated = truncated
            .or_else(|| ended.err().map(|error| Problem::new(ProblemKind::ArchiveTruncated, "", error.to_string())));
        (self.collect.members, truncated)
    }
}
