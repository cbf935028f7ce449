//! The panel: facts of the selected entry, else of the layer, else of the image.

use lagvis::{
    protocol::{Change, Detail, EntryType, VersionInfo},
    share::LayerChoice,
};
use std::rc::Rc;
use yew::prelude::*;

use super::{
    content::{ContentPane, trail},
    copy::Copy,
    driver::Driver,
    format, icons,
    layers::instruction,
    phase::{Focus, Open},
    see::See,
    {image_detail, layer_detail},
};

/// Properties of [`Panel`].
#[derive(Properties, PartialEq)]
pub struct PanelProps {
    /// The image.
    pub open: Open,
    /// The selected path.
    pub path: Option<String>,
    /// The page's hands.
    pub driver: Driver,
}

/// The panel.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    let open = &props.open;
    let content = match open.focus {
        Focus::Image => image_detail::image(open),
        Focus::Layer(layer) => layer_detail::layer(open, layer),
        Focus::Entry => match &open.detail {
            Some(detail) if props.path.as_ref() == Some(&detail.row.path) => entry(detail, open, &props.driver),
            _ => html! { <p class="nothing">{ "…" }</p> },
        },
    };
    html! { <aside class="pane detail-pane" aria-label="Details">{ content }</aside> }
}

fn kind_name(kind: EntryType) -> &'static str {
    match kind {
        EntryType::File => "file",
        EntryType::Dir => "folder",
        EntryType::Symlink => "symbolic link",
        EntryType::Hardlink => "hard link",
        EntryType::Char => "character device",
        EntryType::Block => "block device",
        EntryType::Fifo => "named pipe",
    }
}

fn entry(detail: &Rc<Detail>, open: &Open, driver: &Driver) -> Html {
    let row = &detail.row;
    let sized = matches!(row.kind, EntryType::File | EntryType::Hardlink | EntryType::Dir);
    let subtitle = if sized {
        format!("{}, {}", kind_name(row.kind), format::bytes(row.size))
    } else {
        kind_name(row.kind).to_owned()
    };
    let path = format!("/{}", row.path);
    html! {
        <div class="detail" data-testid="file-detail" data-path={row.path.clone()}>
            <h2>{ &row.name }<small>{ subtitle }</small></h2>
            <p class="path mono">{ &path }<Copy value={path.clone()} what="path" /></p>
            <dl class="facts">
                <dt>{ "Mode" }</dt><dd class="mono">{ format!("{:04o} {}", row.mode, format::mode(row.kind, row.mode)) }</dd>
                <dt>{ "Owner" }</dt><dd>{ owner(row.uid, row.gid) }</dd>
                <dt>{ "Changed" }</dt><dd>{ format::time_exact(row.mtime) }</dd>
                if sized { <dt>{ "Size" }</dt><dd>{ format!("{} bytes", format::count(row.size)) }</dd> }
                if row.kind == EntryType::Dir { <dt>{ "Holds" }</dt><dd>{ format::plural(detail.below, "path") }</dd> }
                if let Some(link) = &row.link { <dt>{ "Links to" }</dt><dd class="mono">{ link }</dd> }
                if let Some((major, minor)) = detail.device { <dt>{ "Device" }</dt><dd>{ format!("{major}, {minor}") }</dd> }
                { for detail.xattrs.iter().map(|(name, value)| html! { <><dt title="Extended attribute">{ name }</dt><dd class="mono">{ value }</dd></> }) }
            </dl>
            if !detail.same_file.is_empty() {
                <h3>{ "Other names of the same content" }</h3>
                <ul class="paths">{ for detail.same_file.iter().map(|path| path_link(path, driver)) }</ul>
            }
            { for detail.trail.as_ref().map(|way| trail(way, driver)) }
            { content(detail, open, driver) }
            <h3>{ "Over the layers" }</h3>
            <ol class="timeline">{ for detail.versions.iter().enumerate().map(|(at, version)| {
                let before = at.checked_sub(1).and_then(|at| detail.versions.get(at));
                version_line(version, before, open, driver)
            }) }</ol>
            if detail.versions.is_empty() {
                <p class="hint">{ "No layer names this folder; it exists because something below it does." }</p>
            }
        </div>
    }
}

/// The content of a file, once the layer that it is from is verified.
fn content(detail: &Detail, open: &Open, driver: &Driver) -> Html {
    if !matches!(detail.row.kind, EntryType::File | EntryType::Hardlink) {
        return html! {};
    }
    let upto = open.view.as_ref().and_then(|view| view.spec.upto).unwrap_or(u32::MAX);
    let is_file = |version: &&VersionInfo| matches!(version.kind, Some(EntryType::File | EntryType::Hardlink));
    let versions: Vec<u32> =
        detail.versions.iter().filter(is_file).map(|version| version.layer).filter(|layer| *layer <= upto).collect();
    html! {
        <>
            <h3>{ "Content" }</h3>
            if open.outcome.is_some() {
                <ContentPane node={detail.row.node} {versions} tree={open.tree_number} content={open.content.clone()} driver={driver.clone()} />
            } else {
                <p class="hint">{ "Shown once the layers are verified." }</p>
            }
        </>
    }
}

fn owner(uid: u32, gid: u32) -> String {
    let named = |id: u32| if id == 0 { "root".to_owned() } else { id.to_string() };
    if uid == 0 || gid == 0 { format!("{uid}:{gid} ({}:{})", named(uid), named(gid)) } else { format!("{uid}:{gid}") }
}

fn path_link(path: &str, driver: &Driver) -> Html {
    let (driver, target) = (driver.clone(), path.to_owned());
    let on_click = Callback::from(move |_: MouseEvent| driver.see(See::Path(target.clone())));
    html! { <li><button class="link mono" onclick={on_click}>{ format!("/{path}") }</button></li> }
}

fn version_line(version: &VersionInfo, before: Option<&VersionInfo>, open: &Open, driver: &Driver) -> Html {
    let what = match version.change {
        Change::Added => "added",
        Change::Modified => "changed",
        Change::Removed => "removed",
        Change::None => "repeated, nothing differs",
    };
    let size = match (version.kind, before) {
        (Some(EntryType::File | EntryType::Hardlink), Some(before))
            if before.size != version.size && before.kind.is_some() =>
        {
            let (sign, by) = if version.size > before.size {
                ("+", version.size - before.size)
            } else {
                ("−", before.size - version.size)
            };
            format!(", {} ({sign}{})", format::bytes(version.size), format::bytes(by))
        }
        (Some(EntryType::File | EntryType::Hardlink), _) => format!(", {}", format::bytes(version.size)),
        _ => String::new(),
    };
    let created_by = usize::try_from(version.layer)
        .ok()
        .and_then(|at| open.summary.layers.get(at))
        .and_then(|spec| spec.created_by.clone());
    let driver = driver.clone();
    let layer = version.layer;
    let on_click = Callback::from(move |_: MouseEvent| driver.see(See::Layer(LayerChoice::One(layer))));
    html! {
        <li class={classes!(icons::colour(layer), version.change.name())}>
            <button class="link" onclick={on_click}>{ format!("Layer {layer}") }</button>
            <span>{ format!(" {what}{size}") }</span>
            if !version.reasons.is_empty() { <span class="dim">{ format!(": {}", version.reasons.join(", ")) }</span> }
            if version.metadata_only { <span class="dim">{ format!(" (content as before, {} shipped again)", format::bytes(version.size)) }</span> }
            if let Some(text) = created_by { <code class="step-text">{ instruction(&text) }</code> }
        </li>
    }
}
