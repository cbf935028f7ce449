//! A picture, decoded by the browser: only raster types, only up to a number of pixels.

use std::rc::Rc;

use lagvis::{
    file::Kind,
    protocol::{Content, FileAt},
};
use yew::prelude::*;

use super::{Held, ask};
use crate::{
    browser::picture::Picture,
    ui::{driver::Driver, format},
};

/// Pixels that are decoded: 4 bytes each.
const PIXELS: u64 = 50_000_000;
/// Bytes of a file that are decoded.
const BYTES: u64 = 32 << 20;

/// Properties of [`PictureView`].
#[derive(Properties, PartialEq)]
pub struct PictureProps {
    /// The file.
    pub file: FileAt,
    /// What it is.
    pub kind: Kind,
    /// Width and height, as the header says.
    pub pixels: (u32, u32),
    /// Bytes of it.
    pub size: u64,
    /// What came of files.
    pub held: Rc<Held>,
    /// The page's hands.
    pub driver: Driver,
    /// Number of the tree.
    pub tree: u32,
}

/// The picture.
#[component]
pub fn PictureView(props: &PictureProps) -> Html {
    let (width, height) = props.pixels;
    let failed = use_state_eq(|| None::<FileAt>);
    let fits = u64::from(width) * u64::from(height) <= PIXELS && props.size <= BYTES;
    {
        let (driver, held) = (props.driver.clone(), props.held.clone());
        use_effect_with((props.file, props.size, props.tree), move |(file, size, _)| {
            if fits {
                ask(&driver, &held, *file, 0, *size);
            }
        });
    }
    let content: Option<Rc<Content>> = props.held.range(props.file, 0, props.size).filter(|_| fits);
    let picture = use_memo((content.clone(), props.kind), |(content, kind)| {
        let bytes = &content.as_ref()?.bytes.0;
        Picture::new(bytes, kind.picture()?)
    });
    let dimensions = format!("{width} × {height} pixels");
    let on_error = {
        let (failed, file) = (failed.clone(), props.file);
        Callback::from(move |_: Event| failed.set(Some(file)))
    };
    let shown = match (picture.as_ref(), content) {
        _ if !fits => {
            let text = format!("Too large to be shown ({dimensions}, {}); it can be saved.", format::bytes(props.size));
            html! { <p class="hint" data-testid="content-too-large">{ text }</p> }
        }
        (_, Some(content)) if content.problem.is_some() => {
            let detail = content.problem.as_ref().map(|problem| problem.detail.clone()).unwrap_or_default();
            html! { <p class="hint" data-testid="content-problem">{ detail }</p> }
        }
        _ if *failed == Some(props.file) => {
            html! { <p class="hint" data-testid="content-problem">{ "The browser cannot decode this picture: it is damaged." }</p> }
        }
        (Some(picture), _) => {
            html! { <div class="picture"><img src={picture.url()} alt={dimensions.clone()} data-testid="content-image" onerror={on_error} /></div> }
        }
        _ => html! { <p class="hint" aria-busy="true">{ "Reading…" }</p> },
    };
    html! { <><p class="hint" data-testid="content-dimensions">{ dimensions }</p>{ shown }</> }
}
