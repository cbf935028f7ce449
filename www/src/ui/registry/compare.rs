//! The image beside another of its repository, layer by layer, and what differs in their configs.

use lagvis::{
    protocol::{Ask, Changed, Fate, ImageDifference, ImageFacts, LayerPair, LayerSide},
    text::harmless,
};
use yew::prelude::*;

use super::{
    item::failed,
    names::{digest, platform_text},
    place::{Place, image_href, opens},
    state::pair,
};
use crate::ui::{driver::Driver, format, icons, layers::instruction, phase::Open};

/// The comparison that the address asks for.
pub fn compare(open: &Open, place: &Place<'_>, driver: &Driver) -> Html {
    let Some(pair) = place.look.registry.with.as_ref().and_then(|with| pair(open, with)) else {
        return html! { <p class="hint">{ "Choose a tag to compare with under Tags." }</p> };
    };
    let known = place.told.compared.as_ref().filter(|(of, _)| *of == pair).map(|(_, outcome)| outcome.as_ref());
    match known {
        None => {
            html! { <p role="status" class="hint">{ icons::busy() }{ format!(" Reading the manifests of {}", pair.new) }</p> }
        }
        Some(Err(problem)) => failed(problem, &Ask::Compare(pair.clone()), driver),
        Some(Ok(difference)) => body(difference, &pair.new, place, driver),
    }
}

fn body(difference: &ImageDifference, with: &str, place: &Place<'_>, driver: &Driver) -> Html {
    let shared = difference.layers.iter().filter(|pair| matches!(pair.fate, Fate::Shared | Fate::Repacked)).count();
    let fetched: u64 = difference
        .layers
        .iter()
        .filter(|pair| pair.fate != Fate::Shared)
        .filter_map(|pair| Some(pair.new.as_ref()?.size))
        .sum();
    let same = difference.old.manifest == difference.new.manifest;
    html! {
        <div class="prose" data-testid="comparison">
            <h2>{ "What you see, compared with " }<span class="mono">{ with }</span></h2>
            <p class="ok">{ "✓ Both manifests and configs match their digests." }</p>
            <div class="scroll-x" tabindex="0" role="region" aria-label="The two images">
                <table class="log registry-table">
                    <thead><tr><th scope="col"><span class="sr">{ "Fact" }</span></th><th scope="col">{ "What you see" }</th><th scope="col">{ with }</th></tr></thead>
                    <tbody>{ facts(&difference.old, &difference.new, place) }</tbody>
                </table>
            </div>
            if let Some(other) = place.reference(with) {
                <p><a class="btn" href={image_href(&other)} onclick={opens(other, driver)} data-testid="open-other">{ "Open the other one" }</a></p>
            }
            if same {
                <p data-testid="compare-sum">{ "They are the same image: one manifest." }</p>
            } else {
                <p data-testid="compare-sum">{ format!("{shared} of {} are in both; {} of its layers are not in what you see.", format::plural(difference.layers.len() as u64, "layer"), format::bytes(fetched)) }</p>
                { layers(&difference.layers) }
                { config(&difference.config, difference.more) }
            }
        </div>
    }
}

fn facts(old: &ImageFacts, new: &ImageFacts, place: &Place<'_>) -> Html {
    let named =
        |value: &Option<lagvis::image::Digest>| value.as_ref().map(|value| digest(value, place)).unwrap_or_default();
    let row = |name: &'static str, old: Html, new: Html| html! { <tr><th scope="row">{ name }</th><td>{ old }</td><td>{ new }</td></tr> };
    let text = |value: String| html! { { harmless(&value) } };
    let created = |facts: &ImageFacts| text(facts.created.as_deref().map(format::created).unwrap_or_default());
    let platform = |facts: &ImageFacts| text(facts.platform.as_ref().map(platform_text).unwrap_or_default());
    html! {
        <>
            { row("Manifest", named(&old.manifest), named(&new.manifest)) }
            { row("Image ID", named(&old.image_id), named(&new.image_id)) }
            { row("Platform", platform(old), platform(new)) }
            { row("Created", created(old), created(new)) }
            { row("Transported", text(format::bytes(old.bytes)), text(format::bytes(new.bytes))) }
        </>
    }
}

fn words(fate: Fate) -> (&'static str, &'static str, &'static str) {
    match fate {
        Fate::Shared => ("shared", "=", "in both"),
        Fate::Repacked => ("repacked", "=", "in both, packed anew"),
        Fate::Changed => ("changed", "~", "changed"),
        Fate::Added => ("added", "+", "added"),
        Fate::Removed => ("removed", "−", "removed"),
    }
}

fn layers(pairs: &[LayerPair]) -> Html {
    let side = |side: Option<&LayerSide>| match side {
        Some(side) => {
            let name = side.digest.as_ref().map(ToString::to_string).unwrap_or_default();
            html! { <span title={name}>{ format!("layer {}, {}", side.index, format::bytes(side.size)) }</span> }
        }
        None => html! { { "–" } },
    };
    let row = |pair: &LayerPair| {
        let (name, sign, words) = words(pair.fate);
        let class = if name == "changed" { "modified" } else { name };
        let by = pair
            .new
            .as_ref()
            .or(pair.old.as_ref())
            .and_then(|side| side.created_by.as_deref())
            .unwrap_or("no instruction is recorded");
        html! {
            <tr data-testid="layer-pair" data-fate={name}>
                <th scope="row" {class}>{ format!("{sign} {words}") }</th>
                <td class="num">{ side(pair.old.as_ref()) }</td>
                <td class="num">{ side(pair.new.as_ref()) }</td>
                <td class="mono wide">{ harmless(&instruction(by)) }</td>
            </tr>
        }
    };
    html! {
        <>
            <h3>{ "Layers, base first" }</h3>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Layers of both">
                <table class="log registry-table">
                    <thead><tr><th scope="col">{ "Layer" }</th><th scope="col">{ "What you see" }</th><th scope="col">{ "The other" }</th><th scope="col">{ "Instruction" }</th></tr></thead>
                    <tbody>{ for pairs.iter().map(row) }</tbody>
                </table>
            </div>
        </>
    }
}

fn config(changes: &[Changed], more: u64) -> Html {
    if changes.is_empty() {
        return html! { <><h3>{ "Config" }</h3><p class="hint">{ "Beside layers and history nothing differs." }</p></> };
    }
    let row = |changed: &Changed| {
        let value = |value: &Option<String>| value.as_deref().map_or_else(|| "–".to_owned(), harmless);
        html! {
            <tr data-testid="config-changed" data-field={changed.field.clone()}>
                <th scope="row" class="mono">{ harmless(&changed.field) }</th><td class="mono wide removed">{ value(&changed.old) }</td><td class="mono wide added">{ value(&changed.new) }</td>
            </tr>
        }
    };
    html! {
        <>
            <h3>{ "Config" }</h3>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Differences of the configs">
                <table class="log registry-table">
                    <thead><tr><th scope="col">{ "Field" }</th><th scope="col">{ "What you see" }</th><th scope="col">{ "The other" }</th></tr></thead>
                    <tbody>{ for changes.iter().map(row) }</tbody>
                </table>
            </div>
            if more > 0 { <p class="hint">{ format!("{} more differ.", format::plural(more, "field")) }</p> }
        </>
    }
}
