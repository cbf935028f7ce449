//! An open image: header, the three panes, footer.

use std::rc::Rc;

use lagvis::{protocol::Request, share::Tab};
use yew::prelude::*;

use super::{
    checks::Checks,
    config::Config,
    detail::Panel,
    driver::Driver,
    format,
    header::{Head, TopBar},
    layers::Layers,
    phase::{Focus, Look, Open},
    registry::{Moved, Registry, Repository},
    search::Search,
    see::See,
    space::Space,
    split::{Border, Splitter},
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
    pub log: Rc<Vec<Request>>,
    /// What the image's repository told.
    pub told: Rc<Repository>,
    /// The page's hands.
    pub driver: Driver,
    /// Cards above the panes.
    pub notes: Html,
    /// The settings are wanted.
    pub on_settings: Callback<()>,
}

/// The pane that a narrow window shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pane {
    Layers,
    Files,
    Detail,
}

impl Pane {
    const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Layers, "layers", "Layers"), (Self::Files, "files", "Views"), (Self::Detail, "detail", "Detail")];

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(pane, ..)| *pane == self).map_or("files", |(_, name, _)| name)
    }
}

/// An open image.
#[component]
pub fn OpenView(props: &OpenProps) -> Html {
    let OpenProps { open, look, log, told, driver, notes, on_settings } = props;
    let pane = use_state_eq(|| Pane::Files);
    let switch = |(which, _, title): (Pane, &str, &'static str)| {
        let state = pane.clone();
        let on = *pane == which;
        html! { <button role="tab" aria-selected={on.to_string()} class={on.then_some("on")} onclick={Callback::from(move |_: MouseEvent| state.set(which))}>{ title }</button> }
    };
    html! {
        <div class="open-page">
            <TopBar open={open.clone()} driver={driver.clone()} on_settings={on_settings.clone()} />
            <Head open={open.clone()} driver={driver.clone()} on_settings={on_settings.clone()} />
            <Moved open={open.clone()} look={look.clone()} told={told.clone()} driver={driver.clone()} />
            <TocBar open={open.clone()} driver={driver.clone()} />
            { notes.clone() }
            <nav class="switcher" role="tablist" aria-label="Panes">{ for Pane::ALL.into_iter().map(switch) }</nav>
            <main class="panes" data-pane={pane.name()}>
                <Layers summary={open.summary.clone()} layers={open.layers.clone()} tree={open.tree.clone()} look={look.clone()} driver={driver.clone()} />
                <Splitter border={Border::Left} pane="the layers" />
                <section class="pane centre-pane">
                    { tabs(open, look, driver) }
                    { centre(open, look, log, told, driver) }
                </section>
                <Splitter border={Border::Right} pane="the details" />
                <Panel open={open.clone()} path={look.path.clone()} driver={driver.clone()} />
            </main>
            { footer(open, driver) }
        </div>
    }
}

fn tabs(open: &Open, look: &Look, driver: &Driver) -> Html {
    let tab = |tab: Tab| {
        let driver = driver.clone();
        let on = look.tab == tab;
        let on_click = Callback::from(move |_: MouseEvent| driver.see(See::Tab(tab)));
        html! { <button role="tab" data-testid={format!("tab-{}", tab.name())} aria-selected={on.to_string()} class={on.then_some("on")} onclick={on_click}>{ tab_title(tab) }</button> }
    };
    let about_image = {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::Focus(Focus::Image)))
    };
    html! {
        <nav class="tabs" role="tablist" aria-label="Views">
            { for tabs_of(open).map(tab) }
            <span class="spring" />
            if open.focus != Focus::Image { <button class="about" onclick={about_image}>{ "About this image" }</button> }
        </nav>
    }
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

fn centre(open: &Open, look: &Look, log: &Rc<Vec<Request>>, told: &Rc<Repository>, driver: &Driver) -> Html {
    let unverified: Vec<u32> =
        (0_u32..).zip(open.layers.iter()).filter(|(_, line)| !line.state.is_final()).map(|(index, _)| index).collect();
    match look.tab {
        Tab::Files => html! {
            <TreeTable view={open.view.clone()} tree={open.tree.clone()} rows={open.rows.clone()} cursor={open.cursor.clone()}
                scroll={open.scroll} look={look.clone()} {unverified} lost={open.lost.clone()} driver={driver.clone()} />
        },
        Tab::Space => html! { <Space open={open.clone()} look={look.clone()} driver={driver.clone()} /> },
        Tab::Search => html! { <Search open={open.clone()} driver={driver.clone()} /> },
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
            <span class="keys">{ "? keys, Ctrl K commands, / search, Esc back to all layers" }</span>
        </footer>
    }
}
