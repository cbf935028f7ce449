//! The list of keys, opened by `?`.

use yew::prelude::*;

use super::dialog::Dialog;

/// Keys and what they do, in groups.
const GROUPS: [(&str, &[(&str, &str)]); 8] = [
    (
        "Everywhere",
        &[
            ("Ctrl+K", "Command palette: views, layers, paths, settings"),
            ("?", "This list"),
            ("/", "Search the tree"),
            ("F6", "Next pane: layers, view, details; with Shift the one before"),
            ("[ ]", "The layer below, the layer above"),
            ("Esc", "Close; else back to all layers"),
            ("Tab", "Next control"),
        ],
    ),
    (
        "In the tree",
        &[
            ("↑ ↓", "Row by row"),
            ("→ ←", "Open, close; from a closed one to its folder"),
            ("Enter", "Open or close; with Shift with all below"),
            ("*", "Open with all below"),
            ("0 … 9", "Open folders so many levels deep; 0 closes all"),
            ("g", "Go to a path"),
            ("c", "Copy the path"),
            ("PgUp PgDn", "A page"),
            ("Home End", "First and last row"),
        ],
    ),
    (
        "In text",
        &[
            ("Ctrl+F", "Find in this file"),
            ("n N", "Next and previous place"),
            ("Esc", "Leave the search, the whole window"),
        ],
    ),
    ("In hexadecimal", &[("↑ ↓", "Row by row"), ("PgUp PgDn", "A page"), ("Home End", "Start and end of the file")]),
    (
        "In the map",
        &[("← → ↑ ↓", "The cell beside"), ("Enter", "Into a folder; a file opens in the tree"), ("Backspace", "Up")],
    ),
    ("In the list of tags", &[("↑ ↓", "Tag by tag"), ("PgUp PgDn", "A page"), ("Home End", "First and last tag")]),
    ("On tabs", &[("← →", "The tab beside"), ("Home End", "First and last tab")]),
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
        // A sign between keys that is no key, and keys that are held together.
        let part = |part: &'static str| match part {
            "…" => html! { <span>{ "to" }</span> },
            part => html! { <kbd>{ part.replace('+', " ") }</kbd> },
        };
        let keys = keys.split(' ').map(part);
        html! { <><dt>{ for keys }</dt><dd>{ *what }</dd></> }
    };
    let group = |(name, keys): &(&'static str, &'static [(&'static str, &'static str)])| {
        html! { <section><h3>{ *name }</h3><dl class="key-list">{ for keys.iter().map(key) }</dl></section> }
    };
    html! {
        <Dialog title="Keys" on_close={props.on_close.clone()} test_id="key-help">
            <div class="key-groups">{ for GROUPS.iter().map(group) }</div>
            <div class="buttons"><button class="btn primary" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ "Close" }</button></div>
        </Dialog>
    }
}
