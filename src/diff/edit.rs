//! The shortest way from one sequence to another (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, the
//! variant in linear space). Where it would be long, any way will do.

use std::ops::Range;

use crate::limits;

/// Which items of `a` are removed, and which of `b` are added. The items that stay are equal, in order.
pub(crate) fn changes(a: &[u32], b: &[u32]) -> (Vec<bool>, Vec<bool>) {
    let (mut removed, mut added) = (vec![false; a.len()], vec![false; b.len()]);
    let mut search = Search { a, b, forward: Vec::new(), backward: Vec::new() };
    let mut pending = vec![(0..a.len(), 0..b.len())];
    while let Some((mut x, mut y)) = pending.pop() {
        while !x.is_empty() && !y.is_empty() && a.get(x.start) == b.get(y.start) {
            (x.start, y.start) = (x.start + 1, y.start + 1);
        }
        while !x.is_empty() && !y.is_empty() && a.get(x.end - 1) == b.get(y.end - 1) {
            (x.end, y.end) = (x.end - 1, y.end - 1);
        }
        if x.is_empty() || y.is_empty() {
            removed.get_mut(x).unwrap_or_default().fill(true);
            added.get_mut(y).unwrap_or_default().fill(true);
            continue;
        }
        let (middle_x, middle_y) = search.middle(&x, &y);
        pending.push((x.start..middle_x, y.start..middle_y));
        pending.push((middle_x..x.end, middle_y..y.end));
    }
    (removed, added)
}

struct Search<'a> {
    a: &'a [u32],
    b: &'a [u32],
    /// For each diagonal x − y, the furthest x from the start, and from the end.
    forward: Vec<usize>,
    backward: Vec<usize>,
}

impl Search<'_> {
    /// A point on the way from the one corner to the other, neither of the two. The ranges begin and end with items that
    /// differ, so that there are at least two steps, and each side gets one.
    fn middle(&mut self, x: &Range<usize>, y: &Range<usize>) -> (usize, usize) {
        let (n, m) = (x.len(), y.len());
        let most = (n + m).div_ceil(2).min(limits::DIFF_EFFORT);
        // Diagonal k is at index k + zero. Distances from the corner, so that both directions look alike.
        let zero = most + 1;
        self.forward.clear();
        self.forward.resize(2 * zero + 1, 0);
        self.backward.clear();
        self.backward.resize(2 * zero + 1, 0);
        let same = |fx: usize, fy: usize, back: bool| {
            let (i, j) = if back { (x.end - 1 - fx, y.end - 1 - fy) } else { (x.start + fx, y.start + fy) };
            self.a.get(i) == self.b.get(j)
        };
        let mut best = (0, 0);
        for d in 0..=most {
            for back in [false, true] {
                let (own, other) =
                    if back { (&mut self.backward, &self.forward) } else { (&mut self.forward, &self.backward) };
                for index in (zero - d..=zero + d).step_by(2) {
                    let at = |index: usize| own.get(index).copied().unwrap_or_default();
                    let down = d > 0 && (index == zero - d || (index != zero + d && at(index - 1) < at(index + 1)));
                    let mut fx = match (d, down) {
                        (0, _) => 0,
                        (_, true) => at(index + 1),
                        (_, false) => at(index - 1) + 1,
                    };
                    // y = x − k; what lies outside of the rectangle is no way.
                    let Some(mut fy) = (fx + zero).checked_sub(index).filter(|fy| *fy <= m && fx <= n) else {
                        continue;
                    };
                    while fx < n && fy < m && same(fx, fy, back) {
                        (fx, fy) = (fx + 1, fy + 1);
                    }
                    if let Some(slot) = own.get_mut(index) {
                        *slot = fx;
                    }
                    if !back && fx + fy > best.0 + best.1 {
                        best = (fx, fy);
                    }
                    // The same diagonal, counted from the other corner: (n − m) − k.
                    let mirrored = (n + 2 * zero).checked_sub(m + index);
                    let reach = mirrored.filter(|i| i.abs_diff(zero) <= d).and_then(|i| other.get(i)).copied();
                    let met = reach.is_some_and(|reach| fx + reach >= n && fx + fy > 0 && (fx, fy) != (n, m));
                    if met {
                        return if back { (x.end - fx, y.end - fy) } else { (x.start + fx, y.start + fy) };
                    }
                }
            }
        }
        // Not the far corner: then nothing would be gained.
        let (fx, fy) = if best == (n, m) { (n, 0) } else { best };
        (x.start + fx, y.start + fy)
    }
}
