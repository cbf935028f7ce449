//! What the chosen layers make of each path: whether it is there, what they did to it, what folders hold.

use super::{
    super::{
        store::{Tree, Version},
        sums::Sums,
    },
    NodeSet,
};
use crate::protocol::{Change, Show, ViewSpec};

/// The tree through the chosen layers.
#[derive(Debug)]
pub(super) struct Seen {
    upto: u32,
    /// The layer before those that are marked.
    before: Option<u32>,
    pub(super) sums: Sums,
    /// What the marked layers did, by node; empty when none are marked.
    marks: Vec<Change>,
    /// Where they did something.
    pub(super) marked: NodeSet,
    /// What is to be shown, before any search.
    pub(super) here: NodeSet,
    /// Paths that were added, modified, removed.
    pub(super) changes: [u64; 3],
}

impl Seen {
    pub(super) fn new(tree: &Tree, spec: &ViewSpec) -> Self {
        let top = tree.layers().saturating_sub(1);
        let upto = spec.upto.unwrap_or(top).min(top);
        let since = spec.since.map(|layer| layer.min(upto));
        let before = since.and_then(|layer| layer.checked_sub(1));
        let marks: Vec<Change> = match since {
            None => Vec::new(),
            Some(since) => (0..tree.len()).map(|node| tree.change(node, since, upto)).collect(),
        };
        let alone = since.filter(|_| spec.show == Show::Alone);
        let mut seen = Self {
            upto,
            before,
            sums: tree.sums(upto, before, alone.unwrap_or(0)),
            marks,
            marked: NodeSet::with_room(tree.len()),
            here: NodeSet::with_room(tree.len()),
            changes: [0; 3],
        };
        for (node, mark) in (0..).zip(&seen.marks).skip(1) {
            let changed = match mark {
                Change::None => continue,
                Change::Added => 0,
                Change::Modified => 1,
                Change::Removed => 2,
            };
            seen.marked.insert(node);
            if let Some(count) = seen.changes.get_mut(changed) {
                *count += 1;
            }
        }
        let is_here = |node: u32| match (spec.show, since) {
            (Show::Changes, Some(_)) => seen.marked.contains(node),
            (Show::Alone, Some(since)) => {
                let is_there = seen.mark(node) == Change::Removed || tree.at(node, upto).is_some();
                is_there && tree.versions(node).any(|v| (since..=upto).contains(&v.layer))
            }
            (Show::All, _) | (_, None) => seen.mark(node) == Change::Removed || tree.at(node, upto).is_some(),
        };
        let mut here = NodeSet::with_room(tree.len());
        for node in (1..tree.len()).filter(|node| is_here(*node)) {
            here.insert(node);
        }
        seen.here = here;
        seen
    }

    pub(super) fn mark(&self, node: u32) -> Change {
        self.marks.get(node as usize).copied().unwrap_or_default()
    }

    /// Layer and row of what is there, or what was there before it was removed; the row is none for a directory
    /// that no entry names.
    #[inline(always)]
    pub(super) fn row(&self, tree: &Tree, node: u32) -> Option<(u32, u32)> {
        tree.row_at(node, self.upto).or_else(|| tree.row_at(node, self.before?))
    }

    /// What is there, or what was there before it was removed.
    pub(super) fn version(&self, tree: &Tree, node: u32) -> Option<Version> {
        tree.at(node, self.upto).or_else(|| tree.at(node, self.before?))
    }
}
