//! The words of the field, explained where they stand: a small button beside a term opens what it means.

mod term;

use yew::prelude::*;

pub use self::term::Term;

/// Properties of [`Word`].
#[derive(Properties, PartialEq)]
pub struct WordProps {
    /// The term.
    pub term: Term,
    /// Where on the page: terms stand at several places, each once.
    pub at: AttrValue,
}

/// A button that tells what a term means. The browser's own popover: Escape, a click beside it and focus are its.
#[component]
pub fn Word(props: &WordProps) -> Html {
    let name = props.term.name();
    let id = format!("word-{}-{}", props.at, name.to_lowercase().replace(' ', "-"));
    html! {
        <>
            <button type="button" class="word" popovertarget={id.clone()} data-testid="word" data-term={name}
                aria-label={format!("What is {name}?")}>{ "?" }</button>
            <div {id} class="word-text" popover="auto" role="note"><b>{ name }</b><p>{ props.term.meaning() }</p></div>
        </>
    }
}

/// All of them, for the start: those to begin with, the others on demand.
pub fn list() -> Html {
    let entry = |term: &Term| html! { <><dt>{ term.name() }</dt><dd>{ term.meaning() }</dd></> };
    let (first, others) = Term::ALL.split_at(Term::FIRST.min(Term::ALL.len()));
    html! {
        <>
            <dl>{ for first.iter().map(entry) }</dl>
            <details class="all-words" data-testid="all-words"><summary>{ format!("{} more words", others.len()) }</summary><dl>{ for others.iter().map(entry) }</dl></details>
        </>
    }
}
