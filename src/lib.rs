//! The Lagvis engine: from the bytes of a container image to verified layers and one merged file tree.
//!
//! # Design constraints
//! - **No I/O.** No network, clock, thread or browser. Whoever drives the engine fetches and reads; the engine
//!   says what it needs ([`registry`], [`archive`]) or is pushed bytes ([`layer`]).
//! - **Verify before trust.** Bytes named by a digest are hashed while they stream; what does not match never
//!   becomes data.
//! - **Bounded memory.** Nothing holds a layer, a blob or a file whole; every read has a cap in [`limits`].
//! - **No panics on input.** Errors are typed and say what, where and what was expected.
//!
//! # The data's way
//! `reference | file → registry | archive → opened image → layer (verify, inflate, verify, parse) → tree → rows`
#![deny(missing_docs)]

pub mod archive;
pub mod assemble;
pub mod codec;
pub mod command;
pub mod diff;
pub mod dockerfile;
pub mod document;
pub mod drift;
pub mod export;
pub mod file;
pub mod image;
pub mod kept;
pub mod layer;
pub mod limits;
pub mod opened;
pub mod pattern;
pub mod problem;
pub mod protocol;
pub mod receipt;
pub mod registry;
pub mod search;
pub mod session;
pub mod share;
pub mod space;
pub mod text;
pub mod tree;
pub mod verify;
