//! The parser's states and the bytes that move between them: blocks, content, padding. Headers are in `member`.
//!
//! Headers that lie whole in the input are read in place, and content is handed on as slices of it: nothing is copied
//! but what is split between two pushes.

use std::fmt;

use crate::limits::LayerLimits;

use super::{
    BLOCK, Block, TarEntry, TarError, TarVisitor,
    extended::Extended,
    header::{Header, Type},
    sparse::{self, MapReader, Walk, spread},
};

/// Reads a tar that is pushed in slices of any size. After an error it is of no more use.
///
/// The tar ends at two zero blocks, or where the stream ends between two members. A lone zero block ends it too, as
/// GNU tar has it; whoever wants to warn asks [`TarParser::lone_zero_block`]. What stands behind the end is ignored.
pub struct TarParser {
    pub(super) state: State,
    /// A block that came in pieces.
    pub(super) block: Block,
    pub(super) have: usize,
    /// Bytes taken and skipped so far.
    pub(super) position: u64,
    /// Content of an extended header.
    pub(super) collected: Vec<u8>,
    pub(super) extended: Extended,
    pub(super) entry: TarEntry,
    /// The member's content in the tar, which a directory's listing has too.
    pub(super) content: u64,
    pub(super) deliver: bool,
    pub(super) walk: Walk,
    pub(super) map: MapReader,
    /// Zeros made up for holes, over all members.
    pub(super) holes: u64,
    pub(super) lone_zero: Option<u64>,
    pub(super) limits: LayerLimits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Header,
    /// One zero block was seen.
    Zero,
    /// Content of an extended header that stands at `header`.
    Collect {
        kind: Type,
        header: u64,
        left: u64,
    },
    /// Old GNU sparse: blocks of map before the content.
    GnuMap,
    /// pax sparse 1.0: the map before the content; `left` of the member is still to come.
    PaxMap {
        left: u64,
    },
    Data {
        left: u64,
    },
    Skip {
        left: u64,
    },
    Ended,
}

/// Where it stands; the buffers would only fill the screen.
impl fmt::Debug for TarParser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TarParser")
            .field("state", &self.state)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Default for TarParser {
    fn default() -> Self {
        Self::new()
    }
}

/// What fills up `size` bytes to whole blocks.
pub(super) fn padding(size: u64) -> u64 {
    const LEN: u64 = BLOCK as u64;
    (LEN - size % LEN) % LEN
}

impl TarParser {
    /// A parser for a tar from its first byte on.
    pub fn new() -> Self {
        Self {
            state: State::Header,
            block: [0; BLOCK],
            have: 0,
            position: 0,
            collected: Vec::new(),
            extended: Extended::default(),
            entry: TarEntry::default(),
            content: 0,
            deliver: false,
            walk: Walk::default(),
            map: MapReader::default(),
            holes: 0,
            lone_zero: None,
            limits: LayerLimits::default(),
        }
    }

