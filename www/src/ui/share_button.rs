//! Copies the link to what is seen. The address bar has it already.

use std::time::Duration;

use yew::{platform::time::sleep, prelude::*};

use super::{icons, page};
use crate::history;

/// The button.
#[component]
pub fn ShareButton() -> Html {
    let text = use_state_eq(|| "Copy link");
    let on_click = {
        let text = text.clone();
        Callback::from(move |_: MouseEvent| {
            let text = text.clone();
            yew::platform::spawn_local(async move {
                let copied = page::copy(&history::address()).await;
                text.set(if copied { "Copied" } else { "Copy it from the address bar" });
                sleep(Duration::from_millis(1_600)).await;
                text.set("Copy link");
            });
        })
    };
    html! {
        <button class="btn primary" data-testid="share-button" title="A link to exactly this view" onclick={on_click}>
            { icons::link() }<span class="label" aria-live="polite">{ *text }</span>
        </button>
    }
}
