//! Squarified treemaps: a rectangle cut into ones with given areas, each as near to a square as rows allow
//! (Bruls, Huizing, van Wijk 2000).

/// Cuts `[left, top, width, height]` into one rectangle a weight, in their order. The areas are in proportion to the
/// weights; squares come out best when the largest come first. Weights of 0 get nothing, at the end of what is left.
pub fn squarify(weights: &[f64], [left, top, width, height]: [f64; 4]) -> Vec<[f64; 4]> {
    let total: f64 = weights.iter().sum();
    let scale = if total > 0.0 { width * height / total } else { 0.0 };
    let areas: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
    let mut places = Vec::with_capacity(areas.len());
    let mut free = [left, top, width, height];
    let mut rest = areas.as_slice();
    while !rest.is_empty() {
        let (row, after) = rest.split_at(row_length(rest, free[2].min(free[3])));
        free = lay(row, free, &mut places);
        rest = after;
    }
    places
}

/// How many of the areas make the best row along a side: as long as the worst of the row gets no worse.
fn row_length(areas: &[f64], side: f64) -> usize {
    let (mut sum, mut least, mut most) = (0.0, f64::INFINITY, 0.0_f64);
    let mut worst = f64::INFINITY;
    for (index, area) in areas.iter().enumerate() {
        sum += area;
        (least, most) = (least.min(*area), most.max(*area));
        // The row is sum / side thick; the ratio of the sides of its thinnest and its fattest.
        let square = (sum / side).powi(2);
        let ratio = (most / square).max(square / least);
        if index > 0 && ratio > worst {
            return index;
        }
        worst = ratio;
    }
    areas.len()
}

/// Lays a row along the shorter side. Returns what is left free.
fn lay(row: &[f64], [left, top, width, height]: [f64; 4], places: &mut Vec<[f64; 4]>) -> [f64; 4] {
    let sum: f64 = row.iter().sum();
    let is_column = width >= height;
    let side = if is_column { height } else { width };
    let thick = if side > 0.0 { (sum / side).min(width.max(height)) } else { 0.0 };
    let mut at = 0.0;
    for area in row {
        let long = if sum > 0.0 { side * area / sum } else { 0.0 };
        places.push(if is_column { [left, top + at, thick, long] } else { [left + at, top, long, thick] });
        at += long;
    }
    if is_column { [left + thick, top, width - thick, height] } else { [left, top + thick, width, height - thick] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::squarify;

    #[test]
    fn the_example_of_the_paper() {
        let places = squarify(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], [0.0, 0.0, 6.0, 4.0]);
        let near = |a: [f64; 4], b: [f64; 4]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(near(places[0], [0.0, 0.0, 3.0, 2.0]) && near(places[1], [0.0, 2.0, 3.0, 2.0]), "{places:?}");
        assert!(near(places[2], [3.0, 0.0, 12.0 / 7.0, 7.0 / 3.0]), "{places:?}");
    }

    #[test]
    fn nothing_is_laid_out_as_nothing() {
        assert!(squarify(&[], [0.0, 0.0, 5.0, 5.0]).is_empty());
        assert!(squarify(&[0.0, 0.0], [0.0, 0.0, 5.0, 5.0]).iter().all(|place| place[2] * place[3] == 0.0));
        assert!(squarify(&[1.0], [0.0, 0.0, 0.0, 0.0]).iter().flatten().all(|n| n.is_finite()));
    }

    proptest! {
        #[test]
        fn areas_are_in_proportion_inside_and_apart(mut weights in proptest::collection::vec(1_u32..1_000_000, 1..60), w in 10_u32..2_000, h in 10_u32..2_000) {
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
            let (w, h) = (f64::from(w), f64::from(h));
            let places = squarify(&weights, [0.0, 0.0, w, h]);
            prop_assert_eq!(places.len(), weights.len());
            let total: f64 = weights.iter().sum();
            for (weight, [x, y, width, height]) in weights.iter().zip(&places) {
                prop_assert!((width * height - weight / total * w * h).abs() < 1e-6 * w * h);
                prop_assert!(*x > -1e-6 && *y > -1e-6 && x + width < w + 1e-6 && y + height < h + 1e-6);
            }
            for (index, a) in places.iter().enumerate() {
                for b in &places[index + 1..] {
                    let over = |i: usize| (a[i] + a[i + 2]).min(b[i] + b[i + 2]) - a[i].max(b[i]);
                    prop_assert!(over(0) < 1e-6 || over(1) < 1e-6, "{a:?} over {b:?}");
                }
            }
        }
    }
}
