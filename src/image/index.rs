//! Image index and Docker manifest list (image-spec image-index.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Descriptor, json::null_default};

/// A list of manifests, usually one a platform.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Media type as the document states it.
    #[serde(default)]
    pub media_type: Option<String>,
    /// The manifests, in the document's order.
    #[serde(default, deserialize_with = "null_default")]
    pub manifests: Vec<Descriptor>,
    /// Annotations of the index.
    #[serde(default, deserialize_with = "null_default")]
    pub annotations: BTreeMap<String, String>,
}

/// BuildKit attestations are manifests in the index, but no images.
pub fn is_attestation(child: &Descriptor) -> bool {
    child.annotations.get("vnd.docker.reference.type").is_some_and(|kind| kind == "attestation-manifest")
        || child.platform.as_ref().is_some_and(super::Platform::is_unknown)
}
