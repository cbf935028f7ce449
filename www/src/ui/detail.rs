//! The panel: facts of the selected entry, else of the layer, else of the image.

use lagvis::protocol::{Detail, EntryType, FileAt, TaskKind, VersionInfo};
use std::rc::Rc;
use yew::prelude::*;

use super::{
    content::{ContentPane, trail},
    copy::Copy,
    downloads,
    driver::Driver,
    format,
    phase::{Focus, Open},
    see::See,
    timeline, toc, work, {image_detail, layer_detail},
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
        Focus::Image => {
            html! { <>{ image_detail::image(open) }<div class="detail">{ downloads::image(open, &props.driver) }</div></> }
        }
        Focus::Layer(layer) => {
            html! { <>{ layer_detail::layer(open, layer, &props.driver) }<div class="detail">{ downloads::layer(open, layer, &props.driver) }</div></> }
        }
        Focus::Entry => match &open.detail {
            Some(detail) if props.path.as_ref() == Some(&detail.row.path) => entry(detail, open, &props.driver),
            _ => html! { <p class="nothing">{ "…" }</p> },
        },
    };
    html! { <aside class="pane detail-pane" aria-label="Details" tabindex="-1">{ content }</aside> }
}

fn entry(detail: &Rc<Detail>, open: &Open, driver: &Driver) -> Html {
    let row = &detail.row;
    let sized = matches!(row.kind, EntryType::File | EntryType::Hardlink | EntryType::Dir);
    let subtitle = if sized {
        format!("{}, {}", format::kind_name(row.kind), format::bytes(row.size))
    } else {
        format::kind_name(row.kind).to_owned()
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
            if row.kind == EntryType::Dir { { downloads::folder(open, row.node, driver) } }
            { content(detail, open, driver) }
            <h3>{ "Over the layers" }</h3>
            { timeline::timeline(detail, open, driver) }
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
            if is_readable(open, versions.last().copied()) {
                { versions.last().map(|newest| {
                    let newest = FileAt { node: detail.row.node, layer: *newest };
                    downloads::digest(open, open.work.version.filter(|file| file.node == newest.node).unwrap_or(newest), driver)
                }) }
                { work::progress(&open.work, TaskKind::Download, "Writing", driver) }
                <ContentPane path={detail.row.path.clone()} work={open.work.clone()} node={detail.row.node} {versions} tree={open.tree_number} content={open.content.clone()} driver={driver.clone()} />
            } else {
                <p class="hint">{ "Shown once the layers are verified." }</p>
                { versions.last().and_then(|layer| verify(*layer, open, driver)) }
            }
        </>
    }
}

/// Contents are shown once all is judged, or nothing more comes and the layer that has them is.
fn is_readable(open: &Open, layer: Option<u32>) -> bool {
    let line = layer.and_then(|layer| open.layers.get(usize::try_from(layer).ok()?));
    open.outcome.is_some() || open.is_held() && line.is_some_and(|line| line.state.is_final())
}

/// Verifies the layer that has the content, where that waits for the person.
fn verify(layer: u32, open: &Open, driver: &Driver) -> Option<Html> {
    let line = open.layers.get(usize::try_from(layer).ok()?)?;
    Some(toc::verify_button(line, layer, driver))
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
