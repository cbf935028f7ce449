//! What a document names, as a table: field, media type, size, digest.

use std::collections::BTreeMap;

use lagvis::{
    image::{Descriptor, Digest, DocumentKind, Platform, document_kind, is_attestation},
    registry::kind_of_artifact,
    text::harmless,
};
use yew::prelude::*;

use super::place::Place;
use crate::ui::{address::href, copy::Copy, format};

/// Rows that are drawn: an index may name thousands.
const ROWS: usize = 500;
/// Annotations that are drawn of one thing.
const ANNOTATIONS: usize = 50;

/// The table.
pub fn names(list: &[(String, Descriptor)], place: &Place<'_>) -> Html {
    if list.is_empty() {
        return Html::default();
    }
    let row = |(field, named): &(String, Descriptor)| {
        let what = named.artifact_type.as_deref().filter(|kind| !kind.is_empty());
        let words = what.and_then(kind_of_artifact).or_else(|| kind_of_artifact(&named.media_type));
        let is_image =
            document_kind(&named.media_type) == DocumentKind::Manifest && !is_attestation(named) && what.is_none();
        let image = place.image(&named.digest.to_string()).filter(|_| is_image && field.starts_with("manifests"));
        html! {
            <tr data-testid="item-name" data-field={field.clone()} data-digest={named.digest.to_string()}>
                <th scope="row" class="mono">{ field }</th>
                <td>
                    <span class="mono">{ harmless(&named.media_type) }</span>
                    if let Some(what) = what { <span class="dim mono">{ format!(" {}", harmless(what)) }</span> }
                    if let Some(words) = words { <small>{ format!(" {words}") }</small> }
                    if let Some(platform) = &named.platform { <b class="of-platform">{ harmless(&platform_text(platform)) }</b> }
                    { annotations(&named.annotations) }
                </td>
                <td class="num" title={format!("{} bytes", format::count(named.size))}>{ format::bytes(named.size) }</td>
                <td>{ digest(&named.digest, place) }
                    if let Some(image) = image { <a class="link" href={image}>{ "Open the image" }</a> }
                </td>
            </tr>
        }
    };
    html! {
        <>
            <h3>{ "What it names" }</h3>
            <div class="scroll-x" tabindex="0" role="region" aria-label="What it names">
                <table class="log registry-table">
                    <thead><tr><th scope="col">{ "Field" }</th><th scope="col">{ "Media type" }</th><th scope="col">{ "Size" }</th><th scope="col">{ "Digest" }</th></tr></thead>
                    <tbody>{ for list.iter().take(ROWS).map(row) }</tbody>
                </table>
            </div>
            if list.len() > ROWS { <p class="hint">{ format!("{} more are not drawn; the document has them.", format::count((list.len() - ROWS) as u64)) }</p> }
        </>
    }
}

/// A platform, with its version where it has one.
pub fn platform_text(platform: &Platform) -> String {
    match platform.os_version.as_deref() {
        Some(version) if !version.is_empty() => format!("{platform} {version}"),
        _ => platform.to_string(),
    }
}

/// A digest, a link where it names what can be read.
pub fn digest(digest: &Digest, place: &Place<'_>) -> Html {
    let text = digest.to_string();
    let short: String = text.chars().take("sha256:".len() + 12).collect();
    let shown = match place.named(digest) {
        Some((link, what)) => {
            html! { <a class="link mono" href={href(&link)} title={format!("{what}: {text}")} data-testid="digest-link">{ short }</a> }
        }
        None => html! { <span class="mono" title={text.clone()}>{ short }</span> },
    };
    html! { <span class="digest">{ shown }<Copy value={text} what="digest" /></span> }
}

/// Annotations as a list.
pub fn annotations(list: &BTreeMap<String, String>) -> Html {
    if list.is_empty() {
        return Html::default();
    }
    let line = |(name, value): (&String, &String)| {
        let short: String = value.chars().take(300).collect();
        html! { <><dt class="mono">{ harmless(name) }</dt><dd>{ harmless(&short) }</dd></> }
    };
    html! { <dl class="facts annotations">{ for list.iter().take(ANNOTATIONS).map(line) }</dl> }
}
