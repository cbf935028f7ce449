//! A metadata document as people read it: its own JSON, indented, with every digest found.
//!
//! Works on the text itself, not on what a parser made of it: order, numbers and escapes stay as they are. Depends on
//! [`crate::image`].

use crate::image::Digest;

/// One line of the indented text.
pub type Line = Vec<Piece>;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its text, as it stands in the document; a string with its quotes.
    pub text: String,
}

/// What a part of a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// Blanks, brackets, commas, colons.
    Plain,
    /// The name of a field.
    Key,
    /// A string.
    Text,
    /// A string that is a digest.
    Digest(Digest),
    /// A number, `true`, `false` or `null`.
    Word,
}

/// Indents JSON, as far as `most` lines; the flag tells that there are more. What is no JSON comes out as text of some
/// sort; nothing is lost but blanks.
pub fn indented(json: &str, most: usize) -> (Vec<Line>, bool) {
    let mut out = Indented { lines: vec![Vec::new()], depth: 0 };
    let mut rest = json.trim_start();
    while let Some(first) = rest.chars().next() {
        if out.lines.len() > most {
            out.lines.truncate(most);
            return (out.lines, true);
        }
        let length = match first {
            '"' => string_end(rest),
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest.find(|c: char| "{}[],:\"".contains(c) || c.is_whitespace()).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after.trim_start();
        match first {
            '{' | '[' => {
                out.push(PieceKind::Plain, token);
                let closes = rest.chars().next().filter(|next| matches!(next, '}' | ']'));
                match closes {
                    Some(close) => {
                        out.push(PieceKind::Plain, close.encode_utf8(&mut [0; 4]));
                        rest = rest.get(1..).unwrap_or_default().trim_start();
                    }
                    None => out.open(),
                }
            }
            '}' | ']' => {
                out.close();
                out.push(PieceKind::Plain, token);
            }
            ',' => {
                out.push(PieceKind::Plain, token);
                out.line();
            }
            ':' => out.push(PieceKind::Plain, ": "),
            '"' if rest.starts_with(':') => out.push(PieceKind::Key, &shown(token)),
            '"' => out.push(digest_of(token).map_or(PieceKind::Text, PieceKind::Digest), &shown(token)),
            _ => out.push(PieceKind::Word, &shown(token)),
        }
    }
    let more = out.lines.len() > most;
    out.lines.truncate(most);
    (out.lines, more)
}

/// The bytes of a string with its quotes.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return at + 1,
            byte => escaped = byte == b'\\' && !escaped,
        }
    }
    text.len()
}

fn digest_of(token: &str) -> Option<Digest> {
    Digest::parse(token.strip_prefix('"')?.strip_suffix('"')?).ok()
}

/// Characters that could change how the page reads, as JSON may write them too.
fn shown(token: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if !token.chars().any(is_unsafe) {
        return token.to_owned();
    }
    token.chars().map(|c| if is_unsafe(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

struct Indented {
    lines: Vec<Line>,
    depth: usize,
}

impl Indented {
    fn push(&mut self, kind: PieceKind, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push(Piece { kind, text: text.to_owned() });
        }
    }

    fn line(&mut self) {
        self.lines.push(Vec::new());
        // Deeper than that is only what no parser reads.
        if self.depth > 0 {
            self.push(PieceKind::Plain, &"  ".repeat(self.depth.min(128)));
        }
    }

    fn open(&mut self) {
        self.depth += 1;
        self.line();
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.line();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(json: &str) -> String {
        let (lines, _) = indented(json, usize::MAX);
        lines
            .iter()
            .map(|line| line.iter().map(|piece| piece.text.as_str()).collect::<String>())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn no_more_lines_than_wanted() {
        assert_eq!(indented("[1,2]", 4), (indented("[1,2]", 9).0, false));
        let (lines, more) = indented("[1,2]", 3);
        assert_eq!((lines.len(), more), (3, true));
    }

    #[test]
    fn the_text_stays_and_digests_are_found() {
        let digest = Digest::of(b"x");
        let json = format!(
            r#" {{"b":1.50,"a":{{"digest":"{digest}","none":[],"of":{{ }}}},"s":"a\"{{}}:,","l":[true,null]}} "#
        );
        let expected = format!(
            "{{\n  \"b\": 1.50,\n  \"a\": {{\n    \"digest\": \"{digest}\",\n    \"none\": [],\n    \"of\": {{}}\n  }},\n  \"s\": \"a\\\"{{}}:,\",\n  \"l\": [\n    true,\n    null\n  ]\n}}"
        );
        assert_eq!(text(&json), expected);
        let pieces: Vec<Piece> = indented(&json, usize::MAX).0.into_iter().flatten().collect();
        let found: Vec<&Piece> = pieces.iter().filter(|piece| matches!(piece.kind, PieceKind::Digest(_))).collect();
        assert_eq!(found.len(), 1);
        assert!(pieces.iter().any(|piece| piece.kind == PieceKind::Key && piece.text == "\"digest\""));
        assert_eq!(text("{\"a\":\"\u{202e}x\"}"), "{\n  \"a\": \"\\u202ex\"\n}");
    }

    #[test]
    fn a_key_that_is_a_digest_is_a_key() {
        let json = format!("{{\"{}\":1}}", Digest::of(b"x"));
        assert!(indented(&json, usize::MAX).0.iter().flatten().any(|piece| piece.kind == PieceKind::Key));
    }

    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(serde_json::Value::from),
            any::<bool>().prop_map(serde_json::Value::from),
            proptest::collection::vec(any::<char>(), 0..6)
                .prop_map(|text| serde_json::Value::from(String::from_iter(text))),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                proptest::collection::vec((any::<u8>(), inner), 0..4).prop_map(|fields| {
                    fields
                        .into_iter()
                        .map(|(key, value)| (key.to_string(), value))
                        .collect::<serde_json::Map<_, _>>()
                        .into()
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_says_the_same(value in values()) {
            let read: serde_json::Value = serde_json::from_str(&text(&value.to_string())).unwrap();
            prop_assert_eq!(read, value);
        }

        #[test]
        fn nothing_makes_it_panic(odd in proptest::collection::vec(any::<char>(), 0..20)) {
            let _ = indented(&String::from_iter(odd), usize::MAX);
        }
    }
}
