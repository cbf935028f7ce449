//! Patterns by tables; globs against a naive matcher, expressions against the `regex` crate.

use proptest::prelude::*;

use super::*;

fn found(kind: PatternKind, pattern: &str, text: &str) -> bool {
    Pattern::parse(kind, pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).is_match(text)
}

#[test]
fn texts_are_found_in_any_case() {
    for (pattern, text, expected) in [
        ("bash", "bash", true),
        ("BaSh", "my-bashrc", true),
        ("bash", "bas", false),
        (".*", "a.b", false),
        ("é", "CAFÉ", true),
        ("aab", "aaab", true),
        ("ss", "ß", false),
    ] {
        assert_eq!(found(PatternKind::Text, pattern, text), expected, "{pattern} in {text}");
    }
    let of_path = |pattern| Pattern::parse(PatternKind::Text, pattern).unwrap().of_path();
    assert!(of_path("etc/") && !of_path("etc"));
}

#[test]
fn globs() {
    for (pattern, text, expected) in [
        ("*.so", "libc.so", true),
        ("*.so", "libc.so.6", false),
        ("*.so*", "libc.SO.6", true),
        ("?", "é", true),
        ("[a-c]x", "bx", true),
        ("[!a-c]x", "bx", false),
        ("[^a-c]x", "zx", true),
        ("[]]", "]", true),
        ("[a-]", "-", true),
        ("{a,b{c,d}}.txt", "bd.txt", true),
        ("{a,b}.txt", "c.txt", false),
        ("{,x}y", "y", true),
        ("a,b", "a,b", true),
        (r"\*", "*", true),
        (r"\*", "a", false),
        ("*", "anything", true),
        ("etc/*", "/etc/passwd", true),
        ("/etc/*", "/etc/passwd", true),
        ("etc/*", "/etc/ssl/certs", false),
        ("etc/**", "/etc/ssl/certs", true),
        ("etc/**", "/etc", false),
        ("etc/", "/etc", true),
        ("**/certs", "/etc/ssl/certs", true),
        ("**/etc", "/etc", true),
        ("usr/**/bin", "/usr/bin", true),
        ("usr/**/bin", "/usr/local/bin", true),
        ("usr/**/bin", "/usrlocal/bin", false),
        ("usr/[!x]/bin", "/usr///bin", false),
        ("{etc,usr/lib}/os-release", "/usr/lib/os-release", true),
        ("{etc/**,x}", "/etc/a/b", true),
    ] {
        assert_eq!(found(PatternKind::Glob, pattern, text), expected, "{pattern} on {text}");
    }
}

#[test]
fn expressions() {
    for (pattern, text, expected) in [
        (r"\.so(\.\d+)*$", "/lib/libc.so.6", true),
        (r"\.so(\.\d+)*$", "/lib/libc.so.x", false),
        ("^/etc/", "/etc/passwd", true),
        ("^etc", "/etc", false),
        ("a|b|", "zzz", true),
        (r"\bssh\b", "/usr/bin/ssh", true),
        (r"\bssh\b", "/usr/bin/sshd", false),
        (r"ss\Bh", "ssh", true),
        ("(?-i)SSH", "ssh", false),
        ("(?-i:S)SH", "Ssh", true),
        ("a{2,3}$", "aa", true),
        ("^a{2,3}$", "aaaa", false),
        (r"^[^\d/]+$", "abc", true),
        (r"[\w-]+@", "a-b@", true),
        (r"\x2fetc\x{2f}", "/etc/", true),
        ("(?<name>a)(?P<b>c)", "AC", true),
        ("^.$", "é", true),
        ("", "", true),
    ] {
        assert_eq!(found(PatternKind::Regex, pattern, text), expected, "{pattern} in {text}");
    }
}

#[test]
fn what_is_wrong_is_said_and_where() {
    for (kind, pattern, at, why) in [
        (PatternKind::Glob, "a[b", 1, "“[” is not closed"),
        (PatternKind::Glob, "x/[b", 2, "“[” is not closed"),
        (PatternKind::Glob, "{a,b", 0, "“{” is not closed"),
        (PatternKind::Glob, "a}", 1, "without its “{”"),
        (PatternKind::Glob, "[z-a]", 4, "wrong way round"),
        (PatternKind::Glob, "a\\", 2, "missing after"),
        (PatternKind::Regex, "(a", 0, "“(” is not closed"),
        (PatternKind::Regex, "a)", 1, "closes nothing"),
        (PatternKind::Regex, "*a", 0, "nothing that “*” could repeat"),
        (PatternKind::Regex, "a**", 2, "nothing that “*” could repeat"),
        (PatternKind::Regex, "a{x", 1, "begins a count"),
        (PatternKind::Regex, "a{3,2}", 1, "wrong way round"),
        (PatternKind::Regex, "[a", 0, "“[” is not closed"),
        (PatternKind::Regex, "[[:alpha:]]", 1, "named classes"),
        (PatternKind::Regex, "(?=a)", 3, "linear time"),
        (PatternKind::Regex, r"(a)\1", 4, "linear time"),
        (PatternKind::Regex, r"\q", 1, "not known"),
        (PatternKind::Regex, "(?x)a", 3, "only i"),
        (PatternKind::Regex, "(a{1000}){1000}", 0, "repeats too much"),
    ] {
        let error = Pattern::parse(kind, pattern).unwrap_err();
        assert!(error.at == at && error.why.contains(why), "{pattern}: {error:?}");
    }
    let deep = "(".repeat(200) + &")".repeat(200);
    assert!(Pattern::parse(PatternKind::Regex, &deep).unwrap_err().why.contains("too deep"));
    assert!(Pattern::parse(PatternKind::Glob, &"{".repeat(200)).unwrap_err().why.contains("too deep"));
    assert!(Pattern::parse(PatternKind::Text, &"a".repeat(1_001)).unwrap_err().why.contains("1000 characters"));
}

