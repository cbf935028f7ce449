//! Where a descriptor says that its layer's table of contents is: eStargz (stargz-snapshotter, docs/estargz.md) and
//! zstd:chunked (containers/storage, pkg/chunked).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::limits;

const STARGZ_DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";
/// Podman's prefix, and the one that it had before 2021 and Debian 12 still writes.
const CHUNKED: [&str; 2] = ["io.github.containers.zstd-chunked", "io.containers.zstd-chunked"];
/// The only type of table that zstd:chunked knows: that of CRFS, as JSON.
const CRFS: &str = "1";

/// What a descriptor says of its layer's table of contents (TOC), with which runtimes show a layer's tree before they
/// have its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TocRef {
    /// eStargz: the blob's footer says where it is.
    EStargz {
        /// Of the JSON.
        digest: Digest,
    },
    /// zstd:chunked.
    ZstdChunked {
        /// First byte of the packed JSON in the blob.
        offset: u64,
        /// Bytes of the packed JSON.
        length: u64,
        /// Bytes of the JSON.
        unpacked: u64,
        /// Of the packed JSON.
        digest: Digest,
    },
    /// There is one, but nothing that it could be held against, or what is said of it cannot be.
    Unusable {
        /// Why, for people.
        why: String,
    },
}

impl TocRef {
    /// What the annotations of a layer's descriptor say; none for a layer without a table of contents.
    pub fn of(annotations: &BTreeMap<String, String>, size: u64) -> Option<Self> {
        if let Some(digest) = annotations.get(STARGZ_DIGEST) {
            return Some(match digest_of(digest) {
                Ok(digest) => Self::EStargz { digest },
                Err(why) => Self::Unusable { why: format!("{STARGZ_DIGEST}: {why}") },
            });
        }
        CHUNKED.iter().find_map(|prefix| {
            let position = annotations.get(&format!("{prefix}.manifest-position"))?;
            let digest = annotations.get(&format!("{prefix}.manifest-checksum"));
            Some(chunked(position, digest, size).unwrap_or_else(|why| Self::Unusable { why }))
        })
    }

    /// Whether there is a table of contents that can be held against a digest.
    pub fn is_usable(&self) -> bool {
        !matches!(self, Self::Unusable { .. })
    }

    /// The format's name.
    pub fn format(&self) -> &'static str {
        match self {
            Self::EStargz { .. } => "eStargz",
            Self::ZstdChunked { .. } | Self::Unusable { .. } => "zstd:chunked",
        }
    }
}

fn digest_of(text: &str) -> Result<Digest, String> {
    let digest = Digest::parse(text).map_err(|error| error.to_string())?;
    if digest.hasher().is_none() {
        return Err(format!("{digest} is of an algorithm that is not known here"));
    }
    Ok(digest)
}

fn chunked(position: &str, digest: Option<&String>, size: u64) -> Result<TocRef, String> {
    let digest = digest.ok_or("it has a position (manifest-position) and no digest (manifest-checksum)")?;
    let digest = digest_of(digest)?;
    let wrong = || format!("'{}' is no position: offset:length:unpacked:1 was expected", excerpt(position));
    let parts: Vec<&str> = position.split(':').collect();
    let [offset, length, unpacked, CRFS] = parts.as_slice() else { return Err(wrong()) };
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let (offset, length, unpacked) = (number(offset)?, number(length)?, number(unpacked)?);
    if offset.checked_add(length).is_none_or(|end| end > size) {
        return Err(format!("its bytes {offset} and the {length} after it are not within the blob's {size}"));
    }
    if length > limits::TOC_BYTES || unpacked > limits::TOC_BYTES {
        let cap = limits::TOC_BYTES;
        return Err(format!("it has {length} bytes, {unpacked} unpacked; at most {cap} are read (limit TOC_BYTES)"));
    }
    Ok(TocRef::ZstdChunked { offset, length, unpacked, digest })
}

fn excerpt(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Option<TocRef> {
        let annotations = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        TocRef::of(&annotations, 1_000)
    }

    fn why(pairs: &[(&str, &str)]) -> String {
        match of(pairs) {
            Some(TocRef::Unusable { why }) => why,
            other => panic!("{other:?}"),
        }
    }

    const SUM: (&str, &str) = (
        "io.github.containers.zstd-chunked.manifest-checksum",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    const AT: &str = "io.github.containers.zstd-chunked.manifest-position";

    #[test]
    fn both_formats_and_the_older_name() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("org.opencontainers.image.title", "x")]), None);
        let digest = Digest::of(b"");
        assert_eq!(of(&[(STARGZ_DIGEST, SUM.1)]), Some(TocRef::EStargz { digest: digest.clone() }));
        let expected = Some(TocRef::ZstdChunked { offset: 100, length: 200, unpacked: 4_000, digest });
        assert_eq!(of(&[SUM, (AT, "100:200:4000:1")]), expected);
        let old = "io.containers.zstd-chunked.manifest-";
        let older = [(format!("{old}position"), "100:200:4000:1"), (format!("{old}checksum"), SUM.1)];
        assert_eq!(of(&[(&older[0].0, older[0].1), (&older[1].0, older[1].1)]), expected);
    }

    #[test]
    fn without_a_digest_it_is_not_used() {
        assert!(why(&[(AT, "100:200:4000:1")]).contains("no digest"));
        assert!(why(&[(AT, "100:200:4000:1"), (SUM.0, "md5:00")]).contains("not known here"));
        assert!(why(&[(STARGZ_DIGEST, "sha256:00")]).contains("64 lower-case hex characters"));
    }

    #[test]
    fn positions_that_are_none() {
        for position in ["", "1:2:3", "1:2:3:2", "1:2:3:1:5", "-1:2:3:1", "a:b:c:1", "99999999999999999999:1:1:1"] {
            assert!(why(&[SUM, (AT, position)]).contains("is no position"), "{position}");
        }
        for position in ["900:101:3:1", "18446744073709551615:1:1:1"] {
            assert!(why(&[SUM, (AT, position)]).contains("not within the blob's 1000"), "{position}");
        }
        assert!(why(&[SUM, (AT, "1:2:99999999999:1")]).contains("limit TOC_BYTES"));
    }
}
