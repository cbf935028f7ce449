//! Where a pattern is being read.

use super::PatternError;

/// A pattern's characters and the place that was reached.
pub(super) struct Cursor<'a> {
    pub(super) chars: &'a [char],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(chars: &'a [char]) -> Self {
        Self { chars, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    /// Goes over this text, if it stands here.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let count = text.chars().count();
        let found = rest.len() >= count && text.chars().zip(rest).all(|(a, b)| a == *b);
        self.at += if found { count } else { 0 };
        found
    }

    pub(super) fn error(&self, why: impl Into<String>) -> PatternError {
        PatternError::new(self.at, why)
    }
}
