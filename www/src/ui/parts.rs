//! The parts of a tab: a second row of tabs, which the arrow keys walk.

use lagvis::share::Part;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use super::{driver::Driver, see::See};

/// The row. The first part that is listed stands for one that this tab has not.
pub fn parts(listed: &[(Part, String)], shown: Part, name: &'static str, driver: &Driver) -> Html {
    let part = |(part, title): &(Part, String)| {
        let (part, on) = (*part, *part == shown);
        let driver = driver.clone();
        let on_click = Callback::from(move |_: MouseEvent| driver.see(See::Part(part)));
        html! {
            <button role="tab" class={classes!("chip", on.then_some("on"))} data-testid={format!("part-{}", part.name())} aria-selected={on.to_string()}
                tabindex={if on { "0" } else { "-1" }} onclick={on_click}>{ title }</button>
        }
    };
    html! { <div class="parts" role="tablist" aria-label={name} onkeydown={Callback::from(|event: KeyboardEvent| walk(&event))}>{ for listed.iter().map(part) }</div> }
}

/// The part to be shown.
pub fn shown(listed: &[(Part, String)], wanted: Part) -> Part {
    let known = listed.iter().map(|(part, _)| *part);
    known.clone().find(|part| *part == wanted).or(known.clone().next()).unwrap_or_default()
}

/// Left and right go to the neighbour and show it.
fn walk(event: &KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let neighbour = target.and_then(|target| match event.key().as_str() {
        "ArrowRight" => target.next_element_sibling(),
        "ArrowLeft" => target.previous_element_sibling(),
        _ => None,
    });
    if let Some(button) = neighbour.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        _ = button.focus();
        button.click();
    }
}

/// A command to paste: its text, which may be several lines, and a copy button.
pub fn command(text: &str, hook: &'static str) -> Html {
    let text = AttrValue::from(text.to_owned());
    html! {
        <div class="command"><code class="lines" data-testid={hook}>{ text.clone() }</code><super::copy::Copy value={text} what="command" /></div>
    }
}
