//! The Registry tab of an open image.

use std::rc::Rc;

use lagvis::share::Part;
use yew::prelude::*;

use super::{compare, image, item::item, place::Place, state::Repository, tags::Tags};
use crate::ui::{
    driver::Driver,
    parts::{panel, parts, shown},
    phase::{Look, Open},
};

/// Properties of [`Registry`].
#[derive(Properties, PartialEq)]
pub struct RegistryProps {
    /// The image.
    pub open: Open,
    /// How it is seen.
    pub look: Look,
    /// What its repository told.
    pub told: Rc<Repository>,
    /// The page's hands.
    pub driver: Driver,
}

/// The tab.
#[component]
pub fn Registry(props: &RegistryProps) -> Html {
    let RegistryProps { open, look, told, driver } = props;
    if open.summary.pinned.is_none() {
        return html! { <div class="sheet"><p class="hint">{ "This image is of a file: there is no registry to ask." }</p></div> };
    }
    let place = Place::of_image(open, look, told);
    let mut listed = vec![(Part::Main, "This image".to_owned()), (Part::Tags, "Tags".to_owned())];
    if look.registry.with.is_some() {
        listed.push((Part::Compare, "Comparison".to_owned()));
    }
    let part = shown(&listed, look.part);
    let lists_tags = part == Part::Tags && look.registry.item.is_none();
    html! {
        <div class={classes!("sheet", lists_tags.then_some("filled"))} data-testid="registry" data-part={part.name()}>
            { parts(&listed, part, "Parts of the registry", driver) }
            { panel(part, match (&look.registry.item, part) {
                (Some(digest), _) => item(digest, &place, driver),
                (None, Part::Tags) => html! {
                    <Tags list={told.tags.clone()} name={place.name.to_owned()} home={place.link(look)} look={look.clone()} driver={driver.clone()} />
                },
                (None, Part::Compare) => compare::compare(open, &place, driver),
                (None, _) => image::image(open, &place, driver),
            }) }
        </div>
    }
}
