//! The lists and pairs that builders write into the history in Go's own notation, turned back into a Dockerfile's.

/// `["a" "b"]` and `["a", "b"]` → the words; none when it is no such list.
pub(super) fn quoted_list(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
    let mut words = Vec::new();
    while !rest.is_empty() {
        let end = closing_quote(rest)?;
        let (word, after) = rest.split_at_checked(end + 1)?;
        words.push(serde_json::from_str(word).ok()?);
        rest = after.trim_start_matches([',', ' ']);
    }
    Some(words)
}

/// The place of the quote that ends the string at the text's beginning.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (at, c) {
            (0, '"') => {}
            (0, _) => return None,
            (_, '"') if !escaped => return Some(at),
            (_, c) => escaped = c == '\\' && !escaped,
        }
    }
    None
}

/// `[a b]` → the words, which hold no blanks.
pub(super) fn plain_list(text: &str) -> Option<Vec<String>> {
    let list = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    Some(list.split_whitespace().map(str::to_owned).collect())
}

/// `map[80/tcp:{} 443/tcp:{}]` → its keys.
pub(super) fn map_keys(text: &str) -> Option<Vec<String>> {
    let map = text.trim().strip_prefix("map[")?.strip_suffix(']')?;
    Some(map.split_whitespace().map(|pair| pair.strip_suffix(":{}").unwrap_or(pair).to_owned()).collect())
}

/// A list in exec form.
pub(super) fn exec_form(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| serde_json::to_string(word).unwrap_or_default()).collect();
    format!("[{}]", quoted.join(", "))
}

/// `A=x y B=z` → pairs. A value goes on to the next ` NAME=`; `known` pairs are believed first, as they are.
pub(super) fn pairs(text: &str, known: &[String]) -> Option<Vec<(String, String)>> {
    let mut rest = text.trim_start();
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=')?;
        if !is_name(name) {
            return None;
        }
        let is_whole = |pair: &&String| {
            rest.strip_prefix(pair.as_str()).is_some_and(|after| after.is_empty() || after.starts_with(' '))
        };
        let end = match known.iter().filter(is_whole).map(String::len).max() {
            Some(length) => length,
            None => name.len() + 1 + end_of_value(value),
        };
        let (pair, after) = rest.split_at_checked(end)?;
        pairs.push((name.to_owned(), pair.get(name.len() + 1..)?.to_owned()));
        rest = after.trim_start();
    }
    Some(pairs)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(&b))
}

fn end_of_value(value: &str) -> usize {
    let next = value.match_indices(' ').find(|(at, _)| {
        let after = value.get(at + 1..).unwrap_or_default();
        after.split_once('=').is_some_and(|(name, _)| is_name(name))
    });
    next.map_or(value.len(), |(at, _)| at)
}

/// A value so that a Dockerfile reads it as it is: `$` and quotes mean something there.
pub(super) fn quote_value(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:=@%+,-~?&".contains(&b);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    let mut out = String::from('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn lists_of_go_are_read() {
        let list = quoted_list(r#"["a" "b c" "say \"x\\\""]"#).unwrap();
        assert_eq!(list, owned(&["a", "b c", "say \"x\\\""]));
        assert_eq!(exec_form(&list), r#"["a", "b c", "say \"x\\\""]"#);
        assert_eq!(quoted_list(r#"["a", "b"]"#).unwrap(), owned(&["a", "b"]));
        assert_eq!(quoted_list("[]"), Some(Vec::new()));
        for bad in ["", "[", r#"["a]"#, "[a]", r#"["é"#] {
            assert_eq!(quoted_list(bad), None, "{bad}");
        }
        assert_eq!(plain_list("[/a /b]").unwrap(), owned(&["/a", "/b"]));
        assert_eq!(map_keys("map[443/tcp:{} 80/tcp:{}]").unwrap(), owned(&["443/tcp", "80/tcp"]));
    }

    #[test]
    fn values_with_blanks_are_told_apart() {
        let read = |text: &str, known: &[&str]| {
            let pairs = pairs(text, &owned(known))?;
            Some(pairs.into_iter().map(|(name, value)| format!("{name}={}", quote_value(&value))).collect::<Vec<_>>())
        };
        assert_eq!(read("A=1", &[]).unwrap(), ["A=1"]);
        assert_eq!(read("A=hello world B=x", &[]).unwrap(), ["A=\"hello world\"", "B=x"]);
        assert_eq!(read("A=x B=y C=1", &["A=x B=y"]).unwrap(), ["A=\"x B=y\"", "C=1"]);
        assert_eq!(read("A=$PATH", &[]).unwrap(), ["A=\"\\$PATH\""]);
        assert_eq!(read("A=", &[]).unwrap(), ["A=\"\""]);
        assert_eq!(read("A b", &[]), None);
    }
}
