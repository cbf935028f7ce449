//! The layer stack, base first, with the empty steps of the history between the layers.

use std::rc::Rc;

use lagvis::{
    image::{Digest, Step},
    opened::LayerSpec,
    protocol::{ByToc, ImageSummary, LayerChanges, LayerState, TreeInfo},
    share::LayerChoice,
    verify::{CheckKind, CheckState},
};
use yew::prelude::*;

use super::{
    driver::Driver,
    format, icons,
    layer_line::LayerLine,
    layer_range,
    opening::state_text,
    phase::Look,
    see::See,
    words::{Term, Word},
};

/// Properties of [`Layers`].
#[derive(Properties, PartialEq)]
pub struct LayersProps {
    /// Facts of the image.
    pub summary: Rc<ImageSummary>,
    /// Its layers.
    pub layers: Rc<Vec<LayerLine>>,
    /// What each changed.
    pub tree: Option<Rc<TreeInfo>>,
    /// How it is seen.
    pub look: Look,
    /// The page's hands.
    pub driver: Driver,
}

/// The stack.
#[component]
pub fn Layers(props: &LayersProps) -> Html {
    let all = on_layer(&props.driver, LayerChoice::All);
    let largest = props.layers.iter().filter_map(size).max().unwrap_or(0);
    let known = props.summary.steps.iter().filter(|step| step.layer.is_some()).count();
    // A history that does not account for every layer is no guide: then layers are listed alone.
    let listed = if known == props.layers.len() {
        props.summary.steps.iter().map(|step| step_row(props, step, largest)).collect::<Html>()
    } else {
        (0..props.layers.len()).map(|index| layer_row(props, index, largest)).collect::<Html>()
    };
    html! {
        <section class="pane layers-pane" aria-label="Layers">
            <div class="pane-title">
                <h2>{ "Layers" }</h2><Word term={Term::Layer} at="stack" /><small>{ "base first" }</small><span class="spring" />
                <button class="chip" data-testid="all-layers" aria-pressed={(props.look.layer == LayerChoice::All).to_string()} onclick={all}>{ "All layers" }</button>
            </div>
            { layer_range::range(props.layers.len(), &props.look, &props.driver) }
            <div class="stack-list">{ listed }</div>
        </section>
    }
}

fn on_layer(driver: &Driver, choice: LayerChoice) -> Callback<MouseEvent> {
    let driver = driver.clone();
    Callback::from(move |_: MouseEvent| driver.see(See::Layer(choice)))
}

/// Bytes by which a layer is drawn: unpacked, as far as they are known.
fn size(line: &LayerLine) -> Option<u64> {
    line.facts.as_ref().map(|facts| facts.uncompressed_size).filter(|size| *size > 0).or(line.total)
}

fn step_row(props: &LayersProps, step: &Step, largest: u64) -> Html {
    match step.layer {
        Some(index) => layer_row(props, index, largest),
        None => {
            let text = instruction(&step.history.created_by);
            html! { <div class="empty-step" data-testid="empty-step" title={step.history.created_by.clone()}><small>{ "no layer" }</small><code>{ text }</code></div> }
        }
    }
}

fn layer_row(props: &LayersProps, at: usize, largest: u64) -> Html {
    let (Some(line), Some(spec)) = (props.layers.get(at), props.summary.layers.get(at)) else { return Html::default() };
    let index = u32::try_from(at).unwrap_or(u32::MAX);
    let selected = layer_range::is_marked(props.look.layer, index);
    let choice = if props.look.one_layer() == Some(index) { LayerChoice::All } else { LayerChoice::One(index) };
    let on_click = {
        let (driver, now) = (props.driver.clone(), props.look.layer);
        Callback::from(move |event: MouseEvent| {
            driver.see(See::Layer(if event.shift_key() { layer_range::extend(now, index) } else { choice }));
        })
    };
    let changes = props.tree.as_ref().and_then(|tree| tree.layers.get(at)).copied();
    let bytes = size(line);
    let created_by = spec.created_by.clone().unwrap_or_default();
    let beyond = layer_range::is_beyond(props.look.layer, index);
    html! {
        <button key={index} class={classes!("layer", icons::colour(index), (line.state == LayerState::Mismatched).then_some("broken"), selected.then_some("on"), beyond.then_some("beyond"))}
            data-testid="layer-row" data-index={index.to_string()} data-state={line.state.name()} data-kept={line.kept.then_some("true")} data-toc={(line.by_toc != ByToc::No).then_some(line.by_toc.name())}
            data-diff-id={spec.diff_id.as_ref().map(Digest::to_string)} aria-pressed={selected.to_string()}
            title={created_by.clone()} onclick={on_click}>
            <span class="layer-line">
                <b class="layer-index">{ index }</b>
                <code>{ layer_name(&created_by, spec) }</code>
                <span class="num">{ bytes.map_or_else(|| "…".to_owned(), format::bytes) }</span>
            </span>
            { icons::bar(format::share(bytes.unwrap_or(0), largest)) }
            <span class="layer-meta">{ changes.map(counts).unwrap_or_default() }{ state(line) }</span>
        </button>
    }
}

fn layer_name(created_by: &str, spec: &LayerSpec) -> String {
    if created_by.is_empty() { spec.subject.clone() } else { instruction(created_by) }
}

/// The instruction as a Dockerfile has it, without the shell and the markers that builders put around it.
pub fn instruction(created_by: &str) -> String {
    lagvis::dockerfile::instruction(created_by).line()
}

fn counts(changes: LayerChanges) -> Html {
    let count = |class: &'static str, sign: &str, number: u64, what: &str| {
        if number == 0 {
            return Html::default();
        }
        html! { <span {class} title={format!("{} {what}", format::count(number))}>{ sign }{ format::count(number) }</span> }
    };
    html! { <>
        { count("added", "+", changes.added, "added") }
        { count("modified", "~", changes.modified, "modified") }
        { count("removed", "−", changes.removed, "removed") }
    </> }
}

fn state(line: &LayerLine) -> Html {
    let mark = |what, name: &str| {
        let check = line.checks.iter().find(|check| check.what == what)?;
        let (class, sign) = match check.state {
            CheckState::Verified => ("ok", "✓"),
            CheckState::Mismatched => ("bad", "✗"),
            CheckState::Unchecked => ("dim", "?"),
        };
        Some(html! { <span {class}>{ format!("{sign} {name}") }</span> })
    };
    match line.state {
        LayerState::Verified | LayerState::Mismatched if !line.checks.is_empty() => html! {
            <span class="layer-state">if line.kept { <span title="It was here already, verified for an image before: nothing was transferred.">{ "already here" }</span> }{ mark(CheckKind::Blob, "digest") }{ mark(CheckKind::DiffId, "diffID") }</span>
        },
        state => {
            let class = if state == LayerState::Mismatched { "bad" } else { "dim" };
            html! { <span class={classes!("layer-state", class)}>{ state_text(line) }</span> }
        }
    }
}
