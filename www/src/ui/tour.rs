//! A short tour through the sample image: what images are made of, shown at the place where it can be seen.

use lagvis::{
    protocol::Show,
    share::{LayerChoice, Tab},
};
use yew::prelude::*;

use super::{
    driver::Driver,
    page,
    phase::{Focus, Pane},
    see::See,
};

/// A stop: its words, what is shown meanwhile, and which part of the page they speak of.
struct Stop {
    title: &'static str,
    text: &'static str,
    /// Value of the root's `data-tour`, which the styles point at a part of the page.
    part: &'static str,
    see: fn() -> Vec<See>,
}

impl Stop {
    /// The pane that a narrow window has to show.
    fn pane(&self) -> Option<Pane> {
        match self.part {
            "layers" => Some(Pane::Layers),
            "centre" => Some(Pane::Views),
            "detail" => Some(Pane::Detail),
            _ => None,
        }
    }
}

const STOPS: [Stop; 8] = [
    Stop {
        title: "An image",
        text: "This is what a container starts from: layers with files, and a config that says how to run them. The sample holds a small server, built in a few steps.",
        part: "head",
        see: || vec![See::Layer(LayerChoice::All), See::Tab(Tab::Files), See::Focus(Focus::Image)],
    },
    Stop {
        title: "Its manifest",
        text: "A manifest lists the config and each layer by digest and size. A digest is the SHA-256 of some bytes, used as their name: whoever has the name can check the bytes.",
        part: "centre",
        see: || vec![See::Tab(Tab::Checks)],
    },
    Stop {
        title: "Layers",
        text: "Each build step that touched files made one layer, base first. The tree shows what is there up to the layer you choose; green rows came with it.",
        part: "layers",
        see: || vec![See::Tab(Tab::Files), See::Layer(LayerChoice::One(1))],
    },
    Stop {
        title: "Three ids of a layer",
        text: "Digest: hash of the packed bytes, which a registry sends. DiffID: hash of the unpacked tar, which the config names. On a Docker host its files lie in overlay2 under a third, random name.",
        part: "detail",
        see: || vec![See::Focus(Focus::Layer(1))],
    },
    Stop {
        title: "Removed, yet still there",
        text: "This step removed a secret file. A layer can only add: it carries an empty file .wh.NAME, a whiteout. The secret is gone from the tree, but whoever pulls the image still gets it.",
        part: "centre",
        see: || {
            let only = See::Show(Show::Changes);
            vec![See::Layer(LayerChoice::One(3)), only, See::Path("srv/app/.env".to_owned())]
        },
    },
    Stop {
        title: "A whole file for a chmod",
        text: "The same step changed the mode of plugin.bin. The layer ships the file whole again, with no new content: Lagvis names it and counts its bytes.",
        part: "detail",
        see: || vec![See::Path("srv/app/plugin.bin".to_owned())],
    },
    Stop {
        title: "The checks of a pull",
        text: "hash(content) == digest ? continue : abort. That is done here for the config and each layer, packed and unpacked, in your browser. One wrong byte and the layer is not shown.",
        part: "centre",
        see: || vec![See::Layer(LayerChoice::All), See::Tab(Tab::Checks)],
    },
    Stop {
        title: "Share what you see",
        text: "The address holds the view: image, layer, path, filter. Copy the link, and whoever opens it checks every hash again. Now drop an image of your own.",
        part: "share",
        see: || vec![See::Tab(Tab::Files)],
    },
];

/// Properties of [`Tour`].
#[derive(Properties, PartialEq)]
pub struct TourProps {
    /// The page's hands.
    pub driver: Driver,
    /// It is over.
    pub on_end: Callback<()>,
}

/// The card with the stop that it is at.
#[component]
pub fn Tour(props: &TourProps) -> Html {
    let at = use_state_eq(|| 0_usize);
    let next = use_node_ref();
    {
        let (driver, next) = (props.driver.clone(), next.clone());
        use_effect_with(*at, move |at| {
            if let Some(stop) = STOPS.get(*at) {
                (stop.see)().into_iter().for_each(|see| driver.see(see));
                if let Some(pane) = stop.pane() {
                    driver.see(See::Pane(pane));
                }
                page::root_attribute("data-tour", Some(stop.part));
            }
            if let Some(next) = next.cast::<web_sys::HtmlElement>() {
                _ = next.focus();
            }
            || page::root_attribute("data-tour", None)
        });
    }
    let Some(stop) = STOPS.get(*at) else { return Html::default() };
    let last = *at + 1 == STOPS.len();
    let go = |to: usize| {
        let (at, on_end) = (at.clone(), props.on_end.clone());
        Callback::from(move |_: MouseEvent| if to < STOPS.len() { at.set(to) } else { on_end.emit(()) })
    };
    let on_key = {
        let on_end = props.on_end.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                on_end.emit(());
            }
        })
    };
    html! {
        <aside class="tour card" aria-label="Tour" data-testid="tour" data-stop={at.to_string()} onkeydown={on_key}>
            <div aria-live="polite"><p class="hint">{ format!("{} of {}", *at + 1, STOPS.len()) }</p><h2>{ stop.title }</h2><p>{ stop.text }</p></div>
            <div class="buttons">
                <button class="btn quiet" data-testid="tour-end" onclick={props.on_end.reform(|_: MouseEvent| ())}>{ "End" }</button>
                <span class="spring" />
                if *at > 0 { <button class="btn" data-testid="tour-back" onclick={go(*at - 1)}>{ "Back" }</button> }
                <button ref={next} class="btn primary" data-testid="tour-next" onclick={go(*at + 1)}>{ if last { "Done" } else { "Next" } }</button>
            </div>
        </aside>
    }
}
