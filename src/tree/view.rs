//! A way to see the tree: which rows there are, in which order. Rows are made only for those that are asked for.

use std::{cmp::Ordering, collections::HashSet};

use super::{
    store::{ROOT, Tree, Version},
    sums::Sums,
};
use crate::{
    image::{display_name, escape_path},
    protocol::{Change, Row, SortBy, ViewSpec},
};

/// The rows of a tree, as one way of seeing it lists them.
#[derive(Debug)]
pub struct View {
    spec: ViewSpec,
    upto: u32,
    sums: Sums,
    /// For each node: what the marked layers did to it.
    marks: Vec<Change>,
    /// For each node: shown, and something shown below it changed.
    shown: Vec<Shown>,
    expanded: HashSet<u32>,
    rows: Vec<(u32, u32)>,
    changes: [u64; 3],
}

#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    shown: bool,
    below: bool,
    changed_below: bool,
}

impl View {
    /// The tree as `spec` wants it, with the folders open that `expanded` names.
    pub fn new(tree: &Tree, spec: ViewSpec, expanded: HashSet<u32>) -> Self {
        let top = tree.layers().saturating_sub(1);
        let upto = spec.upto.unwrap_or(top).min(top);
        let since = spec.since.map(|layer| layer.min(upto));
        let before = since.and_then(|layer| layer.checked_sub(1));
        let mut view = Self {
            sums: tree.sums(upto, before),
            marks: marks(tree, since, upto),
            shown: Vec::new(),
            expanded,
            rows: Vec::new(),
            changes: [0; 3],
            spec,
            upto,
        };
        view.count();
        view.filter(tree);
        view.list(tree);
        view
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

    /// Paths that the marked layers added, modified, removed.
    pub fn changes(&self) -> [u64; 3] {
        self.changes
    }

    /// The open folders, to take over into another view.
    pub fn into_expanded(self) -> HashSet<u32> {
        self.expanded
    }

    fn count(&mut self) {
        for mark in self.marks.iter().skip(1) {
            match mark {
                Change::None => {}
                Change::Added => self.changes[0] += 1,
                Change::Modified => self.changes[1] += 1,
                Change::Removed => self.changes[2] += 1,
            }
        }
    }

    /// Decides which nodes are shown: those that are there (or were removed by the marked layers), that match, and
    /// the folders above them.
    fn filter(&mut self, tree: &Tree) {
        self.shown = vec![Shown::default(); tree.len() as usize];
        let wanted = self.spec.filter.to_lowercase();
        for node in (1..tree.len()).rev() {
            let mark = self.mark(node);
            let exists = tree.at(node, self.upto).is_some() || mark == Change::Removed;
            let own = exists && (!self.spec.changes_only || mark != Change::None) && matches(tree, node, &wanted);
            let Some(slot) = self.shown.get_mut(node as usize) else { continue };
            slot.shown |= own;
            let slot = *slot;
            if slot.shown
                && let Some(above) = self.shown.get_mut(tree.parent(node) as usize)
            {
                above.shown = true;
                above.below = true;
                above.changed_below |= slot.changed_below || mark != Change::None;
            }
        }
    }

    fn mark(&self, node: u32) -> Change {
        self.marks.get(node as usize).copied().unwrap_or_default()
    }

    fn shown(&self, node: u32) -> Shown {
        self.shown.get(node as usize).copied().unwrap_or_default()
    }

    /// A search opens the folders that lead to what it found.
    fn is_open(&self, node: u32) -> bool {
        !self.spec.filter.is_empty() || self.expanded.contains(&node)
    }

    /// Lists the rows anew.
    fn list(&mut self, tree: &Tree) {
        self.rows.clear();
        let mut pending: Vec<(u32, u32)> = Vec::new();
        self.push_children(tree, ROOT, 0, &mut pending);
        while let Some((node, depth)) = pending.pop() {
            self.rows.push((node, depth));
            if self.shown(node).below && self.is_open(node) {
                self.push_children(tree, node, depth + 1, &mut pending);
            }
        }
    }

    /// Pushes the shown children in reverse, so that they are popped in order.
    fn push_children(&self, tree: &Tree, node: u32, depth: u32, pending: &mut Vec<(u32, u32)>) {
        let mut children: Vec<u32> = tree.children(node).iter().copied().filter(|n| self.shown(*n).shown).collect();
        self.sort(tree, &mut children);
        pending.extend(children.into_iter().rev().map(|child| (child, depth)));
    }

    fn sort(&self, tree: &Tree, children: &mut [u32]) {
        let sort = self.spec.sort;
        let time = |node: &u32| self.version(tree, *node).and_then(|v| tree.entry(&v)).map_or(0, |e| e.mtime);
        let layer = |node: &u32| self.version(tree, *node).map_or(0, |v| v.layer);
        let size = |node: &u32| self.sums.bytes.get(*node as usize).copied().unwrap_or_default();
        let order = |a: &u32, b: &u32| match sort.by {
            SortBy::Name => Ordering::Equal,
            SortBy::Size => size(a).cmp(&size(b)),
            SortBy::Time => time(a).cmp(&time(b)),
            SortBy::Layer => layer(a).cmp(&layer(b)),
        };
        match (sort.by, sort.descending) {
            // Children come in order of their names; the sort is stable, so equals stay in it.
            (SortBy::Name, false) => {}
            (SortBy::Name, true) => children.reverse(),
            (_, false) => children.sort_by(order),
            (_, true) => children.sort_by(|a, b| order(b, a)),
        }
    }

    /// What is there, or what was there before it was removed.
    fn version(&self, tree: &Tree, node: u32) -> Option<Version> {
        tree.at(node, self.upto).or_else(|| {
            let since = self.spec.since?;
            tree.at(node, since.min(self.upto).checked_sub(1)?)
        })
    }

    /// Opens or closes a folder, or with `deep` all folders below it too.
    pub fn expand(&mut self, tree: &Tree, node: u32, open: bool, deep: bool) {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            if open {
                self.expanded.insert(node);
            } else {
                self.expanded.remove(&node);
            }
            if deep {
                pending.extend(tree.children(node).iter().filter(|n| self.shown(**n).below));
            }
        }
        self.list(tree);
    }

