//! The command palette: everything that can be done, found by typing.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    commands::{self, Command, Do},
    dialog::Dialog,
    driver::Driver,
    overlay::Overlay,
    page,
    phase::{Model, Phase},
    recent,
};

/// Properties of [`Palette`].
#[derive(Properties, PartialEq)]
pub struct PaletteProps {
    /// What is seen.
    pub model: Model,
    /// The page's hands.
    pub driver: Driver,
    /// Another overlay, or none.
    pub on_overlay: Callback<Option<Overlay>>,
    /// The tour is wanted.
    pub on_tour: Callback<()>,
}

/// The palette.
#[component]
pub fn Palette(props: &PaletteProps) -> Html {
    let typed = use_state_eq(String::new);
    let at = use_state_eq(|| 0_usize);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                _ = field.focus();
            }
        });
    }
    let list = commands::found(
        commands::commands(&props.model, recent::all()),
        &typed,
        matches!(props.model.phase, Phase::Open(_)),
    );
    let chosen = (*at).min(list.len().saturating_sub(1));
    {
        use_effect_with(chosen, |chosen| page::scroll_to(&format!("command-{chosen}")));
    }
    let run = {
        let (driver, on_overlay, on_tour) = (props.driver.clone(), props.on_overlay.clone(), props.on_tour.clone());
        Callback::from(move |act: Do| {
            on_overlay.emit(if let Do::Show(overlay) = act { Some(overlay) } else { None });
            commands::run(act, &driver, &on_tour);
        })
    };
    let on_input = {
        let at = at.clone();
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            typed.set(field.value());
            at.set(0);
        })
    };
    let on_key = {
        let (list, run) = (list.clone(), run.clone());
        Callback::from(move |event: KeyboardEvent| {
            let last = list.len().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" => at.set(if chosen == last { 0 } else { chosen + 1 }),
                "ArrowUp" => at.set(chosen.checked_sub(1).unwrap_or(last)),
                "Enter" => {
                    if let Some(command) = list.get(chosen) {
                        run.emit(command.act.clone());
                    }
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let row = |(index, command): (usize, &Command)| {
        let (run, act) = (run.clone(), command.act.clone());
        let on = index == chosen;
        let on_click = Callback::from(move |_: MouseEvent| run.emit(act.clone()));
        html! {
            <li id={format!("command-{index}")} role="option" aria-selected={on.to_string()} data-testid="command"
                class={classes!("command-row", on.then_some("on"))} onclick={on_click}>
                <span>{ &command.title }</span><small>{ command.hint }</small>
            </li>
        }
    };
    let close = props.on_overlay.reform(|()| None);
    html! {
        <Dialog title="Commands" on_close={close} test_id="palette">
            <input ref={field} class="field" role="combobox" aria-expanded="true" aria-controls="commands" aria-label="Type a command, or a path that begins with /"
                aria-activedescendant={(!list.is_empty()).then(|| format!("command-{chosen}"))} placeholder="Type a command, or /a/path"
                data-testid="palette-input" autocomplete="off" spellcheck="false" oninput={on_input} onkeydown={on_key} />
            <ul id="commands" class="commands" role="listbox" aria-label="Commands">{ for list.iter().enumerate().map(row) }</ul>
            if list.is_empty() { <p class="hint" role="status">{ "No command has these words." }</p> }
        </Dialog>
    }
}
