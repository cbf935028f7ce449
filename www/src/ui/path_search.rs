//! The search field with its kinds. It waits until typing pauses, so that a session is not asked for each letter; a
//! pattern that cannot be read says why and leaves the tree as it was.

use std::{cell::Cell, rc::Rc, time::Duration};

use lagvis::{
    pattern::{Pattern, PatternKind},
    protocol::Search,
};
use web_sys::HtmlInputElement;
use yew::{platform::time::sleep, prelude::*};

use super::{driver::Driver, page, see::See};

const PAUSE: Duration = Duration::from_millis(120);

/// Properties of [`SearchField`].
#[derive(Properties, PartialEq)]
pub struct SearchProps {
    /// The search as it is.
    pub search: Search,
    /// The page's hands.
    pub driver: Driver,
}

/// Name, title and an example of a kind.
fn words(kind: PatternKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        PatternKind::Text => ("Text", "Part of a name; with a slash, of a path", "Search paths"),
        PatternKind::Glob => ("Glob", "* and ? in a name, ** over folders, [a-z], {a,b}", "*.so or etc/**/*.conf"),
        PatternKind::Regex => {
            ("Regex", "A regular expression, found in the path: ^/etc/.*\\.conf$", "^/etc/.*\\.conf$")
        }
    }
}

/// The field.
#[component]
pub fn SearchField(props: &SearchProps) -> Html {
    let typed = use_mut_ref(|| Rc::new(Cell::new(0_u32)));
    let field = use_node_ref();
    let kind = use_state_eq(|| props.search.kind);
    let problem = use_state_eq(|| None::<String>);
    // What "Back" or a link brings is shown; what is being typed is left alone.
    {
        let (field, kind, problem) = (field.clone(), kind.clone(), problem.clone());
        use_effect_with(props.search.clone(), move |search| {
            kind.set(search.kind);
            problem.set(None);
            if let Some(field) = field.cast::<HtmlInputElement>()
                && field.value().trim() != search.text
            {
                field.set_value(&search.text);
            }
        });
    }
    let commit = {
        let (driver, problem, typed) = (props.driver.clone(), problem.clone(), typed.borrow().clone());
        move |kind: PatternKind, text: &str| {
            // What was typed and still waits is part of this.
            typed.set(typed.get().wrapping_add(1));
            let text = text.trim().to_owned();
            match Pattern::parse(kind, &text) {
                Ok(_) => {
                    problem.set(None);
                    driver.see(See::Search(Search { kind, text }));
                }
                Err(error) => problem.set(Some(error.to_string())),
            }
        }
    };
    let on_input = {
        let (commit, typed, kind) = (commit.clone(), typed.borrow().clone(), *kind);
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            let (commit, typed) = (commit.clone(), Rc::clone(&typed));
            let number = typed.get().wrapping_add(1);
            typed.set(number);
            yew::platform::spawn_local(async move {
                sleep(PAUSE).await;
                if typed.get() == number {
                    commit(kind, &field.value());
                }
            });
        })
    };
    let on_key = {
        let (commit, kind) = (commit.clone(), *kind);
        Callback::from(move |event: KeyboardEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            match event.key().as_str() {
                "Escape" if !field.value().is_empty() => {
                    event.stop_propagation();
                    field.set_value("");
                    commit(kind, "");
                }
                "Escape" | "ArrowDown" | "Enter" => {
                    event.stop_propagation();
                    event.prevent_default();
                    page::focus("tree");
                }
                _ => {}
            }
        })
    };
    let choice = |which: PatternKind| {
        let (name, title, _) = words(which);
        let on = *kind == which;
        let (commit, kind, field) = (commit.clone(), kind.clone(), field.clone());
        let on_click = Callback::from(move |_: MouseEvent| {
            kind.set(which);
            commit(which, &field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default());
        });
        html! { <button type="button" {title} aria-pressed={on.to_string()} data-testid={format!("search-{}", which.name())} onclick={on_click}>{ name }</button> }
    };
    let is_bad = problem.is_some();
    html! {
        <div class="search">
            <div class="filter">
                <input ref={field.clone()} type="search" data-testid="filter-input" aria-label="Search paths" placeholder={words(*kind).2} spellcheck="false"
                    autocomplete="off" autocapitalize="off" oninput={on_input} onkeydown={on_key}
                    aria-invalid={is_bad.to_string()} aria-describedby={is_bad.then_some("search-problem")} />
                <kbd aria-hidden="true">{ "/" }</kbd>
            </div>
            <div class="segments" role="group" aria-label="How the search is written">{ for PatternKind::ALL.into_iter().map(choice) }</div>
            <p id="search-problem" class="search-problem" role="alert" data-testid="search-problem">{ (*problem).clone().unwrap_or_default() }</p>
        </div>
    }
}
