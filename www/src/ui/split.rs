//! The borders between the panes: dragged, moved by the arrow keys, and left where they were put.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{format::whole, page};

/// Pixels that an arrow key moves.
const STEP: f64 = 16.0;
/// The narrowest pane in pixels.
const NARROWEST: f64 = 200.0;
/// What is left for the middle, however wide the others are: the same as in `.panes` of `open.css`, which holds widths
/// that were put on a larger window to it.
const MIDDLE: f64 = 360.0;

/// Which border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Between the layers and the middle.
    Left,
    /// Between the middle and the details.
    Right,
}

impl Border {
    fn property(self) -> &'static str {
        match self {
            Self::Left => "--left",
            Self::Right => "--right",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Left => "lagvis.pane.left",
            Self::Right => "lagvis.pane.right",
        }
    }

    /// How far the pane grows when the border moves to the right by a pixel.
    fn sign(self) -> f64 {
        match self {
            Self::Left => 1.0,
            Self::Right => -1.0,
        }
    }
}

/// Properties of [`Splitter`].
#[derive(Properties, PartialEq)]
pub struct SplitterProps {
    /// Which border.
    pub border: Border,
    /// Name of the pane whose width it sets.
    pub pane: AttrValue,
}

/// One border. The width is a property of the element around it, set through the object model: the page's policy
/// allows no style attributes.
#[component]
pub fn Splitter(props: &SplitterProps) -> Html {
    let border = props.border;
    let node = use_node_ref();
    let width = use_state_eq(|| page::stored(border.key()).and_then(|width| width.parse::<f64>().ok()));
    {
        let node = node.clone();
        use_effect_with(*width, move |width| set(&node, border, *width));
    }
    let move_to = {
        let (node, width) = (node.clone(), width.clone());
        move |to: Option<f64>| {
            let to = to.map(|to| to.clamp(NARROWEST, widest(&node)).round());
            page::store(border.key(), &to.map(|to| to.to_string()).unwrap_or_default());
            width.set(to);
        }
    };
    // Where the pointer was and how wide the pane, when the drag began.
    let began = use_mut_ref(|| None);
    let on_down = {
        let (node, began) = (node.clone(), began.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(element) = target(&event) {
                _ = element.set_pointer_capture(event.pointer_id());
                event.prevent_default();
                *began.borrow_mut() = measured(&node, border).map(|width| (event.client_x(), width));
            }
        })
    };
    let on_move = {
        let move_to = move_to.clone();
        Callback::from(move |event: PointerEvent| {
            let dragged = target(&event).is_some_and(|element| element.has_pointer_capture(event.pointer_id()));
            if let (true, Some((from, width))) = (dragged, *began.borrow()) {
                move_to(Some(width + f64::from(event.client_x() - from) * border.sign()));
            }
        })
    };
    let on_key = {
        let (node, move_to) = (node.clone(), move_to.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(now) = measured(&node, border) else { return };
            let to = match event.key().as_str() {
                "ArrowLeft" => Some(now - STEP * border.sign()),
                "ArrowRight" => Some(now + STEP * border.sign()),
                "Home" => None,
                _ => return,
            };
            event.prevent_default();
            move_to(to);
        })
    };
    let on_reset = Callback::from(move |_: MouseEvent| move_to(None));
    // The window may be another than at the last drawing.
    let drawn_anew = use_force_update();
    let on_focus = Callback::from(move |_: FocusEvent| drawn_anew.force_update());
    let now = width.map(|width| width.min(widest(&node))).or_else(|| measured(&node, border)).map_or(0, whole);
    html! {
        <div ref={node.clone()} class="splitter" role="separator" tabindex="0" aria-orientation="vertical"
            aria-label={format!("Width of {}", props.pane)} aria-valuenow={now.to_string()} aria-valuemin={NARROWEST.to_string()}
            aria-valuemax={whole(widest(&node)).to_string()} title="Drag, or ← and →; double-click to reset"
            data-testid={format!("splitter-{}", &border.property()[2..])}
            onpointerdown={on_down} onpointermove={on_move} onkeydown={on_key} ondblclick={on_reset} onfocus={on_focus} />
    }
}

fn target(event: &PointerEvent) -> Option<HtmlElement> {
    event.target()?.dyn_into().ok()
}

/// The widest that a pane can be: as wide as the other can be beside it.
fn widest(node: &NodeRef) -> f64 {
    let around = node.cast::<HtmlElement>().and_then(|element| element.parent_element());
    let width = around.map_or(1280.0, |around| around.get_bounding_client_rect().width());
    ((width - MIDDLE) / 2.0).max(NARROWEST)
}

/// Width of the border's pane as it is drawn.
fn measured(node: &NodeRef, border: Border) -> Option<f64> {
    let element = node.cast::<HtmlElement>()?;
    let pane = match border {
        Border::Left => element.previous_element_sibling(),
        Border::Right => element.next_element_sibling(),
    };
    Some(pane?.get_bounding_client_rect().width())
}

fn set(node: &NodeRef, border: Border, width: Option<f64>) {
    let around = node.cast::<HtmlElement>().and_then(|element| element.parent_element());
    let Some(around) = around.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
    _ = match width {
        Some(width) => around.style().set_property(border.property(), &format!("{width}px")),
        None => around.style().remove_property(border.property()).map(drop),
    };
}
