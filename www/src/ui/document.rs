//! A document as it came, indented, with every digest a link to what it names.

use lagvis::{
    document::{Piece, PieceKind, indented},
    image::{Digest, Reference},
    opened::Document,
    share::{LayerChoice, Link, Part, Tab},
    verify::CheckKind,
};
use yew::prelude::*;

use super::{
    address::{href, to},
    copy::{Copy, Full},
    format,
    phase::{Look, Open},
    registry::{Repository, link_of},
    words::{Term, Word},
};

/// Lines that are drawn: an index of many platforms has about a thousand.
const LINES: usize = 4_000;

/// The part: the image's documents of a kind (an index may lie in another).
pub fn documents(open: &Open, look: &Look, told: &Repository, what: CheckKind) -> Html {
    let of_kind = open.summary.documents.iter().filter(|document| document.what == what);
    html! { { for of_kind.enumerate().map(|(at, document)| one(document, at == 0, open, look, told)) } }
}

fn one(document: &Document, first: bool, open: &Open, look: &Look, told: &Repository) -> Html {
    let (title, term, what) = match document.what {
        CheckKind::Index => ("Index", Term::Index, "It names one manifest a platform."),
        CheckKind::Manifest => {
            ("Manifest", Term::Manifest, "It names the config and the layers as they are transported.")
        }
        _ => (
            "Config",
            Term::Config,
            "It says how a container runs and names the unpacked layers by their diffIDs. Its digest is the image ID.",
        ),
    };
    // An index may lie in another.
    let word = first.then(|| html! { <Word {term} at="document" /> });
    html! {
        <>
            <h2>{ title }{ word }</h2>
            <p>{ what }{ " These are the bytes that were checked, indented to be read: what is drawn here would hash to something else." }</p>
            if let Some(digest) = &document.digest { <Full value={digest.to_string()} what="digest" /> }
            <p class="hint">{ format!("{}. Copy it as it came ", format::bytes(document.text.len() as u64)) }<Copy value={document.text.clone()} what="document" /></p>
            { json(&document.text, title, &|digest| named(digest, open, look).or_else(|| link_of(digest, open, look, told))) }
        </>
    }
}

/// JSON, indented, with every digest a link where `named` has one.
pub fn json(text: &str, title: &'static str, named: &dyn Fn(&Digest) -> Option<(Link, String)>) -> Html {
    let (lines, more) = indented(text, LINES);
    let line =
        |line: &lagvis::document::Line| html! { <>{ for line.iter().map(|part| piece(part, named)) }{ "\n" }</> };
    html! {
        <>
            <pre class="source json" data-testid="document" tabindex="0" role="region" aria-label={title}>{ for lines.iter().map(line) }</pre>
            if more { <p class="hint">{ format!("Lines after the first {} are not drawn: copy the document to read them.", format::count(LINES as u64)) }</p> }
        </>
    }
}

fn piece(piece: &Piece, named: &dyn Fn(&Digest) -> Option<(Link, String)>) -> Html {
    let text = &piece.text;
    match &piece.kind {
        PieceKind::Plain => html! { { text } },
        PieceKind::Key => html! { <b>{ text }</b> },
        PieceKind::Text => html! { <span class="json-text">{ text }</span> },
        PieceKind::Word => html! { <span class="json-word">{ text }</span> },
        PieceKind::Digest(digest) => match named(digest) {
            Some((link, what)) => {
                html! { <a class="link" href={href(&link)} title={what} data-testid="digest-link">{ text }</a> }
            }
            None => html! { <span class="json-text" title="It names nothing that can be opened here">{ text }</span> },
        },
    }
}

/// What a digest names: the link to it, and words.
fn named(digest: &Digest, open: &Open, look: &Look) -> Option<(Link, String)> {
    let summary = &open.summary;
    let part = |part| Look { tab: Tab::Config, part, ..look.clone() };
    let is = |other: &Option<Digest>| other.as_ref() == Some(digest);
    if let Some(document) = summary.documents.iter().find(|document| is(&document.digest)) {
        let (shown, what) = match document.what {
            CheckKind::Index => (Part::Index, "The index"),
            CheckKind::Manifest => (Part::Manifest, "The manifest"),
            _ => (Part::Config, "The config"),
        };
        return Some((to(open, &part(shown)), what.to_owned()));
    }
    let layer = summary.layers.iter().position(|layer| is(&layer.digest) || is(&layer.diff_id));
    if let Some(layer) = layer.and_then(|layer| u32::try_from(layer).ok()) {
        let look = Look { layer: LayerChoice::One(layer), path: None, ..look.clone() };
        return Some((to(open, &look), format!("Layer {layer}")));
    }
    let choice = open.platforms.choices.iter().find(|choice| choice.digest == *digest)?;
    let other = Reference::parse(summary.pinned.as_deref()?).ok()?.with_digest(digest.clone());
    let name = choice.platform.as_ref().map_or_else(|| "another platform".to_owned(), ToString::to_string);
    let link = Link { reference: Some(other.familiar()), ..Link::default() };
    Some((link, format!("The image for {name}")))
}
