//! What the header of a program or library says.

use lagvis::file::{Elf, Symbols};
use yew::prelude::*;

use crate::ui::words::{Term, Word};

/// Draws the summary.
pub fn program(elf: &Elf) -> Html {
    let order = if elf.big_endian { "big-endian" } else { "little-endian" };
    let linked = match (elf.is_static, elf.needed.len()) {
        (true, _) => "statically: it loads no libraries".to_owned(),
        (false, 0) => "it names no libraries".to_owned(),
        (false, 1) => "dynamically, to 1 library".to_owned(),
        (false, count) => format!("dynamically, to {count} libraries"),
    };
    let symbols = match elf.symbols {
        Symbols::Stripped => "stripped",
        Symbols::Table => "not stripped: a table of symbols",
        Symbols::Debug => "not stripped: symbols and debug information",
    };
    let fact = |name: &str, term: Option<Term>, value: &Option<String>| {
        let value = value.as_ref()?;
        let word = term.map(|term| html! { <Word {term} at="program" /> });
        Some(html! { <><dt>{ name }{ word }</dt><dd class="mono">{ value }</dd></> })
    };
    html! {
        <dl class="facts" data-testid="content-elf">
            <dt>{ "Type" }</dt><dd>{ &elf.kind }</dd>
            <dt>{ "Machine" }</dt><dd>{ format!("{}, {}-bit, {order}", elf.machine, elf.bits) }</dd>
            <dt>{ "ABI" }</dt><dd>{ &elf.abi }</dd>
            <dt>{ "Linked" }</dt><dd>{ linked }</dd>
            <dt>{ "Symbols" }</dt><dd>{ symbols }</dd>
            { for fact("Interpreter", None, &elf.interpreter) }
            { for fact("Soname", Some(Term::Soname), &elf.soname) }
            { for fact("Looks in", None, &elf.runpath) }
            { for fact("Build ID", Some(Term::BuildId), &elf.build_id) }
            if !elf.needed.is_empty() {
                <dt>{ "Needs" }</dt>
                <dd class="mono"><ul>{ for elf.needed.iter().map(|name| html! { <li>{ name }</li> }) }</ul></dd>
            }
        </dl>
    }
}
