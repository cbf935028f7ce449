//! The JSON of a table of contents → rows as a tar would give them, and the digest that it states of each content.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Sum, TocError, time::seconds};
use crate::{
    codec::{TarEntry, TarKind, base64},
    image::{Algorithm, Digest, display_name},
    layer::{
        index::{IndexError, Indexer},
        parts::TableParts,
    },
    limits::LayerLimits,
};

/// A table of contents.
#[derive(Debug)]
pub struct Toc {
    pub(super) table: TableParts,
    pub(super) contents: Contents,
}

/// What is stated of contents.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// For each row, the digest of all of it.
    pub(super) digests: Vec<Option<Sum>>,
    /// Its chunks, by row, ascending.
    pub(super) chunks: Vec<Chunk>,
}

/// A chunk of a content, as it is fetched by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) row: u32,
    /// First byte in the content, and how many.
    pub(super) at: u64,
    pub(super) length: u64,
    /// Where its gzip member or zstd frame begins in the blob, and how many of its bytes come before the chunk.
    pub(super) offset: u64,
    pub(super) inner: u64,
    pub(super) sum: Option<Sum>,
    /// It is said to be zeros, which are not fetched.
    pub(super) is_zeros: bool,
}

impl Toc {
    /// Its entries, as a layer's table.
    pub fn into_table(self) -> TableParts {
        self.table
    }

    /// Reads the JSON of the table of a blob of so many bytes.
    pub(super) fn parse(json: &[u8], size: u64) -> Result<Self, TocError> {
        let Json { version, entries } =
            serde_json::from_slice(json).map_err(|error| TocError::Json(error.to_string()))?;
        if version != 1 {
            return Err(TocError::Version(version));
        }
        let indexer = Indexer::outline(LayerLimits::default());
        let mut reading = Reading { indexer, contents: Contents::default(), file: None };
        for (number, entry) in entries.iter().enumerate() {
            let wrong = |why| TocError::Entry { number, name: excerpt(&entry.name), why };
            reading.take(entry, size).map_err(|stop| match stop {
                Stop::Entry(why) => wrong(why),
                Stop::Index(error) if error.is_limit() => TocError::Limit(error.to_string()),
                Stop::Index(error) => wrong(error.to_string()),
            })?;
        }
        let table = reading.indexer.table.finish().map_err(|error| TocError::Limit(error.to_string()))?;
        Ok(Self { table, contents: reading.contents })
    }
}

#[derive(Deserialize)]
struct Json {
    version: i64,
    #[serde(default)]
    entries: Vec<Entry>,
}

/// An entry or a further chunk of one. Both formats have these fields of stargz.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Entry {
    name: String,
    r#type: String,
    size: Option<u64>,
    modtime: Option<String>,
    link_name: Option<String>,
    mode: Option<u32>,
    uid: Option<u64>,
    gid: Option<u64>,
    dev_major: Option<u32>,
    dev_minor: Option<u32>,
    xattrs: Option<BTreeMap<String, String>>,
    digest: Option<String>,
    offset: Option<u64>,
    chunk_offset: Option<u64>,
    chunk_size: Option<u64>,
    chunk_digest: Option<String>,
    chunk_type: Option<String>,
    inner_offset: Option<u64>,
}

enum Stop {
    Entry(String),
    Index(IndexError),
}

impl From<&str> for Stop {
    fn from(why: &str) -> Self {
        Self::Entry(why.to_owned())
    }
}

struct Reading<'a> {
    indexer: Indexer,
    contents: Contents,
    /// The file whose chunks come: name and size.
    file: Option<(&'a str, u64)>,
}

impl<'a> Reading<'a> {
    fn take(&mut self, entry: &'a Entry, blob: u64) -> Result<(), Stop> {
        let has_bytes = matches!(entry.r#type.as_str(), "reg" | "chunk") && entry.size != Some(0);
        if has_bytes && entry.offset.is_some_and(|offset| offset >= blob) {
            return Err(Stop::Entry(format!("its bytes begin behind the blob's {blob}")));
        }
        if entry.r#type == "chunk" {
            return self.further(entry);
        }
        let listed = listed(entry)?;
        let (digest, chunk) = (sum(entry.digest.as_ref())?, sum(entry.chunk_digest.as_ref())?);
        self.indexer.list(&listed, digest.as_ref().or(chunk.as_ref())).map_err(Stop::Index)?;
        let is_file = listed.kind == TarKind::File && listed.size > 0;
        self.contents.digests.push(digest.filter(|_| is_file));
        self.file = is_file.then_some((&entry.name, listed.size));
        if is_file {
            self.chunk(entry, 0, listed.size, chunk);
        }
        Ok(())
    }

