//! Quoting for a POSIX shell (XCU 2.2).

/// One word of a command: as it is where no character means anything, else in single quotes. NUL, which no argument can
/// hold, is left out.
pub fn quote(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:=@%+,-".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\0', "").replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn only_what_needs_it_is_quoted() {
        for (word, quoted) in [
            ("", "''"),
            ("sha256:ab", "sha256:ab"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(rm -rf /)", "'$(rm -rf /)'"),
            ("~", "'~'"),
            ("a\nb", "'a\nb'"),
            ("é\0", "'é'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }
}
