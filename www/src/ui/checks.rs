//! The Receipt tab. First the chain of checks: each with what was expected of which bytes, and what they were.

use std::rc::Rc;

use lagvis::{
    opened::Warning,
    share::Part,
    verify::{Check, CheckKind, CheckState},
};
use yew::prelude::*;

use super::{
    copy::Copy,
    driver::Driver,
    format, icons, log,
    parts::{panel, parts, shown},
    phase::{Log, Look, Open, verified},
    redo,
    words::{Term, Word},
};

/// Properties of [`Checks`].
#[derive(Properties, PartialEq)]
pub struct ChecksProps {
    /// The image.
    pub open: Open,
    /// How it is seen.
    pub look: Look,
    /// Requests that were sent.
    pub log: Rc<Log>,
    /// The page's hands.
    pub driver: Driver,
}

/// The tab: the checks, how to redo them, and what was asked of whom.
#[component]
pub fn Checks(props: &ChecksProps) -> Html {
    let ChecksProps { open, look, log, driver } = props;
    let listed = [
        (Part::Main, "Checks".to_owned()),
        (Part::Redo, "Do it yourself".to_owned()),
        (Part::Log, format!("Requests ({})", log.requests.len())),
    ];
    let part = shown(&listed, look.part);
    html! {
        <div class="sheet" data-testid="checks" data-part={part.name()}>
            { parts(&listed, part, "Parts of the receipt", driver) }
            { panel(part, match part {
                Part::Redo => redo::commands(open),
                Part::Log => log::requests(open, log),
                _ => chain(open),
            }) }
        </div>
    }
}

fn chain(open: &Open) -> Html {
    let checks = open.checks();
    let warnings: Vec<Warning> = match &open.tree {
        Some(tree) => open.summary.warnings.iter().chain(&tree.warnings).cloned().collect(),
        None => open.summary.warnings.clone(),
    };
    html! {
        <>
            <h2>{ format!("{} of {} checks verified", verified(&checks), checks.len()) }</h2>
            <p class="hint words">{ "Words: " }{ for [Term::Verdict, Term::Anchor, Term::Receipt].map(|term| html! { <span>{ term.name().to_lowercase() }<Word {term} at="receipt" /></span> }) }</p>
            <p>{ "Each part names the next by its digest: the index names the manifest, the manifest names the config and the packed layers, and the config names each unpacked layer by its diffID. So one digest at the top vouches for every byte below. In this order, size first:" }</p>
            <p class="rule mono">{ "hash(content) == sha256 ? continue : abort" }</p>
            <p class="hint">{ "This proves that the bytes are those that were named. It does not say who made them: nothing here is a signature." }</p>
            <ol class="checks">{ for open.checks_of_layers().iter().map(|(layer, check)| check_row(*layer, check)) }</ol>
            { for_warnings(&warnings) }
        </>
    }
}

fn what(kind: CheckKind, layer: Option<usize>) -> (&'static str, String) {
    let of_layer = |what: &str| match layer {
        Some(layer) => format!("Layer {layer} {what}"),
        None => format!("Layer {what}"),
    };
    match kind {
        CheckKind::Index => ("index", "Index".to_owned()),
        CheckKind::Manifest => ("manifest", "Manifest".to_owned()),
        CheckKind::Config => ("config", "Config, the image ID".to_owned()),
        CheckKind::Blob => ("blob", of_layer("as transported")),
        CheckKind::DiffId => ("diff_id", of_layer("unpacked, the diffID")),
    }
}

fn check_row(layer: Option<usize>, check: &Check) -> Html {
    let (name, title) = what(check.what, layer);
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
                    if same { { value("As expected", &check.expected) } } else {
                        if !check.expected.is_empty() { { value("Expected", &check.expected) } }
                        if let Some(actual) = &check.actual { { value("Found", actual) } }
                    }
                    if let Some(why) = &check.why { <dt>{ "Why" }</dt><dd>{ why }</dd> }
                </dl>
            </div>
        </li>
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
