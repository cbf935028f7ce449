//! Light, dark, or as the system has it.

use yew::prelude::*;

use super::{icons, page};

const KEY: &str = "lagvis.theme";

/// The button that goes through the three.
#[component]
pub fn ThemeButton() -> Html {
    let theme = use_state_eq(|| page::stored(KEY).unwrap_or_default());
    let (name, next) = match theme.as_str() {
        "light" => ("light", "dark"),
        "dark" => ("dark", ""),
        _ => ("as the system", "light"),
    };
    let on_click = Callback::from(move |_: MouseEvent| {
        page::store(KEY, next);
        page::root_attribute("data-theme", (!next.is_empty()).then_some(next));
        theme.set(next.to_owned());
    });
    let title = format!("Theme: {name}");
    html! {
        <button class="btn icon-only" data-testid="theme-button" title={title.clone()} aria-label={title} onclick={on_click}>{ icons::theme() }</button>
    }
}
