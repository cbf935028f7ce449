//! A layer's panel: what made it, and its three ids with how each is computed and where it is met on disk.

use lagvis::{image::Digest, opened::LayerSpec, protocol::LayerChanges};
use yew::prelude::*;

use super::{
    copy::{Copy, Full},
    format, icons,
    opening::state_text,
    phase::Open,
};

/// The panel of layer `index`.
pub fn layer(open: &Open, index: u32) -> Html {
    let at = usize::try_from(index).unwrap_or(usize::MAX);
    let (Some(line), Some(spec)) = (open.layers.get(at), open.summary.layers.get(at)) else { return Html::default() };
    let facts = line.facts.as_ref();
    let changes = open.tree.as_ref().and_then(|tree| tree.layers.get(at));
    html! {
        <div class={classes!("detail", icons::colour(index))} data-testid="layer-detail" data-index={index.to_string()}>
            <h2><i class="swatch" />{ format!("Layer {index}") }<small>{ state_text(line) }</small></h2>
            if let Some(created_by) = &spec.created_by { <pre class="instruction">{ created_by }</pre> }
            <dl class="facts">
                if let Some(facts) = facts {
                    <dt>{ "Transported" }</dt><dd>{ format!("{} ({})", format::bytes(facts.size), packing(&facts.compression)) }</dd>
                    <dt>{ "Unpacked" }</dt><dd>{ format::bytes(facts.uncompressed_size) }</dd>
                    <dt>{ "Tar members" }</dt><dd>{ format::count(facts.entries) }</dd>
                }
                if let Some(changes) = changes {
                    <dt>{ "Changes" }</dt><dd>{ format!("{} added, {} modified, {} removed", format::count(changes.added), format::count(changes.modified), format::count(changes.removed)) }</dd>
                    if changes.metadata_only + changes.repeated > 0 { <dt title="Files that lower layers have with the same content">{ "Shipped again" }</dt><dd data-testid="shipped-again">{ shipped_again(changes) }</dd> }
                    <dt>{ "In the final image" }</dt><dd>{ format::bytes(changes.contribution) }</dd>
                }
                if let Some(media_type) = &spec.media_type { <dt>{ "Media type" }</dt><dd class="mono">{ media_type }</dd> }
                <dt>{ "Read from" }</dt><dd class="mono">{ &spec.subject }</dd>
            </dl>
            if let Some(problem) = &line.problem { <p class="wrong">{ problem.detail.clone() }</p> }
            <h3>{ "Three ids of one layer" }</h3>
            { ids(spec, index) }
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

fn ids(spec: &LayerSpec, index: u32) -> Html {
    let id = |name: &'static str, digest: Option<&Digest>, how: String| {
        html! {
            <div class="id">
                <b>{ name }</b>
                { match digest {
                    Some(digest) => html! { <Full value={digest.to_string()} what={name} /> },
                    None => html! { <span class="dim">{ " not stated by this source" }</span> },
                } }
                <p class="hint">{ how }</p>
            </div>
        }
    };
    let chain = match index {
        0 => "The base layer's chainID is its diffID.".to_owned(),
        _ => format!(
            "sha256 of the text “chainID of layer {} SPACE diffID of layer {index}”. It names this layer upon exactly those below it.",
            index - 1
        ),
    };
    html! { <>
        { id("Digest", spec.digest.as_ref(), "sha256 of the bytes as transported, packed or not. Registries and manifests use it.".to_owned()) }
        { id("DiffID", spec.diff_id.as_ref(), "sha256 of the unpacked tar. The config lists it, so packing a layer anew does not change the image ID.".to_owned()) }
        { id("ChainID", spec.chain_id.as_ref(), chain) }
    </> }
}

fn on_disk(chain_id: &Digest) -> Html {
    let overlay2 = format!("cat /var/lib/docker/image/overlay2/layerdb/sha256/{}/cache-id", chain_id.encoded());
    let containerd = format!("ctr -n moby snapshots info {chain_id}");
    let command = |text: String| html! { <div class="command"><code>{ &text }</code><Copy value={text.clone()} what="command" /></div> };
    html! {
        <>
            <h3>{ "Where Docker keeps it" }</h3>
            <p class="hint">{ "With overlay2 the folder has none of these names: Docker gives each layer a random cache-id when it unpacks it, and notes it under the chainID. This prints it; the files are in /var/lib/docker/overlay2/<cache-id>/diff." }</p>
            { command(overlay2) }
            <p class="hint">{ "With containerd's store the snapshot's key is the chainID, and its folder has a plain number:" }</p>
            { command(containerd) }
            <p class="hint">{ "A Docker that was upgraded in place may still use overlay2." }</p>
        </>
    }
}
