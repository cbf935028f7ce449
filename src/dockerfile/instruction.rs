//! One step of the history: `created_by` without the shell and the markers that builders put around it.

/// The instructions of a Dockerfile.
const WORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// A step as a Dockerfile has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instruction {
    /// The word in capitals; empty for a step that no Dockerfile made (other builders write what they like).
    pub word: String,
    /// What follows it, as recorded. Without a word, the whole text.
    pub rest: String,
    /// Build arguments, `NAME=value`, that a RUN was given, as recorded: values with blanks cannot be told apart.
    pub args: String,
}

impl Instruction {
    /// On one line, blanks as one.
    pub fn line(&self) -> String {
        let rest = self.rest.split_whitespace().collect::<Vec<_>>().join(" ");
        match (self.word.as_str(), rest.as_str()) {
            ("", rest) => rest.to_owned(),
            (word, "") => word.to_owned(),
            (word, rest) => format!("{word} {rest}"),
        }
    }
}

/// Reads the text of a step. These shapes are known:
///
/// | builder | text |
/// |---|---|
/// | docker, classic | `/bin/sh -c apt-get update`, `/bin/sh -c #(nop)  CMD ["sh"]`, `\|1 V=1 /bin/sh -c make` |
/// | BuildKit | `RUN /bin/sh -c apt-get update # buildkit`, `RUN \|1 V=1 /bin/sh -c make # buildkit`, `COPY a /b # buildkit` |
/// | any | another shell by SHELL: `/bin/bash -o pipefail -c` |
pub fn instruction(created_by: &str) -> Instruction {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").map_or(text, str::trim_end);
    let (word, rest) = split_word(text);
    if word == "RUN" {
        let (args, rest) = split_args(rest);
        return Instruction { word: "RUN".into(), rest: without_shell(rest).unwrap_or(rest).into(), args: args.into() };
    }
    if !word.is_empty() {
        return Instruction { word: word.into(), rest: rest.into(), args: String::new() };
    }
    let (args, command) = split_args(text);
    let Some(command) = without_shell(command) else {
        // Classic RUN in exec form looks like any other builder's words; with build arguments it must be one.
        let word = if args.is_empty() { "" } else { "RUN" };
        return Instruction { word: word.into(), rest: command.into(), args: args.into() };
    };
    match command.trim_start().strip_prefix("#(nop)") {
        Some(nop) => {
            let (word, rest) = split_word(nop.trim());
            Instruction { word: word.into(), rest: rest.into(), args: String::new() }
        }
        None => Instruction { word: "RUN".into(), rest: command.into(), args: args.into() },
    }
}

/// The instruction's word and what follows; no word when the text begins with none.
fn split_word(text: &str) -> (&str, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if WORDS.contains(&word) { (word, rest.trim_start()) } else { ("", text) }
}

/// `|2 A=1 B=2 /bin/sh -c …` → the arguments and the rest.
fn split_args(text: &str) -> (&str, &str) {
    let Some(after) = text.strip_prefix('|') else { return ("", text) };
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, args) = after.split_at(digits);
    let Ok(count) = count.parse::<usize>() else { return ("", text) };
    // Values may hold blanks and even shells: the first shell after the arguments' count of words is the command's.
    let mut at = 0;
    for (index, word) in words(args) {
        let passed = args.get(..index).map_or(0, |before| before.split_whitespace().count());
        if passed >= count && args.get(index..).is_some_and(|rest| without_shell(rest).is_some()) {
            return (args.get(..index).unwrap_or_default().trim(), args.get(index..).unwrap_or_default());
        }
        if passed < count {
            at = index + word.len();
        }
    }
    (args.get(..at).unwrap_or_default().trim(), args.get(at..).unwrap_or_default().trim_start())
}

/// The words of a text with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(|c: char| !c.is_whitespace())?;
        let word = text.get(start..)?;
        let word = word.split(char::is_whitespace).next()?;
        at = start + word.len();
        Some((start, word))
    })
}

/// The command of `/bin/sh -c COMMAND`, of any of the usual shells with any options.
fn without_shell(text: &str) -> Option<&str> {
    let mut words = words(text);
    let (_, program) = words.next()?;
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let is_command: fn(&str) -> bool = match name {
        "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh" => {
            |option| option.starts_with('-') && !option.starts_with("--") && option.ends_with('c')
        }
        "cmd" => |option| option.eq_ignore_ascii_case("/c"),
        "powershell" | "pwsh" => |option| option.eq_ignore_ascii_case("-command"),
        _ => return None,
    };
    let mut value = false;
    for (at, option) in words {
        if is_command(option) {
            return text.get(at + option.len()..).map(|rest| rest.strip_prefix(' ').unwrap_or(rest));
        }
        // `-o pipefail` takes a word.
        let is_option = option.starts_with('-') || (name == "cmd" && option.starts_with('/'));
        if !is_option && !value {
            return None;
        }
        value = is_option && option.ends_with('o') && !option.starts_with("--");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_as_a_dockerfile_has_them() {
        for (created_by, line, args) in [
            ("/bin/sh -c #(nop)  CMD [\"sh\"]", "CMD [\"sh\"]", ""),
            ("/bin/sh -c #(nop) ADD file:12ab in / ", "ADD file:12ab in /", ""),
            ("/bin/sh -c apt-get   update", "RUN apt-get update", ""),
            ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update", ""),
            ("RUN |1 V=1.2 /bin/sh -c make V=$V # buildkit", "RUN make V=$V", "V=1.2"),
            ("|2 A=1 B=two words /bin/sh -c make", "RUN make", "A=1 B=two words"),
            ("|0 /bin/sh -c make", "RUN make", ""),
            ("|1 A=1 make all", "RUN make all", "A=1"),
            ("RUN /bin/bash -o pipefail -c curl x | sh # buildkit", "RUN curl x | sh", ""),
            ("/bin/bash -euxo pipefail -c set", "RUN set", ""),
            ("/bin/ash -eo pipefail -c #(nop)  USER app", "USER app", ""),
            ("cmd /S /C dir", "RUN dir", ""),
            ("powershell -Command $x = 1", "RUN $x = 1", ""),
            ("RUN make install # buildkit", "RUN make install", ""),
            ("COPY app /srv/app # buildkit", "COPY app /srv/app", ""),
            ("bazel build //x", "bazel build //x", ""),
            ("sh", "sh", ""),
            ("/bin/sh script.sh -c", "/bin/sh script.sh -c", ""),
            ("|x /bin/sh -c y", "|x /bin/sh -c y", ""),
            ("|9", "", ""),
            ("", "", ""),
        ] {
            let read = instruction(created_by);
            assert_eq!((read.line().as_str(), read.args.as_str()), (line, args), "{created_by}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(parts in proptest::collection::vec(0..12_usize, 0..8), odd: char) {
            const PIECES: [&str; 12] =
                ["/bin/sh", " -c ", "#(nop) ", "|2 ", "A=1 ", "RUN ", "# buildkit", " ", "-o", "é", "cmd /c", "|"];
            let text: String = parts.iter().filter_map(|at| PIECES.get(*at).copied()).collect::<String>() + &odd.to_string();
            let _ = instruction(&text).line();
        }
    }
}
