//! The commands of the palette: what can be done now, what of it the typed words find, and doing it.

use lagvis::{
    protocol::{Download, Task, ToSession},
    share::{LayerChoice, Part, Tab},
    verify::CheckKind,
};
use yew::prelude::*;

use super::{
    driver::Driver,
    layers, open,
    overlay::Overlay,
    page,
    phase::{Focus, Look, Model, Open, OpenStage, Pane, Phase},
    places,
    recent::{self, Recent},
    see::See,
    work,
};

/// Entries shown at once.
const MOST: usize = 50;

/// What an entry does.
#[derive(Clone, Debug, PartialEq)]
pub enum Do {
    /// Changes the view.
    See(See),
    /// Shows a part of a tab.
    Part(Tab, Part),
    /// Goes to a pane.
    Pane(Pane),
    /// Opens a dialog.
    Show(Overlay),
    /// Asks the session.
    Ask(ToSession),
    /// Saves, and shows how far that is.
    Save(Focus, Download),
    /// Opens folders so deep.
    Depth(Box<Look>, u32),
    /// Presses what is on every tab.
    Press(&'static str),
    /// Presses what is on a tab.
    PressOn(Tab, &'static str),
    /// Goes to a field of a tab.
    Field(Tab, &'static str),
    /// Opens an image again.
    Recent(Recent),
    /// Opens the sample.
    Sample,
    /// Begins the tour.
    Tour,
    /// Closes the image.
    Home,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Its title.
    pub title: String,
    /// Its kind, its key, or other words by which it is found.
    pub hint: &'static str,
    /// What it does.
    pub act: Do,
}

impl Command {
    fn new(title: impl Into<String>, hint: &'static str, act: Do) -> Self {
        Self { title: title.into(), hint, act }
    }
}

/// Everything that can be done now.
pub fn commands(model: &Model, recent: Vec<Recent>) -> Vec<Command> {
    let mut list = Vec::new();
    if let Phase::Open(open) = &model.phase
        && open.stage == OpenStage::Inspecting
    {
        views(&mut list, open);
        tree(&mut list, &model.look);
        saving(&mut list, open, &model.look);
        list.push(Command::new("Close this image", "start", Do::Home));
        chosen_layer(&mut list, open);
    }
    if !matches!(&model.phase, Phase::Open(open) if open.stage == OpenStage::Inspecting) {
        list.push(Command::new("Requests", "log", Do::Show(Overlay::Requests)));
    }
    list.push(Command::new("Take the tour", "learn", Do::Tour));
    list.push(Command::new("Open the sample image", "start", Do::Sample));
    list.push(Command::new("Theme: light, dark, as the system", "settings", Do::Press("theme-button")));
    list.push(Command::new("Settings", "proxy, memory", Do::Show(Overlay::Settings)));
    list.push(Command::new("Kept in this browser", "storage, cache", Do::Show(Overlay::Storage)));
    list.push(Command::new("Keys", "?", Do::Show(Overlay::Keys)));
    list.extend(recent.into_iter().map(|recent| {
        let name = match &recent {
            Recent::Reference(name) | Recent::File(name, _) => name.clone(),
        };
        Command::new(name, "opened before", Do::Recent(recent))
    }));
    list
}

/// Tabs, their parts, and the panes.
fn views(list: &mut Vec<Command>, open: &Open) {
    for tab in open::tabs_of(open) {
        list.push(Command::new(open::tab_title(tab), "view", Do::See(See::Tab(tab))));
    }
    list.push(Command::new("Dockerfile", "config", Do::Part(Tab::Config, Part::Dockerfile)));
    for (part, what, title) in [
        (Part::Index, CheckKind::Index, "Raw index"),
        (Part::Manifest, CheckKind::Manifest, "Raw manifest"),
        (Part::Config, CheckKind::Config, "Raw config"),
    ] {
        if open.summary.documents.iter().any(|document| document.what == what) {
            list.push(Command::new(title, "document", Do::Part(Tab::Config, part)));
        }
    }
    list.push(Command::new("Do it yourself", "commands to paste", Do::Part(Tab::Checks, Part::Redo)));
    list.push(Command::new("Requests", "log", Do::Part(Tab::Checks, Part::Log)));
    if open.summary.pinned.is_some() {
        list.push(Command::new("Tags", "registry", Do::Part(Tab::Registry, Part::Tags)));
    }
    list.push(Command::new("About this image", "details", Do::See(See::Focus(Focus::Image))));
    list.push(Command::new("Go to the layers", "F6", Do::Pane(Pane::Layers)));
    list.push(Command::new("Go to the view", "F6", Do::Pane(Pane::Views)));
    list.push(Command::new("Go to the details", "F6", Do::Pane(Pane::Detail)));
}

/// What is looked for, and what of the tree is open.
fn tree(list: &mut Vec<Command>, look: &Look) {
    list.push(Command::new("Search the tree", "/", Do::Field(Tab::Files, "filter-input")));
    list.push(Command::new("Search in contents", "text, bytes", Do::Field(Tab::Search, "search-text")));
    list.push(Command::new("Go to a path", "g", Do::PressOn(Tab::Files, "jump-button")));
    list.push(Command::new("Open all folders", "expand", Do::Depth(Box::new(look.clone()), u32::MAX)));
    list.push(Command::new("Close all folders", "0, collapse", Do::Depth(Box::new(look.clone()), 0)));
}

/// What can be saved, and the link.
fn saving(list: &mut Vec<Command>, open: &Open, look: &Look) {
    list.push(Command::new("Save the receipt", "JSON", Do::Ask(ToSession::Receipt)));
    if open.outcome.is_some() {
        let rootfs = Do::Save(Focus::Image, Download::Folder { node: 0, upto: None });
        list.push(Command::new("Save the root file system as tar", "download", rootfs));
        if let Some(layer) = look.one_layer() {
            let tar = Do::Save(Focus::Layer(layer), Download::LayerTar { layer });
            list.push(Command::new(format!("Save layer {layer} as tar"), "download", tar));
        }
    }
    list.push(Command::new("Copy the link to this view", "link", Do::Press("share-button")));
}

/// Which layers are looked at.
fn chosen_layer(list: &mut Vec<Command>, open: &Open) {
    list.push(Command::new("All layers", "layer", Do::See(See::Layer(LayerChoice::All))));
    for (index, layer) in (0_u32..).zip(&open.summary.layers) {
        let step = layers::instruction(layer.created_by.as_deref().unwrap_or(&layer.subject));
        let see = Do::See(See::Layer(LayerChoice::One(index)));
        list.push(Command::new(format!("Layer {index}: {step}"), "layer", see));
    }
}

/// Those that have every word that was typed; a path goes to that path.
pub fn found(commands: Vec<Command>, typed: &str, is_open: bool) -> Vec<Command> {
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

/// Does it.
pub fn run(act: Do, driver: &Driver, on_tour: &Callback<()>) {
    match act {
        Do::See(see) => driver.see(see),
        Do::Part(tab, part) => [See::Tab(tab), See::Part(part)].into_iter().for_each(|see| driver.see(see)),
        Do::Pane(pane) => places::pane(driver, pane),
        Do::Ask(message) => driver.send(message),
        Do::Save(focus, download) => {
            driver.see(See::Focus(focus));
            work::start(driver, Task::Download(download));
        }
        Do::Depth(look, depth) => {
            driver.see(See::Tab(Tab::Files));
            driver.depth(&look, depth);
        }
        Do::Press(hook) => places::soon(move || page::try_press(hook)),
        Do::PressOn(tab, hook) => places::press(driver, tab, hook),
        Do::Field(tab, hook) => places::field(driver, tab, hook),
        Do::Recent(recent) => recent::open(driver, &recent),
        Do::Sample => driver.open_sample(),
        Do::Tour => on_tour.emit(()),
        Do::Home => driver.home(),
        Do::Show(_) => {}
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
