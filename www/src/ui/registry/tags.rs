//! The tags of a repository: filtered as one types, thousands of them, as a list of which only what can be seen exists.

use std::rc::Rc;

use lagvis::{
    image::Reference,
    protocol::{Ask, TagList},
    registry::is_digest_tag,
    share::{Link, Part, RegistryLook, Tab},
};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::{
    item::failed,
    place::{image_href, opens, reference},
};
use crate::ui::{
    address::href,
    driver::Driver,
    format, icons, page,
    phase::Look,
    scroll::Window,
    see::See,
    tree::{use_geometry, use_window_size},
    words::{Term, Word},
};

/// Properties of [`Tags`].
#[derive(Properties, PartialEq)]
pub struct TagsProps {
    /// The tags, as far as they came.
    pub list: Option<Rc<TagList>>,
    /// The repository's name, or a reference into it.
    pub name: String,
    /// The link to what is seen.
    pub home: Link,
    /// How it is seen.
    pub look: Look,
    /// The page's hands.
    pub driver: Driver,
}

/// The tags that have every word that was typed, by their places in the list.
fn found(list: Option<&TagList>, typed: &str) -> Vec<usize> {
    let typed = typed.to_ascii_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let has = |tag: &String| {
        let tag = tag.to_ascii_lowercase();
        words.iter().all(|word| tag.contains(word))
    };
    let tags = list.map(|list| list.tags.as_slice()).unwrap_or_default();
    tags.iter().enumerate().filter(|(_, tag)| has(tag)).map(|(index, _)| index).collect()
}

