//! What `docker image inspect` and `docker history` show, readable, and the same as `docker run` arguments.

use lagvis::{
    command::docker_run,
    dockerfile::{duration, instruction},
    image::{Healthcheck, Step},
    opened::SourceKind,
    protocol::ImageSummary,
    share::LayerChoice,
};
use yew::prelude::*;

use super::{
    address::{href, to},
    format, icons,
    parts::command,
    phase::{Look, Open},
    words::{Term, Word},
};

/// The part.
pub fn running(open: &Open, look: &Look) -> Html {
    let summary = &open.summary;
    let run = &summary.run;
    if summary.source == SourceKind::Rootfs {
        return no_image();
    }
    // Loaded without a name, an image is known by its ID.
    let id = || summary.image_id.as_ref().map(ToString::to_string);
    let image = summary.pinned.clone().or_else(|| summary.names.first().cloned()).or_else(id);
    html! {
        <>
            <h2>{ "How a container of it runs" }</h2>
            <dl class="facts wide" data-testid="settings">
                { words("Entrypoint", &run.entrypoint) }
                { words("Command", &run.cmd) }
                { or("User", &run.user, "root, as none is named") }
                { or("Working folder", &run.working_dir, "/, as none is named") }
                { list("Ports", run.exposed_ports.keys()) }
                { list("Volumes", run.volumes.keys()) }
                { or("Stop signal", &run.stop_signal, "SIGTERM, as none is named") }
                { health(run.healthcheck.as_ref()) }
                if !run.shell.is_empty() { { words("Shell of RUN", &run.shell) } }
                if !run.on_build.is_empty() { { lines("On build", &run.on_build) } }
                { about(summary) }
            </dl>
            { pairs("Environment", run.env.iter().map(|line| line.split_once('=').unwrap_or((line, "")))) }
            { pairs("Labels", run.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()))) }
            if let Some(image) = image {
                <h3>{ "As docker run arguments" }</h3>
                <p class="hint">{ "The image says all this itself: write it out to change some of it, or to run another image likewise." }</p>
                { command(&docker_run(run, &image), "docker-run") }
            }
            { history(open, look) }
        </>
    }
}

/// A root file system by itself: what `docker export` writes is no image.
fn no_image() -> Html {
    html! {
        <div data-testid="no-config">
            <h2>{ "A root file system, no image" }</h2>
            <p>{ "docker export writes the files of a container and nothing else: no config that says how to run them, no history of how they were built, no layers. So there is nothing to run and nothing to show here." }</p>
            <p class="hint">{ "docker import makes an image of one layer of it. What the container's image said is lost; docker save keeps it." }</p>
        </div>
    }
}

fn fact(name: &str, value: Html) -> Html {
    html! { <><dt>{ name }</dt><dd>{ value }</dd></> }
}

fn text(name: &str, value: &str) -> Html {
    fact(name, html! { <span class="mono">{ value }</span> })
}

fn or(name: &str, value: &str, default: &'static str) -> Html {
    if value.is_empty() { fact(name, html! { <span class="dim">{ default }</span> }) } else { text(name, value) }
}

fn words(name: &str, words: &[String]) -> Html {
    if words.is_empty() { or(name, "", "none") } else { text(name, &serde_json::to_string(words).unwrap_or_default()) }
}

fn lines(name: &str, lines: &[String]) -> Html {
    fact(name, html! { { for lines.iter().map(|line| html! { <div class="mono">{ line }</div> }) } })
}

fn list<'a>(name: &str, values: impl Iterator<Item = &'a String>) -> Html {
    or(name, &values.cloned().collect::<Vec<_>>().join(", "), "none")
}

