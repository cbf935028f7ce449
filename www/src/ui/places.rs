//! Places of an open image that keys, links and commands go to: the panes, a field of a tab. What shows the place comes
//! first, on a narrow window too.

use std::{cell::Cell, time::Duration};

use lagvis::share::Tab;
use yew::platform::time::sleep;

use super::{driver::Driver, page, phase::Pane, see::See};

/// The panes in the order in which a key goes through them, and what gets the focus there: the first that is there.
const PANES: [(Pane, &str, [&str; 2]); 3] = [
    (Pane::Layers, ".layers-pane", [".layers-pane [aria-pressed='true']", "[data-testid='all-layers']"]),
    (Pane::Views, ".centre-pane", ["[data-testid='tree']", ".centre-pane [role='tab'][aria-selected='true']"]),
    (Pane::Detail, ".detail-pane", [".detail-pane", ".detail-pane"]),
];

/// How often a place is looked for, and the pause between, in milliseconds.
const TRIES: u32 = 300;
const PAUSE: u64 = 10;

thread_local! {
    /// Counts what was asked for.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Goes to a pane.
pub fn pane(driver: &Driver, pane: Pane) {
    let Some((.., places)) = PANES.into_iter().find(|(which, ..)| *which == pane) else { return };
    driver.see(See::Pane(pane));
    soon(move || page::focus_first(&places));
}

/// Goes to the next pane (1) or the one before (-1), round and round.
pub fn next_pane(driver: &Driver, by: i32) {
    let at = PANES.iter().position(|(_, css, _)| page::has_focus(css));
    let last = PANES.len() - 1;
    let to = match at {
        Some(at) if by > 0 => (at + 1) % PANES.len(),
        None if by > 0 => 0,
        Some(at) => at.checked_sub(1).unwrap_or(last),
        None => last,
    };
    if let Some((which, ..)) = PANES.get(to) {
        pane(driver, *which);
    }
}

/// Goes to a field or button of a tab, by its hook.
pub fn field(driver: &Driver, tab: Tab, hook: &'static str) {
    driver.see(See::Tab(tab));
    soon(move || page::try_focus(hook));
}

/// Presses a button of a tab, by its hook.
pub fn press(driver: &Driver, tab: Tab, hook: &'static str) {
    driver.see(See::Tab(tab));
    soon(move || page::try_press(hook));
}

/// Once what was asked for before is drawn, and a dialog that is closed lets what is behind it be used again. Drawing may
/// take more than one turn, so it is tried until it can be done; what is asked for later takes its place.
pub fn soon(act: impl Fn() -> bool + 'static) {
    let number = LAST.with(|last| {
        last.set(last.get() + 1);
        last.get()
    });
    yew::platform::spawn_local(async move {
        for _ in 0..TRIES {
            if LAST.with(Cell::get) != number || !page::is_there("dialog[open]") && act() {
                return;
            }
            sleep(Duration::from_millis(PAUSE)).await;
        }
    });
}
