//! Verification: size, then digest, while bytes stream; the checks it leaves and the verdict they give.
//!
//! Depends on [`crate::image`] only.

use serde::{Deserialize, Serialize};

use crate::image::{Digest, Hasher};

/// What a check was about. The order is the order of a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// The index's bytes against the digest that names it.
    Index,
    /// The manifest's bytes.
    Manifest,
    /// The config's bytes: the image ID.
    Config,
    /// A layer as transported.
    Blob,
    /// A layer's uncompressed tar against the config's diffID.
    DiffId,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Size and digest are as stated.
    Verified,
    /// Size or digest differ from what was stated.
    Mismatched,
    /// Nothing to check against, or no way to.
    Unchecked,
}

/// One check: what was expected of which bytes, and what they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked.
    pub what: CheckKind,
    /// The digest or the archive member it was about.
    pub subject: String,
    /// The digest that was expected; empty when there was none.
    pub expected: String,
    /// The digest of the bytes; none when they were not hashed to the end.
    pub actual: Option<String>,
    /// Bytes hashed.
    pub bytes: u64,
    /// The outcome.
    pub state: CheckState,
    /// Why it is not verified.
    pub why: Option<String>,
}

/// The verdict of an image, see [`verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every byte that the image names is as named.
    Verified,
    /// Some byte is not.
    Mismatched,
    /// Something cannot be checked, or is not here.
    Unverifiable,
    /// Manifest, config or every layer is missing.
    Absent,
}

/// What a verdict rests on: hashes prove that bytes match a name, not who wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Where the name came from.
    pub kind: AnchorKind,
    /// The digest, the tag's host, or the image ID to compare.
    pub value: String,
}

/// Where the first digest of the chain came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorKind {
    /// The person or the link named it.
    Digest,
    /// A registry resolved a tag to it.
    Tag,
    /// A file, consistent with itself.
    None,
}

/// The verdict, the first that fits: any check mismatched; something essential `absent`; something `unverifiable`;
/// else verified.
pub fn verdict(checks: &[Check], absent: bool, unverifiable: bool) -> Verdict {
    if checks.iter().any(|check| check.state == CheckState::Mismatched) {
        Verdict::Mismatched
    } else if absent {
        Verdict::Absent
    } else if unverifiable {
        Verdict::Unverifiable
    } else {
        Verdict::Verified
    }
}

/// Hashes bytes against what a descriptor states of them.
#[derive(Debug)]
pub struct Verifier {
    what: CheckKind,
    subject: String,
    expected: Option<Digest>,
    size: Option<u64>,
    hasher: Option<Hasher>,
    bytes: u64,
}

impl Verifier {
    /// A verifier of `subject`, which should have this digest and, where one is stated, this size. Without an
    /// expected digest SHA-256 is computed and the check ends as unchecked.
    pub fn new(what: CheckKind, subject: impl Into<String>, expected: Option<Digest>, size: Option<u64>) -> Self {
        let hasher = match &expected {
            Some(digest) => digest.hasher(),
            None => Some(Hasher::sha256()),
        };
        Self { what, subject: subject.into(), expected, size, hasher, bytes: 0 }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if !self.too_long()
            && let Some(hasher) = &mut self.hasher
        {
            hasher.update(bytes);
        }
    }

    /// Bytes taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// More bytes came than were stated: whoever feeds this can stop, the check is mismatched already.
    pub fn too_long(&self) -> bool {
        self.size.is_some_and(|size| self.bytes > size)
    }

    /// Ends the stream: size first, then digest. Gives the digest of the bytes beside the check.
    pub fn finish(self) -> (Check, Option<Digest>) {
        let actual = if self.too_long() { None } else { self.hasher.map(Hasher::finish) };
        let check = judge(self.what, self.subject, self.expected.as_ref(), self.size, self.bytes, actual.as_ref());
        (check, actual)
    }

