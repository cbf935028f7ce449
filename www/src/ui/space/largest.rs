//! The largest files and folders.

use lagvis::{
    protocol::{Large, SpaceReport},
    share::SpaceLook,
};
use yew::prelude::*;

use super::to_look;
use crate::ui::{driver::Driver, format, icons, phase::Look, see::See};

/// Entries of each list before it is asked for more.
const FEW: usize = 10;

/// Both lists.
pub fn largest(report: &SpaceReport, look: &Look, driver: &Driver) -> Html {
    let folders: Vec<(Large, Callback<MouseEvent>)> = report
        .folders
        .iter()
        .map(|large| {
            let next = SpaceLook { folder: large.path.clone(), ..look.space.clone() };
            (large.clone(), to_look(driver, next))
        })
        .collect();
    let files: Vec<(Large, Callback<MouseEvent>)> = report
        .files
        .iter()
        .map(|large| {
            let (driver, path) = (driver.clone(), large.path.clone());
            (large.clone(), Callback::from(move |_: MouseEvent| driver.see(See::Path(path.clone()))))
        })
        .collect();
    html! {
        <>
            <List title="Largest files" hook="large-file" does="Show in files" entries={files} />
            <List title="Largest folders" hook="large-folder" does="Show in the map" entries={folders} />
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ListProps {
    title: &'static str,
    hook: &'static str,
    does: &'static str,
    entries: Vec<(Large, Callback<MouseEvent>)>,
}

#[component]
fn List(props: &ListProps) -> Html {
    let all = use_state_eq(|| false);
    if props.entries.is_empty() {
        return Html::default();
    }
    let shown = if *all { props.entries.len() } else { FEW };
    let most = props.entries.first().map_or(0, |(large, _)| large.bytes);
    let toggle = {
        let all = all.clone();
        Callback::from(move |_: MouseEvent| all.set(!*all))
    };
    let line = |(large, on_click): &(Large, Callback<MouseEvent>)| {
        html! {
            <li class={large.layer.map_or_else(|| "accent".to_owned(), icons::colour)}>
                <button data-testid={props.hook} data-path={large.path.clone()} data-bytes={large.bytes.to_string()}
                    title={format!("{}: /{}", props.does, large.path)} onclick={on_click.clone()}>
                    <span class="mono">{ format!("/{}", large.path) }</span><span class="num">{ format::bytes(large.bytes) }</span>
                    { icons::bar(format::share(large.bytes, most)) }
                </button>
            </li>
        }
    };
    let more = props.entries.len().saturating_sub(FEW);
    html! {
        <section class="large" aria-label={props.title}>
            <h2>{ props.title }</h2>
            <ol>{ for props.entries.iter().take(shown).map(line) }</ol>
            if more > 0 {
                <button class="link" aria-expanded={all.to_string()} onclick={toggle}>{ if *all { "Show fewer".to_owned() } else { format!("Show {more} more") } }</button>
            }
        </section>
    }
}
