//! Version 1: `v=1&ref=…&image=…&platform=…&layer=…&only=1|alone&path=…&tab=…&part=…&filter=…&kind=…&sort=…&depth=…
//! &turned=…&panel=…&pane=…&folder=…&colour=change&base=…&contents=…&in=…&repo=…&tags=…&item=…&with=…`, and the fields of
//! [`super::filter`] and [`super::file`].

use super::{LayerChoice, Link, Look, Pane, Panel, Part, Tab, bad, escape, file, filter};
use crate::{
    image::{Digest, Platform, is_tag},
    pattern::Pattern,
    problem::Problem,
    protocol::{PatternKind, Search, SearchSpec, Show, Sort, SortBy},
};

/// What separates folders: no path has an empty component.
const BETWEEN: &str = "//";

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
    if let Some(repository) = &link.repository {
        put("repo", repository);
    }
    places(&link.look, &mut put);
    tree(&link.look, &mut put);
    views(&link.look, &mut put);
    out
}

/// What is looked at: layers, path, tab.
fn places(look: &Look, put: &mut impl FnMut(&str, &str)) {
    let number = |layer: Option<u32>| layer.map(|layer| layer.to_string()).unwrap_or_default();
    match look.layer {
        LayerChoice::All | LayerChoice::Range { from: None, to: None } => {}
        LayerChoice::One(layer) => put("layer", &layer.to_string()),
        LayerChoice::Range { from, to } => put("layer", &format!("{}..{}", number(from), number(to))),
    }
    match look.show {
        Show::All => {}
        Show::Changes => put("only", "1"),
        Show::Alone => put("only", "alone"),
    }
    if let Some(path) = &look.path {
        put("path", path);
    }
    file::encode(&look.file, put);
    match look.panel {
        None => {}
        Some(Panel::Image) => put("panel", "image"),
        Some(Panel::Entry) => put("panel", "entry"),
        Some(Panel::Layer(layer)) => put("panel", &layer.to_string()),
    }
    if look.pane != Pane::default() {
        put("pane", look.pane.name());
    }
    if look.tab != Tab::default() {
        put("tab", look.tab.name());
    }
    if look.part != Part::default() {
        put("part", look.part.name());
    }
}

/// How the tree is listed.
fn tree(look: &Look, put: &mut impl FnMut(&str, &str)) {
    if !look.search.text.is_empty() {
        put("filter", &look.search.text);
    }
    if look.search.kind != PatternKind::default() {
        put("kind", look.search.kind.name());
    }
    filter::encode(&look.filter, put);
    if look.sort != Sort::default() {
        put("sort", &format!("{}{}", if look.sort.descending { "-" } else { "" }, look.sort.by.name()));
    }
    match look.depth {
        0 => {}
        u32::MAX => put("depth", "all"),
        depth => put("depth", &depth.to_string()),
    }
    if !look.turned.is_empty() {
        put("turned", &look.turned.join(BETWEEN));
    }
}

/// What the other views show.
fn views(look: &Look, put: &mut impl FnMut(&str, &str)) {
    let space = &look.space;
    if !space.folder.is_empty() {
        put("folder", &space.folder);
    }
    if space.by_change {
        put("colour", "change");
    }
    if space.base > 0 {
        put("base", &space.base.to_string());
    }
    let contents = &look.contents;
    if !contents.text.is_empty() {
        put("contents", &contents.text);
    }
    let ways: Vec<_> = ways_of(contents).into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
    if !ways.is_empty() {
        put("in", &ways.join(","));
    }
    let registry = &look.registry;
    if !registry.tags.is_empty() {
        put("tags", &registry.tags);
    }
    if let Some(item) = &registry.item {
        put("item", &item.to_string());
    }
    if let Some(with) = &registry.with {
        put("with", with);
    }
}

fn ways_of(contents: &SearchSpec) -> [(&'static str, bool); 3] {
    [("hex", contents.hex), ("any-case", contents.any_case), ("every-layer", contents.every_layer)]
}

pub(super) fn decode(fields: &[(&str, String)], problems: &mut Vec<Problem>) -> Link {
    let mut link = Link::default();
    for (name, value) in fields {
        let value = value.as_str();
        let look = &mut link.look;
        let read = match *name {
            "ref" => set(&mut link.reference, non_empty(value).map(Some)),
            "image" => set(&mut link.image, Digest::parse(value).ok().map(Some)),
            "platform" => set(&mut link.platform, Platform::parse(value).ok().map(Some)),
            "repo" => set(&mut link.repository, non_empty(value).map(Some)),
            "layer" => set(&mut look.layer, layers(value)),
            "only" => set(&mut look.show, show(value)),
            "path" => set(&mut look.path, non_empty(value).map(Some)),
            "panel" => set(&mut look.panel, panel(value).map(Some)),
            "pane" => set(&mut look.pane, Pane::ALL.into_iter().find(|pane| pane.name() == value)),
            "tab" => set(&mut look.tab, Tab::ALL.into_iter().find(|tab| tab.name() == value)),
            "part" => set(&mut look.part, Part::ALL.into_iter().find(|part| part.name() == value)),
            "filter" => set(&mut look.search.text, Some(value.to_owned())),
            "kind" => set(&mut look.search.kind, PatternKind::ALL.into_iter().find(|kind| kind.name() == value)),
            "sort" => set(&mut look.sort, sort(value)),
            "depth" => set(&mut look.depth, if value == "all" { Some(u32::MAX) } else { value.parse().ok() }),
            "turned" => set(&mut look.turned, folders(value)),
            "folder" => set(&mut look.space.folder, Some(value.to_owned())),
            "colour" => set(&mut look.space.by_change, (value == "change").then_some(true)),
            "base" => set(&mut look.space.base, value.parse().ok()),
            "contents" => set(&mut look.contents.text, Some(value.to_owned())),
            "in" => ways(&mut look.contents, value),
            "tags" => set(&mut look.registry.tags, Some(value.to_owned())),
            "item" => set(&mut look.registry.item, Digest::parse(value).ok().map(Some)),
            "with" => set(&mut look.registry.with, tag_or_digest(value).map(Some)),
            name if filter::FIELDS.contains(&name) => filter::decode(&mut look.filter, name, value),
            name if file::FIELDS.contains(&name) => file::decode(&mut look.file, name, value),
            // A later field of the same version: unknown here, and no harm.
            _ => true,
        };
        if !read {
            problems.push(bad(name, "its value cannot be read"));
        }
    }
    let search = &mut link.look.search;
    if let Err(error) = Pattern::parse(search.kind, &search.text) {
        problems.push(bad("filter", &error.to_string()));
        *search = Search::default();
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

fn panel(value: &str) -> Option<Panel> {
    match value {
        "image" => Some(Panel::Image),
        "entry" => Some(Panel::Entry),
        layer => layer.parse().ok().map(Panel::Layer),
    }
}

fn folders(value: &str) -> Option<Vec<String>> {
    value.split(BETWEEN).map(non_empty).collect()
}

/// Ways of the search in contents; false when one is not known.
fn ways(contents: &mut SearchSpec, value: &str) -> bool {
    value.split(',').all(|way| match way {
        "hex" => set(&mut contents.hex, Some(true)),
        "any-case" => set(&mut contents.any_case, Some(true)),
        "every-layer" => set(&mut contents.every_layer, Some(true)),
        _ => false,
    })
}
