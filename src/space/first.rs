//! The first of many in their order, without keeping all.

/// The first so many of what is pushed.
#[derive(Debug)]
pub(super) struct First<T> {
    count: usize,
    kept: Vec<T>,
    /// What comes behind this is not among them.
    last: Option<T>,
    same: fn(&T, &T) -> bool,
}

impl<T: Ord + Copy> First<T> {
    /// The first `count`. Of those that are the `same`, which lie side by side in their order, only one counts.
    pub(super) fn new(count: usize, same: fn(&T, &T) -> bool) -> Self {
        Self { count, kept: Vec::new(), last: None, same }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.last.is_some_and(|last| item > last) {
            return;
        }
        self.kept.push(item);
        if self.kept.len() >= 8 * self.count.max(1) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.kept.sort_unstable();
        let same = self.same;
        self.kept.dedup_by(|b, a| same(a, b));
        self.kept.truncate(self.count);
        self.last = if self.kept.len() == self.count { self.kept.last().copied() } else { None };
    }

    /// Them, in order.
    pub(super) fn into_vec(mut self) -> Vec<T> {
        self.settle();
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::First;

    #[test]
    fn as_if_all_were_sorted() {
        for count in [0, 1, 7, 50] {
            let mut first = First::new(count, |a: &(u32, u32), b| a.0 == b.0);
            let all: Vec<(u32, u32)> = (0..5_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) % 300, n)).collect();
            all.iter().for_each(|item| first.push(*item));
            let mut expected = all;
            expected.sort_unstable();
            expected.dedup_by_key(|item| item.0);
            expected.truncate(count);
            assert_eq!(first.into_vec(), expected);
        }
    }
}
