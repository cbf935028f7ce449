//! The language of a text, by its name or its first line.

use serde::{Deserialize, Serialize};

/// A language whose text is coloured, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    /// No language that is known.
    #[default]
    Plain,
    /// Shells.
    Shell,
    /// JSON, also with comments.
    Json,
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
    /// INI, desktop entries, systemd units, properties.
    Ini,
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Dockerfile.
    Dockerfile,
    /// nginx's configuration.
    Nginx,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 10] = [
        Self::Plain,
        Self::Shell,
        Self::Json,
        Self::Yaml,
        Self::Toml,
        Self::Ini,
        Self::Python,
        Self::JavaScript,
        Self::Dockerfile,
        Self::Nginx,
    ];

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Plain => "Text",
            Self::Shell => "Shell script",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Ini => "INI",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::Dockerfile => "Dockerfile",
            Self::Nginx => "nginx configuration",
        }
    }
}

const ENDINGS: &[(&str, Lang)] = &[
    ("sh", Lang::Shell),
    ("bash", Lang::Shell),
    ("zsh", Lang::Shell),
    ("ash", Lang::Shell),
    ("ebuild", Lang::Shell),
    ("json", Lang::Json),
    ("jsonc", Lang::Json),
    ("map", Lang::Json),
    ("webmanifest", Lang::Json),
    ("yaml", Lang::Yaml),
    ("yml", Lang::Yaml),
    ("toml", Lang::Toml),
    ("ini", Lang::Ini),
    ("cfg", Lang::Ini),
    ("cnf", Lang::Ini),
    ("conf", Lang::Ini),
    ("properties", Lang::Ini),
    ("desktop", Lang::Ini),
    ("service", Lang::Ini),
    ("socket", Lang::Ini),
    ("target", Lang::Ini),
    ("timer", Lang::Ini),
    ("mount", Lang::Ini),
    ("env", Lang::Ini),
    ("py", Lang::Python),
    ("pyi", Lang::Python),
    ("js", Lang::JavaScript),
    ("mjs", Lang::JavaScript),
    ("cjs", Lang::JavaScript),
    ("jsx", Lang::JavaScript),
    ("ts", Lang::JavaScript),
    ("tsx", Lang::JavaScript),
    ("dockerfile", Lang::Dockerfile),
    ("containerfile", Lang::Dockerfile),
];

const NAMES: &[(&str, Lang)] = &[
    (".bashrc", Lang::Shell),
    (".profile", Lang::Shell),
    (".bash_profile", Lang::Shell),
    (".bash_logout", Lang::Shell),
    (".zshrc", Lang::Shell),
    ("bash.bashrc", Lang::Shell),
    ("profile", Lang::Shell),
    ("os-release", Lang::Ini),
    ("cargo.lock", Lang::Toml),
    ("poetry.lock", Lang::Toml),
    ("pipfile", Lang::Toml),
    (".editorconfig", Lang::Ini),
    (".gitconfig", Lang::Ini),
    (".npmrc", Lang::Ini),
    ("composer.lock", Lang::Json),
    ("dockerfile", Lang::Dockerfile),
    ("containerfile", Lang::Dockerfile),
    ("nginx.conf", Lang::Nginx),
    ("mime.types", Lang::Nginx),
    ("fastcgi_params", Lang::Nginx),
    ("fastcgi.conf", Lang::Nginx),
];

/// Folders whose `.conf` files are nginx's.
const NGINX: [&str; 3] = ["nginx/", "sites-available/", "sites-enabled/"];

/// The language of a file, by its path and first bytes.
///
/// ```
/// use lagvis::text::{Lang, language};
/// assert_eq!(language(b"etc/nginx/conf.d/default.conf", b""), Lang::Nginx);
/// assert_eq!(language(b"usr/bin/tool", b"#!/usr/bin/env python3\n"), Lang::Python);
/// ```
pub fn language(path: &[u8], head: &[u8]) -> Lang {
    let path = String::from_utf8_lossy(path).to_ascii_lowercase();
    let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
    if let Some((_, lang)) = NAMES.iter().find(|(known, _)| *known == name) {
        return *lang;
    }
    if name.starts_with("dockerfile.") || name.starts_with("containerfile.") {
        return Lang::Dockerfile;
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let folder = format!("{folder}/");
    if matches!(ending, Some("conf") | None) && NGINX.iter().any(|part| folder.contains(part)) {
        return Lang::Nginx;
    }
    let by_ending = ending.and_then(|ending| ENDINGS.iter().find(|(known, _)| *known == ending));
    by_ending.map(|(_, lang)| *lang).or_else(|| shebang(head)).unwrap_or_default()
}

/// The program of a `#!` line; with `env`, the program that it runs.
fn shebang(head: &[u8]) -> Option<Lang> {
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let programs = line.split_ascii_whitespace().filter(|word| !word.starts_with('-') && !word.contains('='));
    let program = programs.map(|word| word.rsplit('/').next().unwrap_or(word)).find(|program| *program != "env")?;
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match program {
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "busybox" | "openrc-run" => Some(Lang::Shell),
        "python" | "pypy" => Some(Lang::Python),
        "node" | "nodejs" | "deno" | "bun" => Some(Lang::JavaScript),
        _ => None,
    }
}
