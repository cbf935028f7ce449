//! A row of tabs: Tab comes to the chosen one, arrows, Home and End walk the row and show what they come to.

use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// A tab.
pub struct TabItem {
    /// Its hook for tests, and its id, by which its panel is named.
    pub hook: String,
    /// Its title.
    pub title: AttrValue,
    /// It is the chosen one.
    pub on: bool,
    /// It is chosen.
    pub on_choose: Callback<MouseEvent>,
}

/// The row. `panel` is the id of what it changes.
pub fn tabs(
    label: &'static str,
    class: &'static str,
    of_each: &'static str,
    panel: &'static str,
    items: Vec<TabItem>,
) -> Html {
    let tab = |TabItem { hook, title, on, on_choose }: TabItem| {
        html! {
            <button key={hook.clone()} role="tab" id={hook.clone()} data-testid={hook} class={classes!(of_each, on.then_some("on"))}
                aria-selected={on.to_string()} aria-controls={on.then_some(panel)} tabindex={if on { "0" } else { "-1" }} onclick={on_choose}>{ title }</button>
        }
    };
    let on_key = Callback::from(|event: KeyboardEvent| walk(&event));
    html! { <div {class} role="tablist" aria-label={label} onkeydown={on_key}>{ for items.into_iter().map(tab) }</div> }
}

fn walk(event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some(tab) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let Some(row) = tab.parent_element() else { return };
    let (first, last) = (row.first_element_child(), row.last_element_child());
    let to = match event.key().as_str() {
        "ArrowRight" => tab.next_element_sibling().or(first),
        "ArrowLeft" => tab.previous_element_sibling().or(last),
        "Home" => first,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    if let Some(tab) = to.and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
        _ = tab.focus();
        tab.click();
    }
}
