//! Layers that are shown by their tables of contents: what that means, and verifying them or not.

use lagvis::{
    image::TocRef,
    protocol::{ByToc, LayerState, ToSession},
};
use yew::prelude::*;

use super::{
    driver::Driver,
    format,
    layer_line::LayerLine,
    phase::Open,
    words::{Term, Word},
};

/// Properties of [`TocBar`].
#[derive(Properties, PartialEq)]
pub struct TocBarProps {
    /// The image.
    pub open: Open,
    /// The page's hands.
    pub driver: Driver,
}

/// Says that layers are shown by their tables of contents, and lets them be verified.
#[component]
pub fn TocBar(props: &TocBarProps) -> Html {
    let open = &props.open;
    let (shown, held) = open.by_toc();
    if shown == 0 {
        return Html::default();
    }
    let left: u64 = open
        .layers
        .iter()
        .filter(|line| line.by_toc != ByToc::No)
        .map(|line| line.total.unwrap_or(0).saturating_sub(line.done))
        .sum();
    let shows =
        format!("{} shown by a table of contents that matches its digest.", format::plural(shown as u64, "layer"));
    let bytes = format::bytes(left);
    let rest = if held == shown {
        format!("{bytes} of the layers themselves were not fetched.")
    } else {
        format!("The layers themselves are being verified: {bytes} to go.")
    };
    let send = |message: ToSession| {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| driver.send(message.clone()))
    };
    html! {
        <section class="toc-bar" aria-label="Tables of contents" data-testid="toc-bar" data-shown={shown.to_string()} data-held={held.to_string()}>
            <p><b>{ "TOC verified, layer not yet verified" }</b><Word term={Term::Toc} at="bar" />{ " " }<span role="status">{ shows }</span>{ " " }{ rest }</p>
            if held > 0 { <button class="btn primary" data-testid="verify-now" onclick={send(ToSession::Verify(None))}>{ "Verify now" }</button> }
            if held < shown { <button class="btn" data-testid="verify-stop" title="Fetch no more of these layers" onclick={send(ToSession::Hold)}>{ "Stop" }</button> }
        </section>
    }
}

/// What came of a layer's table of contents.
pub fn words(toc: &TocRef, line: &LayerLine) -> String {
    let says = match (&line.toc_problem, line.state) {
        (Some(problem), _) => problem.detail.clone(),
        (None, LayerState::Verified) => "says what the layer holds".to_owned(),
        (None, LayerState::Mismatched) => "not looked at: the layer does not match".to_owned(),
        (None, _) if line.by_toc != ByToc::No => "matches its digest; the layer is not yet verified".to_owned(),
        (None, _) if !toc.is_usable() => "cannot be used".to_owned(),
        (None, _) => "not yet looked at".to_owned(),
    };
    format!("{}: {says}", toc.format())
}

/// Verifies a layer that waits for that.
pub fn verify_button(line: &LayerLine, index: u32, driver: &Driver) -> Html {
    if line.by_toc != ByToc::Held {
        return Html::default();
    }
    let driver = driver.clone();
    let on_click = Callback::from(move |_: MouseEvent| driver.send(ToSession::Verify(Some(index))));
    let size = line.total.map(|bytes| format!(" ({})", format::bytes(bytes))).unwrap_or_default();
    html! { <p><button class="btn" data-testid="verify-layer" onclick={on_click}>{ format!("Verify this layer{size}") }</button></p> }
}
