//! A layer's panel: what made it, and its three ids with how each is computed and where it is met on disk.

use lagvis::{
    command::{chain_id, containerd, overlay2},
    dockerfile::instruction,
    image::Digest,
    opened::LayerSpec,
    protocol::LayerChanges,
};
use yew::prelude::*;

use super::{
    copy::Full,
    driver::Driver,
    format, icons,
    opening::state_text,
    parts::command,
    phase::Open,
    running::full_text,
    toc,
    words::{Term, Word},
};

/// The panel of layer `index`.
pub fn layer(open: &Open, index: u32, driver: &Driver) -> Html {
    let at = usize::try_from(index).unwrap_or(usize::MAX);
    let (Some(line), Some(spec)) = (open.layers.get(at), open.summary.layers.get(at)) else { return Html::default() };
    let facts = line.facts.as_ref();
    let changes = open.tree.as_ref().and_then(|tree| tree.layers.get(at));
    html! {
        <div class={classes!("detail", icons::colour(index))} data-testid="layer-detail" data-index={index.to_string()}>
            <h2><i class="swatch" />{ format!("Layer {index}") }<small>{ state_text(line) }</small></h2>
            if let Some(created_by) = &spec.created_by { { made_by(created_by) } }
            <dl class="facts">
                if let Some(facts) = facts {
                    <dt title="Bytes of the blob, as a registry serves it">{ "Transported" }<Word term={Term::Transported} at="layer" /></dt><dd data-bytes={facts.size.to_string()}>{ format!("{} ({})", format::bytes(facts.size), packing(&facts.compression)) }</dd>
                    <dt title="Bytes of the tar">{ "Unpacked" }<Word term={Term::Unpacked} at="layer" /></dt><dd data-bytes={facts.uncompressed_size.to_string()}>{ format::bytes(facts.uncompressed_size) }</dd>
                    <dt>{ "Tar members" }</dt><dd>{ format::count(facts.entries) }</dd>
                }
                if let Some(changes) = changes {
                    <dt>{ "Changes" }<Word term={Term::Whiteout} at="layer" /></dt><dd>{ format!("{} added, {} modified, {} removed", format::count(changes.added), format::count(changes.modified), format::count(changes.removed)) }</dd>
                    if changes.metadata_only + changes.repeated > 0 { <dt title="Files that lower layers have with the same content">{ "Shipped again" }</dt><dd data-testid="shipped-again">{ shipped_again(changes) }</dd> }
                    <dt title="What docker history prints as its size">{ "Its files" }</dt><dd data-bytes={changes.shipped.to_string()}>{ format::bytes(changes.shipped) }</dd>
                    <dt title="Bytes of its files that no later layer replaces or deletes">{ "In the final image" }</dt><dd data-bytes={changes.contribution.to_string()}>{ format::bytes(changes.contribution) }</dd>
                }
                if let Some(media_type) = &spec.media_type { <dt>{ "Media type" }</dt><dd class="mono">{ media_type }</dd> }
                if let Some(toc) = &spec.toc { <dt title="What it says of itself to runtimes that pull lazily">{ "TOC" }<Word term={Term::Toc} at="layer" /></dt><dd data-testid="layer-toc">{ toc::words(toc, line) }</dd> }
                <dt>{ "Read from" }</dt><dd class="mono">{ &spec.subject }</dd>
            </dl>
            { toc::verify_button(line, index, driver) }
            if let Some(problem) = &line.problem { <p class="wrong">{ problem.detail.clone() }</p> }
            <h3>{ "Three ids of one layer" }</h3>
            { ids(open, spec, index) }
            if let Some(chain_id) = &spec.chain_id { { on_disk(chain_id) } }
        </div>
    }
}

