//! Sizes of folders as of a layer: hard-linked content counts once in each folder that holds it.

use super::{
    NodeSet,
    store::{ROOT, Tree},
};
use crate::layer::{NONE, RowKind};

/// Sums for one view.
#[derive(Debug)]
pub(crate) struct Sums {
    /// Bytes by node: own content, or the sum below.
    bytes: Vec<u64>,
    /// What is there.
    here: NodeSet,
    /// What was there before, and is no more.
    gone: NodeSet,
}

impl Sums {
    /// Bytes of a node: own content, or the sum below.
    pub(crate) fn bytes(&self, node: u32) -> u64 {
        self.bytes.get(node as usize).copied().unwrap_or_default()
    }

    /// Visible paths below a node. Those that are gone count only into folders that are gone themselves.
    pub(crate) fn below(&self, tree: &Tree, node: u32) -> u32 {
        let counted = if self.gone.contains(node) { &self.gone } else { &self.here };
        counted.count(tree.below(node))
    }
}

impl Tree {
    /// Sums over what is visible as of `upto`. With `before`, paths that were visible then and are gone now count
    /// too, but only into folders that are gone themselves. What layers below `floor` set does not count.
    pub(crate) fn sums(&self, upto: u32, before: Option<u32>, floor: u32) -> Sums {
        let room = || NodeSet::with_room(self.len());
        let mut sums = Sums { bytes: vec![0; self.len() as usize], here: room(), gone: room() };
        let mut linked: Vec<(u32, u32)> = Vec::new();
        for (node, bytes) in (0..).zip(&mut sums.bytes) {
            if let Some(version) = self.at(node, upto) {
                if version.layer < floor {
                    continue;
                }
                sums.here.insert(node);
                *bytes = self.size(&version);
                // Only a hard link has the content of another row.
                if version.content != (version.layer, version.row)
                    && version.content.1 != NONE
                    && self.kind(&version) == RowKind::Hardlink
                {
                    linked.push(version.content);
                }
            } else if let Some(version) = before.and_then(|before| self.at(node, before)) {
                sums.gone.insert(node);
                *bytes = self.size(&version);
            }
        }
        self.add_up(&mut sums);
        self.count_links_once(&mut sums, linked, upto, floor);
        sums
    }

    /// Parents have smaller numbers than their children: one pass from the back adds everything up.
    fn add_up(&self, sums: &mut Sums) {
        for node in (1..self.len()).rev() {
            let parent = self.parent(node);
            if sums.gone.contains(node) && !sums.gone.contains(parent) {
                continue;
            }
            let bytes = sums.bytes(node);
            if let Some(slot) = sums.bytes.get_mut(parent as usize) {
                *slot += bytes;
            }
        }
    }

    /// Takes the second and further names of a content off again: for names that follow each other in depth-first
    /// order, at the folder where their paths part, and above it.
    fn count_links_once(&self, sums: &mut Sums, mut contents: Vec<(u32, u32)>, upto: u32, floor: u32) {
        contents.sort_unstable();
        contents.dedup();
        if contents.is_empty() {
            return;
        }
        // The file itself is a name of the content too, wherever it is still visible.
        let mut groups: Vec<((u32, u32), u32)> = (1..self.len())
            .filter_map(|node| {
                let version = self.at(node, upto).filter(|version| version.layer >= floor)?;
                contents.binary_search(&version.content).ok().map(|_| (version.content, node))
            })
            .collect();
        groups.sort_unstable();
        for pair in groups.windows(2) {
            let [(a_content, a), (b_content, b)] = pair else { continue };
            if a_content != b_content {
                continue;
            }
            let bytes = self.at(*b, upto).map_or(0, |version| self.size(&version));
            let mut at = self.parting(*a, *b);
            loop {
                if let Some(slot) = sums.bytes.get_mut(at as usize) {
                    *slot = slot.saturating_sub(bytes);
                }
                if at == ROOT {
                    break;
                }
                at = self.parent(at);
            }
        }
    }

    /// The deepest folder that holds both.
    fn parting(&self, a: u32, b: u32) -> u32 {
        let (mut a, mut b) = (self.parent(a), self.parent(b));
        while a != b {
            // A parent's number is smaller: the larger one is not an ancestor of the other.
            if a > b {
                a = self.parent(a);
            } else {
                b = self.parent(b);
            }
        }
        a
    }
}
