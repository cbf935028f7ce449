//! The treemap: cells are buttons, folders open by a click or Enter, Backspace goes up, arrows walk.

use std::rc::Rc;

use lagvis::{
    protocol::{Cell, Change, EntryType, MapSpec, SpaceMap, ToSession},
    share::SpaceLook,
};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{SpaceProps, to_look, walk};
use crate::ui::{driver::Driver, format, icons, phase::Look, see::See};

/// The map with its path above and its legend below.
#[component]
pub fn Map(props: &SpaceProps) -> Html {
    let SpaceProps { open, look, driver } = props;
    let area = use_node_ref();
    let size = use_size(&area);
    let since = since(look);
    use_map(props, *size, since);
    let cells = use_node_ref();
    let map = open.space.map.clone();
    let at = use_state_eq(|| 0_usize);
    // After a step the keyboard stays in the map.
    let follow = use_mut_ref(|| false);
    use_places(&cells, map.clone(), &at, &follow);
    let on_key = {
        let (driver, look, map) = (driver.clone(), look.space.clone(), map.clone());
        let (at, cells, follow) = (at.clone(), cells.clone(), follow.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Backspace" {
                event.prevent_default();
                if let Some(folder) = parent(&look.folder) {
                    *follow.borrow_mut() = true;
                    driver.see(See::Space(SpaceLook { folder: folder.to_owned(), ..look.clone() }));
                }
            } else if let Some(next) = map.as_ref().and_then(|map| walk::next(&map.cells, *at, &event.key())) {
                event.prevent_default();
                at.set(next);
                focus(&cells, next);
            }
        })
    };
    let cell = |(index, cell): (usize, &Cell)| {
        let (on_focus, at_cell, follow) = (at.clone(), *at == index, follow.clone());
        let on_click = open_cell(driver, &look.space, cell, move || *follow.borrow_mut() = true);
        let is_folder = cell.kind == EntryType::Dir;
        html! {
            <button class={classes!("cell", colour(cell, look.space.by_change), (cell.depth > 0).then_some("inner"), is_folder.then_some("folder"))}
                data-testid="map-cell" data-path={cell.path.clone()} data-bytes={cell.bytes.to_string()} data-change={cell.change.name()} data-layer={cell.layer.to_string()}
                disabled={cell.path.is_none()} tabindex={if at_cell { "0" } else { "-1" }} title={about(cell, since)} aria-label={format!("{} {}, {}", cell_name(cell), format::bytes(cell.bytes), about(cell, since))}
                onclick={on_click} onfocus={Callback::from(move |_: FocusEvent| on_focus.set(index))}>
                <b>{ cell_name(cell) }</b>{ " " }<span>{ format::bytes(cell.bytes) }</span>
            </button>
        }
    };
    html! {
        <>
            { breadcrumb(look, map.as_deref(), driver) }
            <div ref={area} class="map" data-testid="map" data-folder={map.as_ref().map(|map| map.spec.folder.clone())}>
                <div ref={cells} role="group" aria-label="Treemap: arrows walk, Enter opens a folder or shows a file, Backspace goes up" onkeydown={on_key}>
                    if let Some(map) = &map { { for map.cells.iter().enumerate().map(cell) } }
                </div>
                if map.as_ref().is_some_and(|map| map.cells.is_empty()) { <p class="nothing">{ "No file in this folder has any bytes." }</p> }
            </div>
            { legend(look, map.as_deref(), since) }
        </>
    }
}

/// The first layer whose changes are coloured: those of the choice, else all above the base image.
fn since(look: &Look) -> u32 {
    look.spec().since.unwrap_or(look.space.base.max(1))
}

fn parent(folder: &str) -> Option<&str> {
    if folder.is_empty() { None } else { Some(folder.rsplit_once('/').map_or("", |(parent, _)| parent)) }
}

/// A folder is zoomed into, a file shown in the tree.
fn open_cell(driver: &Driver, look: &SpaceLook, cell: &Cell, zooming: impl Fn() + 'static) -> Callback<MouseEvent> {
    let (driver, look, path) = (driver.clone(), look.clone(), cell.path.clone());
    let is_folder = cell.kind == EntryType::Dir;
    Callback::from(move |_: MouseEvent| match path.clone() {
        Some(folder) if is_folder => {
            zooming();
            driver.see(See::Space(SpaceLook { folder, ..look.clone() }));
        }
        Some(path) => driver.see(See::Path(path)),
        None => {}
    })
}

fn colour(cell: &Cell, by_change: bool) -> String {
    match (by_change, cell.change) {
        (false, _) => icons::colour(cell.layer),
        (true, change) => format!("is-{}", change.name()),
    }
}

/// A cell in words.
fn about(cell: &Cell, since: u32) -> String {
    let bytes = format::bytes(cell.bytes);
    let Some(path) = &cell.path else {
        return format!("{} that are too small to be drawn, {bytes} together", format::plural(cell.entries, "entry"))
            .replace("entrys", "entries");
    };
    let what = match cell.kind {
        EntryType::Dir => format!("folder /{path}, {bytes}, {} below", format::plural(cell.entries, "path")),
        _ => format!("file /{path}, {bytes}"),
    };
    let change = match cell.change {
        Change::None | Change::Removed => String::new(),
        change => format!(", {} since layer {since}", change.name()),
    };
    format!("{what}, mostly of layer {}{change}", cell.layer)
}

