//! The merge, case by case, and against a naive model that keeps a map of paths.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;

use super::{Tree, View};
use crate::{
    image::Digest,
    layer::{LayerReader, LayerTable},
    opened::{LayerSpec, Place},
    protocol::{Change, LayerState, Show, ViewSpec},
};

/// A layer by lines: `path` is a file holding its own line's number, `path/` a directory, `a->b` a symbolic link,
/// `a=>b` a hard link, `path=text` a file with that content.
pub(super) fn tar(lines: &[&str]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for line in lines {
        let mut header = tar::Header::new_ustar();
        let (path, kind, link, content) = if let Some((path, target)) = line.split_once("->") {
            (path, tar::EntryType::Symlink, target, "")
        } else if let Some((path, target)) = line.split_once("=>") {
            (path, tar::EntryType::Link, target, "")
        } else if let Some((path, content)) = line.split_once('=') {
            (path, tar::EntryType::Regular, "", content)
        } else if line.ends_with('/') {
            (*line, tar::EntryType::Directory, "", "")
        } else {
            (*line, tar::EntryType::Regular, "", *line)
        };
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(if kind.is_dir() { 0o755 } else { 0o644 });
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(super) fn table(bytes: &[u8]) -> Arc<LayerTable> {
    let spec = LayerSpec { diff_id: Some(Digest::of(bytes)), ..LayerSpec::bare("layer", Place::Blob) };
    let mut reader = LayerReader::new(0, spec);
    reader.push(bytes);
    let outcome = reader.finish();
    assert_eq!(outcome.state, LayerState::Verified, "{:?}", outcome.problem);
    Arc::new(outcome.table.unwrap().join().unwrap())
}

fn merge(layers: &[&[&str]]) -> Tree {
    Tree::build(layers.iter().map(|lines| Some(table(&tar(lines)))).collect())
}

fn paths(tree: &Tree) -> Vec<String> {
    tree.files().map(|line| line.path).collect()
}

#[test]
fn rules_of_the_spec_and_what_peers_get_wrong() {
    for (name, layers, expected) in [
        ("whiteout deletes below", &[&["a", "b"][..], &[".wh.a"]][..], &["b"][..]),
        ("whiteout of a folder", &[&["d/", "d/x", "d/y/z"], &[".wh.d"]], &[]),
        ("file, then its whiteout in one layer: kept", &[&["a"], &["a=new", ".wh.a"]], &["a"]),
        ("whiteout, then the file: kept", &[&["a"], &[".wh.a", "a=new"]], &["a"]),
        ("whiteout, then a new folder: old children gone", &[&["d/old"], &[".wh.d", "d/", "d/new"]], &["d", "d/new"]),
        ("opaque hides lower children", &[&["d/old"], &["d/", "d/.wh..wh..opq", "d/new"]], &["d", "d/new"]),
        ("opaque last hides lower children only", &[&["d/old"], &["d/", "d/new", "d/.wh..wh..opq"]], &["d", "d/new"]),
        ("opaque at the root", &[&["a", "d/x"], &["b", ".wh..wh..opq"]], &["b"]),
        (".wh..wh..opqX is an ordinary whiteout", &[&["d/a", "d/.wh..opqX"], &["d/.wh..wh..opqX"]], &["d", "d/a"]),
        ("whiteouts in the lowest layer are no files", &[&[".wh.x", "a"]], &["a"]),
        ("whiteout of nothing", &[&["a"], &[".wh.nothere", "b"]], &["a", "b"]),
        ("a whiteout that is a folder", &[&["d/x"], &[".wh.d/"]], &[]),
        ("a bare whiteout is ignored", &[&["a"], &[".wh.", "b"]], &["a", "b"]),
        ("folder replaced by a file", &[&["d/x"], &["d=file"]], &["d"]),
        ("folder replaced by a link", &[&["d/x"], &["d->e"]], &["d"]),
        ("folder over a folder keeps children", &[&["d/x"], &["d/"]], &["d", "d/x"]),
        (
            "an explicit folder replaces a link",
            &[&["real/x", "lnk->real"], &["lnk/", "lnk/z"]],
            &["lnk", "lnk/z", "real", "real/x"],
        ),
        (
            "through a link of a lower layer",
            &[&["real/x", "lnk->real"], &["lnk/z"]],
            &["lnk", "real", "real/x", "real/z"],
        ),
        ("whiteout through a link", &[&["real/k", "lnk->real"], &["lnk/.wh.k"]], &["lnk", "real"]),
        (
            "an opaque folder over a link leaves the link's target alone",
            &[&["real/k", "lnk->real"], &["lnk/", "lnk/.wh..wh..opq"]],
            &["lnk", "real", "real/k"],
        ),
        ("through an absolute link", &[&["a/real/", "lnk->/a/real"], &["lnk/z"]], &["a", "a/real", "a/real/z", "lnk"]),
        ("a link that climbs out is held inside", &[&["d/", "lnk->../../d"], &["lnk/z"]], &["d", "d/z", "lnk"]),
        ("child of a file: the file becomes a folder", &[&["f"], &["f/x"]], &["f", "f/x"]),
        ("absolute and climbing names", &[&["/abs", "../../up"]], &["abs", "up"]),
        ("a hard link without its folder's entry", &[&["a", "d/b=>a"]], &["a", "d", "d/b"]),
        ("AUFS metadata is left out", &[&[".wh..wh.aufs", ".wh..wh.plnk/1.2=text", "f=>.wh..wh.plnk/1.2"]], &["f"]),
        ("a loop of links", &[&["a->b", "b->a"], &["a/x", "c"]], &["a", "b", "c"]),
    ] {
        assert_eq!(paths(&merge(layers)), expected, "{name}");
    }
}

#[test]
fn hard_links_keep_their_content() {
    let size = |tree: &Tree, path: &str| tree.files().find(|line| line.path == path).map(|line| line.size);
    let tree = merge(&[&["a=12345", "b=>a", "c=>b"], &["a=1"], &["d=>c"], &[".wh.b"]]);
    assert_eq!(size(&tree, "a"), Some(1), "overwritten");
    assert_eq!(size(&tree, "c"), Some(5), "a chain of links, its middle deleted");
    assert_eq!(size(&tree, "d"), Some(5), "across layers");
    let plnk = merge(&[&[".wh..wh.plnk/1.2=text", "f=>.wh..wh.plnk/1.2"]]);
    assert_eq!(size(&plnk, "f"), Some(4));
}

#[test]
fn folders_count_linked_content_once() {
    let tree = merge(&[&["x/a=12345", "x/b=>x/a", "y/c=>x/a", "y/d=7"]]);
    let mut view = View::new(&tree, ViewSpec::default(), std::iter::empty().collect());
    let rows = view.rows(&tree, 0, 10);
    let sizes: Vec<(String, u64)> = rows.into_iter().map(|row| (row.path, row.size)).collect();
    assert_eq!(sizes, [("x".to_owned(), 5), ("y".to_owned(), 6)]);
    assert_eq!(tree.layer_changes().iter().map(|layer| layer.contribution).sum::<u64>(), 6);
    let (row, _) = view.reveal(&tree, b"y/d").unwrap();
    assert_eq!(view.rows(&tree, row, 1).first().map(|row| row.path.as_str()), Some("y/d"));
}

#[test]
fn changes_are_told_from_reshipping() {
    let tree = merge(&[&["same=1", "other=1", "gone=1", "l->a"], &["same=1", "other=2", ".wh.gone", "new=1", "l->b"]]);
    let change = |path: &str| tree.change(tree.find(path.as_bytes()).unwrap(), 1, 1);
    assert_eq!(change("same"), Change::None);
    assert_eq!(change("other"), Change::Modified);
    assert_eq!(change("gone"), Change::Removed);
    assert_eq!(change("new"), Change::Added);
    assert_eq!(change("l"), Change::Modified, "a link that points elsewhere");
    let spec = ViewSpec { upto: Some(1), since: Some(1), show: Show::Changes, ..ViewSpec::default() };
    let view = View::new(&tree, spec, std::iter::empty().collect());
    let rows: Vec<String> = view.rows(&tree, 0, 10).into_iter().map(|row| row.path).collect();
    assert_eq!(rows, ["gone", "l", "new", "other"]);
    assert_eq!(view.changes(), [1, 2, 1]);
}

#[test]
fn warnings_name_who_differs() {
    let kinds = |layers: &[&[&str]]| merge(layers).warnings().iter().map(|w| w.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&[&["f"], &["f/x"]]), ["file-as-directory"]);
    assert_eq!(kinds(&[&["f=1", "f=2"]]), ["duplicate-path"]);
    assert_eq!(kinds(&[&["f=>nothing"]]), ["hardlink-target-missing"]);
    assert_eq!(kinds(&[&["a->b", "b->a"], &["a/x"]]), ["link-loop"]);
}

#[test]
fn many_warnings_of_a_kind_hide_no_other() {
    let links: Vec<String> = (0..300).map(|n| format!("l{n}=>f")).collect();
    let mut lines: Vec<&str> = links.iter().map(String::as_str).collect();
    lines.extend(["g=1", "g=2"]);
    let tree = merge(&[&["f"], &lines]);
    let count = |kind: &str| tree.warnings().iter().filter(|warning| warning.kind == kind).count();
    assert_eq!(count("hardlink-across-layers"), 41);
    assert_eq!(count("duplicate-path"), 1);
    assert_eq!(tree.warnings().last().unwrap().text, "260 more of this kind");
}

/// What one layer does, for the model: put a file, make a folder, delete, hide.
#[derive(Clone, Debug)]
enum Step {
    File(String, u8),
    Dir(String),
    Whiteout(String),
    Opaque(String),
}

fn step() -> impl Strategy<Value = Step> {
    let path = prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..4).prop_map(|parts| parts.join("/"));
    (path, 0u8..6, any::<u8>()).prop_map(|(path, kind, content)| match kind {
        0..=2 => Step::File(path, content % 4),
        3 => Step::Dir(path),
        4 => Step::Whiteout(path),
        _ => Step::Opaque(path),
    })
}