/// The row after a key; none for a key that does not move.
fn moved(key: &str, at: usize, count: usize, page: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowDown" => Some((at + 1).min(last)),
        "ArrowUp" => Some(at.saturating_sub(1)),
        "PageDown" => Some((at + page).min(last)),
        "PageUp" => Some(at.saturating_sub(page)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

/// The list.
#[component]
pub fn Tags(props: &TagsProps) -> Html {
    let (body, spacer, layer) = (use_node_ref(), use_node_ref(), use_node_ref());
    let window = use_state_eq(Window::default);
    let typed = props.look.registry.tags.clone();
    let found = use_memo((props.list.clone(), typed.clone()), |(list, typed)| found(list.as_deref(), typed));
    let at = use_state_eq(|| 0_usize);
    let chosen = (*at).min(found.len().saturating_sub(1));
    let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let (first, last) = window.range(count);
    use_window_size(&body, &window);
    use_geometry(&spacer, &layer, *window, count, first);
    {
        let body = body.clone();
        use_effect_with(chosen, move |chosen| {
            let row = u32::try_from(*chosen).unwrap_or(u32::MAX);
            if let Some(body) = body.cast::<HtmlElement>()
                && let Some(top) = Window::of(&body).scroll_for(row, count)
            {
                body.set_scroll_top(top);
            }
        });
    }
    let on_scroll = {
        let (window, body) = (window.clone(), body.clone());
        Callback::from(move |_: Event| {
            if let Some(body) = body.cast::<HtmlElement>() {
                window.set(Window::of(&body));
            }
        })
    };
    let tag = |row: usize| props.list.as_ref()?.tags.get(*found.get(row)?).map(String::as_str);
    let on_input = {
        let (driver, registry, at) = (props.driver.clone(), props.look.registry.clone(), at.clone());
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            at.set(0);
            driver.see(See::Registry(RegistryLook { tags: field.value(), ..registry.clone() }));
        })
    };
    let on_key = {
        let chosen_reference = tag(chosen).and_then(|tag| reference(&props.name, tag));
        let (driver, at, page_rows) = (props.driver.clone(), at, usize::try_from(window.rows()).unwrap_or(1));
        let count = found.len();
        Callback::from(move |event: KeyboardEvent| {
            let target = event.target();
            let is = |name: &str| {
                target
                    .as_ref()
                    .and_then(|target| target.dyn_ref::<web_sys::Element>())
                    .is_some_and(|element| element.tag_name() == name)
            };
            let key = event.key();
            if event.ctrl_key()
                || event.meta_key()
                || is("A")
                || (is("INPUT") && matches!(key.as_str(), "Home" | "End"))
            {
                return;
            }
            match (moved(&key, chosen, count, page_rows), key.as_str(), &chosen_reference) {
                (Some(row), ..) => at.set(row),
                (None, "Enter", Some(reference)) => driver.open_reference(reference, None, Look::default()),
                (None, "/", _) if !is("INPUT") => page::focus("tags-filter"),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let shown = Reference::parse(&props.name).ok().and_then(|reference| Some(reference.tag()?.to_owned()));
    let shown = shown.filter(|_| props.home.reference.is_some());
    let rows = (first..last).filter_map(|index| {
        let row = usize::try_from(index).ok()?;
        Some(self::row(index, tag(row)?, row == chosen, shown.as_deref(), props))
    });
    html! {
        <div class="tags" onkeydown={on_key}>
            <div class="tags-tools">
                <div class="filter"><input type="search" value={typed} data-testid="tags-filter" aria-label="Filter tags" aria-controls="tags"
                    placeholder="Filter tags: 3.12 slim" spellcheck="false" autocomplete="off" autocapitalize="off" oninput={on_input} /></div>
                <span class="found" role="status" data-testid="tags-found">{ status(props.list.as_deref(), found.len()) }</span>
                <Word term={Term::Tag} at="tags" />
            </div>
            <p class="hint" data-testid="as-told">{ told(props) }</p>
            if let Some(problem) = props.list.as_ref().and_then(|list| list.problem.as_ref()) { { failed(problem, &Ask::Tags, &props.driver) } }
            <div id="tags" ref={body} class="tree-body" role="grid" tabindex="0" aria-label="Tags" aria-rowcount={(count + 1).to_string()}
                aria-busy={props.list.is_none().to_string()} aria-activedescendant={(count > 0).then(|| format!("tag-{chosen}"))}
                data-testid="tags" onscroll={on_scroll}>
                <div class="tree-head tag-row" role="row"><span role="columnheader">{ "Tag" }</span><span role="columnheader"><span class="sr">{ "Compare" }</span></span></div>
                <div ref={spacer} class="tree-spacer" role="presentation"><div ref={layer} class="tree-window" role="presentation">{ for rows }</div></div>
            </div>
        </div>
    }
}

fn row(index: u32, tag: &str, on: bool, shown: Option<&str>, props: &TagsProps) -> Html {
    let image = reference(&props.name, tag).unwrap_or_default();
    let is_shown = shown == Some(tag);
    let compare = props.home.reference.as_ref().filter(|_| !is_digest_tag(tag)).map(|_| {
        let registry = RegistryLook { with: Some(tag.to_owned()), item: None, ..props.look.registry.clone() };
        let look = Look { tab: Tab::Registry, part: Part::Compare, registry, ..Look::default() };
        href(&Link { look, ..props.home.clone() })
    });
    html! {
        <div id={format!("tag-{index}")} key={tag.to_owned()} role="row" aria-rowindex={(index + 2).to_string()} aria-selected={on.to_string()}
            class={classes!("tree-row", "tag-row", on.then_some("on"))} data-testid="tag-row" data-tag={tag.to_owned()}>
            <span role="gridcell"><a class="tag-link mono" tabindex="-1" href={image_href(&image)} onclick={opens(image, &props.driver)}>{ tag }</a>
                if is_shown { <small>{ " the tag of this image" }</small> }
                if is_digest_tag(tag) { <small>{ " refers to a manifest" }</small> }
            </span>
            <span role="gridcell">if let Some(compare) = compare { <a class="link" tabindex="-1" href={compare} data-testid="tag-compare" aria-label={format!("Compare with {tag}")}>{ "Compare" }</a> }</span>
        </div>
    }
}

fn status(list: Option<&TagList>, found: usize) -> Html {
    let Some(list) = list else { return html! { <>{ icons::busy() }{ " Asking for the tags" }</> } };
    let all = list.tags.len();
    let count = if found == all {
        format::plural(all as u64, "tag")
    } else {
        format!("{} of {}", format::count(found as u64), format::plural(all as u64, "tag"))
    };
    if list.complete || list.problem.is_some() {
        html! { { count } }
    } else {
        html! { <>{ icons::busy() }{ format!(" {count} so far") }</> }
    }
}

fn told(props: &TagsProps) -> String {
    let host = Reference::parse(&props.name).map(|reference| reference.domain().to_owned()).unwrap_or_default();
    let left_out = props.list.as_ref().map_or(0, |list| list.left_out);
    let odd = if left_out > 0 {
        format!(" {} that no tag can have were left out.", format::plural(left_out, "name"))
    } else {
        String::new()
    };
    format!(
        "As told by {host}: a tag is a name that the registry may point elsewhere at any time.{odd} Enter opens the marked one."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_to_be_in_the_tag() {
        let list =
            TagList { tags: ["3.12-Slim", "3.12", "3.1", "slim"].map(str::to_owned).to_vec(), ..TagList::default() };
        assert_eq!(found(Some(&list), ""), [0, 1, 2, 3]);
        assert_eq!(found(Some(&list), " slim 3 "), [0]);
        assert_eq!(found(Some(&list), "3.12"), [0, 1]);
        assert_eq!(found(Some(&list), "none"), Vec::<usize>::new());
        assert_eq!(found(None, ""), Vec::<usize>::new());
    }

    #[test]
    fn keys_stay_within_the_list() {
        assert_eq!(
            (moved("ArrowDown", 0, 3, 2), moved("ArrowDown", 2, 3, 2), moved("ArrowUp", 0, 3, 2)),
            (Some(1), Some(2), Some(0))
        );
        assert_eq!(
            (moved("PageDown", 0, 9, 2), moved("PageUp", 1, 9, 2), moved("End", 0, 9, 2)),
            (Some(2), Some(0), Some(8))
        );
        assert_eq!((moved("ArrowDown", 0, 0, 2), moved("x", 0, 3, 2)), (None, None));
    }
}
