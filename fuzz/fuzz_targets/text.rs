//! Text of every language: spans follow each other over each line, between characters.
#![no_main]

use lagvis::text::{Highlighter, Lang, clean, find, rows};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = clean(data);
    for lang in Lang::ALL {
        let mut highlighter = Highlighter::new(lang);
        for row in rows(&text).iter().filter(|row| row.is_first()) {
            let line = &text[row.whole.clone()];
            let mut at = 0;
            for span in highlighter.line(line) {
                assert!(span.start == at && span.end > at && line.is_char_boundary(span.end), "{lang:?} {line:?}");
                at = span.end;
            }
            assert_eq!(at, line.len(), "{lang:?} {line:?}");
        }
    }
    let found = find(&text, text.get(..2).unwrap_or("a"));
    assert!(found.places.windows(2).all(|pair| pair[0].end <= pair[1].start));
});
