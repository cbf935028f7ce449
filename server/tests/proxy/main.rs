//! The proxy, as a process, before registries that misbehave in every way they can.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails says so")]

mod answers;
mod fake;
mod headers;
mod hostile;
mod kept;
mod lagvis;
mod limits;
mod logs;
mod origins;
mod passwords;
mod redirects;
mod routes;
mod slow;
mod streams;
mod tokens;
