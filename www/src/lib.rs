//! Lagvis in the browser. `ui` is the page and talks to `client` alone; `client` owns the pool of workers; `worker` is
//! what runs in them; `kept` is what stays in this browser from one image to the next; `browser` has one file for each browser API that they use.

pub mod browser;
pub mod client;
pub mod history;
pub mod kept;
pub mod ui;
pub mod worker;