    /// With other caps than the usual ones.
    #[must_use]
    pub fn limited(mut self, limits: LayerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// The visitor's own, or a [`TarError`].
    pub fn push<V: TarVisitor>(&mut self, mut bytes: &[u8], visitor: &mut V) -> Result<(), V::Error> {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Data { left } => self.data(left, bytes, visitor)?,
                State::Skip { left } => self.pass(left, bytes),
                State::Collect { kind, header, left } => self.collect(kind, header, left, bytes)?,
                State::Ended => {
                    self.position += bytes.len() as u64;
                    &[]
                }
                State::Header | State::Zero | State::GnuMap | State::PaxMap { .. } => self.gather(bytes, visitor)?,
            };
        }
        Ok(())
    }

    /// Says that the stream has ended. Missing end blocks are fine, and so is missing padding of the last member.
    ///
    /// # Errors
    /// [`TarError::Truncated`] when it ended inside a header, a member, or between an extended header and its member.
    pub fn finish<V: TarVisitor>(&mut self, visitor: &mut V) -> Result<(), V::Error> {
        if self.state == (State::Data { left: 0 }) {
            self.end(visitor)?;
        }
        let truncated = |header, within, left: u64| {
            let expected = self.position.saturating_add(left);
            TarError::Truncated { header, within, expected, at: self.position }
        };
        let missing = (BLOCK - self.have) as u64;
        let is_blank = self.block.iter().take(self.have).all(|byte| *byte == 0);
        let error = match self.state {
            State::Header | State::Zero if self.have > 0 && self.position < BLOCK as u64 => TarError::NotATar,
            State::Header | State::Zero if !is_blank => {
                truncated(self.position - self.have as u64, "a header", missing)
            }
            State::Header => match self.extended.header {
                Some(header) => truncated(header, "an extended header without its member", BLOCK as u64),
                None => return Ok(()),
            },
            State::Collect { header, left, .. } => truncated(header, "an extended header", left),
            State::GnuMap => truncated(self.entry.header_offset, "a sparse file's map", missing),
            State::PaxMap { left } | State::Data { left } => truncated(self.entry.header_offset, "a member", left),
            State::Zero | State::Skip { .. } | State::Ended => return Ok(()),
        };
        Err(error.into())
    }

    /// Stored bytes of the current member that are still to come.
    pub fn skippable(&self) -> u64 {
        match self.state {
            State::Data { left } => left,
            _ => 0,
        }
    }

    /// Takes the next `n` bytes as read, at most [`TarParser::skippable`]: the next push begins behind them. The
    /// visitor does not see them; of a sparse file it sees nothing more but its end.
    pub fn skip(&mut self, n: u64) {
        if let State::Data { left } = &mut self.state {
            let n = n.min(*left);
            *left -= n;
            self.position += n;
            self.deliver &= self.entry.sparse.is_none();
        }
    }

    /// Bytes of the tar taken so far, skipped ones included.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the end was seen. Everything behind it is ignored.
    pub fn ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Where a lone zero block ended the tar though more came. GNU tar stops there, Go's reader fails.
    pub fn lone_zero_block(&self) -> Option<u64> {
        self.lone_zero
    }

    fn pass<'a>(&mut self, left: u64, bytes: &'a [u8]) -> &'a [u8] {
        let (now, rest) = cut(bytes, left);
        self.position += now.len() as u64;
        let left = left - now.len() as u64;
        self.state = if left == 0 { State::Header } else { State::Skip { left } };
        rest
    }

    /// Puts a block together and acts on it.
    fn gather<'a, V: TarVisitor>(&mut self, bytes: &'a [u8], visitor: &mut V) -> Result<&'a [u8], V::Error> {
        if self.have == 0
            && let Some((block, rest)) = bytes.split_first_chunk::<BLOCK>()
        {
            self.position += BLOCK as u64;
            self.block(block, visitor)?;
            return Ok(rest);
        }
        let (now, rest) = cut(bytes, (BLOCK - self.have) as u64);
        if let Some(slot) = self.block.get_mut(self.have..self.have + now.len()) {
            slot.copy_from_slice(now);
        }
        self.have += now.len();
        self.position += now.len() as u64;
        if self.have == BLOCK {
            self.have = 0;
            let block = self.block;
            self.block(&block, visitor)?;
        }
        Ok(rest)
    }

    fn block<V: TarVisitor>(&mut self, block: &Block, visitor: &mut V) -> Result<(), V::Error> {
        match self.state {
            State::GnuMap => {
                let header = self.entry.header_offset;
                let map = self.entry.sparse.get_or_insert_default();
                let more = Header::more_sparse(block, header, map)?;
                sparse::check_parts(map.len(), header)?;
                if !more {
                    self.begin(self.content, visitor)?;
                }
                Ok(())
            }
            State::PaxMap { left } => {
                let done = self.map.take(block, self.entry.header_offset)?;
                // Everything of the member up to here was map, and maps fill whole blocks.
                let left = left.saturating_sub(BLOCK as u64);
                if done {
                    self.entry.sparse = Some(std::mem::take(&mut self.map).finish());
                    self.entry.stored = left;
                    self.begin(left, visitor)?;
                } else if left == 0 {
                    let why = "it is longer than the member";
                    return Err(TarError::Sparse { header: self.entry.header_offset, why }.into());
                } else {
                    self.state = State::PaxMap { left };
                }
                Ok(())
            }
            _ => self.header(block, visitor),
        }
    }

    fn data<'a, V: TarVisitor>(&mut self, left: u64, bytes: &'a [u8], visitor: &mut V) -> Result<&'a [u8], V::Error> {
        let (now, rest) = cut(bytes, left);
        self.position += now.len() as u64;
        let left = left - now.len() as u64;
        self.state = State::Data { left };
        if self.deliver && !now.is_empty() {
            match &self.entry.sparse {
                None => visitor.data(now)?,
                Some(map) => spread(now, map, self.entry.size, &mut self.walk, visitor)?,
            }
        }
        if left == 0 {
            self.end(visitor)?;
        }
        Ok(rest)
    }

    /// The content is complete.
    pub(super) fn end<V: TarVisitor>(&mut self, visitor: &mut V) -> Result<(), V::Error> {
        if self.deliver
            && let Some(map) = &self.entry.sparse
        {
            let hole = self.walk.hole(map, self.entry.size);
            sparse::zeros(hole, |zeros| visitor.data(zeros))?;
        }
        self.pass_over(padding(self.content));
        visitor.entry_end()
    }
}

/// The first bytes of a slice, at most `count`, and the rest.
pub(super) fn cut(bytes: &[u8], count: u64) -> (&[u8], &[u8]) {
    bytes.split_at(usize::try_from(count).unwrap_or(usize::MAX).min(bytes.len()))
}
