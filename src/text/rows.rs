//! Text in rows to be shown: its lines, the long ones in pieces.

use std::ops::Range;

/// Bytes of a row at most: a line of a megabyte is many.
const ROW: usize = 2_000;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line, from 0.
    pub line: u32,
    /// The line's bytes in the text, without its end.
    pub whole: Range<usize>,
    /// The row's own bytes in the text.
    pub range: Range<usize>,
}

impl Row {
    /// Whether the line begins here.
    pub fn is_first(&self) -> bool {
        self.range.start == self.whole.start
    }
}

/// The rows of a text. What ends with a line end has no empty row behind it.
pub fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut start = 0;
    for (line, content) in (0..).zip(text.split_inclusive('\n')) {
        let content = content.strip_suffix('\n').unwrap_or(content);
        let whole = start..start + content.len();
        let mut at = whole.start;
        loop {
            let end = if whole.end - at <= ROW { whole.end } else { text.floor_char_boundary(at + ROW) };
            rows.push(Row { line, whole: whole.clone(), range: at..end });
            at = end;
            if at >= whole.end {
                break;
            }
        }
        start = whole.end + 1;
    }
    rows
}
