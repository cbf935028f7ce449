//! The Space tab: where the bytes are, and which could be saved.

mod largest;
mod map;
mod score;
mod walk;
mod waste;

use std::rc::Rc;

use lagvis::{
    protocol::{SpaceMap, SpaceReport, SpaceSpec, ToSession},
    share::SpaceLook,
};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use self::map::Map;
use super::{
    driver::Driver,
    format, layers,
    phase::{Look, Open},
    see::See,
    words::{Term, Word},
};

/// What the session told of the space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceState {
    /// The treemap that came last.
    pub map: Option<Rc<SpaceMap>>,
    /// The report that came last.
    pub report: Option<Rc<SpaceReport>>,
}

/// Properties of the tab and its parts.
#[derive(Properties, PartialEq)]
pub struct SpaceProps {
    /// The image.
    pub open: Open,
    /// How it is seen.
    pub look: Look,
    /// The page's hands.
    pub driver: Driver,
}

/// The tab.
#[component]
pub fn Space(props: &SpaceProps) -> Html {
    let SpaceProps { open, look, driver } = props;
    use_report(props);
    let upto = look.spec().upto.map_or_else(String::new, |layer| format!(" as of layer {layer}"));
    html! {
        <section class="sheet space" data-testid="space" aria-label="Space">
            <div class="space-head">
                <h2>{ "Where the bytes are" }{ upto }</h2>
                <span class="spring" />
                { colouring(look, driver) }
            </div>
            { unverified(open) }
            <Map open={open.clone()} look={look.clone()} driver={driver.clone()} />
            if let Some(report) = &open.space.report {
                <div class="space-columns">
                    <div>
                        <div class="space-head"><h2>{ "Waste" }<Word term={Term::Waste} at="space" /></h2><span class="spring" />{ base_choice(props) }</div>
                        if let Some(layer) = look.spec().upto { { of_all(layer) } }
                        { score::score(report) }
                        { waste::kinds(report, driver) }
                    </div>
                    <div>
                        { waste::layers(report, open, driver) }
                        { largest::largest(report, look, driver) }
                    </div>
                </div>
            } else {
                <p class="hint" role="status">{ "The bytes are being counted." }</p>
            }
        </section>
    }
}

/// Waste is of the whole image, whichever layer is looked at: what a layer wastes shows only in those above it.
fn of_all(layer: u32) -> Html {
    html! { <p class="hint" data-testid="space-of-all">{ format!("Map and largest are as of layer {layer}. Waste, efficiency and advice are always of all layers, also those above it.") }</p> }
}

/// Figures out of layers that are not verified are marked as such.
fn unverified(open: &Open) -> Option<Html> {
    let count = open.layers.iter().filter(|line| !line.state.is_final()).count();
    let layers = format::plural(u64::try_from(count).unwrap_or(u64::MAX), "layer");
    (count > 0).then(|| html! { <p class="unverified-note" role="status" data-testid="space-unverified">{ format!("Not verified yet: {layers}. All figures here are provisional until then.") }</p> })
}

/// Asks for the report of this tree, layer and base image.
#[hook]
fn use_report(props: &SpaceProps) {
    let (driver, tree) = (props.driver.clone(), props.open.tree_number);
    let spec = SpaceSpec { base: props.look.space.base, upto: props.look.spec().upto };
    use_effect_with((tree, spec), move |(tree, spec)| {
        if *tree > 0 {
            driver.send(ToSession::Space(*spec));
        }
    });
}

/// A button that does something to the look.
pub(super) fn to_look(driver: &Driver, look: SpaceLook) -> Callback<MouseEvent> {
    let driver = driver.clone();
    Callback::from(move |_: MouseEvent| driver.see(See::Space(look.clone())))
}

fn colouring(look: &Look, driver: &Driver) -> Html {
    let choice = |by_change: bool, hook: &'static str, title: &'static str| {
        let on = look.space.by_change == by_change;
        let next = SpaceLook { by_change, ..look.space.clone() };
        html! { <button class={classes!("chip", on.then_some("on"))} aria-pressed={on.to_string()} data-testid={hook} onclick={to_look(driver, next)}>{ title }</button> }
    };
    html! {
        <div class="space-choice" role="group" aria-label="Colours of the map">
            <span class="dim">{ "Colours:" }</span>
            { choice(false, "colour-layer", "layer") }
            { choice(true, "colour-change", "change") }
        </div>
    }
}

/// Which layers are the base image: their waste is left out.
fn base_choice(props: &SpaceProps) -> Html {
    let look = &props.look.space;
    let on_change = {
        let (driver, look) = (props.driver.clone(), look.clone());
        Callback::from(move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>().and_then(|select| select.value().parse().ok());
            driver.see(See::Space(SpaceLook { base: chosen.unwrap_or_default(), ..look.clone() }));
        })
    };
    let option = |(layers, spec): (u32, &lagvis::opened::LayerSpec)| {
        let step = layers::instruction(spec.created_by.as_deref().unwrap_or(&spec.subject));
        let step: String = step.chars().take(48).collect();
        html! { <option value={layers.to_string()} selected={look.base == layers}>{ format!("to layer {}: {step}", layers - 1) }</option> }
    };
    let count = props.open.summary.layers.len();
    html! {
        <div class="space-choice"><label for="space-base" class="dim">{ "Base image:" }</label><Word term={Term::BaseImage} at="space" />
            <select id="space-base" class="base-select" data-testid="space-base" onchange={on_change}>
                <option value="0" selected={look.base == 0}>{ "none left out" }</option>
                { for (1..).zip(props.open.summary.layers.iter().take(count.saturating_sub(1))).map(option) }
            </select>
        </div>
    }
}
