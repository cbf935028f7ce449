//! A repository without an image: its tags, or the artifact that was opened instead of an image.

use std::rc::Rc;

use yew::prelude::*;

use super::{
    image::{as_told, referrers},
    item::{body, item},
    place::Place,
    state::Repository,
    tags::Tags,
};
use crate::ui::{
    driver::Driver,
    icons,
    phase::{Browsing, Look},
    problem_card::ProblemCard,
    share_button::ShareButton,
    start::Ways,
    theme::ThemeButton,
};

/// Properties of [`Browse`].
#[derive(Properties, PartialEq)]
pub struct BrowseProps {
    /// The repository or artifact.
    pub browsing: Browsing,
    /// How it is seen.
    pub look: Look,
    /// What the repository told.
    pub told: Rc<Repository>,
    /// The page's hands.
    pub driver: Driver,
    /// Cards above.
    pub notes: Html,
    /// The settings are wanted.
    pub on_settings: Callback<()>,
}

/// The page.
#[component]
pub fn Browse(props: &BrowseProps) -> Html {
    let BrowseProps { browsing, look, told, driver, notes, on_settings } = props;
    let place = Place::of_repository(browsing, look, told);
    let home = {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| driver.home())
    };
    let main = match (&look.registry.item, &browsing.artifact) {
        (Some(digest), _) => html! {
            <div class="sheet"><h1 class="sr">{ &browsing.name }</h1>{ item(digest, &place, driver) }</div>
        },
        (None, None) => html! {
            <div class="sheet filled">
                <h1 class="repository-name mono">{ &browsing.name }</h1>
                <Tags list={told.tags.clone()} name={browsing.name.clone()} home={place.link(look)} look={look.clone()} driver={driver.clone()} />
            </div>
        },
        (None, Some((problem, digest))) => html! {
            <div class="sheet" data-testid="artifact">
                <h1 class="sr">{ &browsing.name }</h1>
                <ProblemCard problem={problem.clone()} driver={driver.clone()} on_settings={on_settings.clone()} />
                if let Some(manifest) = told.item(digest) { { body(manifest, &place) } }
                <h2>{ "What refers to it" }</h2>
                { as_told(&place) }
                { referrers(digest, false, &place, driver) }
                <h2>{ "Open an image" }</h2>
                <Ways driver={driver.clone()} />
            </div>
        },
    };
    html! {
        <div class="open-page">
            <header class="topbar">
                <button class="logo" onclick={home} title="Back to the start">{ icons::logo("24") }<span>{ "Lagvis" }</span></button>
                <div class="ref mono" title={browsing.name.clone()}><b>{ &browsing.name }</b></div>
                <span class="spring" />
                <button class="btn icon-only" title="Settings" aria-label="Settings" onclick={on_settings.reform(|_: MouseEvent| ())}>{ icons::settings() }</button>
                <ThemeButton />
                <ShareButton />
            </header>
            { notes.clone() }
            <main class="browse" data-testid="browse">{ main }</main>
        </div>
    }
}
