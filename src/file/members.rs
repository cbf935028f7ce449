//! Archives without a table: a tar, also inside gzip or zstd, walked through from its start; and what is compressed
//! but no tar, of which the header of gzip says a little.

use super::{
    ranges::{Ranges, Stop},
    summary::{About, Listing, Member, MemberKind},
};
use crate::{
    codec::{Compression, DecodeError, Decoder, TarEntry, TarError, TarKind, TarParser, TarVisitor},
    image::display_name,
    limits,
};

/// Bytes read at a time. Members are small: reading on is faster than seeking.
const STRIDE: u64 = 256 << 10;

/// A walk through an archive.
#[derive(Debug)]
pub(super) struct Walk {
    compression: Compression,
    decoder: Decoder,
    parser: TarParser,
    collect: Collect,
    size: u64,
    /// Bytes of the file that were read.
    read: u64,
    over: bool,
    why: Option<String>,
}

#[derive(Debug, Default)]
struct Collect {
    members: Vec<Member>,
}

/// Why walking stops.
enum Halt {
    Tar(TarError),
    Decode(DecodeError),
    Full,
}

impl From<TarError> for Halt {
    fn from(error: TarError) -> Self {
        Self::Tar(error)
    }
}

impl From<DecodeError> for Halt {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl TarVisitor for Collect {
    type Error = Halt;

    fn entry(&mut self, entry: &TarEntry) -> Result<(), Halt> {
        if self.members.len() >= limits::LISTED_MEMBERS {
            return Err(Halt::Full);
        }
        let kind = match entry.kind {
            TarKind::File => MemberKind::File,
            TarKind::Directory => MemberKind::Dir,
            TarKind::HardLink | TarKind::Symlink => MemberKind::Link,
            TarKind::CharDevice | TarKind::BlockDevice | TarKind::Fifo => MemberKind::Other,
        };
        self.members.push(Member {
            name: display_name(&entry.path),
            kind,
            size: (kind == MemberKind::File).then_some(entry.size),
            packed: None,
            link: (kind == MemberKind::Link).then(|| display_name(&entry.link)),
            mtime: Some(entry.mtime),
        });
        Ok(())
    }

    fn data(&mut self, _: &[u8]) -> Result<(), Halt> {
        Ok(())
    }

    fn entry_end(&mut self) -> Result<(), Halt> {
        Ok(())
    }
}

impl Walk {
    pub(super) fn new(compression: Compression, size: u64) -> Self {
        Self {
            compression,
            decoder: Decoder::new(compression),
            parser: TarParser::new(),
            collect: Collect::default(),
            size,
            read: 0,
            over: false,
            why: None,
        }
    }

    /// The next bytes of the file.
    fn position(&self) -> u64 {
        match self.compression {
            Compression::None => self.parser.position(),
            Compression::Gzip | Compression::Zstd => self.decoder.consumed(),
        }
    }

    /// What is inside, once the walk is over; `what` is then given its name.
    pub(super) fn poll(
        &mut self,
        file: &Ranges,
        name: &[u8],
        what: &mut String,
    ) -> Result<(About, Option<String>), Stop> {
        let at = self.position();
        if !self.over && at < self.size {
            return Err(Stop::Read { offset: at, length: STRIDE.min(self.size - at) });
        }
        self.end();
        if self.compression != Compression::None && !self.is_tar() {
            return alone(self.compression, file, name).map(|listing| (About::Listing(listing), None));
        }
        *what = match self.compression {
            Compression::None => what.clone(),
            _ => format!("tar archive in {what}"),
        };
        let members = std::mem::take(&mut self.collect.members);
        let total = (self.why.is_none()).then_some(members.len() as u64);
        Ok((About::Listing(Listing { members, total }), self.why.take()))
    }

    /// At the file's end: whether it ends too early.
    fn end(&mut self) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let ended = self.parser.finish(&mut self.collect).and_then(|()| self.decoder.finish(&mut |_| Ok(())));
        self.why = match ended {
            Ok(()) | Err(Halt::Full) => None,
            Err(Halt::Tar(error)) => Some(error.to_string()),
            Err(Halt::Decode(error)) => Some(error.to_string()),
        };
    }

    /// Whether no more bytes are taken.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    fn is_tar(&self) -> bool {
        !self.collect.members.is_empty()
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.read += bytes.len() as u64;
        let (parser, collect) = (&mut self.parser, &mut self.collect);
        let pushed = match self.compression {
            Compression::None => parser.push(bytes, collect),
            _ => self.decoder.push(bytes, &mut |plain| {
                parser.push(plain, collect)?;
                if parser.ended() || parser.position() > limits::WALKED_BYTES { Err(Halt::Full) } else { Ok(()) }
            }),
        };
        let listed = self.collect.members.len();
        self.why = match pushed {
            Ok(()) if self.read >= limits::WALKED_BYTES => Some(format!("the first {listed} members: the rest is far")),
            Ok(()) => None,
            Err(Halt::Full) if self.parser.ended() => None,
            Err(Halt::Full) => Some(format!("the first {listed} members")),
            Err(Halt::Tar(error)) => Some(error.to_string()),
            Err(Halt::Decode(error)) => Some(error.to_string()),
        };
        if self.compression == Compression::None && self.why.is_none() {
            let rest = self.size.saturating_sub(self.parser.position());
            self.parser.skip(self.parser.skippable().min(rest));
        }
        self.over = self.why.is_some() || self.parser.ended() || bytes.is_empty();
    }
}

/// A file that is compressed by itself: its name, and its size where gzip's trailer can say it.
fn alone(compression: Compression, file: &Ranges, name: &[u8]) -> Result<Listing, Stop> {
    let mut member = Member {
        name: display_name(stem(name)),
        kind: MemberKind::File,
        size: None,
        packed: Some(file.size()),
        link: None,
        mtime: None,
    };
    if compression == Compression::Gzip {
        let header = file.get(0, file.size().min(1_024))?;
        member.mtime = header.get(4..8).map(|field| i64::from(le32(field))).filter(|time| *time != 0);
        if let Some(original) = original_name(header) {
            member.name = display_name(original);
        }
        // RFC 1952, 2.3.1: the size modulo 2^32 of the last member.
        if file.size() >= 18 && file.size() < u64::from(u32::MAX) / 1_032 {
            member.size = Some(u64::from(le32(file.get(file.size() - 4, 4)?)));
        }
    }
    Ok(Listing { members: vec![member], total: Some(1) })
}

/// The name field of a gzip header (RFC 1952, 2.3).
fn original_name(header: &[u8]) -> Option<&[u8]> {
    let flags = header.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*header.get(at)?) + (usize::from(*header.get(at + 1)?) << 8);
    }
    let rest = header.get(at..).filter(|_| flags & 8 != 0)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    rest.get(..end).filter(|name| !name.is_empty())
}

/// A name without the ending that compression adds.
fn stem(name: &[u8]) -> &[u8] {
    let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
    [&b".gz"[..], b".zst"]
        .iter()
        .find_map(|end| name.strip_suffix(*end))
        .filter(|stem| !stem.is_empty())
        .unwrap_or(name)
}

fn le32(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}
