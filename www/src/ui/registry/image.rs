//! The image in its registry: where its tag leads, the index with its platforms, attestations, and what else refers to
//! it.

use lagvis::{
    image::{Descriptor, Digest, is_attestation},
    protocol::{Ask, Referrer, ReferrerSource, Referrers, Sizes},
    registry::kind_of_artifact,
    text::harmless,
};
use yew::prelude::*;

use super::{
    item::failed,
    moved::status,
    names::{annotations, digest, platform_text},
    place::Place,
    state::{subject, subjects},
};
use crate::ui::{
    driver::Driver,
    format, icons,
    phase::Open,
    words::{Term, Word},
};

/// Rows that are drawn of a list.
const ROWS: usize = 500;

/// The view.
pub fn image(open: &Open, place: &Place<'_>, driver: &Driver) -> Html {
    let summary = &open.summary;
    let index = summary.index_digest.as_ref().and_then(|digest| place.told.item(digest));
    html! {
        <>
            { status(open, place) }
            if let Some(index) = index {
                { platforms(&index.names, &index.digest, place, driver) }
                { attestations(&index.names, place) }
            } else {
                <h2>{ "Platforms" }<Word term={Term::Platform} at="registry" /></h2>
                <p class="hint">{ "The reference leads to one manifest and not to an index, so there is one platform." }</p>
            }
            <h2>{ "What refers to it" }<Word term={Term::Referrer} at="registry" /></h2>
            { as_told(place) }
            { for subjects(summary).iter().map(|subject| referrers(subject, summary.index_digest.as_ref() == Some(subject), place, driver)) }
        </>
    }
}

/// Whose word it is.
pub fn as_told(place: &Place<'_>) -> Html {
    html! { <p class="hint" data-testid="as-told">{ format!("As told by {}: no hash vouches that this list is whole or right. What is opened from it is checked against its digest.", place.host()) }<Word term={Term::Registry} at="told" /></p> }
}

fn platforms(names: &[(String, Descriptor)], index: &Digest, place: &Place<'_>, driver: &Driver) -> Html {
    let listed: Vec<&Descriptor> =
        names.iter().map(|(_, named)| named).filter(|named| !is_attestation(named)).collect();
    let shown = place.open.and_then(|open| open.summary.manifest_digest.as_ref());
    let asked = listed.iter().all(|named| place.told.sizes.contains_key(&named.digest));
    let sum = {
        let (driver, all) = (driver.clone(), listed.iter().map(|named| Box::new((*named).clone())).collect::<Vec<_>>());
        Callback::from(move |_: MouseEvent| all.iter().for_each(|named| driver.ask(Ask::Sizes(named.clone()))))
    };
    let row = |named: &&Descriptor| {
        let name = named.platform.as_ref().map_or_else(|| "none is stated".to_owned(), platform_text);
        let is_shown = shown == Some(&named.digest);
        html! {
            <tr data-testid="platform-row" data-platform={name.clone()} data-digest={named.digest.to_string()}>
                <th scope="row">{ harmless(&name) }if is_shown { <small>{ " shown now" }</small> }</th>
                <td>{ digest(&named.digest, place) }</td>
                <td class="num">{ format::bytes(named.size) }</td>
                <td class="num" data-testid="platform-layers">{ size_text(place.told.sizes.get(&named.digest)) }</td>
                <td>if let Some(image) = place.image(&named.digest.to_string()).filter(|_| !is_shown) { <a class="link" href={image}>{ "Open" }</a> }</td>
            </tr>
        }
    };
    html! {
        <>
            <h2>{ "Platforms" }<Word term={Term::Platform} at="registry" /></h2>
            <p>{ "The index " }{ digest(index, place) }{ format!(" names {}.", format::plural(listed.len() as u64, "manifest")) }
                if !asked { { " " }<button class="btn" data-testid="sum-layers" onclick={sum}>{ "Sum up their layers" }</button> }
            </p>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Platforms">
                <table class="log registry-table">
                    <thead><tr><th scope="col">{ "Platform" }</th><th scope="col">{ "Manifest" }</th><th scope="col">{ "Its size" }</th><th scope="col">{ "Layers" }</th><th scope="col"><span class="sr">{ "Open" }</span></th></tr></thead>
                    <tbody>{ for listed.iter().take(ROWS).map(row) }</tbody>
                </table>
            </div>
        </>
    }
}

fn size_text(sizes: Option<&Result<Sizes, lagvis::problem::Problem>>) -> String {
    match sizes {
        None => "–".to_owned(),
        Some(Ok(sizes)) => format!("{} in {}", format::bytes(sizes.bytes), format::plural(sizes.layers, "layer")),
        Some(Err(problem)) => problem.detail.clone(),
    }
}

