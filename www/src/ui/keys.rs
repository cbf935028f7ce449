//! The keyboard: in the tree as in a file manager, and a few keys for the whole page.

use wasm_bindgen::{JsCast as _, closure::Closure};
use yew::prelude::*;

use super::{
    driver::Driver,
    page,
    phase::{Cursor, Look},
    rows::RowCache,
    see::See,
};

/// What a key does to the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Move(u32),
    Expand { node: u32, open: bool, deep: bool },
    Path(String),
    Depth(u32),
    Copy(String),
    Jump,
}

/// Handles keys of the tree.
pub fn on_tree_key(
    driver: &Driver,
    look: &Look,
    rows: &RowCache,
    cursor: Option<&Cursor>,
    count: u32,
    page_rows: u32,
    on_copy: Callback<String>,
) -> Callback<KeyboardEvent> {
    let (driver, look, rows) = (driver.clone(), look.clone(), rows.clone());
    let at = cursor.map(|cursor| row_of(&rows, cursor));
    Callback::from(move |event: KeyboardEvent| {
        // A column's header has its own keys.
        let on_button = event.target().is_some_and(|target| target.has_type::<web_sys::HtmlButtonElement>());
        if event.ctrl_key() || event.meta_key() || on_button {
            return;
        }
        let Some(step) = step(&event.key(), event.alt_key() || event.shift_key(), &rows, at, count, page_rows) else {
            return;
        };
        event.prevent_default();
        match step {
            Step::Move(row) => driver.see(See::Move(row)),
            Step::Expand { node, open, deep } => driver.expand(node, open, deep),
            Step::Path(path) => driver.see(See::Path(path)),
            Step::Depth(depth) => driver.depth(&look, depth),
            Step::Copy(path) => on_copy.emit(path),
            Step::Jump => page::press("jump-button"),
        }
    })
}

/// The cursor's row in the view as it is now.
fn row_of(rows: &RowCache, cursor: &Cursor) -> u32 {
    cursor.node.and_then(|node| rows.find(node)).unwrap_or(cursor.row)
}

fn step(key: &str, deep: bool, rows: &RowCache, at: Option<u32>, count: u32, page_rows: u32) -> Option<Step> {
    match key {
        "g" => return Some(Step::Jump),
        "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => return key.parse().ok().map(Step::Depth),
        _ => {}
    }
    let last = count.checked_sub(1)?;
    let Some(at) = at.map(|at| at.min(last)) else {
        let begins = matches!(key, "ArrowDown" | "ArrowUp" | "Home" | "PageDown" | "ArrowRight" | "Enter");
        return (begins || key == "End").then_some(Step::Move(if key == "End" { last } else { 0 }));
    };
    let row = rows.get(at);
    let expand = |open: bool, deep: bool| row.map(|row| Step::Expand { node: row.node, open, deep });
    let opened = row.and_then(|row| row.open);
    match key {
        "ArrowDown" => Some(Step::Move((at + 1).min(last))),
        "ArrowUp" => Some(Step::Move(at.saturating_sub(1))),
        "PageDown" => Some(Step::Move(at.saturating_add(page_rows).min(last))),
        "PageUp" => Some(Step::Move(at.saturating_sub(page_rows))),
        "Home" => Some(Step::Move(0)),
        "End" => Some(Step::Move(last)),
        "*" => expand(true, true),
        "c" => row.map(|row| Step::Copy(format!("/{}", row.path))),
        "Enter" | " " => opened.and_then(|open| expand(!open, deep)),
        "ArrowRight" => match opened? {
            false => expand(true, deep),
            true => Some(Step::Move((at + 1).min(last))),
        },
        "ArrowLeft" if opened == Some(true) => expand(false, deep),
        "ArrowLeft" => match rows.parent(at) {
            Some(parent) => Some(Step::Move(parent)),
            // Above what came: the session knows where it is.
            None => row?.path.rsplit_once('/').map(|(parent, _)| Step::Path(parent.to_owned())),
        },
        _ => None,
    }
}

