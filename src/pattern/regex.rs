//! Regular expressions, as far as they can be matched in linear time. Classes are ASCII; the dot is any character.

use super::{
    PatternError,
    ast::{Ast, Place, Ranges, WORD, any, character, complement, fold},
    cursor::Cursor,
};
use crate::limits;

/// The expression as a tree.
pub(super) fn parse(chars: &[char]) -> Result<Ast, PatternError> {
    let mut regex = Regex { cursor: Cursor::new(chars), depth: 0, folded: true };
    let ast = regex.either()?;
    match regex.cursor.peek() {
        None => Ok(ast),
        Some(_) => Err(regex.cursor.error("this “)” closes nothing; write \\) for the character")),
    }
}

struct Regex<'a> {
    cursor: Cursor<'a>,
    /// Open groups.
    depth: usize,
    /// Upper and lower case are alike.
    folded: bool,
}

impl Regex<'_> {
    fn either(&mut self) -> Result<Ast, PatternError> {
        let mut choices = vec![self.sequence()?];
        while self.cursor.eat("|") {
            choices.push(self.sequence()?);
        }
        Ok(if choices.len() == 1 { choices.swap_remove(0) } else { Ast::Either(choices) })
    }

    fn sequence(&mut self) -> Result<Ast, PatternError> {
        let mut parts = Vec::new();
        while let Some(c) = self.cursor.peek().filter(|c| !matches!(c, '|' | ')')) {
            if matches!(c, '*' | '+' | '?') {
                return Err(self
                    .cursor
                    .error(format!("there is nothing that “{c}” could repeat; write \\{c} for the character")));
            }
            let part = self.atom()?;
            parts.push(self.repeated(part)?);
        }
        Ok(Ast::Sequence(parts))
    }

    fn repeated(&mut self, part: Ast) -> Result<Ast, PatternError> {
        let (least, most) = match self.cursor.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => self.counts()?,
            _ => return Ok(part),
        };
        self.cursor.at += 1;
        // As few or as many as possible: for finding it is the same.
        _ = self.cursor.eat("?");
        Ok(Ast::Repeat(Box::new(part), least, most))
    }

    /// `{2}`, `{2,}`, `{2,5}`; stops at the brace that closes it.
    fn counts(&mut self) -> Result<(u32, Option<u32>), PatternError> {
        let open = self.cursor.at;
        let wrong = || PatternError::new(open, "“{” begins a count, as in {2} or {2,5}; write \\{ for the character");
        self.cursor.at += 1;
        let least = self.number().ok_or_else(wrong)?;
        let most = if self.cursor.eat(",") { self.number() } else { Some(least) };
        if self.cursor.peek() != Some('}') {
            return Err(wrong());
        }
        if most.is_some_and(|most| most < least) {
            return Err(PatternError::new(open, "the count is the wrong way round"));
        }
        Ok((least, most))
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(figure) = self.cursor.peek().and_then(|c| c.to_digit(10)) {
            number = Some(number.unwrap_or(0_u32).saturating_mul(10).saturating_add(figure));
            self.cursor.at += 1;
        }
        number
    }

    fn atom(&mut self) -> Result<Ast, PatternError> {
        let at = self.cursor.at;
        match self.cursor.next() {
            Some('(') => self.group(at),
            Some('[') => self.class(at).map(Ast::Set),
            Some('.') => Ok(any()),
            Some('^') => Ok(Ast::At(Place::Start)),
            Some('$') => Ok(Ast::At(Place::End)),
            Some('\\') => match self.cursor.peek() {
                Some('b') => Ok(self.place(Place::WordEdge)),
                Some('B') => Ok(self.place(Place::NoWordEdge)),
                Some('A') => Ok(self.place(Place::Start)),
                Some('z') => Ok(self.place(Place::End)),
                _ => self.escape().map(Ast::Set),
            },
            Some(c) => Ok(character(c, self.folded)),
            None => Ok(Ast::Sequence(Vec::new())),
        }
    }

    fn place(&mut self, place: Place) -> Ast {
        self.cursor.at += 1;
        Ast::At(place)
    }

    fn group(&mut self, open: usize) -> Result<Ast, PatternError> {
        self.depth += 1;
        if self.depth > limits::PATTERN_DEPTH {
            return Err(self.cursor.error("it is nested too deep"));
        }
        let folded = self.folded;
        if self.cursor.eat("?") && !self.kind_of_group()? {
            // `(?i)`: for the rest of the group that it stands in.
            self.depth -= 1;
            return Ok(Ast::Sequence(Vec::new()));
        }
        let inner = self.either()?;
        if !self.cursor.eat(")") {
            return Err(PatternError::new(open, "“(” is not closed; write \\( for the character"));
        }
        (self.folded, self.depth) = (folded, self.depth - 1);
        Ok(inner)
    }

    /// What follows `(?`: whether a group follows; if not, flags were set.
    fn kind_of_group(&mut self) -> Result<bool, PatternError> {
        if ["=", "!", "<=", "<!"].iter().any(|sign| self.cursor.eat(sign)) {
            return Err(self.cursor.error("look-around cannot be matched in linear time, so it is not offered"));
        }
        if self.cursor.eat("P<") || self.cursor.eat("<") {
            while self.cursor.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                self.cursor.at += 1;
            }
            return if self.cursor.eat(">") {
                Ok(true)
            } else {
                Err(self.cursor.error("the group's name is not closed with “>”"))
            };
        }
        let on = !self.cursor.eat("-");
        if self.cursor.eat("i") {
            self.folded = on;
        }
        match self.cursor.next() {
            Some(':') => Ok(true),
            Some(')') => Ok(false),
            _ => Err(self.cursor.error("after “(?” only i, -i, : and a name are known")),
        }
    }

    /// What a backslash stands before, as a set.
    fn escape(&mut self) -> Result<Ranges, PatternError> {
        let at = self.cursor.at;
        let one = |c: char| vec![(u32::from(c), u32::from(c))];
        let c = self.cursor.next().ok_or_else(|| PatternError::new(at, "a character is missing after “\\”"))?;
        Ok(match c {
            'd' | 'D' => named(&[(0x30, 0x39)], c),
            'w' | 'W' => named(&WORD, c),
            's' | 'S' => named(&[(0x09, 0x0d), (0x20, 0x20)], c),
            'n' => one('\n'),
            'r' => one('\r'),
            't' => one('\t'),
            'x' => self.code(at)?,
            '1'..='9' => {
                let why = "back-references cannot be matched in linear time, so they are not offered";
                return Err(PatternError::new(at, why));
            }
            c if c.is_ascii_alphanumeric() => {
                return Err(PatternError::new(at, format!("“\\{c}” is not known")));
            }
            c => self.folded_set(one(c)),
        })
    }

    /// `\x2f`, `\x{1f600}`.
    fn code(&mut self, at: usize) -> Result<Ranges, PatternError> {
        let wrong = || PatternError::new(at, "“\\x” wants two figures, or more in braces");
        let braces = self.cursor.eat("{");
        let mut code = 0_u32;
        let mut figures = 0;
        while let Some(figure) = self.cursor.peek().and_then(|c| c.to_digit(16)).filter(|_| braces || figures < 2) {
            code = code.saturating_mul(16).saturating_add(figure);
            figures += 1;
            self.cursor.at += 1;
        }
        let complete = if braces { figures > 0 && self.cursor.eat("}") } else { figures == 2 };
        if !complete || char::from_u32(code).is_none() {
            return Err(wrong());
        }
        Ok(self.folded_set(vec![(code, code)]))
    }

    fn folded_set(&self, ranges: Ranges) -> Ranges {
        if self.folded { fold(ranges) } else { ranges }
    }

    fn class(&mut self, open: usize) -> Result<Ranges, PatternError> {
        let unclosed = || PatternError::new(open, "“[” is not closed; write \\[ for the character");
        let negated = self.cursor.eat("^");
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let at = self.cursor.at;
            let c = self.cursor.peek().ok_or_else(unclosed)?;
            if c == ']' && !is_first {
                break;
            }
            is_first = false;
            if c == '[' && self.cursor.chars.get(self.cursor.at + 1) == Some(&':') {
                return Err(self.cursor.error("named classes are not known; write \\d, \\w, \\s or a range"));
            }
            let first = self.member(open)?;
            let is_range =
                self.cursor.peek() == Some('-') && self.cursor.chars.get(self.cursor.at + 1).is_some_and(|c| *c != ']');
            if !is_range {
                ranges.extend(first);
                continue;
            }
            self.cursor.at += 1;
            let last = self.member(open)?;
            match (first.as_slice(), last.as_slice()) {
                ([(first, a)], [(last, b)]) if first == a && last == b && first <= last => ranges.push((*first, *last)),
                _ => return Err(PatternError::new(at, "the range is the wrong way round, or not of characters")),
            }
        }
        self.cursor.at += 1;
        let ranges = self.folded_set(ranges);
        Ok(if negated { complement(ranges) } else { ranges })
    }

    fn member(&mut self, open: usize) -> Result<Ranges, PatternError> {
        let folded = std::mem::replace(&mut self.folded, false);
        let member = match self.cursor.next() {
            Some('\\') => self.escape(),
            Some(c) => Ok(vec![(c.into(), c.into())]),
            None => Err(PatternError::new(open, "“[” is not closed; write \\[ for the character")),
        };
        self.folded = folded;
        member
    }
}

/// A class by its letter: a capital one is its complement.
fn named(ranges: &[(u32, u32)], letter: char) -> Ranges {
    if letter.is_uppercase() { complement(ranges.to_vec()) } else { ranges.to_vec() }
}
