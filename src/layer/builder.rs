//! Builds a layer table: interns names and paths, collects the columns, joins them into one buffer.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    column::Append as _,
    parts::TableParts,
    table::{Entry, HEADER, MAGIC, NONE, ROOT, TableError},
};

/// A table under construction.
#[derive(Debug)]
pub struct TableBuilder {
    nodes: Vec<(u32, u32)>,
    node_index: HashTable<u32>,
    names: Pool,
    name_index: HashTable<u32>,
    strings: Pool,
    columns: RowColumns,
    captured: Vec<(u32, u32)>,
    sparse: Vec<(u32, u32)>,
}

/// Byte strings, one after the other, with their ends.
#[derive(Debug, Default)]
struct Pool {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

#[derive(Debug, Default)]
struct RowColumns {
    node: Vec<u8>,
    kind: Vec<u8>,
    mode: Vec<u8>,
    uid: Vec<u8>,
    gid: Vec<u8>,
    mtime: Vec<u8>,
    size: Vec<u8>,
    offset: Vec<u8>,
    link: Vec<u8>,
    xattrs: Vec<u8>,
    print: Vec<u8>,
}

/// A table that would pass 4 GiB of names or link targets.
const TOO_LARGE: TableError = TableError::TOO_LARGE;

impl Default for TableBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TableBuilder {
    /// An empty table: the root alone.
    pub fn new() -> Self {
        let mut builder = Self {
            nodes: Vec::new(),
            node_index: HashTable::new(),
            names: Pool::default(),
            name_index: HashTable::new(),
            strings: Pool::default(),
            columns: RowColumns::default(),
            captured: Vec::new(),
            sparse: Vec::new(),
        };
        builder.names.ends.push(0);
        builder.nodes.push((ROOT, 0));
        builder
    }

    /// The node of a path, made with its parents if it is new.
    pub fn path(&mut self, parts: &[&[u8]]) -> Result<u32, TableError> {
        parts.iter().try_fold(ROOT, |parent, name| self.child(parent, name))
    }

    /// The node of `name` below `parent`.
    fn child(&mut self, parent: u32, name: &[u8]) -> Result<u32, TableError> {
        let name = self.intern(name)?;
        let hash = node_hash(parent, name);
        let nodes = &self.nodes;
        if let Some(found) = self.node_index.find(hash, |n| nodes.get(*n as usize) == Some(&(parent, name))) {
            return Ok(*found);
        }
        let node = u32::try_from(self.nodes.len()).map_err(|_| TOO_LARGE)?;
        self.nodes.push((parent, name));
        let nodes = &self.nodes;
        self.node_index.insert_unique(hash, node, |n| nodes.get(*n as usize).map_or(0, |n| node_hash(n.0, n.1)));
        Ok(node)
    }

    fn intern(&mut self, name: &[u8]) -> Result<u32, TableError> {
        let hash = xxh3_64(name);
        let names = &self.names;
        if let Some(found) = self.name_index.find(hash, |n| names.get(*n) == name) {
            return Ok(*found);
        }
        let id = self.names.push(name)?;
        let names = &self.names;
        self.name_index.insert_unique(hash, id, |n| xxh3_64(names.get(*n)));
        Ok(id)
    }

    /// Keeps a link target or other bytes; gives the string's number.
    pub fn string(&mut self, bytes: &[u8]) -> Result<u32, TableError> {
        self.strings.push(bytes)
    }

    /// Keeps extended attributes; [`NONE`] where there are none.
    pub fn xattrs(&mut self, xattrs: &[(Vec<u8>, Vec<u8>)]) -> Result<u32, TableError> {
        if xattrs.is_empty() {
            return Ok(NONE);
        }
        let mut packed = Vec::new();
        for part in xattrs.iter().flat_map(|(name, value)| [name, value]) {
            packed.put(&u32::try_from(part.len()).map_err(|_| TOO_LARGE)?.to_le_bytes());
            packed.put(part);
        }
        self.strings.push(&packed)
    }

