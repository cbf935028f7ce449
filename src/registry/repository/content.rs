//! What a verified document or blob is, what it names, and what it says.

use std::collections::BTreeMap;

use serde_json::Value;

use super::words::what_it_is;
use crate::{
    codec::base64,
    image::{Descriptor, Digest, display_name},
    limits,
    protocol::{Item, Payload},
};

/// Digests of what a statement speaks of, that are listed.
const SUBJECTS: usize = 50;
/// Characters of a fact.
const FACT: usize = 300;

/// Describes verified bytes. `label` is the media type by which they are named.
pub fn item_of(digest: Digest, label: &str, is_manifest: bool, bytes: &[u8]) -> Item {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).map(str::to_owned);
    let value: Value = text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let label = label.split(';').next().unwrap_or_default().trim();
    // Only of a manifest it is the document's own word that counts; a blob may hold anything.
    let own = value.get("mediaType").and_then(Value::as_str).filter(|_| is_manifest);
    let media_type = own.unwrap_or(label).to_owned();
    let names = if is_manifest { named(&value) } else { Vec::new() };
    let payload = payload(&value);
    let inner = payload.as_ref().and_then(|payload| serde_json::from_str(&payload.text).ok());
    let says: &Value = inner.as_ref().unwrap_or(&value);
    Item {
        digest,
        what: what_it_is(&media_type, &value, says, &names),
        facts: facts(says),
        annotations: if is_manifest { annotations(&value) } else { BTreeMap::new() },
        subjects: subjects(says),
        media_type,
        is_manifest,
        size: bytes.len() as u64,
        names,
        text,
        payload,
    }
}

/// What an index or manifest names, with the field that does.
fn named(value: &Value) -> Vec<(String, Descriptor)> {
    let mut all = Vec::new();
    let mut add = |field: String, value: &Value| {
        if let Ok(descriptor) = serde_json::from_value(value.clone()) {
            all.push((field, descriptor));
        }
    };
    for field in ["config", "subject"] {
        if let Some(value) = value.get(field) {
            add(field.to_owned(), value);
        }
    }
    for field in ["manifests", "layers", "blobs"] {
        let list = value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, value) in list.iter().take(limits::INDEX_CHILDREN).enumerate() {
            add(format!("{field}[{index}]"), value);
        }
    }
    all
}

fn annotations(value: &Value) -> BTreeMap<String, String> {
    value.get("annotations").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}

/// The payload of a DSSE envelope, which may stand in a Sigstore bundle.
fn payload(value: &Value) -> Option<Payload> {
    let envelope = value.get("dsseEnvelope").unwrap_or(value);
    let kind = envelope.get("payloadType")?.as_str()?;
    let bytes = base64(envelope.get("payload")?.as_str()?.as_bytes())?;
    let signatures = envelope.get("signatures").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    Some(Payload { kind: kind.to_owned(), signatures, text: String::from_utf8(bytes).ok()? })
}

/// What a statement, an SBOM or a chart says of itself.
fn facts(value: &Value) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, text: &str| {
        let text: String = text.chars().take(FACT).collect();
        facts.push((name.to_owned(), display_name(text.as_bytes())));
    };
    let at = |path: &str| value.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let count = |path: &str| value.pointer(path).and_then(Value::as_array).map(Vec::len);
    for (name, path) in [
        ("Artifact type", "/artifactType"),
        ("Statement", "/_type"),
        ("Predicate", "/predicateType"),
        ("Builder", "/predicate/builder/id"),
        ("Builder", "/predicate/runDetails/builder/id"),
        ("Build type", "/predicate/buildType"),
        ("Build type", "/predicate/buildDefinition/buildType"),
        ("Signed for", "/critical/identity/docker-reference"),
        ("Signs the manifest", "/critical/image/docker-manifest-digest"),
    ] {
        if let Some(text) = at(path) {
            add(name, text);
        }
    }
    // An SBOM stands alone, or is what a statement says.
    for base in ["", "/predicate"] {
        if let Some(version) = at(&format!("{base}/spdxVersion")) {
            add("SBOM", &format!("SPDX, {version}"));
            add("Packages", &count(&format!("{base}/packages")).unwrap_or_default().to_string());
        }
        if at(&format!("{base}/bomFormat")) == Some("CycloneDX") {
            add("SBOM", &format!("CycloneDX {}", at(&format!("{base}/specVersion")).unwrap_or_default()));
            add("Components", &count(&format!("{base}/components")).unwrap_or_default().to_string());
        }
    }
    // A chart's config is its Chart.yaml.
    if let (Some(name), Some(version), Some(_)) = (at("/name"), at("/version"), at("/apiVersion")) {
        add("Chart", &format!("{name} {version}"));
        at("/appVersion").inspect(|version| add("Application", version));
        at("/description").inspect(|text| add("Description", text));
    }
    facts
}

/// The subjects of an in-toto statement, by their digests.
fn subjects(value: &Value) -> Vec<Digest> {
    let mut all = Vec::new();
    let list = value.get("subject").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for subject in list {
        let digests = subject.get("digest").and_then(Value::as_object).into_iter().flatten();
        for (algorithm, hex) in digests {
            let digest = Digest::parse(&format!("{algorithm}:{}", hex.as_str().unwrap_or_default()));
            if let Some(digest) =
                digest.ok().filter(|digest| digest.hasher().is_some() && !all.contains(digest) && all.len() < SUBJECTS)
            {
                all.push(digest);
            }
        }
    }
    all
}
