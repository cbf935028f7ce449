//! Views by tables, and against a naive model that filters and sorts a list of paths.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    super::tests::{table, tar},
    *,
};
use crate::{
    pattern::{Pattern, PatternKind},
    protocol::{Change, EntryType, Filter, ModeTest, Search, Show, Sort, SortBy},
};

/// A file or folder of a made-up layer.
#[derive(Clone, Debug)]
struct Made {
    path: String,
    is_dir: bool,
    mode: u16,
    owner: (u32, u32),
    size: u64,
    mtime: u64,
}

fn file(path: &str, mode: u16, owner: (u32, u32), size: u64, mtime: u64) -> Made {
    Made { path: path.to_owned(), is_dir: false, mode, owner, size, mtime }
}

fn layer(made: &[Made]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for made in made {
        let mut header = ::tar::Header::new_ustar();
        header.set_entry_type(if made.is_dir { ::tar::EntryType::Directory } else { ::tar::EntryType::Regular });
        header.set_mode(made.mode.into());
        header.set_uid(made.owner.0.into());
        header.set_gid(made.owner.1.into());
        header.set_mtime(made.mtime);
        header.set_size(made.size);
        let content = vec![b'x'; usize::try_from(made.size).unwrap()];
        // Not by `append_data`: on wasm32 that takes a backslash for a slash.
        header.as_old_mut().name[..made.path.len()].copy_from_slice(made.path.as_bytes());
        header.set_cksum();
        builder.append(&header, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn tree(layers: &[Vec<u8>]) -> Tree {
    Tree::build(layers.iter().map(|bytes| Some(table(bytes))).collect())
}

fn paths(tree: &Tree, view: &View) -> Vec<String> {
    view.rows(tree, 0, view.len()).into_iter().map(|row| row.path).collect()
}

fn seen(tree: &Tree, spec: ViewSpec) -> Vec<String> {
    paths(tree, &View::new(tree, spec, NodeSet::default()))
}

fn sample() -> Tree {
    tree(&[
        layer(&[
            file("bin/su", 0o4755, (0, 0), 500, 30),
            file("bin/ls", 0o755, (0, 0), 100, 10),
            file("etc/passwd", 0o644, (0, 5), 20, 20),
            file("etc/ssl/Key.pem", 0o600, (7, 7), 5, 40),
            file("tmp/open", 0o666, (7, 5), 0, 50),
        ]),
        [
            tar(&["bin/link->su"]),
            layer(&[file("etc/passwd", 0o644, (0, 5), 20, 20), file("etc/new", 0o644, (0, 0), 1, 60)]),
        ]
        .iter()
        .map(|bytes| bytes.strip_suffix(&[0; 1024]).unwrap())
        .collect::<Vec<_>>()
        .concat()
        .into_iter()
        .chain([0; 1024])
        .collect(),
        tar(&["bin/.wh.ls"]),
    ])
}

#[test]
fn filters() {
    let tree = sample();
    let file = || vec![EntryType::File];
    let modes = |text: &str| Filter { modes: vec![ModeTest::parse(text).unwrap()], types: file(), ..Filter::default() };
    for (filter, expected) in [
        (Filter { types: vec![EntryType::Symlink], ..Filter::default() }, &["bin", "bin/link"][..]),
        (Filter { types: file(), min_size: Some(20), ..Filter::default() }, &["bin", "bin/su", "etc", "etc/passwd"]),
        (Filter { types: file(), max_size: Some(0), ..Filter::default() }, &["tmp", "tmp/open"]),
        (Filter { min_size: Some(500), ..Filter::default() }, &["bin", "bin/su"]),
        (Filter { layers: vec![1], ..Filter::default() }, &["bin", "bin/link", "etc", "etc/new", "etc/passwd"]),
        (Filter { uid: Some(7), ..Filter::default() }, &["etc", "etc/ssl", "etc/ssl/Key.pem", "tmp", "tmp/open"]),
        (Filter { gid: Some(5), ..Filter::default() }, &["etc", "etc/passwd", "tmp", "tmp/open"]),
        (Filter { uid: Some(7), gid: Some(5), ..Filter::default() }, &["tmp", "tmp/open"]),
        (modes("-4000"), &["bin", "bin/su"]),
        (modes("-2"), &["tmp", "tmp/open"]),
        (modes("/111"), &["bin", "bin/su"]),
        (modes("600"), &["etc", "etc/ssl", "etc/ssl/Key.pem"]),
        // A link's 0777 is no mode of its own.
        (Filter { modes: vec![ModeTest::All(0o7)], ..Filter::default() }, &[]),
        (Filter { changes: vec![Change::Removed], ..Filter::default() }, &[]),
    ] {
        let spec = ViewSpec { filter: filter.clone(), ..ViewSpec::default() };
        assert_eq!(seen(&tree, spec), expected, "{filter:?}");
    }
    let changed = |change| ViewSpec {
        since: Some(1),
        filter: Filter { changes: vec![change], ..Filter::default() },
        ..ViewSpec::default()
    };
    assert_eq!(seen(&tree, changed(Change::Removed)), ["bin", "bin/ls"]);
    assert_eq!(seen(&tree, changed(Change::Added)), ["bin", "bin/link", "etc", "etc/new"]);
}

#[test]
fn searches() {
    let tree = sample();
    for (kind, text, expected) in [
        (PatternKind::Text, "key", &["etc", "etc/ssl", "etc/ssl/Key.pem"][..]),
        (PatternKind::Text, "etc/s", &["etc", "etc/ssl", "etc/ssl/Key.pem"]),
        (PatternKind::Text, "/bin", &["bin", "bin/link", "bin/su"]),
        (PatternKind::Glob, "*s*", &["bin", "bin/su", "etc", "etc/passwd", "etc/ssl"]),
        (PatternKind::Glob, "etc/*", &["etc", "etc/new", "etc/passwd", "etc/ssl"]),
        (PatternKind::Glob, "**/*.pem", &["etc", "etc/ssl", "etc/ssl/Key.pem"]),
        (PatternKind::Regex, "^/[be].*/[^/]{2}$", &["bin", "bin/su"]),
        (PatternKind::Regex, "(", &[]),
        (PatternKind::Text, "nowhere", &[]),
    ] {
        let spec = ViewSpec { search: Search { kind, text: text.to_owned() }, ..ViewSpec::default() };
        assert_eq!(seen(&tree, spec), expected, "{text}");
    }
}

#[test]
fn a_layer_alone_is_all_that_it_holds_and_deletes() {
    let tree = sample();
    let spec = |since, upto, show| ViewSpec {
        since: Some(since),
        upto: Some(upto),
        show,
        depth: u32::MAX,
        ..ViewSpec::default()
    };
    assert_eq!(seen(&tree, spec(1, 1, Show::Changes)), ["bin", "bin/link", "etc", "etc/new"]);
    let view = View::new(&tree, spec(1, 1, Show::Alone), NodeSet::default());
    assert_eq!(paths(&tree, &view), ["bin", "bin/link", "etc", "etc/new", "etc/passwd"], "shipped again counts");
    let sizes: Vec<u64> = view.rows(&tree, 0, 9).iter().map(|row| row.size).collect();
    assert_eq!(sizes, [0, 0, 21, 1, 20], "the folder's sum is of the layer's own");
    assert_eq!(seen(&tree, spec(2, 2, Show::Alone)), ["bin", "bin/ls"]);
    assert_eq!(seen(&tree, spec(1, 2, Show::Alone)), ["bin", "bin/link", "bin/ls", "etc", "etc/new", "etc/passwd"]);
    let all = ViewSpec { since: None, ..spec(0, 2, Show::Alone) };
    assert_eq!(seen(&tree, all).len(), 10, "without marked layers it is all");
}

#[test]
fn folders_open_by_depth_and_one_by_one() {
    let tree = sample();
    let node = |path: &str| tree.find(path.as_bytes()).unwrap();
    let depth = |depth| ViewSpec { depth, ..ViewSpec::default() };
    assert_eq!(seen(&tree, depth(0)), ["bin", "etc", "tmp"]);
    assert_eq!(seen(&tree, depth(1)).len(), 9);
    assert_eq!(seen(&tree, depth(u32::MAX)).len(), 10);
    let mut view = View::new(&tree, depth(0), NodeSet::default());
    view.expand(&tree, node("etc"), true, true);
    assert_eq!(paths(&tree, &view), ["bin", "etc", "etc/new", "etc/passwd", "etc/ssl", "etc/ssl/Key.pem", "tmp"]);
    view.expand(&tree, node("etc/ssl"), false, false);
    view.expand(&tree, node("etc"), false, false);
    assert_eq!(paths(&tree, &view), ["bin", "etc", "tmp"]);
    assert_eq!(view.reveal(&tree, b"etc/ssl/Key.pem"), Some((5, node("etc/ssl/Key.pem"))));
    // What was opened stays so in a search and after it, and a found folder can be closed.
    let search = Search { text: "pem".to_owned(), ..Search::default() };
    view.change(&tree, ViewSpec { search, ..depth(0) });
    assert_eq!((paths(&tree, &view).len(), view.found()), (3, 1));
    view.expand(&tree, node("etc/ssl"), false, false);
    assert_eq!(paths(&tree, &view), ["etc", "etc/ssl"]);
    view.change(&tree, depth(0));
    assert_eq!(paths(&tree, &view).len(), 7);
    let mut again = View::new(&tree, depth(0), view.into_turned());
    assert_eq!(paths(&tree, &again).len(), 7);
    again.change(&tree, depth(0));
    assert_eq!(paths(&tree, &again).len(), 3, "asked for anew");
    let mut closed = View::new(&tree, depth(9), NodeSet::default());
    closed.expand(&tree, node("etc"), false, false);
    assert_eq!(paths(&tree, &closed), ["bin", "bin/link", "bin/su", "etc", "tmp", "tmp/open"]);
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    let path = prop::collection::vec(prop::sample::select(&["a", "B", "c.so", "dé", "e\\"][..]), 1..4);
    let one = (
        path,
        prop::sample::select(&[0o644_u16, 0o755, 0o4755, 0o666, 0o1777][..]),
        0..2_u32,
        0..2_u32,
        0..4_u64,
        0..4_u64,
    );
    let one = one.prop_map(|(path, mode, uid, gid, size, mtime)| file(&path.join("/"), mode, (uid, gid), size, mtime));
    prop::collection::vec(one, 0..14).prop_map(|made| {
        // No path twice, and nothing below a file.
        let mut kept: Vec<Made> = Vec::new();
        for made in made {
            let below = |a: &str, b: &str| a == b || b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
            if !kept.iter().any(|other| below(&other.path, &made.path) || below(&made.path, &other.path)) {
                kept.push(made);
            }
        }
        kept
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let maybe = |most: u32| prop::option::weighted(0.3, 0..most);
    let types =
        prop::sample::select(vec![vec![], vec![EntryType::File], vec![EntryType::Dir], EntryType::ALL.to_vec()]);
    let modes = prop::sample::select(&["", "", "-4000", "/111", "644", "-2"][..]);
    (types, maybe(6), maybe(8), maybe(2), maybe(2), modes).prop_map(|(types, least, most, uid, gid, mode)| Filter {
        types,
        min_size: least.map(u64::from),
        max_size: most.map(u64::from),
        uid,
        gid,
        modes: ModeTest::parse(mode).into_iter().collect(),
        ..Filter::default()
    })
}

fn search() -> impl Strategy<Value = Search> {
    let of = |kind, texts: &'static [&'static str]| {
        prop::sample::select(texts).prop_map(move |text| Search { kind, text: text.to_owned() })
    };
    prop_oneof![
        Just(Search::default()),
        of(PatternKind::Text, &["a", "b", "a/b", "é", "e\\\\", "/", "É/A"]),
        of(PatternKind::Glob, &["*", "?", "a/*", "**/a", "a/**", "*.so", "{a,b}/*", "[!a]*"]),
        of(PatternKind::Regex, &["^/a", "b$", "a.*b", r"\.so\b", "^/[^/]+/[^/]+$", "é|c"]),
    ]
}

/// Name, mode, owner, size, time of every path, folders that no entry names included.
fn model(made: &[Made]) -> BTreeMap<String, Made> {
    let mut model = BTreeMap::new();
    for made in made {
        for (at, _) in made.path.match_indices('/') {
            let path = &made.path[..at];
            let folder = || Made { is_dir: true, ..file(path, 0o755, (0, 0), 0, 0) };
            model.entry(path.to_owned()).or_insert_with(folder).size += made.size;
        }
        model.insert(made.path.clone(), made.clone());
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn a_view_is_what_a_naive_model_shows(
        made in made(), search in search(), filter in filter(), by in prop::sample::select(&SortBy::ALL[..]), descending: bool,
        other in search(),
    ) {
        let tree = tree(&[layer(&made)]);
        let spec = ViewSpec { search, filter, sort: Sort { by, descending }, depth: u32::MAX, ..ViewSpec::default() };
        // Whatever was seen before.
        let before = ViewSpec { search: other, ..ViewSpec::default() };
        let mut view = View::new(&tree, before, NodeSet::default());
        view.change(&tree, spec.clone());

        let model = model(&made);
        let pattern = Pattern::parse(spec.search.kind, &spec.search.text).unwrap();
        let found: Vec<&String> = model.iter().filter(|(path, made)| {
            let shown = path.replace('\\', "\\\\");
            let text = if pattern.of_path() { format!("/{shown}") } else { shown.rsplit('/').next().unwrap().to_owned() };
            let kind = if made.is_dir { EntryType::Dir } else { EntryType::File };
            let f = &spec.filter;
            (spec.search.text.is_empty() || pattern.is_match(&text))
                && (f.types.is_empty() || f.types.contains(&kind))
                && f.min_size.is_none_or(|least| made.size >= least) && f.max_size.is_none_or(|most| made.size <= most)
                && f.uid.is_none_or(|uid| made.owner.0 == uid) && f.gid.is_none_or(|gid| made.owner.1 == gid)
                && f.modes.iter().all(|test| test.passes(made.mode))
        }).map(|(path, _)| path).collect();
        prop_assert_eq!(view.found() as usize, found.len());
        let mut shown: BTreeSet<&str> = BTreeSet::new();
        for path in found {
            shown.insert(path);
            shown.extend(path.match_indices('/').map(|(at, _)| &path[..at]));
        }
        // Each path by the keys of the folders above it and its own.
        let key = |path: &str| {
            let made = &model[path];
            let key = match by {
                SortBy::Name | SortBy::Layer => 0,
                SortBy::Size => made.size,
                SortBy::Mode => made.mode.into(),
                SortBy::Owner => u64::from(made.owner.0) << 32 | u64::from(made.owner.1),
                SortBy::Time => made.mtime,
            };
            if descending { u64::MAX - key } else { key }
        };
        let place = |path: &str| -> Vec<(u64, Vec<u8>)> {
            let turned = by == SortBy::Name && descending;
            let name = |path: &str| {
                // A name turned round: after those that it begins.
                let bytes = path.rsplit('/').next().unwrap().bytes();
                bytes.map(|b| if turned { 255 - b } else { b }).chain(turned.then_some(255)).collect()
            };
            let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
            ends.map(|end| (key(&path[..end]), name(&path[..end]))).collect()
        };
        let mut expected: Vec<_> = shown.iter().map(|path| place(path)).collect();
        expected.sort();
        let ours: Vec<_> = paths(&tree, &view).iter().map(|path| place(&path.replace("\\\\", "\\"))).collect();
        prop_assert_eq!(ours, expected, "{:?}", spec);
    }
}
