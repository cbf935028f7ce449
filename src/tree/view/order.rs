//! The order among siblings. A folder's is found when it is first listed, and kept.

use super::{super::store::Tree, nodes::NodeSet, seen::Seen};
use crate::{
    layer::LayerTable,
    protocol::{Sort, SortBy},
};

/// Children in order of a column.
#[derive(Debug)]
pub(super) struct Order {
    sort: Sort,
    /// As [`Tree::all_children`], each folder's in this order once it is in `done`; empty for the tree's own order.
    children: Vec<u32>,
    done: NodeSet,
    scratch: Vec<u128>,
}

impl Order {
    pub(super) fn new(tree: &Tree, sort: Sort) -> Self {
        let children = if sort == Sort::default() { Vec::new() } else { tree.all_children().to_vec() };
        Self { sort, children, done: NodeSet::default(), scratch: Vec::new() }
    }

    /// The children of a folder, in order.
    pub(super) fn children<'a>(&'a mut self, tree: &'a Tree, seen: &Seen, node: u32) -> &'a [u32] {
        if self.children.is_empty() {
            return tree.children(node);
        }
        let Self { sort, children, done, scratch } = self;
        let Some(siblings) = children.get_mut(tree.child_range(node)) else { return &[] };
        if !done.contains(node) {
            done.set(node, true);
            // Key, then place: siblings come in order of their names, and equals stay in it.
            scratch.clear();
            let named = tree.children(node);
            for (place, child) in (0_u32..).zip(named) {
                let key = key(tree, seen, sort.by, *child, place);
                let key = if sort.descending { !key } else { key };
                scratch.push(u128::from(key) << 32 | u128::from(place));
            }
            scratch.sort_unstable();
            for (slot, packed) in siblings.iter_mut().zip(&*scratch) {
                let place = usize::try_from(packed & u128::from(u32::MAX)).unwrap_or_default();
                *slot = named.get(place).copied().unwrap_or_default();
            }
        }
        siblings
    }
}

fn key(tree: &Tree, seen: &Seen, by: SortBy, node: u32, place: u32) -> u64 {
    let version = || seen.version(tree, node);
    let read = |otherwise: u64, column: fn(&LayerTable, u32) -> u64| {
        version().and_then(|version| tree.row(&version).map(|(table, row)| column(table, row))).unwrap_or(otherwise)
    };
    match by {
        SortBy::Name => place.into(),
        SortBy::Size => seen.bytes(node),
        SortBy::Mode => read(0o755, |table, row| table.mode(row).into()),
        SortBy::Owner => read(0, |table, row| {
            let (uid, gid) = table.owner(row);
            u64::from(uid) << 32 | u64::from(gid)
        }),
        SortBy::Time => read(ordered(0), |table, row| ordered(table.mtime(row))),
        SortBy::Layer => version().map_or(0, |version| version.layer.into()),
    }
}

/// A time so that it orders as a number without sign does.
fn ordered(time: i64) -> u64 {
    time.cast_unsigned() ^ 1 << 63
}
