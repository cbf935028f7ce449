//! Copies the link to what is seen. The address bar has it already.

use std::time::Duration;

use yew::{platform::time::sleep, prelude::*};

use super::{icons, page};
use crate::history;

/// The button.
#[component]
pub fn ShareButton() -> Html {
    let said = use_state_eq(|| None::<&'static str>);
    let on_click = {
        let said = said.clone();
        Callback::from(move |_: MouseEvent| {
            let said = said.clone();
            yew::platform::spawn_local(async move {
                let copied = page::copy(&history::address()).await;
                said.set(Some(if copied { "Copied" } else { "Copy it from the address bar" }));
                sleep(Duration::from_millis(1_600)).await;
                said.set(None);
            });
        })
    };
    html! {
        <>
            // Narrow windows have no room for the name, but for what happened.
            <button class="btn primary" data-testid="share-button" title="A link to exactly this view" aria-label="Copy link" onclick={on_click}>
                { if *said == Some("Copied") { icons::tick() } else { icons::link() } }
                <span class={classes!("label", said.map(|_| "said"))}>{ said.unwrap_or("Copy link") }</span>
            </button>
            <span class="sr" role="status" data-testid="share-said">{ said.unwrap_or_default() }</span>
        </>
    }
}
