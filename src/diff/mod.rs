//! How two contents differ: line by line where they are text, else where they begin to.
//!
//! Depends on `protocol` and `limits`.

pub(crate) mod edit;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::{
    limits,
    protocol::{DiffLine, Difference, TextDifference},
};

/// Equal lines before and after each difference.
const NEIGHBOURS: usize = 3;

/// Compares two whole contents, each of at most [`limits::DIFF_BYTES`]. Content with a NUL byte counts as no text.
pub fn compare(old: &[u8], new: &[u8]) -> Difference {
    let Some(first) = first_difference(old, new) else { return Difference::None };
    if old.contains(&0) || new.contains(&0) {
        return Difference::Binary { first: first as u64 };
    }
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = (lines(old), lines(new));
    let (removed, added) = changes(&old, &new);
    Difference::Text(hunks(&old, &new, &removed, &added))
}

/// The first byte that differs; one content may end there.
pub fn first_difference(old: &[u8], new: &[u8]) -> Option<usize> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    (same < old.len().max(new.len())).then_some(same)
}

/// Lines with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Which lines of the old text are removed, and which of the new one are added.
fn changes(old: &[&[u8]], new: &[&[u8]]) -> (Vec<bool>, Vec<bool>) {
    let mut numbers: HashMap<&[u8], u32> = HashMap::new();
    let mut intern = Vec::with_capacity(old.len() + new.len());
    for line in old.iter().chain(new) {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        intern.push(*numbers.entry(line).or_insert(next));
    }
    let (a, b) = intern.split_at(old.len());
    edit::changes(a, b)
}

/// Joins the two texts, and keeps what is near a difference.
fn hunks(old: &[&[u8]], new: &[&[u8]], removed: &[bool], added: &[bool]) -> TextDifference {
    let count = |flags: &[bool]| u32::try_from(flags.iter().filter(|flag| **flag).count()).unwrap_or(u32::MAX);
    let mut difference = TextDifference { added: count(added), removed: count(removed), ..TextDifference::default() };
    let mut shown = 0;
    let mut after = 0;
    let (mut a, mut b) = (0, 0);
    let mut before: Vec<(usize, usize)> = Vec::new();
    while a < old.len() || b < new.len() {
        let is = |flags: &[bool], at: usize| flags.get(at).copied().unwrap_or_default();
        let (is_removed, is_added) = (is(removed, a), !is(removed, a) && is(added, b));
        if !is_removed && !is_added {
            if after > 0 {
                after -= 1;
                push(&mut difference, line(old, Some(a), new, Some(b)));
            } else {
                before.push((a, b));
            }
            (a, b) = (a + 1, b + 1);
            continue;
        }
        if shown >= limits::DIFF_LINES {
            difference.left_out += 1;
            after = 0;
            before.clear();
        } else {
            shown += 1;
            if after == 0 {
                let kept = before.len().saturating_sub(NEIGHBOURS);
                if kept > 0 || difference.hunks.is_empty() {
                    difference.hunks.push(Vec::new());
                }
                for (a, b) in before.drain(..).skip(kept) {
                    push(&mut difference, line(old, Some(a), new, Some(b)));
                }
            }
            push(&mut difference, line(old, is_removed.then_some(a), new, is_added.then_some(b)));
            after = NEIGHBOURS;
        }
        (a, b) = (a + usize::from(is_removed), b + usize::from(is_added));
    }
    difference
}

fn push(difference: &mut TextDifference, line: DiffLine) {
    if let Some(hunk) = difference.hunks.last_mut() {
        hunk.push(line);
    }
}

fn line(old: &[&[u8]], a: Option<usize>, new: &[&[u8]], b: Option<usize>) -> DiffLine {
    let number = |at: Option<usize>| at.and_then(|at| u32::try_from(at + 1).ok());
    let bytes = a.and_then(|a| old.get(a)).or_else(|| b.and_then(|b| new.get(b))).copied().unwrap_or_default();
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let shown = whole.get(..whole.len().min(limits::DIFF_LINE_BYTES)).unwrap_or_default();
    DiffLine {
        old: number(a),
        new: number(b),
        text: String::from_utf8_lossy(shown).into_owned(),
        cut: u32::try_from(whole.len() - shown.len()).unwrap_or(u32::MAX),
        unended: whole.len() == bytes.len(),
    }
}
