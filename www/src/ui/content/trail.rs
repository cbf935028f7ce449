//! Where a symbolic link leads: each link on the way, and the end, as links to their rows.

use lagvis::protocol::Trail;
use yew::prelude::*;

use crate::ui::{driver::Driver, see::See};

/// Draws the way of a link.
pub fn trail(trail: &Trail, driver: &Driver) -> Html {
    let go = |path: &str, hook: &'static str| {
        let (driver, target) = (driver.clone(), path.to_owned());
        let on_click = Callback::from(move |_: MouseEvent| driver.see(See::Path(target.clone())));
        html! { <button class="link mono" data-testid={hook} data-target={path.to_owned()} onclick={on_click}>{ format!("/{path}") }</button> }
    };
    html! {
        <>
            <h3>{ "Leads to" }</h3>
            <ol class="trail">
                { for trail.hops.iter().map(|hop| html! { <li>{ go(&hop.path, "trail-hop") }<span class="dim mono">{ format!(" → {}", hop.target) }</span></li> }) }
                {
                    match &trail.end {
                        Ok(path) => html! { <li class="end">{ go(path, "trail-end") }</li> },
                        Err(why) => html! { <li class="end wrong" data-testid="trail-broken">{ format!("Nowhere: {why}") }</li> },
                    }
                }
            </ol>
        </>
    }
}
