//! docker-archives: manifest.json names a config and layer files for each image (`docker save`, `podman save`, skopeo).

use serde::Deserialize;

use super::{
    documents::{Documents, Stop},
    members::Members,
    oci,
};
use crate::{
    assemble::instructions,
    image::{Config, Digest, chain_ids, parse_json},
    limits,
    opened::{LayerSpec, OpenedImage, Place, Warning},
    problem::{Problem, ProblemKind},
    verify::{CheckKind, CheckState, check_bytes},
};

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "Config", default)]
    config: String,
    #[serde(rename = "RepoTags", default)]
    repo_tags: Option<Vec<String>>,
    #[serde(rename = "Layers", default)]
    layers: Option<Vec<String>>,
}

/// The images of manifest.json, in its order. Empty when there is none, or it is empty or null. What is wrong with one
/// of them goes to `problems`, and the image counts as absent.
pub(super) fn images(
    members: &Members,
    documents: &Documents,
    problems: &mut Vec<Problem>,
) -> Result<Vec<OpenedImage>, Stop> {
    let Some(bytes) = documents.get(members, "manifest.json", limits::MANIFEST_JSON_BYTES)? else {
        return Ok(Vec::new());
    };
    let items: Option<Vec<Item>> =
        parse_json(bytes).map_err(|e| Problem::new(ProblemKind::ArchiveInvalid, "manifest.json", e.to_string()))?;
    let mut images = Vec::new();
    for item in items.unwrap_or_default() {
        let mut image = OpenedImage::unknown(item.repo_tags.clone().unwrap_or_default());
        match fill(&mut image, &item, members, documents) {
            Err(Stop::Problem(problem)) => problems.push(problem),
            done => done?,
        }
        images.push(image);
    }
    Ok(images)
}

fn fill(image: &mut OpenedImage, item: &Item, members: &Members, documents: &Documents) -> Result<(), Stop> {
    let Some(bytes) = documents.get(members, &item.config, limits::METADATA_BYTES)? else {
        let text = match item.config.as_str() {
            "" => "manifest.json names no config".to_owned(),
            name => format!("manifest.json names the config {name}, which is not in the archive"),
        };
        image.warnings.push(Warning::image("config-absent", text));
        return Ok(());
    };
    let named = digest_of_name(&item.config);
    let (check, actual) = check_bytes(CheckKind::Config, item.config.clone(), named.clone(), None, bytes);
    let state = check.state;
    image.image_id = named.or(actual);
    image.anchor.value = image.image_id.as_ref().map(Digest::to_string).unwrap_or_default();
    image.checks.push(check);
    if state == CheckState::Mismatched {
        return Ok(());
    }
    image.documents.push(members.document(CheckKind::Config, image.image_id.clone(), &item.config, bytes));
    let config: Config =
        parse_json(bytes).map_err(|e| Problem::new(ProblemKind::ConfigInvalid, item.config.clone(), e.to_string()))?;
    image.platform = config.platform();
    let (layers, warning) = layers(item, &config, members)?;
    image.warnings.extend(warning);
    image.layers = layers;
    image.config = Some(config);
    image.absent = false;
    Ok(())
}

/// `<hex>.json` and `blobs/<algorithm>/<encoded>` name content by digest; other names do not.
fn digest_of_name(name: &str) -> Option<Digest> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let text = match name.strip_prefix("blobs/").and_then(|blob| blob.split_once('/')) {
        Some((algorithm, encoded)) => format!("{algorithm}:{encoded}"),
        None => format!("sha256:{}", name.strip_suffix(".json")?),
    };
    Digest::parse(&text).ok()
}