/// A key for the whole page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKey {
    /// Out of what is open.
    Escape,
    /// The list of keys.
    Help,
    /// The command palette.
    Palette,
    /// The search of the tree.
    Find,
    /// The layer below (-1) or above (1).
    Layer(i32),
    /// The pane before (-1) or after (1).
    Pane(i32),
}

/// Whether a dialog or a word's popover is open over the page: its keys are its own. The browser closes it by Escape only
/// after the page was told of the key, so it is still there then.
pub fn is_covered() -> bool {
    ["dialog[open]", ":popover-open"].into_iter().any(page::is_there)
}

/// Whether one element has the page for itself, see [`super::alone`].
fn is_left_alone() -> bool {
    page::is_there("[aria-modal='true']")
}

/// Keys for the whole page.
#[hook]
pub fn use_page_keys(on_key: Callback<PageKey>) {
    use_effect_with(on_key, |on_key| {
        let on_key = on_key.clone();
        let handler = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            let typing =
                event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()).is_some_and(|element| {
                    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT" | "DIALOG")
                });
            let control = event.ctrl_key() || event.meta_key();
            let key = match event.key().as_str() {
                "k" | "K" if control && !event.shift_key() && !event.alt_key() => PageKey::Palette,
                _ if control || event.default_prevented() || is_covered() => return,
                "F6" if !is_left_alone() => PageKey::Pane(if event.shift_key() { -1 } else { 1 }),
                _ if typing => return,
                "?" => PageKey::Help,
                _ if is_left_alone() => return,
                "/" => PageKey::Find,
                "[" => PageKey::Layer(-1),
                "]" => PageKey::Layer(1),
                "Escape" => PageKey::Escape,
                _ => return,
            };
            // Escape is left to what is open over the page.
            if key != PageKey::Escape {
                event.prevent_default();
            }
            on_key.emit(key);
        });
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(document) = &document {
            _ = document.add_event_listener_with_callback("keydown", handler.as_ref().unchecked_ref());
        }
        move || {
            if let Some(document) = document {
                _ = document.remove_event_listener_with_callback("keydown", handler.as_ref().unchecked_ref());
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::rows::tests::row;

    fn cache() -> RowCache {
        let mut cache = RowCache::default();
        cache.turn(1, false);
        let mut folder = row(1, 0, "etc");
        folder.open = Some(true);
        let mut closed = row(2, 1, "etc/apt");
        closed.open = Some(false);
        cache.take(1, 0, vec![folder, closed, row(3, 1, "etc/passwd")]);
        cache
    }

    #[test]
    fn arrows_walk_and_open() {
        let rows = cache();
        let press = |key: &str, at: Option<u32>| step(key, false, &rows, at, 3, 2);
        for (key, at, expected) in [
            ("ArrowDown", None, Some(Step::Move(0))),
            ("ArrowDown", Some(2), Some(Step::Move(2))),
            ("ArrowUp", Some(0), Some(Step::Move(0))),
            ("PageDown", Some(0), Some(Step::Move(2))),
            ("End", Some(0), Some(Step::Move(2))),
            ("ArrowRight", Some(0), Some(Step::Move(1))),
            ("ArrowRight", Some(1), Some(Step::Expand { node: 2, open: true, deep: false })),
            ("ArrowRight", Some(2), None),
            ("ArrowLeft", Some(0), Some(Step::Expand { node: 1, open: false, deep: false })),
            ("ArrowLeft", Some(2), Some(Step::Move(0))),
            ("Enter", Some(1), Some(Step::Expand { node: 2, open: true, deep: false })),
            ("c", Some(2), Some(Step::Copy("/etc/passwd".to_owned()))),
            ("*", Some(0), Some(Step::Expand { node: 1, open: true, deep: true })),
            ("3", None, Some(Step::Depth(3))),
            ("g", Some(1), Some(Step::Jump)),
            ("x", Some(1), None),
        ] {
            assert_eq!(press(key, at), expected, "{key} at {at:?}");
        }
        assert_eq!(step("ArrowDown", false, &rows, None, 0, 2), None, "an empty tree");
    }
}
