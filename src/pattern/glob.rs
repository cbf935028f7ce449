//! Globs: `*`, `?`, `**`, `[a-z]`, `[!a]`, `{a,b}`, `\` before a character that means itself.

use super::{
    PatternError,
    ast::{Ast, Place, character, complement, fold, in_name},
    cursor::Cursor,
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
    let mut glob = Glob { cursor: Cursor::new(&chars), depth: 0 };
    let ast = glob.sequence().and_then(|ast| match glob.cursor.peek() {
        None => Ok(ast),
        Some(_) => Err(glob.cursor.error("this stands without its “{”")),
    });
    let ast = ast.map_err(|error| PatternError { at: error.at.saturating_sub(shift), ..error })?;
    Ok((Ast::Sequence(vec![Ast::At(Place::Start), ast, Ast::At(Place::End)]), of_path))
}

struct Glob<'a> {
    cursor: Cursor<'a>,
    /// Open braces.
    depth: usize,
}

impl Glob<'_> {
    /// Up to the end, or to the comma or brace that ends an alternative.
    fn sequence(&mut self) -> Result<Ast, PatternError> {
        let mut parts = Vec::new();
        while let Some(c) = self.cursor.peek() {
            match c {
                ',' | '}' if self.depth > 0 => break,
                '/' if self.is_folders() => {
                    // `/**` at the end is all that is below; before a slash it may be nothing.
                    self.cursor.at += 3;
                    let least = u32::from(self.cursor.peek() != Some('/'));
                    let name = Ast::Repeat(Box::new(in_name()), 1, None);
                    let folder = Ast::Sequence(vec![character('/', false), name]);
                    parts.push(Ast::Repeat(Box::new(folder), least, None));
                }
                '*' => {
                    while self.cursor.eat("*") {}
                    parts.push(Ast::Repeat(Box::new(in_name()), 0, None));
                }
                '?' => {
                    self.cursor.at += 1;
                    parts.push(in_name());
                }
                '[' => parts.push(self.set()?),
                '{' => parts.push(self.either()?),
                '}' => return Ok(Ast::Sequence(parts)),
                '\\' => {
                    self.cursor.at += 1;
                    let c = self.cursor.peek().ok_or_else(|| self.cursor.error("a character is missing after “\\”"))?;
                    self.cursor.at += 1;
                    parts.push(character(c, true));
                }
                c => {
                    self.cursor.at += 1;
                    parts.push(character(c, true));
                }
            }
        }
        Ok(Ast::Sequence(parts))
    }

    /// Whether `/**` is here as a whole part of the path.
    fn is_folders(&self) -> bool {
        let rest = self.cursor.chars.get(self.cursor.at..).unwrap_or_default();
        match rest {
            ['/', '*', '*'] | ['/', '*', '*', '/', ..] => true,
            ['/', '*', '*', ',' | '}', ..] => self.depth > 0,
            _ => false,
        }
    }

    fn either(&mut self) -> Result<Ast, PatternError> {
        let open = self.cursor.at;
        self.depth += 1;
        if self.depth > limits::PATTERN_DEPTH {
            return Err(self.cursor.error("it is nested too deep"));
        }
        let mut choices = Vec::new();
        loop {
            self.cursor.at += 1;
            choices.push(self.sequence()?);
            match self.cursor.peek() {
                Some(',') => {}
                Some(_) => break,
                None => return Err(PatternError::new(open, "“{” is not closed")),
            }
        }
        self.cursor.at += 1;
        self.depth -= 1;
        Ok(Ast::Either(choices))
    }

    fn set(&mut self) -> Result<Ast, PatternError> {
        let open = self.cursor.at;
        self.cursor.at += 1;
        let negated = self.cursor.eat("!") || self.cursor.eat("^");
        let mut ranges = Vec::new();
        loop {
            let unclosed = || PatternError::new(open, "“[” is not closed");
            let first = self.cursor.peek().ok_or_else(unclosed)?;
            if first == ']' && !ranges.is_empty() {
                break;
            }
            let first = self.member().ok_or_else(unclosed)?;
            let is_range =
                self.cursor.peek() == Some('-') && self.cursor.chars.get(self.cursor.at + 1).is_some_and(|c| *c != ']');
            let last = if is_range {
                self.cursor.at += 1;
                self.member().ok_or_else(unclosed)?
            } else {
                first
            };
            if last < first {
                return Err(self.cursor.error("the range is the wrong way round"));
            }
            ranges.push((first.into(), last.into()));
        }
        self.cursor.at += 1;
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
        if self.cursor.peek()? == '\\' {
            self.cursor.at += 1;
        }
        let c = self.cursor.peek()?;
        self.cursor.at += 1;
        Some(c)
    }
}
