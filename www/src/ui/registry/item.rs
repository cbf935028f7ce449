//! What a digest names, to be read: a document of the image or of its repository, verified.

use lagvis::{
    image::Digest,
    problem::Problem,
    protocol::{Ask, Item, Payload},
    share::{Link, RegistryLook},
    text::harmless,
};
use yew::prelude::*;

use super::{
    names::{annotations, digest as digest_link, names},
    place::Place,
    state::Repository,
};
use crate::ui::{
    copy::{Copy, Full},
    document::json,
    driver::Driver,
    format, icons,
    login::{self, LoginForm},
    phase::{Look, Open},
    problem_text,
};

/// Where a digest in a document of an open image leads.
pub fn link_of(digest: &Digest, open: &Open, look: &Look, told: &Repository) -> Option<(Link, String)> {
    open.summary.pinned.as_ref()?;
    Place::of_image(open, look, told).named(digest)
}

/// What the address asks for, or that it is on its way.
pub fn item(digest: &Digest, place: &Place<'_>, driver: &Driver) -> Html {
    let back = place.at(place.look.part, RegistryLook { item: None, ..place.look.registry.clone() });
    let shown = match place.told.items.get(digest).map(AsRef::as_ref) {
        None => {
            html! { <p role="status" class="hint">{ icons::busy() }{ format!(" Asking {} for {digest}", place.host()) }</p> }
        }
        Some(Ok(item)) => body(item, place),
        Some(Err(problem)) => {
            let named = place.told.named(digest).map(Box::new);
            failed(problem, &Ask::Item { digest: digest.clone(), named }, driver)
        }
    };
    html! {
        <section class="item prose" aria-label="What the digest names" key={digest.to_string()}>
            <p><a class="link" href={back} data-testid="item-back">{ "← Back" }</a></p>
            { shown }
        </section>
    }
}

/// A document or blob.
pub fn body(item: &Item, place: &Place<'_>) -> Html {
    let title = capital(&item.what);
    html! {
        <div data-testid="item" data-digest={item.digest.to_string()} data-what={item.what.clone()}>
            <h2>{ title }</h2>
            <p class="ok">{ "✓ These bytes match the digest that names them." }</p>
            <dl class="facts">
                <dt>{ "Media type" }</dt><dd class="mono">{ if item.media_type.is_empty() { "none is stated".to_owned() } else { harmless(&item.media_type) } }</dd>
                <dt>{ "Size" }</dt><dd title={format!("{} bytes", format::count(item.size))}>{ format::bytes(item.size) }</dd>
                <dt>{ "Digest" }</dt><dd><Full value={item.digest.to_string()} what="digest" /></dd>
                { for item.facts.iter().map(|(name, text)| html! { <><dt>{ name }</dt><dd data-testid="item-fact">{ text }</dd></> }) }
                if !item.subjects.is_empty() {
                    <dt>{ "Speaks of" }</dt><dd>{ for item.subjects.iter().map(|subject| digest_link(subject, place)) }</dd>
                }
            </dl>
            if !item.annotations.is_empty() { <h3>{ "Annotations" }</h3>{ annotations(&item.annotations) } }
            { names(&item.names, place) }
            if let Some(payload) = &item.payload { { envelope(payload, place) } }
            { text(item, place) }
        </div>
    }
}

fn envelope(payload: &Payload, place: &Place<'_>) -> Html {
    let signatures = format::plural(payload.signatures, "signature");
    html! {
        <>
            <h3>{ "What the envelope holds" }</h3>
            <p class="hint">{ format!("{}, with {signatures}. Lagvis checks no signatures: who signed it is not known here.", harmless(&payload.kind)) }</p>
            <div data-testid="payload">{ json(&payload.text, "What the envelope holds", &|digest| place.named(digest)) }</div>
        </>
    }
}

fn text(item: &Item, place: &Place<'_>) -> Html {
    let Some(text) = &item.text else {
        return html! { <p class="hint" data-testid="no-text">{ format!("It is no text: {} of {}.", format::bytes(item.size), harmless(&item.media_type)) }</p> };
    };
    let is_json = text.trim_start().starts_with(['{', '[']);
    let source = if is_json {
        json(text, "Document", &|digest| place.named(digest))
    } else {
        let shown: String = text.chars().take(200_000).collect();
        html! { <pre class="source json" data-testid="document" tabindex="0" role="region" aria-label="Text">{ harmless(&shown) }</pre> }
    };
    html! {
        <>
            <h3>{ if is_json { "As it came, indented to be read" } else { "As it came" } }</h3>
            <p class="hint">{ "Copy it as it came " }<Copy value={text.clone()} what="document" /></p>
            { source }
        </>
    }
}

/// What went wrong, in place, with another try.
pub fn failed(problem: &Problem, ask: &Ask, driver: &Driver) -> Html {
    let words = problem_text::words(problem.kind);
    let of_login = driver.clone();
    let (driver, ask) = (driver.clone(), ask.clone());
    let again = Callback::from(move |_: MouseEvent| driver.ask_again(ask.clone()));
    html! {
        <section class="problem small" role="alert" data-testid="error" data-kind={problem.kind.name()}>
            <div class="problem-head"><span class="problem-icon">{ icons::cross() }</span><h2>{ words.title }</h2></div>
            <dl class="facts">
                <dt>{ "Where" }</dt><dd class="mono">{ &problem.place }</dd>
                <dt>{ "Detail" }</dt><dd class="mono">{ &problem.detail }</dd>
                <dt>{ "Likely cause" }</dt><dd>{ words.cause }</dd>
            </dl>
            if login::helps(problem.kind) { <LoginForm driver={of_login} /> }
            <div class="buttons"><button class="btn" data-testid="ask-again" onclick={again}>{ "Try again" }</button></div>
        </section>
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
