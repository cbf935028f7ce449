//! What a file is, by its bytes: its kind, and what its header says of it (programs, pictures, archives).
//!
//! [`Examiner`] is a state machine without I/O: it says which bytes of the file it needs and takes them. It reads
//! little: headers and tables, never contents that it can pass over. Whatever the bytes are, it comes to an end within
//! [`crate::limits`]. Depends on `codec`, `image` (how names are shown), `limits` and `text`.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod elf;
mod elf_names;
mod examine;
mod kind;
mod members;
mod ranges;
mod raster;
mod summary;
mod zip;

#[cfg(test)]
mod tests;

pub use examine::{Examiner, Step};
pub use kind::{Kind, detect};
pub use summary::{About, Elf, Listing, Member, MemberKind, Summary, Symbols};
