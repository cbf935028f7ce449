//! Applies layers in order (image-spec layer.md, "Applying Changesets").
//!
//! Opaque markers and whiteouts first, since they act on lower layers only, wherever they stand in the tar; then the
//! entries in the tar's order. A directory over a directory replaces attributes only; anything else is remove + create.

use std::sync::Arc;

use super::{
    growing::Growing,
    order::Order,
    resolve::{Missing, Nowhere, Walk},
    store::{ROOT, Tree, Version},
};
use crate::layer::{Entry, LayerTable, NONE, RowKind};

impl Tree {
    /// Merges the layers, base first. None stands for a layer that failed: it is left out.
    pub fn build(tables: Vec<Option<Arc<LayerTable>>>) -> Self {
        let mut tree = Growing::new(tables);
        for layer in 0..tree.tables().len() {
            if let Some(table) = tree.tables().0.get(layer as usize).cloned().flatten() {
                if tree.is_empty() {
                    tree.reserve(&table);
                }
                Apply::new(&mut tree, layer, &table).run();
            }
        }
        tree.tell_muted();
        tree.settle()
    }
}

impl Growing {
    /// Removes what lies below a directory.
    fn remove_below(&mut self, node: u32, layer: u32) {
        let mut pending: Vec<u32> = self.children(node).collect();
        while let Some(node) = pending.pop() {
            if self.current(node).is_some() {
                pending.extend(self.children(node));
                self.set(node, Version::removed(layer));
            }
        }
    }
}

/// One layer being applied.
pub(super) struct Apply<'a> {
    pub(super) tree: &'a mut Growing,
    pub(super) layer: u32,
    pub(super) table: &'a LayerTable,
    /// Directory of the tree that each node of the table stands for, as far as it was resolved.
    resolved: Vec<u32>,
    /// Nodes of the table at which the layer itself ships a directory.
    ships_dir: Vec<bool>,
    pub(super) order: Order,
}

impl<'a> Apply<'a> {
    fn new(tree: &'a mut Growing, layer: u32, table: &'a LayerTable) -> Self {
        let mut ships_dir = vec![false; table.nodes() as usize];
        for row in 0..table.rows() {
            if let Some(slot) = ships_dir.get_mut(table.node(row) as usize)
                && matches!(table.kind(row), RowKind::Dir)
            {
                *slot = true;
            }
        }
        Self { tree, layer, table, resolved: vec![NONE; table.nodes() as usize], ships_dir, order: Order::of(table) }
    }

    fn run(&mut self) {
        self.warn_of_order();
        for kind in [RowKind::Opaque, RowKind::Whiteout] {
            for row in 0..self.table.rows() {
                if self.table.kind(row) == kind {
                    self.delete(row, kind);
                }
            }
        }
        self.forget();
        for row in 0..self.table.rows() {
            match self.table.kind(row) {
                RowKind::Whiteout | RowKind::Opaque | RowKind::Aufs => {}
                _ => self.put(row),
            }
        }
    }

    /// What was resolved no longer holds: a directory or link gave way to something else.
    fn forget(&mut self) {
        self.resolved.fill(NONE);
    }

    /// The tree's directory for a node of the table.
    fn directory(&mut self, node: u32, missing: Missing) -> Result<u32, Nowhere> {
        if node == ROOT {
            return Ok(ROOT);
        }
        if let Some(known) = self.resolved.get(node as usize).copied().filter(|n| *n != NONE) {
            return Ok(known);
        }
        let mut chain = Vec::new();
        let mut at = node;
        let mut here = ROOT;
        while at != ROOT {
            match self.resolved.get(at as usize).copied().filter(|n| *n != NONE) {
                Some(known) => {
                    here = known;
                    break;
                }
                None => chain.push(at),
            }
            at = self.table.parent(at);
        }
        for node in chain.into_iter().rev() {
            here = self.step(here, node, missing)?;
            if let Some(slot) = self.resolved.get_mut(node as usize) {
                *slot = here;
            }
        }
        Ok(here)
    }

