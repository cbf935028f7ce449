//! The filter field. It waits until typing pauses, so that a session is not asked for each letter.

use std::{cell::Cell, rc::Rc, time::Duration};

use web_sys::HtmlInputElement;
use yew::{platform::time::sleep, prelude::*};

use super::{driver::Driver, see::See};

const PAUSE: Duration = Duration::from_millis(120);

/// Properties of [`Filter`].
#[derive(Properties, PartialEq)]
pub struct FilterProps {
    /// The filter as it is.
    pub value: AttrValue,
    /// The page's hands.
    pub driver: Driver,
}

/// The field.
#[component]
pub fn Filter(props: &FilterProps) -> Html {
    let typed = use_mut_ref(|| Rc::new(Cell::new(0_u32)));
    let field = use_node_ref();
    // What "Back" or a link brings is shown; what is being typed is left alone.
    {
        let field = field.clone();
        use_effect_with(props.value.clone(), move |value| {
            if let Some(field) = field.cast::<HtmlInputElement>()
                && field.value().trim() != value.as_str()
            {
                field.set_value(value);
            }
        });
    }
    let on_input = {
        let (driver, typed) = (props.driver.clone(), typed.borrow().clone());
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            let (driver, typed) = (driver.clone(), Rc::clone(&typed));
            let number = typed.get().wrapping_add(1);
            typed.set(number);
            yew::platform::spawn_local(async move {
                sleep(PAUSE).await;
                if typed.get() == number {
                    driver.see(See::Filter(field.value().trim().to_owned()));
                }
            });
        })
    };
    let on_key = {
        let driver = props.driver.clone();
        Callback::from(move |event: KeyboardEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            match event.key().as_str() {
                "Escape" if !field.value().is_empty() => {
                    event.stop_propagation();
                    field.set_value("");
                    driver.see(See::Filter(String::new()));
                }
                "Escape" | "ArrowDown" => {
                    event.stop_propagation();
                    event.prevent_default();
                    super::page::focus("tree");
                }
                _ => {}
            }
        })
    };
    html! {
        <div class="filter">
            <input ref={field} type="search" data-testid="filter-input" aria-label="Filter paths" placeholder="Filter paths" spellcheck="false"
                autocomplete="off" autocapitalize="off" oninput={on_input} onkeydown={on_key} />
            <kbd aria-hidden="true">{ "/" }</kbd>
        </div>
    }
}
