//! The page: a pure function of what the session tells (`phase`, `reduce`), drawn by one file a part. It talks to
//! [`crate::client`] through `driver`, and to the address bar through [`crate::history`].

mod address;
mod alone;
mod app;
mod checks;
mod chosen;
mod commands;
mod config;
mod content;
mod copy;
mod detail;
mod dialog;
mod dockerfile;
mod document;
mod downloads;
mod driver;
mod drop;
mod filter;
mod format;
mod full_name;
mod header;
mod icons;
mod image_detail;
mod jump;
mod key_help;
mod keys;
mod layer_detail;
mod layer_line;
mod layer_range;
mod layers;
mod log;
mod login;
mod logins;
mod open;
mod opening;
mod overlay;
mod page;
mod palette;
mod parts;
mod path_search;
mod phase;
mod picker;
mod places;
mod problem_card;
mod problem_text;
mod reasons;
mod recent;
mod redo;
mod reduce;
mod registry;
mod rows;
mod running;
mod scroll;
mod search;
mod see;
mod select;
mod settings;
mod share_button;
mod size_text;
mod space;
mod split;
mod start;
mod storage;
mod tabs;
mod theme;
mod timeline;
mod toc;
mod tour;
mod tree;
mod tree_head;
mod tree_rows;
mod tree_tools;
mod waiting;
mod wanted;
mod way;
mod words;
mod work;

pub use app::App;

/// Draws the page into its place in the document.
pub fn run() {
    let place = web_sys::window().and_then(|window| window.document()).and_then(|d| d.get_element_by_id("app"));
    if let Some(place) = place {
        yew::Renderer::<App>::with_root(place).render();
    }
}
