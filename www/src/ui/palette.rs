//! The command palette: everything that can be done, found by typing.

use lagvis::{protocol::ToSession, share::LayerChoice};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    dialog::Dialog,
    driver::Driver,
    layers, open,
    overlay::Overlay,
    page,
    phase::{Focus, Model, OpenStage, Phase},
    recent::{self, Recent},
    see::See,
};

/// Entries shown at once.
const MOST: usize = 50;

/// What an entry does.
#[derive(Clone, Debug, PartialEq)]
enum Do {
    See(See),
    Show(Overlay),
    Ask(ToSession),
    Press(&'static str),
    Focus(&'static str),
    Recent(Recent),
    Sample,
    Tour,
    Home,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
struct Command {
    title: String,
    hint: &'static str,
    act: Do,
}

impl Command {
    fn new(title: impl Into<String>, hint: &'static str, act: Do) -> Self {
        Self { title: title.into(), hint, act }
    }
}

/// Everything that can be done now.
fn commands(model: &Model, recent: Vec<Recent>) -> Vec<Command> {
    let mut list = Vec::new();
    if let Phase::Open(open) = &model.phase
        && open.stage == OpenStage::Inspecting
    {
        for tab in open::tabs_of(open) {
            list.push(Command::new(open::tab_title(tab), "view", Do::See(See::Tab(tab))));
        }
        list.push(Command::new("All layers", "layer", Do::See(See::Layer(LayerChoice::All))));
        for (index, layer) in (0_u32..).zip(&open.summary.layers) {
            let step = layers::instruction(layer.created_by.as_deref().unwrap_or(&layer.subject));
            list.push(Command::new(
                format!("Layer {index}: {step}"),
                "layer",
                Do::See(See::Layer(LayerChoice::One(index))),
            ));
        }
        list.push(Command::new("About this image", "details", Do::See(See::Focus(Focus::Image))));
        list.push(Command::new("Search the tree", "/", Do::Focus("filter-input")));
        list.push(Command::new("Save the receipt", "JSON", Do::Ask(ToSession::Receipt)));
        list.push(Command::new("Copy the link to this view", "link", Do::Press("share-button")));
        list.push(Command::new("Close this image", "start", Do::Home));
    } else {
        list.extend(recent.into_iter().map(|recent| {
            let name = match &recent {
                Recent::Reference(name) | Recent::File(name, _) => name.clone(),
            };
            Command::new(name, "opened before", Do::Recent(recent))
        }));
    }
    list.push(Command::new("Take the tour", "learn", Do::Tour));
    list.push(Command::new("Open the sample image", "start", Do::Sample));
    list.push(Command::new("Theme: light, dark, as the system", "settings", Do::Press("theme-button")));
    list.push(Command::new("Settings", "proxy, memory", Do::Show(Overlay::Settings)));
    list.push(Command::new("Kept in this browser", "storage, cache", Do::Show(Overlay::Storage)));
    list.push(Command::new("Keys", "?", Do::Show(Overlay::Keys)));
    list
}

/// Those that have every word that was typed; a path goes to that path.
fn found(commands: Vec<Command>, typed: &str, is_open: bool) -> Vec<Command> {
    let typed = typed.trim();
    let path = typed.trim_start_matches('/');
    let goes = (is_open && typed.starts_with('/') && !path.is_empty())
        .then(|| Command::new(format!("Go to /{path}"), "path", Do::See(See::Path(path.to_owned()))));
    let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let has = |command: &Command| {
        let text = format!("{} {}", command.title, command.hint).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    goes.into_iter().chain(commands.into_iter().filter(has)).take(MOST).collect()
}

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
    let list = found(commands(&props.model, recent::all()), &typed, matches!(props.model.phase, Phase::Open(_)));
    let chosen = (*at).min(list.len().saturating_sub(1));
    {
        use_effect_with(chosen, |chosen| page::scroll_to(&format!("command-{chosen}")));
    }
    let run = {
        let (driver, on_overlay, on_tour) = (props.driver.clone(), props.on_overlay.clone(), props.on_tour.clone());
        Callback::from(move |act: Do| {
            on_overlay.emit(if let Do::Show(overlay) = act { Some(overlay) } else { None });
            match act {
                Do::See(see) => driver.see(see),
                Do::Ask(message) => driver.send(message),
                // Once the dialog is gone and what is behind it can be used again.
                Do::Press(hook) => yew::platform::spawn_local(async move { page::press(hook) }),
                Do::Focus(hook) => yew::platform::spawn_local(async move { page::focus(hook) }),
                Do::Recent(recent) => recent::open(&driver, &recent),
                Do::Sample => driver.open_sample(),
                Do::Tour => on_tour.emit(()),
                Do::Home => driver.home(),
                Do::Show(_) => {}
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_counts_and_a_slash_goes_to_a_path() {
        let list = || commands(&Model::default(), Vec::new());
        let titles = |typed: &str, open| found(list(), typed, open).into_iter().map(|c| c.title).collect::<Vec<_>>();
        assert_eq!(titles("SAMPLE open", false), ["Open the sample image"]);
        assert_eq!(titles("/etc/passwd", true)[0], "Go to /etc/passwd");
        assert!(titles("/etc/passwd", false).is_empty(), "nothing is open");
        assert!(titles("nothing of this kind", true).is_empty());
    }
}
