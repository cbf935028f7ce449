//! Text: whether bytes are text, how it is shown safely, its language, its rows, colours and what is found in it.
//!
//! Colours are given line by line: a [`Highlighter`] carries what a line leaves open (a comment, a string, a here
//! document) to the next. Every span begins and ends between characters, spans follow each other without gaps, and the
//! time is linear in the text, whatever it is. Depends on nothing.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod clean;
mod find;
mod highlight;
mod lang;
mod parts;
mod rows;
mod scan;
mod syntax;

#[cfg(test)]
mod tests;

pub use clean::{clean, harmless, is_text};
pub use find::{Found, find};
pub use highlight::{Highlighter, Span, Token};
pub use lang::{Lang, language};
pub use parts::{Begin, PART_BYTES, Parts, part_length};
pub use rows::{Row, rows};
