//! The tree's head: each column sorts.

use lagvis::protocol::{Sort, SortBy};
use yew::prelude::*;

use super::{driver::Driver, see::See};

/// Name and class of a column.
fn column(by: SortBy) -> (&'static str, &'static str) {
    match by {
        SortBy::Name => ("Name", "col-name"),
        SortBy::Size => ("Size", "col-size"),
        SortBy::Mode => ("Mode", "col-mode"),
        SortBy::Owner => ("Owner", "col-owner"),
        SortBy::Time => ("Changed", "col-time"),
        SortBy::Layer => ("Layer", "col-layer"),
    }
}

/// The head.
pub fn head(sort: Sort, driver: &Driver) -> Html {
    let cell = |by: SortBy| {
        let (name, class) = column(by);
        let on = sort.by == by;
        let (state, arrow) = match (on, sort.descending) {
            (false, _) => ("none", ""),
            (true, true) => ("descending", " ↓"),
            (true, false) => ("ascending", " ↑"),
        };
        let driver = driver.clone();
        let on_click = Callback::from(move |_: MouseEvent| driver.see(See::SortBy(by)));
        html! {
            <span role="columnheader" aria-sort={state} {class}>
                <button type="button" class={on.then_some("on")} title={format!("Sort by {}", name.to_lowercase())} data-testid={format!("sort-{}", by.name())} onclick={on_click}>{ name }<span aria-hidden="true">{ arrow }</span></button>
            </span>
        }
    };
    html! { <div class="tree-head" role="row" aria-rowindex="1">{ for SortBy::ALL.into_iter().map(cell) }</div> }
}
