//! The order of tags: what people look for first comes first.

use std::cmp::Reverse;

/// Sorts tags.
///
/// 1. `latest`.
/// 2. Versions, newest first: up to a `v`, numbers with dots between, then anything that does not go on as a word.
///    Numbers count by their value, and a shorter version stands before those that it stands for: `3`, `3.12`,
///    `3.12.1`, `3.11`. Of one version, that without a suffix comes first, then its variants by name, newest numbers
///    first (`1.2-alpine3.20`, `1.2-alpine3.19`, `1.2-slim`), then rc, pre, beta, alpha and nightly builds.
/// 3. All others in natural order: `build-2` before `build-10`.
/// 4. Tags that are made of a digest, `sha256-<hex>`: signatures and other referrers.
///
/// The order is total: two lists of the same tags come out the same.
///
/// ```
/// let mut tags = ["sid", "9", "12-slim", "12", "latest", "12.1", "10"].map(str::to_owned).to_vec();
/// lagvis::registry::sort_tags(&mut tags);
/// assert_eq!(tags, ["latest", "12", "12-slim", "12.1", "10", "9", "sid"]);
/// ```
pub fn sort_tags(tags: &mut [String]) {
    tags.sort_by(|a, b| key(a).cmp(&key(b)));
}

/// Whether a tag is made of a digest, as cosign and the fallback of the referrers API make them.
pub fn is_digest_tag(tag: &str) -> bool {
    let Some((algorithm, rest)) = tag.split_once('-') else { return false };
    let hex = rest.split('.').next().unwrap_or_default();
    matches!(algorithm, "sha256" | "sha512") && hex.len() >= 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A number of any length by its value: digits without leading zeros, the longer the larger.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Number<'a>(usize, &'a str);

impl<'a> Number<'a> {
    fn of(digits: &'a str) -> Self {
        let digits = digits.trim_start_matches('0');
        Self(digits.len(), digits)
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Falling(Reverse<Number<'a>>),
    Rising(Number<'a>),
    Text(&'a str),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Class<'a> {
    Latest,
    Version { numbers: Vec<Reverse<Number<'a>>>, unready: u8, suffix: Vec<Part<'a>> },
    Other(Vec<Part<'a>>),
    Digest,
}

fn key(tag: &str) -> (Class<'_>, &str) {
    let class = if tag == "latest" {
        Class::Latest
    } else if is_digest_tag(tag) {
        Class::Digest
    } else {
        version(tag).unwrap_or_else(|| Class::Other(parts(tag, Part::Rising)))
    };
    (class, tag)
}

fn version(tag: &str) -> Option<Class<'_>> {
    let mut rest = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let mut numbers = Vec::new();
    loop {
        let (digits, after) = split_digits(rest)?;
        numbers.push(Reverse(Number::of(digits)));
        rest = after;
        match rest.strip_prefix('.') {
            Some(after) if after.starts_with(|c: char| c.is_ascii_digit()) => rest = after,
            _ => break,
        }
    }
    let word: String = rest.trim_start_matches(['-', '.', '_']).chars().take_while(char::is_ascii_alphabetic).collect();
    let goes_on = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let unready = match word.as_str() {
        // As Python names them, `3.14.0b3`.
        "b" if goes_on => BETA,
        "a" if goes_on => ALPHA,
        word => unready(word),
    };
    // `2b7f` is a commit and no version.
    let goes_on = goes_on && (unready == 0 || word.len() == 1);
    if goes_on && numbers.len() == 1 {
        return None;
    }
    Some(Class::Version { numbers, unready, suffix: parts(rest, |number| Part::Falling(Reverse(number))) })
}

const BETA: u8 = 3;
const ALPHA: u8 = 4;

/// How far a build is from its release; none for what is none.
fn unready(word: &str) -> u8 {
    match word.to_ascii_lowercase().as_str() {
        "rc" => 1,
        "pre" | "preview" => 2,
        "beta" => BETA,
        "alpha" => ALPHA,
        "dev" | "snapshot" | "nightly" | "canary" | "edge" => 5,
        _ => 0,
    }
}

/// Digits at the beginning, at least one, and what follows.
fn split_digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if end == 0 { None } else { text.split_at_checked(end) }
}

fn parts<'a>(text: &'a str, number: impl Fn(Number<'a>) -> Part<'a>) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((digits, after)) = split_digits(rest) {
            parts.push(number(Number::of(digits)));
            rest = after;
        } else {
            let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            parts.push(Part::Text(word));
            rest = after;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(tags: &[&str]) -> Vec<String> {
        let mut tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        sort_tags(&mut tags);
        tags
    }

    #[test]
    fn tags_as_repositories_have_them() {
        let signature = format!("sha256-{}.sig", "ab".repeat(32));
        for expected in [
            vec!["latest", "3", "3.12", "3.12.10", "3.12.9", "3.11", "2.7"],
            vec!["1.27.3", "1.27.3-alpine", "1.27.3-alpine3.20", "1.27.3-alpine3.19", "1.27.3-slim", "1.27.2"],
            vec!["v2.0.0", "v2.0.0-rc.2", "v2.0.0-rc.1", "v2.0.0-beta1", "v2.0.0-alpha", "v1.9"],
            vec!["3.14.0", "3.14.0-slim", "3.14.0rc2", "3.14.0rc1", "3.14.0b3", "3.14.0a7", "3.13"],
            vec!["20240110", "20231218", "12", "bookworm", "bookworm-20231218", "bookworm-20240110"],
            vec!["10", "build-2", "build-10", "main", "sha-2b7f"],
            vec!["latest", "8", "8-b5", "7", "8u1"],
            vec!["2", "2b7f3c1", "stable"],
            vec!["1.0", "edge", "sha256-short", &signature],
            vec!["99999999999999999999999999", "9999999999999999999999999", "1"],
        ] {
            let mut shuffled = expected.clone();
            shuffled.reverse();
            assert_eq!(sorted(&shuffled), expected);
        }
    }

    #[test]
    fn any_order_comes_out_the_same() {
        use proptest::prelude::*;
        let piece = prop::sample::select(vec!["1", "02", "10", ".", "-", "_", "v", "rc", "alpine", "latest", "b"]);
        let tag = prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat());
        proptest!(|(tags in prop::collection::vec(tag, 0..20), turn in 0_usize..20)| {
            let mut expected = tags.clone();
            sort_tags(&mut expected);
            let mut turned = tags;
            let by = turn.checked_rem(turned.len()).unwrap_or_default();
            turned.rotate_left(by);
            sort_tags(&mut turned);
            prop_assert_eq!(&turned, &expected);
            for pair in expected.windows(2) {
                prop_assert!(key(&pair[0]) <= key(&pair[1]));
            }
        });
    }
}
