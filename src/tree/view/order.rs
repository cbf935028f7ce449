//! The order among siblings. A folder's is found when it is first listed, and kept.

use std::ops::Range;

use super::{super::store::Tree, seen::Seen};
use crate::{
    layer::{LayerTable, NONE},
    protocol::{Sort, SortBy},
};

/// Children in order of a column.
#[derive(Debug, Default)]
pub(super) struct Order {
    sort: Sort,
    /// For each folder where its children begin, as far as they were listed; empty for the tree's own order.
    starts: Vec<u32>,
    /// Of each folder that was listed their number, and then the children.
    children: Vec<u32>,
    room: Room,
}

/// Room to sort in.
#[derive(Debug, Default)]
struct Room {
    keys: Vec<(u64, u32)>,
    packed: Vec<u64>,
    turned: Vec<u64>,
}

impl Order {
    pub(super) fn new(tree: &Tree, sort: Sort) -> Self {
        if sort == Sort::default() {
            return Self::default();
        }
        // Room for all: what grows by and by takes twice as much.
        let folders = (0..tree.len()).filter(|node| !tree.below(*node).is_empty()).count();
        let children = Vec::with_capacity(tree.len() as usize + folders);
        Self { sort, starts: vec![NONE; tree.len() as usize], children, room: Room::default() }
    }

    /// Whether it is the tree's own order: by name.
    pub(super) fn is_own(&self) -> bool {
        self.starts.is_empty()
    }

    /// Where the children of a folder are, in order; unless it is the tree's own order.
    pub(super) fn range(&mut self, tree: &Tree, seen: &Seen, node: u32) -> Range<usize> {
        let known = self.starts.get(node as usize).copied().unwrap_or(NONE);
        let start = if known == NONE { self.sort(tree, seen, node) } else { known as usize };
        let count = self.children.get(start).map_or(0, |count| *count as usize);
        start + 1..start + 1 + count
    }

    /// The child at a place within a range.
    pub(super) fn child(&self, place: usize) -> Option<u32> {
        self.children.get(place).copied()
    }

    /// Adds the children of a folder.
    fn sort(&mut self, tree: &Tree, seen: &Seen, node: u32) -> usize {
        let start = self.children.len();
        if let Some(slot) = self.starts.get_mut(node as usize) {
            *slot = u32::try_from(start).unwrap_or(NONE);
        }
        let Sort { by, descending } = self.sort;
        let room = &mut self.room;
        room.keys.clear();
        let (mut all, mut any) = (u64::MAX, 0);
        for child in tree.children(node) {
            let key = key(tree, seen, by, child);
            let key = if descending { !key } else { key };
            (all, any) = (all & key, any | key);
            room.keys.push((key, child));
        }
        self.children.push(u32::try_from(room.keys.len()).unwrap_or(u32::MAX));
        let keys = room.keys.iter().copied();
        match Squeezed::new(all ^ any) {
            // All keys are the same.
            Some(Squeezed { width: 0, .. }) => self.children.extend(keys.map(|(_, child)| child)),
            Some(squeezed) => {
                room.packed.clear();
                room.packed.extend(keys.map(|(key, child)| squeezed.key(key) << 32 | u64::from(child)));
                sort(&mut room.packed, &mut room.turned, squeezed.width);
                let child = |packed: &u64| u32::try_from(packed & u64::from(u32::MAX)).unwrap_or_default();
                self.children.extend(room.packed.iter().map(child));
            }
            None => {
                room.keys.sort_unstable();
                self.children.extend(room.keys.iter().map(|(_, child)| child));
            }
        }
        if room.keys.len() >= MANY {
            *room = Room::default();
        }
        start
    }
}

/// Keys mostly have few bits that differ: without the others they are numbers of 32 bits in the same order, so that
/// what stands by a key fits into one word with it.
#[derive(Clone, Copy)]
struct Squeezed {
    of_high: u64,
    of_low: u64,
    low_width: u32,
    width: u32,
}