    /// Appends a row; gives its number.
    pub fn row(&mut self, entry: &Entry) -> Result<u32, TableError> {
        let row = u32::try_from(self.columns.kind.len()).map_err(|_| TOO_LARGE)?;
        let c = &mut self.columns;
        c.node.put(&entry.node.to_le_bytes());
        c.kind.put(&[entry.kind as u8]);
        c.mode.put(&entry.mode.to_le_bytes());
        c.uid.put(&entry.uid.to_le_bytes());
        c.gid.put(&entry.gid.to_le_bytes());
        c.mtime.put(&entry.mtime.to_le_bytes());
        c.size.put(&entry.size.to_le_bytes());
        c.offset.put(&entry.offset.to_le_bytes());
        c.link.put(&entry.link.to_le_bytes());
        c.xattrs.put(&entry.xattrs.to_le_bytes());
        c.print.put(&entry.print.to_le_bytes());
        Ok(row)
    }

    /// Sets the fingerprint of the last row, whose content has now been seen.
    pub fn set_last_print(&mut self, print: u128) {
        let length = self.columns.print.len();
        if let Some(slot) = length.checked_sub(16).and_then(|at| self.columns.print.get_mut(at..)) {
            slot.copy_from_slice(&print.to_le_bytes());
        }
    }

    /// Keeps the content of a small file with its row.
    pub fn capture(&mut self, row: u32, content: &[u8]) -> Result<(), TableError> {
        let string = self.strings.push(content)?;
        self.captured.push((row, string));
        Ok(())
    }

    /// Keeps which parts of a sparse file are stored, with its row: offset and length, ascending.
    pub fn sparse(&mut self, row: u32, parts: &[(u64, u64)]) -> Result<(), TableError> {
        let packed: Vec<u8> =
            parts.iter().flat_map(|(offset, length)| [offset.to_le_bytes(), length.to_le_bytes()]).flatten().collect();
        let string = self.strings.push(&packed)?;
        self.sparse.push((row, string));
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.columns.kind.len()
    }

    /// The finished table, in its parts.
    pub fn finish(self) -> Result<TableParts, TableError> {
        let length = |n: usize| u32::try_from(n).map_err(|_| TOO_LARGE);
        let counts = [
            length(self.nodes.len())?,
            length(self.names.ends.len())?,
            length(self.columns.kind.len())?,
            length(self.strings.ends.len())?,
            length(self.captured.len())?,
            length(self.names.bytes.len())?,
            length(self.strings.bytes.len())?,
            length(self.sparse.len())?,
        ];
        let c = self.columns;
        let u32s = |items: &mut dyn Iterator<Item = u32>| items.flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
        let mut head = Vec::with_capacity(HEADER);
        head.put(MAGIC);
        for count in counts {
            head.put(&count.to_le_bytes());
        }
        Ok(TableParts::new(vec![
            head,
            u32s(&mut self.nodes.iter().map(|n| n.0)),
            u32s(&mut self.nodes.iter().map(|n| n.1)),
            u32s(&mut self.names.ends.iter().copied()),
            c.node,
            c.kind,
            c.mode,
            c.uid,
            c.gid,
            c.mtime,
            c.size,
            c.offset,
            c.link,
            c.xattrs,
            c.print,
            u32s(&mut self.strings.ends.iter().copied()),
            u32s(&mut self.captured.iter().map(|n| n.0)),
            u32s(&mut self.captured.iter().map(|n| n.1)),
            u32s(&mut self.sparse.iter().map(|n| n.0)),
            u32s(&mut self.sparse.iter().map(|n| n.1)),
            self.names.bytes,
            self.strings.bytes,
        ]))
    }
}

fn node_hash(parent: u32, name: u32) -> u64 {
    // Fibonacci hashing of the pair: both are small dense numbers.
    (u64::from(parent) << 32 | u64::from(name)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

impl Pool {
    fn push(&mut self, bytes: &[u8]) -> Result<u32, TableError> {
        let id = u32::try_from(self.ends.len()).map_err(|_| TOO_LARGE)?;
        self.bytes.put(bytes);
        self.ends.push(u32::try_from(self.bytes.len()).map_err(|_| TOO_LARGE)?);
        Ok(id)
    }

    fn get(&self, id: u32) -> &[u8] {
        let end = self.ends.get(id as usize).map_or(0, |e| *e as usize);
        let start = (id as usize).checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |e| *e as usize);
        self.bytes.get(start..end).unwrap_or_default()
    }
}