    /// A further chunk of the file before it.
    fn further(&mut self, entry: &Entry) -> Result<(), Stop> {
        let (_, size) =
            self.file.filter(|(name, _)| *name == entry.name).ok_or("it is a chunk of no file before it")?;
        let offset = entry.chunk_offset.unwrap_or_default();
        let end = offset.checked_add(entry.chunk_size.unwrap_or_default());
        let before = self.contents.chunks.last_mut().filter(|before| before.at < offset);
        let fits = offset < size && end.is_some_and(|end| end <= size);
        let Some(before) = before.filter(|_| fits) else {
            return Err(Stop::Entry(format!("the chunk at {offset} is not within the file's {size} bytes")));
        };
        // What is said of a chunk's length counts, but one that is not the last ends where the next begins.
        before.length = before.length.min(offset - before.at);
        let chunk = sum(entry.chunk_digest.as_ref())?;
        self.chunk(entry, offset, size, chunk);
        Ok(())
    }

    fn chunk(&mut self, entry: &Entry, at: u64, size: u64, sum: Option<Sum>) {
        let stated = entry.chunk_size.filter(|length| *length > 0);
        self.contents.chunks.push(Chunk {
            row: u32::try_from(self.contents.digests.len().saturating_sub(1)).unwrap_or(u32::MAX),
            at,
            length: stated.unwrap_or(size - at).min(size - at),
            offset: entry.offset.unwrap_or_default(),
            inner: entry.inner_offset.unwrap_or_default(),
            sum,
            is_zeros: entry.chunk_type.as_deref() == Some("zeros"),
        });
    }
}

fn excerpt(text: &str) -> String {
    display_name(text.chars().take(80).collect::<String>().as_bytes())
}

/// A SHA-256 that is stated; what is of another algorithm states nothing here.
fn sum(text: Option<&String>) -> Result<Option<Sum>, Stop> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let digest = Digest::parse(text).map_err(|error| Stop::Entry(error.to_string()))?;
    if *digest.algorithm() != Algorithm::Sha256 {
        return Ok(None);
    }
    let mut sum = Sum::default();
    for (byte, pair) in sum.iter_mut().zip(digest.encoded().as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).map_err(|_| "its digest is no hexadecimal number")?;
    }
    Ok(Some(sum))
}

/// The member that an entry stands for.
fn listed(entry: &Entry) -> Result<TarEntry, Stop> {
    let kind = match entry.r#type.as_str() {
        "reg" => TarKind::File,
        "dir" => TarKind::Directory,
        "symlink" => TarKind::Symlink,
        "hardlink" => TarKind::HardLink,
        "char" => TarKind::CharDevice,
        "block" => TarKind::BlockDevice,
        "fifo" => TarKind::Fifo,
        other => return Err(Stop::Entry(format!("its type '{}' is not known", excerpt(other)))),
    };
    if entry.name.is_empty() {
        return Err("it has no name".into());
    }
    let attribute = |(name, value): (&String, &String)| Some((name.clone().into_bytes(), base64(value.as_bytes())?));
    let xattrs: Option<Vec<_>> = entry.xattrs.iter().flatten().map(attribute).collect();
    let mtime = entry.modtime.as_deref().filter(|time| !time.is_empty());
    let mtime = mtime.map(|time| seconds(time).ok_or("its modtime is no time")).transpose()?;
    Ok(TarEntry {
        path: entry.name.clone().into_bytes(),
        kind,
        link: entry.link_name.clone().unwrap_or_default().into_bytes(),
        mode: entry.mode.unwrap_or_default() & 0o7777,
        uid: entry.uid.unwrap_or_default(),
        gid: entry.gid.unwrap_or_default(),
        mtime: mtime.unwrap_or_default(),
        size: if kind == TarKind::File { entry.size.unwrap_or_default() } else { 0 },
        device: (entry.dev_major.unwrap_or_default(), entry.dev_minor.unwrap_or_default()),
        xattrs: xattrs.ok_or("an extended attribute is no base64")?,
        ..TarEntry::default()
    })
}
