//! The file tree as a virtualised table: only the rows that can be seen exist. What stands above it is in
//! [`super::tree_tools`], its head in [`super::tree_head`], one row in [`super::tree_rows`].

use lagvis::{
    protocol::{ToSession, TreeInfo, ViewInfo},
    share::LayerChoice,
};
use std::rc::Rc;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{
    driver::Driver,
    keys, page,
    phase::{Cursor, Look, Lost},
    rows::{PAGE, RowCache},
    scroll::Window,
    tree_head,
    tree_rows::{self, RowEvents},
    tree_tools::Tools,
};

/// Properties of [`TreeTable`].
#[derive(Properties, PartialEq)]
pub struct TreeProps {
    /// The view.
    pub view: Option<ViewInfo>,
    /// Whether the tree is complete.
    pub tree: Option<Rc<TreeInfo>>,
    /// Its rows.
    pub rows: RowCache,
    /// The row that the keyboard is at.
    pub cursor: Option<Cursor>,
    /// Raised when the cursor is to be scrolled to.
    pub scroll: u32,
    /// How it is seen.
    pub look: Look,
    /// Layers whose bytes are not verified yet; their rows are marked.
    pub unverified: Vec<u32>,
    /// A path that was asked for and is not in this view.
    pub lost: Option<Lost>,
    /// The page's hands.
    pub driver: Driver,
}

/// The table.
#[component]
pub fn TreeTable(props: &TreeProps) -> Html {
    let body = use_node_ref();
    let spacer = use_node_ref();
    let layer = use_node_ref();
    let window = use_state_eq(Window::default);
    let count = props.view.as_ref().map_or(0, |view| view.rows);
    let (first, last) = window.range(count);

    use_window_size(&body, &window);
    use_row_requests(props, first, last, count);
    use_geometry(&spacer, &layer, *window, count, first);
    use_scroll_to_cursor(props, &body, &window, count);
    use_top_on_new_view(props, &body);

    let on_scroll = {
        let (window, body) = (window.clone(), body.clone());
        Callback::from(move |_: Event| {
            if let Some(body) = body.cast::<HtmlElement>() {
                window.set(Window::of(&body));
            }
        })
    };
    let page_rows = u32::try_from(window.rows()).unwrap_or(1);
    let copied = use_state_eq(String::new);
    let on_copy = {
        let copied = copied.clone();
        Callback::from(move |path: String| {
            let copied = copied.clone();
            yew::platform::spawn_local(async move {
                let done = page::copy(&path).await;
                copied.set(if done {
                    format!("Copied {path}")
                } else {
                    "This browser does not let the page copy".to_owned()
                });
            });
        })
    };
    let on_key =
        keys::on_tree_key(&props.driver, &props.look, &props.rows, props.cursor.as_ref(), count, page_rows, on_copy);
    let events = RowEvents::new(&props.driver);
    let selected = props.cursor.as_ref().map(|cursor| cursor.row);
    let marked = props.view.as_ref().is_some_and(|view| view.spec.since.is_some());
    let rows = (first..last).filter_map(|index| {
        let row = props.rows.get(index)?;
        let unverified = row.layer.is_some_and(|layer| props.unverified.contains(&layer));
        Some(tree_rows::row(index, row, is_at(props.cursor.as_ref(), index, row.node), unverified, &events))
    });
    html! {
        <div class="tree">
            <Tools view={props.view.clone()} tree={props.tree.clone()} look={props.look.clone()} lost={props.lost.clone()} driver={props.driver.clone()} />
            <div ref={body} class={classes!("tree-body", marked.then_some("marked"))} role="treegrid" tabindex="0" aria-label="Files" aria-rowcount={(count + 1).to_string()}
                aria-activedescendant={selected.map(|row| format!("row-{row}"))} data-testid="tree"
                aria-busy={(props.view.is_none() || (count > 0 && !props.rows.is_fresh(first))).to_string()}
                onscroll={on_scroll} onkeydown={on_key}>
                { tree_head::head(props.look.sort, &props.driver) }
                if count == 0 { { nothing(props) } }
                <div ref={spacer} class="tree-spacer" role="presentation">
                    <div ref={layer} class="tree-window" role="presentation">{ for rows }</div>
                </div>
            </div>
            <p class="copied" role="status" data-testid="copied" key={(*copied).clone()}>{ (*copied).clone() }</p>
        </div>
    }
}

