//! Search patterns as people type them: a part of the text, a glob, a regular expression. One small engine for all
//! three: an `ast` is compiled to a `program`, of which `needs` tells some before any text is seen, and which `matcher` walks as a deterministic automaton whose states
//! are made when they are first reached. Time is linear in the text whatever the pattern; there is no backtracking.
//!
//! What is searched is the path as `--files` writes it, with a slash before it. Upper and lower case are alike, unless
//! a regular expression says `(?-i)`. Depends on [`crate::limits`].

mod ast;
mod cursor;
mod glob;
mod matcher;
mod needs;
mod program;
mod regex;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::limits;
use needs::Needs;
use program::Program;

pub use matcher::{Matcher, Reached, Settled};

/// How a search is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatternKind {
    /// The text itself: in a name, or, with a slash in it, in a path.
    #[default]
    Text,
    /// `*` and `?` within a name, `**` over folders, `[a-z]`, `{a,b}`: the whole name, or, with a slash in it, the
    /// whole path.
    Glob,
    /// A regular expression, found anywhere in the path.
    Regex,
}

impl PatternKind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Text, Self::Glob, Self::Regex];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Glob => "glob",
            Self::Regex => "regex",
        }
    }
}

/// Why a pattern cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} (character {})", at + 1)]
pub struct PatternError {
    /// Character at which it goes wrong, from 0.
    pub at: usize,
    /// What is wrong, for people.
    pub why: String,
}

impl PatternError {
    fn new(at: usize, why: impl Into<String>) -> Self {
        Self { at, why: why.into() }
    }
}

/// A pattern that can be matched.
#[derive(Clone, Debug)]
pub struct Pattern {
    program: Program,
    needs: Needs,
    of_path: bool,
    plain: Option<Vec<u8>>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Bad syntax, what cannot be matched in linear time (look-around, back-references), and
    /// [`limits::PATTERN_CHARS`], [`limits::PATTERN_STEPS`], [`limits::PATTERN_DEPTH`].
    pub fn parse(kind: PatternKind, text: &str) -> Result<Self, PatternError> {
        let chars: Vec<char> = text.chars().collect();
        if chars.len() > limits::PATTERN_CHARS {
            let why = format!("it is longer than {} characters", limits::PATTERN_CHARS);
            return Err(PatternError::new(limits::PATTERN_CHARS, why));
        }
        let (ast, of_path) = match kind {
            PatternKind::Text => (ast::literal(&chars), chars.contains(&'/')),
            PatternKind::Glob => glob::parse(&chars)?,
            PatternKind::Regex => (regex::parse(&chars)?, true),
        };
        let is_plain = kind == PatternKind::Text && text.is_ascii() && !text.contains(['/', '\\']);
        let plain = (is_plain && !text.is_empty()).then(|| text.as_bytes().to_vec());
        let program = Program::compile(&ast)?;
        Ok(Self { needs: Needs::of(&program), program, of_path, plain })
    }

    /// The text that is looked for in names, where the pattern is no more than that: ASCII without a backslash.
    pub fn plain(&self) -> Option<&[u8]> {
        self.plain.as_deref()
    }

    /// Whether the whole path is searched, with a slash before it; else the name alone.
    pub fn of_path(&self) -> bool {
        self.of_path
    }

    /// Whether it is found in a text. For many texts make one [`Matcher`].
    pub fn is_match(&self, text: &str) -> bool {
        let mut matcher = Matcher::new(self);
        let start = matcher.start();
        let end = matcher.run(start, text);
        matcher.accepts(end)
    }
}
