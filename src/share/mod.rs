//! View state ⇄ the fragment of a link. Pure text: the address bar itself is the page's business.
//!
//! A link names the version it was written for. Old versions stay readable for good: each has a module that reads its
//! own fields; a link of a newer version is refused, since half of it could mislead. Depends on [`crate::image`],
//! [`crate::problem`] and the sort order of [`crate::protocol`].

mod escape;
mod v1;

use std::num::IntErrorKind;

use crate::{
    image::{Digest, Platform},
    problem::{Problem, ProblemKind},
    protocol::Sort,
};

/// The version that [`encode`] writes.
pub const VERSION: u32 = 1;
/// Characters of a fragment: browsers and chat programs cut longer ones.
const LONGEST: usize = 8 << 10;

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Image of a registry.
    pub reference: Option<String>,
    /// Image ID of a file's image.
    pub image: Option<Digest>,
    /// Platform of the index.
    pub platform: Option<Platform>,
    /// Which layers.
    pub layer: LayerChoice,
    /// Only what they changed.
    pub changes_only: bool,
    /// The selected path, as in `--files`.
    pub path: Option<String>,
    /// The tab.
    pub tab: Tab,
    /// The part of it.
    pub part: Part,
    /// Filter of the tree.
    pub filter: String,
    /// Order of the tree.
    pub sort: Sort,
}

/// Which layers are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LayerChoice {
    /// All.
    #[default]
    All,
    /// Up to this one, its changes marked.
    One(u32),
    /// Up to `to`, the changes since `from` marked.
    Range {
        /// First marked layer.
        from: Option<u32>,
        /// Last layer.
        to: Option<u32>,
    },
}

/// The page's tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The tree.
    #[default]
    Files,
    /// The search in contents.
    Search,
    /// The chain of checks.
    Checks,
    /// How a container of it runs, and its history.
    Config,
}

impl Tab {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Files, Self::Search, Self::Checks, Self::Config];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Search => "search",
            Self::Checks => "checks",
            Self::Config => "config",
        }
    }
}

/// Parts of a tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The first.
    #[default]
    Main,
    /// The Dockerfile as the history gives it.
    Dockerfile,
    /// The index as it came.
    Index,
    /// The manifest as it came.
    Manifest,
    /// The config as it came.
    Config,
    /// The commands that redo the checks.
    Redo,
    /// The requests.
    Log,
}

impl Part {
    /// All.
    pub const ALL: [Self; 7] =
        [Self::Main, Self::Dockerfile, Self::Index, Self::Manifest, Self::Config, Self::Redo, Self::Log];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Dockerfile => "dockerfile",
            Self::Index => "index",
            Self::Manifest => "manifest",
            Self::Config => "config",
            Self::Redo => "redo",
            Self::Log => "log",
        }
    }
}

/// Writes a link's fragment, without `#`. Defaults are left out; a link that says nothing is empty.
pub fn encode(link: &Link) -> String {
    v1::encode(link)
}

/// Reads a fragment, without `#`. Each field that cannot be read is left out, with a problem that names it.
///
/// # Errors
/// [`ProblemKind::LinkNewer`] for a version after [`VERSION`], [`ProblemKind::LinkInvalid`] for more than 8 KiB.
pub fn decode(fragment: &str) -> Result<(Link, Vec<Problem>), Problem> {
    if fragment.len() > LONGEST {
        let detail = format!("it has {} characters, at most {LONGEST} are read", fragment.len());
        return Err(Problem::new(ProblemKind::LinkInvalid, "the link", detail));
    }
    let mut problems = Vec::new();
    let mut fields: Vec<(&str, String)> = Vec::new();
    for field in fragment.split('&').filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        match escape::decode(value) {
            _ if fields.iter().any(|(known, _)| *known == name) => {
                problems.push(bad(name, "it is there twice; the first one counts"));
            }
            Some(value) => fields.push((name, value)),
            None => problems.push(bad(name, "its percent-encoding cannot be read")),
        }
    }
    // A link typed by hand has no version: it is read as today's.
    let version = fields.iter().find(|(name, _)| *name == "v").map(|(_, value)| value.as_str());
    match version.map(str::parse::<u32>) {
        Some(Ok(version)) if version > VERSION => {
            return Err(newer(&version.to_string()));
        }
        // Too large for a number, but a version all the same.
        Some(Err(error)) if *error.kind() == IntErrorKind::PosOverflow => {
            return Err(newer(version.unwrap_or_default()));
        }
        Some(Err(_) | Ok(0)) => problems.push(bad("v", "it is no version")),
        Some(Ok(_)) | None => {}
    }
    let link = v1::decode(&fields, &mut problems);
    Ok((link, problems))
}

