//! Within a line: words, numbers, keys, variables and what opens something, one after the other.

use super::{
    highlight::{Span, Token},
    syntax::{Keys, Syntax},
};

/// Bytes looked ahead for what closes a variable or a regular expression, so that the time stays linear.
const AHEAD: usize = 500;

pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Letters of all writings count: only ASCII ends a word.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// A line on its way. Positions move over whole characters: every stop is before or behind an ASCII byte, or a whole
/// run of others.
pub(super) struct Scan<'a> {
    pub(super) line: &'a [u8],
    pub(super) at: usize,
    pub(super) spans: Vec<Span>,
    pub(super) here: Option<(String, bool)>,
    /// Something stands before on the line, or in the statement.
    pub(super) seen: bool,
    /// The line may hold a YAML map in braces.
    pub(super) flow: bool,
}

impl Scan<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    pub(super) fn at_text(&self, text: &str) -> bool {
        self.rest().starts_with(text.as_bytes())
    }

    pub(super) fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).and_then(|at| self.line.get(at)).copied()
    }

    pub(super) fn begins_word(&self) -> bool {
        self.before().is_none_or(|byte| byte.is_ascii_whitespace() || b"([{,:=;&|<>!-".contains(&byte))
    }

    /// A span up to `end`, or to the end of the character that it lies in; joined to one of the same kind before it.
    pub(super) fn take(&mut self, end: usize, token: Token) {
        let mut end = end.min(self.line.len());
        while self.line.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
            end += 1;
        }
        if end <= self.at {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if last.token == token => last.end = end,
            _ => self.spans.push(Span { start: self.at, end, token }),
        }
        self.at = end;
    }

    pub(super) fn step(&mut self, bytes: usize, token: Token) {
        self.take(self.at.saturating_add(bytes), token);
    }

    /// Takes all up to and with `close`. False: the line ends before it.
    pub(super) fn until(&mut self, close: &str, escape: bool, token: Token) -> bool {
        let mut end = self.at;
        while let Some(byte) = self.line.get(end) {
            if escape && *byte == b'\\' {
                end += 2;
            } else if self.line.get(end..).is_some_and(|rest| rest.starts_with(close.as_bytes())) {
                self.take(end + close.len(), token);
                return true;
            } else {
                end += 1;
            }
        }
        self.take(self.line.len(), token);
        false
    }

    /// What only the beginning of a line can be: a section, a key, an instruction.
    pub(super) fn beginning(&mut self, syntax: &Syntax) {
        let indent = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let text = self.rest().get(indent..).unwrap_or_default();
        let is_comment = syntax.comments.iter().any(|mark| text.starts_with(mark.as_bytes()));
        if is_comment || text.is_empty() {
            return;
        }
        if syntax.sections && text.starts_with(b"[") {
            if let Some(end) = text.iter().rposition(|byte| *byte == b']') {
                let is_alone =
                    text.get(end + 1..).is_some_and(|rest| rest.first().is_none_or(|b| b" \t#;\r".contains(b)));
                if is_alone && !text.contains(&b'=') {
                    self.step(indent, Token::Plain);
                    self.step(end + 1, Token::Section);
                }
            }
            return;
        }
        match syntax.keys {
            Keys::Line(marks) => {
                let end = text.iter().position(|byte| marks.contains(byte));
                if let Some(end) = end.filter(|end| *end > 0) {
                    let length = text.get(..end).unwrap_or_default().trim_ascii_end().len();
                    self.step(indent, Token::Plain);
                    self.step(length, Token::Key);
                }
            }
            Keys::Yaml => self.yaml_key(indent),
            Keys::Instruction => {
                let end = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                if text.get(end).is_none_or(u8::is_ascii_whitespace) {
                    self.step(indent, Token::Plain);
                    self.step(end, Token::Keyword);
                    self.seen = end > 0;
                }
            }
            _ => {}
        }
    }

    /// `- - key: value`, the key plain or quoted.
    pub(super) fn yaml_key(&mut self, indent: usize) {
        self.step(indent, Token::Plain);
        while self.rest().starts_with(b"- ") {
            let spaces = self.rest().iter().skip(1).take_while(|byte| **byte == b' ').count();
            self.step(1 + spaces, Token::Plain);
        }
        let rest = self.rest();
        let quote = rest.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let end = match quote {
            Some(quote) => rest.iter().skip(1).position(|byte| *byte == quote).map(|at| at + 2),
            None if rest.first().is_some_and(|byte| b"[{#&*!|>%@`".contains(byte)) => None,
            None => rest.iter().zip(rest.iter().skip(1).chain([&b' '])).position(|pair| pair == (&b':', &b' ')),
        };
        if let Some(end) = end.filter(|end| *end > 0 && rest.get(*end) == Some(&b':')) {
            self.step(end, Token::Key);
        }
    }

    /// A string that a colon follows is a key.
    pub(super) fn key_if_colon(&mut self, before: usize, start: usize) {
        let next = self.rest().iter().find(|byte| !byte.is_ascii_whitespace());
        if next == Some(&b':') {
            self.spans.truncate(before);
            if let Some(last) = self.spans.last_mut().filter(|last| last.end > start) {
                last.end = start;
            }
            self.spans.push(Span { start, end: self.at, token: Token::Key });
        }
    }

    pub(super) fn word(&mut self, syntax: &Syntax, first: bool) {
        let begins = self.begins_word();
        let decorated = usize::from(self.peek() == Some(b'@'));
        let rest = self.rest();
        let is_number = rest.first().is_some_and(u8::is_ascii_digit);
        let more = |byte: &u8| is_word(*byte) || (is_number && matches!(byte, b'.')) || decorated == 1 && *byte == b'.';
        let hyphens = matches!(syntax.keys, Keys::Yaml | Keys::Line(_) | Keys::Assign | Keys::Instruction);
        let part = |byte: &u8| more(byte) || (hyphens && *byte == b'-');
        let tilde = usize::from(rest.first() == Some(&b'~'));
        let skip = decorated.max(tilde);
        let end = skip + rest.iter().skip(skip).take_while(|byte| part(byte)).count();
        let word = rest.get(..end).unwrap_or_default();
        let is_assigned = rest.get(end) == Some(&b'=') && rest.get(end + 1) != Some(&b'=');
        let before_equals = matches!(syntax.keys, Keys::Assign | Keys::Instruction) && is_assigned && !is_number;
        let token = if first || decorated == 1 || syntax.keywords.iter().any(|known| known.as_bytes() == word) {
            Token::Keyword
        } else if before_equals && begins {
            Token::Key
        } else if is_number && begins_number(self.before()) {
            Token::Number
        } else {
            Token::Plain
        };
        self.step(end.max(1), token);
    }

    /// `$name`, `${…}`, `$1`; `$(` is plain.
    pub(super) fn variable(&mut self) {
        let rest = self.rest();
        let end = match rest.get(1) {
            Some(b'{') => rest.iter().take(AHEAD).position(|byte| *byte == b'}').map_or(2, |at| at + 1),
            Some(byte) if is_word(*byte) => 1 + rest.iter().skip(1).take_while(|byte| is_word(**byte)).count(),
            Some(b'#' | b'?' | b'@' | b'*' | b'!' | b'$' | b'-') => 2,
            _ => 1,
        };
        self.step(end, if end > 1 { Token::Variable } else { Token::Plain });
    }

    /// `<<END`, `<<-'END'`: the document begins with the next line. True: it was one.
    pub(super) fn heredoc(&mut self) -> bool {
        let rest = self.rest();
        if !rest.starts_with(b"<<") || rest.starts_with(b"<<<") || self.before() == Some(b'<') {
            return false;
        }
        let tabs = rest.get(2) == Some(&b'-');
        let begin = 2 + usize::from(tabs);
        let after = rest.get(begin..).unwrap_or_default();
        let spaces = after.iter().take_while(|byte| **byte == b' ').count();
        let after = after.get(spaces..).unwrap_or_default();
        let quote = usize::from(after.first().is_some_and(|byte| matches!(byte, b'"' | b'\'')));
        let name = after.get(quote..).unwrap_or_default();
        let length = name.iter().take_while(|byte| is_word(**byte)).count();
        if length == 0 || name.first().is_some_and(u8::is_ascii_digit) {
            return false;
        }
        let end = String::from_utf8_lossy(name.get(..length).unwrap_or_default()).into_owned();
        self.here.get_or_insert((end, tabs));
        self.step(begin + spaces + quote + length + quote, Token::Keyword);
        true
    }

    /// A regular expression, where a value may begin and the line ends it. True: it was one.
    pub(super) fn regex(&mut self) -> bool {
        let before = self.line.get(..self.at).unwrap_or_default().trim_ascii_end();
        let may = before.last().is_none_or(|byte| b"(,=:[!&|?{};+".contains(byte)) || before.ends_with(b"return");
        let (mut at, mut class) = (1, false);
        let longest = if may { AHEAD } else { 0 };
        while at < longest {
            match self.rest().get(at) {
                None => break,
                Some(b'\\') => at += 1,
                Some(b'[') => class = true,
                Some(b']') => class = false,
                Some(b'/') if !class => {
                    let flags = self.rest().iter().skip(at + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
                    self.step(at + 1 + flags, Token::String);
                    return true;
                }
                Some(_) => {}
            }
            at += 1;
        }
        self.step(1, Token::Plain);
        true
    }

    /// The line ends with `|` or `>`, perhaps with an indicator.
    pub(super) fn opens_block(&self) -> bool {
        let text = self.line.trim_ascii_end();
        let text = text.strip_suffix(b"-").or_else(|| text.strip_suffix(b"+")).unwrap_or(text);
        let text = text
            .strip_suffix(&[text.last().copied().unwrap_or(0)])
            .filter(|_| text.last().is_some_and(u8::is_ascii_digit))
            .unwrap_or(text);
        let is_comment = self.spans.last().is_some_and(|span| matches!(span.token, Token::Comment | Token::String));
        !is_comment
            && (text.ends_with(b": |") || text.ends_with(b": >") || text.ends_with(b"- |") || text.ends_with(b"- >"))
    }
}

/// A digit behind a letter or a dot is no number of its own.
pub(super) fn begins_number(before: Option<u8>) -> bool {
    before.is_none_or(|byte| !is_word(byte))
}
