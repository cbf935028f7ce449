//! The words of the field, explained where they stand: a small button beside a term opens what it means.

use yew::prelude::*;

/// Each term, and what it means.
pub const WORDS: [(&str, &str); 15] = [
    (
        "Image",
        "What a container starts from: a stack of layers and a config that says how to run it. Its image ID is the SHA-256 of the config.",
    ),
    (
        "Layer",
        "A tar file with what one build step added, changed or removed. Stacked in order, they give the file system that a container sees.",
    ),
    (
        "Whiteout",
        "How a layer removes a file of a layer below: an empty file named .wh.NAME. The removed bytes stay in the layer below and are still transported.",
    ),
    (
        "Manifest",
        "A small JSON file that lists the config and the layers by digest and size. For several platforms an index lists one manifest each.",
    ),
    (
        "Index",
        "A JSON file that lists one manifest for each platform. A registry hands it out first, and the puller picks the platform.",
    ),
    (
        "Config",
        "A JSON file with how to run the image, its build history, and the diffID of each layer. Its SHA-256 is the image ID.",
    ),
    (
        "Digest",
        "The SHA-256 of some bytes, used as their name. Whoever has the name can check the bytes, whoever sent them: hash(content) == digest ? continue : abort.",
    ),
    (
        "DiffID",
        "The SHA-256 of a layer once it is unpacked. The digest in the manifest is that of the packed bytes. Both are checked.",
    ),
    (
        "ChainID",
        "A hash over the diffIDs of a layer and all below it: it names the file system up to there. Docker files layers under it.",
    ),
    (
        "Image ID",
        "The SHA-256 of the config. As the config names each layer's diffID, it stands for the whole content. docker images shows its first 12 digits.",
    ),
    (
        "Registry",
        "The server that keeps images, such as Docker Hub or ghcr.io. A reference names registry, repository and tag; the tag may move, a digest never does.",
    ),
    (
        "TOC",
        "The table of contents that eStargz and zstd:chunked put into a layer, so that its files can be listed by a few of its bytes. The manifest names its digest, so it can be verified by itself; whether the layer holds what it lists is known once the layer was read whole.",
    ),
    ("Transported", "Bytes of the layers as a registry sends them, mostly compressed."),
    (
        "Unpacked",
        "Bytes of the layers' tars, each with all its files, also those that a later layer replaces or removes.",
    ),
    ("Final", "Bytes of the files that a container sees, content of hard links counted once."),
];

/// What a term means.
pub fn meaning(term: &str) -> Option<&'static str> {
    WORDS.iter().find(|(name, _)| *name == term).map(|(_, text)| *text)
}

/// Properties of [`Word`].
#[derive(Properties, PartialEq)]
pub struct WordProps {
    /// The term, one of [`WORDS`].
    pub term: &'static str,
    /// Where on the page: terms stand at several places.
    pub at: &'static str,
}

/// A button that tells what a term means. The browser's own popover: Escape, a click beside it and focus are its.
#[component]
pub fn Word(props: &WordProps) -> Html {
    let Some(text) = meaning(props.term) else { return Html::default() };
    let id = format!("word-{}-{}", props.at, props.term.to_lowercase().replace(' ', "-"));
    html! {
        <>
            <button type="button" class="word" popovertarget={id.clone()} data-testid="word" data-term={props.term}
                aria-label={format!("What is {}?", props.term)}>{ "?" }</button>
            <div {id} class="word-text" popover="auto" role="note"><b>{ props.term }</b><p>{ text }</p></div>
        </>
    }
}

/// All of them, for the start.
pub fn list() -> Html {
    let word = |(name, text): &(&'static str, &'static str)| html! { <><dt>{ *name }</dt><dd>{ *text }</dd></> };
    html! { <dl>{ for WORDS.iter().map(word) }</dl> }
}
