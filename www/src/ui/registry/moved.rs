//! What became of the tag that the link was made from.

use lagvis::{image::Digest, protocol::TagNow};
use yew::prelude::*;

use super::{
    names::digest,
    place::{Place, image_href, opens},
    state::{Repository, pinned_tag},
};
use crate::ui::{
    driver::Driver,
    phase::{Look, Open},
    words::{Term, Word},
};

/// Properties of [`Moved`].
#[derive(Properties, PartialEq)]
pub struct MovedProps {
    /// The image.
    pub open: Open,
    /// How it is seen.
    pub look: Look,
    /// What its repository told.
    pub told: std::rc::Rc<Repository>,
    /// The page's hands.
    pub driver: Driver,
}

/// A line above the image when its tag leads elsewhere now.
#[component]
pub fn Moved(props: &MovedProps) -> Html {
    let place = Place::of_image(&props.open, &props.look, &props.told);
    let now = props.told.tag.as_ref().and_then(|(tag, now)| Some((tag, now.as_ref().ok()?)));
    match now {
        Some((tag, TagNow::Moved(to))) => html! {
            <section class="moved" role="status" data-testid="tag-moved" data-to={to.to_string()}>
                <p>{ format!("The tag {tag} leads elsewhere now, as told by {}: to ", place.host()) }{ digest(to, &place) }{ ". You see what the link pinned." }</p>
                { ways(tag, to, &place, &props.driver) }
            </section>
        },
        Some((tag, TagNow::Gone)) => html! {
            <section class="moved" role="status" data-testid="tag-gone">
                <p>{ format!("The tag {tag} is gone, as told by {}. You see what the link pinned.", place.host()) }</p>
            </section>
        },
        _ => Html::default(),
    }
}

fn ways(tag: &str, to: &Digest, place: &Place<'_>, driver: &Driver) -> Html {
    // By the digest that was told, so that what is compared is what was spoken of.
    html! {
        <div class="buttons">
            <a class="btn" href={place.compare(&to.to_string())} data-testid="compare-button">{ "Compare the two" }</a>
            if let Some(reference) = place.reference(tag) {
                <a class="btn" href={image_href(&reference)} onclick={opens(reference, driver)} data-testid="open-moved">{ "Open the new one" }</a>
            }
        </div>
    }
}

/// Where the tag leads, in words, for the registry's view.
pub fn status(open: &Open, place: &Place<'_>) -> Html {
    let Some((tag, _)) = pinned_tag(&open.summary) else {
        return Html::default();
    };
    let host = place.host();
    let words = match place.told.tag.as_ref().map(|(_, now)| now) {
        None => format!("Asking {host} where {tag} leads now."),
        Some(Ok(TagNow::Same)) => format!("The tag {tag} still leads to what you see, as told by {host}."),
        Some(Ok(TagNow::Within(_))) => {
            format!("The tag {tag} leads to an index that names what you see, as told by {host}.")
        }
        Some(Ok(TagNow::Moved(_) | TagNow::Gone)) => return Html::default(),
        Some(Err(problem)) => format!("Where the tag {tag} leads now is not known: {}", problem.detail),
    };
    html! { <p data-testid="tag-status">{ words }<Word term={Term::Tag} at="registry" /></p> }
}
