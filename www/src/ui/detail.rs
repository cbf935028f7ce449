//! The panel: facts of the selected entry, else of the layer, else of the image.

use lagvis::{
    protocol::{Detail, EntryType, FileAt, TaskKind, VersionInfo},
    share::FileLook,
};
use std::rc::Rc;
use yew::prelude::*;

use super::{
    content::{ContentPane, trail},
    copy::Copy,
    downloads,
    driver::Driver,
    format, icons,
    phase::{Focus, Look, Open},
    see::See,
    timeline, toc,
    words::{Term, Word},
    work, {image_detail, layer_detail},
};

/// Properties of [`Panel`].
#[derive(Properties, PartialEq)]
pub struct PanelProps {
    /// The image.
    pub open: Open,
    /// How it is seen.
    pub look: Look,
    /// The page's hands.
    pub driver: Driver,
}

/// The panel.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    let PanelProps { open, look, .. } = props;
    let content = match look.about() {
        Focus::Image => {
            html! { <>{ image_detail::image(open) }<div class="detail">{ downloads::image(open, &props.driver) }</div></> }
        }
        Focus::Layer(layer) => {
            html! { <>{ layer_detail::layer(open, layer, &props.driver) }<div class="detail">{ downloads::layer(open, layer, &props.driver) }</div></> }
        }
        Focus::Entry => match &open.detail {
            Some(detail) if look.path.as_ref() == Some(&detail.row.path) => {
                entry(detail, open, &look.file, &props.driver)
            }
            _ => loading(look.path.as_deref()),
        },
    };
    html! { <aside class="pane detail-pane" aria-label="Details" tabindex="-1">{ content }</aside> }
}

/// Until the facts of what was chosen are here.
fn loading(path: Option<&str>) -> Html {
    let name = path.and_then(|path| path.rsplit('/').next()).unwrap_or("the entry");
    html! {
        <div class="detail" data-testid="detail-loading" aria-busy="true">
            <p class="hint" role="status">{ icons::busy() }{ format!(" Reading what is known of {name}") }</p>
        </div>
    }
}

fn entry(detail: &Rc<Detail>, open: &Open, look: &FileLook, driver: &Driver) -> Html {
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
                if !detail.xattrs.is_empty() {
                    <dt>{ "Extended attributes" }<Word term={Term::Xattr} at="entry" /></dt>
                    <dd class="mono"><ul>{ for detail.xattrs.iter().map(|(name, value)| html! { <li data-testid="xattr" data-name={name.clone()}>{ format!("{name}={value}") }</li> }) }</ul></dd>
                }
            </dl>
            if !detail.same_file.is_empty() {
                <h3>{ "Other names of the same content" }<Word term={Term::HardLink} at="entry" /></h3>
                <ul class="paths">{ for detail.same_file.iter().map(|path| path_link(path, driver)) }</ul>
            }
            { for detail.trail.as_ref().map(|way| trail(way, driver)) }
            if row.kind == EntryType::Dir { { downloads::folder(open, row.node, driver) } }
            { content(detail, open, look, driver) }
            <h3>{ "Over the layers" }</h3>
            { timeline::timeline(detail, open, look, driver) }
            if detail.versions.is_empty() {
                <p class="hint">{ "No layer names this folder; it exists because something below it does." }</p>
            }
        </div>
    }
}

/// The content of a file, once the layer that it is from is verified.
fn content(detail: &Detail, open: &Open, look: &FileLook, driver: &Driver) -> Html {
    if !matches!(detail.row.kind, EntryType::File | EntryType::Hardlink) {
        return html! {};
    }
    let versions = open.file_versions(detail);
    html! {
        <>
            <h3>{ "Content" }</h3>
            if is_readable(open, versions.last().copied()) {
                { open.shown_version(detail, look).map(|layer| {
                    downloads::digest(open, look, FileAt { node: detail.row.node, layer }, driver)
                }) }
                { work::progress(&open.work, TaskKind::Download, "Writing", driver) }
                <ContentPane path={detail.row.path.clone()} work={open.work.clone()} look={look.clone()} went={open.went} node={detail.row.node} {versions} shown={open.shown_version(detail, look).unwrap_or_default()} tree={open.tree_number} content={open.content.clone()} driver={driver.clone()} />
            } else {
                <p class="hint">{ "Shown once the layers are verified." }</p>
                { versions.last().and_then(|layer| verify(*layer, open, driver)) }
            }
        </>
    }
}

impl Open {
    /// Layers that made a version of a file that the view knows of, oldest first.
    pub fn file_versions(&self, detail: &Detail) -> Vec<u32> {
        let upto = self.view.as_ref().and_then(|view| view.spec.upto).unwrap_or(u32::MAX);
        let is_file = |version: &&VersionInfo| matches!(version.kind, Some(EntryType::File | EntryType::Hardlink));
        detail.versions.iter().filter(is_file).map(|version| version.layer).filter(|layer| *layer <= upto).collect()
    }

    /// The version that is shown: the chosen one, else the newest.
    pub fn shown_version(&self, detail: &Detail, look: &FileLook) -> Option<u32> {
        let versions = self.file_versions(detail);
        look.version.filter(|layer| versions.contains(layer)).or(versions.last().copied())
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
