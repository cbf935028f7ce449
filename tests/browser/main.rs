//! The page in Chromium: dropped files, pulls, damage, links.

mod catalogue;
mod content;
mod dropped;
mod errors;
mod formats;
mod links;
mod pulled;
