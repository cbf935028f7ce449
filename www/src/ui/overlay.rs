//! The dialogs over the page, one at a time.

use yew::prelude::*;

use super::{
    driver::Driver, key_help::KeyHelp, log::Requests, palette::Palette, phase::Model, settings::Settings,
    storage::Storage,
};

/// Which dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// The settings.
    Settings,
    /// What the browser keeps.
    Storage,
    /// The list of keys.
    Keys,
    /// The command palette.
    Palette,
    /// What was asked of registries.
    Requests,
}

/// The dialog that is open.
pub fn show(
    overlay: Option<Overlay>,
    model: &Model,
    driver: &Driver,
    on_overlay: &Callback<Option<Overlay>>,
    on_tour: &Callback<()>,
) -> Html {
    let close = on_overlay.reform(|()| None);
    match overlay {
        None => Html::default(),
        Some(Overlay::Settings) => {
            html! { <Settings driver={driver.clone()} on_close={close} on_storage={on_overlay.reform(|()| Some(Overlay::Storage))} /> }
        }
        Some(Overlay::Storage) => html! { <Storage on_close={close} /> },
        Some(Overlay::Keys) => html! { <KeyHelp on_close={close} /> },
        Some(Overlay::Requests) => html! { <Requests log={model.log.clone()} on_close={close} /> },
        Some(Overlay::Palette) => html! {
            <Palette model={model.clone()} driver={driver.clone()} on_overlay={on_overlay.clone()} on_tour={on_tour.clone()} />
        },
    }
}
