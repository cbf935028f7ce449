//! Content digests (image-spec descriptor.md, "Digests").

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256, Sha512};

/// A hash algorithm that a digest names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// SHA-256, 64 hex characters.
    Sha256,
    /// SHA-512, 128 hex characters.
    Sha512,
    /// Any other registered or private algorithm. What it names cannot be verified here.
    Other(Box<str>),
}

/// `algorithm:encoded`, the name of content by its hash.
///
/// ```
/// use lagvis::image::Digest;
/// let empty: Digest = Digest::of(b"");
/// assert_eq!(empty.to_string(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// assert_eq!(Digest::parse(&empty.to_string()), Ok(empty));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    encoded: Box<str>,
}

/// Why a text is no digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// There is no `algorithm:` in front.
    #[error("'{0}' is no digest: it should look like sha256:<64 hex characters>")]
    Shape(String),
    /// The encoded part does not fit the algorithm.
    #[error("'{0}' is no digest: {1} is followed by {2} lower-case hex characters")]
    Encoding(String, &'static str, usize),
}

impl Digest {
    /// Parses `algorithm:encoded`; for sha256 and sha512 the encoded part must be lower-case hex of the right length.
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        let shape = || DigestError::Shape(excerpt(text));
        let (algorithm, encoded) = text.split_once(':').ok_or_else(shape)?;
        let component = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+._-".contains(c);
        if algorithm.is_empty() || !algorithm.chars().all(component) || encoded.is_empty() || text.len() > 1024 {
            return Err(shape());
        }
        let (algorithm, want) = match algorithm {
            "sha256" => (Algorithm::Sha256, Some(("sha256", 64))),
            "sha512" => (Algorithm::Sha512, Some(("sha512", 128))),
            other => (Algorithm::Other(other.into()), None),
        };
        if let Some((name, length)) = want {
            if encoded.len() != length || !encoded.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
                return Err(DigestError::Encoding(excerpt(text), name, length));
            }
        } else if !encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"=_-".contains(&b)) {
            return Err(shape());
        }
        Ok(Self { algorithm, encoded: encoded.into() })
    }

    /// The sha256 digest of a few bytes that are in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::sha256();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The algorithm before the colon.
    pub fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// The part after the colon.
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    /// The name of the algorithm, as written.
    pub fn algorithm_name(&self) -> &str {
        match &self.algorithm {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
            Algorithm::Other(name) => name,
        }
    }

    /// The first 12 characters of the encoded part, as docker prints ids.
    pub fn short(&self) -> &str {
        self.encoded.get(..12).unwrap_or(&self.encoded)
    }

    /// A hasher of this digest's algorithm, or none when the algorithm is unknown here.
    pub fn hasher(&self) -> Option<Hasher> {
        match self.algorithm {
            Algorithm::Sha256 => Some(Hasher::sha256()),
            Algorithm::Sha512 => Some(Hasher::sha512()),
            Algorithm::Other(_) => None,
        }
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm_name(), self.encoded)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Digest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        Self::parse(text)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A running hash.
#[derive(Clone, Debug)]
pub struct Hasher(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Hasher {
    /// A running SHA-256.
    pub fn sha256() -> Self {
        Self(State::Sha256(Sha256::new()))
    }

    /// A running SHA-512.
    pub fn sha512() -> Self {
        Self(State::Sha512(Box::new(Sha512::new())))
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(hash) => hash.update(bytes),
            State::Sha512(hash) => hash.update(bytes),
        }
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(hash) => Digest { algorithm: Algorithm::Sha256, encoded: hex(&hash.finalize()) },
            State::Sha512(hash) => Digest { algorithm: Algorithm::Sha512, encoded: hex(&hash.finalize()) },
        }
    }
}

fn hex(bytes: &[u8]) -> Box<str> {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble & 15)).copied().unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_that_are_and_are_not() {
        let hex64 = "0123456789abcdef".repeat(4);
        for (text, good) in [
            (format!("sha256:{hex64}"), true),
            (format!("sha512:{hex64}{hex64}"), true),
            (format!("sha512:{hex64}"), false),
            (format!("sha256:{}", hex64.to_uppercase()), false),
            (hex64.clone(), false),
            (format!("sha256:{hex64}0"), false),
            ("sha256:".into(), false),
            (":abc".into(), false),
            ("blake3:abc=_-Z".into(), true),
            ("multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8".into(), true),
            ("sha256:../../etc/passwd".into(), false),
        ] {
            assert_eq!(Digest::parse(&text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn hashes_match_the_standard_vectors() {
        // FIPS 180-4 example "abc".
        assert_eq!(Digest::of(b"abc").encoded(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let mut sha512 = Hasher::sha512();
        sha512.update(b"abc");
        assert!(sha512.finish().encoded().starts_with("ddaf35a193617abacc417349ae204131"));
    }
}
