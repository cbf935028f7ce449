//! One row of the tree.

use lagvis::protocol::{Change, EntryType, Row};
use yew::prelude::*;

use super::{driver::Driver, format, icons, see::See};

/// Deeper rows are not indented further, so that their names can still be seen.
const DEEPEST: u32 = 16;

/// What a click on a row does.
pub struct RowEvents {
    driver: Driver,
}

impl RowEvents {
    /// For these hands.
    pub fn new(driver: &Driver) -> Self {
        Self { driver: driver.clone() }
    }

    fn select(&self, index: u32) -> Callback<MouseEvent> {
        let driver = self.driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::Row(index)))
    }

    fn toggle(&self, node: u32, open: bool) -> Callback<MouseEvent> {
        let driver = self.driver.clone();
        Callback::from(move |event: MouseEvent| {
            driver.expand(node, !open, event.alt_key());
        })
    }
}

/// Draws a row.
pub fn row(index: u32, row: &Row, selected: bool, unverified: bool, events: &RowEvents) -> Html {
    let is_link = row.kind == EntryType::Symlink;
    let twisty = match row.open {
        None => html! { <span class="twisty" /> },
        Some(open) => html! {
            <span class={classes!("twisty", open.then_some("open"))} onclick={events.toggle(row.node, open)} title="Alt-click opens everything below">
                <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d="M3 1.5 7 5 3 8.5z" fill="currentColor" /></svg>
            </span>
        },
    };
    let size = if is_link || matches!(row.kind, EntryType::Char | EntryType::Block | EntryType::Fifo) {
        "–".to_owned()
    } else {
        format::bytes(row.size)
    };
    let double = row.open.map(|open| events.toggle(row.node, open));
    html! {
        <div key={index} id={format!("row-{index}")} role="row" data-testid="tree-row" data-path={row.path.clone()}
            data-change={row.change.name()} data-type={row.kind.name()}
            class={classes!("tree-row", change_class(row), selected.then_some("on"), unverified.then_some("unverified"))}
            aria-level={(row.depth + 1).to_string()} aria-rowindex={(index + 2).to_string()}
            aria-expanded={row.open.map(|open| open.to_string())} aria-selected={selected.to_string()}
            onclick={events.select(index)} ondblclick={double}>
            <span class="col-name" role="gridcell" title={row.path.clone()}>
                <svg class="indent" width={(row.depth.min(DEEPEST) * 16).to_string()} height="1" aria-hidden="true" />
                { twisty }
                <span class="name">{ &row.name }{ if row.kind == EntryType::Dir { "/" } else { "" } }
                    if let Some(link) = &row.link { <span class="link-target">{ if is_link { " → " } else { " = " } }{ link }</span> }
                </span>
                if unverified { <span class="tag" title="This layer's bytes are not verified yet">{ "unverified" }</span> }
            </span>
            <span class="col-size" role="gridcell">{ size }</span>
            <span class="col-mode" role="gridcell">{ format::mode(row.kind, row.mode) }</span>
            <span class="col-owner" role="gridcell">{ format!("{}:{}", row.uid, row.gid) }</span>
            <span class="col-time" role="gridcell">{ format::time(row.mtime) }</span>
            <span class="col-layer" role="gridcell">{ row.layer.map(layer_chip).unwrap_or_default() }</span>
        </div>
    }
}

fn change_class(row: &Row) -> &'static str {
    match row.change {
        Change::None if row.changed_below => "below",
        Change::None => "none",
        Change::Added => "added",
        Change::Modified => "modified",
        Change::Removed => "removed",
    }
}

/// A layer's colour and number.
pub fn layer_chip(layer: u32) -> Html {
    html! { <span class={classes!("layer-chip", icons::colour(layer))} title={format!("Last set by layer {layer}")}><i class="swatch" />{ layer }</span> }
}
