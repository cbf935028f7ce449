//! Sizes of folders as of a layer: hard-linked content counts once in each folder that holds it.

use super::store::{ROOT, Tree};
use crate::layer::{NONE, RowKind};

/// Sums for one view. Indexed by node.
#[derive(Debug)]
pub(crate) struct Sums {
    /// Bytes: own content, or the sum below.
    pub(crate) bytes: Vec<u64>,
    /// Visible paths below, the node itself not counted.
    pub(crate) below: Vec<u32>,
}

/// What of a path counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Nothing,
    Here,
    /// It was there before, and is no more.
    Gone,
}

impl Tree {
    /// Sums over what is visible as of `upto`. With `before`, paths that were visible then and are gone now count
    /// too, but only into folders that are gone themselves. What layers below `floor` set does not count.
    pub(crate) fn sums(&self, upto: u32, before: Option<u32>, floor: u32) -> Sums {
        let length = self.nodes.len();
        let mut sums = Sums { bytes: vec![0; length], below: vec![0; length] };
        let mut linked: Vec<((u32, u32), u32)> = Vec::new();
        let mut kept = vec![Kept::Nothing; length];
        for (node, kept) in (0..).zip(&mut kept) {
            let now = self.at(node, upto);
            let version = match now {
                Some(version) if version.layer < floor => continue,
                Some(version) => {
                    *kept = Kept::Here;
                    version
                }
                None => {
                    let Some(version) = before.and_then(|before| self.at(node, before)) else { continue };
                    *kept = Kept::Gone;
                    version
                }
            };
            if let Some(slot) = sums.bytes.get_mut(node as usize) {
                *slot = self.size(&version);
            }
            if now.is_some() && self.kind(&version) == RowKind::Hardlink && version.content.1 != NONE {
                linked.push((version.content, node));
            }
        }
        self.add_up(&mut sums, &kept);
        self.count_links_once(&mut sums, &linked, upto, floor);
        sums
    }

    /// Parents have smaller numbers than their children: one pass from the back adds everything up.
    fn add_up(&self, sums: &mut Sums, kept: &[Kept]) {
        let kept = |node: u32| kept.get(node as usize).copied().unwrap_or(Kept::Nothing);
        for node in (1..self.len()).rev() {
            let parent = self.parent(node);
            let own = kept(node);
            if own == Kept::Gone && kept(parent) != Kept::Gone {
                continue;
            }
            let bytes = sums.bytes.get(node as usize).copied().unwrap_or_default();
            let below = sums.below.get(node as usize).copied().unwrap_or_default();
            if let Some(slot) = sums.bytes.get_mut(parent as usize) {
                *slot += bytes;
            }
            if let Some(slot) = sums.below.get_mut(parent as usize) {
                *slot += below + u32::from(own != Kept::Nothing);
            }
        }
    }

    /// Takes the second and further names of a content off again: for names that follow each other in depth-first
    /// order, at the folder where their paths part, and above it.
    fn count_links_once(&self, sums: &mut Sums, linked: &[((u32, u32), u32)], upto: u32, floor: u32) {
        let mut groups: Vec<((u32, u32), u32)> = Vec::new();
        let mut contents: Vec<(u32, u32)> = linked.iter().map(|(content, _)| *content).collect();
        contents.sort_unstable();
        contents.dedup();
        if contents.is_empty() {
            return;
        }
        // The file itself is a name of the content too, wherever it is still visible.
        groups.extend((1..self.len()).filter_map(|node| {
            let version = self.at(node, upto).filter(|version| version.layer >= floor)?;
            contents.binary_search(&version.content).ok().map(|_| (version.content, node))
        }));
        let order = self.depth_first_order();
        let rank = |node: u32| order.get(node as usize).copied().unwrap_or_default();
        groups.sort_unstable_by_key(|(content, node)| (*content, rank(*node)));
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

    /// Position of each node in depth-first order.
    fn depth_first_order(&self) -> Vec<u32> {
        let mut order = vec![0; self.nodes.len()];
        let mut pending = vec![ROOT];
        let mut next = 0;
        while let Some(node) = pending.pop() {
            if let Some(slot) = order.get_mut(node as usize) {
                *slot = next;
            }
            next += 1;
            pending.extend(self.children(node).iter().rev());
        }
        order
    }
}
