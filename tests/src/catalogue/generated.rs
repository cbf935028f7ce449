//! What no tool of today writes, or only with an internet beside it.

use anyhow::Result;
use lagvis_fixtures::{Packing, containerd_archive, edge, edit, multi, multi_archive, sample};
use serde_json::{Value, json};

use super::{Case, verified};
use crate::workdir::Workdir;

pub(super) fn cases(folder: &Workdir) -> Result<Vec<Case>> {
    let sample = sample();
    let docker = sample.docker_archive(Packing::Plain)?;
    let packed = sample.docker_archive(Packing::Gzip)?;
    let oci = sample.oci_archive(Packing::Gzip)?;
    let write = |name: &str, bytes: Vec<u8>| folder.write(&format!("{}.tar", name.replace([' ', ','], "-")), bytes);
    let mut cases = Vec::new();
    for (name, bytes, kind) in [
        ("docker 25, graph driver", docker.clone(), "docker-archive"),
        ("docker 24, repeated layer as a link", sample.docker_archive_old()?, "docker-archive"),
        ("docker-archive with gzip layers", packed, "docker-archive"),
        ("docker-archive with zstd layers", sample.docker_archive(Packing::Zstd)?, "docker-archive"),
        ("OCI archive, gzip of many members", sample.oci_archive(Packing::GzipMembers)?, "oci-archive"),
        ("OCI archive, zstd of many frames", sample.oci_archive(Packing::Zstd)?, "oci-archive"),
        ("hostile names and odd entries", edge().docker_archive(Packing::Plain)?, "docker-archive"),
    ] {
        cases.push(verified(name, write(name, bytes)?, kind));
    }
    let mut add = |name: &'static str, bytes: Vec<u8>, kind, exit, verdicts, says| -> Result<()> {
        cases.push(Case { name, path: write(name, bytes)?, kind, exit, verdicts, says });
        Ok(())
    };
    let all: &[&str] = &["verified", "verified", "verified"];
    add("OCI archive of three platforms", multi_archive(&multi(), Packing::Gzip)?, "oci-archive", 0, all, &[])?;
    let present: &[&str] = &["verified", "absent", "absent"];
    add("containerd store, two platforms absent", containerd_archive()?, "docker-archive", 0, present, &[])?;
    let legacy = sample.docker_archive_legacy()?;
    add("v1 legacy", legacy, "docker-legacy", 1, &["unverifiable"], &["docker-legacy"])?;

    let listed = |change: fn(&mut Value)| {
        edit(&docker, |name, bytes| match name {
            "manifest.json" => {
                let mut list: Value = serde_json::from_slice(&bytes).ok()?;
                change(&mut list);
                serde_json::to_vec(&list).ok()
            }
            _ => Some(bytes),
        })
    };
    let bytes = listed(|list| {
        if let Some(layers) = list[0]["Layers"].as_array_mut() {
            layers.reverse();
        }
    })?;
    add("layers in the wrong order", bytes, "docker-archive", 0, &["verified"], &["layers-reordered"])?;
    let bytes = listed(|list| list[0]["RepoTags"] = json!(null))?;
    add("no names", bytes, "docker-archive", 0, &["verified"], &[])?;
    let bytes = listed(|list| *list = json!(null))?;
    add("manifest.json is null", bytes, "oci-archive", 0, &["verified"], &[])?;
    let bytes = edit(&docker, |name, bytes| match name {
        "index.json" => Some(br#"{"schemaVersion":2,"manifests":null}"#.to_vec()),
        _ => Some(bytes),
    })?;
    add("index.json lists null", bytes, "docker-archive", 0, &["verified"], &[])?;
    let bytes = listed(|list| {
        let Some(mut second) = list.get(0).cloned() else { return };
        second["Layers"] = json!([]);
        if let Some(list) = list.as_array_mut() {
            list.push(second);
        }
    })?;
    let says = &["manifest-invalid"];
    add("one image of two without layers", bytes, "docker-archive", 0, &["verified", "absent"], says)?;

    let largest = largest_blob(&oci)?;
    let without = edit(&oci, |name, bytes| (name != largest).then_some(bytes))?;
    add("a layer's blob is absent", without, "oci-archive", 1, &["unverifiable"], &["layer-absent"])?;
    Ok(cases)
}

/// The name of the largest member: a layer.
fn largest_blob(archive: &[u8]) -> Result<String> {
    let mut largest = (0, String::new());
    edit(archive, |name, bytes| {
        if bytes.len() > largest.0 {
            largest = (bytes.len(), name.to_owned());
        }
        Some(bytes)
    })?;
    Ok(largest.1)
}
