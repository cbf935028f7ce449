//! A set of nodes.

use std::ops::Range;

/// A set of nodes, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// An empty set with room for the nodes below a number.
    pub(in crate::tree) fn with_room(nodes: u32) -> Self {
        Self { words: vec![0; (nodes as usize).div_ceil(64)] }
    }

    /// Whether a node is in it.
    pub fn contains(&self, node: u32) -> bool {
        self.words.get(node as usize / 64).is_some_and(|word| word >> (node % 64) & 1 == 1)
    }

    /// Puts a node in or takes it out.
    pub fn set(&mut self, node: u32, inside: bool) {
        if inside {
            self.insert(node);
        } else if let Some(word) = self.words.get_mut(node as usize / 64) {
            *word &= !(1 << (node % 64));
        }
    }

    /// Puts a node in. Gives whether it was not.
    pub fn insert(&mut self, node: u32) -> bool {
        let at = node as usize / 64;
        if self.words.len() <= at {
            self.words.resize(at + 1, 0);
        }
        let Some(word) = self.words.get_mut(at) else { return false };
        let before = *word;
        *word |= 1 << (node % 64);
        *word != before
    }

    /// Puts in all of these.
    pub(super) fn insert_all(&mut self, nodes: Range<u32>) {
        for (word, mask) in words(nodes) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= mask;
            }
        }
    }

    /// Keeps only what another set has, too.
    pub(super) fn intersect(&mut self, other: &Self) {
        for (at, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(at).copied().unwrap_or_default();
        }
    }

    /// Keeps only what passes.
    pub(super) fn retain(&mut self, mut passes: impl FnMut(u32) -> bool) {
        for (first, word) in (0..).step_by(64).zip(&mut self.words) {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !passes(first + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// The first of these nodes that is in it.
    pub(super) fn first_of(&self, nodes: Range<u32>) -> Option<u32> {
        if nodes.is_empty() {
            return None;
        }
        let mut at = nodes.start as usize / 64;
        let mut word = self.words.get(at)? & (u64::MAX << (nodes.start % 64));
        while word == 0 {
            at += 1;
            if at * 64 >= nodes.end as usize {
                return None;
            }
            word = *self.words.get(at)?;
        }
        let first = u32::try_from(at * 64).ok()? + word.trailing_zeros();
        (first < nodes.end).then_some(first)
    }

    /// Whether one of these nodes is in both sets.
    pub(super) fn meets(&self, other: &Self, nodes: Range<u32>) -> bool {
        let word = |set: &Self, at: usize| set.words.get(at).copied().unwrap_or_default();
        words(nodes).any(|(at, mask)| word(self, at) & word(other, at) & mask != 0)
    }

    /// How many of these nodes are in it.
    pub(in crate::tree) fn count(&self, nodes: Range<u32>) -> u32 {
        words(nodes).filter_map(|(at, mask)| Some((self.words.get(at)? & mask).count_ones())).sum()
    }

    /// The nodes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).step_by(64).zip(&self.words).flat_map(|(first, word)| {
            let bits = |word: u64| (word != 0).then_some(word);
            std::iter::successors(bits(*word), move |word| bits(word & (word - 1)))
                .map(move |word| first + word.trailing_zeros())
        })
    }
}

/// The words that nodes have bits in, and which.
fn words(nodes: Range<u32>) -> impl Iterator<Item = (usize, u64)> {
    let words = if nodes.is_empty() { 0..0 } else { nodes.start / 64..(nodes.end - 1) / 64 + 1 };
    words.map(move |word| {
        let first = word * 64;
        let from = u64::MAX << nodes.start.saturating_sub(first);
        let to = u64::MAX >> (first + 63).saturating_sub(nodes.end - 1).min(63);
        (word as usize, from & to)
    })
}

impl FromIterator<u32> for NodeSet {
    fn from_iter<T: IntoIterator<Item = u32>>(nodes: T) -> Self {
        let mut set = Self::default();
        nodes.into_iter().for_each(|node| set.set(node, true));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_at_the_edges_of_words() {
        for range in [0..0, 0..1, 5..6, 0..64, 63..65, 64..128, 1..200, 130..130, 199..200] {
            let mut set = NodeSet::with_room(200);
            set.insert_all(range.clone());
            assert_eq!(set.iter().collect::<Vec<_>>(), range.clone().collect::<Vec<_>>(), "{range:?}");
            assert_eq!(set.count(0..200) as usize, range.len(), "{range:?}");
            for other in [0..200, 3..7, 60..70, 128..200, 199..200] {
                let both = range.start.max(other.start)..range.end.min(other.end);
                let first = (!both.is_empty()).then_some(both.start);
                assert_eq!(set.first_of(other.clone()), first, "{range:?} {other:?}");
                assert_eq!(set.count(other.clone()) as usize, both.len(), "{range:?} {other:?}");
                assert_eq!(set.meets(&set, other.clone()), first.is_some(), "{range:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_is_taken_out_is_out() {
        let mut set: NodeSet = (0..130).collect();
        assert!(!set.insert(129) && set.insert(500) && !set.contains(499));
        set.set(64, false);
        set.retain(|node| node % 64 < 2);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 1, 65, 128, 129]);
        set.intersect(&(60..129).collect());
        assert_eq!(set.iter().collect::<Vec<_>>(), [65, 128]);
    }
}
