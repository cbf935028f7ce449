//! The page: one reducer, one driver, one view for each phase.

use yew::prelude::*;

use super::{
    address::use_address,
    driver::{Driver, Held},
    drop::use_window_drop,
    format,
    keys::{self, PageKey},
    open::OpenView,
    opening::{OpeningView, PullingView},
    overlay::{self, Overlay},
    page,
    phase::{Heard, Model, Open, OpenStage, Phase},
    places,
    problem_card::ProblemCard,
    recent,
    reduce::Action,
    registry::{Browse, needs},
    see::See,
    settings::ConfirmHost,
    start::{Start, Ways},
    theme::ThemeButton,
    tour::Tour,
    waiting::{self, WaitingCard},
    wanted,
};
use lagvis::{
    protocol::ToSession,
    share::{LayerChoice, RegistryLook, Tab},
};

/// The page.
#[component]
pub fn App() -> Html {
    let model = use_reducer(Model::default);
    let held = use_mut_ref(Held::default);
    let driver = use_memo((), |()| Driver::new(model.dispatcher(), held));
    let overlay = use_state_eq(|| None::<Overlay>);
    let tour = use_state_eq(|| false);
    let over = use_window_drop(&driver);
    use_address(&model, &driver);
    use_root(&model);
    use_queries(&model, &driver);
    use_memory(&model);
    let on_overlay = {
        let overlay = overlay.clone();
        Callback::from(move |which| overlay.set(which))
    };
    keys::use_page_keys(page_key(&model, &driver, &on_overlay));

    let on_settings = on_overlay.reform(|()| Some(Overlay::Settings));
    let on_tour = {
        let (tour, driver) = (tour.clone(), (*driver).clone());
        Callback::from(move |()| {
            // It speaks of the sample: nothing else may be open when it begins, the sample of before neither.
            driver.home();
            tour.set(true);
            driver.open_sample();
        })
    };
    let on_end = {
        let tour = tour.clone();
        Callback::from(move |()| tour.set(false))
    };
    let is_open =
        matches!(&model.phase, Phase::Open(open) if open.stage == OpenStage::Inspecting && open.outcome.is_some());
    let driver = (*driver).clone();
    html! {
        <>
            { view(&model, &driver, &on_settings, &on_tour) }
            { requests(&model, &on_overlay) }
            if over { <div class="overlay" aria-hidden="true"><p>{ "Drop the image here" }<small>{ "It is read in place and stays on this machine" }</small></p></div> }
            if *tour && is_open { <Tour driver={driver.clone()} {on_end} /> }
            { overlay::show(*overlay, &model, &driver, &on_overlay, &on_tour) }
        </>
    }
}

fn view(model: &Model, driver: &Driver, on_settings: &Callback<()>, on_tour: &Callback<()>) -> Html {
    let notes = notes(model, driver, on_settings);
    match &model.phase {
        Phase::Start => {
            html! { <>{ corner(on_settings) }{ notes }<Start driver={driver.clone()} on_tour={on_tour.clone()} /></> }
        }
        Phase::Confirm { host, direct } => html! {
            <>{ corner(on_settings) }<Start driver={driver.clone()} on_tour={on_tour.clone()} /><ConfirmHost host={host.clone()} direct={*direct} driver={driver.clone()} /></>
        },
        Phase::Opening(opening) => {
            html! { <>{ notes }<OpeningView opening={opening.clone()} driver={driver.clone()} /></> }
        }
        Phase::Open(open) => match open.stage {
            OpenStage::Pulling => {
                html! { <>{ notes }<PullingView open={(**open).clone()} driver={driver.clone()} /></> }
            }
            OpenStage::Inspecting => html! {
                <OpenView open={(**open).clone()} look={model.look.clone()} log={model.log.clone()} told={model.repository.clone()} driver={driver.clone()} {notes} on_settings={on_settings.clone()} />
            },
        },
        Phase::Browsing(browsing) => html! {
            <Browse browsing={browsing.clone()} look={model.look.clone()} told={model.repository.clone()} driver={driver.clone()} {notes} on_settings={on_settings.clone()} />
        },
        Phase::Failed(problem) => html! {
            <>
                { corner(on_settings) }
                <main class="wrap">
                    <ProblemCard problem={problem.clone()} is_page=true driver={driver.clone()} on_settings={on_settings.clone()} remembered={model.remembered.clone()} />
                    { notes }
                    <Ways driver={driver.clone()} />
                </main>
            </>
        },
    }
}