/// Each path once a layer, as the spec wants it, and no entry below a file of the same layer.
fn cleaned(steps: &[Step]) -> Vec<Step> {
    let mut seen: BTreeMap<String, bool> = BTreeMap::new();
    let mut kept = Vec::new();
    for step in steps {
        let (path, is_file) = match step {
            Step::File(path, _) => (path, true),
            Step::Dir(path) => (path, false),
            Step::Whiteout(_) | Step::Opaque(_) => {
                kept.push(step.clone());
                continue;
            }
        };
        let below = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
        let clash = seen
            .iter()
            .any(|(other, file)| other == path || (*file && below(other, path)) || (is_file && below(path, other)));
        if !clash {
            seen.insert(path.clone(), is_file);
            kept.push(step.clone());
        }
    }
    kept
}

/// The naive model: a map of paths, none for a folder.
fn apply(model: &mut BTreeMap<String, Option<u8>>, steps: &[Step]) {
    let drop_below = |model: &mut BTreeMap<String, Option<u8>>, path: &str| {
        model.retain(|other, _| !other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')));
    };
    for step in steps {
        if let Step::Opaque(path) = step {
            drop_below(model, path);
        }
    }
    for step in steps {
        if let Step::Whiteout(path) = step {
            drop_below(model, path);
            model.remove(path);
        }
    }
    for step in steps {
        let (path, content) = match step {
            Step::File(path, content) => (path, Some(*content)),
            Step::Dir(path) => (path, None),
            Step::Whiteout(_) | Step::Opaque(_) => continue,
        };
        for (at, _) in path.match_indices('/') {
            model.insert(path[..at].to_owned(), None);
        }
        if content.is_some() {
            drop_below(model, path);
        }
        model.insert(path.clone(), content);
    }
}

fn lines(steps: &[Step]) -> Vec<String> {
    let beside = |path: &str| match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/.wh.{name}"),
        None => format!(".wh.{path}"),
    };
    steps
        .iter()
        .map(|step| match step {
            Step::File(path, content) => format!("{path}={content}"),
            Step::Dir(path) => format!("{path}/"),
            Step::Whiteout(path) => beside(path),
            Step::Opaque(path) => format!("{path}/.wh..wh..opq"),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]
    #[test]
    fn merging_is_what_a_naive_model_does(stack in prop::collection::vec(prop::collection::vec(step(), 0..12), 1..6)) {
        let mut model = BTreeMap::new();
        let mut tables = Vec::new();
        for steps in &stack {
            let steps = cleaned(steps);
            apply(&mut model, &steps);
            let lines = lines(&steps);
            tables.push(Some(table(&tar(&lines.iter().map(String::as_str).collect::<Vec<_>>()))));
        }
        let tree = Tree::build(tables);
        let ours: Vec<(String, bool)> = tree.files().map(|line| (line.path, line.kind == "dir")).collect();
        let mut theirs: Vec<(String, bool)> = model.iter().map(|(path, content)| (path.clone(), content.is_none())).collect();
        theirs.sort();
        prop_assert_eq!(ours, theirs);
    }
}
