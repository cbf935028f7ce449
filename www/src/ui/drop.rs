//! Dropping files anywhere on the window, with an overlay that says so.

use lagvis::problem::{Problem, ProblemKind};
use wasm_bindgen::{JsCast as _, closure::Closure};
use yew::prelude::*;

use super::{chosen::Dropped, driver::Driver, reduce::Action};

/// Listens to the whole window. Returns whether something is being dragged over it.
#[hook]
pub fn use_window_drop(driver: &Driver) -> bool {
    let over = use_state_eq(|| false);
    let (driver, state) = (driver.clone(), over.clone());
    use_effect_with((), move |()| {
        let handler = Closure::<dyn FnMut(DragEvent)>::new(move |event: DragEvent| {
            let Some(transfer) = event.data_transfer() else { return };
            // Text that is dragged is none of our business.
            if !transfer.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files")) {
                return;
            }
            event.prevent_default();
            match event.type_().as_str() {
                "dragover" => state.set(true),
                // Leaving one element for another is not leaving the window.
                "dragleave" => state.set(event.related_target().is_some()),
                "drop" => {
                    state.set(false);
                    open(&driver, Dropped::take(&transfer));
                }
                _ => {}
            }
        });
        let window = web_sys::window();
        let events = ["dragenter", "dragover", "dragleave", "drop"];
        if let Some(window) = &window {
            for event in events {
                _ = window.add_event_listener_with_callback(event, handler.as_ref().unchecked_ref());
            }
        }
        move || {
            if let Some(window) = window {
                for event in events {
                    _ = window.remove_event_listener_with_callback(event, handler.as_ref().unchecked_ref());
                }
            }
        }
    });
    *over
}

fn open(driver: &Driver, dropped: Dropped) {
    let driver = driver.clone();
    yew::platform::spawn_local(async move {
        match dropped.chosen().await {
            Ok(Some(chosen)) => driver.open_files(chosen),
            Ok(None) => {}
            Err(detail) => {
                driver.act(Action::Fail(Problem::new(ProblemKind::ReadFailed, "what was dropped", detail)));
            }
        }
    });
}