    fn step(&mut self, at: u32, node: u32, missing: Missing) -> Result<u32, Nowhere> {
        let name = self.table.name(node);
        let ships = self.ships_dir.get(node as usize).copied().unwrap_or_default();
        if missing == Missing::Stop && ships {
            // The layer brings a directory of its own here: a link of a lower layer is replaced, not followed.
            let found = self.tree.child(at, name).filter(|n| self.tree.current(*n).is_some());
            let is_dir = |n: &u32| self.tree.current(*n).is_some_and(|v| self.tree.tables().kind(&v) == RowKind::Dir);
            return found.filter(is_dir).ok_or(Nowhere::Absent);
        }
        let mut walk = Walk::new(self.tree, missing);
        let reached = walk.step(at, name);
        let (replaced, followed) = (std::mem::take(&mut walk.replaced), walk.followed);
        if followed && reached.is_ok() {
            self.warn_of_link(node, missing);
        }
        for node in replaced {
            let path = self.tree.path(node);
            self.tree.warn(
                "file-as-directory",
                self.layer,
                &path,
                "an entry lies below what a lower layer has as a file: the file became a directory. \
                 overlayfs does the same, umoci and Docker with vfs refuse the layer",
            );
        }
        reached
    }

    /// Applies a whiteout or an opaque marker to lower layers.
    fn delete(&mut self, row: u32, kind: RowKind) {
        let node = self.table.node(row);
        if kind == RowKind::Opaque {
            match self.directory(node, Missing::Stop) {
                Ok(directory) => self.tree.remove_below(directory, self.layer),
                Err(_) => self.warn_of_nowhere(node, node),
            }
            return;
        }
        let Ok(directory) = self.directory(self.table.parent(node), Missing::Stop) else {
            self.warn_of_nowhere(node, self.table.parent(node));
            return;
        };
        let Some(target) = self.tree.child(directory, self.table.name(node)) else { return };
        if self.tree.current(target).is_some_and(|v| v.layer < self.layer) {
            self.tree.remove_below(target, self.layer);
            self.tree.set(target, Version::removed(self.layer));
            self.forget();
        }
    }

    /// Puts an entry into the tree.
    fn put(&mut self, row: u32) {
        let entry = self.table.entry(row);
        let version = match entry.kind {
            RowKind::Hardlink => self.hard_link(row, &entry),
            _ => Version::of_row(self.layer, row),
        };
        if entry.node == ROOT {
            if entry.kind == RowKind::Dir {
                self.tree.set(ROOT, version);
            }
            return;
        }
        let Ok(parent) = self.directory(self.table.parent(entry.node), Missing::Make(self.layer)) else {
            let path = self.table_path(entry.node);
            self.tree.warn(
                "link-loop",
                self.layer,
                &path,
                "its folder is reached by too many links: left out. umoci and Docker with vfs refuse the layer, \
                 overlayfs makes a directory of the link",
            );
            return;
        };
        let node = self.tree.child_like(parent, self.layer, self.table, entry.node);
        if let Some(before) = self.tree.current(node) {
            self.replace(node, &before, &entry);
        }
        self.tree.set(node, version);
    }

    /// Makes room for an entry where something is already.
    fn replace(&mut self, node: u32, before: &Version, entry: &Entry) {
        if before.layer == self.layer && before.row != NONE {
            let path = self.tree.path(node);
            self.tree.warn(
                "duplicate-path",
                self.layer,
                &path,
                "the layer has this path twice: the last one counts, as for umoci. \
                 Docker and containers-storage refuse the layer, crane keeps the first, dive counts both",
            );
        }
        let was = self.tree.tables().kind(before);
        if was == RowKind::Dir && entry.kind != RowKind::Dir {
            self.tree.remove_below(node, self.layer);
        }
        let is_way = |kind| matches!(kind, RowKind::Dir | RowKind::Symlink);
        if (was != entry.kind && (is_way(was) || is_way(entry.kind))) || was == RowKind::Symlink {
            self.forget();
        }
    }
}
