//! Codecs: what a stream is by its first bytes, gzip and zstd as push decoders, where they can be entered again, and
//! the tar parser.
//!
//! Everything here is pushed bytes in slices of any size and hands on what it has; nothing grows with the stream.
//! Depends on [`crate::limits`] only.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod access;
mod base64;
mod decoder;
mod error;
mod gzip;
mod gzip_header;
mod inflate;
mod member;
mod meter;
mod sniff;
mod tar;
mod zstd;
mod zstd_header;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_access;

pub use access::{AccessIndex, AccessIndexError};
pub(crate) use base64::base64;
pub use decoder::{Compression, Decoder};
pub use error::DecodeError;
pub use member::Member;
pub use sniff::{Sniffed, sniff};
pub use tar::{TarEntry, TarError, TarKind, TarParser, TarVisitor};