/// BuildKit's attestations: manifests of the index that are no images.
fn attestations(names: &[(String, Descriptor)], place: &Place<'_>) -> Html {
    let listed: Vec<&Descriptor> = names.iter().map(|(_, named)| named).filter(|named| is_attestation(named)).collect();
    if listed.is_empty() {
        return Html::default();
    }
    let platform = |of: Option<Digest>| {
        let named = names.iter().map(|(_, named)| named).find(|named| Some(&named.digest) == of.as_ref())?;
        named.platform.as_ref().map(platform_text)
    };
    let row = |named: &&Descriptor| {
        let of = platform(subject(named)).unwrap_or_else(|| "no manifest of this index".to_owned());
        let layers = place.told.item(&named.digest).map(|item| item.names.as_slice()).unwrap_or_default();
        let kinds = layers.iter().filter_map(|(_, layer)| {
            let predicate = layer.annotations.get("in-toto.io/predicate-type")?;
            Some(html! { <li>{ harmless(predicate) }{ " " }{ digest(&layer.digest, place) }</li> })
        });
        html! {
            <tr data-testid="attestation-row" data-digest={named.digest.to_string()}>
                <th scope="row">{ format!("for {}", harmless(&of)) }</th>
                <td>if layers.is_empty() { <span class="dim">{ "not read yet" }</span> }<ul class="plain">{ for kinds }</ul></td>
                <td class="num">{ format::bytes(named.size) }</td>
                <td>{ digest(&named.digest, place) }</td>
            </tr>
        }
    };
    html! {
        <>
            <h2>{ "Attestations" }<Word term={Term::Attestation} at="registry" /></h2>
            <p class="hint">{ "The index names them, so its digest vouches that these are the ones that were pushed with the image. It does not say that what they state is true." }</p>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Attestations">
                <table class="log registry-table">
                    <thead><tr><th scope="col">{ "Attestation" }</th><th scope="col">{ "What it states" }</th><th scope="col">{ "Size" }</th><th scope="col">{ "Manifest" }</th></tr></thead>
                    <tbody>{ for listed.iter().take(ROWS).map(row) }</tbody>
                </table>
            </div>
        </>
    }
}

/// What refers to a manifest.
pub fn referrers(subject: &Digest, is_index: bool, place: &Place<'_>, driver: &Driver) -> Html {
    let of = if is_index { "the index" } else { "the manifest" };
    let Some(found) = place.told.referrers.get(subject) else {
        return html! { <p role="status" class="hint">{ icons::busy() }{ format!(" Asking what refers to {of}") }</p> };
    };
    html! {
        <div data-testid="referrers" data-subject={subject.to_string()}>
            <h3>{ format!("To {of} ") }{ digest(subject, place) }</h3>
            if found.list.is_empty() && found.problem.is_none() { <p class="hint">{ "Nothing does." }</p> } else { { table(found, place) } }
            <p class="hint">{ way(found) }</p>
            if let Some(filters) = &found.filtered { <p class="hint">{ format!("The registry filtered the list, though it was not asked to ({filters}): there may be more.") }</p> }
            if let Some(problem) = &found.problem { { failed(problem, &Ask::Referrers(subject.clone()), driver) } }
        </div>
    }
}

fn way(found: &Referrers) -> &'static str {
    if found.by_api {
        "Found by the registry's referrers API, and by cosign's tags."
    } else {
        "This registry has no referrers API: they were looked for by the tags that stand in for it."
    }
}

fn table(found: &Referrers, place: &Place<'_>) -> Html {
    let row = |referrer: &Referrer| {
        html! {
            <tr data-testid="referrer-row" data-digest={referrer.digest.to_string()}>
                <th scope="row">{ kind(referrer) }{ annotations(&referrer.annotations) }</th>
                <td>{ digest(&referrer.digest, place) }</td>
                <td class="num">{ referrer.size.map_or_else(|| "–".to_owned(), format::bytes) }</td>
                <td class="mono">{ harmless(&referrer.media_type) }</td>
            </tr>
        }
    };
    html! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Referrers">
            <table class="log registry-table">
                <thead><tr><th scope="col">{ "Type" }</th><th scope="col">{ "Digest" }</th><th scope="col">{ "Size" }</th><th scope="col">{ "Media type" }</th></tr></thead>
                <tbody>{ for found.list.iter().take(ROWS).map(row) }</tbody>
            </table>
        </div>
    }
}

/// What a referrer is: by its type, else by the tag that led to it.
fn kind(referrer: &Referrer) -> Html {
    let by_tag = match referrer.source {
        ReferrerSource::CosignSignature => "cosign signature",
        ReferrerSource::CosignAttestation => "cosign attestations",
        ReferrerSource::CosignSbom => "SBOM by cosign",
        ReferrerSource::Api | ReferrerSource::Tag => "no type is stated",
    };
    match referrer.artifact_type.as_deref().filter(|kind| !kind.is_empty()) {
        Some(kind) => {
            html! { <>{ kind_of_artifact(kind).unwrap_or("artifact") }<small class="mono">{ format!(" {}", harmless(kind)) }</small></> }
        }
        None => html! { { by_tag } },
    }
}
