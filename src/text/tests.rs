//! Tables for each language, and what holds for every text.

use proptest::prelude::*;

use super::*;

/// The line's tokens that are not plain, with their text.
fn tokens(lang: Lang, text: &str) -> Vec<(Token, String)> {
    let mut highlighter = Highlighter::new(lang);
    let mut all = Vec::new();
    for line in text.lines() {
        let spans = highlighter.line(line);
        all.extend(
            spans.iter().filter(|s| s.token != Token::Plain).map(|s| (s.token, line[s.start..s.end].to_owned())),
        );
    }
    all
}

#[test]
fn languages_are_coloured() {
    use Token::{Comment, Key, Keyword, Number, Section, String, Variable};
    type Case<'a> = (Lang, &'a str, &'a [(Token, &'a str)]);
    let table: &[Case<'_>] = &[
        (
            Lang::Shell,
            "# a\nif [ $x = 'b c' ]; then",
            &[(Comment, "# a"), (Keyword, "if"), (Variable, "$x"), (String, "'b c'"), (Keyword, "then")],
        ),
        (
            Lang::Shell,
            "A=1 echo a#b ${C:-d} # e",
            &[(Key, "A"), (Number, "1"), (Variable, "${C:-d}"), (Comment, "# e")],
        ),
        (
            Lang::Shell,
            "cat <<-'E'\na $b\n\tE\nfi",
            &[(Keyword, "<<-'E'"), (String, "a $b"), (Keyword, "\tE"), (Keyword, "fi")],
        ),
        (Lang::Shell, "x=\"a\nb\" do", &[(Key, "x"), (String, "\"a"), (String, "b\""), (Keyword, "do")]),
        (Lang::Shell, "echo it\\'s $# $(ls) $1", &[(Variable, "$#"), (Variable, "$1")]),
        (
            Lang::Json,
            r#"{"a": "b\"", "c" : [1.5e3, true]}"#,
            &[(Key, "\"a\""), (String, r#""b\"""#), (Key, "\"c\""), (Number, "1.5e3"), (Keyword, "true")],
        ),
        (
            Lang::Json,
            "/* a\nb */ null // c",
            &[(Comment, "/* a"), (Comment, "b */"), (Keyword, "null"), (Comment, "// c")],
        ),
        (
            Lang::Yaml,
            "a: 1 # c\n- b: don't\n  \"q\": 'r'",
            &[(Key, "a"), (Number, "1"), (Comment, "# c"), (Key, "b"), (Key, "\"q\""), (String, "'r'")],
        ),
        (
            Lang::Yaml,
            "run: |\n  if a: b\n\n  c\nd: true",
            &[(Key, "run"), (String, "  if a: b"), (String, "  c"), (Key, "d"), (Keyword, "true")],
        ),
        (Lang::Yaml, "image: http://a:80/b", &[(Key, "image"), (Number, "80")]),
        (
            Lang::Toml,
            "[a.b]\nc-d = \"e\" # f\ng = 2024-01-02",
            &[
                (Section, "[a.b]"),
                (Key, "c-d"),
                (String, "\"e\""),
                (Comment, "# f"),
                (Key, "g"),
                (Number, "2024-01-02"),
            ],
        ),
        (
            Lang::Toml,
            "a = '''\nb = 1\n'''\nc = false",
            &[(Key, "a"), (String, "'''"), (String, "b = 1"), (String, "'''"), (Key, "c"), (Keyword, "false")],
        ),
        (
            Lang::Ini,
            "; c\n[Unit]\nAfter = don't\nurl: x",
            &[(Comment, "; c"), (Section, "[Unit]"), (Key, "After"), (Key, "url")],
        ),
        (
            Lang::Python,
            "@a.b\ndef f(x): # c\n  return '''d\ne''' + 0x1f",
            &[
                (Keyword, "@a.b"),
                (Keyword, "def"),
                (Comment, "# c"),
                (Keyword, "return"),
                (String, "'''d"),
                (String, "e'''"),
                (Number, "0x1f"),
            ],
        ),
        (
            Lang::JavaScript,
            "const a = /[/'\"]/g; b = `c\n${d}` / 2; // e",
            &[
                (Keyword, "const"),
                (String, "/[/'\"]/g"),
                (String, "`c"),
                (String, "${d}`"),
                (Number, "2"),
                (Comment, "// e"),
            ],
        ),
        (
            Lang::Dockerfile,
            "FROM a:1 AS b\nRUN echo \\\n  FROM $c\nENV X=1",
            &[
                (Keyword, "FROM"),
                (Number, "1"),
                (Keyword, "AS"),
                (Keyword, "RUN"),
                (Variable, "$c"),
                (Keyword, "ENV"),
                (Key, "X"),
                (Number, "1"),
            ],
        ),
        (
            Lang::Nginx,
            "server {\n  listen 80; # c\n  return 301\n    $scheme;\n}",
            &[
                (Keyword, "server"),
                (Keyword, "listen"),
                (Number, "80"),
                (Comment, "# c"),
                (Keyword, "return"),
                (Number, "301"),
                (Variable, "$scheme"),
            ],
        ),
        (Lang::Plain, "if \"a\" # b 1", &[]),
    ];
    for (lang, text, expected) in table {
        let expected: Vec<_> = expected.iter().map(|(token, text)| (*token, (*text).to_owned())).collect();
        assert_eq!(tokens(*lang, text), expected, "{lang:?}: {text}");
    }
}

#[test]
fn languages_are_told_by_name_and_first_line() {
    for (path, head, expected) in [
        ("etc/passwd", "", Lang::Plain),
        ("a/x.SH", "", Lang::Shell),
        ("usr/bin/x", "#!/bin/sh -e\n", Lang::Shell),
        ("usr/bin/x", "#!/usr/bin/env -S node\n", Lang::JavaScript),
        ("usr/bin/x", "#! /usr/bin/python3.11\n", Lang::Python),
        ("usr/bin/x", "#!/usr/bin/perl\n", Lang::Plain),
        ("Dockerfile.dev", "", Lang::Dockerfile),
        ("etc/nginx/sites-enabled/default", "", Lang::Nginx),
        ("etc/os-release", "", Lang::Ini),
        ("a.yml", "", Lang::Yaml),
        ("Cargo.lock", "", Lang::Toml),
        ("a.json", "#!/bin/sh", Lang::Json),
    ] {
        assert_eq!(language(path.as_bytes(), head.as_bytes()), expected, "{path}");
    }
}

#[test]
fn text_is_told_from_other_bytes() {
    assert!(is_text("caf\u{e9}\n".as_bytes(), false));
    assert!(is_text(&"\u{20ac}".as_bytes()[..2], false), "cut inside a character");
    assert!(is_text(&"\u{20ac}a".as_bytes()[1..], true), "begun inside a character");
    assert!(!is_text(b"\x7fELF\x02\x01\x01\x00", false));
    assert!(!is_text(b"\xff\xfe", false));
}

#[test]
fn nothing_turns_the_page_around() {
    assert_eq!(clean("a\u{202e}b\x07\r\nc".as_bytes()), "a\u{fffd}b\u{fffd}\nc");
}

#[test]
fn rows_are_lines_and_long_lines_are_several() {
    let text = format!("a\n\n{}\nb", "\u{e9}".repeat(1_500));
    let rows = rows(&text);
    let lines: Vec<_> = rows.iter().map(|row| (row.line, row.is_first())).collect();
    assert_eq!(lines, [(0, true), (1, true), (2, true), (2, false), (3, true)]);
    assert_eq!(&text[rows[4].range.clone()], "b");
    assert_eq!(super::rows("a\n").len(), 1);
}

#[test]
fn places_are_found() {
    assert_eq!(find("Abc aBC ab", "abc").places, [0..3, 4..7]);
    assert_eq!(find("aaa aa", "aa").places, [0..2, 4..6]);
    assert!(find("abc", "").places.is_empty());
    let many = find(&"a".repeat(20_000), "a");
    assert!(many.more && many.places.len() == 10_000);
}

/// What is looked at again and again for each of its bytes would take minutes here.
#[test]
fn long_lines_take_linear_time() {
    for part in ["=/[", "${", "<< ", "\"a\" ", "'", "- ", "a:", "/*", "\\", "$", "\u{e9}"] {
        let line = part.repeat(30_000);
        for lang in Lang::ALL {
            let spans = Highlighter::new(lang).line(&line);
            assert_eq!(spans.last().map(|span| span.end), Some(line.len()), "{lang:?} {part}");
        }
    }
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    let odd: Vec<char> = " \t#'\"`\\/*$@{}<>-:=|;,[]~abcE019_\u{e9}\u{20ac}\u{1f600}".chars().collect();
    let c = prop_oneof![9 => proptest::sample::select(odd), 1 => any::<char>().prop_filter("no line", |c| *c != '\n')];
    let line = proptest::collection::vec(c, 0..30).prop_map(|line| line.into_iter().collect());
    proptest::collection::vec(line, 0..12)
}

proptest! {
    /// Spans follow each other over the whole line, between characters.
    #[test]
    fn spans_cover_and_never_cross(lines in lines()) {
        for lang in Lang::ALL {
            let mut highlighter = Highlighter::new(lang);
            for line in &lines {
                let mut at = 0;
                for span in highlighter.line(line) {
                    prop_assert_eq!(span.start, at, "{:?} {:?}", lang, line);
                    prop_assert!(span.end > at && line.is_char_boundary(span.end), "{:?} {:?}", lang, line);
                    at = span.end;
                }
                prop_assert_eq!(at, line.len(), "{:?} {:?}", lang, line);
            }
        }
    }

    /// A highlighter that was set aside goes on where it was.
    #[test]
    fn where_a_text_is_cut_between_lines_does_not_matter(lines in lines(), cut in 0_usize..12) {
        for lang in Lang::ALL {
            let mut whole = Highlighter::new(lang);
            let all: Vec<_> = lines.iter().map(|line| whole.line(line)).collect();
            let (before, after) = lines.split_at(cut.min(lines.len()));
            let mut first = Highlighter::new(lang);
            let mut parts: Vec<_> = before.iter().map(|line| first.line(line)).collect();
            let mut second = first.clone();
            parts.extend(after.iter().map(|line| second.line(line)));
            prop_assert_eq!(all, parts);
        }
    }

    #[test]
    fn rows_give_the_whole_text(bytes in proptest::collection::vec(any::<u8>(), 0..6_000)) {
        let text = clean(&bytes);
        let joined: String = rows(&text).iter().map(|row| {
            let end = if row.range.end == row.whole.end && row.whole.end < text.len() { "\n" } else { "" };
            format!("{}{end}", &text[row.range.clone()])
        }).collect();
        prop_assert_eq!(joined, text);
    }
}
