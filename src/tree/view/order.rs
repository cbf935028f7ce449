//! The order among siblings. A folder's is found when it is first listed, and kept.

use super::{super::store::Tree, nodes::NodeSet, seen::Seen};
use crate::protocol::{Sort, SortBy};

/// Children in order of a column.
#[derive(Debug)]
pub(super) struct Order {
    sort: Sort,
    /// As [`Tree::all_children`], each folder's in this order once it is in `done`; empty for the tree's own order.
    children: Vec<u32>,
    done: NodeSet,
    scratch: Vec<(u64, u32, u32)>,
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
            // Names are their places: siblings come in order of them, and equals stay in it.
            scratch.clear();
            let turned = |key: u64| if sort.descending { !key } else { key };
            scratch.extend(
                (0..)
                    .zip(&*siblings)
                    .map(|(place, child)| (turned(key(tree, seen, sort.by, *child, place)), place, *child)),
            );
            scratch.sort_unstable();
            for (slot, (.., child)) in siblings.iter_mut().zip(scratch) {
                *slot = *child;
            }
        }
        siblings
    }
}

fn key(tree: &Tree, seen: &Seen, by: SortBy, node: u32, place: u32) -> u64 {
    let version = || seen.version(tree, node);
    let entry = || version().and_then(|version| tree.entry(&version));
    match by {
        SortBy::Name => place.into(),
        SortBy::Size => seen.bytes(node),
        SortBy::Mode => entry().map_or(0o755, |entry| entry.mode.into()),
        SortBy::Owner => entry().map_or(0, |entry| u64::from(entry.uid) << 32 | u64::from(entry.gid)),
        // The sign turned round orders as the numbers do.
        SortBy::Time => entry().map_or(0, |entry| entry.mtime).cast_unsigned() ^ 1 << 63,
        SortBy::Layer => version().map_or(0, |version| version.layer.into()),
    }
}
