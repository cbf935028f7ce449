//! Content of the selected file: as text, as hexadecimal, as a picture, or what its header says; and to be saved.
//! Pictures are decoded by the browser alone, from raster types only; nothing is ever run.

mod held;
mod hex;
mod listing;
mod marks;
mod picture;
mod program;
mod text;
mod trail;

use std::rc::Rc;

use lagvis::{
    file::{About, Kind, Summary},
    protocol::{Download, FileAt, Task, TaskKind, ToSession},
    share::{FileLook, Way},
    text::Lang,
};
use yew::prelude::*;

pub use held::Held;
pub use lagvis::text::harmless;
pub use trail::trail;

use self::{hex::HexView, listing::ListingView, picture::PictureView, program::program, text::TextView};
use super::{
    alone::use_alone,
    driver::Driver,
    icons,
    see::{See, SeeFile},
    work::{self, Work},
};

/// Properties of [`ContentPane`].
#[derive(Properties, PartialEq)]
pub struct ContentProps {
    /// The path's node.
    pub node: u32,
    /// Its path, safe to show.
    pub path: AttrValue,
    /// What of the file is looked at.
    pub look: FileLook,
    /// Raised when a place of it is to be gone to.
    pub went: u32,
    /// Tasks of the session.
    pub work: Work,
    /// Layers that made a version of it, oldest first.
    pub versions: Vec<u32>,
    /// The one that is shown.
    pub shown: u32,
    /// Raised with each tree: nodes of another mean nothing.
    pub tree: u32,
    /// What came of files.
    pub content: Rc<Held>,
    /// The page's hands.
    pub driver: Driver,
}

/// The ways to see a file, the best first.
fn ways(summary: &Summary) -> Vec<Way> {
    match (&summary.about, summary.kind) {
        (_, Kind::Text(_)) => vec![Way::Text, Way::Hex],
        (About::Picture(..), _) => vec![Way::Picture, Way::Hex],
        (About::Elf(_), _) => vec![Way::Program, Way::Hex],
        (About::Listing(_), _) => vec![Way::Members, Way::Hex],
        (About::Nothing, _) => vec![Way::Hex, Way::Text],
    }
}

fn title(way: Way) -> &'static str {
    match way {
        Way::Text => "Text",
        Way::Hex => "Hex",
        Way::Picture => "Picture",
        Way::Program => "Program",
        Way::Members => "Members",
    }
}

