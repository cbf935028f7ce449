//! What a pattern means, whichever way it was written.

/// Scalar values, first and last of each range.
pub(super) type Ranges = Vec<(u32, u32)>;

const LAST: u32 = 0x10_ffff;
/// Longer ranges are not folded character by character.
const FOLDED: u32 = 1_000;

/// ASCII letters, figures and the underscore.
pub(super) const WORD: [(u32, u32); 4] = [(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ast {
    /// One character of these.
    Set(Ranges),
    /// A place between characters.
    At(Place),
    /// One after the other; none is the empty text.
    Sequence(Vec<Ast>),
    /// One of these.
    Either(Vec<Ast>),
    /// At least, at most so often.
    Repeat(Box<Ast>, u32, Option<u32>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    End,
    WordEdge,
    NoWordEdge,
}

/// A text as it is, in upper or lower case.
pub(super) fn literal(chars: &[char]) -> Ast {
    Ast::Sequence(chars.iter().map(|c| character(*c, true)).collect())
}

pub(super) fn character(c: char, folded: bool) -> Ast {
    let ranges = vec![(c.into(), c.into())];
    Ast::Set(if folded { fold(ranges) } else { ranges })
}

/// Every character but the slash.
pub(super) fn in_name() -> Ast {
    Ast::Set(complement(vec![(u32::from('/'), u32::from('/'))]))
}

pub(super) fn any() -> Ast {
    Ast::Set(vec![(0, LAST)])
}

/// Adds the other case of each letter.
pub(super) fn fold(mut ranges: Ranges) -> Ranges {
    for (first, last) in ranges.clone() {
        for c in (first..=last.min(first.saturating_add(FOLDED))).filter_map(char::from_u32) {
            for other in [single(c.to_lowercase()), single(c.to_uppercase())].into_iter().flatten() {
                if other != c {
                    ranges.push((other.into(), other.into()));
                }
            }
        }
    }
    ranges
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// Every character that is not in the ranges.
pub(super) fn complement(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable();
    let mut out = Vec::new();
    let mut next = 0;
    for (first, last) in ranges {
        if next < first {
            out.push((next, first - 1));
        }
        next = next.max(last.saturating_add(1));
    }
    if next <= LAST {
        out.push((next, LAST));
    }
    out
}
