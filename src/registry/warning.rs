//! What a registry would like to be read by a person: `Warning: 299 - "…"` (distribution-spec, "Warnings").

use super::via::HttpResponse;
use crate::image::display_name;

/// Most warnings of one answer, and most characters of one: a stranger's words.
const MOST: usize = 4;
const WORDS: usize = 300;

/// The warnings of an answer. Other codes than 299 are of caches, and of no use to a person.
pub fn warnings(response: &HttpResponse) -> Vec<String> {
    let mut found = Vec::new();
    let lines = response.headers.iter().filter(|(name, _)| name == "warning");
    lines.for_each(|(_, line)| read(line, &mut found));
    found.retain(|text| !text.is_empty());
    found
}

/// A line, which may hold several, with commas between; a quoted text may hold commas, and quotes after a backslash.
fn read(line: &str, found: &mut Vec<String>) {
    let mut rest = line;
    while let Some((head, quoted)) = rest.split_once('"') {
        let Some(end) = end_of_quoted(quoted) else { break };
        let (text, after) = quoted.split_at(end);
        if head.trim_start_matches([',', ' ']).starts_with("299 ") && found.len() < MOST {
            let text: String = text.replace("\\\"", "\"").replace("\\\\", "\\").chars().take(WORDS).collect();
            found.push(display_name(text.trim().as_bytes()));
        }
        rest = after.trim_start_matches('"');
    }
}

/// Where a quoted string ends.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices()
        .find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<String> {
        let headers = vec![("warning".to_owned(), line.to_owned())];
        warnings(&HttpResponse { headers, ..HttpResponse::default() })
    }

    #[test]
    fn texts_of_299_and_no_others() {
        assert_eq!(of(r#"299 - "this tag goes away""#), ["this tag goes away"]);
        assert_eq!(of(r#"299 - "one, and", 299 - "say \"two\"""#), ["one, and", "say \"two\""]);
        assert_eq!(of(r#"110 - "stale", 299 host "three" "Wed, 21 Oct 2015 07:28:00 GMT""#), ["three"]);
        assert_eq!(of("299 - \"\u{202e}turned\nline\"").len(), 1);
        for nothing in ["", "299", "299 -", "299 - \"no end", "299 - \"\"", "\"", "\"\"\"", "299 - \"a\\"] {
            assert!(of(nothing).is_empty(), "{nothing}");
        }
        let two = [r#"199 - "of a cache""#, r#"299 - "the second line""#];
        let headers = two.map(|line| ("warning".to_owned(), line.to_owned())).to_vec();
        assert_eq!(warnings(&HttpResponse { headers, ..HttpResponse::default() }), ["the second line"]);
        assert_eq!(of(&r#"299 - "many","#.repeat(50)).len(), MOST);
        assert!(of(&format!("299 - \"{}\"", "x".repeat(9_000)))[0].len() <= WORDS);
    }
}
