//! What stands above the tree: search, filter, how deep folders are open, the way to a path, which layers' share.

use std::rc::Rc;

use lagvis::{
    protocol::{Show, TreeInfo, ViewInfo},
    share::LayerChoice,
};
use yew::prelude::*;

use super::{
    driver::Driver,
    filter::{FilterPanel, chip_list},
    format, icons,
    jump::Jump,
    path_search::SearchField,
    phase::{Look, Lost},
    see::See,
    select::Select,
    words::{Term, Word},
};

/// Properties of [`Tools`].
#[derive(Properties, PartialEq)]
pub struct ToolsProps {
    /// The view.
    pub view: Option<ViewInfo>,
    /// The tree's facts.
    pub tree: Option<Rc<TreeInfo>>,
    /// How it is seen.
    pub look: Look,
    /// A path that was looked for and is not in this view.
    pub lost: Option<Lost>,
    /// The page's hands.
    pub driver: Driver,
}

/// The tools.
#[component]
pub fn Tools(props: &ToolsProps) -> Html {
    let ToolsProps { look, driver, .. } = props;
    let marked = look.spec().since.is_some();
    let layers = props.tree.as_ref().map_or(0, |tree| u32::try_from(tree.layers.len()).unwrap_or(u32::MAX));
    let is_searching = look.spec().is_searching();
    let found = props.view.as_ref().filter(|view| is_searching && view.spec == look.spec()).map(|view| view.found);
    html! {
        <div class="tools">
            <SearchField search={look.search.clone()} driver={driver.clone()} />
            <FilterPanel filter={look.filter.clone()} {layers} {marked} driver={driver.clone()} />
            { depth(look, driver) }
            <Jump lost={props.lost.clone()} driver={driver.clone()} />
            <div class="tools-line" role="group" aria-label="Shown">
                <span class="found" role="status" data-testid="found">{ found.map(|found| format!("{} found", format::count(found.into()))).unwrap_or_default() }</span>
                { chip_list(&look.filter, marked, driver) }
                { share(props) }
            </div>
        </div>
    }
}

/// Levels that can be chosen by name.
const LEVELS: u32 = 6;

fn depth(look: &Look, driver: &Driver) -> Html {
    let to = |depth: u32| {
        let (driver, look) = (driver.clone(), look.clone());
        Callback::from(move |_: MouseEvent| driver.depth(&look, depth))
    };
    let on_change = {
        let (driver, look) = (driver.clone(), look.clone());
        Callback::from(move |value: String| {
            if let Ok(depth) = value.parse() {
                driver.depth(&look, depth);
            }
        })
    };
    let option = |depth: u32| {
        let name = match depth {
            0 => "Closed".to_owned(),
            1 => "1 level".to_owned(),
            u32::MAX => "All open".to_owned(),
            depth => format!("{depth} levels"),
        };
        (depth.to_string(), name)
    };
    let other = (LEVELS..u32::MAX).contains(&look.depth).then_some(look.depth);
    let options: Vec<_> = (0..LEVELS).chain(other).chain([u32::MAX]).map(option).collect();
    html! {
        <div class="depth" role="group" aria-label="Folders">
            <button type="button" class="tool" title="Close all folders (0)" aria-label="Close all folders" data-testid="collapse-all" onclick={to(0)}>{ icons::fold() }</button>
            <Select label="How deep folders are open" hook="depth" value={look.depth.to_string()} {options} {on_change} />
            <button type="button" class="tool" title="Open all folders" aria-label="Open all folders" data-testid="expand-all" onclick={to(u32::MAX)}>{ icons::unfold() }</button>
        </div>
    }
}

/// While layers are marked: how much of the tree is shown, and what they changed.
fn share(props: &ToolsProps) -> Html {
    let ToolsProps { look, driver, .. } = props;
    let layers = match look.layer {
        LayerChoice::All => return Html::default(),
        LayerChoice::Range { from: None, to } => {
            let driver = driver.clone();
            let on_click = Callback::from(move |_: MouseEvent| driver.see(See::Layer(LayerChoice::All)));
            return html! {
                <button type="button" class="chip on" title="Back to all layers" data-testid="upto" onclick={on_click}>
                    { format!("up to layer {}", to.unwrap_or_default()) }<span aria-hidden="true">{ "×" }</span>
                </button>
            };
        }
        LayerChoice::One(layer) => (format!("up to layer {layer}"), "layer alone"),
        LayerChoice::Range { from: Some(from), to: None } => (format!("from layer {from} on"), "layers alone"),
        LayerChoice::Range { from: Some(from), to: Some(to) } => (format!("layers {from} to {to}"), "layers alone"),
    };
    let chip = |show: Show, hook: &'static str, title: &'static str, text: String| {
        let driver = driver.clone();
        let on = look.show == show;
        let on_click = Callback::from(move |_: MouseEvent| driver.see(See::Show(show)));
        html! { <button type="button" {title} aria-pressed={on.to_string()} data-testid={hook} onclick={on_click}>{ text }</button> }
    };
    let [added, modified, removed] = props.view.as_ref().map_or([0; 3], |view| view.changes);
    html! { <>
        <div class="segments" role="group" aria-label="How much of the tree">
            { chip(Show::All, "changes-marked", "The whole tree as of the layer, its changes marked", layers.0) }
            { chip(Show::Changes, "changes-only", "What differs from the layers below", "only changes".to_owned()) }
            { chip(Show::Alone, "layer-alone", "All that it holds or deletes, also what it ships again unchanged", layers.1.to_owned()) }
        </div>
        <span class="legend">
            <span class="added">{ "+" }{ format::count(added) }</span>
            <span class="modified">{ "~" }{ format::count(modified) }</span>
            <span class="removed">{ "−" }{ format::count(removed) }</span><Word term={Term::Whiteout} at="legend" />
        </span>
    </> }
}
