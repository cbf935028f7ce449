//! The chain of checks: each with what was expected of which bytes, and what they were.

use lagvis::{
    opened::Warning,
    verify::{Check, CheckKind, CheckState},
};
use yew::prelude::*;

use super::{
    copy::Copy,
    format, icons,
    phase::{Open, verified},
};

/// Properties of [`Checks`].
#[derive(Properties, PartialEq)]
pub struct ChecksProps {
    /// The image.
    pub open: Open,
}

/// The tab.
#[component]
pub fn Checks(props: &ChecksProps) -> Html {
    let open = &props.open;
    let checks = open.checks();
    let warnings: Vec<Warning> = match &open.tree {
        Some(tree) => open.summary.warnings.iter().chain(&tree.warnings).cloned().collect(),
        None => open.summary.warnings.clone(),
    };
    html! {
        <div class="sheet" data-testid="checks">
            <h2>{ format!("{} of {} checks verified", verified(&checks), checks.len()) }</h2>
            <p>{ "Each part names the next by its digest: the index names the manifest, the manifest names the config and the packed layers, and the config names each unpacked layer by its diffID. So one digest at the top vouches for every byte below. In this order, size first:" }</p>
            <p class="rule mono">{ "hash(content) == sha256 ? continue : abort" }</p>
            <p class="hint">{ "This proves that the bytes are those that were named. It does not say who made them: nothing here is a signature." }</p>
            <ol class="checks">{ for checks.iter().map(check_row) }</ol>
            { redo(open) }
            { for_warnings(&warnings) }
        </div>
    }
}

fn what(kind: CheckKind) -> (&'static str, &'static str) {
    match kind {
        CheckKind::Index => ("index", "Index"),
        CheckKind::Manifest => ("manifest", "Manifest"),
        CheckKind::Config => ("config", "Config, the image ID"),
        CheckKind::Blob => ("blob", "Layer as transported"),
        CheckKind::DiffId => ("diff_id", "Layer unpacked, the diffID"),
    }
}

fn check_row(check: &Check) -> Html {
    let (name, title) = what(check.what);
    let (state, icon) = match check.state {
        CheckState::Verified => ("verified", icons::tick()),
        CheckState::Mismatched => ("mismatched", icons::cross()),
        CheckState::Unchecked => ("unchecked", icons::unknown()),
    };
    let same = check.actual.as_deref() == Some(check.expected.as_str());
    let value = |label: &'static str, digest: &str| {
        html! { <><dt>{ label }</dt><dd><code>{ digest }</code><Copy value={digest.to_owned()} what={label} /></dd></> }
    };
    html! {
        <li class={classes!("check", format!("is-{state}"))} data-testid="check-row" data-what={name} data-state={state}>
            <span class="check-icon">{ icon }</span>
            <div>
                <p class="check-title"><b>{ title }</b><span class="state">{ state }</span><span class="num dim">{ format::bytes(check.bytes) }</span></p>
                <dl class="facts">
                    if check.subject != check.expected { <dt>{ "Of" }</dt><dd><code>{ &check.subject }</code></dd> }
                    if same { { value("Both", &check.expected) } } else {
                        if !check.expected.is_empty() { { value("Expected", &check.expected) } }
                        if let Some(actual) = &check.actual { { value("Found", actual) } }
                    }
                    if let Some(why) = &check.why { <dt>{ "Why" }</dt><dd>{ why }</dd> }
                </dl>
            </div>
        </li>
    }
}

/// Commands that do the same without this page.
fn redo(open: &Open) -> Html {
    let source = open.summary.pinned.clone().unwrap_or_else(|| open.summary.source_name.clone());
    let inspect = format!("lagvis inspect --json {source}");
    let by_hand = open
        .summary
        .layers
        .iter()
        .find_map(|layer| layer.diff_id.as_ref())
        .map(|_| "tar -xOf image.tar <layer> | gzip -dcf | sha256sum".to_owned());
    html! {
        <>
            <h3>{ "Do it again yourself" }</h3>
            { command(&inspect, "the same checks on the command line; the receipt is equal") }
            if let Some(by_hand) = by_hand { { command(&by_hand, "one diffID by hand, of a saved archive") } }
        </>
    }
}

fn command(text: &str, what: &str) -> Html {
    html! {
        <>
            <div class="command"><code>{ text }</code><Copy value={text.to_owned()} what="command" /></div>
            <p class="hint">{ what }</p>
        </>
    }
}

fn for_warnings(warnings: &[Warning]) -> Html {
    if warnings.is_empty() {
        return Html::default();
    }
    let line = |warning: &Warning| {
        html! {
            <li>
                if let Some(layer) = warning.layer { <b>{ format!("Layer {layer}: ") }</b> }
                { &warning.text }
                if let Some(path) = &warning.path { <code>{ format!(" /{path}") }</code> }
            </li>
        }
    };
    html! {
        <>
            <h3>{ format!("Oddities ({})", warnings.len()) }</h3>
            <p class="hint">{ "They do no harm to what was verified." }</p>
            <ul class="warnings">{ for warnings.iter().map(line) }</ul>
        </>
    }
}
