//! The proxy, as a process, before registries that misbehave in every way they can.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails says so")]

mod answers;
mod fake;
mod headers;
mod lagvis;
mod redirects;
mod routes;
mod streams;
mod tokens;