/// The way to the requests, where no image is open whose receipt lists them.
fn requests(model: &Model, on_overlay: &Callback<Option<Overlay>>) -> Html {
    let is_inspected = matches!(&model.phase, Phase::Open(open) if open.stage == OpenStage::Inspecting);
    if is_inspected || model.log.requests.is_empty() {
        return Html::default();
    }
    let on_click = on_overlay.reform(|_: MouseEvent| Some(Overlay::Requests));
    let count = format::plural(model.log.requests.len() as u64, "request");
    html! { <footer class="requests"><button class="link" data-testid="requests-button" onclick={on_click}>{ format!("{count}, 0 bytes uploaded") }</button></footer> }
}

/// Settings and theme where there is no top bar.
fn corner(on_settings: &Callback<()>) -> Html {
    html! {
        <div class="corner">
            <button class="btn icon-only" title="Settings" aria-label="Settings" onclick={on_settings.reform(|_: MouseEvent| ())}>{ super::icons::settings() }</button>
            <ThemeButton />
        </div>
    }
}

fn notes(model: &Model, driver: &Driver, on_settings: &Callback<()>) -> Html {
    let waiting = waiting::of(model);
    let unread = || model.log.warnings.iter().enumerate().filter(|(_, heard)| !heard.is_read);
    if model.notes.is_empty() && unread().next().is_none() && waiting.is_none() {
        return Html::default();
    }
    let warning = |(index, heard): (usize, &Heard)| {
        let act = driver.clone();
        let dismiss = Callback::from(move |_: MouseEvent| act.act(Action::DismissWarning(index)));
        html! {
            <section class="waiting warned" aria-label="The registry says" data-testid="registry-warning">
                <p role="status">{ "The registry says: " }<q>{ &heard.text }</q></p>
                <button class="btn quiet" onclick={dismiss}>{ "Dismiss" }</button>
            </section>
        }
    };
    let card = |(index, problem): (usize, &lagvis::problem::Problem)| {
        let act = driver.clone();
        let on_dismiss = Callback::from(move |()| act.act(Action::Dismiss(index)));
        html! { <ProblemCard problem={problem.clone()} driver={driver.clone()} {on_dismiss} on_settings={on_settings.clone()} /> }
    };
    html! { <div class="notes">{ for waiting.into_iter().map(|waiting| html! { <WaitingCard {waiting} /> }) }{ for unread().map(warning) }{ for model.notes.iter().enumerate().map(card) }</div> }
}

/// Keys of the whole page. Escape leads out of opening, else back to all layers.
fn page_key(model: &Model, driver: &Driver, on_overlay: &Callback<Option<Overlay>>) -> Callback<PageKey> {
    let pulling = match &model.phase {
        Phase::Opening(_) => Some(true),
        Phase::Open(open) => Some(open.stage == OpenStage::Pulling),
        _ => None,
    };
    let (driver, on_overlay) = (driver.clone(), on_overlay.clone());
    let registry = model.look.registry.clone();
    let layered = model.look.layer != LayerChoice::All;
    let neighbour = |by| model.neighbour(by);
    let (below, above) = (neighbour(-1), neighbour(1));
    Callback::from(move |key| match (key, pulling) {
        (PageKey::Help, _) => on_overlay.emit(Some(Overlay::Keys)),
        (PageKey::Palette, _) => on_overlay.emit(Some(Overlay::Palette)),
        (PageKey::Escape, Some(true)) => driver.home(),
        (PageKey::Escape, _) if registry.item.is_some() => {
            driver.see(See::Registry(RegistryLook { item: None, ..registry.clone() }));
        }
        (PageKey::Escape, Some(false)) if layered => driver.see(See::Layer(LayerChoice::All)),
        (PageKey::Find, Some(false)) => places::field(&driver, Tab::Files, "filter-input"),
        (PageKey::Pane(by), Some(false)) => places::next_pane(&driver, by),
        (PageKey::Layer(by), Some(false)) => {
            if let Some(layer) = if by < 0 { below } else { above } {
                driver.see(See::Layer(LayerChoice::One(layer)));
            }
        }
        _ => {}
    })
}

