//! The search in contents: what is looked for, how far it is, what was found.

use lagvis::protocol::{Hit, SearchSpec, TaskKind};
use yew::prelude::*;

use super::{driver::Driver, format, phase::Open, see::See, work};

/// Properties of [`Search`].
#[derive(Properties, PartialEq)]
pub struct SearchProps {
    /// The image.
    pub open: Open,
    /// What was searched for.
    pub look: SearchSpec,
    /// The page's hands.
    pub driver: Driver,
}

/// The search.
#[component]
pub fn Search(props: &SearchProps) -> Html {
    let SearchProps { open, look, driver } = props;
    let spec = use_state(|| look.clone());
    {
        // A link or the history brings another one.
        let spec = spec.clone();
        use_effect_with(look.clone(), move |look| spec.set(look.clone()));
    }
    let set = |change: fn(&mut SearchSpec, &web_sys::HtmlInputElement)| {
        let spec = spec.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
                let mut next = (*spec).clone();
                change(&mut next, &input);
                spec.set(next);
            }
        })
    };
    let submit = {
        let (driver, spec) = (driver.clone(), spec.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            driver.see(See::Contents((*spec).clone()));
        })
    };
    let option = |hook: &'static str, text: &'static str, on: bool, change| {
        html! { <label class="option-line"><input type="checkbox" data-testid={hook} checked={on} oninput={set(change)} />{ text }</label> }
    };
    let work = &open.work;
    html! {
        <section class="sheet search-contents" aria-label="Search in contents">
            <h2>{ "Search in contents" }</h2>
            <form class="reference" role="search" aria-label="In contents" onsubmit={submit}>
                <input class="field" data-testid="search-text" aria-label="Text to look for in files" placeholder="Text in any file of the image" value={spec.text.clone()} oninput={set(|spec, input| spec.text = input.value())} />
                <button class="btn" data-testid="search-button" disabled={open.outcome.is_none()}>{ "Search" }</button>
            </form>
            <div class="content-bar">
                { option("search-any-case", "Either case", spec.any_case, |spec, input| spec.any_case = input.checked()) }
                { option("search-hex", "Bytes as hexadecimal", spec.hex, |spec, input| spec.hex = input.checked()) }
                { option("search-every-layer", "Also what later layers changed or removed", spec.every_layer, |spec, input| spec.every_layer = input.checked()) }
            </div>
            if look.text.is_empty() && work.hits.is_empty() {
                <p class="hint" data-testid="search-hint">{ "Reads the bytes of every file in the image, out of verified layers, here in your browser. What is found comes as it is found and opens at its place." }</p>
            }
            { work::progress(work, TaskKind::Search, "Searching", driver) }
            <p class="hint" role="status" data-testid="search-said">{ said(open) }</p>
            <ol class="hits">{ for work.hits.iter().map(|hit| found(hit, driver)) }</ol>
        </section>
    }
}

fn said(open: &Open) -> String {
    if let Some(refused) = &open.work.refused {
        return format!("It failed: {refused}.");
    }
    match open.work.searched {
        None => String::new(),
        Some(end) => {
            let capped = if end.capped { " It stopped there." } else { "" };
            format!(
                "{} in {} ({}).{capped}",
                format::plural(end.places, "place"),
                format::plural(end.files, "file"),
                format::bytes(end.bytes)
            )
        }
    }
}

fn found(hit: &Hit, driver: &Driver) -> Html {
    let open = {
        let (driver, hit) = (driver.clone(), hit.clone());
        Callback::from(move |_: MouseEvent| driver.see(See::Hit(Box::new(hit.clone()))))
    };
    let [before, text, behind] = &hit.excerpt;
    html! {
        <li>
            <button class="hit" data-testid="search-hit" data-path={hit.path.clone()} data-offset={hit.offset.to_string()} onclick={open}>
                <b class="mono">{ format!("/{}", hit.path) }</b>
                <span class="dim">{ format!(" byte {}", format::count(hit.offset)) }
                    if !hit.visible { { format!(", as of layer {}; not in the final image", hit.file.layer) } }
                </span>
                <code>{ before }<mark>{ text }</mark>{ behind }</code>
            </button>
        </li>
    }
}
