//! An open image: header, the three panes, footer.

use std::rc::Rc;

use lagvis::share::Tab;
use yew::prelude::*;

use super::{
    checks::Checks,
    config::Config,
    detail::Panel,
    driver::Driver,
    format,
    header::{Head, TopBar},
    layers::Layers,
    page,
    phase::{Focus, Log, Look, Open, Pane},
    places,
    registry::{Moved, Registry, Repository},
    search::Search,
    see::See,
    space::Space,
    split::{Border, Splitter},
    tabs::{TabItem, tabs},
    toc::TocBar,
    tree::TreeTable,
};

/// Properties of [`OpenView`].
#[derive(Properties, PartialEq)]
pub struct OpenProps {
    /// The image.
    pub open: Open,
    /// How it is seen.
    pub look: Look,
    /// Requests that were sent.
    pub log: Rc<Log>,
    /// What the image's repository told.
    pub told: Rc<Repository>,
    /// The page's hands.
    pub driver: Driver,
    /// Cards above the panes.
    pub notes: Html,
    /// The settings are wanted.
    pub on_settings: Callback<()>,
}

/// The panes and their titles.
const PANES: [(Pane, &str); 3] = [(Pane::Layers, "Layers"), (Pane::Views, "Views"), (Pane::Detail, "Detail")];

/// Ids of the panes' and of the views' places.
const PANES_PLACE: &str = "panes";
const VIEW: &str = "view";

/// An open image.
#[component]
pub fn OpenView(props: &OpenProps) -> Html {
    let OpenProps { open, look, log, told, driver, notes, on_settings } = props;
    // A narrow window's row of tabs scrolls: the chosen one is in sight.
    use_effect_with(look.tab, |tab| page::scroll_to(&tab_hook(*tab)));
    html! {
        <div class="open-page">
            { skips(driver) }
            <TopBar open={open.clone()} driver={driver.clone()} on_settings={on_settings.clone()} />
            <Head open={open.clone()} driver={driver.clone()} on_settings={on_settings.clone()} />
            <Moved open={open.clone()} look={look.clone()} told={told.clone()} driver={driver.clone()} />
            <TocBar open={open.clone()} driver={driver.clone()} />
            { notes.clone() }
            { switcher(look, driver) }
            <main id={PANES_PLACE} class="panes" data-pane={look.pane.name()}>
                <Layers summary={open.summary.clone()} layers={open.layers.clone()} tree={open.tree.clone()} look={look.clone()} driver={driver.clone()} />
                <Splitter border={Border::Left} pane="the layers" />
                <section class="pane centre-pane">
                    { views(open, look, driver) }
                    <div id={VIEW} class="view" role="tabpanel" aria-labelledby={tab_hook(look.tab)}>{ centre(open, look, log, told, driver) }</div>
                </section>
                <Splitter border={Border::Right} pane="the details" />
                <Panel open={open.clone()} look={look.clone()} driver={driver.clone()} />
            </main>
            { footer(open, driver) }
        </div>
    }
}

/// Ways past the bars and the layers, seen once the keyboard comes to them. The address holds the view: no anchors.
fn skips(driver: &Driver) -> Html {
    let skip = |(hook, title, pane): (&'static str, &'static str, Pane)| {
        let driver = driver.clone();
        let on_click = Callback::from(move |_: MouseEvent| {
            if pane == Pane::Views {
                driver.see(See::Tab(Tab::Files));
            }
            places::pane(&driver, pane);
        });
        html! { <button class="btn" data-testid={hook} onclick={on_click}>{ title }</button> }
    };
    let ways = [("skip-tree", "Skip to the tree", Pane::Views), ("skip-detail", "Skip to the details", Pane::Detail)];
    html! { <nav class="skips" aria-label="Skip">{ for ways.into_iter().map(skip) }</nav> }
}

