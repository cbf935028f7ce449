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

use super::store::{ROOT, Tree};
use crate::{
    image::{display_name, escape_path},
    protocol::{Row, ViewSpec},
};
use found::Shown;
use order::Order;
use seen::Seen;

pub use nodes::NodeSet;

/// The rows of a tree, as one way of seeing it lists them.
#[derive(Debug)]
pub struct View {
    spec: ViewSpec,
    seen: Seen,
    shown: Vec<Shown>,
    found: u32,
    order: Order,
    /// Folders that are open or closed against the rule of the depth.
    toggled: NodeSet,
    /// The same against the rule that a search opens everything.
    toggled_found: NodeSet,
    /// Node and depth of each row.
    rows: Vec<(u32, u32)>,
}

impl View {
    /// The tree as `spec` wants it, with the folders the other way round that `toggled` names.
    pub fn new(tree: &Tree, spec: ViewSpec, toggled: NodeSet) -> Self {
        let seen = Seen::new(tree, &spec);
        let (shown, found) = found::find(tree, &seen, &spec);
        let order = Order::new(tree, spec.sort);
        let (toggled_found, rows) = (NodeSet::default(), Vec::new());
        let mut view = Self { spec, seen, shown, found, order, toggled, toggled_found, rows };
        view.list(tree);
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

    /// The folders that were opened or closed by themselves, to take over into a view of another tree.
    pub fn into_toggled(self) -> NodeSet {
        self.toggled
    }

    fn shown(&self, node: u32) -> Shown {
        self.shown.get(node as usize).copied().unwrap_or_default()
    }

    /// The rule for folders at a depth. A search opens the folders that lead to what it found.
    fn opens(&self, depth: u32) -> bool {
        self.spec.is_searching() || depth < self.spec.depth
    }

    fn toggled(&mut self) -> &mut NodeSet {
        if self.spec.is_searching() { &mut self.toggled_found } else { &mut self.toggled }
    }

    fn is_open(&self, node: u32, depth: u32) -> bool {
        let toggled = if self.spec.is_searching() { &self.toggled_found } else { &self.toggled };
        self.opens(depth) != toggled.contains(node)
    }

    fn set_open(&mut self, node: u32, depth: u32, open: bool) {
        let other = self.opens(depth) != open;
        self.toggled().set(node, other);
    }

    /// Lists the rows anew.
    fn list(&mut self, tree: &Tree) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        self.list_below(tree, ROOT, 0, &mut rows);
        self.rows = rows;
    }

    /// Adds the rows below a folder, its children being at `depth`.
    fn list_below(&mut self, tree: &Tree, node: u32, depth: u32, rows: &mut Vec<(u32, u32)>) {
        let mut pending: Vec<(u32, u32)> = Vec::new();
        self.push_children(tree, node, depth, &mut pending);
        while let Some((node, depth)) = pending.pop() {
            rows.push((node, depth));
            if self.shown(node).below && self.is_open(node, depth) {
                self.push_children(tree, node, depth + 1, &mut pending);
            }
        }
    }

    /// Pushes the shown children in reverse, so that they are popped in order.
    fn push_children(&mut self, tree: &Tree, node: u32, depth: u32, pending: &mut Vec<(u32, u32)>) {
        let Self { order, shown, seen, .. } = self;
        let is_shown = |node: &u32| shown.get(*node as usize).is_some_and(|slot| slot.shown);
        let children = order.children(tree, seen, node).iter().rev().copied();
        pending.extend(children.filter(is_shown).map(|child| (child, depth)));
    }

    /// Opens or closes a folder, or with `deep` all folders below it too.
    pub fn expand(&mut self, tree: &Tree, node: u32, open: bool, deep: bool) {
        let depth = depth(tree, node);
        let mut pending = vec![(node, depth)];
        while let Some((node, depth)) = pending.pop() {
            self.set_open(node, depth, open);
            if deep {
                let folders = tree.children(node).iter().filter(|n| self.shown(**n).below);
                pending.extend(folders.map(|n| (*n, depth + 1)));
            }
        }
        let Some(at) = self.rows.iter().position(|(n, _)| *n == node) else { return };
        // Only the rows below it come or go.
        let below = self.rows.iter().skip(at + 1).take_while(|(_, d)| *d > depth).count();
        let mut rows = Vec::new();
        if open && self.shown(node).below {
            self.list_below(tree, node, depth + 1, &mut rows);
        }
        self.rows.splice(at + 1..at + 1 + below, rows);
    }

    /// Opens the folders above a path; gives its row and node, if this view shows it.
    pub fn reveal(&mut self, tree: &Tree, path: &[u8]) -> Option<(u32, u32)> {
        let node = tree.find(path).filter(|n| *n != ROOT && self.shown(*n).shown)?;
        let mut at = tree.parent(node);
        let mut above = depth(tree, node);
        while at != ROOT {
            above = above.saturating_sub(1);
            self.set_open(at, above, true);
            at = tree.parent(at);
        }
        let place = |rows: &[(u32, u32)]| rows.iter().position(|(n, _)| *n == node);
        let row = place(&self.rows).or_else(|| {
            self.list(tree);
            place(&self.rows)
        })?;
        Some((u32::try_from(row).ok()?, node))
    }

    /// Rows `start..start + count`, as far as there are.
    pub fn rows(&self, tree: &Tree, start: u32, count: u32) -> Vec<Row> {
        let rows = self.rows.iter().skip(start as usize).take(count as usize);
        rows.filter_map(|(node, depth)| self.row(tree, *node, *depth)).collect()
    }

    /// The row of a node, at its depth.
    pub(super) fn row_of(&self, tree: &Tree, node: u32) -> Option<Row> {
        self.row(tree, node, depth(tree, node))
    }

    pub(super) fn below(&self, node: u32) -> u64 {
        self.seen.sums.below.get(node as usize).copied().unwrap_or_default().into()
    }

    fn row(&self, tree: &Tree, node: u32, depth: u32) -> Option<Row> {
        let version = self.seen.version(tree, node)?;
        let entry = tree.entry(&version);
        let shown = self.shown(node);
        Some(Row {
            node,
            depth,
            name: display_name(tree.name(node)),
            path: escape_path(&tree.path(node)),
            kind: tree.entry_type(&version),
            size: self.seen.bytes(node),
            mode: entry.map_or(0o755, |e| u32::from(e.mode)),
            uid: entry.map_or(0, |e| e.uid),
            gid: entry.map_or(0, |e| e.gid),
            mtime: entry.map_or(0, |e| e.mtime),
            link: tree.link(&version).map(display_name),
            layer: entry.map(|_| version.layer),
            change: self.seen.mark(node),
            changed_below: shown.changed_below,
            open: shown.below.then(|| self.is_open(node, depth)),
        })
    }
}

/// How many folders a node lies in, the root not counted.
fn depth(tree: &Tree, node: u32) -> u32 {
    std::iter::successors(Some(tree.parent(node)), |at| Some(tree.parent(*at)))
        .take_while(|at| *at != ROOT)
        .fold(0, |n, _| n + 1)
}
