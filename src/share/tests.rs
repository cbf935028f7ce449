//! What is written is read, and each bad field is dropped alone.

use std::ops::RangeInclusive;

use proptest::prelude::*;

use super::*;
use crate::protocol::{Change, EntryType, Filter, ModeTest, PatternKind, Search, SearchSpec, Show, Sort, SortBy};

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
    let path = Some("etc/a b&c=d#é\\x00".to_owned());
    let link = Link {
        reference: Some("ghcr.io/owner/app:1.2@sha256:ab".to_owned()),
        look: Look { layer: LayerChoice::One(2), path, ..Look::default() },
        ..Link::default()
    };
    let text = encode(&link);
    assert_eq!(text, "v=1&ref=ghcr.io/owner/app:1.2@sha256:ab&layer=2&path=etc/a%20b%26c%3Dd%23%C3%A9%5Cx00");
    assert_eq!(read(&text), (link, Vec::new()));
}

#[test]
fn each_bad_field_is_dropped_alone() {
    let (link, problems) = read("v=1&ref=busybox&layer=x&tab=zz&sort=up&path=%zz&ref=other&platform=&new=1&image=q");
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

#[test]
fn a_link_is_never_too_long_to_be_read() {
    let turned = |count: u32| (0..count).map(|nth| format!("a/folder/of/some/length/{nth}")).collect();
    let look = |turned, path: String| Look { turned, path: Some(path), tab: Tab::Space, ..Look::default() };
    let link = |look| Link { reference: Some("busybox".to_owned()), look, ..Link::default() };
    for (written, read) in [
        (look(turned(10), "etc".to_owned()), look(turned(10), "etc".to_owned())),
        (look(turned(1000), "etc".to_owned()), look(Vec::new(), "etc".to_owned())),
        (look(turned(1000), "ä".repeat(4000)), Look { tab: Tab::Space, ..Look::default() }),
    ] {
        let (back, problems) = decode(&encode(&link(written))).unwrap();
        assert_eq!((back, problems), (link(read), Vec::new()));
    }
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
    let look = link.look;
    assert_eq!((look.show, look.search.text.as_str(), look.search.kind), (Show::Changes, "a b", PatternKind::Text));
    assert_eq!(read("depth=all").0.look.depth, u32::MAX);
}

#[test]
fn a_repository_and_what_is_looked_at_in_it() {
    let link = Link {
        repository: Some("ghcr.io/owner/app".to_owned()),
        look: Look {
            tab: Tab::Registry,
            part: Part::Tags,
            registry: RegistryLook {
                tags: "1.2 slim".to_owned(),
                item: Some(Digest::of(b"x")),
                with: Some("1.3".to_owned()),
            },
            ..Look::default()
        },
        ..Link::default()
    };
    let text = encode(&link);
    assert!(text.starts_with("v=1&repo=ghcr.io/owner/app&tab=registry&part=tags&tags=1.2%20slim&item=sha256:"));
    assert_eq!(read(&text), (link, Vec::new()));
    let (link, problems) = read("repo=&item=x&with=-no");
    assert_eq!((link, problems.len()), (Link::default(), 3));
    assert_eq!(read(&format!("with={}", Digest::of(b"x"))).1, []);
}

#[test]
fn a_file_and_what_is_looked_at_in_it() {
    let text = "v=1&path=etc/motd&version=2&compare=0..2&as=hex&at=4096&mark=4100..4104&find=a%20b&nth=1&large=1&panel=0\
                &pane=detail&turned=etc//usr/lib&contents=x&in=any-case,every-layer";
    let (link, problems) = read(text);
    assert_eq!((encode(&link).as_str(), problems), (text, Vec::new()));
    assert_eq!(link.look.file.mark, Some((4_100, 4)));
    let bad = "version=x&compare=1&as=q&at=-1&mark=4..4&nth=x&large=2&panel=x&pane=x&turned=a////b&in=x";
    let (link, problems) = read(bad);
    assert_eq!((link, problems.len()), (Link::default(), bad.split('&').count()), "each alone");
}

#[test]
fn the_panel_is_about_what_was_chosen_last() {
    let about = |fragment: &str| read(fragment).0.look.about();
    assert_eq!([about(""), about("layer=2"), about("layer=2&path=a")], [Panel::Image, Panel::Layer(2), Panel::Entry]);
    assert_eq!([about("layer=2&panel=image"), about("path=a&panel=2")], [Panel::Image, Panel::Layer(2)]);
}

#[test]
fn a_pattern_that_cannot_be_read_is_named() {
    let (link, problems) = read("filter=(a&kind=regex&depth=x&mode=9&size=a..&owner=a&type=q&set=x&change=q&only=q");
    assert_eq!(link, Link::default());
    assert!(problems.iter().any(|problem| problem.detail.contains("not closed")), "{problems:?}");
    assert_eq!(problems.len(), 9, "{problems:?}");
}

/// Not by a regular expression: those need proptest's `std`, which wasm32 has not.
fn text(length: RangeInclusive<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), length).prop_map(String::from_iter)
}