fn breadcrumb(look: &Look, map: Option<&SpaceMap>, driver: &Driver) -> Html {
    let folder = map.map_or(look.space.folder.as_str(), |map| &map.spec.folder);
    let mut steps = vec![(String::new(), "/".to_owned())];
    let mut path = String::new();
    for name in folder.split('/').filter(|name| !name.is_empty()) {
        path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        steps.push((path.clone(), name.to_owned()));
    }
    let last = steps.len() - 1;
    let step = |(index, (path, name)): (usize, &(String, String))| {
        if index == last {
            return html! { <b class="mono" aria-current="location">{ name }</b> };
        }
        let next = SpaceLook { folder: path.clone(), ..look.space.clone() };
        html! { <><button class="link mono" data-testid="map-crumb" data-path={path.clone()} onclick={to_look(driver, next)}>{ name }</button>{ if index > 0 { " / " } else { " " } }</> }
    };
    let in_files = (!folder.is_empty()).then(|| {
        let (driver, path) = (driver.clone(), folder.to_owned());
        html! { <button class="link" data-testid="map-in-files" onclick={Callback::from(move |_: MouseEvent| driver.see(See::Path(path.clone())))}>{ "Show in files" }</button> }
    });
    html! {
        <nav class="crumbs" aria-label="Folder of the map">
            <span>{ for steps.iter().enumerate().map(step) }</span>
            <span class="num dim">{ map.map(|map| format::bytes(map.bytes)) }</span>
            <span class="spring" />
            { in_files }
        </nav>
    }
}

fn legend(look: &Look, map: Option<&SpaceMap>, since: u32) -> Html {
    let Some(map) = map else { return Html::default() };
    if look.space.by_change {
        let key =
            |(class, text): (&'static str, String)| html! { <span class={classes!("key", class)}><i />{ text }</span> };
        let keys = [
            ("is-added", format!("added since layer {since}")),
            ("is-modified", "modified".to_owned()),
            ("is-none", "as before".to_owned()),
        ];
        return html! { <p class="map-legend">{ for keys.into_iter().map(key) }</p> };
    }
    let mut layers: Vec<u32> = map.cells.iter().map(|cell| cell.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let key = |layer: &u32| html! { <span class={classes!("key", icons::colour(*layer))}><i />{ format!("layer {layer}") }</span> };
    html! { <p class="map-legend">{ for layers.iter().map(key) }</p> }
}

fn focus(cells: &NodeRef, index: usize) {
    let child = cells.cast::<HtmlElement>().and_then(|element| element.children().item(u32::try_from(index).ok()?));
    if let Some(child) = child.and_then(|child| child.dyn_into::<HtmlElement>().ok()) {
        _ = child.focus();
    }
}

/// Width and height of the drawing, in whole pixels.
#[hook]
fn use_size(area: &NodeRef) -> UseStateHandle<(u32, u32)> {
    let size = use_state_eq(|| (0, 0));
    let (area, state) = (area.clone(), size.clone());
    use_effect_with((), move |()| {
        let observer = area.cast::<HtmlElement>().and_then(|element| {
            let pixels = |length: i32| u32::try_from(length).unwrap_or_default();
            let measure = move || state.set((pixels(element.client_width()), pixels(element.client_height())));
            measure();
            let changed = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(measure);
            let observer = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()?;
            observer.observe(&area.cast::<web_sys::Element>()?);
            Some((observer, changed))
        });
        move || {
            if let Some((observer, _)) = observer {
                observer.disconnect();
            }
        }
    });
    size
}

/// Asks for the map of this tree, folder and size.
#[hook]
fn use_map(props: &SpaceProps, size: (u32, u32), since: u32) {
    let (width, height) = size;
    let (driver, tree) = (props.driver.clone(), props.open.tree_number);
    let upto = props.look.spec().upto;
    let spec = MapSpec { folder: props.look.space.folder.clone(), upto, since: Some(since), width, height };
    use_effect_with((tree, spec), move |(tree, spec)| {
        if *tree > 0 && spec.width > 0 {
            driver.send(ToSession::Map(spec.clone()));
        }
    });
}

/// Puts the cells in their places through CSSOM: the page's policy allows no style attributes.
#[hook]
fn use_places(
    cells: &NodeRef,
    map: Option<Rc<SpaceMap>>,
    at: &UseStateHandle<usize>,
    follow: &Rc<std::cell::RefCell<bool>>,
) {
    let (cells, at, follow) = (cells.clone(), at.clone(), Rc::clone(follow));
    use_effect_with(map, move |map| {
        let (Some(map), Some(element)) = (map, cells.cast::<HtmlElement>()) else { return };
        let children = element.children();
        for (index, cell) in (0..).zip(&map.cells) {
            let Some(child) = children.item(index).and_then(|child| child.dyn_into::<HtmlElement>().ok()) else {
                continue;
            };
            for (name, length) in ["left", "top", "width", "height"].into_iter().zip(cell.place) {
                _ = child.style().set_property(name, &format!("{length:.1}px"));
            }
        }
        if follow.replace(false) {
            at.set(0);
            focus(&cells, 0);
        } else if *at >= map.cells.len() {
            at.set(0);
        }
    });
}

/// What stands in a cell: a folder's name ends with a slash.
fn cell_name(cell: &Cell) -> String {
    let slash = if cell.kind == EntryType::Dir && cell.path.is_some() { "/" } else { "" };
    format!("{}{slash}", cell.name)
}