/// Remembers images that were opened.
#[hook]
fn use_memory(model: &Model) {
    let summary = match &model.phase {
        Phase::Open(open) => Some(open.summary.clone()),
        _ => None,
    };
    use_effect_with(summary, |summary| {
        if let Some(summary) = summary {
            recent::remember(summary);
        }
    });
}

/// What the document itself shows of the phase.
#[hook]
fn use_root(model: &Model) {
    let title = match &model.phase {
        Phase::Open(open) => format!("{} · Lagvis", super::header::name(&open.summary)),
        Phase::Opening(opening) => format!("Opening {} · Lagvis", opening.title),
        Phase::Browsing(browsing) => format!("{} · Lagvis", browsing.name),
        Phase::Start | Phase::Confirm { .. } | Phase::Failed(_) => {
            "Lagvis: see what is in a container image".to_owned()
        }
    };
    let name = match &model.phase {
        Phase::Open(open) if open.stage == OpenStage::Pulling => "opening",
        phase => phase.name(),
    };
    use_effect_with((name, title), |(name, title)| {
        page::root_attribute("data-phase", Some(name));
        page::title(title);
    });
}

/// Asks the session for what the state wants to show.
#[hook]
fn use_queries(model: &Model, driver: &Driver) {
    let open: Option<&Open> = match &model.phase {
        Phase::Open(open) => Some(open),
        _ => None,
    };
    {
        let driver = driver.clone();
        let asks = needs(&model.phase, &model.look, &model.repository);
        // The same questions are asked of each repository.
        use_effect_with((driver.number(), asks), move |(_, asks)| asks.iter().for_each(|ask| driver.ask(ask.clone())));
    }
    let spec = open.map(|_| model.look.spec());
    let known = open.and_then(|open| open.view.as_ref()).map(|view| view.spec.clone());
    let tree = open.map(|open| open.tree_number);
    {
        let driver = driver.clone();
        use_effect_with((tree.is_some(), spec), move |(_, spec)| {
            if let Some(spec) = spec
                && known.as_ref() != Some(spec)
            {
                driver.send(ToSession::View(spec.clone()));
            }
        });
    }
    wanted::use_turned(open, &model.look, driver);
    wanted::use_tasks(open, &model.look, driver);
    {
        let (driver, path) = (driver.clone(), model.look.path.clone());
        use_effect_with((open.map_or(0, |open| open.reveal), tree), move |(reveal, tree)| {
            if let (Some(path), true, Some(1..)) = (path, *reveal > 0, *tree) {
                driver.send(ToSession::Reveal { path });
            }
        });
    }
    {
        let driver = driver.clone();
        let node = open.and_then(|open| open.cursor.as_ref()).and_then(|cursor| cursor.node);
        let view = open.and_then(|open| open.view.as_ref()).map(|view| view.spec.upto);
        use_effect_with((node, tree, view), move |(node, ..)| {
            if let Some(node) = *node {
                driver.send(ToSession::Detail { node });
            }
        });
    }
    {
        let driver = driver.clone();
        use_effect_with(open.and_then(|open| open.saved.clone()), move |saved| {
            if let Some(saved) = saved {
                _ = page::save_url(&saved.0, &saved.1);
                driver.see(See::FileSaved);
            }
        });
    }
    {
        let driver = driver.clone();
        use_effect_with(open.and_then(|open| open.receipt.clone()), move |receipt| {
            if let Some(receipt) = receipt {
                _ = page::save("lagvis-receipt.json", receipt);
                driver.see(See::ReceiptSaved);
            }
        });
    }
}