fn files() -> impl Strategy<Value = FileLook> {
    let places = (any::<Option<u64>>(), proptest::option::of((any::<u32>().prop_map(u64::from), 1_u64..1 << 40)));
    let versions = (any::<Option<u32>>(), any::<Option<(u32, u32)>>(), any::<bool>());
    let way = proptest::option::of(prop::sample::select(&Way::ALL[..]));
    (versions, way, places, text(0..=10), any::<u32>(), any::<bool>()).prop_map(
        |((version, compared, digest), way, (at, mark), find, nth, large)| FileLook {
            version,
            compared,
            digest: digest.then(|| Digest::of(b"file")),
            way,
            at,
            mark,
            find,
            nth,
            large,
        },
    )
}

fn panels() -> impl Strategy<Value = Option<Panel>> {
    prop_oneof![
        Just(None),
        Just(Some(Panel::Image)),
        Just(Some(Panel::Entry)),
        any::<u32>().prop_map(|layer| Some(Panel::Layer(layer))),
    ]
}

fn contents() -> impl Strategy<Value = SearchSpec> {
    (text(0..=10), any::<[bool; 3]>()).prop_map(|(text, [hex, any_case, every_layer])| SearchSpec {
        text,
        hex,
        any_case,
        every_layer,
    })
}

fn looks() -> impl Strategy<Value = Look> {
    let folders = prop::sample::subsequence(vec!["usr", "usr/lib", "a,b/c d", "é\\x00", "etc"], 0..=5);
    let shows = prop::sample::select(&[Show::All, Show::Changes, Show::Alone][..]);
    let tree = (choices(), shows, text(0..=20), filters(), sorts(), any::<u32>(), folders);
    let places = (proptest::option::of(text(1..=20)), files(), panels(), 0..Pane::ALL.len());
    let views = (0..Tab::ALL.len(), 0..Part::ALL.len(), text(0..=20), any::<bool>(), any::<u32>(), contents());
    (tree, places, views).prop_map(
        |(
            (layer, show, search, filter, sort, depth, folders),
            (path, file, panel, pane),
            (tab, part, folder, by_change, base, contents),
        )| Look {
            layer,
            show,
            search: Search { kind: PatternKind::Text, text: search },
            filter,
            sort,
            depth,
            turned: folders.into_iter().map(str::to_owned).collect(),
            path,
            file,
            panel,
            pane: Pane::ALL[pane],
            tab: Tab::ALL[tab],
            part: Part::ALL[part],
            space: SpaceLook { folder, by_change, base },
            contents,
            registry: RegistryLook::default(),
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(look in looks()) {
        let (image, platform) = (Some(Digest::of(b"x")), Platform::parse("linux/arm64/v8").ok());
        let link = Link { reference: Some("busybox".to_owned()), image, platform, look, ..Link::default() };
        prop_assert_eq!(read(&encode(&link)), (link, Vec::new()));
    }

    #[test]
    fn nothing_makes_it_panic(fragment in text(0..=40)) {
        let _ = decode(&fragment);
    }
}