/// What the layer costs for files whose content lower layers have.
fn shipped_again(changes: &LayerChanges) -> String {
    let mut parts = Vec::new();
    if changes.metadata_only > 0 {
        let (files, bytes) =
            (format::plural(changes.metadata_only, "file"), format::bytes(changes.metadata_only_bytes));
        parts.push(format!("{files} ({bytes}) for mode, owner or time alone"));
    }
    if changes.repeated > 0 {
        let (files, bytes) = (format::plural(changes.repeated, "file"), format::bytes(changes.repeated_bytes));
        parts.push(format!("{files} ({bytes}) for nothing"));
    }
    parts.join("; ")
}

fn packing(compression: &str) -> &str {
    match compression {
        "" | "none" => "not packed",
        packed => packed,
    }
}

fn ids(open: &Open, spec: &LayerSpec, index: u32) -> Html {
    let id = |term: Term, digest: Option<&Digest>, how: &'static str| {
        let name = term.name();
        html! {
            <div class="id">
                <b>{ name }</b><Word {term} at="id" />
                { match digest {
                    Some(digest) => html! { <Full value={digest.to_string()} what={name} /> },
                    None => html! { <span class="dim">{ " not stated by this source" }</span> },
                } }
                <p class="hint">{ how }</p>
            </div>
        }
    };
    let chain = match index {
        0 => "The base layer's chainID is its diffID.",
        _ => "It names this layer upon exactly those below it.",
    };
    html! { <>
        { id(Term::Digest, spec.digest.as_ref(), "sha256 of the bytes as transported, packed or not. Registries and manifests use it.") }
        { id(Term::DiffId, spec.diff_id.as_ref(), "sha256 of the unpacked tar. The config lists it, so packing a layer anew does not change the image ID.") }
        { id(Term::ChainId, spec.chain_id.as_ref(), chain) }
        { chain_input(open, spec, index) }
    </> }
}

/// What a chainID is the hash of, and how to hash it again; nothing for the base layer, where nothing is hashed.
fn chain_input(open: &Open, spec: &LayerSpec, index: u32) -> Option<Html> {
    let number = index.checked_sub(1)?;
    let below = open.summary.layers.get(usize::try_from(number).ok()?)?.chain_id.as_ref()?;
    let diff_id = spec.diff_id.as_ref()?;
    Some(html! {
        <div class="id" data-testid="chain-input">
            <p class="hint">{ format!("It is the sha256 of two values with a space between them: the chainID of layer {number}, ") }<code class="value">{ below.to_string() }</code>{ ", and the diffID of this layer, " }<code class="value">{ diff_id.to_string() }</code>{ ". This prints it:" }</p>
            { command(&chain_id(below, diff_id), "chain-command") }
        </div>
    })
}

/// The Dockerfile's step; the recorded text on demand.
fn made_by(created_by: &str) -> Html {
    let read = instruction(created_by);
    let line = read.line();
    html! { <>
        <pre class="instruction" data-testid="step">{ &line }</pre>
        if !read.args.is_empty() { <p class="hint">{ "With the build arguments " }<code>{ &read.args }</code></p> }
        { full_text(created_by, &line) }
    </> }
}

fn on_disk(chain_id: &Digest) -> Html {
    html! {
        <>
            <h3>{ "Where Docker keeps it" }</h3>
            <h4>{ "With overlay2" }<Word term={Term::Overlay2} at="disk" /></h4>
            <p class="hint">{ "The folder has none of these names. Docker draws a random cache-id when it unpacks a layer, and notes it under the chainID: so the same layer lies in another folder on each host, and a folder's name proves nothing. This finds it and lists its files, as root:" }</p>
            { command(&overlay2(chain_id), "overlay2") }
            <h4>{ "With containerd's store" }<Word term={Term::Snapshot} at="disk" /></h4>
            <p class="hint">{ "The snapshot's key is the chainID, and its folder has a plain number. This asks how another would be mounted upon it, which tells the folder, and lists its files, as root:" }</p>
            { command(&containerd(chain_id), "containerd") }
            <p class="hint">{ "A Docker that was upgraded in place may still use overlay2; docker info says which." }</p>
        </>
    }
}
