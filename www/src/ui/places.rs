//! Places of an open image that keys, links and commands go to: the panes, a field of a tab. What shows the place comes
//! first, on a narrow window too.

use lagvis::share::Tab;

use super::{driver::Driver, page, phase::Pane, see::See};

/// The panes in the order in which a key goes through them, and what gets the focus there: the first that is there.
const PANES: [(Pane, &str, [&str; 2]); 3] = [
    (Pane::Layers, ".layers-pane", [".layers-pane [aria-pressed='true']", "[data-testid='all-layers']"]),
    (Pane::Views, ".centre-pane", ["[data-testid='tree']", ".centre-pane [role='tab'][aria-selected='true']"]),
    (Pane::Detail, ".detail-pane", [".detail-pane", ".detail-pane"]),
];

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
    soon(move || page::focus(hook));
}

/// Presses a button of a tab, by its hook.
pub fn press(driver: &Driver, tab: Tab, hook: &'static str) {
    driver.see(See::Tab(tab));
    soon(move || page::press(hook));
}

/// Once what was asked for before is drawn, and a dialog that is closed lets what is behind it be used again.
pub fn soon(act: impl FnOnce() + 'static) {
    yew::platform::spawn_local(async move { act() });
}
