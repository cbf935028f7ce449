//! What this browser keeps for images to come: seen, limited and removed.

use lagvis::{image::Digest, kept::Kind};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{dialog::Dialog, format, page};
use crate::{
    browser::opfs::Estimate,
    kept::{self, Thing},
};

const LIMIT: &str = "lagvis.keep";
/// Bytes that are kept unless the person says otherwise.
const DEFAULT: u64 = 4_000_000_000;
/// What can be chosen, in gigabytes.
const CHOICES: [u64; 6] = [0, 1, 2, 4, 10, 50];
const GIGABYTE: u64 = 1_000_000_000;

/// Most bytes that are kept.
pub fn limit() -> u64 {
    page::stored(LIMIT).and_then(|text| text.parse().ok()).unwrap_or(DEFAULT)
}

/// What is known of the storage.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Reading,
    None,
    Read(Vec<Thing>, Option<Estimate>),
}

/// Properties of [`Storage`].
#[derive(Properties, PartialEq)]
pub struct StorageProps {
    /// It is to be closed.
    pub on_close: Callback<()>,
}

/// The dialog.
#[component]
pub fn Storage(props: &StorageProps) -> Html {
    let state = use_state_eq(|| State::Reading);
    let read = {
        let state = state.clone();
        move |remove: Vec<Digest>| {
            let state = state.clone();
            spawn_local(async move {
                if !remove.is_empty() {
                    _ = kept::remove(&remove).await;
                }
                state.set(match kept::list().await {
                    Ok((things, estimate)) => State::Read(things, estimate),
                    Err(_) => State::None,
                });
            });
        }
    };
    {
        let read = read.clone();
        use_effect_with((), move |()| read(Vec::new()));
    }
    let is_kept = use_state_eq(|| None);
    {
        let is_kept = is_kept.clone();
        use_effect_with((), move |()| {
            spawn_local(async move { is_kept.set(Some(kept::is_site_kept(&page::base()).await)) });
        });
    }
    let on_limit = Callback::from(|event: Event| {
        let select = event.target_dyn_into::<web_sys::HtmlSelectElement>();
        if let Some(gigabytes) = select.and_then(|select| select.value().parse::<u64>().ok()) {
            page::store(LIMIT, &(gigabytes * GIGABYTE).to_string());
        }
    });
    let remove = Callback::from(read);
    let close = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <Dialog title="Kept in this browser" on_close={props.on_close.clone()} test_id="storage">
            <p class="hint">{ "Layers and documents of registries that were verified stay here, so that an image that shares them, or is opened again, need not fetch them. Private images too, whoever is logged in, until they are removed. Files that you drop are never copied here but to unpack them." }</p>
            <label for="keep">{ "Keep at most" }</label>
            <select id="keep" class="field" onchange={on_limit} data-testid="keep-limit">
                { for CHOICES.iter().map(|gigabytes| html! {
                    <option value={gigabytes.to_string()} selected={gigabytes * GIGABYTE == limit()}>{ choice(*gigabytes) }</option>
                }) }
            </select>
            { what(&state, &remove) }
            { site(*is_kept) }
            <div class="buttons"><button class="btn primary" onclick={close}>{ "Close" }</button></div>
        </Dialog>
    }
}

fn choice(gigabytes: u64) -> String {
    match gigabytes {
        0 => "Only the image opened last".to_owned(),
        gigabytes => format!("{gigabytes} GB"),
    }
}

/// Whether the page itself opens without network.
fn site(is_kept: Option<bool>) -> Html {
    let (state, text) = match is_kept {
        None => return Html::default(),
        Some(true) => {
            ("kept", "This page itself is kept too: it opens without network, and without the server it came from.")
        }
        Some(false) => {
            ("none", "This page itself is not kept: that needs https or localhost, and a window that is not private.")
        }
    };
    html! { <p class="hint" data-testid="kept-site" data-state={state}>{ text }</p> }
}

fn what(state: &State, remove: &Callback<Vec<Digest>>) -> Html {
    let (things, estimate) = match state {
        State::Reading => return html! { <p role="status">{ "Looking…" }</p> },
        State::None => {
            return html! { <p role="status">{ "This browser gives the page no storage: a private window, or plain http on another host than localhost. Each image is fetched anew." }</p> };
        }
        State::Read(things, estimate) => (things, estimate),
    };
    let bytes = things.iter().map(|thing| thing.kept.bytes).sum();
    let room = estimate.map(|estimate| format!(" The browser grants {}.", format::bytes(estimate.quota)));
    let all: Vec<Digest> = things.iter().map(|thing| thing.digest.clone()).collect();
    let on_all = remove.reform(move |_: MouseEvent| all.clone());
    html! {
        <>
            <p role="status" data-testid="kept-bytes" data-bytes={u64::to_string(&bytes)}>{ format!("{} in {}.{}", format::bytes(bytes), format::plural(things.len() as u64, "thing"), room.unwrap_or_default()) }</p>
            if !things.is_empty() {
                <div class="kept" tabindex="0" role="region" aria-label="Kept in this browser">
                    <table class="log">
                        <thead><tr><th scope="col">{ "What" }</th><th scope="col">{ "Image" }</th><th scope="col">{ "Bytes" }</th><th scope="col"><span class="sr">{ "Remove" }</span></th></tr></thead>
                        <tbody>{ for things.iter().map(|thing| row(thing, remove)) }</tbody>
                    </table>
                </div>
                <div class="buttons"><button class="btn" data-testid="kept-clear" onclick={on_all}>{ "Remove all that is not open" }</button></div>
            }
        </>
    }
}

fn row(thing: &Thing, remove: &Callback<Vec<Digest>>) -> Html {
    let what = match thing.kept.kind {
        Kind::Layer => "layer",
        Kind::Document => "document",
    };
    let digest = thing.digest.clone();
    let on_remove = remove.reform(move |_: MouseEvent| vec![digest.clone()]);
    let label = format!("Remove {what} {}", thing.digest.short());
    html! {
        <tr key={thing.digest.to_string()} data-testid="kept-row" data-kind={what} data-digest={thing.digest.to_string()}>
            <td title={thing.digest.to_string()}>{ what }{ " " }<span class="mono">{ thing.digest.short() }</span></td>
            <td>{ &thing.kept.image }</td>
            <td class="num">{ format::bytes(thing.kept.bytes) }</td>
            <td>
                if thing.held { <small>{ "open" }</small> }
                else { <button class="link" aria-label={label} onclick={on_remove}>{ "Remove" }</button> }
            </td>
        </tr>
    }
}
