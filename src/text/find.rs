//! Where a text contains what is looked for.

use std::ops::Range;

/// Places that are kept; more cannot be walked through.
const PLACES: usize = 10_000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Where, ascending; they do not overlap.
    pub places: Vec<Range<usize>>,
    /// There are more.
    pub more: bool,
}

/// Finds `what`, ASCII letters alike in both cases. Nothing is found for an empty one.
///
/// The time is linear in the text for all that people look for: a candidate is given up at its first difference.
pub fn find(text: &str, what: &str) -> Found {
    let mut found = Found::default();
    let (hay, needle) = (text.as_bytes(), what.as_bytes());
    let Some(first) = needle.first().map(u8::to_ascii_lowercase) else { return found };
    let mut at = 0;
    while let Some(skip) = hay.get(at..).and_then(|rest| rest.iter().position(|b| b.to_ascii_lowercase() == first)) {
        let start = at + skip;
        match hay.get(start..start + needle.len()) {
            Some(here) if here.eq_ignore_ascii_case(needle) => {
                if found.places.len() == PLACES {
                    found.more = true;
                    break;
                }
                found.places.push(start..start + needle.len());
                at = start + needle.len();
            }
            Some(_) => at = start + 1,
            None => break,
        }
    }
    found
}
