//! A part of a long text: its rows and pages, and the ways between bytes of the file and rows.

use std::{ops::Range, rc::Rc};

use lagvis::{
    protocol::Content,
    text::{Begin, Highlighter, Lang, Row, Span, clean, part_length, rows},
};

/// Rows of a page.
const ROWS: usize = 500;

/// A part of the file.
#[derive(PartialEq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) rows: Vec<Row>,
    /// Where the next one begins.
    pub(super) next: Option<Begin>,
}

impl Part {
    /// A part ends with a line wherever it can.
    pub(super) fn new(content: &Content, begin: Begin) -> Self {
        let bytes = &content.bytes.0;
        let is_last = begin.byte.saturating_add(bytes.len() as u64) >= content.total;
        let length = part_length(bytes, is_last);
        let text = clean(bytes.get(..length).unwrap_or_default());
        let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
        let next = Begin { byte: begin.byte + length as u64, line: begin.line.saturating_add(lines) };
        Self { rows: rows(&text), text, next: (!is_last).then_some(next) }
    }

    pub(super) fn pages(&self) -> usize {
        self.rows.len().div_ceil(ROWS).max(1)
    }

    /// The first row of a page.
    pub(super) fn first_row(&self, page: usize) -> Option<&Row> {
        self.rows.get(page * ROWS)
    }

    /// The rows of a page with the colours of their lines.
    pub(super) fn page(&self, page: usize, lang: Lang) -> Vec<(Row, Rc<Vec<Span>>)> {
        let mut highlighter = Highlighter::new(lang);
        let shown = page * ROWS..(page + 1) * ROWS;
        let mut spans = Rc::default();
        let mut all = Vec::new();
        for (number, row) in self.rows.iter().enumerate().take(shown.end) {
            if row.is_first() {
                spans = Rc::new(highlighter.line(self.text.get(row.whole.clone()).unwrap_or_default()));
            }
            if shown.contains(&number) {
                all.push((row.clone(), Rc::clone(&spans)));
            }
        }
        all
    }

    /// The bytes of each page's rows, with the ends of their lines.
    pub(super) fn page_bytes(&self) -> Vec<Range<usize>> {
        self.rows.chunks(ROWS).map(page_bytes).collect()
    }

    /// The page of a byte.
    pub(super) fn page_of(&self, at: usize) -> usize {
        self.rows.partition_point(|row| row.range.end <= at) / ROWS
    }
}

/// Where bytes of the file are in the text of their part: what was read may have been cleaned to other lengths.
pub(super) fn place(content: &Content, begin: Begin, text: &str, (first, length): (u64, u64)) -> Option<Range<usize>> {
    let from = usize::try_from(first.checked_sub(begin.byte)?).ok()?;
    let to = from.saturating_add(usize::try_from(length).ok()?).min(content.bytes.0.len());
    let shown = |bytes: usize| content.bytes.0.get(..bytes).map(|bytes| clean(bytes).len().min(text.len()));
    Some(text.floor_char_boundary(shown(from)?)..text.ceil_char_boundary(shown(to)?))
}

/// The byte of the file at which a row begins, the other way round: by its line's end before, and bytes within the line.
pub(super) fn byte_of(content: &Content, begin: Begin, part: &Part, row: &Row) -> u64 {
    let lines = part.text.get(..row.whole.start).unwrap_or_default().matches('\n').count();
    let mut ends = content.bytes.0.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let line = lines.checked_sub(1).map_or(Some(0), |before| ends.nth(before)).unwrap_or_default();
    begin.byte + (line + (row.range.start - row.whole.start)) as u64
}

/// The bytes of a page's rows, with the ends of their lines.
fn page_bytes(rows: &[Row]) -> Range<usize> {
    let start = rows.first().map_or(0, |row| row.range.start);
    start..rows.last().map_or(start, |row| row.range.end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lagvis::protocol::{Bytes, FileAt};

    fn part(bytes: &[u8], total: u64, begin: Begin) -> Part {
        let file = FileAt { node: 1, layer: 0 };
        let content = Content { file, from: 0, start: begin.byte, total, bytes: Bytes(bytes.to_vec()), problem: None };
        Part::new(&content, begin)
    }

    #[test]
    fn parts_end_with_a_line() {
        let begin = |byte, line| Begin { byte, line };
        let first = part(b"a\nb\nhalf", 100, begin(0, 0));
        assert_eq!((first.text.as_str(), first.next), ("a\nb\n", Some(begin(4, 2))));
        let last = part(b"half\nc", 10, begin(4, 2));
        assert_eq!((last.text.as_str(), last.next), ("half\nc", None));
        let long = part(b"no end of a line", 100, begin(7, 1));
        assert_eq!(long.next, Some(begin(23, 1)));
    }

    #[test]
    fn rows_and_bytes_lead_to_each_other() {
        let bytes = b"a\xff\xff\nb\xc3\xa9\n\nlast";
        let file = FileAt { node: 1, layer: 0 };
        let (from, start, total) = (0, 100, 200);
        let content = Content { file, from, start, total, bytes: Bytes(bytes.to_vec()), problem: None };
        let begin = Begin { byte: 100, line: 7 };
        let part = Part::new(&Content { total: 112, ..content.clone() }, begin);
        let firsts: Vec<u64> = part.rows.iter().map(|row| byte_of(&content, begin, &part, row)).collect();
        assert_eq!(firsts, [100, 104, 108, 109]);
        for (row, first) in part.rows.iter().zip(firsts) {
            assert_eq!(place(&content, begin, &part.text, (first, 0)).map(|at| at.start), Some(row.range.start));
        }
    }

    #[test]
    fn pages_carry_colours_over() {
        let text = format!("/*\n{}*/ null\n", "x\n".repeat(ROWS));
        let part = part(text.as_bytes(), text.len() as u64, Begin::default());
        assert_eq!((part.pages(), part.page_of(0), part.page_of(text.len() - 3)), (2, 0, 1));
        let rows = part.page(1, Lang::Json);
        let tokens: Vec<_> = rows.iter().map(|(_, spans)| spans.iter().map(|s| s.token).collect::<Vec<_>>()).collect();
        assert_eq!(tokens.len(), 2);
        assert_eq!(tokens[1].last(), Some(&lagvis::text::Token::Keyword));
    }
}
