//! A button that puts a value on the clipboard and says so.

use std::time::Duration;

use yew::{platform::time::sleep, prelude::*};

use super::{icons, page};

/// Properties of [`Copy`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// The value.
    pub value: AttrValue,
    /// What it is, for the button's name.
    pub what: AttrValue,
}

/// How the last copy went.
#[derive(Clone, Copy, PartialEq)]
enum Copied {
    No,
    Yes,
    Refused,
}

/// A small copy button.
#[component]
pub fn Copy(props: &CopyProps) -> Html {
    let state = use_state_eq(|| Copied::No);
    let on_click = {
        let (state, value) = (state.clone(), props.value.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            let (state, value) = (state.clone(), value.clone());
            yew::platform::spawn_local(async move {
                state.set(if page::copy(&value).await { Copied::Yes } else { Copied::Refused });
                sleep(Duration::from_millis(1_400)).await;
                state.set(Copied::No);
            });
        })
    };
    let said = match *state {
        Copied::No => String::new(),
        Copied::Yes => format!("Copied {}", props.what),
        Copied::Refused => "This browser does not let the page copy; select the text instead".to_owned(),
    };
    let (class, title) = match *state {
        Copied::No => ("copy", format!("Copy {}", props.what)),
        Copied::Yes => ("copy done", "Copied".to_owned()),
        Copied::Refused => ("copy refused", said.clone()),
    };
    html! {
        <span class="copy-place">
            <button type="button" {class} title={title.clone()} aria-label={title} onclick={on_click}>
                { if *state == Copied::Yes { icons::tick() } else { icons::copy() } }
            </button>
            <span class="sr" role="status" data-testid="copy-said">{ said }</span>
        </span>
    }
}

/// A digest, shortened to its first twelve figures, with the whole as its title and a copy button.
#[component]
pub fn Short(props: &CopyProps) -> Html {
    let (_, encoded) = props.value.split_once(':').unwrap_or(("", &props.value));
    let short: String = encoded.chars().take(12).collect();
    html! { <span class="digest"><code title={props.value.clone()}>{ short }</code><Copy value={props.value.clone()} what={props.what.clone()} /></span> }
}

/// A digest in full, which may be broken over lines, with a copy button.
#[component]
pub fn Full(props: &CopyProps) -> Html {
    html! { <span class="digest full"><code>{ &props.value }</code><Copy value={props.value.clone()} what={props.what.clone()} /></span> }
}
