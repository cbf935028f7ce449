//! Every check once more by hand: commands to paste, each with what it must print.

use lagvis::{
    command::{Redo, quote, redo},
    opened::SourceKind,
    protocol::Via,
};
use yew::prelude::*;

use super::{copy::Copy, parts::command, phase::Open};

/// The part.
pub fn commands(open: &Open) -> Html {
    let summary = &open.summary;
    let packing = |line: &super::layer_line::LayerLine| {
        line.facts.as_ref().map(|facts| facts.compression.clone()).filter(|packing| !packing.is_empty())
    };
    let packing: Vec<Option<String>> = open.layers.iter().map(packing).collect();
    let via = open.via.clone().unwrap_or(Via::Direct { plain_http: false });
    let steps = redo(summary, &packing, &via);
    let source = summary.pinned.clone().unwrap_or_else(|| summary.source_name.clone());
    let place = match summary.source {
        SourceKind::Registry if matches!(via, Via::Direct { .. }) => {
            "Addresses are of the registry itself, as this page used them; where it wants a token, curl needs one too."
        }
        SourceKind::Registry => {
            "Addresses are of the proxy that this page used: it passes bytes on, and they are hashed on your machine."
        }
        SourceKind::OciLayout => "Run them in the folder that the image's folder lies in.",
        _ => "Run them in the folder that the file lies in.",
    };
    html! {
        <>
            <h2>{ "Do it again yourself" }</h2>
            <p>{ "The same checks with docker, tar and sha256sum, and without this page. " }{ place }</p>
            <p class="hint">{ "All of them, with what each must print: " }<Copy value={script(&steps)} what="all commands" /></p>
            <ol class="redo">{ for steps.iter().map(step) }</ol>
            <h3>{ "With Lagvis on the command line" }</h3>
            { command(&format!("lagvis inspect --json {}", quote(&source)), "redo-inspect") }
            <p class="hint">{ "It prints the receipt, equal to the one of this page." }</p>
        </>
    }
}

fn step(step: &Redo) -> Html {
    html! {
        <li data-testid="redo-step" data-prints={step.prints.clone()}>
            <p class="check-title"><b>{ &step.what }</b></p>
            { command(&step.command, "redo-command") }
            if let Some(prints) = &step.prints { <p class="hint">{ "prints " }<code class="lines">{ prints }</code></p> }
        </li>
    }
}

/// All commands as one text, each after what it must print.
fn script(steps: &[Redo]) -> String {
    let mut out = String::new();
    for step in steps {
        out.push_str(&format!("# {}\n", step.what));
        if let Some(prints) = &step.prints {
            for line in prints.lines() {
                out.push_str(&format!("# must print {line}\n"));
            }
        }
        out.push_str(&step.command);
        out.push_str("\n\n");
    }
    out
}
