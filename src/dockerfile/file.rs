//! The Dockerfile, rebuilt from the history: as near as the config's own words come.

use super::{
    instruction::{Instruction, instruction},
    words::{exec_form, map_keys, pairs, plain_list, quote_value, quoted_list},
};
use crate::image::{Config, ContainerConfig, Healthcheck, steps};

/// Columns after which a RUN is broken over lines.
const WIDTH: usize = 88;

/// What the history gives of a Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// Its lines; an instruction over several lines is one of them.
    pub lines: Vec<Line>,
    /// What of the real one is not recorded, for people.
    pub limits: Vec<&'static str>,
}

/// An instruction or a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text, without a newline at its end.
    pub text: String,
    /// The layer that it made.
    pub layer: Option<usize>,
}

impl Dockerfile {
    /// The file's text.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.clone() + "\n").collect()
    }
}

/// Rebuilds the Dockerfile of a config with `layers` layers.
pub fn dockerfile(config: &Config, layers: usize) -> Dockerfile {
    let run = &config.config;
    let mut file = Dockerfile::default();
    let mut limit = |text: &'static str| {
        if !file.limits.contains(&text) {
            file.limits.push(text);
        }
    };
    limit(
        "FROM is not recorded: an image keeps its base's steps among its own, so all of them stand here, upon scratch.",
    );
    let mut lines = vec![comment(&base_of(run))];
    lines.push(Line { text: "FROM scratch".into(), layer: None });
    for step in steps(&config.history, layers) {
        let read = instruction(&step.history.created_by);
        if let Some(base) = step.history.comment.strip_prefix("FROM ") {
            lines.push(comment(&format!("From here on upon {}, says the builder.", one_line(base))));
        }
        if !read.args.is_empty() {
            limit("A RUN's build arguments are recorded as values; where their ARG stood is not.");
            lines.push(comment(&format!("with {}", one_line(&read.args))));
        }
        let text = match read.word.as_str() {
            "" if read.rest.is_empty() => "# a layer of which the history says nothing".to_owned(),
            "" => {
                limit("Some steps are another builder's words, or a RUN in exec form: they stand as comments.");
                format!("# {}", one_line(&read.rest))
            }
            "COPY" | "ADD" => {
                limit(
                    "What COPY and ADD took is not recorded: at most its name, or its hash, and not from which stage.",
                );
                format!("{} {}", read.word, copied(&read.rest))
            }
            "ARG" => {
                limit("An ARG is recorded with the value that was given, or its default.");
                read.line()
            }
            _ => rebuilt(&read, run),
        };
        lines.push(Line { text, layer: step.layer });
    }
    if lines.iter().any(|line| line.text.starts_with("RUN")) {
        limit("Line breaks, comments, mounts (--mount), heredocs and the stages before the last are not recorded.");
    }
    file.lines = lines;
    file
}

