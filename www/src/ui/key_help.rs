//! The list of keys, opened by `?`.

use yew::prelude::*;

use super::dialog::Dialog;

/// Keys and what they do, in groups.
const GROUPS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Everywhere",
        &[
            ("Ctrl K", "Command palette: views, layers, paths, settings"),
            ("?", "This list"),
            ("/", "Go to the filter of the tree"),
            ("[ ]", "The layer below, the layer above"),
            ("Esc", "Close; else back to all layers"),
            ("Tab", "Next control; arrows move within tree and borders"),
        ],
    ),
    (
        "In the tree",
        &[
            ("↑ ↓", "Row by row"),
            ("→ ←", "Open, close; from a closed one to its folder"),
            ("Enter", "Open or close; with Shift with all below"),
            ("*", "Open with all below"),
            ("PgUp PgDn", "A page"),
            ("Home End", "First and last row"),
        ],
    ),
    ("On a border between panes", &[("← →", "Move it"), ("Home", "Back to its place")]),
];

/// Properties of [`KeyHelp`].
#[derive(Properties, PartialEq)]
pub struct KeyHelpProps {
    /// It is to be closed.
    pub on_close: Callback<()>,
}

/// The dialog.
#[component]
pub fn KeyHelp(props: &KeyHelpProps) -> Html {
    let key = |(keys, what): &(&'static str, &'static str)| {
        let keys = keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> });
        html! { <><dt>{ for keys }</dt><dd>{ *what }</dd></> }
    };
    let group = |(name, keys): &(&'static str, &'static [(&'static str, &'static str)])| {
        html! { <section><h3>{ *name }</h3><dl class="key-list">{ for keys.iter().map(key) }</dl></section> }
    };
    html! {
        <Dialog title="Keys" on_close={props.on_close.clone()} test_id="key-help">
            { for GROUPS.iter().map(group) }
            <div class="buttons"><button class="btn primary" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ "Close" }</button></div>
        </Dialog>
    }
}
