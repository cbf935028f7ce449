//! Colours: a line and what the line before left open become spans.

use super::{
    lang::Lang,
    scan::{Scan, indentation, is_word},
    syntax::{Keys, Quote, Syntax, syntax},
};

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// Nothing special.
    Plain,
    /// A comment.
    Comment,
    /// A string.
    String,
    /// A number or date.
    Number,
    /// A word of the language.
    Keyword,
    /// The name of a setting.
    Key,
    /// A variable.
    Variable,
    /// A section's heading.
    Section,
}

/// A part of a line, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// What it is.
    pub token: Token,
}

/// What a line leaves open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    Comment,
    Quote(&'static Quote),
    /// A here document up to this line; tabs before it do not count.
    Here {
        end: String,
        tabs: bool,
    },
    /// A YAML block below this indentation.
    Block {
        indent: usize,
    },
}

/// Colours a text line by line.
#[derive(Clone)]
pub struct Highlighter {
    syntax: &'static Syntax,
    open: Open,
    /// The line goes on a statement of the line before (a backslash at its end, no semicolon).
    goes_on: bool,
}

impl Highlighter {
    /// For a text of this language from its beginning.
    pub fn new(lang: Lang) -> Self {
        Self { syntax: syntax(lang), open: Open::Nothing, goes_on: false }
    }

    /// The spans of the next line, given without its end.
    pub fn line(&mut self, line: &str) -> Vec<Span> {
        let mut scan = Scan { line: line.as_bytes(), at: 0, spans: Vec::new(), here: None, seen: false, flow: false };
        scan.flow = scan.line.contains(&b'{');
        match std::mem::take(&mut self.open) {
            Open::Nothing => {}
            Open::Comment => {
                let close = self.syntax.block.map_or("", |(_, close)| close);
                if !scan.until(close, false, Token::Comment) {
                    self.open = Open::Comment;
                }
            }
            Open::Quote(quote) => {
                if !scan.until(quote.close, quote.escape, Token::String) {
                    self.open = Open::Quote(quote);
                }
            }
            Open::Here { end, tabs } => {
                let text = if tabs { line.trim_start_matches('\t') } else { line };
                let token = if text == end { Token::Keyword } else { Token::String };
                scan.take(line.len(), token);
                if token == Token::String {
                    self.open = Open::Here { end, tabs };
                }
            }
            Open::Block { indent } => {
                if line.trim().is_empty() || indentation(line) > indent {
                    scan.take(line.len(), Token::String);
                    self.open = Open::Block { indent };
                }
            }
        }
        if self.syntax.is_plain() {
            scan.take(line.len(), Token::Plain);
        } else if self.open == Open::Nothing {
            self.open = self.code(&mut scan);
        }
        scan.spans
    }

    /// The line from where nothing is open; what it leaves open.
    fn code(&mut self, scan: &mut Scan<'_>) -> Open {
        let syntax = self.syntax;
        if !self.goes_on && scan.at == 0 {
            scan.beginning(syntax);
        }
        let mut statement = syntax.keys == Keys::Statement && !self.goes_on;
        while let Some(byte) = scan.peek() {
            let begins = scan.begins_word();
            if byte.is_ascii_whitespace() {
                scan.step(1, Token::Plain);
                continue;
            }
            let may_comment = (begins || !syntax.at_word) && !(syntax.keys == Keys::Instruction && scan.seen);
            if may_comment && syntax.comments.iter().any(|mark| scan.at_text(mark)) {
                scan.take(scan.line.len(), Token::Comment);
                break;
            }
            if let Some((mark, close)) = syntax.block.filter(|(mark, _)| scan.at_text(mark)) {
                scan.step(mark.len(), Token::Comment);
                if !scan.until(close, false, Token::Comment) {
                    return Open::Comment;
                }
                continue;
            }
            let quoted = syntax.quotes.iter().find(|quote| scan.at_text(quote.open));
            if let Some(quote) = quoted.filter(|_| begins || !matches!(syntax.keys, Keys::Yaml | Keys::Line(b"=:"))) {
                let (before, start) = (scan.spans.len(), scan.at);
                scan.step(quote.open.len(), Token::String);
                if !scan.until(quote.close, quote.escape, Token::String) {
                    if quote.lines {
                        return Open::Quote(quote);
                    }
                } else if syntax.keys == Keys::StringColon || (syntax.keys == Keys::Yaml && scan.flow) {
                    scan.key_if_colon(before, start);
                }
                scan.seen = true;
                continue;
            }
            if syntax.heredocs && scan.heredoc() {
                continue;
            }
            if byte == b'$' && syntax.variables {
                scan.variable();
            } else if byte == b'\\' && matches!(syntax.keys, Keys::Assign | Keys::Instruction) {
                scan.step(2, Token::Plain);
            } else if byte == b'@' && syntax.decorators && begins {
                scan.word(syntax, true);
            } else if byte == b'/' && syntax.regexes && scan.regex() {
            } else if is_word(byte) || (byte == b'~' && begins) {
                let first = std::mem::take(&mut statement);
                scan.word(syntax, first);
            } else {
                statement |= syntax.keys == Keys::Statement && matches!(byte, b';' | b'{' | b'}');
                if matches!(byte, b';' | b'{' | b'}') {
                    scan.seen = false;
                }
                scan.step(1, Token::Plain);
            }
            scan.seen |= !matches!(byte, b';' | b'{' | b'}');
        }
        self.goes_on = match syntax.keys {
            Keys::Statement => scan.seen,
            Keys::Instruction => scan.line.trim_ascii_end().ends_with(b"\\") || (self.goes_on && !scan.seen),
            _ => false,
        };
        match scan.here.take() {
            Some((end, tabs)) => Open::Here { end, tabs },
            None if syntax.keys == Keys::Yaml && scan.opens_block() => {
                Open::Block { indent: scan.line.iter().take_while(|byte| **byte == b' ').count() }
            }
            None => Open::Nothing,
        }
    }
}
