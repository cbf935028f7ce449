//! One file for each browser API. Everything that touches `web-sys` for data (not for the view) is here.

pub mod clock;
pub mod download;
pub mod fetch;
pub mod file;
pub mod locks;
pub mod message;
pub mod opfs;
pub mod picture;
pub mod stream;
pub mod timer;
pub mod why;
