//! View state ⇄ the fragment of a link. Pure text: the address bar itself is the page's business.
//!
//! A link names the version it was written for. Old versions stay readable for good: each has a module that reads its
//! own fields; a link of a newer version is refused, since half of it could mislead. Depends on [`crate::image`],
//! [`crate::problem`] and the tree's view in [`crate::protocol`].

mod escape;
mod filter;
mod v1;

use std::num::IntErrorKind;

use crate::{
    image::{Digest, Platform},
    problem::{Problem, ProblemKind},
    protocol::{Filter, Search, Show, Sort},
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
    /// How much of the tree.
    pub show: Show,
    /// The selected path, as in `--files`.
    pub path: Option<String>,
    /// The tab.
    pub tab: Tab,
    /// The part of it.
    pub part: Part,
    /// What paths are searched for.
    pub search: Search,
    /// What entries must be like.
    pub filter: Filter,
    /// Order of the tree.
    pub sort: Sort,
    /// How deep folders are open, [`u32::MAX`] for all.
    pub depth: u32,
    /// What of the space is looked at.
    pub space: SpaceLook,
    /// A repository to be browsed, without an image.
    pub repository: Option<String>,
    /// What of the registry is looked at.
    pub registry: RegistryLook,
}

/// What of the registry is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryLook {
    /// What tags are searched for.
    pub tags: String,
    /// What a digest names, being read.
    pub item: Option<Digest>,
    /// The tag or digest that the image is compared with.
    pub with: Option<String>,
}

/// What of an image's space is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpaceLook {
    /// The folder of the treemap, as in `--files`; empty: the root.
    pub folder: String,
    /// Colours say what changed, not which layer.
    pub by_change: bool,
    /// So many layers are the base image.
    pub base: u32,
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
    /// Where the bytes are.
    Space,
    /// The search in contents.
    Search,
    /// The chain of checks.
    Checks,
    /// How a container of it runs, and its history.
    Config,
    /// What the registry tells: tags, platforms, referrers.
    Registry,
}

impl Tab {
    /// All, in order.
    pub const ALL: [Self; 6] = [Self::Files, Self::Space, Self::Search, Self::Checks, Self::Config, Self::Registry];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Space => "space",
            Self::Search => "search",
            Self::Checks => "checks",
            Self::Config => "config",
            Self::Registry => "registry",
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
    /// The repository's tags.
    Tags,
    /// The image beside another of its repository.
    Compare,
}

impl Part {
    /// All.
    pub const ALL: [Self; 9] = [
        Self::Main,
        Self::Dockerfile,
        Self::Index,
        Self::Manifest,
        Self::Config,
        Self::Redo,
        Self::Log,
        Self::Tags,
        Self::Compare,
    ];

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
            Self::Tags => "tags",
            Self::Compare => "compare",
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
    use crate::protocol::{Change, EntryType, ModeTest, PatternKind, SortBy};

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
        (prop::sample::select(&SortBy::ALL[..]), any::<bool>()).prop_map(|(by, descending)| Sort { by, descending })
    }

    fn filters() -> impl Strategy<Value = Filter> {
        let list = |most: usize| prop::collection::vec(any::<prop::sample::Index>(), 0..most);
        let sizes = (any::<Option<u64>>(), any::<Option<u64>>());
        let modes = prop::collection::vec((0..3_u8, 0..=0o7777_u16), 0..3);
        let ids = (any::<Option<u32>>(), any::<Option<u32>>());
        (list(4), list(7), prop::collection::vec(any::<u32>(), 0..3), sizes, ids, modes).prop_map(
            |(changes, types, layers, (min_size, max_size), (uid, gid), modes)| Filter {
                changes: changes.iter().map(|index| *index.get(&Change::ALL)).collect(),
                types: types.iter().map(|index| *index.get(&EntryType::ALL)).collect(),
                layers,
                min_size,
                max_size,
                uid,
                gid,
                modes: modes
                    .into_iter()
                    .map(|(kind, mask)| [ModeTest::All, ModeTest::Any, ModeTest::Exactly][usize::from(kind)](mask))
                    .collect(),
            },
        )
    }

    #[test]
    fn filters_stay_readable_and_older_links_too() {
        let text = "v=1&layer=2&only=alone&filter=*.so&kind=glob&change=added,removed&type=file&size=1000..&set=0,2&owner=0:5&mode=-4000,/111&sort=-mode&depth=2";
        let (link, problems) = read(text);
        assert_eq!((encode(&link).as_str(), problems), (text, Vec::new()));
        let (link, problems) = read("v=1&layer=1&only=1&filter=a%20b&sort=-size");
        assert_eq!(problems, []);
        assert_eq!((link.show, link.search.text.as_str(), link.search.kind), (Show::Changes, "a b", PatternKind::Text));
        assert_eq!(read("depth=all").0.depth, u32::MAX);
    }

    #[test]
    fn a_repository_and_what_is_looked_at_in_it() {
        let link = Link {
            repository: Some("ghcr.io/owner/app".to_owned()),
            tab: Tab::Registry,
            part: Part::Tags,
            registry: RegistryLook {
                tags: "1.2 slim".to_owned(),
                item: Some(Digest::of(b"x")),
                with: Some("1.3".to_owned()),
            },
            ..Link::default()
        };
        let text = encode(&link);
        assert!(text.starts_with("v=1&tab=registry&part=tags&repo=ghcr.io/owner/app&tags=1.2%20slim&item=sha256:"));
        assert_eq!(read(&text), (link, Vec::new()));
        let (link, problems) = read("repo=&item=x&with=-no");
        assert_eq!((link, problems.len()), (Link::default(), 3));
        assert_eq!(read(&format!("with={}", Digest::of(b"x"))).1, []);
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_named() {
        let (link, problems) =
            read("filter=(a&kind=regex&depth=x&mode=9&size=a..&owner=a&type=q&set=x&change=q&only=q");
        assert_eq!(link, Link::default());
        assert!(problems.iter().any(|problem| problem.detail.contains("not closed")), "{problems:?}");
        assert_eq!(problems.len(), 9, "{problems:?}");
    }

    /// Not by a regular expression: those need proptest's `std`, which wasm32 has not.
    fn text(length: RangeInclusive<usize>) -> impl Strategy<Value = String> {
        proptest::collection::vec(any::<char>(), length).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            path in proptest::option::of(text(1..=20)), search in text(0..=20), layer in choices(), sort in sorts(),
            show in prop::sample::select(&[Show::All, Show::Changes, Show::Alone][..]), tab in 0..Tab::ALL.len(),
            filter in filters(), depth: u32, part in 0..Part::ALL.len(), folder in text(0..=20), by_change: bool, base: u32,
        ) {
            let link = Link {
                reference: Some("busybox".to_owned()), path, filter, layer, sort, show, depth, tab: Tab::ALL[tab],
                part: Part::ALL[part],
                search: Search { kind: PatternKind::Text, text: search },
                space: SpaceLook { folder, by_change, base },
                image: Some(Digest::of(b"x")), platform: Platform::parse("linux/arm64/v8").ok(),
                ..Link::default()
            };
            prop_assert_eq!(read(&encode(&link)), (link, Vec::new()));
        }

        #[test]
        fn nothing_makes_it_panic(fragment in text(0..=40)) {
            let _ = decode(&fragment);
        }
    }
}
