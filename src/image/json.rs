//! Metadata as JSON: caps on size and depth, and an error that names the line.

use serde::de::DeserializeOwned;

use crate::limits;

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Larger than [`limits::METADATA_BYTES`].
    #[error("{0} bytes are more than the {max} that metadata may have", max = limits::METADATA_BYTES)]
    TooLarge(usize),
    /// Not the JSON that was expected; the text names line and column.
    #[error("{0}")]
    Invalid(String),
}

/// Reads a metadata document: at most 4 MiB, nested at most 128 deep (serde_json's own cap).
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    if bytes.len() > limits::METADATA_BYTES {
        return Err(JsonError::TooLarge(bytes.len()));
    }
    serde_json::from_slice(bytes).map_err(|e| JsonError::Invalid(e.to_string()))
}

/// For fields that real files also write as `null` (moby#47210): null is the default.
pub(super) fn null_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}

/// For extensions that no spec holds to a shape: what is not of the usual one is the default.
pub(super) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    let value = <serde_json::Value as serde::Deserialize>::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}