fn newer(version: &str) -> Problem {
    let version: String = version.chars().take(40).collect();
    let detail = format!("its version is {version}, this page reads up to {VERSION}");
    Problem::new(ProblemKind::LinkNewer, "the link", detail)
}

fn bad(name: &str, why: &str) -> Problem {
    let name: String = name.chars().take(40).collect();
    Problem::new(ProblemKind::LinkInvalid, format!("the link's field “{name}”"), why)
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use proptest::prelude::*;

    use super::*;
    use crate::protocol::SortBy;

    fn read(fragment: &str) -> (Link, Vec<Problem>) {
        decode(fragment).unwrap()
    }

    #[test]
    fn typed_by_hand() {
        let (link, problems) = read("ref=alpine:3.20");
        assert_eq!((link.reference.as_deref(), problems.len()), (Some("alpine:3.20"), 0));
        assert_eq!(read(""), (Link::default(), Vec::new()));
    }

    #[test]
    fn defaults_are_left_out_and_names_stay_readable() {
        assert_eq!(encode(&Link::default()), "");
        let link = Link {
            reference: Some("ghcr.io/owner/app:1.2@sha256:ab".to_owned()),
            layer: LayerChoice::One(2),
            path: Some("etc/a b&c=d#é\\x00".to_owned()),
            ..Link::default()
        };
        let text = encode(&link);
        assert_eq!(text, "v=1&ref=ghcr.io/owner/app:1.2@sha256:ab&layer=2&path=etc/a%20b%26c%3Dd%23%C3%A9%5Cx00");
        assert_eq!(read(&text), (link, Vec::new()));
    }

    #[test]
    fn each_bad_field_is_dropped_alone() {
        let (link, problems) =
            read("v=1&ref=busybox&layer=x&tab=zz&sort=up&path=%zz&ref=other&platform=&new=1&image=q");
        assert_eq!(link, Link { reference: Some("busybox".to_owned()), ..Link::default() });
        let named = |name: &str| problems.iter().filter(|problem| problem.place.contains(name)).count();
        for name in ["layer", "tab", "sort", "path", "ref", "platform", "image"] {
            assert_eq!(named(&format!("“{name}”")), 1, "{name}: {problems:?}");
        }
        assert_eq!(problems.len(), 7);
    }

    #[test]
    fn newer_and_overlong_links_are_refused() {
        assert_eq!(decode("v=2&ref=a").unwrap_err().kind, ProblemKind::LinkNewer);
        assert_eq!(decode("v=99999999999&ref=a").unwrap_err().kind, ProblemKind::LinkNewer);
        assert_eq!(decode(&"a".repeat(LONGEST + 1)).unwrap_err().kind, ProblemKind::LinkInvalid);
    }

    fn choices() -> impl Strategy<Value = LayerChoice> {
        prop_oneof![
            Just(LayerChoice::All),
            any::<u32>().prop_map(LayerChoice::One),
            (any::<Option<u32>>(), any::<Option<u32>>()).prop_map(|(from, to)| match (from, to) {
                (None, None) => LayerChoice::All,
                (from, to) => LayerChoice::Range { from, to },
            }),
        ]
    }

    fn sorts() -> impl Strategy<Value = Sort> {
        let by = prop_oneof![Just(SortBy::Name), Just(SortBy::Size), Just(SortBy::Time), Just(SortBy::Layer)];
        (by, any::<bool>()).prop_map(|(by, descending)| Sort { by, descending })
    }

    /// Not by a regular expression: those need proptest's `std`, which wasm32 has not.
    fn text(length: RangeInclusive<usize>) -> impl Strategy<Value = String> {
        proptest::collection::vec(any::<char>(), length).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            path in proptest::option::of(text(1..=20)), filter in text(0..=20), layer in choices(), sort in sorts(),
            changes_only: bool, tab in 0..3_usize, part in 0..7_usize,
        ) {
            let link = Link {
                reference: Some("busybox".to_owned()), path, filter, layer, sort, changes_only, tab: Tab::ALL[tab], part: Part::ALL[part],
                image: Some(Digest::of(b"x")), platform: Platform::parse("linux/arm64/v8").ok(),
            };
            prop_assert_eq!(read(&encode(&link)), (link, Vec::new()));
        }

        #[test]
        fn nothing_makes_it_panic(fragment in text(0..=40)) {
            let _ = decode(&fragment);
        }
    }
}
