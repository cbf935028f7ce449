//! Version 1: `v=1&ref=…&image=…&platform=…&layer=…&only=1|alone&path=…&tab=…&part=…&filter=…&kind=…&sort=…&depth=…
//! &folder=…&colour=change&base=…&repo=…&tags=…&item=…&with=…`, and the fields of [`super::filter`].

use super::{LayerChoice, Link, Part, Tab, bad, escape, filter};
use crate::{
    image::{Digest, Platform, is_tag},
    pattern::Pattern,
    problem::Problem,
    protocol::{PatternKind, Search, Show, Sort, SortBy},
};

pub(super) fn encode(link: &Link) -> String {
    let mut out = String::new();
    let mut put = |name: &str, value: &str| {
        out.push_str(if out.is_empty() { "v=1&" } else { "&" });
        out.push_str(name);
        out.push('=');
        escape::encode(value, &mut out);
    };
    if let Some(reference) = &link.reference {
        put("ref", reference);
    }
    if let Some(image) = &link.image {
        put("image", &image.to_string());
    }
    if let Some(platform) = &link.platform {
        put("platform", &platform.to_string());
    }
    let number = |layer: Option<u32>| layer.map(|layer| layer.to_string()).unwrap_or_default();
    match link.layer {
        LayerChoice::All | LayerChoice::Range { from: None, to: None } => {}
        LayerChoice::One(layer) => put("layer", &layer.to_string()),
        LayerChoice::Range { from, to } => put("layer", &format!("{}..{}", number(from), number(to))),
    }
    match link.show {
        Show::All => {}
        Show::Changes => put("only", "1"),
        Show::Alone => put("only", "alone"),
    }
    if let Some(path) = &link.path {
        put("path", path);
    }
    if link.tab != Tab::default() {
        put("tab", link.tab.name());
    }
    if link.part != Part::default() {
        put("part", link.part.name());
    }
    if !link.search.text.is_empty() {
        put("filter", &link.search.text);
    }
    if link.search.kind != PatternKind::default() {
        put("kind", link.search.kind.name());
    }
    filter::encode(&link.filter, &mut put);
    if link.sort != Sort::default() {
        put("sort", &format!("{}{}", if link.sort.descending { "-" } else { "" }, link.sort.by.name()));
    }
    match link.depth {
        0 => {}
        u32::MAX => put("depth", "all"),
        depth => put("depth", &depth.to_string()),
    }
    let space = &link.space;
    if !space.folder.is_empty() {
        put("folder", &space.folder);
    }
    if space.by_change {
        put("colour", "change");
    }
    if space.base > 0 {
        put("base", &space.base.to_string());
    }
    if let Some(repository) = &link.repository {
        put("repo", repository);
    }
    let registry = &link.registry;
    if !registry.tags.is_empty() {
        put("tags", &registry.tags);
    }
    if let Some(item) = &registry.item {
        put("item", &item.to_string());
    }
    if let Some(with) = &registry.with {
        put("with", with);
    }
    out
}

pub(super) fn decode(fields: &[(&str, String)], problems: &mut Vec<Problem>) -> Link {
    let mut link = Link::default();
    for (name, value) in fields {
        let value = value.as_str();
        let read = match *name {
            "ref" => set(&mut link.reference, non_empty(value).map(Some)),
            "image" => set(&mut link.image, Digest::parse(value).ok().map(Some)),
            "platform" => set(&mut link.platform, Platform::parse(value).ok().map(Some)),
            "layer" => set(&mut link.layer, layers(value)),
            "only" => set(&mut link.show, show(value)),
            "path" => set(&mut link.path, non_empty(value).map(Some)),
            "tab" => set(&mut link.tab, Tab::ALL.into_iter().find(|tab| tab.name() == value)),
            "part" => set(&mut link.part, Part::ALL.into_iter().find(|part| part.name() == value)),
            "filter" => set(&mut link.search.text, Some(value.to_owned())),
            "kind" => set(&mut link.search.kind, PatternKind::ALL.into_iter().find(|kind| kind.name() == value)),
            "depth" => set(&mut link.depth, if value == "all" { Some(u32::MAX) } else { value.parse().ok() }),
            "folder" => set(&mut link.space.folder, Some(value.to_owned())),
            "colour" => set(&mut link.space.by_change, (value == "change").then_some(true)),
            "base" => set(&mut link.space.base, value.parse().ok()),
            "repo" => set(&mut link.repository, non_empty(value).map(Some)),
            "tags" => set(&mut link.registry.tags, Some(value.to_owned())),
            "item" => set(&mut link.registry.item, Digest::parse(value).ok().map(Some)),
            "with" => set(&mut link.registry.with, tag_or_digest(value).map(Some)),
            "sort" => set(&mut link.sort, sort(value)),
            name if filter::FIELDS.contains(&name) => filter::decode(&mut link.filter, name, value),
            // A later field of the same version: unknown here, and no harm.
            _ => true,
        };
        if !read {
            problems.push(bad(name, "its value cannot be read"));
        }
    }
    if let Err(error) = Pattern::parse(link.search.kind, &link.search.text) {
        problems.push(bad("filter", &error.to_string()));
        link.search = Search::default();
    }
    link
}

fn set<T>(field: &mut T, value: Option<T>) -> bool {
    value.map(|value| *field = value).is_some()
}

fn non_empty(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn tag_or_digest(value: &str) -> Option<String> {
    (is_tag(value) || Digest::parse(value).is_ok()).then(|| value.to_owned())
}

fn layers(value: &str) -> Option<LayerChoice> {
    let Some((from, to)) = value.split_once("..") else { return value.parse().ok().map(LayerChoice::One) };
    let end = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let (from, to) = (end(from)?, end(to)?);
    (from.is_some() || to.is_some()).then_some(LayerChoice::Range { from, to })
}

fn sort(value: &str) -> Option<Sort> {
    let (name, descending) = value.strip_prefix('-').map_or((value, false), |name| (name, true));
    let by = SortBy::ALL.into_iter().find(|by| by.name() == name)?;
    Some(Sort { by, descending })
}

fn show(value: &str) -> Option<Show> {
    match value {
        "1" => Some(Show::Changes),
        "alone" => Some(Show::Alone),
        _ => None,
    }
}
