//! Archives from before manifest.json (Docker's image spec v1): `repositories` names image ids, `<id>/json` describes
//! each layer and names its parent, `<id>/layer.tar` is its content. An id is no hash of anything, so nothing of such
//! an archive can be verified.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    docker,
    documents::{Documents, Stop},
    members::Members,
};
use crate::{
    image::{Config, ContainerConfig, HistoryStep, parse_json},
    limits,
    opened::{LayerSpec, OpenedImage, Warning},
    problem::{Problem, ProblemKind},
};

/// `<id>/json`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Description {
    parent: Option<String>,
    created: Option<String>,
    author: Option<String>,
    comment: Option<String>,
    container_config: Option<ContainerConfig>,
    config: Option<ContainerConfig>,
    os: Option<String>,
    architecture: Option<String>,
}

/// The images of the archive: those that `repositories` names, else every id that is no other's parent.
pub(super) fn images(members: &Members, documents: &Documents) -> Result<Vec<OpenedImage>, Stop> {
    let ids: BTreeSet<&str> = members.names().filter_map(id_of).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut described = BTreeMap::new();
    for id in &ids {
        described.insert(*id, describe(id, members, documents)?);
    }
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if let Some(bytes) = documents.get(members, "repositories", limits::METADATA_BYTES)? {
        let listed: Option<BTreeMap<String, BTreeMap<String, String>>> =
            parse_json(bytes).map_err(|e| Problem::new(ProblemKind::ArchiveInvalid, "repositories", e.to_string()))?;
        for (name, tags) in listed.unwrap_or_default() {
            for (tag, id) in tags {
                names.entry(id).or_default().push(format!("{name}:{tag}"));
            }
        }
    }
    if names.is_empty() {
        let parents: BTreeSet<&str> = described.values().filter_map(|d| d.parent.as_deref()).collect();
        names.extend(ids.iter().filter(|id| !parents.contains(*id)).map(|id| ((*id).to_owned(), Vec::new())));
    }
    Ok(names.into_iter().map(|(id, names)| image(&id, names, &described, members)).collect())
}

/// `<id>/json` and `<id>/layer.tar` are of an image of this kind.
fn id_of(name: &str) -> Option<&str> {
    let (id, file) = name.split_once('/')?;
    let is_id = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    (is_id && matches!(file, "json" | "layer.tar")).then_some(id)
}

fn describe(id: &str, members: &Members, documents: &Documents) -> Result<Description, Stop> {
    let name = format!("{id}/json");
    let Some(bytes) = documents.get(members, &name, limits::METADATA_BYTES)? else { return Ok(Description::default()) };
    Ok(parse_json(bytes).map_err(|e| Problem::new(ProblemKind::ConfigInvalid, name, e.to_string()))?)
}

fn image(id: &str, names: Vec<String>, described: &BTreeMap<&str, Description>, members: &Members) -> OpenedImage {
    let (chain, complete) = chain(id, described);
    let mut image = OpenedImage::unknown(names);
    image.unverifiable = true;
    image.absent = chain.is_empty();
    image.warnings.push(Warning::image(
        "docker-legacy",
        "the archive is from before manifest.json: it states no digest of any layer, so nothing of it can be verified",
    ));
    if !complete {
        let text = "the chain of parents does not come to an end in this archive: the lowest layers are missing";
        image.warnings.push(Warning::image("layers-missing", text));
    }
    let mut config = Config::default();
    for (id, description) in chain.iter().rev() {
        let made_by = instruction(description);
        config.history.push(HistoryStep {
            created: description.created.clone(),
            created_by: made_by.clone().unwrap_or_default(),
            comment: description.comment.clone().unwrap_or_default(),
            empty_layer: false,
        });
        image.layers.push(layer(id, made_by, members));
    }
    if let Some((_, top)) = chain.first() {
        config.created.clone_from(&top.created);
        config.author.clone_from(&top.author);
        config.os = top.os.clone().unwrap_or_default();
        config.architecture = top.architecture.clone().unwrap_or_default();
        config.config = top.config.clone().unwrap_or_default();
        image.platform = config.platform();
        image.config = Some(config);
    }
    image
}

/// The descriptions from the top down, and whether the lowest has no parent.
fn chain<'a>(id: &str, described: &'a BTreeMap<&str, Description>) -> (Vec<(&'a str, &'a Description)>, bool) {
    let mut chain: Vec<(&str, &Description)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = Some(id);
    while let Some(id) = next {
        let Some((id, description)) = described.get_key_value(id) else { return (chain, false) };
        if !seen.insert(*id) || chain.len() >= limits::LAYERS {
            return (chain, false);
        }
        chain.push((id, description));
        next = description.parent.as_deref().filter(|parent| !parent.is_empty());
    }
    (chain, true)
}

fn instruction(description: &Description) -> Option<String> {
    let command = &description.container_config.as_ref()?.cmd;
    (!command.is_empty()).then(|| command.join(" "))
}

fn layer(id: &str, created_by: Option<String>, members: &Members) -> LayerSpec {
    let subject = format!("{id}/layer.tar");
    let place = docker::place(&subject, members);
    LayerSpec { created_by, ..LayerSpec::bare(subject, place) }
}
