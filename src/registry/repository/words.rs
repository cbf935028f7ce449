//! What an artifact is, in words, by the media types that its makers chose.

use serde_json::Value;

use crate::image::{Descriptor, DocumentKind, document_kind};

/// Media types, each by a part of it that tells, and what they stand for. The first that fits counts.
const KINDS: [(&str, &str); 19] = [
    ("cncf.helm.config", "Helm chart"),
    ("cncf.helm.chart.provenance", "provenance of a Helm chart"),
    ("cncf.helm.chart.content", "content of a Helm chart"),
    ("vnd.wasm.", "WebAssembly module"),
    ("application/wasm", "WebAssembly module"),
    ("module.wasm.", "WebAssembly module"),
    ("cosign.simplesigning", "cosign signature"),
    ("sigstore.bundle", "Sigstore bundle"),
    ("dsse.envelope", "signed envelope (DSSE)"),
    ("notary.signature", "Notary signature"),
    ("in-toto", "in-toto attestation"),
    ("spdx", "SBOM (SPDX)"),
    ("cyclonedx", "SBOM (CycloneDX)"),
    ("syft", "SBOM (Syft)"),
    ("docker.plugin", "Docker plugin"),
    ("compose.project", "Compose project"),
    ("opa.", "Open Policy Agent bundle"),
    ("fluxcd", "Flux artifact"),
    ("homebrew", "Homebrew bottle"),
];

/// What a media type stands for, where it is a known one.
pub fn kind_of_artifact(media_type: &str) -> Option<&'static str> {
    KINDS.iter().find(|(part, _)| media_type.contains(part)).map(|(_, what)| *what)
}

/// What a document or blob is: by its shape, then by the types of what it names.
pub(super) fn what_it_is(media_type: &str, value: &Value, says: &Value, names: &[(String, Descriptor)]) -> String {
    let of = |field: &str| {
        let of_field = names.iter().filter(|(name, _)| name.starts_with(field));
        of_field.filter_map(|(_, descriptor)| kind_of_artifact(&descriptor.media_type)).next()
    };
    let kind = document_kind(media_type);
    if kind == DocumentKind::Index || value.get("manifests").is_some_and(Value::is_array) {
        return "index".to_owned();
    }
    if kind == DocumentKind::Manifest {
        let own = value.get("artifactType").and_then(Value::as_str).and_then(kind_of_artifact);
        return own.or_else(|| of("config")).or_else(|| of("layers")).unwrap_or("manifest").to_owned();
    }
    let by_shape = if says.get("spdxVersion").is_some() {
        Some("SBOM (SPDX)")
    } else if says.get("bomFormat").is_some() {
        Some("SBOM (CycloneDX)")
    } else if says.get("predicateType").is_some() {
        Some("in-toto attestation")
    } else if value.get("rootfs").is_some() {
        Some("image config")
    } else {
        None
    };
    by_shape.or_else(|| kind_of_artifact(media_type)).unwrap_or("document").to_owned()
}