fn comment(text: &str) -> Line {
    Line { text: format!("# {text}"), layer: None }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn base_of(run: &ContainerConfig) -> String {
    match run.labels.get("org.opencontainers.image.base.name").filter(|name| !name.trim().is_empty()) {
        Some(name) => format!("The base is {} by the image's own label; its steps come first.", one_line(name)),
        None => "The base's steps come first; which image it was is not recorded.".to_owned(),
    }
}

/// `file:HASH in /app ` of the classic builder has a hash instead of the source.
fn copied(rest: &str) -> String {
    let rest = one_line(rest);
    match rest.rsplit_once(" in ") {
        Some((what, to)) if ["file:", "dir:", "multi:"].iter().any(|kind| what.contains(kind)) => {
            let (what, to) = (what.replace(' ', " , "), to.trim());
            format!("<{what}> {to}")
        }
        _ => rest,
    }
}

fn rebuilt(read: &Instruction, run: &ContainerConfig) -> String {
    let Instruction { word, rest, .. } = read;
    let text = match word.as_str() {
        "RUN" => return format!("RUN {}", broken(rest.trim())),
        "CMD" | "ENTRYPOINT" => quoted_list(rest).map(|words| exec_form(&words)),
        "SHELL" | "VOLUME" => quoted_list(rest).or_else(|| plain_list(rest)).map(|words| exec_form(&words)),
        "EXPOSE" => map_keys(rest).or_else(|| plain_list(rest)).map(|ports| ports.join(" ")),
        "ENV" | "LABEL" => {
            let labels: Vec<String> = run.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let known = if word == "ENV" { &run.env } else { &labels };
            pairs(rest, known).map(|pairs| {
                let quoted = pairs.iter().map(|(name, value)| format!("{name}={}", quote_value(value)));
                quoted.collect::<Vec<_>>().join(" ")
            })
        }
        "HEALTHCHECK" if rest.starts_with("&{") => Some(run.healthcheck.as_ref().map_or_else(String::new, health)),
        _ => None,
    };
    match text {
        Some(text) if !text.contains('\n') => format!("{word} {text}"),
        _ => read.line(),
    }
}

/// The options and command of a HEALTHCHECK, from the config, since the history has it as Go prints pointers.
fn health(check: &Healthcheck) -> String {
    let mut out = String::new();
    for (name, value) in super::health_options(check) {
        out.push_str(&format!("--{name}={value} "));
    }
    match check.test.split_first() {
        Some((kind, _)) if kind == "NONE" => "NONE".to_owned(),
        Some((kind, [command])) if kind == "CMD-SHELL" => format!("{out}CMD {}", one_line(command)),
        Some((kind, words)) if kind == "CMD" => format!("{out}CMD {}", exec_form(words)),
        _ => out.trim_end().to_owned(),
    }
}

/// Breaks a long command before `&&` and `||` and after `;` that stand outside quotes: the same to the shell.
fn broken(command: &str) -> String {
    if command.len() <= WIDTH || command.contains('\n') {
        return command.to_owned();
    }
    let mut out = String::with_capacity(command.len() + 64);
    let mut quote = None;
    let mut chars = command.char_indices().peekable();
    let rest = |at: usize| command.get(at..).unwrap_or_default();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None | Some('"'), '\\') => {
                out.push(c);
                out.extend(chars.next().map(|(_, next)| next));
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, c) if c.is_whitespace() => {
                let next = rest(at).trim_start();
                let before = out.trim_end();
                let is_break = next.starts_with("&& ") || next.starts_with("|| ");
                // A line that begins with # would be a comment of the Dockerfile.
                if is_break
                    || (before.ends_with(';')
                        && !before.ends_with(";;")
                        && !before.ends_with("\\;")
                        && !next.starts_with('#'))
                {
                    out.truncate(before.len());
                    out.push_str(" \\\n    ");
                    while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
                    continue;
                }
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::image::HistoryStep;

    fn of(steps: &[&str], run: ContainerConfig) -> Vec<String> {
        let history = steps
            .iter()
            .map(|by| HistoryStep { created_by: (*by).to_owned(), empty_layer: true, ..HistoryStep::default() })
            .collect();
        let file = dockerfile(&Config { history, config: run, ..Config::default() }, 0);
        file.lines.iter().skip(2).map(|line| line.text.clone()).collect()
    }

    #[test]
    fn each_instruction_is_one_again() {
        let env = vec!["A=x B=y".to_owned(), "PATH=/bin:$HOME".to_owned()];
        let healthcheck = Some(Healthcheck {
            test: vec!["CMD-SHELL".into(), "curl -f localhost || exit 1".into()],
            interval: 90_000_000_000,
            retries: 3,
            ..Healthcheck::default()
        });
        let run = ContainerConfig { env, healthcheck, ..ContainerConfig::default() };
        for (step, line) in [
            ("/bin/sh -c #(nop)  CMD [\"sh\" \"-c\" \"a\\\"b\"]", r#"CMD ["sh", "-c", "a\"b"]"#),
            ("ENTRYPOINT [\"/x\"]", r#"ENTRYPOINT ["/x"]"#),
            ("EXPOSE map[443/tcp:{} 80/tcp:{}]", "EXPOSE 443/tcp 80/tcp"),
            ("EXPOSE [53/udp]", "EXPOSE 53/udp"),
            ("/bin/sh -c #(nop)  EXPOSE 80", "EXPOSE 80"),
            ("VOLUME [/a /b]", r#"VOLUME ["/a", "/b"]"#),
            ("SHELL [/bin/bash -o pipefail -c]", r#"SHELL ["/bin/bash", "-o", "pipefail", "-c"]"#),
            ("ENV A=x B=y", "ENV A=\"x B=y\""),
            ("ENV PATH=/bin:$HOME", "ENV PATH=\"/bin:\\$HOME\""),
            ("ENV A=1 B=2", "ENV A=1 B=2"),
            ("LABEL a.b=c d", "LABEL a.b=\"c d\""),
            (
                "HEALTHCHECK &{[\"CMD-SHELL\" \"x\"] \"0s\" '\\x03'}",
                "HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f localhost || exit 1",
            ),
            ("/bin/sh -c #(nop) COPY file:12ab34 in /app ", "COPY <file:12ab34> /app"),
            ("COPY a b /srv/ # buildkit", "COPY a b /srv/"),
            ("USER app", "USER app"),
            ("bazel build", "# bazel build"),
        ] {
            assert_eq!(of(&[step], run.clone()), [line], "{step}");
        }
        assert_eq!(of(&["RUN |1 V=1 /bin/sh -c make # buildkit"], run), ["# with V=1", "RUN make"]);
    }

    #[test]
    fn long_commands_are_broken_where_it_changes_nothing() {
        let long = format!(
            "set -eux;  apt-get update && echo 'a && b; c' \"d && e\" && echo \\; x; {} || true",
            "y".repeat(60)
        );
        let text = broken(&long);
        assert_eq!(
            text,
            format!(
                "set -eux; \\\n    apt-get update \\\n    && echo 'a && b; c' \"d && e\" \\\n    && echo \\; x; \\\n    {} \\\n    || true",
                "y".repeat(60)
            )
        );
        let joined = one_line(&text.replace("\\\n", ""));
        assert_eq!(joined, one_line(&long));
        assert_eq!(broken("short && stays"), "short && stays");
    }

    #[test]
    fn it_says_what_it_cannot_know() {
        let labels = BTreeMap::from([("org.opencontainers.image.base.name".to_owned(), "alpine:3\nRUN x".to_owned())]);
        let config = Config { config: ContainerConfig { labels, ..Default::default() }, ..Config::default() };
        let file = dockerfile(&config, 1);
        assert!(file.text().starts_with("# The base is alpine:3 RUN x by"), "{}", file.text());
        assert_eq!(file.lines.last().map(|line| line.layer), Some(Some(0)), "a layer without history has its line");
        assert!(file.limits.iter().any(|limit| limit.contains("FROM")));
    }
}
