//! A modal dialog: the browser's own, so that focus, Escape and the rest of the page are handled by it.

use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// Properties of [`Dialog`].
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// Its heading.
    pub title: AttrValue,
    /// Escape or a click beside it.
    pub on_close: Callback<()>,
    /// Name for tests.
    #[prop_or_default]
    pub test_id: Option<AttrValue>,
    /// What it shows.
    pub children: Html,
}

/// A modal dialog, open as long as it is drawn.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<web_sys::HtmlDialogElement>()
                && !dialog.open()
            {
                _ = dialog.show_modal();
            }
            // Closed, not only taken away: so the browser gives the focus back to where it was.
            move || {
                if let Some(dialog) = node.cast::<web_sys::HtmlDialogElement>() {
                    dialog.close();
                }
            }
        });
    }
    let on_cancel = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            on_close.emit(());
        })
    };
    let on_click = {
        let (node, on_close) = (node.clone(), props.on_close.clone());
        Callback::from(move |event: MouseEvent| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            if target.is_some() && target == node.get() {
                on_close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class="dialog" aria-labelledby="dialog-title" data-testid={props.test_id.clone()}
            oncancel={on_cancel} onclick={on_click}>
            <div class="dialog-body">
                <h2 id="dialog-title">{ &props.title }</h2>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
