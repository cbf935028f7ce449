//! What the chosen layers make of each path: whether it is there, what they did to it, what folders hold.

use super::super::{
    store::{Tree, Version},
    sums::Sums,
};
use crate::protocol::{Change, Show, ViewSpec};

/// The tree through the chosen layers. Indexed by node.
#[derive(Debug)]
pub(super) struct Seen {
    upto: u32,
    /// The layer before those that are marked.
    before: Option<u32>,
    pub(super) sums: Sums,
    /// What the marked layers did; empty when none are marked.
    marks: Vec<Change>,
    /// Whether the path is part of what is to be shown, before any search.
    pub(super) here: Vec<bool>,
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
            here: Vec::new(),
            changes: [0; 3],
        };
        for mark in seen.marks.iter().skip(1) {
            match mark {
                Change::None => {}
                Change::Added => seen.changes[0] += 1,
                Change::Modified => seen.changes[1] += 1,
                Change::Removed => seen.changes[2] += 1,
            }
        }
        let is_here = |node: u32| {
            let mark = seen.mark(node);
            let exists = mark == Change::Removed || tree.at(node, upto).is_some();
            exists
                && match (spec.show, since) {
                    (Show::Changes, Some(_)) => mark != Change::None,
                    (Show::Alone, Some(since)) => tree.versions(node).any(|v| (since..=upto).contains(&v.layer)),
                    (Show::All, _) | (_, None) => true,
                }
        };
        seen.here = (0..tree.len()).map(|node| node > 0 && is_here(node)).collect();
        seen
    }

    pub(super) fn mark(&self, node: u32) -> Change {
        self.marks.get(node as usize).copied().unwrap_or_default()
    }

    pub(super) fn bytes(&self, node: u32) -> u64 {
        self.sums.bytes.get(node as usize).copied().unwrap_or_default()
    }

    /// What is there, or what was there before it was removed.
    pub(super) fn version(&self, tree: &Tree, node: u32) -> Option<Version> {
        tree.at(node, self.upto).or_else(|| tree.at(node, self.before?))
    }
}