impl Squeezed {
    /// For keys that differ in these bits at most; none if that are too many.
    fn new(bits: u64) -> Option<Self> {
        let width = |bits: u64| u64::BITS - bits.leading_zeros();
        let (high, low) = (width(bits >> 32), width(bits & u64::from(u32::MAX)));
        let mask = |width: u32| (1_u64 << width) - 1;
        (high + low <= u32::BITS).then(|| Self {
            of_high: mask(high),
            of_low: mask(low),
            low_width: low,
            width: high + low,
        })
    }

    fn key(self, key: u64) -> u64 {
        (key >> 32 & self.of_high) << self.low_width | key & self.of_low
    }
}

/// Folders from this size on are sorted digit by digit: the time does not grow faster than the folder.
const MANY: usize = 1_000;

/// Sorts by the upper halves, of which this many bits differ; equals ascend by the lower.
fn sort(packed: &mut Vec<u64>, turned: &mut Vec<u64>, width: u32) {
    if packed.len() < MANY {
        packed.sort_unstable();
        return;
    }
    turned.resize(packed.len(), 0);
    // They ascend by the lower halves already, and each turn keeps what the ones before did.
    for shift in (32..32 + width).step_by(8) {
        let digit = |word: u64| usize::from((word >> shift).to_le_bytes()[0]);
        let mut places = [0_usize; 256];
        for word in &*packed {
            if let Some(count) = places.get_mut(digit(*word)) {
                *count += 1;
            }
        }
        let mut next = 0;
        for place in &mut places {
            next += std::mem::replace(place, next);
        }
        for word in &*packed {
            let Some(place) = places.get_mut(digit(*word)) else { continue };
            if let Some(slot) = turned.get_mut(*place) {
                *slot = *word;
            }
            *place += 1;
        }
        std::mem::swap(packed, turned);
    }
}

fn key(tree: &Tree, seen: &Seen, by: SortBy, node: u32) -> u64 {
    match by {
        // Siblings come in order of their names.
        SortBy::Name => return node.into(),
        SortBy::Size => return seen.sums.bytes(node),
        _ => {}
    }
    let Some(row) = seen.row(tree, node) else { return 0 };
    match by {
        SortBy::Name | SortBy::Size => 0,
        SortBy::Mode => tree.tables.column(row, 0o755, |table, row| table.mode(row).into()),
        SortBy::Owner => tree.tables.column(row, 0, |table, row| {
            let (uid, gid) = table.owner(row);
            u64::from(uid) << 32 | u64::from(gid)
        }),
        SortBy::Time => ordered(tree.tables.column(row, 0, LayerTable::mtime)),
        SortBy::Layer => row.0.into(),
    }
}

/// A time so that it orders as a number without sign does.
fn ordered(time: i64) -> u64 {
    time.cast_unsigned() ^ 1 << 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_folders_are_sorted_as_small_ones_are() {
        let mut state = 1_u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 32
        };
        for width in [1, 7, 8, 9, 27, 32] {
            for count in [MANY as u64 - 1, MANY as u64, 5_000] {
                let mut words: Vec<u64> = (0..count).map(|n| (random() % (1 << width)) << 32 | n).collect();
                let mut expected = words.clone();
                expected.sort_unstable();
                sort(&mut words, &mut Vec::new(), width);
                assert!(words == expected, "{count} of {width} bits");
            }
        }
    }

    #[test]
    fn keys_are_squeezed_in_their_order() {
        let keys = [7 << 32 | 1, 7 << 32 | 9, 8 << 32, 8 << 32 | 3, 15 << 32 | 1];
        let bits = keys.iter().fold(0, |bits, key| bits | key ^ keys[0]);
        let squeezed = Squeezed::new(bits).unwrap();
        let keys = keys.map(|key| squeezed.key(key));
        assert!(keys.is_sorted() && keys.iter().all(|key| key >> squeezed.width == 0), "{keys:x?}");
        assert!(Squeezed::new(u64::MAX >> 31).is_none() && Squeezed::new(u64::from(u32::MAX) << 32).is_some());
        assert_eq!(Squeezed::new(0).map(|squeezed| squeezed.width), Some(0));
    }
}
