//! What can be saved as a file, and a file's digest.

use lagvis::{
    protocol::{Download, FileAt, Task, TaskKind},
    share::FileLook,
};
use yew::prelude::*;

use super::{copy::Full, driver::Driver, phase::Open, work};

fn button(open: &Open, driver: &Driver, hook: &'static str, text: &str, download: Download) -> Html {
    let busy = open.work.progress(TaskKind::Download).is_some();
    html! { <button class="chip" data-testid={hook} disabled={busy} onclick={work::begin(driver, Task::Download(download))}>{ text }</button> }
}

fn bar(open: &Open, driver: &Driver, buttons: Html) -> Html {
    if open.outcome.is_none() {
        return html! {};
    }
    html! { <>
        <div class="content-bar downloads" role="group" aria-label="Downloads">{ buttons }</div>
        { work::progress(&open.work, TaskKind::Download, "Writing", driver) }
    </> }
}

/// The merged root file system.
pub fn image(open: &Open, driver: &Driver) -> Html {
    bar(
        open,
        driver,
        button(
            open,
            driver,
            "save-rootfs",
            "Save the root file system as tar",
            Download::Folder { node: 0, upto: None },
        ),
    )
}

/// A layer, as transported and unpacked.
pub fn layer(open: &Open, layer: u32, driver: &Driver) -> Html {
    let buttons = html! { <>
        { button(open, driver, "save-blob", "Save as transported", Download::Blob { layer }) }
        { button(open, driver, "save-layer-tar", "Save as tar", Download::LayerTar { layer }) }
    </> };
    bar(open, driver, buttons)
}

/// A folder, as it is seen.
pub fn folder(open: &Open, node: u32, driver: &Driver) -> Html {
    let upto = open.view.as_ref().and_then(|view| view.spec.upto);
    bar(open, driver, button(open, driver, "save-folder", "Save folder as tar", Download::Folder { node, upto }))
}

/// A file's SHA-256, computed when asked for, and held against the one that the link says.
pub fn digest(open: &Open, look: &FileLook, file: FileAt, driver: &Driver) -> Html {
    let known = open.work.digest.as_ref().filter(|(of, _)| *of == file);
    let said =
        look.digest.as_ref().map(ToString::to_string).filter(|said| known.is_some_and(|(_, digest)| digest != said));
    html! { <div class="content-bar">
        { match known {
            Some((_, digest)) => html! { <span data-testid="file-sha256"><Full value={digest.clone()} what="SHA-256" /></span> },
            None => html! { <button class="chip" data-testid="hash-file" onclick={work::begin(driver, Task::Hash(file))}>{ "Compute SHA-256" }</button> },
        } }
        if let Some(said) = said {
            <p class="wrong" role="alert" data-testid="file-differs">{ "This is not the file that the link was made of. The link says " }<Full value={said} what="SHA-256 of the link" /></p>
        }
        { work::progress(&open.work, TaskKind::Hash, "Hashing", driver) }
    </div> }
}
