//! Opening, like `docker pull`: the steps, a line a layer, bytes and speed, and a way out.

use lagvis::{
    image::Digest,
    protocol::{ByToc, LayerState, Via},
    verify::{Check, CheckKind, CheckState},
};
use yew::prelude::*;

use super::{
    driver::Driver,
    format, icons,
    layer_line::LayerLine,
    phase::{Ask, Open, Opening},
    picker,
    see::See,
    way,
};

/// Properties of [`OpeningView`].
#[derive(Properties, PartialEq)]
pub struct OpeningProps {
    /// What is known so far.
    pub opening: Opening,
    /// The page's hands.
    pub driver: Driver,
}

/// Before the layers are known.
#[component]
pub fn OpeningView(props: &OpeningProps) -> Html {
    let Opening { title, stage, bytes: (done, total), checks, ask, platforms, via, .. } = &props.opening;
    let share = total.map_or_else(|| "0".to_owned(), |total| format::share(*done, total));
    html! {
        <main class="wrap" data-testid="progress" aria-busy="true">
            { heading("Opening", title, &props.driver) }
            { way_line(via.as_ref()) }
            <div class="steps">{ for checks.iter().map(step) }<span class="step now">{ if *ask == Ask::Nothing { icons::busy() } else { icons::unknown() } }{ waiting_for(ask, stage) }</span></div>
            { match ask {
                Ask::Nothing => html! {
                    <div class="card pull">
                        { icons::bar(share) }
                        <p class="hint">{ total.map_or_else(String::new, |total| format!("{} of {}", format::bytes(*done), format::bytes(total))) }</p>
                    </div>
                },
                Ask::Image(choices) => picker::images(choices, &props.driver),
                Ask::Platform => picker::platforms(platforms, &props.driver, picker::How::Answer),
            } }
            <p class="sr" role="status" data-testid="opening-said">{ said(&props.opening) }</p>
        </main>
    }
}

/// What is read out: the stage, and how far it is where that is known.
fn said(opening: &Opening) -> String {
    let (done, total) = opening.bytes;
    match (&opening.ask, total) {
        (Ask::Nothing, Some(total)) => format!("{}: {}", opening.stage, format::quarters(done, total)),
        (ask, _) => waiting_for(ask, &opening.stage),
    }
}

fn waiting_for(ask: &Ask, stage: &str) -> String {
    match ask {
        Ask::Nothing => stage.to_owned(),
        Ask::Image(_) => "Which image of this file?".to_owned(),
        Ask::Platform => "For which platform?".to_owned(),
    }
}

fn heading(verb: &str, title: &str, driver: &Driver) -> Html {
    let driver = driver.clone();
    let cancel = Callback::from(move |_: MouseEvent| driver.home());
    html! {
        <div class="opening-head">
            { icons::logo("32") }
            <h1>{ verb }{ " " }<span class="mono">{ title }</span></h1>
            <button class="btn" data-testid="cancel" title="Escape" onclick={cancel}>{ "Cancel" }</button>
        </div>
    }
}

/// Which way the image comes, where it comes from a registry.
fn way_line(via: Option<&Via>) -> Html {
    let Some(via) = via else { return Html::default() };
    html! { <p class="hint way" data-testid="way" data-way={way::name(via)}>{ "The registry is asked " }{ way::words(via) }{ "." }</p> }
}

fn step(check: &Check) -> Html {
    let name = match check.what {
        CheckKind::Index => "index",
        CheckKind::Manifest => "manifest",
        CheckKind::Config => "config",
        CheckKind::Blob => "layer",
        CheckKind::DiffId => "diffID",
    };
    let (class, icon) = match check.state {
        CheckState::Verified => ("step ok", icons::tick()),
        CheckState::Mismatched => ("step bad", icons::cross()),
        CheckState::Unchecked => ("step", icons::unknown()),
    };
    html! { <span {class} title={check.why.clone()}>{ icon }{ name }</span> }
}

