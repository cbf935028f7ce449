//! Image manifest (image-spec manifest.md; Docker image manifest v2 schema 2 has the same shape).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Descriptor, json::null_default};

/// Config and layers of one image.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Media type as the document states it.
    #[serde(default)]
    pub media_type: Option<String>,
    /// Type of an artifact; none for an image.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// The image's config: its digest is the image ID.
    pub config: Descriptor,
    /// Layers, base first.
    #[serde(default, deserialize_with = "null_default")]
    pub layers: Vec<Descriptor>,
    /// Annotations of the manifest.
    #[serde(default, deserialize_with = "null_default")]
    pub annotations: BTreeMap<String, String>,
}
