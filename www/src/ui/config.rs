//! How a container of the image runs, and the steps that built it.

use std::rc::Rc;

use lagvis::{
    image::{ContainerConfig, Step},
    protocol::ImageSummary,
};
use yew::prelude::*;

use super::{format, icons};

/// Properties of [`Config`].
#[derive(Properties, PartialEq)]
pub struct ConfigProps {
    /// Facts of the image.
    pub summary: Rc<ImageSummary>,
}

/// The tab.
#[component]
pub fn Config(props: &ConfigProps) -> Html {
    let run = &props.summary.run;
    html! {
        <div class="sheet" data-testid="config">
            <h2>{ "How a container of it runs" }</h2>
            <dl class="facts wide">
                { words("Entrypoint", &run.entrypoint) }
                { words("Command", &run.cmd) }
                { text("User", if run.user.is_empty() { "root, as none is named" } else { &run.user }) }
                { text("Folder", if run.working_dir.is_empty() { "/" } else { &run.working_dir }) }
                { text("Stop signal", if run.stop_signal.is_empty() { "SIGTERM, as none is named" } else { &run.stop_signal }) }
                { list("Ports", run.exposed_ports.keys()) }
                { list("Volumes", run.volumes.keys()) }
            </dl>
            { environment(run) }
            { labels(run) }
            <h3>{ "How it was built" }</h3>
            <ol class="history">{ for props.summary.steps.iter().map(history) }</ol>
        </div>
    }
}

fn text(name: &str, value: &str) -> Html {
    html! { <><dt>{ name }</dt><dd class="mono">{ value }</dd></> }
}

fn words(name: &str, words: &[String]) -> Html {
    if words.is_empty() {
        return html! { <><dt>{ name }</dt><dd class="dim">{ "none" }</dd></> };
    }
    text(name, &serde_json::to_string(words).unwrap_or_default())
}

fn list<'a>(name: &str, values: impl Iterator<Item = &'a String>) -> Html {
    let values = values.cloned().collect::<Vec<_>>();
    if values.is_empty() { Html::default() } else { text(name, &values.join(", ")) }
}

fn environment(run: &ContainerConfig) -> Html {
    if run.env.is_empty() {
        return Html::default();
    }
    let line = |variable: &String| {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        html! { <><dt class="mono">{ name }</dt><dd class="mono">{ value }</dd></> }
    };
    html! { <><h3>{ "Environment" }</h3><dl class="facts wide">{ for run.env.iter().map(line) }</dl></> }
}

fn labels(run: &ContainerConfig) -> Html {
    if run.labels.is_empty() {
        return Html::default();
    }
    let line = |(name, value): (&String, &String)| html! { <><dt class="mono">{ name }</dt><dd>{ value }</dd></> };
    html! { <><h3>{ "Labels" }</h3><dl class="facts wide">{ for run.labels.iter().map(line) }</dl></> }
}

fn history(step: &Step) -> Html {
    let history = &step.history;
    let layer = step.layer.and_then(|layer| u32::try_from(layer).ok());
    html! {
        <li class={classes!(layer.map(icons::colour))}>
            <span class="history-layer">{ layer.map_or_else(|| html! { <span class="dim">{ "empty" }</span> }, |layer| html! { <><i class="swatch" />{ layer }</> }) }</span>
            <div><code>{ &history.created_by }</code>
                if let Some(created) = &history.created { <span class="hint">{ format::created(created) }</span> }
                if !history.comment.is_empty() { <span class="hint">{ &history.comment }</span> }
            </div>
        </li>
    }
}