    /// Opens the folders above a path; gives its row and node, if this view shows it.
    pub fn reveal(&mut self, tree: &Tree, path: &[u8]) -> Option<(u32, u32)> {
        let node = tree.find(path).filter(|n| *n != ROOT && self.shown(*n).shown)?;
        let mut at = tree.parent(node);
        while at != ROOT {
            self.expanded.insert(at);
            at = tree.parent(at);
        }
        self.list(tree);
        let row = self.rows.iter().position(|(n, _)| *n == node)?;
        Some((u32::try_from(row).ok()?, node))
    }

    /// Rows `start..start + count`, as far as there are.
    pub fn rows(&self, tree: &Tree, start: u32, count: u32) -> Vec<Row> {
        let rows = self.rows.iter().skip(start as usize).take(count as usize);
        rows.filter_map(|(node, depth)| self.row(tree, *node, *depth)).collect()
    }

    /// The row of a node, at its depth.
    pub(super) fn row_of(&self, tree: &Tree, node: u32) -> Option<Row> {
        let mut depth = 0;
        let mut at = tree.parent(node);
        while at != ROOT {
            depth += 1;
            at = tree.parent(at);
        }
        self.row(tree, node, depth)
    }

    pub(super) fn below(&self, node: u32) -> u64 {
        self.sums.below.get(node as usize).copied().unwrap_or_default().into()
    }

    fn row(&self, tree: &Tree, node: u32, depth: u32) -> Option<Row> {
        let version = self.version(tree, node)?;
        let entry = tree.entry(&version);
        let shown = self.shown(node);
        Some(Row {
            node,
            depth,
            name: display_name(tree.name(node)),
            path: escape_path(&tree.path(node)),
            kind: tree.entry_type(&version),
            size: self.sums.bytes.get(node as usize).copied().unwrap_or_default(),
            mode: entry.map_or(0o755, |e| u32::from(e.mode)),
            uid: entry.map_or(0, |e| e.uid),
            gid: entry.map_or(0, |e| e.gid),
            mtime: entry.map_or(0, |e| e.mtime),
            link: tree.link(&version).map(display_name),
            layer: entry.map(|_| version.layer),
            change: self.mark(node),
            changed_below: shown.changed_below,
            open: shown.below.then(|| self.is_open(node)),
        })
    }
}

fn marks(tree: &Tree, since: Option<u32>, upto: u32) -> Vec<Change> {
    match since {
        None => Vec::new(),
        Some(since) => (0..tree.len()).map(|node| tree.change(node, since, upto)).collect(),
    }
}

/// Whether the lower-cased `wanted` is in a name, or, with a slash in it, in a path.
fn matches(tree: &Tree, node: u32, wanted: &str) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let text =
        if wanted.contains('/') { format!("/{}", escape_path(&tree.path(node))) } else { escape_path(tree.name(node)) };
    text.to_lowercase().contains(wanted)
}
