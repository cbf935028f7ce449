//! The tar parser's visitor: members → rows of a layer table, with fingerprints of their content and warnings.

use xxhash_rust::xxh3::Xxh3Default;

use super::{
    builder::TableBuilder,
    name::{Place, locate},
    parts::Shelf,
    table::{Entry, NONE, RowKind, TableError},
    toc::Witness,
};
use crate::{
    codec::{TarEntry, TarError, TarKind, TarVisitor},
    image::escape_path,
    limits::{self, LayerLimits},
};

/// Files whose content is kept while indexing: the distribution is read from them.
const CAPTURED: [&[&[u8]]; 2] = [&[b"etc", b"os-release"], &[b"usr", b"lib", b"os-release"]];
const CAPTURED_BYTES: u64 = 16 << 10;

/// Why a tar cannot be indexed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum IndexError {
    #[error(transparent)]
    Tar(#[from] TarError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("it holds more than {cap} entries (limit LAYER_ENTRIES)")]
    TooManyEntries { cap: u32 },
    #[error("the path of entry {entry} is nested more than {cap} deep (limit PATH_DEPTH)")]
    TooDeep { entry: usize, cap: usize },
}

impl IndexError {
    /// It is a cap that was reached, and no fault of the tar.
    pub(super) fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TooManyEntries { .. } | Self::TooDeep { .. } | Self::Table(_) | Self::Tar(TarError::TooLong { .. })
        )
    }
}

/// Collects rows while the parser runs.
pub(super) struct Indexer {
    pub(super) table: TableBuilder,
    pub(super) warnings: Vec<(String, Option<String>, String)>,
    hash: Xxh3Default,
    hashing: bool,
    /// Contents are not read.
    outline: bool,
    limits: LayerLimits,
    capture: Option<(u32, Vec<u8>)>,
    /// Keeps what the layer's table of contents is held against.
    pub(super) witness: Option<Witness>,
}

impl Indexer {
    pub(super) fn new(limits: LayerLimits) -> Self {
        Self {
            table: TableBuilder::new(),
            warnings: Vec::new(),
            hash: Xxh3Default::new(),
            hashing: false,
            outline: false,
            limits,
            capture: None,
            witness: None,
        }
    }

    /// Puts parts of the table on a shelf as they are complete.
    pub(super) fn shelving(mut self, shelf: Option<Box<dyn Shelf>>) -> Self {
        self.table = self.table.shelving(shelf);
        self
    }

    /// For an outline: contents are not read, so none is called like another.
    pub(super) fn outline(limits: LayerLimits) -> Self {
        Self { outline: true, ..Self::new(limits) }
    }

    /// Takes an entry of a table of contents: a member without its content.
    pub(super) fn list(&mut self, entry: &TarEntry, sum: Option<&[u8; 32]>) -> Result<(), IndexError> {
        self.entry(entry)?;
        self.capture = None;
        if entry.kind == TarKind::File {
            // Contents are told apart by what is stated of them; what nothing is stated of is like no other.
            let print = sum.and_then(|sum| sum.first_chunk::<16>()).map(|bytes| u128::from_le_bytes(*bytes));
            self.table.set_last_print(print.unwrap_or((self.table.rows() as u128) << 64 | u128::from(entry.size)));
        }
        Ok(())
    }

    fn warn(&mut self, kind: &str, path: &[u8], text: &str) {
        if self.warnings.len() < limits::WARNINGS {
            self.warnings.push((kind.to_owned(), Some(escape_path(path)), text.to_owned()));
        }
    }