/// Properties of [`PullingView`].
#[derive(Properties, PartialEq)]
pub struct PullingProps {
    /// The image.
    pub open: Open,
    /// The page's hands.
    pub driver: Driver,
}

/// While layers come in.
#[component]
pub fn PullingView(props: &PullingProps) -> Html {
    let open = &props.open;
    let (done, total) = open.progress();
    let speed = format::speed(done, props.driver.elapsed());
    let inspect = {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::Inspect))
    };
    let ended = open.ended();
    let verified = open.layers.iter().filter(|line| line.state == LayerState::Verified).count();
    html! {
        <main class="wrap" data-testid="progress" aria-busy="true">
            { heading("Opening", &open.title, &props.driver) }
            { way_line(open.via.as_ref()) }
            <div class="steps">
                { for open.summary.checks.iter().map(step) }
                if let Some(platform) = &open.summary.platform { <span class="step ok">{ icons::tick() }{ platform.to_string() }</span> }
                <span class="step now">{ icons::busy() }{ format!("layers: {verified} of {} verified", open.layers.len()) }</span>
            </div>
            <div class="card pull">
                <div class="total">
                    <div class="accent">{ icons::bar(format::share(done, total)) }</div>
                    <span class="num">{ format!("{} of {}", format::bytes(done), format::bytes(total)) }</span>
                    if let Some(speed) = speed { <span class="num dim">{ speed }</span> }
                </div>
                { for open.layers.iter().enumerate().map(|(index, line)| pull_line(index, line, open)) }
            </div>
            if open.tree.is_some() {
                <p class="centred"><button class="btn" onclick={inspect}>
                    { format!("Look inside already ({ended} of {} layers)", open.layers.len()) }
                </button></p>
            }
            <p class="sr" role="status">{ format!("{ended} of {} layers done", open.layers.len()) }</p>
        </main>
    }
}

fn pull_line(index: usize, line: &LayerLine, open: &Open) -> Html {
    let spec = open.summary.layers.get(index);
    let digest = spec.and_then(|spec| spec.digest.as_ref().or(spec.diff_id.as_ref()));
    let name = digest.map(|digest| digest.encoded().chars().take(12).collect::<String>());
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    let total = line.total.unwrap_or(0);
    let share = if line.state.is_final() { "100%".to_owned() } else { format::share(line.done, total) };
    let diff_id = spec.and_then(|spec| spec.diff_id.as_ref()).map(Digest::to_string);
    html! {
        <div key={index} class={classes!("pull-line", icons::colour(index), format!("is-{}", line.state.name()))}
            data-testid="layer-row" data-index={index.to_string()} data-state={line.state.name()} data-diff-id={diff_id}
            title={spec.and_then(|spec| spec.created_by.clone())}>
            <i class="swatch" />
            <code>{ name.unwrap_or_else(|| format!("layer {index}")) }</code>
            { icons::bar(share) }
            <span class="state">{ state_text(line) }</span>
        </div>
    }
}

/// A layer's state in words, with its bytes while it moves.
pub fn state_text(line: &LayerLine) -> String {
    if line.waiting.is_some() {
        return "waiting to go on".to_owned();
    }
    let bytes = || match line.total {
        Some(total) => format!("{} of {}", format::bytes(line.done), format::bytes(total)),
        None => format::bytes(line.done),
    };
    if line.by_toc != ByToc::No {
        return match line.state {
            LayerState::Downloading => format!("TOC verified, downloading {}", bytes()),
            _ => "TOC verified, layer not yet verified".to_owned(),
        };
    }
    match line.state {
        LayerState::Waiting => "waiting".to_owned(),
        LayerState::Downloading => format!("downloading {}", bytes()),
        LayerState::Verifying => format!("verifying {}", bytes()),
        LayerState::Verified if line.kept => "✓ already here, verified before".to_owned(),
        LayerState::Verified => "✓ verified".to_owned(),
        LayerState::Mismatched => "✗ digest does not match".to_owned(),
        LayerState::Absent => "– not in this source".to_owned(),
        LayerState::Unverifiable => "? cannot be verified".to_owned(),
    }
}