fn health(check: Option<&Healthcheck>) -> Html {
    let Some(check) = check else { return or("Health check", "", "none") };
    let or_default = |nanoseconds, default: &str| match nanoseconds {
        0 => default.to_owned(),
        nanoseconds => duration(nanoseconds),
    };
    let command = match check.test.split_first() {
        Some((kind, [command])) if kind == "CMD-SHELL" => command.clone(),
        Some((kind, _)) if kind == "NONE" => return or("Health check", "", "switched off"),
        Some((_, words)) => serde_json::to_string(words).unwrap_or_default(),
        None => "as inherited".to_owned(),
    };
    let rhythm = format!(
        "every {}, at most {} each, unwell after {} failures",
        or_default(check.interval, "30s"),
        or_default(check.timeout, "30s"),
        if check.retries == 0 { 3 } else { check.retries },
    );
    fact(
        "Health check",
        html! { <><span class="mono">{ command }</span><span class="hint">{ " " }{ rhythm }</span></> },
    )
}

fn about(summary: &ImageSummary) -> Html {
    html! { <>
        if let Some(platform) = &summary.platform { { text("Platform", &platform.to_string()) } }
        if let Some(version) = summary.platform.as_ref().and_then(|platform| platform.os_version.as_ref()) { { text("OS version", version) } }
        if let Some(created) = &summary.created { { text("Created", created) } }
        if let Some(author) = summary.author.as_ref().filter(|author| !author.is_empty()) { { text("Author", author) } }
    </> }
}

fn pairs<'a>(title: &str, values: impl Iterator<Item = (&'a str, &'a str)>) -> Html {
    let lines: Vec<Html> = values
        .map(|(name, value)| html! { <><dt class="mono">{ name }</dt><dd class="mono">{ value }</dd></> })
        .collect();
    if lines.is_empty() {
        return Html::default();
    }
    html! { <><h3>{ title }</h3><dl class="facts wide" data-testid={title.to_lowercase()}>{ for lines }</dl></> }
}

/// `docker history`, but the oldest first, as the layers stand.
fn history(open: &Open, look: &Look) -> Html {
    html! { <>
        <h3>{ "How it was built" }</h3>
        <p class="hint">{ "As docker history prints it, the oldest step first. A step without a layer only changed the config." }<Word term={Term::EmptyStep} at="history" /></p>
        if open.summary.steps.is_empty() { <p class="dim" data-testid="no-history">{ "The config records no step." }</p> }
        <ol class="history">{ for open.summary.steps.iter().map(|step| line(step, open, look)) }</ol>
    </> }
}

fn line(step: &Step, open: &Open, look: &Look) -> Html {
    let history = &step.history;
    let layer = step.layer.and_then(|layer| u32::try_from(layer).ok());
    let changes = step.layer.and_then(|layer| open.tree.as_ref()?.layers.get(layer));
    let read = instruction(&history.created_by).line();
    html! {
        <li class={classes!(layer.map(icons::colour))} data-testid="history-step" data-layer={layer.map(|layer| layer.to_string())}
            data-size={changes.map(|changes| changes.shipped.to_string())} data-created={history.created.clone()} data-created-by={history.created_by.clone()}>
            <span class="history-layer">{ match layer {
                None => html! { <span class="dim">{ "no layer" }</span> },
                Some(layer) => html! { <a href={href(&to(open, &Look { layer: LayerChoice::One(layer), ..look.clone() }))} title={format!("Layer {layer}")}><i class="swatch" />{ layer }</a> },
            } }</span>
            <div>
                <code>{ if read.is_empty() { "nothing is recorded" } else { &read } }</code>
                <span class="hint">
                    if let Some(changes) = changes { { format!("{} ", format::bytes(changes.shipped)) } }
                    if let Some(created) = &history.created { { format!("{} ", format::created(created)) } }
                    { &history.comment }
                </span>
                { full_text(&history.created_by, &read) }
            </div>
        </li>
    }
}

/// The recorded text, on demand, where it is another than what is shown.
pub fn full_text(recorded: &str, shown: &str) -> Html {
    if recorded.is_empty() || recorded == shown {
        return Html::default();
    }
    html! { <details class="full-text"><summary>{ "Full text" }</summary><pre class="instruction" data-testid="full-text">{ recorded }</pre></details> }
}
