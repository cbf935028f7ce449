//! The start: what Lagvis is, and the ways to open an image.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{chosen::Chosen, driver::Driver, full_name, icons, phase::Look, recent::RecentImages, words};

/// References that show what can be typed.
const EXAMPLES: [&str; 3] = ["busybox", "debian:12-slim", "node:22-alpine"];

/// Properties of the start's components.
#[derive(Properties, PartialEq)]
pub struct StartProps {
    /// The page's hands.
    pub driver: Driver,
}

/// Properties of [`Start`].
#[derive(Properties, PartialEq)]
pub struct StartScreenProps {
    /// The page's hands.
    pub driver: Driver,
    /// The tour is wanted.
    pub on_tour: Callback<()>,
}

/// The whole start screen.
#[component]
pub fn Start(props: &StartScreenProps) -> Html {
    html! {
        <main class="wrap">
            { icons::logo("48") }
            <h1>{ "See what is in a container image" }</h1>
            <p class="lead">{ "Layer by layer, with every hash checked here in your browser. Nothing is uploaded." }</p>
            <Ways driver={props.driver.clone()} />
            <RecentImages driver={props.driver.clone()} />
            <div class="promises">
                { promise("Verified", "Index, manifest, config and each layer are hashed again. A mismatch is shown, never used.") }
                { promise("Private", "Files are read in place and never leave this machine. Works offline.") }
                { promise("Shareable", "A link carries the digest and the view. Whoever opens it checks again.") }
            </div>
            { learn(&props.on_tour) }
        </main>
    }
}

fn promise(title: &str, text: &str) -> Html {
    html! { <div><b>{ title }</b>{ text }</div> }
}

/// The ways to open an image: a reference, a file, a folder, the sample.
#[component]
pub fn Ways(props: &StartProps) -> Html {
    let field = use_node_ref();
    let typed = {
        let driver = props.driver.clone();
        use_state_eq(move || driver.typed())
    };
    let on_input = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                typed.set(field.value());
            }
        })
    };
    let on_use = {
        let (driver, typed) = (props.driver.clone(), typed.clone());
        Callback::from(move |offer: String| {
            typed.set(offer.clone());
            driver.open_reference(&offer, None, Look::default());
        })
    };
    let on_submit = {
        let (driver, field) = (props.driver.clone(), field.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(field) = field.cast::<HtmlInputElement>() {
                driver.open_reference(&field.value(), None, Look::default());
            }
        })
    };
    let on_browse = {
        let (driver, field) = (props.driver.clone(), field.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                driver.open_repository(&field.value(), Look::default());
            }
        })
    };
    let example = |reference: &'static str| {
        let on_click = on_use.reform(move |_: MouseEvent| reference.to_owned());
        html! { <button type="button" class="example mono" onclick={on_click}>{ reference }</button> }
    };
    let on_sample = {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| driver.open_sample())
    };
    html! {
        <div class="card ways">
            <form class="reference" onsubmit={on_submit}>
                <input ref={field} class="field mono" type="text" value={(*typed).clone()} data-testid="reference-input" aria-label="Image reference"
                    placeholder="busybox, ghcr.io/owner/app:1.2 or a digest" autocomplete="off" autocapitalize="off"
                    spellcheck="false" enterkeyhint="go" oninput={on_input} />
                <button class="btn primary tall" data-testid="open-button">{ "Open" }</button>
                <button type="button" class="btn tall" data-testid="browse-button" title="List the tags of this repository" onclick={on_browse}>{ "Tags" }</button>
            </form>
            { full_name::line(&full_name::said(&typed), &on_use) }
            <p class="examples">
                { "Try " }{ for EXAMPLES.into_iter().map(example) }{ " or " }
                <button type="button" class="example" data-testid="sample-button" onclick={on_sample}>{ "the sample image" }</button>
            </p>
            <DropZone driver={props.driver.clone()} />
        </div>
    }
}

#[component]
fn DropZone(props: &StartProps) -> Html {
    let on_change = {
        let driver = props.driver.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
                return;
            };
            let chosen = input.files().as_ref().and_then(Chosen::from_list);
            if let Some(chosen) = chosen {
                driver.open_files(chosen);
            }
            // So that choosing the same file again is a change.
            input.set_value("");
        })
    };
    html! {
        <div class="drop" data-testid="drop-zone">
            <p><b>{ "Drop a saved image anywhere on this page" }</b>{ ", or choose one" }</p>
            <div class="buttons centred">
                <span class="file-button">
                    <input id="file-input" type="file" data-testid="file-input" onchange={on_change.clone()} />
                    <label class="btn" for="file-input">{ "Choose a file" }</label>
                </span>
                <span class="file-button">
                    <input id="folder-input" type="file" data-testid="folder-input" webkitdirectory={true} onchange={on_change} />
                    <label class="btn" for="folder-input">{ "Choose a folder" }</label>
                </span>
            </div>
            <p class="hint">{ "docker save, podman save, skopeo, OCI layout. Plain, gzip or zstd. Any size." }</p>
        </div>
    }
}

/// A short explanation of the words, and a tour, for those who are new to them.
fn learn(on_tour: &Callback<()>) -> Html {
    html! {
        <details class="learn">
            <summary>{ "New to images? The words in two minutes" }</summary>
            { words::list() }
            <button class="btn" data-testid="tour-button" onclick={on_tour.reform(|_: MouseEvent| ())}>{ "Take the tour on the sample image" }</button>
        </details>
    }
}
