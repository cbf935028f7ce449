//! Bytes of files.

use serde::{Deserialize, Serialize};

use crate::{file::Summary, problem::Problem, text::Begin};

/// A file as of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAt {
    /// The path's node.
    pub node: u32,
    /// The layer, inclusive: an old version, also of a path that is gone.
    pub layer: u32,
}

/// Bytes of a file, out of a verified layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The file.
    pub file: FileAt,
    /// The layer whose bytes these are.
    pub from: u32,
    /// First byte.
    pub start: u64,
    /// Bytes of the file.
    pub total: u64,
    /// The bytes.
    pub bytes: Bytes,
    /// Why there are none.
    pub problem: Option<Problem>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// The file.
    pub file: FileAt,
    /// What it is, or why it could not be read.
    pub outcome: Result<Summary, Problem>,
}

/// Where the parts of a text begin, up to that of a byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextParts {
    /// The file.
    pub file: FileAt,
    /// The byte.
    pub byte: u64,
    /// The parts.
    pub begins: Vec<Begin>,
}

/// Bytes that travel as bytes, not as a list of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}
