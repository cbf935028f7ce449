//! The page in Chromium: dropped files, pulls, damage, links.

mod access;
mod catalogue;
mod config;
mod content;
mod dropped;
mod errors;
mod export;
mod formats;
mod kept;
mod keys;
mod lazy;
mod link_state;
mod links;
mod long_work;
mod pulled;
mod reach;
mod repository;
mod rules;
mod said;
mod shell;
mod space;
mod transfer;
mod tree;
mod versions;
mod words;
mod zoom;
