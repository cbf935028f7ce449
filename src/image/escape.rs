//! Names are bytes. How they are written in receipts and links (lossless), and how they are shown (safe).

use std::fmt::Write as _;

/// Writes a path as `--files` and links do: UTF-8 as it is, other bytes as `\xNN`, a backslash as `\\`.
pub fn escape_path(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        if chunk.valid().contains('\\') {
            out.push_str(&chunk.valid().replace('\\', "\\\\"));
        } else {
            out.push_str(chunk.valid());
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Reads what [`escape_path`] wrote; none when an escape is malformed.
pub fn unescape_path(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.extend_from_slice(before.as_bytes());
        if let Some(tail) = after.strip_prefix('\\') {
            out.push(b'\\');
            rest = tail;
        } else {
            let digits = after.strip_prefix('x')?;
            out.push(u8::from_str_radix(digits.get(..2)?, 16).ok()?);
            rest = digits.get(2..)?;
        }
    }
    out.extend_from_slice(rest.as_bytes());
    Some(out)
}

/// Writes a name for people: as [`escape_path`], and control and bidirectional characters escaped too, so that a name
/// cannot change how the page reads.
pub fn display_name(bytes: &[u8]) -> String {
    let escaped = escape_path(bytes);
    if !escaped.chars().any(is_unsafe) {
        return escaped;
    }
    let mut out = String::with_capacity(escaped.len() + 8);
    for c in escaped.chars() {
        if is_unsafe(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_both_ways() {
        for bytes in [&b"a/b"[..], b"caf\xc3\xa9", b"bad\xff\xfe", b"back\\slash\\x41", b"", b"new\nline"] {
            assert_eq!(unescape_path(&escape_path(bytes)).as_deref(), Some(bytes));
        }
        assert_eq!(escape_path(b"a\xffb\\"), "a\\xffb\\\\");
        assert_eq!(unescape_path("\\q"), None);
        assert_eq!(unescape_path("\\x4"), None);
    }

    #[test]
    fn shown_names_cannot_turn_the_line_round() {
        assert_eq!(display_name("a\u{202e}gnp.sh".as_bytes()), "a\\u{202e}gnp.sh");
        assert_eq!(display_name(b"x\ny"), "x\\u{a}y");
        assert_eq!(display_name("naïve".as_bytes()), "naïve");
    }
}
