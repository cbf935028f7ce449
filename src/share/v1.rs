//! Version 1: `v=1&ref=…&image=…&platform=…&layer=…&only=1&path=…&tab=…&part=…&filter=…&sort=…`.

use super::{LayerChoice, Link, Part, Tab, bad, escape};
use crate::{
    image::{Digest, Platform},
    problem::Problem,
    protocol::{Sort, SortBy},
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
    if link.changes_only {
        put("only", "1");
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
    if !link.filter.is_empty() {
        put("filter", &link.filter);
    }
    if link.sort != Sort::default() {
        put("sort", &format!("{}{}", if link.sort.descending { "-" } else { "" }, sort_name(link.sort.by)));
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
            "only" => set(&mut link.changes_only, (value == "1").then_some(true)),
            "path" => set(&mut link.path, non_empty(value).map(Some)),
            "tab" => set(&mut link.tab, Tab::ALL.into_iter().find(|tab| tab.name() == value)),
            "part" => set(&mut link.part, Part::ALL.into_iter().find(|part| part.name() == value)),
            "filter" => set(&mut link.filter, Some(value.to_owned())),
            "sort" => set(&mut link.sort, sort(value)),
            // A later field of the same version: unknown here, and no harm.
            _ => true,
        };
        if !read {
            problems.push(bad(name, "its value cannot be read"));
        }
    }
    link
}

fn set<T>(field: &mut T, value: Option<T>) -> bool {
    value.map(|value| *field = value).is_some()
}

fn non_empty(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn layers(value: &str) -> Option<LayerChoice> {
    let Some((from, to)) = value.split_once("..") else { return value.parse().ok().map(LayerChoice::One) };
    let end = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let (from, to) = (end(from)?, end(to)?);
    (from.is_some() || to.is_some()).then_some(LayerChoice::Range { from, to })
}

fn sort(value: &str) -> Option<Sort> {
    let (name, descending) = value.strip_prefix('-').map_or((value, false), |name| (name, true));
    let by = [SortBy::Name, SortBy::Size, SortBy::Time, SortBy::Layer].into_iter().find(|by| sort_name(*by) == name)?;
    Some(Sort { by, descending })
}

fn sort_name(by: SortBy) -> &'static str {
    match by {
        SortBy::Name => "name",
        SortBy::Size => "size",
        SortBy::Time => "time",
        SortBy::Layer => "layer",
    }
}