/// Which pane a narrow window shows.
fn switcher(look: &Look, driver: &Driver) -> Html {
    let pane = |(pane, title): (Pane, &'static str)| {
        let driver = driver.clone();
        let on_choose = Callback::from(move |_: MouseEvent| driver.see(See::Pane(pane)));
        TabItem { hook: format!("pane-{}", pane.name()), title: title.into(), on: look.pane == pane, on_choose }
    };
    let panes = tabs("Panes", "switcher", "", PANES_PLACE, PANES.into_iter().map(pane).collect());
    html! { <nav class="switcher-place" aria-label="Panes">{ panes }</nav> }
}

fn views(open: &Open, look: &Look, driver: &Driver) -> Html {
    let tab = |tab: Tab| {
        let driver = driver.clone();
        let on_choose = Callback::from(move |_: MouseEvent| driver.see(See::Tab(tab)));
        TabItem { hook: tab_hook(tab), title: tab_title(tab).into(), on: look.tab == tab, on_choose }
    };
    let about_image = {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::Focus(Focus::Image)))
    };
    html! {
        <div class="tabs">
            { tabs("Views", "tab-list", "", VIEW, tabs_of(open).map(tab).collect()) }
            <span class="spring" />
            if look.about() != Focus::Image { <button class="about" onclick={about_image}>{ "About this image" }</button> }
        </div>
    }
}

fn tab_hook(tab: Tab) -> String {
    format!("tab-{}", tab.name())
}

/// The tabs of an image: what the registry tells only where there is one.
pub fn tabs_of(open: &Open) -> impl Iterator<Item = Tab> {
    let pulled = open.summary.pinned.is_some();
    Tab::ALL.into_iter().filter(move |tab| pulled || *tab != Tab::Registry)
}

/// Title of a tab.
pub fn tab_title(tab: Tab) -> &'static str {
    match tab {
        Tab::Files => "Files",
        Tab::Space => "Space",
        Tab::Search => "Search",
        Tab::Checks => "Receipt",
        Tab::Config => "Config",
        Tab::Registry => "Registry",
    }
}

fn centre(open: &Open, look: &Look, log: &Rc<Log>, told: &Rc<Repository>, driver: &Driver) -> Html {
    let unverified: Vec<u32> =
        (0_u32..).zip(open.layers.iter()).filter(|(_, line)| !line.state.is_final()).map(|(index, _)| index).collect();
    match look.tab {
        Tab::Files => html! {
            <TreeTable view={open.view.clone()} tree={open.tree.clone()} rows={open.rows.clone()} cursor={open.cursor.clone()}
                scroll={open.scroll} look={look.clone()} {unverified} lost={open.lost.clone()} driver={driver.clone()} />
        },
        Tab::Space => html! { <Space open={open.clone()} look={look.clone()} driver={driver.clone()} /> },
        Tab::Search => html! { <Search open={open.clone()} look={look.contents.clone()} driver={driver.clone()} /> },
        Tab::Checks => {
            html! { <Checks open={open.clone()} look={look.clone()} log={log.clone()} driver={driver.clone()} /> }
        }
        Tab::Config => {
            html! { <Config open={open.clone()} look={look.clone()} told={told.clone()} driver={driver.clone()} /> }
        }
        Tab::Registry => {
            html! { <Registry open={open.clone()} look={look.clone()} told={told.clone()} driver={driver.clone()} /> }
        }
    }
}

fn footer(open: &Open, driver: &Driver) -> Html {
    let hashed = open.outcome.as_ref().map(|outcome| match driver.took() {
        Some(took) => format!("✓ {} hashed in {}", format::bytes(outcome.bytes_hashed), format::duration(took)),
        None => format!("✓ {} hashed", format::bytes(outcome.bytes_hashed)),
    });
    html! {
        <footer class="footer">
            if let Some(hashed) = hashed { <span class="ok">{ hashed }</span> }
            if let Some(tree) = &open.tree { <span>{ format::plural(tree.paths, "path") }</span> }
            <span>{ "0 bytes uploaded" }</span>
            <span class="spring" />
            <span class="keys">{ "? keys, Ctrl K commands, / search, F6 next pane, Esc back to all layers" }</span>
        </footer>
    }
}
