//! What the languages are made of, as tables: the highlighter is one for all.

use super::lang::Lang;

/// A quoted text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// A backslash takes the next character along.
    pub(super) escape: bool,
    /// May go on over lines.
    pub(super) lines: bool,
}

const fn quote(open: &'static str, close: &'static str, escape: bool, lines: bool) -> Quote {
    Quote { open, close, escape, lines }
}

/// Where names of settings stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// Nowhere.
    None,
    /// A string before a colon.
    StringColon,
    /// At the beginning of a line, before a colon and a space; also in flow maps.
    Yaml,
    /// At the beginning of a line, before one of these.
    Line(&'static [u8]),
    /// A word with an equals sign right behind it.
    Assign,
    /// The first word of a statement is a directive.
    Statement,
    /// The first word of a line is an instruction.
    Instruction,
}

/// What a language is made of.
pub(super) struct Syntax {
    /// What begins a comment up to the line's end.
    pub(super) comments: &'static [&'static str],
    /// Comments, and quotes too, begin only at the beginning of a word.
    pub(super) at_word: bool,
    /// A comment over lines.
    pub(super) block: Option<(&'static str, &'static str)>,
    /// Strings; the first that fits counts.
    pub(super) quotes: &'static [Quote],
    /// Words with a meaning.
    pub(super) keywords: &'static [&'static str],
    pub(super) keys: Keys,
    /// `$name`.
    pub(super) variables: bool,
    /// `[section]` at the beginning of a line.
    pub(super) sections: bool,
    /// `<<END`.
    pub(super) heredocs: bool,
    /// `/…/`.
    pub(super) regexes: bool,
    /// `@decorator`.
    pub(super) decorators: bool,
}

impl Syntax {
    /// Whether nothing is coloured.
    pub(super) fn is_plain(&self) -> bool {
        self.comments.is_empty() && self.quotes.is_empty()
    }
}

const NOTHING: Syntax = Syntax {
    comments: &[],
    at_word: false,
    block: None,
    quotes: &[],
    keywords: &[],
    keys: Keys::None,
    variables: false,
    sections: false,
    heredocs: false,
    regexes: false,
    decorators: false,
};

static PLAIN: Syntax = NOTHING;

static SHELL: Syntax = Syntax {
    comments: &["#"],
    at_word: true,
    quotes: &[quote("\"", "\"", true, true), quote("'", "'", false, true), quote("`", "`", true, true)],
    keywords: &[
        "if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do", "done", "in",
        "function", "time", "return", "exit", "break", "continue", "export", "local", "readonly", "declare", "set",
        "unset", "shift", "trap", "exec", "eval", "source", "alias",
    ],
    keys: Keys::Assign,
    variables: true,
    heredocs: true,
    ..NOTHING
};

static JSON: Syntax = Syntax {
    comments: &["//"],
    block: Some(("/*", "*/")),
    quotes: &[quote("\"", "\"", true, false)],
    keywords: &["true", "false", "null"],
    keys: Keys::StringColon,
    ..NOTHING
};

static YAML: Syntax = Syntax {
    comments: &["#"],
    at_word: true,
    quotes: &[quote("\"", "\"", true, true), quote("'", "'", false, true)],
    keywords: &["true", "false", "null", "yes", "no", "on", "off", "True", "False", "Null", "~", "---", "..."],
    keys: Keys::Yaml,
    ..NOTHING
};

static TOML: Syntax = Syntax {
    comments: &["#"],
    quotes: &[
        quote("\"\"\"", "\"\"\"", true, true),
        quote("'''", "'''", false, true),
        quote("\"", "\"", true, false),
        quote("'", "'", false, false),
    ],
    keywords: &["true", "false", "inf", "nan"],
    keys: Keys::Line(b"="),
    sections: true,
    ..NOTHING
};

static INI: Syntax = Syntax {
    comments: &["#", ";"],
    at_word: true,
    quotes: &[quote("\"", "\"", true, false)],
    keywords: &["true", "false", "yes", "no", "on", "off", "True", "False"],
    keys: Keys::Line(b"=:"),
    sections: true,
    ..NOTHING
};

static PYTHON: Syntax = Syntax {
    comments: &["#"],
    quotes: &[
        quote("\"\"\"", "\"\"\"", true, true),
        quote("'''", "'''", true, true),
        quote("\"", "\"", true, false),
        quote("'", "'", true, false),
    ],
    keywords: &[
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match",
        "nonlocal", "not", "or", "pass", "raise", "return", "self", "try", "while", "with", "yield",
    ],
    decorators: true,
    ..NOTHING
};

static JAVASCRIPT: Syntax = Syntax {
    comments: &["//", "#!"],
    block: Some(("/*", "*/")),
    quotes: &[quote("\"", "\"", true, false), quote("'", "'", true, false), quote("`", "`", true, true)],
    keywords: &[
        "async",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "from",
        "function",
        "if",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "of",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "type",
        "typeof",
        "undefined",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ],
    regexes: true,
    decorators: true,
    ..NOTHING
};

static DOCKERFILE: Syntax = Syntax {
    comments: &["#"],
    at_word: true,
    quotes: &[quote("\"", "\"", true, false), quote("'", "'", false, false)],
    keywords: &["AS", "as"],
    keys: Keys::Instruction,
    variables: true,
    heredocs: true,
    ..NOTHING
};

static NGINX: Syntax = Syntax {
    comments: &["#"],
    at_word: true,
    quotes: &[quote("\"", "\"", true, true), quote("'", "'", true, true)],
    keywords: &["on", "off", "default"],
    keys: Keys::Statement,
    variables: true,
    ..NOTHING
};

pub(super) fn syntax(lang: Lang) -> &'static Syntax {
    match lang {
        Lang::Plain => &PLAIN,
        Lang::Shell => &SHELL,
        Lang::Json => &JSON,
        Lang::Yaml => &YAML,
        Lang::Toml => &TOML,
        Lang::Ini => &INI,
        Lang::Python => &PYTHON,
        Lang::JavaScript => &JAVASCRIPT,
        Lang::Dockerfile => &DOCKERFILE,
        Lang::Nginx => &NGINX,
    }
}
