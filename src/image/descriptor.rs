//! Descriptors: media type, digest and size of content elsewhere (image-spec descriptor.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Digest, Platform, json::null_default};

/// What a document says of content that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type of the content; empty when the document names none.
    #[serde(default, deserialize_with = "null_default")]
    pub media_type: String,
    /// Digest of the content as transported.
    pub digest: Digest,
    /// Size of the content as transported, in bytes.
    pub size: u64,
    /// Other places to fetch it from (foreign layers). Never fetched from here.
    #[serde(default, deserialize_with = "null_default", skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Annotations, for example the reference name in an OCI layout.
    #[serde(default, deserialize_with = "null_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// In an index: the platform of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Type of an artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
}
