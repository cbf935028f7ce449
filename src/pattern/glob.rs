//! Globs: `*`, `?`, `**`, `[a-z]`, `[!a]`, `{a,b}`, `\` before a character that means itself.

use super::{
    PatternError,
    ast::{Ast, Place, character, complement, fold, in_name},
};
use crate::limits;

/// The glob as a tree, and whether it is of the whole path.
pub(super) fn parse(chars: &[char]) -> Result<(Ast, bool), PatternError> {
    let (mut chars, mut shift) = (chars.to_vec(), 0);
    let of_path = chars.contains(&'/');
    if of_path && chars.first() != Some(&'/') {
        chars.insert(0, '/');
        shift = 1;
    }
    // `etc/` is `etc`; `/` alone is every path at the top.
    if chars.len() > 1 && chars.last() == Some(&'/') {
        chars.pop();
    }
    let mut glob = Glob { chars: &chars, at: 0, depth: 0 };
    let ast = glob.sequence().and_then(|ast| match glob.peek() {
        None => Ok(ast),
        Some(_) => Err(glob.error("this stands without its “{”")),
    });
    let ast = ast.map_err(|error| PatternError { at: error.at.saturating_sub(shift), ..error })?;
    Ok((Ast::Sequence(vec![Ast::At(Place::Start), ast, Ast::At(Place::End)]), of_path))
}

struct Glob<'a> {
    chars: &'a [char],
    at: usize,
    /// Open braces.
    depth: usize,
}

impl Glob<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let count = text.chars().count();
        let found = rest.len() >= count && text.chars().zip(rest).all(|(a, b)| a == *b);
        self.at += if found { count } else { 0 };
        found
    }

    fn error(&self, why: &str) -> PatternError {
        PatternError::new(self.at, why)
    }

    /// Up to the end, or to the comma or brace that ends an alternative.
    fn sequence(&mut self) -> Result<Ast, PatternError> {
        let mut parts = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                ',' | '}' if self.depth > 0 => break,
                '/' if self.is_folders() => {
                    // `/**` at the end is all that is below; before a slash it may be nothing.
                    self.at += 3;
                    let least = u32::from(self.peek() != Some('/'));
                    let name = Ast::Repeat(Box::new(in_name()), 1, None);
                    let folder = Ast::Sequence(vec![character('/', false), name]);
                    parts.push(Ast::Repeat(Box::new(folder), least, None));
                }
                '*' => {
                    while self.eat("*") {}
                    parts.push(Ast::Repeat(Box::new(in_name()), 0, None));
                }
                '?' => {
                    self.at += 1;
                    parts.push(in_name());
                }
                '[' => parts.push(self.set()?),
                '{' => parts.push(self.either()?),
                '}' => return Ok(Ast::Sequence(parts)),
                '\\' => {
                    self.at += 1;
                    let c = self.peek().ok_or_else(|| self.error("a character is missing after “\\”"))?;
                    self.at += 1;
                    parts.push(character(c, true));
                }
                c => {
                    self.at += 1;
                    parts.push(character(c, true));
                }
            }
        }
        Ok(Ast::Sequence(parts))
    }

    /// Whether `/**` is here as a whole part of the path.
    fn is_folders(&self) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        match rest {
            ['/', '*', '*'] | ['/', '*', '*', '/', ..] => true,
            ['/', '*', '*', ',' | '}', ..] => self.depth > 0,
            _ => false,
        }
    }

    fn either(&mut self) -> Result<Ast, PatternError> {
        let open = self.at;
        self.depth += 1;
        if self.depth > limits::PATTERN_DEPTH {
            return Err(self.error("it is nested too deep"));
        }
        let mut choices = Vec::new();
        loop {
            self.at += 1;
            choices.push(self.sequence()?);
            match self.peek() {
                Some(',') => {}
                Some(_) => break,
                None => return Err(PatternError::new(open, "“{” is not closed")),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Ast::Either(choices))
    }

    fn set(&mut self) -> Result<Ast, PatternError> {
        let open = self.at;
        self.at += 1;
        let negated = self.eat("!") || self.eat("^");
        let mut ranges = Vec::new();
        loop {
            let unclosed = || PatternError::new(open, "“[” is not closed");
            let first = self.peek().ok_or_else(unclosed)?;
            if first == ']' && !ranges.is_empty() {
                break;
            }
            let first = self.member().ok_or_else(unclosed)?;
            let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            let last = if is_range {
                self.at += 1;
                self.member().ok_or_else(unclosed)?
            } else {
                first
            };
            if last < first {
                return Err(self.error("the range is the wrong way round"));
            }
            ranges.push((first.into(), last.into()));
        }
        self.at += 1;
        let mut ranges = fold(ranges);
        if negated {
            ranges.push((u32::from('/'), u32::from('/')));
            return Ok(Ast::Set(complement(ranges)));
        }
        // No set matches a slash: it parts the path's names.
        let mut outside = complement(ranges);
        outside.push((u32::from('/'), u32::from('/')));
        Ok(Ast::Set(complement(outside)))
    }

    fn member(&mut self) -> Option<char> {
        if self.peek()? == '\\' {
            self.at += 1;
        }
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }
}