    fn place(&mut self, entry: &TarEntry) -> Result<(u32, Option<RowKind>), IndexError> {
        let (place, climbs) = locate(&entry.path);
        if climbs {
            self.warn("path-clamped", &entry.path, "the name climbs with '..': it is held inside the root");
        }
        let (parts, kind) = match place {
            Place::At(parts) => (parts, None),
            Place::Whiteout(parts) => (parts, Some(RowKind::Whiteout)),
            Place::Opaque(parts) => (parts, Some(RowKind::Opaque)),
            Place::Aufs(parts) => (parts, Some(RowKind::Aufs)),
            Place::BadWhiteout => {
                self.warn(
                    "whiteout-invalid",
                    &entry.path,
                    "a whiteout that names nothing is an error by the spec: ignored. umoci refuses the layer, as Docker \
                     with overlay; with vfs Docker deletes the folder",
                );
                // It stays a row, so that entries count tar members, but deletes nothing: nothing lies at this path.
                return Ok((self.table.path(&[b".wh.", b"."])?, Some(RowKind::Aufs)));
            }
        };
        if parts.len() > self.limits.path_depth {
            return Err(IndexError::TooDeep { entry: self.table.rows(), cap: self.limits.path_depth });
        }
        let is_captured = kind.is_none() && entry.kind == TarKind::File && CAPTURED.iter().any(|path| *path == parts);
        let node = self.table.path(&parts)?;
        if is_captured && entry.size <= CAPTURED_BYTES {
            self.capture = Some((0, Vec::new()));
        }
        Ok((node, kind))
    }
}

impl TarVisitor for Indexer {
    type Error = IndexError;

    fn entry(&mut self, entry: &TarEntry) -> Result<(), IndexError> {
        if self.table.rows() >= self.limits.entries as usize {
            return Err(IndexError::TooManyEntries { cap: self.limits.entries });
        }
        let (node, special) = self.place(entry)?;
        let kind = special.unwrap_or(match entry.kind {
            TarKind::File => RowKind::File,
            TarKind::HardLink => RowKind::Hardlink,
            TarKind::Symlink => RowKind::Symlink,
            TarKind::CharDevice => RowKind::Char,
            TarKind::BlockDevice => RowKind::Block,
            TarKind::Directory => RowKind::Dir,
            TarKind::Fifo => RowKind::Fifo,
        });
        let is_link = matches!(entry.kind, TarKind::HardLink | TarKind::Symlink);
        let link = if is_link { self.table.string(&entry.link)? } else { NONE };
        let xattrs = self.table.xattrs(&entry.xattrs)?;
        let is_device = matches!(kind, RowKind::Char | RowKind::Block);
        let id = |id: u64| u32::try_from(id).unwrap_or(u32::MAX);
        let row = self.table.row(&Entry {
            node,
            kind,
            mode: u16::try_from(entry.mode & 0o7777).unwrap_or_default(),
            uid: id(entry.uid),
            gid: id(entry.gid),
            mtime: entry.mtime,
            size: if entry.kind == TarKind::File { entry.size } else { 0 },
            offset: entry.data_offset,
            link,
            xattrs,
            print: if is_device { u128::from(entry.device.0) << 32 | u128::from(entry.device.1) } else { 0 },
        })?;
        if kind == RowKind::File
            && let Some(parts) = &entry.sparse
        {
            self.table.sparse(row, parts)?;
        }
        if let Some((captured, _)) = &mut self.capture {
            *captured = row;
        }
        if let Some(witness) = &mut self.witness {
            witness.begin(row, entry);
        }
        if self.outline && kind == RowKind::File {
            self.table.set_last_print(u128::from(entry.data_offset) << 64 | u128::from(entry.size));
        }
        self.hashing = !self.outline && matches!(kind, RowKind::File | RowKind::Aufs) && entry.size > 0;
        if self.hashing {
            self.hash.reset();
        }
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), IndexError> {
        if self.hashing {
            self.hash.update(bytes);
        }
        if let Some((_, content)) = &mut self.capture {
            content.extend_from_slice(bytes);
        }
        if let Some(witness) = &mut self.witness {
            witness.data(bytes);
        }
        Ok(())
    }

    fn entry_end(&mut self) -> Result<(), IndexError> {
        if self.hashing {
            self.table.set_last_print(self.hash.digest128());
            self.hashing = false;
        }
        if let Some((row, content)) = self.capture.take() {
            self.table.capture(row, &content)?;
        }
        if let Some(witness) = &mut self.witness {
            witness.end();
        }
        Ok(())
    }
}