/// Whether the keyboard is at this row: by its node, since its number may be that of the view before.
fn is_at(cursor: Option<&Cursor>, index: u32, node: u32) -> bool {
    cursor.is_some_and(|cursor| cursor.node.map_or(cursor.row == index, |at| at == node))
}

fn nothing(props: &TreeProps) -> Html {
    let text = match (&props.view, props.look.spec().is_searching()) {
        (None, _) => "The tree is being built.",
        (Some(_), true) => "Nothing here is found by this search and filter.",
        (Some(_), false) if props.look.layer != LayerChoice::All => "This layer changes no file.",
        (Some(_), false) => "There is no file in this image.",
    };
    html! { <p class="nothing">{ text }</p> }
}

/// Keeps the visible height.
#[hook]
pub fn use_window_size(body: &NodeRef, window: &UseStateHandle<Window>) {
    let (body, window) = (body.clone(), window.clone());
    use_effect_with((), move |()| {
        let observer = body.cast::<HtmlElement>().and_then(|element| {
            window.set(Window::of(&element));
            let observed = element.clone();
            let changed = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || window.set(Window::of(&observed)));
            let observer = web_sys::ResizeObserver::new(wasm_bindgen::JsCast::unchecked_ref(changed.as_ref())).ok()?;
            observer.observe(&element);
            Some((observer, changed))
        });
        move || {
            if let Some((observer, _)) = observer {
                observer.disconnect();
            }
        }
    });
}

/// Asks for the pages of rows that can be seen and are not here.
#[hook]
fn use_row_requests(props: &TreeProps, first: u32, last: u32, count: u32) {
    let missing = if count == 0 { Vec::new() } else { props.rows.missing(first, last.saturating_sub(1).max(first)) };
    let (view, driver) = (props.view.as_ref().map(|view| view.view), props.driver.clone());
    use_effect_with((view, missing), move |(view, missing)| {
        if view.is_some() {
            for page in missing {
                driver.send(ToSession::Rows { start: page * PAGE, count: PAGE });
            }
        }
    });
}

/// Sets height and place through CSSOM: the page's policy allows no style attributes.
#[hook]
pub fn use_geometry(spacer: &NodeRef, layer: &NodeRef, window: Window, count: u32, first: u32) {
    let (spacer, layer) = (spacer.clone(), layer.clone());
    use_effect_with((window, count, first), move |(window, count, first)| {
        if let Some(spacer) = spacer.cast::<HtmlElement>() {
            _ = spacer.style().set_property("height", &format!("{}px", window.height(*count)));
        }
        if let Some(layer) = layer.cast::<HtmlElement>() {
            _ = layer.style().set_property("transform", &format!("translateY({}px)", window.place(*count, *first)));
        }
    });
}

#[hook]
fn use_scroll_to_cursor(props: &TreeProps, body: &NodeRef, window: &UseStateHandle<Window>, count: u32) {
    let (body, window) = (body.clone(), window.clone());
    let row = props.cursor.as_ref().map(|cursor| cursor.row);
    use_effect_with((props.scroll, row), move |(scroll, row)| {
        let (Some(body), Some(row), true) = (body.cast::<HtmlElement>(), *row, *scroll > 0) else { return };
        if let Some(top) = Window::of(&body).scroll_for(row, count) {
            // The spacer may have its new height only after this drawing.
            body.set_scroll_top(top);
            window.set(Window::of(&body));
        }
    });
}

/// A new filter or layer begins at the top, unless a row is selected.
#[hook]
fn use_top_on_new_view(props: &TreeProps, body: &NodeRef) {
    let body = body.clone();
    let spec = lagvis::protocol::ViewSpec { depth: 0, ..props.look.spec() };
    let selected = props.look.path.is_some() && !spec.is_searching();
    use_effect_with(spec, move |_| {
        if let Some(body) = body.cast::<HtmlElement>()
            && !selected
        {
            body.set_scroll_top(0);
        }
    });
}
