//! Builds a layer table: interns names and paths, collects the columns, joins them into one buffer.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    column::Column,
    parts::{Part, Shelf, TableParts},
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
    rows: u32,
    shelf: Option<Box<dyn Shelf>>,
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
    node: Column,
    kind: Column,
    mode: Column,
    uid: Column,
    gid: Column,
    mtime: Column,
    size: Column,
    offset: Column,
    link: Column,
    xattrs: Column,
    print: Column,
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
            rows: 0,
            shelf: None,
            captured: Vec::new(),
            sparse: Vec::new(),
        };
        builder.names.ends.push(0);
        builder.nodes.push((ROOT, 0));
        builder
    }

    /// Puts parts of the table on a shelf as they are complete.
    #[must_use]
    pub fn shelving(mut self, shelf: Option<Box<dyn Shelf>>) -> Self {
        self.shelf = shelf;
        self
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
            packed.extend_from_slice(&u32::try_from(part.len()).map_err(|_| TOO_LARGE)?.to_le_bytes());
            packed.extend_from_slice(part);
        }
        self.strings.push(&packed)
    }

    /// Appends a row; gives its number.
    pub fn row(&mut self, entry: &Entry) -> Result<u32, TableError> {
        let row = self.rows;
        self.rows = row.checked_add(1).ok_or(TOO_LARGE)?;
        let (c, shelf) = (&mut self.columns, &mut self.shelf);
        c.node.put(entry.node.to_le_bytes(), shelf);
        c.kind.put([entry.kind as u8], shelf);
        c.mode.put(entry.mode.to_le_bytes(), shelf);
        c.uid.put(entry.uid.to_le_bytes(), shelf);
        c.gid.put(entry.gid.to_le_bytes(), shelf);
        c.mtime.put(entry.mtime.to_le_bytes(), shelf);
        c.size.put(entry.size.to_le_bytes(), shelf);
        c.offset.put(entry.offset.to_le_bytes(), shelf);
        c.link.put(entry.link.to_le_bytes(), shelf);
        c.xattrs.put(entry.xattrs.to_le_bytes(), shelf);
        c.print.put(entry.print.to_le_bytes(), shelf);
        Ok(row)
    }

    /// Sets the fingerprint of the last row, whose content has now been seen.
    pub fn set_last_print(&mut self, print: u128) {
        self.columns.print.set_last(print.to_le_bytes());
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
        self.rows as usize
    }

    /// The finished table, in its parts.
    pub fn finish(self) -> Result<TableParts, TableError> {
        let length = |n: usize| u32::try_from(n).map_err(|_| TOO_LARGE);
        let counts = [
            length(self.nodes.len())?,
            length(self.names.ends.len())?,
            self.rows,
            length(self.strings.ends.len())?,
            length(self.captured.len())?,
            length(self.names.bytes.len())?,
            length(self.strings.bytes.len())?,
            length(self.sparse.len())?,
        ];
        // Nothing is looked up any more: this makes room for the copies below.
        drop((self.node_index, self.name_index));
        let c = self.columns;
        let mut head = Vec::with_capacity(HEADER);
        head.extend_from_slice(MAGIC);
        for count in counts {
            head.extend_from_slice(&count.to_le_bytes());
        }
        let columns = [c.node, c.kind, c.mode, c.uid, c.gid, c.mtime, c.size, c.offset, c.link, c.xattrs, c.print];
        let own = |parts: Vec<Vec<u8>>| parts.into_iter().map(Part::Bytes);
        let nodes = vec![
            head,
            u32s(self.nodes.iter().map(|n| n.0)),
            u32s(self.nodes.iter().map(|n| n.1)),
            u32s(self.names.ends.into_iter()),
        ];
        let rows = columns.into_iter().flat_map(Column::into_parts);
        let strings = vec![
            u32s(self.strings.ends.into_iter()),
            u32s(self.captured.iter().map(|n| n.0)),
            u32s(self.captured.iter().map(|n| n.1)),
            u32s(self.sparse.iter().map(|n| n.0)),
            u32s(self.sparse.iter().map(|n| n.1)),
            self.names.bytes,
            self.strings.bytes,
        ];
        Ok(TableParts::new(own(nodes).chain(rows).chain(own(strings)).collect()))
    }
}

fn u32s(items: impl ExactSizeIterator<Item = u32>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(items.len() * 4);
    items.for_each(|item| bytes.extend_from_slice(&item.to_le_bytes()));
    bytes
}

fn node_hash(parent: u32, name: u32) -> u64 {
    // Fibonacci hashing of the pair: both are small dense numbers.
    (u64::from(parent) << 32 | u64::from(name)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

impl Pool {
    fn push(&mut self, bytes: &[u8]) -> Result<u32, TableError> {
        let id = u32::try_from(self.ends.len()).map_err(|_| TOO_LARGE)?;
        if self.bytes.len() + bytes.len() > self.bytes.capacity() {
            // Doubled, large ones would be half empty at last.
            self.bytes.reserve_exact(bytes.len() + (self.bytes.len() / 4).max(1 << 10));
        }
        self.bytes.extend_from_slice(bytes);
        self.ends.push(u32::try_from(self.bytes.len()).map_err(|_| TOO_LARGE)?);
        Ok(id)
    }

    fn get(&self, id: u32) -> &[u8] {
        let end = self.ends.get(id as usize).map_or(0, |e| *e as usize);
        let start = (id as usize).checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |e| *e as usize);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use super::{super::table::RowKind, *};

    #[derive(Clone, Debug, Default)]
    struct Kept(Rc<RefCell<Vec<Vec<u8>>>>);

    impl Shelf for Kept {
        fn put(&mut self, part: &[u8]) -> u32 {
            self.0.borrow_mut().push(part.to_vec());
            u32::try_from(self.0.borrow().len() - 1).unwrap()
        }
    }

    fn parts(shelf: Option<Box<dyn Shelf>>) -> TableParts {
        let mut table = TableBuilder::new().shelving(shelf);
        let node = table.path(&[b"a"]).unwrap();
        for row in 0..200_000_u32 {
            let kind = RowKind::File;
            let (mode, uid, gid, mtime, offset) = (0o644, row, 7, i64::from(row) - 9, u64::from(row) << 9);
            let (size, print) = (row.into(), 0);
            let entry = Entry { node, kind, mode, uid, gid, mtime, size, offset, link: NONE, xattrs: NONE, print };
            table.row(&entry).unwrap();
            table.set_last_print(u128::from(row) << 70 | 1);
        }
        table.finish().unwrap()
    }

    #[test]
    fn a_table_on_a_shelf_is_the_same() {
        let shelf = Kept::default();
        let shelved = parts(Some(Box::new(shelf.clone())));
        let whole = parts(None);
        assert_eq!(shelved.byte_len(), whole.byte_len());
        let shelf = shelf.0.borrow();
        let bytes: Vec<u8> = shelved
            .into_parts()
            .flat_map(|part| match part {
                Part::Bytes(bytes) => bytes,
                Part::Shelved { number, .. } => shelf[number as usize].clone(),
            })
            .collect();
        assert!(shelf.len() > 5 && bytes == whole.join().unwrap().into_bytes());
        assert!(parts(Some(Box::new(Kept::default()))).join().is_err());
    }
}
