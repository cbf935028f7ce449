//! Nodes and versions.

use std::{cmp::Ordering, ops::Range};

use super::{names::is_escaped, tables::Tables, versions::Versions};
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
    /// One more than the last node below it.
    pub(super) end: u32,
    /// Where its name begins; it ends where that of the next node does.
    pub(super) name: u32,
    /// Its first version; the last is the one before the next node's.
    pub(super) version: u32,
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
}

impl Version {
    /// A directory that no entry names: root-owned, 0755, no time.
    pub(super) fn implicit(layer: u32) -> Self {
        Self { layer, row: NONE, content: (layer, NONE), gone: false }
    }

    pub(super) fn of_row(layer: u32, row: u32) -> Self {
        Self { layer, row, content: (layer, row), gone: false }
    }

    pub(super) fn removed(layer: u32) -> Self {
        Self { layer, row: NONE, content: (layer, NONE), gone: true }
    }
}

/// The store. Built by [`Tree::build`], then only read.
///
/// Nodes are numbers in depth-first order, siblings in order of their names' bytes. So what is below a node has the
/// numbers that follow its own, and a parent's number is smaller than those of its children.
#[derive(Debug)]
pub struct Tree {
    /// By number, and one more, at which the last one's name and versions end.
    nodes: Vec<Node>,
    names: Vec<u8>,
    escaped: Vec<u32>,
    versions: Versions,
    pub(super) tables: Tables,
    warnings: Vec<Warning>,
}

impl Tree {
    /// Of nodes that lack their ends, and an end of them.
    pub(super) fn new(
        mut nodes: Vec<Node>,
        names: Vec<u8>,
        versions: Versions,
        tables: Tables,
        warnings: Vec<Warning>,
    ) -> Self {
        let count = nodes.len().saturating_sub(1);
        for at in (0..count).rev() {
            let Some(node) = nodes.get_mut(at) else { continue };
            node.end = node.end.max(u32::try_from(at + 1).unwrap_or(u32::MAX));
            let Node { parent, end, .. } = *node;
            if let Some(above) = nodes.get_mut(parent as usize) {
                above.end = above.end.max(end);
            }
        }
        let mut tree = Self { nodes, names, escaped: Vec::new(), versions, tables, warnings };
        if !tree.names.is_ascii() || is_escaped(&tree.names) {
            tree.escaped = (0..tree.len()).filter(|node| is_escaped(tree.name(*node))).collect();
        }
        tree
    }

    /// Layers, those included that are left out of the merge.
    pub fn layers(&self) -> u32 {
        self.tables.len()
    }

    /// Oddities of the merge.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Nodes, whether visible or not.
    pub fn len(&self) -> u32 {
        u32::try_from(self.nodes.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }

    /// A node and the one that follows; none for a number that is no node.
    #[inline(always)]
    fn pair(&self, node: u32) -> Option<(&Node, &Node)> {
        let node = node as usize;
        Some((self.nodes.get(node)?, self.nodes.get(node + 1)?))
    }

    /// A node's parent, always a smaller number; the root's is itself.
    #[inline(always)]
    pub fn parent(&self, node: u32) -> u32 {
        self.nodes.get(node as usize).map_or(ROOT, |node| node.parent)
    }

    /// The nodes below a node, each folder before what is in it.
    #[inline(always)]
    pub fn below(&self, node: u32) -> Range<u32> {
        self.pair(node).map_or(0..0, |(found, _)| node + 1..found.end)
    }

    /// A node's children, in order of their names' bytes.
    pub fn children(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let Range { mut start, end } = self.below(node);
        std::iter::from_fn(move || {
            let child = start;
            start = self.below(child).end;
            (child < end).then_some(child)
        })
    }

    /// How many folders a node lies in, the root not counted.
    pub fn depth(&self, node: u32) -> u32 {
        let mut depth = 0;
        let mut at = self.parent(node);
        while at != ROOT {
            depth += 1;
            at = self.parent(at);
        }
        depth
    }

    /// A node's name, raw.
    pub fn name(&self, node: u32) -> &[u8] {
        let Some((node, next)) = self.pair(node) else { return &[] };
        self.names.get(node.name as usize..next.name as usize).unwrap_or_default()
    }

    /// A node's path, raw, without a leading slash.
    pub fn path(&self, node: u32) -> Vec<u8> {
        path_of(node, |at| (self.parent(at), self.name(at)))
    }

    /// The child of that name.
    pub fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        let mut range = self.below(parent);
        while !range.is_empty() {
            let mut child = range.start + (range.end - range.start) / 2;
            while self.parent(child) != parent {
                child = self.parent(child);
            }
            match name.cmp(self.name(child)) {
                Ordering::Equal => return Some(child),
                Ordering::Less => range.end = child,
                Ordering::Greater => range.start = self.below(child).end,
            }
        }
        None
    }

