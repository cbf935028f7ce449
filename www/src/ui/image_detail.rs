//! The image's panel: its names and ids, what each is, and the commands that print the same.

use lagvis::command;
use yew::prelude::*;

use super::{
    copy::Full,
    format, parts,
    phase::Open,
    words::{Term, Word},
};

/// The panel of the image.
pub fn image(open: &Open) -> Html {
    let summary = &open.summary;
    let id = |name: &'static str, term: Term, value: Option<String>, what: &'static str| match value {
        None => Html::default(),
        Some(value) => {
            html! { <div class="id"><b>{ name }</b><Word {term} at="image" /><Full {value} what={name} /><p class="hint">{ what }</p></div> }
        }
    };
    let text = |digest: &Option<lagvis::image::Digest>| digest.as_ref().map(ToString::to_string);
    // What has no name in Docker cannot be asked of it.
    let name = summary.names.first().or(summary.pinned.as_ref()).filter(|_| summary.image_id.is_some());
    html! {
        <div class="detail" data-testid="image-detail">
            <h2><span>{ "This image" }<Word term={Term::Image} at="image" /></span><small>{ format::plural(open.layers.len() as u64, "layer") }</small></h2>
            if !summary.names.is_empty() {
                <div class="id">
                    <b>{ if summary.names.len() > 1 { "Names" } else { "Name" } }</b><Word term={Term::Reference} at="image" />
                    <ul class="paths">{ for summary.names.iter().map(|name| html! { <li class="mono">{ name }</li> }) }</ul>
                </div>
            }
            { id("Image ID", Term::ImageId, text(&summary.image_id), "sha256 of the config, which lists every layer's diffID and how to run the image. The same image has the same ID wherever it is.") }
            { id("Manifest digest", Term::Manifest, text(&summary.manifest_digest), "sha256 of the manifest, which lists config and packed layers for one platform.") }
            { id("Index digest", Term::Index, text(&summary.index_digest), "sha256 of the index, which lists one manifest a platform. A multi-platform tag points here.") }
            if !summary.attestations.is_empty() {
                <h3>{ "Attestations" }<Word term={Term::Attestation} at="image" /></h3>
                <p class="hint">{ "Statements about the build that come with the image. They are listed, not verified." }</p>
                <ul class="paths">{ for summary.attestations.iter().map(|digest| html! { <li class="mono">{ digest.to_string() }</li> }) }</ul>
            }
            if let Some(name) = name {
                <h3>{ "Compare with Docker" }</h3>
                { parts::command(&command::image_id(name), "image-id-command") }
                <p class="hint">{ "With containerd's store Docker prints the digest of the index or manifest instead." }</p>
            }
            <p class="hint">{ "Click a layer to see the tree up to it with its changes marked. Click a file for its facts and its way through the layers." }</p>
        </div>
    }
}