#[test]
fn states_that_are_forgotten_are_made_anew() {
    // It has 2^14 states, on a text that reaches thousands of them.
    let pattern = Pattern::parse(PatternKind::Regex, "^[ab]*a[ab]{13}c").unwrap();
    let mut random = 1_u32;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        if random & 1 == 0 { 'a' } else { 'b' }
    };
    let text: String = (0..30_000).map(|_| next()).collect();
    let mut matcher = Matcher::new(&pattern);
    let start = matcher.start();
    let begun = matcher.run(start, &text);
    assert!(!matcher.knows(start) && matcher.knows(begun));
    let end = matcher.run(begun, "abbbbbbbbbbbbbc");
    assert!(matcher.accepts(end));
    let begun = matcher.start();
    assert!(matcher.knows(begun) && !matcher.accepts(begun));
    let end = matcher.run(begun, "abbbbbbbbbbbbbc");
    assert!(matcher.accepts(end));
}

/// A naive matcher of globs without braces.
fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['/', '*', '*'] => whole(text),
        ['/', '*', '*', '/', ..] => {
            (0..=text.len()).any(|n| (n == 0 || whole(&text[..n])) && glob(&pattern[3..], &text[n..]))
        }
        ['*', rest @ ..] => (0..=text.len()).take_while(|n| !text[..*n].contains(&'/')).any(|n| glob(rest, &text[n..])),
        ['?', rest @ ..] => text.first().is_some_and(|c| *c != '/') && glob(rest, &text[1..]),
        ['[', '!', c, ']', rest @ ..] => text.first().is_some_and(|t| t != c && *t != '/') && glob(rest, &text[1..]),
        ['[', c, ']', rest @ ..] => text.first() == Some(c) && *c != '/' && glob(rest, &text[1..]),
        [c, rest @ ..] => text.first() == Some(c) && glob(rest, &text[1..]),
    }
}

/// Whether a text is `/name/name…`.
fn whole(text: &[char]) -> bool {
    text.first() == Some(&'/') && text[1..].split(|c| *c == '/').all(|name| !name.is_empty())
}

fn any_of(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(words), 0..most).prop_map(|words| words.concat())
}

/// Parts of expressions that both engines read alike.
fn expressions_of() -> impl Strategy<Value = String> {
    let atoms = prop::sample::select(
        &[
            "a", "b", "/", "é", ".", "[ab]", "[^a]", r"\d", r"\w", r"\W", r"\s", "^", "$", r"\b", r"\B", "[a-c/]", "",
            r"\.",
        ][..],
    );
    atoms.prop_map(str::to_owned).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join("|"))),
            (inner.clone(), prop::sample::select(&["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"][..]))
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
            inner.prop_map(|part| format!("(?-i:{part})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn expressions_find_what_another_engine_finds(
        pattern in expressions_of(), text in any_of(&["a", "b", "A", "/", "é", "É", "1", "_", " ", ".", "c"], 9),
    ) {
        // Classes and edges of words are ASCII here; `é` is no part of them in either.
        let ascii = pattern.replace(r"\d", "[0-9]").replace(r"\w", "[0-9A-Za-z_]").replace(r"\W", "[^0-9A-Za-z_]")
            .replace(r"\s", r"[\t-\r ]").replace(r"\b", r"(?-u:\b)").replace(r"\B", r"(?:(?-u:\B))");
        // Without its tables the other engine takes no ASCII edge that could split a character.
        prop_assume!(!pattern.contains(r"\B") || text.is_ascii());
        let Ok(oracle) = ::regex::RegexBuilder::new(&format!("(?s){ascii}")).case_insensitive(true).build() else {
            return Err(TestCaseError::reject("the other engine refuses it"));
        };
        prop_assert_eq!(found(PatternKind::Regex, &pattern, &text), oracle.is_match(&text), "{} in {:?}", pattern, text);
    }

    #[test]
    fn globs_match_what_a_naive_matcher_matches(
        pattern in any_of(&["a", "b", "/", "*", "?", "/**", "[a]", "[!b]"], 7), text in any_of(&["a", "b", "/", "ab"], 7),
    ) {
        // A path has no empty names.
        let path: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
        let of_path = pattern.contains('/');
        let text = if of_path { format!("/{}", path.join("/")) } else { path.concat() };
        let mut naive: Vec<char> = pattern.chars().collect();
        if of_path && naive.first() != Some(&'/') { naive.insert(0, '/'); }
        if naive.len() > 1 && naive.last() == Some(&'/') { naive.pop(); }
        let text_chars: Vec<char> = text.chars().collect();
        prop_assert_eq!(found(PatternKind::Glob, &pattern, &text), glob(&naive, &text_chars), "{} on {}", pattern, text);
    }

    #[test]
    fn a_text_is_found_where_it_is(pattern in any_of(&["a", "b", "."], 4), text in any_of(&["a", "B", "."], 8)) {
        let expected = text.to_lowercase().contains(&pattern.to_lowercase());
        prop_assert_eq!(found(PatternKind::Text, &pattern, &text), expected);
    }

    #[test]
    fn nothing_makes_it_panic(pattern in prop::collection::vec(any::<char>(), 0..20), odd in any_of(&["(", "[", "{", "\\", "?", "*", "^", "-", "]", "a", "}", ",", "/", "1"], 16)) {
        for text in [String::from_iter(pattern), odd] {
            for kind in PatternKind::ALL {
                if let Ok(pattern) = Pattern::parse(kind, &text) {
                    _ = pattern.is_match(&text);
                }
            }
        }
    }
}
