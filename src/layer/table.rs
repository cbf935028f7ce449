//! The layer table: an immutable, versioned, flat columnar buffer.
//!
//! ```text
//! "LVT1" | 8 × u32: section lengths in items | node.parent u32[] | node.name u32[] | name ends u32[] | row columns …
//!        | string ends u32[] | captured rows u32[] | captured strings u32[] | sparse rows u32[] | sparse strings u32[]
//!        | name bytes | string bytes
//! ```
//! Paths are a trie: a node is a parent and an interned name, node 0 is the root and a parent stands before its
//! children. One row a tar member, in the tar's order; a whiteout's row stands at the path that it deletes.

use super::column::Section;

/// No string, no row.
pub const NONE: u32 = u32::MAX;
/// The root's node.
pub const ROOT: u32 = 0;

pub(super) const MAGIC: &[u8; 4] = b"LVT1";
pub(super) const HEADER: usize = 4 + 8 * 4;

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RowKind {
    /// Regular file.
    File = 0,
    /// Directory.
    Dir = 1,
    /// Symbolic link.
    Symlink = 2,
    /// Hard link.
    Hardlink = 3,
    /// Character device.
    Char = 4,
    /// Block device.
    Block = 5,
    /// Named pipe.
    Fifo = 6,
    /// Deletes its path in lower layers.
    Whiteout = 7,
    /// Hides what lower layers have below its path.
    Opaque = 8,
    /// AUFS metadata, no part of the tree; hard links may point at it.
    Aufs = 9,
}

impl RowKind {
    fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Dir,
            2 => Self::Symlink,
            3 => Self::Hardlink,
            4 => Self::Char,
            5 => Self::Block,
            6 => Self::Fifo,
            7 => Self::Whiteout,
            8 => Self::Opaque,
            9 => Self::Aufs,
            _ => Self::File,
        }
    }
}

/// One row, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Node of its path.
    pub node: u32,
    /// What it is.
    pub kind: RowKind,
    /// mode & 0o7777.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970, rounded down.
    pub mtime: i64,
    /// Bytes of content, holes included; 0 for all but files.
    pub size: u64,
    /// First stored byte of the content, from the tar's start.
    pub offset: u64,
    /// Link name as the tar has it: a string, or [`NONE`].
    pub link: u32,
    /// Extended attributes: a string (see [`LayerTable::xattrs`]), or [`NONE`].
    pub xattrs: u32,
    /// Files: a 128-bit fingerprint (XXH3) of the content, for telling changes apart; not a proof of anything.
    /// Devices: major << 32 | minor.
    pub print: u128,
}

