//! A way to see the tree: which rows there are, in which order. Rows are made only for those that are asked for.
//!
//! What a change of the view leaves as it was is kept: `seen` depends on the layers alone, `shown` on those and on
//! search and filter, `order` on the layers and the sort.

mod found;
mod nodes;
mod order;
mod seen;
#[cfg(test)]
mod tests;
mod walk;

use std::ops::Range;

use super::store::{ROOT, Tree};
use crate::{
    image::{display_name, escape_path},
    limits,
    protocol::{Row, ViewSpec},
};
use order::Order;
use seen::Seen;

pub use nodes::NodeSet;

/// The rows of a tree, as one way of seeing it lists them.
#[derive(Debug)]
pub struct View {
    spec: ViewSpec,
    seen: Seen,
    shown: NodeSet,
    found: u32,
    order: Order,
    /// Folders that are open or closed against the rule of the depth.
    toggled: NodeSet,
    /// The same against the rule that a search opens everything.
    toggled_found: NodeSet,
    /// The node of each row. What is below a folder follows it, so those rows are all of nodes below it.
    rows: Vec<u32>,
}

impl View {
    /// The tree as `spec` wants it, with the folders the other way round that `turned` names.
    pub fn new(tree: &Tree, spec: ViewSpec, turned: NodeSet) -> Self {
        let seen = Seen::new(tree, &spec);
        let (shown, found) = found::find(tree, &seen, &spec);
        let order = Order::new(tree, spec.sort);
        let (toggled, toggled_found) = (NodeSet::default(), NodeSet::default());
        let mut view = Self { spec, seen, shown, found, order, toggled, toggled_found, rows: Vec::new() };
        view.turn(tree, turned);
        view
    }

    /// Turns to another way of seeing the same tree. To the same way: each folder is as the depth says again.
    pub fn change(&mut self, tree: &Tree, spec: ViewSpec) {
        let before = std::mem::replace(&mut self.spec, spec);
        let spec = &self.spec;
        let layers = (before.upto, before.since, before.show) != (spec.upto, spec.since, spec.show);
        let search = before.search != spec.search || before.filter != spec.filter;
        if layers {
            self.seen = Seen::new(tree, spec);
        }
        if layers || search {
            (self.shown, self.found) = found::find(tree, &self.seen, spec);
        }
        if layers || before.sort != spec.sort {
            // Its room is free before the next one takes as much.
            self.order = Order::default();
            self.order = Order::new(tree, spec.sort);
        }
        let anew = before == *spec || before.depth != spec.depth;
        if search || anew {
            self.toggled_found = NodeSet::default();
        }
        if anew {
            self.toggled = NodeSet::default();
        }
        self.list(tree);
    }

    /// What it shows.
    pub fn spec(&self) -> &ViewSpec {
        &self.spec
    }

    /// Rows in all.
    pub fn len(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Entries that were searched for and found, whether their folders are open or not.
    pub fn found(&self) -> u32 {
        self.found
    }

    /// Paths that the marked layers added, modified, removed.
    pub fn changes(&self) -> [u64; 3] {
        self.seen.changes
    }

    /// The folders that are open or closed against the rule, to take over into a view of another tree.
    pub fn into_turned(self) -> NodeSet {
        if self.spec.is_searching() { self.toggled_found } else { self.toggled }
    }

    /// Opens or closes these folders against the rule, and no others.
    pub fn turn(&mut self, tree: &Tree, folders: NodeSet) {
        *self.active_mut() = folders;
        self.list(tree);
    }

    /// The paths of folders that are open or closed against the rule, as in `--files`; none where these are more than a
    /// link takes.
    pub fn turned(&self, tree: &Tree) -> Option<Vec<String>> {
        let nodes: Vec<u32> = self.active().iter().take(limits::LINK_FOLDERS + 1).collect();
        let paths: Vec<String> = nodes.iter().map(|node| escape_path(&tree.path(*node))).collect();
        let bytes: usize = paths.iter().map(String::len).sum();
        (paths.len() <= limits::LINK_FOLDERS && bytes <= limits::LINK_FOLDERS_BYTES).then_some(paths)
    }

    fn active(&self) -> &NodeSet {
        if self.spec.is_searching() { &self.toggled_found } else { &self.toggled }
    }

    fn active_mut(&mut self) -> &mut NodeSet {
        if self.spec.is_searching() { &mut self.toggled_found } else { &mut self.toggled }
    }

    /// Whether some below a node is shown.
    fn leads_on(&self, tree: &Tree, node: u32) -> bool {
        self.shown.first_of(tree.below(node)).is_some()
    }

    /// The rule for folders. A search opens those that lead to what it found.
    fn opens(&self, tree: &Tree, node: u32) -> bool {
        self.spec.is_searching()
            || self.spec.depth == u32::MAX
            || self.spec.depth > 0 && tree.depth(node) < self.spec.depth
    }

    fn is_open(&self, tree: &Tree, node: u32) -> bool {
        self.opens(tree, node) != self.active().contains(node)
    }

    fn set_open(&mut self, tree: &Tree, node: u32, open: bool) {
        let other = self.opens(tree, node) != open;
        self.active_mut().set(node, other);
    }

    /// Lists the rows anew.
    fn list(&mut self, tree: &Tree) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        self.list_below(tree, ROOT, &mut rows);
        self.rows = rows;
    }