    /// Ends the stream early: what came so far proves nothing, except that it was already too long.
    pub fn abandon(self, why: impl Into<String>) -> Check {
        let (state, why) = match self.size {
            Some(size) if self.bytes > size => {
                (CheckState::Mismatched, format!("more bytes came than the {size} stated"))
            }
            _ => (CheckState::Unchecked, why.into()),
        };
        Check {
            what: self.what,
            subject: self.subject,
            expected: self.expected.map(|d| d.to_string()).unwrap_or_default(),
            actual: None,
            bytes: self.bytes,
            state,
            why: Some(why),
        }
    }
}

/// The check of bytes that were hashed already: `bytes` of them, with this digest (none: not hashed to the end).
pub fn judge(
    what: CheckKind,
    subject: impl Into<String>,
    expected: Option<&Digest>,
    size: Option<u64>,
    bytes: u64,
    actual: Option<&Digest>,
) -> Check {
    let wrong_size = match size {
        Some(size) if size < bytes => Some(format!("more bytes came than the {size} stated")),
        Some(size) if size > bytes => Some(format!("{bytes} bytes came, {size} are stated")),
        _ => None,
    };
    let (state, why) = match (expected, actual) {
        _ if wrong_size.is_some() => (CheckState::Mismatched, wrong_size),
        (None, _) => (CheckState::Unchecked, Some("no digest is stated for it".to_owned())),
        (Some(expected), None) => (
            CheckState::Unchecked,
            Some(format!("{} is an algorithm that is not known here", expected.algorithm_name())),
        ),
        (Some(expected), Some(actual)) if expected == actual => (CheckState::Verified, None),
        (Some(_), Some(_)) => (CheckState::Mismatched, Some("the digest differs".to_owned())),
    };
    Check {
        what,
        subject: subject.into(),
        expected: expected.map(Digest::to_string).unwrap_or_default(),
        actual: actual.map(Digest::to_string),
        bytes,
        state,
        why,
    }
}

/// Checks a document that is in memory.
pub fn check_bytes(
    what: CheckKind,
    subject: impl Into<String>,
    expected: Option<Digest>,
    size: Option<u64>,
    bytes: &[u8],
) -> (Check, Option<Digest>) {
    let mut verifier = Verifier::new(what, subject, expected, size);
    verifier.update(bytes);
    verifier.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Option<Digest>, size: Option<u64>, bytes: &[u8]) -> Check {
        check_bytes(CheckKind::Blob, "x", expected, size, bytes).0
    }

    #[test]
    fn size_is_checked_before_the_digest() {
        let good = Digest::of(b"abc");
        assert_eq!(check(Some(good.clone()), Some(3), b"abc").state, CheckState::Verified);
        assert_eq!(check(Some(good.clone()), None, b"abc").state, CheckState::Verified);
        let longer = check(Some(good.clone()), Some(2), b"abc");
        assert_eq!((longer.state, longer.actual), (CheckState::Mismatched, None), "not even hashed");
        assert_eq!(check(Some(good.clone()), Some(4), b"abc").state, CheckState::Mismatched);
        let differs = check(Some(good.clone()), Some(3), b"abd");
        assert_eq!(differs.state, CheckState::Mismatched);
        assert_eq!(differs.expected, good.to_string());
        assert_eq!(differs.actual, Some(Digest::of(b"abd").to_string()));
    }

    #[test]
    fn what_cannot_be_checked_says_why() {
        let other = Digest::parse("blake3:abcd").unwrap();
        let check_other = check(Some(other), None, b"abc");
        assert_eq!(check_other.state, CheckState::Unchecked);
        assert!(check_other.why.unwrap().contains("blake3"));
        let none = check(None, None, b"abc");
        assert_eq!((none.state, none.actual), (CheckState::Unchecked, Some(Digest::of(b"abc").to_string())));
    }

    #[test]
    fn a_mismatch_outweighs_all_else() {
        let bad = check(Some(Digest::of(b"x")), None, b"y");
        let good = check(Some(Digest::of(b"y")), None, b"y");
        assert_eq!(verdict(&[good.clone(), bad], true, true), Verdict::Mismatched);
        assert_eq!(verdict(std::slice::from_ref(&good), true, true), Verdict::Absent);
        assert_eq!(verdict(std::slice::from_ref(&good), false, true), Verdict::Unverifiable);
        assert_eq!(verdict(&[good], false, false), Verdict::Verified);
    }
}
