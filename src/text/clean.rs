//! Bytes as text.

/// Whether the bytes read as text. They may end inside a character, and begin inside one when they stand `inside` a
/// file.
pub fn is_text(bytes: &[u8], inside: bool) -> bool {
    let begin = if inside { bytes.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count() } else { 0 };
    let bytes = bytes.get(begin..).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_some() => false,
        _ => bytes.iter().all(|byte| *byte >= 0x20 || b"\t\n\r\x0c\x1b".contains(byte)),
    }
}

/// Text with nothing in it that changes how the page reads; what is no text becomes U+FFFD. Lines end with `\n` alone.
pub fn clean(bytes: &[u8]) -> String {
    let harmful = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
    };
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            c if harmful(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