    /// Adds the rows below a folder.
    fn list_below(&mut self, tree: &Tree, node: u32, rows: &mut Vec<u32>) {
        if !self.order.is_own() {
            return self.list_sorted(tree, node, rows);
        }
        let Range { mut start, end } = tree.below(node);
        while let Some(node) = self.shown.first_of(start..end) {
            rows.push(node);
            let below = tree.below(node);
            let is_closed = !below.is_empty() && !self.is_open(tree, node);
            start = if is_closed { below.end } else { below.start };
        }
    }

    /// The same where siblings are in another order than the tree's own.
    fn list_sorted(&mut self, tree: &Tree, node: u32, rows: &mut Vec<u32>) {
        let mut pending = vec![self.order.range(tree, &self.seen, node)];
        while let Some(siblings) = pending.last_mut() {
            let Some(node) = siblings.next().and_then(|place| self.order.child(place)) else {
                pending.pop();
                continue;
            };
            if self.shown.contains(node) {
                rows.push(node);
                if self.leads_on(tree, node) && self.is_open(tree, node) {
                    pending.push(self.order.range(tree, &self.seen, node));
                }
            }
        }
    }

    /// The place of a node's row.
    fn place(&self, node: u32) -> Option<usize> {
        // In the tree's own order numbers ascend.
        if self.order.is_own() {
            self.rows.binary_search(&node).ok()
        } else {
            self.rows.iter().position(|row| *row == node)
        }
    }

    /// Opens or closes a folder, or with `deep` all folders below it too.
    pub fn expand(&mut self, tree: &Tree, node: u32, open: bool, deep: bool) {
        self.set_open(tree, node, open);
        let below = tree.below(node);
        let mut start = below.start;
        while let Some(node) = self.shown.first_of(start..below.end).filter(|_| deep) {
            if self.leads_on(tree, node) {
                self.set_open(tree, node, open);
            }
            start = node + 1;
        }
        let Some(at) = self.place(node).map(|at| at + 1) else { return };
        // Only the rows below it come or go.
        let gone = self.rows.get(at..).map_or(0, |rows| rows.partition_point(|row| below.contains(row)));
        let mut rows = Vec::new();
        if open {
            self.list_below(tree, node, &mut rows);
        }
        self.rows.splice(at..at + gone, rows);
    }

    /// Opens the folders above a path; gives its row and node, if this view shows it.
    pub fn reveal(&mut self, tree: &Tree, path: &[u8]) -> Option<(u32, u32)> {
        let node = tree.find(path).filter(|node| self.shown.contains(*node))?;
        let mut at = tree.parent(node);
        while at != ROOT {
            self.set_open(tree, at, true);
            at = tree.parent(at);
        }
        let row = self.place(node).or_else(|| {
            self.list(tree);
            self.place(node)
        })?;
        Some((u32::try_from(row).ok()?, node))
    }

    /// Rows `start..start + count`, as far as there are.
    pub fn rows(&self, tree: &Tree, start: u32, count: u32) -> Vec<Row> {
        let rows = self.rows.iter().skip(start as usize).take(count as usize);
        rows.filter_map(|node| self.row(tree, *node)).collect()
    }

    pub(super) fn below(&self, tree: &Tree, node: u32) -> u64 {
        self.seen.sums.below(tree, node).into()
    }

    /// The row of a node.
    pub(super) fn row(&self, tree: &Tree, node: u32) -> Option<Row> {
        let version = self.seen.version(tree, node)?;
        let entry = tree.entry(&version);
        Some(Row {
            node,
            depth: tree.depth(node),
            name: display_name(tree.name(node)),
            path: escape_path(&tree.path(node)),
            kind: tree.entry_type(&version),
            size: self.seen.sums.bytes(node),
            mode: entry.map_or(0o755, |e| u32::from(e.mode)),
            uid: entry.map_or(0, |e| e.uid),
            gid: entry.map_or(0, |e| e.gid),
            mtime: entry.map_or(0, |e| e.mtime),
            link: tree.link(&version).map(display_name),
            layer: entry.map(|_| version.layer),
            change: self.seen.mark(node),
            changed_below: self.shown.meets(&self.seen.marked, tree.below(node)),
            open: self.leads_on(tree, node).then(|| self.is_open(tree, node)),
        })
    }
}
