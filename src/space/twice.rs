//! Which of many hashes may come more than once, told in little room: what comes once need not be sorted to be known.

/// Bits for each hash: one in sixteen that come once is taken for one that comes again.
const BITS: usize = 16;
/// At most so many bits: 4 MB in all.
const MOST: usize = 1 << 24;

/// Marks of hashes.
#[derive(Debug)]
pub(super) struct Twice {
    once: Vec<u64>,
    again: Vec<u64>,
}

impl Twice {
    pub(super) fn among(count: usize, hashes: impl Iterator<Item = u64>) -> Self {
        let words = (count.saturating_mul(BITS).next_power_of_two().clamp(64, MOST)) / 64;
        let mut twice = Self { once: vec![0; words], again: vec![0; words] };
        for hash in hashes {
            let (word, bit) = twice.place(hash);
            if let (Some(once), Some(again)) = (twice.once.get_mut(word), twice.again.get_mut(word)) {
                *again |= *once & bit;
                *once |= bit;
            }
        }
        twice
    }

    /// Whether it may be: false for none that does.
    pub(super) fn may(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.again.get(word).is_some_and(|again| again & bit != 0)
    }

    /// Word and bit of a hash. The number of words is a power of two.
    fn place(&self, hash: u64) -> (usize, u64) {
        let word = usize::try_from(hash >> 6 & (self.once.len() as u64 - 1)).unwrap_or_default();
        (word, 1 << (hash & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::Twice;

    #[test]
    fn none_that_comes_again_is_missed() {
        let hash = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let all = || (0..10_000).chain(0..100).map(hash);
        let twice = Twice::among(10_100, all());
        assert!((0..100).all(|n| twice.may(hash(n))));
        let wrong = (100..10_000).filter(|n| twice.may(hash(*n))).count();
        assert!(wrong < 1_000, "{wrong}");
    }
}
