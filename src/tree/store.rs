//! Nodes and versions.

use std::{collections::BTreeMap, sync::Arc};

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    layer::{Entry, LayerTable, NONE, RowKind},
    opened::Warning,
    protocol::EntryType,
};

/// The root's node.
pub(super) const ROOT: u32 = 0;

/// A path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) parent: u32,
    name_start: u32,
    name_length: u32,
    pub(super) first_child: u32,
    pub(super) next_sibling: u32,
    first_version: u32,
    last_version: u32,
}

/// What a layer made of a path, visible until the node's next version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The layer.
    pub layer: u32,
    /// Row of the layer's table; [`NONE`] for a directory that no entry names, and where `gone`.
    pub row: u32,
    /// Layer and row of the file whose content this is; the version's own unless it is a hard link.
    pub content: (u32, u32),
    /// The layer removed the path.
    pub gone: bool,
    pub(super) next: u32,
}

impl Version {
    /// A directory that no entry names: root-owned, 0755, no time.
    pub(super) fn implicit(layer: u32) -> Self {
        Self { layer, row: NONE, content: (layer, NONE), gone: false, next: NONE }
    }

    pub(super) fn of_row(layer: u32, row: u32) -> Self {
        Self { layer, row, content: (layer, row), gone: false, next: NONE }
    }

    pub(super) fn removed(layer: u32) -> Self {
        Self { layer, row: NONE, content: (layer, NONE), gone: true, next: NONE }
    }
}

/// The store. Built by [`Tree::build`], then only read.
#[derive(Debug)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    names: Vec<u8>,
    index: HashTable<u32>,
    versions: Vec<Version>,
    /// One table a layer; none for a layer that failed and is left out.
    pub(super) tables: Vec<Option<Arc<LayerTable>>>,
    /// Children of each node in order of their names: `children[starts[n]..starts[n + 1]]`.
    children: Vec<u32>,
    child_starts: Vec<u32>,
    pub(super) warnings: Vec<Warning>,
    /// Warnings beyond what is kept, by kind.
    pub(super) muted: BTreeMap<String, u64>,
}

impl Tree {
    pub(super) fn empty(tables: Vec<Option<Arc<LayerTable>>>) -> Self {
        let root = Node {
            parent: ROOT,
            name_start: 0,
            name_length: 0,
            first_child: NONE,
            next_sibling: NONE,
            first_version: NONE,
            last_version: NONE,
        };
        let mut tree = Self {
            nodes: vec![root],
            names: Vec::new(),
            index: HashTable::new(),
            versions: Vec::new(),
            tables,
            children: Vec::new(),
            child_starts: Vec::new(),
            warnings: Vec::new(),
            muted: BTreeMap::new(),
        };
        tree.set(ROOT, Version::implicit(0));
        tree
    }

    /// Layers, those included that are left out of the merge.
    pub fn layers(&self) -> u32 {
        u32::try_from(self.tables.len()).unwrap_or(u32::MAX)
    }

    /// Oddities of the merge.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Nodes, whether visible or not.
    pub fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    fn slot(&self, node: u32) -> Node {
        let missing = Node {
            parent: ROOT,
            name_start: 0,
            name_length: 0,
            first_child: NONE,
            next_sibling: NONE,
            first_version: NONE,
            last_version: NONE,
        };
        self.nodes.get(node as usize).copied().unwrap_or(missing)
    }

    /// A node's parent, always a smaller number; the root's is itself.
    pub fn parent(&self, node: u32) -> u32 {
        self.slot(node).parent
    }

    /// A node's name, raw.
    pub fn name(&self, node: u32) -> &[u8] {
        let n = self.slot(node);
        let start = n.name_start as usize;
        self.names.get(start..start + n.name_length as usize).unwrap_or_default()
    }

    /// A node's path, raw, without a leading slash.
    pub fn path(&self, node: u32) -> Vec<u8> {
        let mut parts = Vec::new();
        let mut at = node;
        while at != ROOT {
            parts.push(self.name(at));
            at = self.parent(at);
        }
        parts.reverse();
        parts.join(&b'/')
    }

