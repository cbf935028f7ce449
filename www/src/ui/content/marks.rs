//! A row of text in pieces: its colours, and what was found in it.

use std::ops::Range;

use lagvis::text::{Row, Span, Token};

/// A piece of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its colour.
    pub token: Token,
    /// The number of the place that was found here.
    pub found: Option<usize>,
}

/// The pieces of a row. `spans` are those of its whole line, `places` ascend over the text.
pub fn pieces(row: &Row, spans: &[Span], places: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut next = places.partition_point(|place| place.end <= row.range.start);
    for span in spans {
        let (mut at, end) =
            ((row.whole.start + span.start).max(row.range.start), (row.whole.start + span.end).min(row.range.end));
        while at < end {
            let place = places.get(next).filter(|place| place.start < end);
            let (to, found) = match place {
                Some(place) if place.start > at => (place.start, None),
                Some(place) => (place.end.min(end), Some(next)),
                None => (end, None),
            };
            pieces.push(Piece { range: at..to, token: span.token, found });
            if place.is_some_and(|place| place.end <= to) {
                next += 1;
            }
            at = to;
        }
    }
    pieces
}

/// The class of a colour.
pub fn class(token: Token) -> Option<&'static str> {
    match token {
        Token::Plain => None,
        Token::Comment => Some("t-comment"),
        Token::String => Some("t-string"),
        Token::Number => Some("t-number"),
        Token::Keyword => Some("t-keyword"),
        Token::Key => Some("t-key"),
        Token::Variable => Some("t-variable"),
        Token::Section => Some("t-section"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_places_cut_each_other() {
        let row = Row { line: 1, whole: 10..20, range: 10..20 };
        let span = |start, end, token| Span { start, end, token };
        let spans = [span(0, 4, Token::Key), span(4, 10, Token::Plain)];
        let pieces = pieces(&row, &spans, &[1..3, 8..11, 12..16, 19..25]);
        let short: Vec<_> = pieces.iter().map(|p| (p.range.clone(), p.token, p.found)).collect();
        assert_eq!(
            short,
            [
                (10..11, Token::Key, Some(1)),
                (11..12, Token::Key, None),
                (12..14, Token::Key, Some(2)),
                (14..16, Token::Plain, Some(2)),
                (16..19, Token::Plain, None),
                (19..20, Token::Plain, Some(3)),
            ]
        );
    }
}
