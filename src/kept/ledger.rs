//! The ledger: what is kept, when it was last used, and what goes first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::image::Digest;

/// Version of the ledger. One of another version is begun anew; what it spoke of is adopted as found.
const VERSION: u32 = 1;
/// Tags that are remembered; the oldest go first.
const TAGS: usize = 500;

/// What a thing that is kept is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A layer: its blob, and its record where there is one.
    Layer,
    /// An index, a manifest or a config.
    Document,
}

/// One thing that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What it is.
    pub kind: Kind,
    /// Bytes that it takes, a layer's record included.
    pub bytes: u64,
    /// When it was last used: milliseconds since 1970.
    pub used: u64,
    /// An image that it was used for, for people; empty where none is known.
    pub image: String,
}

/// What a tag named when it was last asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    digest: Digest,
    used: u64,
}

/// What is kept, by digest.
///
/// It is a help, not the truth: [`Ledger::adjust`] brings it into line with what is really there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    version: u32,
    kept: BTreeMap<Digest, Kept>,
    tags: BTreeMap<String, Told>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { version: VERSION, kept: BTreeMap::new(), tags: BTreeMap::new() }
    }
}

impl Ledger {
    /// Reads a ledger; an empty one where the text is none, or one of another version.
    pub fn read(text: &[u8]) -> Self {
        serde_json::from_slice(text).ok().filter(|ledger: &Self| ledger.version == VERSION).unwrap_or_default()
    }

    /// The ledger as text.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Brings it into line with what is there: the digest of each thing, its kind, its bytes and when it was written.
    /// What is gone is forgotten; what is unknown is adopted as last used when it was written.
    pub fn adjust(&mut self, found: impl IntoIterator<Item = (Digest, Kind, u64, u64)>) {
        let mut before = std::mem::take(&mut self.kept);
        for (digest, kind, bytes, written) in found {
            let kept = match before.remove(&digest) {
                Some(kept) => Kept { kind, bytes, ..kept },
                None => Kept { kind, bytes, used: written, image: String::new() },
            };
            self.kept.insert(digest, kept);
        }
    }

    /// Notes that a thing was used, for an image.
    pub fn touch(&mut self, digest: Digest, kind: Kind, bytes: u64, image: &str, now: u64) {
        self.kept.insert(digest, Kept { kind, bytes, used: now, image: image.to_owned() });
    }

    /// Notes what a name (reference without digest) led to.
    pub fn tell(&mut self, name: &str, digest: Digest, now: u64) {
        self.tags.insert(name.to_owned(), Told { digest, used: now });
        while self.tags.len() > TAGS {
            let oldest = self.tags.iter().min_by_key(|(_, told)| told.used).map(|(name, _)| name.clone());
            oldest.map(|name| self.tags.remove(&name));
        }
    }

    /// What a name led to when it was last asked for.
    pub fn told(&self, name: &str) -> Option<&Digest> {
        self.tags.get(name).map(|told| &told.digest)
    }

    /// All that is kept, what was used last first.
    pub fn list(&self) -> Vec<(&Digest, &Kept)> {
        let mut list: Vec<_> = self.kept.iter().collect();
        list.sort_by(|a, b| b.1.used.cmp(&a.1.used).then(a.0.cmp(b.0)));
        list
    }

    /// Bytes of all that is kept.
    pub fn bytes(&self) -> u64 {
        self.kept.values().map(|kept| kept.bytes).fold(0, u64::saturating_add)
    }

    /// What has to go so that no more than `room` bytes are left: what was used longest ago first, and nothing that is
    /// `held`. It is taken off the ledger.
    pub fn evict(&mut self, room: u64, held: impl Fn(&Digest) -> bool) -> Vec<Digest> {
        let mut bytes = self.bytes();
        let mut gone = Vec::new();
        let oldest_first = self.list().into_iter().rev().filter(|(digest, _)| !held(digest));
        for (digest, kept) in oldest_first {
            if bytes <= room {
                break;
            }
            bytes = bytes.saturating_sub(kept.bytes);
            gone.push(digest.clone());
        }
        for digest in &gone {
            self.kept.remove(digest);
        }
        gone
    }

    /// Forgets a thing that was removed.
    pub fn forget(&mut self, digest: &Digest) {
        self.kept.remove(digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(n: u8) -> Digest {
        Digest::of(&[n])
    }

    fn ledger(things: &[(u8, u64, u64)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (n, bytes, used) in things {
            ledger.touch(digest(*n), Kind::Layer, *bytes, "demo:1", *used);
        }
        ledger
    }

    #[test]
    fn what_was_used_longest_ago_goes_first_and_nothing_held() {
        let things = [(1, 100, 30), (2, 100, 10), (3, 100, 20)];
        for (room, held, gone) in [
            (300, None, vec![]),
            (299, None, vec![2]),
            (100, None, vec![2, 3]),
            (299, Some(2), vec![3]),
            (0, Some(2), vec![3, 1]),
        ] {
            let mut ledger = ledger(&things);
            let expected: Vec<Digest> = gone.iter().map(|n| digest(*n)).collect();
            let is_held = |digest_: &Digest| held.map(digest).as_ref() == Some(digest_);
            assert_eq!(ledger.evict(room, is_held), expected, "{room} {held:?}");
            assert_eq!(ledger.list().len(), 3 - expected.len());
        }
    }

    #[test]
    fn it_follows_what_is_really_there() {
        let mut ledger = ledger(&[(1, 100, 30), (2, 100, 10)]);
        ledger.adjust([(digest(2), Kind::Layer, 120, 5), (digest(4), Kind::Document, 7, 3)]);
        let list: Vec<_> = ledger.list().into_iter().map(|(digest, kept)| (digest.clone(), kept.clone())).collect();
        let kept = |kind, bytes, used, image: &str| Kept { kind, bytes, used, image: image.to_owned() };
        let expected = [(digest(2), kept(Kind::Layer, 120, 10, "demo:1")), (digest(4), kept(Kind::Document, 7, 3, ""))];
        assert_eq!(list, expected);
        assert_eq!(ledger.bytes(), 127);
    }

    #[test]
    fn it_is_read_as_it_was_written_and_else_begun_anew() {
        let mut ledger = ledger(&[(1, 100, 30)]);
        ledger.tell("demo:1", digest(9), 4);
        assert_eq!(Ledger::read(&ledger.write()), ledger);
        let newer = String::from_utf8(ledger.write()).unwrap().replace("\"version\":1", "\"version\":2");
        for text in [b"".as_slice(), b"{", b"[]", newer.as_bytes()] {
            assert_eq!(Ledger::read(text), Ledger::default());
        }
    }

    #[test]
    fn tags_are_remembered_and_the_oldest_forgotten() {
        let mut ledger = Ledger::default();
        for n in 0..=TAGS {
            ledger.tell(&format!("demo:{n}"), digest(1), n as u64);
        }
        assert_eq!(ledger.told("demo:0"), None);
        assert_eq!(ledger.told("demo:1"), Some(&digest(1)));
        ledger.tell("demo:1", digest(2), 0);
        assert_eq!(ledger.told("demo:1"), Some(&digest(2)));
    }
}