/// A buffer that is no table of this version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the layer table is not of this version, or damaged: {0}")]
pub struct TableError(&'static str);

impl TableError {
    pub(super) const SHELVED: Self = Self("parts of it are on a shelf");
    pub(super) const TOO_LARGE: Self = Self("it would hold more than 4 GiB of names");
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns {
    pub(super) parent: Section,
    pub(super) name: Section,
    pub(super) name_end: Section,
    pub(super) row_node: Section,
    pub(super) row_kind: Section,
    pub(super) row_mode: Section,
    pub(super) row_uid: Section,
    pub(super) row_gid: Section,
    pub(super) row_mtime: Section,
    pub(super) row_size: Section,
    pub(super) row_offset: Section,
    pub(super) row_link: Section,
    pub(super) row_xattrs: Section,
    pub(super) row_print: Section,
    pub(super) string_end: Section,
    pub(super) captured_row: Section,
    pub(super) captured_string: Section,
    pub(super) sparse_row: Section,
    pub(super) sparse_string: Section,
    pub(super) name_bytes: Section,
    pub(super) string_bytes: Section,
}

/// Everything that a layer's tar says, in one buffer. About 90 bytes an entry.
#[derive(Clone, Debug)]
pub struct LayerTable {
    buffer: Vec<u8>,
    columns: Columns,
    nodes: u32,
    rows: u32,
    captured: u32,
    sparse: u32,
}

impl LayerTable {
    /// Takes a buffer in, after checking that its sections fill it exactly.
    pub fn from_bytes(buffer: Vec<u8>) -> Result<Self, TableError> {
        if buffer.get(..4) != Some(MAGIC.as_slice()) {
            return Err(TableError("it does not begin with LVT1"));
        }
        let counts = Section { start: 4, length: HEADER - 4 };
        let [nodes, names, rows, strings, captured, name_bytes, string_bytes, sparse] =
            [0, 1, 2, 3, 4, 5, 6, 7].map(|i| counts.u32(&buffer, i));
        let mut at = HEADER;
        let mut take = |items: u32, width: usize| {
            let section = Section { start: at, length: (items as usize).saturating_mul(width) };
            at = at.saturating_add(section.length);
            section
        };
        let columns = Columns {
            parent: take(nodes, 4),
            name: take(nodes, 4),
            name_end: take(names, 4),
            row_node: take(rows, 4),
            row_kind: take(rows, 1),
            row_mode: take(rows, 2),
            row_uid: take(rows, 4),
            row_gid: take(rows, 4),
            row_mtime: take(rows, 8),
            row_size: take(rows, 8),
            row_offset: take(rows, 8),
            row_link: take(rows, 4),
            row_xattrs: take(rows, 4),
            row_print: take(rows, 16),
            string_end: take(strings, 4),
            captured_row: take(captured, 4),
            captured_string: take(captured, 4),
            sparse_row: take(sparse, 4),
            sparse_string: take(sparse, 4),
            name_bytes: take(name_bytes, 1),
            string_bytes: take(string_bytes, 1),
        };
        if at != buffer.len() || nodes == 0 {
            return Err(TableError("its sections do not fill it"));
        }
        Ok(Self { buffer, columns, nodes, rows, captured, sparse })
    }

    /// The buffer, for the wire or a cache.
    pub fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    /// The buffer, to be read.
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Bytes that the table takes.
    pub fn byte_len(&self) -> usize {
        self.buffer.len()
    }

    /// Nodes, the root included.
    pub fn nodes(&self) -> u32 {
        self.nodes
    }

    /// Rows: tar members, whiteouts included.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// A node's parent; always a smaller number, the root's is itself.
    pub fn parent(&self, node: u32) -> u32 {
        self.columns.parent.u32(&self.buffer, node).min(node.saturating_sub(1))
    }

    /// A node's name, raw.
    pub fn name(&self, node: u32) -> &[u8] {
        self.name_at(self.name_of(node))
    }

    /// Which name a node has. Nodes that are called alike share one.
    pub fn name_of(&self, node: u32) -> u32 {
        self.columns.name.u32(&self.buffer, node)
    }

    /// A name, raw.
    pub fn name_at(&self, name: u32) -> &[u8] {
        let start = if name == 0 { 0 } else { self.columns.name_end.u32(&self.buffer, name - 1) };
        self.columns.name_bytes.bytes(&self.buffer, start, self.columns.name_end.u32(&self.buffer, name))
    }

    /// What a row is, without decoding the rest.
    pub fn kind(&self, row: u32) -> RowKind {
        RowKind::from_byte(self.columns.row_kind.u8(&self.buffer, row))
    }

    /// The node of a row's path.
    pub fn node(&self, row: u32) -> u32 {
        self.columns.row_node.u32(&self.buffer, row).min(self.nodes - 1)
    }

    /// Bytes of a row's content.
    pub fn size(&self, row: u32) -> u64 {
        self.columns.row_size.u64(&self.buffer, row)
    }

    /// Bytes of all files, hard-linked content once.
    pub fn file_bytes(&self) -> u64 {
        let files = (0..self.rows()).filter(|row| self.kind(*row) == RowKind::File);
        files.fold(0, |sum, row| sum.saturating_add(self.size(row)))
    }

    /// Permission bits of a row, mode & 0o7777.
    pub fn mode(&self, row: u32) -> u16 {
        self.columns.row_mode.u16(&self.buffer, row)
    }

    /// Owner and group of a row.
    pub fn owner(&self, row: u32) -> (u32, u32) {
        (self.columns.row_uid.u32(&self.buffer, row), self.columns.row_gid.u32(&self.buffer, row))
    }

    /// Time of a row, in seconds since 1970.
    pub fn mtime(&self, row: u32) -> i64 {
        self.columns.row_mtime.i64(&self.buffer, row)
    }

    /// Fingerprint of a row's content, see [`Entry::print`].
    pub fn print(&self, row: u32) -> u128 {
        self.columns.row_print.u128(&self.buffer, row)
    }

    /// A row, decoded.
    pub fn entry(&self, row: u32) -> Entry {
        let (b, c) = (self.buffer.as_slice(), &self.columns);
        Entry {
            node: self.node(row),
            kind: self.kind(row),
            mode: c.row_mode.u16(b, row),
            uid: c.row_uid.u32(b, row),
            gid: c.row_gid.u32(b, row),
            mtime: c.row_mtime.i64(b, row),
            size: c.row_size.u64(b, row),
            offset: c.row_offset.u64(b, row),
            link: c.row_link.u32(b, row),
            xattrs: c.row_xattrs.u32(b, row),
            print: c.row_print.u128(b, row),
        }
    }

    /// A string; [`NONE`] is empty.
    pub fn string(&self, string: u32) -> &[u8] {
        if string == NONE {
            return &[];
        }
        let start = if string == 0 { 0 } else { self.columns.string_end.u32(&self.buffer, string - 1) };
        self.columns.string_bytes.bytes(&self.buffer, start, self.columns.string_end.u32(&self.buffer, string))
    }

    /// Extended attributes of a row: name and value, in the tar's order.
    pub fn xattrs(&self, row: u32) -> Vec<(&[u8], &[u8])> {
        let mut rest = self.string(self.columns.row_xattrs.u32(&self.buffer, row));
        let mut pairs = Vec::new();
        while let Some((name, after)) = split_counted(rest) {
            let Some((value, after)) = split_counted(after) else { break };
            pairs.push((name, value));
            rest = after;
        }
        pairs
    }

    /// The parts of a sparse file that are stored, offset and length, ascending; they lie in the tar one after the
    /// other. None for a file without holes.
    pub fn sparse(&self, row: u32) -> Option<impl Iterator<Item = (u64, u64)> + '_> {
        // Rows were given in order, one at most a file.
        let (mut low, mut high) = (0, self.sparse);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.columns.sparse_row.u32(&self.buffer, middle) < row { low = middle + 1 } else { high = middle }
        }
        if low == self.sparse || self.columns.sparse_row.u32(&self.buffer, low) != row {
            return None;
        }
        let parts = self.string(self.columns.sparse_string.u32(&self.buffer, low));
        Some(parts.chunks_exact(16).filter_map(split_part))
    }

    /// Content of a small file that was kept while indexing (os-release).
    pub fn captured(&self, row: u32) -> Option<&[u8]> {
        (0..self.captured)
            .find(|i| self.columns.captured_row.u32(&self.buffer, *i) == row)
            .map(|i| self.string(self.columns.captured_string.u32(&self.buffer, i)))
    }
}

/// Offset and length of a stored part, 16 bytes each.
fn split_part(bytes: &[u8]) -> Option<(u64, u64)> {
    let (offset, rest) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*offset), u64::from_le_bytes(*rest.first_chunk::<8>()?)))
}

/// A u32 length, then that many bytes.
fn split_counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