/// The pane.
#[component]
pub fn ContentPane(props: &ContentProps) -> Html {
    let large = props.look.large;
    let file = FileAt { node: props.node, layer: props.shown };
    {
        let driver = props.driver.clone();
        use_effect_with((file, props.tree), move |(file, _)| driver.send(ToSession::Examine(*file)));
    }
    let place = use_node_ref();
    {
        let on_escape = use_callback((), {
            let driver = props.driver.clone();
            move |(), ()| driver.see(See::File(SeeFile::Large(false)))
        });
        use_alone(&place, large, on_escape);
    }
    let shell = |mode: &'static str, body: Html| {
        html! {
            <div ref={place.clone()} class={classes!("content", large.then_some("large"))} data-testid="file-content" data-mode={mode}
                role={large.then_some("dialog")} aria-modal={large.then_some("true")} aria-label={large.then(|| format!("Content of /{}", props.path))}>
                { versions(props, file) }
                { body }
            </div>
        }
    };
    let Some(examined) = props.content.what(file) else {
        return shell("waiting", html! { <p class="hint" aria-busy="true">{ "Reading…" }</p> });
    };
    let summary = match &examined.outcome {
        Ok(summary) => summary,
        Err(problem) => {
            let text = format!("{}: {}", problem.place, problem.detail);
            return shell("failed", html! { <p class="hint" data-testid="content-problem">{ text }</p> });
        }
    };
    if summary.kind == Kind::Empty {
        return shell("empty", html! { <p class="hint">{ "The file is empty." }</p> });
    }
    let ways = ways(summary);
    // What is marked is shown in the way that can show it.
    let best = match ways.first() {
        Some(way) if props.look.mark.is_none() || *way == Way::Text => *way,
        _ => Way::Hex,
    };
    let shown = props.look.way.filter(|way| ways.contains(way)).unwrap_or(best);
    let (held, driver, tree) = (props.content.clone(), props.driver.clone(), props.tree);
    let size = summary.size;
    let view = match (shown, &summary.about) {
        (Way::Text, _) => {
            let lang = if let Kind::Text(lang) = summary.kind { lang } else { Lang::Plain };
            html! { <TextView {file} {lang} {size} look={props.look.clone()} went={props.went} work={props.work.clone()} {held} {driver} {tree} /> }
        }
        (Way::Picture, About::Picture(width, height)) => {
            html! { <PictureView {file} kind={summary.kind} pixels={(*width, *height)} {size} {held} {driver} {tree} /> }
        }
        (Way::Program, About::Elf(elf)) => program(elf),
        (Way::Members, About::Listing(listing)) => html! { <ListingView listing={listing.clone()} {file} /> },
        _ => html! { <HexView {file} {size} look={props.look.clone()} {held} {driver} {tree} /> },
    };
    let body = html! {
        <>
            { bar(props, file, &ways, shown) }
            <p class="kind">
                if large { <b class="mono">{ format!("/{}", props.path) }</b>{ " " } }
                <span data-testid="content-kind">{ &summary.name }</span>
            </p>
            if let Some(problem) = &summary.problem {
                <p class="hint" data-testid="content-partly">{ format!("Not all of it is told: {problem}.") }</p>
            }
            { view }
        </>
    };
    shell(shown.name(), body)
}

fn bar(props: &ContentProps, file: FileAt, ways: &[Way], shown: Way) -> Html {
    let see = |see: SeeFile| {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::File(see.clone())))
    };
    let button = |way: &Way| {
        let is_on = *way == shown;
        html! { <button class={classes!("chip", is_on.then_some("on"))} aria-pressed={is_on.to_string()} data-testid={format!("content-{}", way.name())} onclick={see(SeeFile::Way(*way))}>{ title(*way) }</button> }
    };
    let large = props.look.large;
    let save = work::begin(&props.driver, Task::Download(Download::File(file)));
    let is_saving = props.work.progress(TaskKind::Download).is_some();
    html! {
        <div class="content-bar" role="group" aria-label="Content">
            { for ways.iter().map(button) }
            <span class="spring" />
            <button class="chip" data-testid="content-save" title="Save the whole file" disabled={is_saving} onclick={save}>{ "Save" }</button>
            <button class="chip" data-testid="content-enlarge" aria-pressed={large.to_string()} onclick={see(SeeFile::Large(!large))}>{ if large { "Close" } else { "Enlarge" } }</button>
        </div>
    }
}

fn versions(props: &ContentProps, file: FileAt) -> Html {
    if props.versions.len() < 2 {
        return html! {};
    }
    let chip = |layer: u32| {
        let driver = props.driver.clone();
        let choose = Callback::from(move |_: MouseEvent| driver.see(See::File(SeeFile::Version(layer))));
        let is_on = layer == file.layer;
        html! { <button class={classes!("chip", icons::colour(layer), is_on.then_some("on"))} aria-pressed={is_on.to_string()} data-testid="content-version" data-layer={layer.to_string()} onclick={choose}>{ format!("layer {layer}") }</button> }
    };
    html! { <div class="content-bar" role="group" aria-label="Versions">{ for props.versions.iter().copied().map(chip) }</div> }
}

/// Asks for a range of a file unless it is there.
fn ask(driver: &Driver, held: &Held, file: FileAt, start: u64, length: u64) {
    if held.range(file, start, length).is_none() {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        driver.send(ToSession::Content { file, start, length });
    }
}
