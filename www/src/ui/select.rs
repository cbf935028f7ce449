//! A list to choose one of. It shows what the state says, whatever was chosen before.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`Select`].
#[derive(Properties, PartialEq)]
pub struct SelectProps {
    /// Its name.
    pub label: AttrValue,
    /// Its hook for tests.
    pub hook: AttrValue,
    /// The value as it is.
    pub value: String,
    /// Value and text of each.
    pub options: Vec<(String, String)>,
    /// Another one was chosen.
    pub on_change: Callback<String>,
}

/// The list.
#[component]
pub fn Select(props: &SelectProps) -> Html {
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((props.value.clone(), props.options.clone()), move |(value, _)| {
            if let Some(field) = field.cast::<HtmlSelectElement>() {
                field.set_value(value);
            }
        });
    }
    let on_change = props.on_change.reform(|event: Event| {
        let field: HtmlSelectElement = event.target_unchecked_into();
        field.value()
    });
    html! {
        <select ref={field} class="select" aria-label={props.label.clone()} data-testid={props.hook.clone()} onchange={on_change}>
            { for props.options.iter().map(|(value, text)| html! { <option key={value.clone()} value={value.clone()}>{ text }</option> }) }
        </select>
    }
}
