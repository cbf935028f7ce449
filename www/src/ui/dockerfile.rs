//! The Dockerfile as the history gives it, with what is not known of it.

use lagvis::{
    image::{Config, Step},
    protocol::ImageSummary,
};
use yew::prelude::*;

use super::{copy::Copy, icons};

/// The part.
pub fn dockerfile(summary: &ImageSummary) -> Html {
    let history = summary.steps.iter().map(|Step { history, .. }| history.clone()).collect();
    let config = Config { config: summary.run.clone(), history, ..Config::default() };
    let file = lagvis::dockerfile::dockerfile(&config, summary.layers.len());
    let line = |line: &lagvis::dockerfile::Line| {
        let layer = line.layer.and_then(|layer| u32::try_from(layer).ok());
        let is_comment = line.text.starts_with('#');
        html! {
            <div class={classes!("source-line", layer.map(icons::colour), is_comment.then_some("dim"))}>
                <span class="source-layer" aria-hidden="true">{ layer.map(|layer| html! { <><i class="swatch" />{ layer }</> }).unwrap_or_default() }</span>
                <code>{ &line.text }</code>
            </div>
        }
    };
    html! {
        <>
            <h2>{ "The Dockerfile, as far as the history tells" }</h2>
            <ul class="limits" data-testid="limits">{ for file.limits.iter().map(|limit| html! { <li class="hint">{ *limit }</li> }) }</ul>
            <p class="hint">{ "Copy the whole file " }<Copy value={file.text()} what="Dockerfile" /></p>
            <div class="source" data-testid="dockerfile" tabindex="0" role="region" aria-label="Dockerfile">{ for file.lines.iter().map(line) }</div>
        </>
    }
}
