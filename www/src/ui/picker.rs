//! Choosing: which image of an archive, which platform of an index.

use lagvis::{
    image::Platform,
    protocol::{ImageChoice, PlatformChoice, ToSession},
};
use yew::prelude::*;

use super::{copy::Short, driver::Driver, format, phase::Platforms};

/// What choosing a platform does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It answers the session that waits.
    Answer,
    /// It opens the reference once more.
    Reopen,
}

/// The images of an archive.
pub fn images(choices: &[ImageChoice], driver: &Driver) -> Html {
    let option = |(index, choice): (usize, &ImageChoice)| {
        let name = if choice.names.is_empty() { "without a name".to_owned() } else { choice.names.join(", ") };
        let platform = choice.platform.as_ref().map(Platform::to_string).unwrap_or_default();
        let click = send(driver, ToSession::ChooseImage(u32::try_from(index).unwrap_or(u32::MAX)));
        html! {
            <li>
                <button class="option" data-testid="image-option" disabled={!choice.present} onclick={click}>
                    <b class="mono">{ name }</b>
                    <span class="dim">{ platform }{ " " }{ format::plural(u64::from(choice.layers), "layer") }
                        if !choice.present { { ", not in this file" } }</span>
                </button>
                if let Some(id) = &choice.image_id { <Short value={id.to_string()} what="image ID" /> }
            </li>
        }
    };
    html! { <ul class="card options">{ for choices.iter().enumerate().map(option) }</ul> }
}

/// The platforms of an index.
pub fn platforms(platforms: &Platforms, driver: &Driver, how: How) -> Html {
    let option = |(index, choice): (usize, &PlatformChoice)| {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let name = choice.platform.as_ref().map_or_else(|| "no platform named".to_owned(), Platform::to_string);
        let click = match how {
            How::Answer => send(driver, ToSession::ChoosePlatform(index)),
            How::Reopen => {
                let (driver, platform) = (driver.clone(), choice.platform.clone());
                Callback::from(move |_: MouseEvent| driver.reopen_for(platform.clone()))
            }
        };
        let chosen = platforms.chosen == Some(index);
        html! {
            <li>
                <button class={classes!("option", chosen.then_some("on"))} data-testid="platform-option"
                    aria-pressed={chosen.to_string()} onclick={click}>
                    <b>{ name }</b>
                    if chosen { <span class="dim">{ "shown now" }</span> }
                </button>
                <Short value={choice.digest.to_string()} what="manifest digest" />
            </li>
        }
    };
    html! { <ul class="card options">{ for platforms.choices.iter().enumerate().map(option) }</ul> }
}

fn send(driver: &Driver, message: ToSession) -> Callback<MouseEvent> {
    let driver = driver.clone();
    Callback::from(move |_: MouseEvent| driver.send(message.clone()))
}
