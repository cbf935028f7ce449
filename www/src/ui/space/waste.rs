//! Waste: a card a kind with its paths, and for each layer what to change in the Dockerfile.

use lagvis::protocol::{Advice, SpaceReport, WasteKind, WasteOfKind, WasteOfLayer, WastedFile};
use yew::prelude::*;

use crate::ui::{
    driver::Driver,
    format, icons,
    layers::instruction,
    phase::Open,
    see::See,
    words::{Term, Word},
};

/// Paths that a card shows before it is asked for more.
const FEW: usize = 5;

/// A card for each kind that there is.
pub fn kinds(report: &SpaceReport, driver: &Driver) -> Html {
    if report.waste.kinds.is_empty() {
        return html! { <p class="dim" data-testid="no-waste">{ "Nothing is wasted in these layers." }</p> };
    }
    report.waste.kinds.iter().map(|kind| html! { <Card kind={kind.clone()} driver={driver.clone()} /> }).collect()
}

#[derive(Properties, PartialEq)]
struct CardProps {
    kind: WasteOfKind,
    driver: Driver,
}

#[component]
fn Card(props: &CardProps) -> Html {
    let kind = &props.kind;
    let all = use_state_eq(|| false);
    let shown = if *all { kind.paths.len() } else { FEW };
    let more = kind.paths.len().saturating_sub(FEW);
    let toggle = {
        let all = all.clone();
        Callback::from(move |_: MouseEvent| all.set(!*all))
    };
    let (term, why) = words(kind.kind);
    let title = term.name();
    let hidden = kind.files - u64::try_from(kind.paths.len()).unwrap_or(kind.files);
    html! {
        <article class="waste" data-testid="waste-card" data-kind={kind.kind.name()} data-bytes={kind.bytes.to_string()} data-files={kind.files.to_string()} aria-label={title}>
            <h3><span>{ title }<Word {term} at="waste" /></span><span class="num">{ format::bytes(kind.bytes) }</span></h3>
            <p class="hint">{ format!("{}, {} bytes. {why}", format::plural(kind.files, "file"), format::count(kind.bytes)) }</p>
            <ul class="waste-paths">{ for kind.paths.iter().take(shown).map(|file| path(kind.kind, file, &props.driver)) }</ul>
            if more > 0 {
                <button class="link" data-testid="waste-more" aria-expanded={all.to_string()} onclick={toggle}>{ if *all { "Show fewer".to_owned() } else { format!("Show {more} more") } }</button>
            }
            if *all && hidden > 0 { <p class="hint">{ format!("{} smaller are counted but not listed.", format::count(hidden)) }</p> }
        </article>
    }
}

fn words(kind: WasteKind) -> (Term, &'static str) {
    match kind {
        WasteKind::Overwritten => {
            (Term::Overwritten, "A later layer puts something else there; these bytes are shipped all the same.")
        }
        WasteKind::Deleted => (Term::Deleted, "A later layer hides them; they are still transported and stored."),
        WasteKind::MetadataOnly => {
            (Term::ForAttributes, "Only mode, owner, time or xattrs changed, but a layer can only ship the whole file.")
        }
        WasteKind::Repeated => (Term::Unchanged, "The layer below has the same file already."),
        WasteKind::Leftover => (Term::Leftover, "Made again by their tools, or read by nobody."),
        WasteKind::Duplicate => (Term::Duplicate, "Another file has the same bytes. Hard links are not counted."),
    }
}

fn path(kind: WasteKind, file: &WastedFile, driver: &Driver) -> Html {
    let note = match (kind, file.other, &file.note) {
        (WasteKind::Overwritten, Some(other), _) if other != file.layer => format!("by layer {other}"),
        (WasteKind::Overwritten, ..) => "by its own layer".to_owned(),
        (WasteKind::Deleted, Some(other), _) => format!("by layer {other}"),
        (WasteKind::MetadataOnly | WasteKind::Repeated, Some(other), _) => format!("as in layer {other}"),
        (WasteKind::Duplicate, _, Some(copy)) => format!("as /{copy}"),
        (_, _, Some(note)) => note.clone(),
        _ => String::new(),
    };
    // What is gone can be seen as of the layer that has it.
    let see = See::PathAt(file.path.clone(), file.layer);
    let driver = driver.clone();
    let on_click = Callback::from(move |_: MouseEvent| driver.see(see.clone()));
    html! {
        <li class={icons::colour(file.layer)}>
            <button data-testid="waste-path" data-path={file.path.clone()} title={format!("Show /{} as of layer {}", file.path, file.layer)} onclick={on_click}>
                <i class="swatch" /><span class="mono">{ format!("/{}", file.path) }</span><small>{ note }</small><span class="num">{ format::bytes(file.bytes) }</span>
            </button>
        </li>
    }
}

/// What to change, layer by layer.
pub fn layers(report: &SpaceReport, open: &Open, driver: &Driver) -> Html {
    if report.waste.layers.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h2>{ "What to change in the Dockerfile" }</h2>
            <ol class="advice">{ for report.waste.layers.iter().map(|layer| of_layer(layer, open, driver)) }</ol>
        </>
    }
}

fn of_layer(waste: &WasteOfLayer, open: &Open, driver: &Driver) -> Html {
    let step = usize::try_from(waste.layer).ok().and_then(|layer| open.summary.layers.get(layer));
    let step = step.and_then(|spec| spec.created_by.as_deref()).map(instruction).unwrap_or_default();
    let see = See::Layer(lagvis::share::LayerChoice::One(waste.layer));
    let driver = driver.clone();
    let on_click = Callback::from(move |_: MouseEvent| driver.see(see.clone()));
    // What saves next to nothing is not in the way.
    let is_small = |advice: &&Advice| advice.bytes.saturating_mul(50) < waste.wasted;
    let (small, large): (Vec<&Advice>, Vec<&Advice>) = waste.advice.iter().partition(is_small);
    html! {
        <li class={icons::colour(waste.layer)} data-testid="advice" data-layer={waste.layer.to_string()} data-bytes={waste.wasted.to_string()}>
            <button class="advice-step" title={step.clone()} onclick={on_click}>
                <i class="swatch" /><b>{ format!("Layer {}", waste.layer) }</b><code>{ step.clone() }</code>
                <span class="num">{ format!("{} of {}", format::bytes(waste.wasted), format::bytes(waste.shipped)) }</span>
            </button>
            <ul>{ for large.into_iter().map(sentence) }</ul>
            if !small.is_empty() {
                <details><summary>{ format!("{} of little weight", small.len()) }</summary><ul>{ for small.into_iter().map(sentence) }</ul></details>
            }
        </li>
    }
}

fn sentence(advice: &Advice) -> Html {
    html! { <li><span class="num">{ format::bytes(advice.bytes) }</span><span>{ &advice.text }</span></li> }
}