    /// The child of that name.
    pub fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        self.index.find(hash(parent, name), |n| self.slot(*n).parent == parent && self.name(*n) == name).copied()
    }

    /// The node of a path.
    pub fn find(&self, path: &[u8]) -> Option<u32> {
        path.split(|b| *b == b'/').filter(|part| !part.is_empty()).try_fold(ROOT, |at, part| self.child(at, part))
    }

    /// The child of that name, made if it is new.
    pub(super) fn child_or_new(&mut self, parent: u32, name: &[u8]) -> u32 {
        if let Some(found) = self.child(parent, name) {
            return found;
        }
        let node = self.len();
        let sibling = self.slot(parent).first_child;
        self.nodes.push(Node {
            parent,
            name_start: u32::try_from(self.names.len()).unwrap_or(u32::MAX),
            name_length: u32::try_from(name.len()).unwrap_or_default(),
            first_child: NONE,
            next_sibling: sibling,
            first_version: NONE,
            last_version: NONE,
        });
        self.names.extend_from_slice(name);
        if let Some(above) = self.nodes.get_mut(parent as usize) {
            above.first_child = node;
        }
        let (nodes, names) = (&self.nodes, &self.names);
        self.index.insert_unique(hash(parent, name), node, |n| {
            nodes.get(*n as usize).map_or(0, |n| {
                let start = n.name_start as usize;
                hash(n.parent, names.get(start..start + n.name_length as usize).unwrap_or_default())
            })
        });
        node
    }

    /// The children in the order in which they came, while the store is being built.
    pub(super) fn children_unsorted(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let mut next = self.slot(node).first_child;
        std::iter::from_fn(move || {
            let node = next;
            (node != NONE).then(|| {
                next = self.slot(node).next_sibling;
                node
            })
        })
    }

    /// The children in order of their names' bytes.
    pub fn children(&self, node: u32) -> &[u32] {
        let at = |i: usize| self.child_starts.get(i).map_or(0, |n| *n as usize);
        self.children.get(at(node as usize)..at(node as usize + 1)).unwrap_or_default()
    }

    /// Orders all children by name, once the store is complete.
    pub(super) fn sort_children(&mut self) {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut starts = Vec::with_capacity(self.nodes.len() + 1);
        for node in 0..self.len() {
            let start = order.len();
            starts.push(u32::try_from(start).unwrap_or(u32::MAX));
            order.extend(self.children_unsorted(node));
            if let Some(children) = order.get_mut(start..) {
                children.sort_unstable_by(|a, b| self.name(*a).cmp(self.name(*b)));
            }
        }
        starts.push(u32::try_from(order.len()).unwrap_or(u32::MAX));
        self.children = order;
        self.child_starts = starts;
    }

    fn version(&self, version: u32) -> Option<Version> {
        if version == NONE { None } else { self.versions.get(version as usize).copied() }
    }

    /// All versions of a node, oldest first.
    pub fn versions(&self, node: u32) -> impl Iterator<Item = Version> + '_ {
        std::iter::successors(self.version(self.slot(node).first_version), |v| self.version(v.next))
    }

    /// The newest version, gone or not.
    pub(super) fn latest(&self, node: u32) -> Option<Version> {
        self.version(self.slot(node).last_version)
    }

    /// The newest version, unless it says that the path is gone.
    pub(super) fn current(&self, node: u32) -> Option<Version> {
        self.latest(node).filter(|v| !v.gone)
    }

    /// What is at the path as of layer `upto`, inclusive.
    pub fn at(&self, node: u32, upto: u32) -> Option<Version> {
        let latest = self.latest(node)?;
        if latest.layer <= upto {
            return Some(latest).filter(|v| !v.gone);
        }
        self.versions(node).take_while(|v| v.layer <= upto).last().filter(|v| !v.gone)
    }

    /// Sets what the newest layer makes of a node: a second version of the same layer replaces the first.
    pub(super) fn set(&mut self, node: u32, version: Version) {
        let slot = self.slot(node);
        if let Some(last) = self.versions.get_mut(slot.last_version as usize)
            && last.layer == version.layer
        {
            *last = version;
            return;
        }
        let id = u32::try_from(self.versions.len()).unwrap_or(u32::MAX);
        self.versions.push(version);
        if let Some(last) = self.versions.get_mut(slot.last_version as usize) {
            last.next = id;
        }
        if let Some(n) = self.nodes.get_mut(node as usize) {
            if n.first_version == NONE {
                n.first_version = id;
            }
            n.last_version = id;
        }
    }

    pub(super) fn table(&self, layer: u32) -> Option<&LayerTable> {
        self.tables.get(layer as usize)?.as_deref()
    }

    /// The row that a version stands on; none for directories that no entry names.
    pub fn entry(&self, version: &Version) -> Option<Entry> {
        if version.row == NONE {
            return None;
        }
        Some(self.table(version.layer)?.entry(version.row))
    }

    /// The kind of a version's entry. A hard link to anything but a file is what it links to: it has no content.
    pub(super) fn kind(&self, version: &Version) -> RowKind {
        let of = |layer: u32, row: u32| self.table(layer).map_or(RowKind::Dir, |table| table.kind(row));
        if version.row == NONE {
            return RowKind::Dir;
        }
        let (layer, row) = version.content;
        match of(version.layer, version.row) {
            RowKind::Hardlink if row != NONE => match of(layer, row) {
                kind @ (RowKind::Symlink | RowKind::Char | RowKind::Block | RowKind::Fifo) => kind,
                _ => RowKind::Hardlink,
            },
            kind => kind,
        }
    }

    /// The type of a version, as shown.
    pub fn entry_type(&self, version: &Version) -> EntryType {
        match self.kind(version) {
            RowKind::File | RowKind::Aufs => EntryType::File,
            RowKind::Symlink => EntryType::Symlink,
            RowKind::Hardlink => EntryType::Hardlink,
            RowKind::Char => EntryType::Char,
            RowKind::Block => EntryType::Block,
            RowKind::Fifo => EntryType::Fifo,
            RowKind::Dir | RowKind::Whiteout | RowKind::Opaque => EntryType::Dir,
        }
    }

    /// Bytes of a version's content: that of the file for a hard link, 0 for all but files.
    pub fn size(&self, version: &Version) -> u64 {
        self.content_size(version.content)
    }

    /// Bytes of the content that stands in this layer and row.
    pub fn content_size(&self, (layer, row): (u32, u32)) -> u64 {
        if row == NONE { 0 } else { self.table(layer).map_or(0, |table| table.size(row)) }
    }

    /// The link name of a version, as the tar has it.
    pub fn link(&self, version: &Version) -> Option<&[u8]> {
        let (layer, row) = match self.kind(version) {
            RowKind::Symlink => version.content,
            _ => (version.layer, version.row),
        };
        if row == NONE {
            return None;
        }
        let table = self.table(layer)?;
        let link = table.entry(row).link;
        if link == NONE { None } else { Some(table.string(link)) }
    }

    /// The row that a version's content is of: its own, or that of what it links to.
    pub fn content_entry(&self, version: &Version) -> Option<Entry> {
        let (layer, row) = version.content;
        if row == NONE { None } else { Some(self.table(layer)?.entry(row)) }
    }

    /// Bytes that the store takes, tables excluded.
    pub fn byte_len(&self) -> usize {
        self.nodes.len() * size_of::<Node>()
            + self.names.len()
            + self.versions.len() * size_of::<Version>()
            + (self.children.len() + self.child_starts.len()) * 4
            + self.index.capacity() * 5
    }
}

fn hash(parent: u32, name: &[u8]) -> u64 {
    xxh3_64(name) ^ (u64::from(parent).wrapping_mul(0x9e37_79b9_7f4a_7c15)).rotate_left(31)
}
