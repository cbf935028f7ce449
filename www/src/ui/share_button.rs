//! Copies the link to what is seen. The address bar has it already.

use std::time::Duration;

use yew::{platform::time::sleep, prelude::*};

use super::{icons, page};
use crate::history;

/// Properties of [`ShareButton`].
#[derive(Properties, PartialEq)]
pub struct ShareProps {
    /// What is seen is of a file: the link has it not, and whoever opens the link needs it.
    #[prop_or_default]
    pub of_file: bool,
}

/// The button.
#[component]
pub fn ShareButton(props: &ShareProps) -> Html {
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
    let title = match props.of_file {
        true => "A link to exactly this view. The file is not in it: send it too",
        false => "A link to exactly this view",
    };
    let spoken = match *said {
        Some("Copied") if props.of_file => "Copied. The file is not in the link: send it too.",
        said => said.unwrap_or_default(),
    };
    html! {
        <>
            // Narrow windows have no room for the name, but for what happened.
            <button class="btn primary" data-testid="share-button" {title} aria-label="Copy link" onclick={on_click}>
                { if *said == Some("Copied") { icons::tick() } else { icons::link() } }
                <span class={classes!("label", said.map(|_| "said"))}>{ said.unwrap_or("Copy link") }</span>
            </button>
            <span class="sr" role="status" data-testid="share-said">{ spoken }</span>
        </>
    }
}
