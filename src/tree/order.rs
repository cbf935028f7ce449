//! Where in a layer's tar deletions stand to its entries. It makes no difference to the tree, but to some tools.

use crate::layer::{LayerTable, NONE, RowKind};

/// First rows by node of the table.
pub(super) struct Order {
    /// First entry at the node or below it.
    entries: Vec<u32>,
    /// First entry in a folder below the node that no entry names.
    implicit: Vec<u32>,
}

impl Order {
    pub(super) fn of(table: &LayerTable) -> Self {
        let nodes = table.nodes() as usize;
        let mut order = Self { entries: vec![NONE; nodes], implicit: vec![NONE; nodes] };
        let mut is_named = vec![false; nodes];
        for row in 0..table.rows() {
            if matches!(table.kind(row), RowKind::Whiteout | RowKind::Opaque | RowKind::Aufs) {
                continue;
            }
            lower(&mut order.entries, table.node(row), row);
            if let Some(slot) = is_named.get_mut(table.node(row) as usize) {
                *slot = true;
            }
        }
        // Parents have smaller numbers than their children: one pass from the back.
        for node in (1..table.nodes()).rev() {
            let (parent, first) = (table.parent(node), at(&order.entries, node));
            let is_named = is_named.get(node as usize).copied().unwrap_or_default();
            let implicit = at(&order.implicit, node).min(if is_named { NONE } else { first });
            lower(&mut order.entries, parent, first);
            lower(&mut order.implicit, parent, implicit);
        }
        order
    }

    /// Whether an entry at the node, or below it, comes before a row.
    pub(super) fn has_entry_before(&self, node: u32, row: u32) -> bool {
        at(&self.entries, node) < row
    }

    /// Whether an entry in a folder that no entry names, somewhere below the node, comes before a row.
    pub(super) fn has_implicit_before(&self, node: u32, row: u32) -> bool {
        at(&self.implicit, node) < row
    }
}

fn at(rows: &[u32], node: u32) -> u32 {
    rows.get(node as usize).copied().unwrap_or(NONE)
}

fn lower(rows: &mut [u32], node: u32, row: u32) {
    if let Some(slot) = rows.get_mut(node as usize) {
        *slot = row.min(*slot);
    }
}
