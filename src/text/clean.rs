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
    harmless(&String::from_utf8_lossy(bytes).replace("\r\n", "\n")).replace('\r', "\u{fffd}")
}

/// Text with U+FFFD for what changes how the page reads.
pub fn harmless(text: &str) -> String {
    let harmful = |c: char| {
        (c.is_control() && c != '\n' && c != '\t' && c != '\r')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
    };
    text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}
