//! One element over all others, without being another element than before: what is beside it cannot be reached by
//! keyboard, pointer or screen reader, and Escape gives it up from wherever the focus is.

use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::Element;
use yew::prelude::*;

use super::keys;

/// Leaves the element alone on the page for as long as `is_alone`.
#[hook]
pub fn use_alone(node: &NodeRef, is_alone: bool, on_escape: Callback<()>) {
    let node = node.clone();
    use_effect_with((is_alone, on_escape), move |(is_alone, on_escape)| {
        let element = node.cast::<Element>().filter(|_| *is_alone);
        let inert = element.map(beside).unwrap_or_default();
        for element in &inert {
            _ = element.set_attribute("inert", "");
        }
        let listener = is_alone.then(|| listen(on_escape.clone()));
        move || {
            for element in &inert {
                _ = element.remove_attribute("inert");
            }
            if let (Some(handler), Some(document)) = (listener, document()) {
                _ = document.remove_event_listener_with_callback("keydown", handler.as_ref().unchecked_ref());
            }
        }
    });
}

/// What is beside an element and beside all that is around it, as far as it is not inert already.
fn beside(element: Element) -> Vec<Element> {
    let mut found = Vec::new();
    let mut at = element;
    while let Some(parent) = at.parent_element() {
        let mut child = parent.first_element_child();
        while let Some(sibling) = child {
            child = sibling.next_element_sibling();
            if sibling != at && !sibling.has_attribute("inert") && parent.tag_name() != "HTML" {
                found.push(sibling);
            }
        }
        at = parent;
    }
    found
}

fn listen(on_escape: Callback<()>) -> Closure<dyn FnMut(KeyboardEvent)> {
    let handler = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        // What is open over it, or a field in it, has Escape first.
        if event.key() == "Escape" && !event.default_prevented() && !keys::is_covered() {
            event.prevent_default();
            on_escape.emit(());
        }
    });
    if let Some(document) = document() {
        _ = document.add_event_listener_with_callback("keydown", handler.as_ref().unchecked_ref());
    }
    handler
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}
