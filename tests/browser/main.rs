//! The page in Chromium: dropped files, pulls, damage, links.

mod catalogue;
mod config;
mod content;
mod dropped;
mod errors;
mod formats;
mod kept;
mod links;
mod pulled;
mod repository;
mod shell;
mod space;
mod tree;
mod versions;
