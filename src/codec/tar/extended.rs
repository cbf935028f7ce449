//! What extended headers (pax `x`, GNU `L` and `K`) say about the next member.

use super::{
    BLOCK, TarError,
    header::Type,
    pax::{Record, Records, decimal, seconds, unescape},
    sparse::{Map, check_parts},
};
use crate::codec::base64;

/// What was said so far; the next member takes it.
#[derive(Debug, Default)]
pub(super) struct Extended {
    /// Offset of the first extended header.
    pub(super) header: Option<u64>,
    long_path: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    pax: Pax,
}

/// What one `x` header says. A second one before the same member replaces it.
#[derive(Debug, Default)]
struct Pax {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    mtime: Option<i64>,
    xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    sparse: PaxSparse,
}

#[derive(Debug, Default)]
struct PaxSparse {
    major: Option<u64>,
    minor: Option<u64>,
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// 0.1: the map as one value. 0.0: it grows record by record.
    map: Option<Map>,
    offset: Option<u64>,
}

/// How pax stores a sparse file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PaxFormat {
    /// The map was in the extended header (0.0, 0.1).
    Map(Map),
    /// The map stands before the content (1.0).
    Before,
}

impl Extended {
    /// Takes the content of an extended header that stands at `header`.
    pub(super) fn take(&mut self, kind: Type, bytes: &[u8], header: u64) -> Result<(), TarError> {
        self.header.get_or_insert(header);
        let text = || bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        match kind {
            Type::LongPath => self.long_path = Some(text()),
            Type::LongLink => self.long_link = Some(text()),
            _ => self.pax = Pax::read(bytes, header)?,
        }
        Ok(())
    }

    /// The path, where an extended header has it. GNU's goes first, as in Go's reader.
    pub(super) fn path(&mut self) -> Option<Vec<u8>> {
        let real = if self.pax.sparse.is_used() { self.pax.sparse.name.take() } else { None };
        self.long_path.take().or(real).or(self.pax.path.take())
    }

    pub(super) fn link(&mut self) -> Option<Vec<u8>> {
        self.long_link.take().or(self.pax.link.take())
    }

    pub(super) fn size(&self) -> Option<u64> {
        self.pax.size
    }

    pub(super) fn uid(&self) -> Option<u64> {
        self.pax.uid
    }

    pub(super) fn gid(&self) -> Option<u64> {
        self.pax.gid
    }

    pub(super) fn mtime(&self) -> Option<i64> {
        self.pax.mtime
    }

    pub(super) fn xattrs(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        std::mem::take(&mut self.pax.xattrs)
    }

    /// For a sparse file: its format, and its size with holes (where stated).
    pub(super) fn sparse(&mut self) -> Option<(PaxFormat, Option<u64>)> {
        let sparse = &mut self.pax.sparse;
        if !sparse.is_used() {
            return None;
        }
        let format = match sparse.map.take() {
            Some(map) if !sparse.is_one() => PaxFormat::Map(map),
            _ => PaxFormat::Before,
        };
        Some((format, sparse.size))
    }
}

impl PaxSparse {
    fn is_one(&self) -> bool {
        (self.major, self.minor) == (Some(1), Some(0))
    }

    /// A version that is not known leaves the member a plain file.
    fn is_used(&self) -> bool {
        let is_zero = self.map.is_some() && self.major.unwrap_or(0) == 0;
        is_zero || self.is_one()
    }
}

impl Pax {
    fn read(bytes: &[u8], header: u64) -> Result<Self, TarError> {
        let mut pax = Self::default();
        // The records follow the header block; messages count from there.
        for record in Records::new(bytes, header) {
            pax.apply(record?, header)?;
        }
        if pax.sparse.offset.is_some() {
            return Err(TarError::Sparse { header, why: "an offset without a length" });
        }
        Ok(pax)
    }

    fn apply(&mut self, record: Record<'_>, header: u64) -> Result<(), TarError> {
        let Record { key, value, at } = record;
        let name = || match value {
            [] => Ok(None),
            _ if value.contains(&0) => Err(TarError::Pax { header, at, why: "a NUL inside a name" }),
            _ => Ok(Some(value.to_vec())),
        };
        match key {
            b"path" => self.path = name()?,
            b"linkpath" => self.link = name()?,
            b"size" => self.size = number(value, header, "pax size", decimal)?,
            b"uid" => self.uid = number(value, header, "pax uid", decimal)?,
            b"gid" => self.gid = number(value, header, "pax gid", decimal)?,
            b"mtime" => self.mtime = number(value, header, "pax mtime", seconds)?,
            b"GNU.sparse.name" => self.sparse.name = name()?,
            _ => {
                if let Some(key) = key.strip_prefix(b"SCHILY.xattr.") {
                    self.xattr(key.to_vec(), value.to_vec(), true);
                } else if let Some(key) = key.strip_prefix(b"LIBARCHIVE.xattr.") {
                    // Only a second copy of SCHILY's, where libarchive writes both: what cannot be read is left out.
                    if let (Some(key), Some(value)) = (unescape(key), base64(value)) {
                        self.xattr(key, value, false);
                    }
                } else if let Some(key) = key.strip_prefix(b"GNU.sparse.") {
                    self.sparse.apply(key, value, header)?;
                }
            }
        }
        Ok(())
    }

    /// The last record of a name counts. An empty value stays one: runtimes set the attribute so.
    fn xattr(&mut self, key: Vec<u8>, value: Vec<u8>, replace: bool) {
        match self.xattrs.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) if replace => *known = value,
            Some(_) => {}
            None => self.xattrs.push((key, value)),
        }
    }
}

impl PaxSparse {
    fn apply(&mut self, key: &[u8], value: &[u8], header: u64) -> Result<(), TarError> {
        let one = |field| number(value, header, field, decimal);
        match key {
            b"major" => self.major = one("GNU.sparse.major")?,
            b"minor" => self.minor = one("GNU.sparse.minor")?,
            b"realsize" | b"size" => self.size = one("GNU.sparse.size")?,
            b"numblocks" => self.map = Some(Map::new()),
            b"map" => self.map = Some(read_map(value, header)?),
            b"offset" => self.offset = one("GNU.sparse.offset")?,
            b"numbytes" => {
                let length = one("GNU.sparse.numbytes")?;
                let (Some(offset), Some(length)) = (self.offset.take(), length) else {
                    return Err(TarError::Sparse { header, why: "a length without an offset" });
                };
                let map = self.map.get_or_insert_default();
                map.push((offset, length));
                check_parts(map.len(), header)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// pax sparse 0.1: offsets and lengths in turn, with commas between them.
fn read_map(value: &[u8], header: u64) -> Result<Map, TarError> {
    let mut map = Map::new();
    if value.is_empty() {
        return Ok(map);
    }
    let mut numbers = value.split(|byte| *byte == b',');
    while let Some(offset) = numbers.next() {
        let length = numbers.next().ok_or(TarError::Sparse { header, why: "an offset without a length" })?;
        let part = decimal(offset).zip(decimal(length));
        map.push(part.ok_or(TarError::Sparse { header, why: "a part is no number" })?);
        check_parts(map.len(), header)?;
    }
    Ok(map)
}

/// A number, or None where an empty value takes the field's own back.
fn number<T>(
    value: &[u8],
    header: u64,
    field: &'static str,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<Option<T>, TarError> {
    if value.is_empty() {
        return Ok(None);
    }
    match parse(value) {
        Some(number) => Ok(Some(number)),
        None => {
            let shown = value.get(..BLOCK).unwrap_or(value);
            Err(TarError::Number { header, field, value: shown.escape_ascii().to_string() })
        }
    }
}
