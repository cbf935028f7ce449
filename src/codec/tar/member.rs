//! Headers of members: what they and the extended headers before them say, up to where the content begins.

use super::{
    BLOCK, Block, TarEntry, TarError, TarKind, TarParser, TarVisitor,
    extended::{Extended, PaxFormat},
    header::{Header, Type},
    parser::{State, cut, padding},
    sparse::{self, Map, MapReader, Walk},
};

impl TarParser {
    pub(super) fn header<V: TarVisitor>(&mut self, block: &Block, visitor: &mut V) -> Result<(), V::Error> {
        let offset = self.position - BLOCK as u64;
        let is_zero = block.iter().all(|byte| *byte == 0);
        match (self.state, is_zero) {
            (State::Zero, _) => {
                self.lone_zero = if is_zero { None } else { Some(offset - BLOCK as u64) };
                self.state = State::Ended;
                return Ok(());
            }
            (_, true) => {
                self.state = State::Zero;
                return Ok(());
            }
            (_, false) => {}
        }
        let header = Header::read(block, offset)?;
        match header.kind() {
            kind @ (Type::Pax | Type::LongPath | Type::LongLink) => Ok(self.extended_header(kind, &header)?),
            Type::PaxGlobal | Type::Label => {
                let size = header.size()?;
                self.pass_over(size.saturating_add(padding(size)));
                Ok(())
            }
            kind => self.member(kind, &header, visitor),
        }
    }

    pub(super) fn pass_over(&mut self, left: u64) {
        self.state = if left == 0 { State::Header } else { State::Skip { left } };
    }

    fn extended_header(&mut self, kind: Type, header: &Header<'_>) -> Result<(), TarError> {
        let size = header.size()?;
        if size > self.limits.pax_bytes {
            return Err(TarError::TooLong {
                header: header.offset(),
                what: "an extended header",
                length: size,
                limit: "PAX_BYTES",
                cap: self.limits.pax_bytes,
            });
        }
        self.collected.clear();
        if size == 0 {
            self.state = State::Header;
            return self.extended.take(kind, &[], header.offset());
        }
        self.state = State::Collect { kind, header: header.offset(), left: size };
        Ok(())
    }

    pub(super) fn collect<'a>(
        &mut self,
        kind: Type,
        header: u64,
        left: u64,
        bytes: &'a [u8],
    ) -> Result<&'a [u8], TarError> {
        let (now, rest) = cut(bytes, left);
        self.position += now.len() as u64;
        let left = left - now.len() as u64;
        if left > 0 {
            self.collected.extend_from_slice(now);
            self.state = State::Collect { kind, header, left };
            return Ok(rest);
        }
        let size = (self.collected.len() + now.len()) as u64;
        if self.collected.is_empty() {
            self.extended.take(kind, now, header)?;
        } else {
            self.collected.extend_from_slice(now);
            self.extended.take(kind, &self.collected, header)?;
        }
        self.pass_over(padding(size));
        Ok(rest)
    }

    /// A member's own header: reads it, then what stands between it and the content.
    fn member<V: TarVisitor>(&mut self, kind: Type, header: &Header<'_>, visitor: &mut V) -> Result<(), V::Error> {
        let mut extended = std::mem::take(&mut self.extended);
        let size = match kind {
            // Bare members have no content, whatever their size field says.
            Type::Bare(_) => 0,
            _ => extended.size().map_or_else(|| header.size(), Ok)?,
        };
        self.content = size;
        self.entry = read_entry(kind, header, &mut extended, size)?;
        check_name("a path", &self.entry.path, header.offset(), self.limits.path_bytes)?;
        check_name("a link target", &self.entry.link, header.offset(), self.limits.path_bytes)?;
        if kind == Type::GnuSparse {
            let mut map = Map::new();
            let more = header.sparse(&mut map)?;
            self.entry.size = header.real_size()?;
            self.entry.sparse = Some(map);
            if more {
                self.state = State::GnuMap;
                return Ok(());
            }
        } else if self.entry.kind == TarKind::File
            && let Some((format, real)) = extended.sparse()
        {
            self.entry.size = real.unwrap_or(size);
            match format {
                PaxFormat::Map(map) => self.entry.sparse = Some(map),
                PaxFormat::Before => {
                    self.map = MapReader::default();
                    self.state = State::PaxMap { left: size };
                    return if size > 0 { Ok(()) } else { Err(self.no_map().into()) };
                }
            }
        }
        self.begin(size, visitor)
    }

    fn no_map(&self) -> TarError {
        TarError::Sparse { header: self.entry.header_offset, why: "it is missing" }
    }

    /// The content begins here, with `left` bytes stored.
    pub(super) fn begin<V: TarVisitor>(&mut self, left: u64, visitor: &mut V) -> Result<(), V::Error> {
        self.entry.data_offset = self.position;
        if let Some(map) = self.entry.sparse.take() {
            let map = sparse::check(map, self.entry.size, left, self.entry.header_offset)?;
            self.entry.sparse = Some(map);
            self.walk = Walk::default();
            self.holes = self.holes.saturating_add(self.entry.size - left);
            if self.holes > self.limits.bytes {
                return Err(self.too_many_holes().into());
            }
        }
        self.content = left;
        self.deliver = self.entry.kind == TarKind::File;
        visitor.entry(&self.entry)?;
        self.state = State::Data { left };
        if left == 0 { self.end(visitor) } else { Ok(()) }
    }

    fn too_many_holes(&self) -> TarError {
        TarError::TooLong {
            header: self.entry.header_offset,
            what: "the holes of all sparse files together",
            length: self.holes,
            limit: "LAYER_BYTES",
            cap: self.limits.bytes,
        }
    }
}

/// Everything about a member but its sparse map.
fn read_entry(kind: Type, header: &Header<'_>, extended: &mut Extended, size: u64) -> Result<TarEntry, TarError> {
    let path = extended.path().unwrap_or_else(|| header.path());
    let kind = match kind {
        Type::Bare(kind) => kind,
        Type::Listing => TarKind::Directory,
        Type::File if header.is_v7() && path.ends_with(b"/") => TarKind::Directory,
        _ => TarKind::File,
    };
    let link = match kind {
        TarKind::HardLink | TarKind::Symlink => extended.link().unwrap_or_else(|| header.link()),
        _ => Vec::new(),
    };
    let is_device = matches!(kind, TarKind::CharDevice | TarKind::BlockDevice);
    let content = if kind == TarKind::File { size } else { 0 };
    Ok(TarEntry {
        path,
        kind,
        link,
        mode: header.mode()?,
        uid: extended.uid().map_or_else(|| header.uid(), Ok)?,
        gid: extended.gid().map_or_else(|| header.gid(), Ok)?,
        mtime: extended.mtime().map_or_else(|| header.mtime(), Ok)?,
        size: content,
        stored: content,
        data_offset: 0,
        header_offset: header.offset(),
        device: if is_device { header.device()? } else { (0, 0) },
        xattrs: extended.xattrs(),
        sparse: None,
    })
}

fn check_name(what: &'static str, name: &[u8], header: u64, cap: usize) -> Result<(), TarError> {
    if name.len() <= cap {
        return Ok(());
    }
    let (length, cap) = (name.len() as u64, cap as u64);
    Err(TarError::TooLong { header, what, length, limit: "PATH_BYTES", cap })
}