fn layers(item: &Item, config: &Config, members: &Members) -> Result<(Vec<LayerSpec>, Option<Warning>), Stop> {
    let mut files = item.layers.clone().unwrap_or_default();
    let diff_ids = &config.rootfs.diff_ids;
    if files.len() != diff_ids.len() {
        let detail = format!("manifest.json lists {} layers, the config has {} diffIDs", files.len(), diff_ids.len());
        return Err(Problem::new(ProblemKind::ManifestInvalid, item.config.clone(), detail).into());
    }
    let warning = reorder(&mut files, diff_ids).then(|| {
        let text = "manifest.json lists the layers in another order than the config's diffIDs: the config's counts";
        Warning::image("layers-reordered", text)
    });
    let chain = chain_ids(diff_ids);
    let made_by = instructions(config, files.len());
    let specs = files.iter().zip(diff_ids).zip(chain.into_iter().zip(made_by));
    let specs = specs
        .map(|((file, diff_id), (chain_id, created_by))| LayerSpec {
            digest: file.contains("blobs/").then(|| digest_of_name(file)).flatten(),
            size: None,
            diff_id: Some(diff_id.clone()),
            chain_id: Some(chain_id),
            media_type: None,
            created_by,
            subject: file.clone(),
            place: place(file, members),
            toc: None,
        })
        .collect();
    Ok((specs, warning))
}

/// Some versions of Docker list the layers in a wrong order (moby#47161). Where the files are named by their diffIDs,
/// the config's order is restored. True when it was another.
fn reorder(files: &mut [String], diff_ids: &[Digest]) -> bool {
    let named: Vec<Option<Digest>> = files.iter().map(|file| diff_id_of_name(file)).collect();
    if named.iter().zip(diff_ids).all(|(name, diff_id)| name.as_ref() == Some(diff_id)) {
        return false;
    }
    let mut left: Vec<(Option<Digest>, String)> = named.into_iter().zip(files.iter().cloned()).collect();
    let mut ordered = Vec::new();
    for diff_id in diff_ids {
        let Some(at) = left.iter().position(|(name, _)| name.as_ref() == Some(diff_id)) else { return false };
        ordered.push(left.swap_remove(at).1);
    }
    files.clone_from_slice(&ordered);
    true
}

/// `blobs/<algorithm>/<encoded>` of Docker's graph drivers, `<hex>.tar` of skopeo.
fn diff_id_of_name(file: &str) -> Option<Digest> {
    match file.strip_suffix(".tar") {
        Some(hex) => Digest::parse(&format!("sha256:{hex}")).ok(),
        None => digest_of_name(file),
    }
}

pub(super) fn place(file: &str, members: &Members) -> Place {
    match members.find(file) {
        Some(member) if member.truncated => Place::Missing { why: format!("the archive ends inside {file}") },
        Some(member) => Place::File { file: member.file, offset: member.offset, length: member.length },
        None => Place::Missing { why: format!("the archive does not hold {file}") },
    }
}

/// Completes an image of manifest.json with what index.json says of the same image ID: index and manifest with their
/// checks, and what the descriptors state of the layers. A disagreement is a warning; config and diffIDs are trusted.
pub(super) fn complete(known: &mut OpenedImage, other: OpenedImage, warnings: &mut Vec<Warning>) {
    known.index_digest = other.index_digest;
    known.manifest_digest = other.manifest_digest;
    known.attestations = other.attestations;
    let above = other.documents.into_iter().filter(|document| document.what < CheckKind::Config);
    known.documents.splice(0..0, above);
    let (above, config): (Vec<_>, Vec<_>) = other.checks.into_iter().partition(|check| check.what < CheckKind::Config);
    known.checks.splice(0..0, above);
    // index.json's check of the config knows its size as well.
    if let (Some(better), Some(slot)) =
        (config.into_iter().next(), known.checks.iter_mut().find(|check| check.what == CheckKind::Config))
        && better.expected == slot.expected
    {
        *slot = better;
    }
    if other.layers.len() != known.layers.len() {
        if !other.layers.is_empty() {
            warnings.push(disagreement(known, "the number of layers"));
        }
        return;
    }
    for (mine, theirs) in known.layers.iter_mut().zip(other.layers) {
        let path = theirs.digest.as_ref().map(oci::blob_path);
        if theirs.place == mine.place || path.as_deref() == Some(mine.subject.as_str()) {
            *mine = LayerSpec { place: mine.place.clone(), ..theirs };
        } else {
            warnings.push(Warning::image(
                "lists-disagree",
                format!("manifest.json and index.json name different files for the layer {}", mine.subject),
            ));
        }
    }
}

fn disagreement(image: &OpenedImage, what: &str) -> Warning {
    let name = image.names.first().map_or("an image without a name", String::as_str);
    Warning::image("lists-disagree", format!("manifest.json and index.json disagree on {what} of {name}"))
}