    /// The node of a path.
    pub fn find(&self, path: &[u8]) -> Option<u32> {
        path.split(|b| *b == b'/').filter(|part| !part.is_empty()).try_fold(ROOT, |at, part| self.child(at, part))
    }

    /// All versions of a node, oldest first.
    pub fn versions(&self, node: u32) -> impl DoubleEndedIterator<Item = Version> + '_ {
        self.versions.range(self.pair(node).map_or(0..0, |(node, next)| node.version..next.version))
    }

    /// What is at the path as of layer `upto`, inclusive.
    pub fn at(&self, node: u32, upto: u32) -> Option<Version> {
        self.versions.existing(self.version_at(node, upto)?)
    }

    /// Layer and row of what is at the path as of layer `upto`, inclusive; the row is [`NONE`] for a directory that no
    /// entry names.
    #[inline(always)]
    pub(super) fn row_at(&self, node: u32, upto: u32) -> Option<(u32, u32)> {
        self.versions.row(self.version_at(node, upto)?)
    }

    /// The version as of a layer. By hand rather than by an iterator: it is asked for all paths of an image.
    #[inline(always)]
    fn version_at(&self, node: u32, upto: u32) -> Option<u32> {
        let (node, next) = self.pair(node)?;
        let mut version = next.version;
        while version > node.version {
            version -= 1;
            if self.versions.layer(version) <= upto {
                return Some(version);
            }
        }
        None
    }

    /// The nodes whose names are not written as they are, see [`crate::image::escape_path`].
    pub(super) fn escaped(&self) -> &[u32] {
        &self.escaped
    }

    /// The names of all nodes, one after the other.
    pub(super) fn names(&self) -> &[u8] {
        &self.names
    }

    /// Where a node's name ends in [`Self::names`].
    pub(super) fn name_end(&self, node: u32) -> usize {
        self.pair(node).map_or(usize::MAX, |(_, next)| next.name as usize)
    }

    pub(crate) fn table(&self, layer: u32) -> Option<&LayerTable> {
        self.tables.get(layer)
    }

    /// The row that a version stands on; none for directories that no entry names.
    pub fn entry(&self, version: &Version) -> Option<Entry> {
        self.tables.entry(version)
    }

    /// The kind of a version's entry. A hard link to anything but a file is what it links to: it has no content.
    pub(crate) fn kind(&self, version: &Version) -> RowKind {
        self.tables.kind(version)
    }

    /// The type of a version, as shown.
    pub fn entry_type(&self, version: &Version) -> EntryType {
        self.tables.entry_type(version)
    }

    /// Bytes of a version's content: that of the file for a hard link, 0 for all but files.
    pub fn size(&self, version: &Version) -> u64 {
        self.tables.content_size(version.content)
    }

    /// Bytes of the content that stands in this layer and row.
    pub fn content_size(&self, content: (u32, u32)) -> u64 {
        self.tables.content_size(content)
    }

    /// The link name of a version, as the tar has it.
    pub fn link(&self, version: &Version) -> Option<&[u8]> {
        self.tables.link(version)
    }

    /// The row that a version's content is of: its own, or that of what it links to.
    pub fn content_entry(&self, version: &Version) -> Option<Entry> {
        self.tables.content_entry(version)
    }

    /// Bytes that the store takes, tables excluded.
    pub fn byte_len(&self) -> usize {
        size_of_val(&*self.nodes) + self.names.len() + self.versions.byte_len()
    }
}

/// The path of a node, raw, without a leading slash; `up` gives a node's parent and name.
pub(super) fn path_of<'a>(node: u32, up: impl Fn(u32) -> (u32, &'a [u8])) -> Vec<u8> {
    let mut parts = Vec::new();
    let mut at = node;
    while at != ROOT {
        let (parent, name) = up(at);
        parts.push(name);
        at = parent;
    }
    parts.reverse();
    parts.join(&b'/')
}
