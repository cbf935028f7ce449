//! The way to a path that is known: typed or pasted, the tree opens at it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use lagvis::protocol::Elsewhere;

use super::{driver::Driver, page, phase::Lost, see::See};

/// Properties of [`Jump`].
#[derive(Properties, PartialEq)]
pub struct JumpProps {
    /// A path that was looked for and is not there.
    pub lost: Option<Lost>,
    /// The page's hands.
    pub driver: Driver,
}

/// A button that turns into a field.
#[component]
pub fn Jump(props: &JumpProps) -> Html {
    let open = use_state_eq(|| false);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with(*open, move |open| {
            if let (true, Some(field)) = (*open, field.cast::<HtmlInputElement>()) {
                _ = field.focus();
            }
        });
    }
    let show = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let on_submit = {
        let (driver, field) = (props.driver.clone(), field.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            let path = clean(&typed);
            if !path.is_empty() {
                driver.see(See::Path(path));
                page::focus("tree");
            }
        })
    };
    let on_key = {
        let open = open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                open.set(false);
                page::focus("tree");
            }
        })
    };
    let on_blur = {
        let open = open.clone();
        Callback::from(move |_: FocusEvent| open.set(false))
    };
    html! {
        <>
            if *open {
                <form class="jump" onsubmit={on_submit}>
                    <input ref={field} type="text" class="field" aria-label="Path to go to" placeholder="/usr/bin/env" autocomplete="off" autocapitalize="off" spellcheck="false" data-testid="jump-input" onkeydown={on_key} onblur={on_blur} />
                </form>
            } else {
                <button type="button" class="chip" title="Go to a path (g)" data-testid="jump-button" onclick={show}>{ "Go to…" }</button>
            }
            <p class="search-problem" role="alert" data-testid="jump-problem">{ props.lost.as_ref().map(said).unwrap_or_default() }</p>
            <WayThere lost={props.lost.clone()} driver={props.driver.clone()} />
        </>
    }
}

/// That the path is not there, and which layer is why.
fn said(lost: &Lost) -> String {
    let path = &lost.path;
    match lost.elsewhere {
        None => format!("There is no /{path} in this view."),
        Some(Elsewhere::Removed { by, last }) => {
            format!("/{path} is not in this view: layer {by} removed what layer {last} had there.")
        }
        Some(Elsewhere::Later(layer)) => format!("/{path} is not in this view: it comes with layer {layer}."),
    }
}

/// The way to a path that only other layers have. It has the focus, so that Enter goes on.
#[component]
fn WayThere(props: &JumpProps) -> Html {
    let button = use_node_ref();
    let way = props.lost.as_ref().and_then(|lost| Some((lost.path.clone(), layer_of(lost.elsewhere?))));
    {
        let button = button.clone();
        use_effect_with(way.clone(), move |_| {
            if let Some(button) = button.cast::<web_sys::HtmlElement>() {
                _ = button.focus();
            }
        });
    }
    let Some((path, layer)) = way else { return Html::default() };
    let on_click = {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| {
            driver.see(See::PathAt(path.clone(), layer));
            page::focus("tree");
        })
    };
    html! { <button ref={button} type="button" class="btn" data-testid="jump-there" onclick={on_click}>{ format!("Open it as of layer {layer}") }</button> }
}

/// The layer that has it last, or first.
fn layer_of(elsewhere: Elsewhere) -> u32 {
    match elsewhere {
        Elsewhere::Removed { last, .. } => last,
        Elsewhere::Later(layer) => layer,
    }
}

/// The path as `--files` writes it: no slash at its ends, none twice.
fn clean(typed: &str) -> String {
    typed.trim().split('/').filter(|name| !name.is_empty() && *name != ".").collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_as_they_are_pasted() {
        for (typed, path) in [(" /etc//passwd ", "etc/passwd"), ("./usr/", "usr"), ("/", "")] {
            assert_eq!(super::clean(typed), path);
        }
    }
}
