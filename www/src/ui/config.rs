//! The Config tab: how a container of the image runs, its history, the Dockerfile, and the documents as they came.

use std::rc::Rc;

use lagvis::{share::Part, verify::CheckKind};
use yew::prelude::*;

use super::{
    driver::Driver,
    parts::{panel, parts, shown},
    phase::{Look, Open},
    registry::Repository,
    {dockerfile, document, running},
};

/// Properties of [`Config`].
#[derive(Properties, PartialEq)]
pub struct ConfigProps {
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
pub fn Config(props: &ConfigProps) -> Html {
    let ConfigProps { open, look, told, driver } = props;
    let mut listed = vec![(Part::Main, "Settings and history".to_owned()), (Part::Dockerfile, "Dockerfile".to_owned())];
    for (part, what, title) in [
        (Part::Index, CheckKind::Index, "index"),
        (Part::Manifest, CheckKind::Manifest, "manifest"),
        (Part::Config, CheckKind::Config, "config"),
    ] {
        if open.summary.documents.iter().any(|document| document.what == what) {
            listed.push((part, format!("Raw {title}")));
        }
    }
    let part = shown(&listed, look.part);
    html! {
        <div class="sheet" data-testid="config" data-part={part.name()}>
            { parts(&listed, part, "Parts of the config", driver) }
            { panel(part, match part {
                Part::Dockerfile => dockerfile::dockerfile(&open.summary),
                Part::Index => document::documents(open, look, told, CheckKind::Index),
                Part::Manifest => document::documents(open, look, told, CheckKind::Manifest),
                Part::Config => document::documents(open, look, told, CheckKind::Config),
                _ => running::running(open, look),
            }) }
        </div>
    }
}
