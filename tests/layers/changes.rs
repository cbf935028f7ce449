//! Why a path counts as changed, and what a change of attributes alone costs.

use lagvis::{
    protocol::{Change, Elsewhere, EntryType, Reason, VersionInfo, ViewSpec},
    tree::{NodeSet, View},
};
use lagvis_fixtures::Layer;

use crate::seen::{Seen, merge};

/// What the layers did to a path.
fn history(seen: &Seen, path: &str) -> Vec<VersionInfo> {
    let view = View::new(&seen.tree, ViewSpec::default(), NodeSet::default());
    seen.tree.detail(&view, seen.tree.find(path.as_bytes()).unwrap()).unwrap().versions
}

fn names(version: &VersionInfo) -> Vec<&'static str> {
    version.reasons.iter().map(Reason::name).collect()
}

fn layer() -> Layer {
    Layer::new("RUN")
}

fn file() -> Layer {
    layer().file("x", 0o644, "12345")
}

#[test]
fn each_reason_by_itself() {
    let link = |target: &str| layer().symlink("x", target);
    let device = |minor: u32| layer().char_device("x", 1, minor);
    let xattr = |value: &[u8]| file().pax("SCHILY.xattr.user.a", value);
    for (reasons, before, after, metadata_only) in [
        (&[][..], file(), file(), false),
        (&["content"], file(), layer().file("x", 0o644, "54321"), false),
        (&["content"], file(), layer().file("x", 0o644, "123456"), false),
        (&["mode"], file(), layer().file("x", 0o755, "12345"), true),
        (&["mode"], file(), layer().file("x", 0o4644, "12345"), true),
        (&["owner"], file(), file().owner(1, 0), true),
        (&["owner"], file(), file().owner(0, 1), true),
        (&["time"], file(), file().mtime(1), true),
        (&["xattr"], file(), xattr(b"1"), true),
        (&["xattr"], xattr(b"1"), xattr(b"2"), true),
        (&["xattr"], xattr(b"1"), file(), true),
        (&["mode", "owner", "time"], file(), layer().file("x", 0o600, "12345").owner(7, 7).mtime(9), true),
        (&["content", "mode"], file(), layer().file("x", 0o600, "1"), false),
        (&["link target"], link("a"), link("b"), false),
        (&["owner"], link("a"), link("a").owner(1, 1), false),
        (&["device"], device(3), device(5), false),
        (&["type"], file(), link("a").mode(0o644), false),
        (&["type"], file(), layer().dir("x", 0o644), false),
        (&["type"], layer().dir("x", 0o644), layer().fifo("x"), false),
        (&["mode"], layer().dir("x", 0o755), layer().dir("x", 0o700), false),
    ] {
        let seen = merge(vec![before, after]);
        let versions = history(&seen, "x");
        assert_eq!(versions.len(), 2);
        assert_eq!(versions[0].change, Change::Added);
        assert_eq!(names(&versions[1]), reasons);
        let changed = if reasons.is_empty() { Change::None } else { Change::Modified };
        assert_eq!(versions[1].change, changed, "{reasons:?}");
        assert_eq!(versions[1].metadata_only, metadata_only, "{reasons:?}");
        let layer = seen.tree.layer_changes()[1];
        assert_eq!(layer.modified, u64::from(changed == Change::Modified), "{reasons:?}");
        let cost = u64::from(metadata_only);
        assert_eq!((layer.metadata_only, layer.metadata_only_bytes), (cost, cost * 5), "{reasons:?}");
        let repeated = u64::from(reasons.is_empty());
        assert_eq!((layer.repeated, layer.repeated_bytes), (repeated, repeated * 5), "{reasons:?}");
    }
}

#[test]
fn what_it_was_and_what_it_is_now() {
    let link = |target: &str| layer().symlink("x", target);
    let device = |minor: u32| layer().char_device("x", 8, minor);
    let xattrs = |list: &[(&str, &str)]| {
        list.iter().fold(file(), |file, (name, value)| file.pax(&format!("SCHILY.xattr.{name}"), value.as_bytes()))
    };
    let changed = |name: &str, change| (name.to_owned(), change);
    for (before, after, reason) in [
        (file(), layer().file("x", 0o4600, "12345"), Reason::Mode(0o644, 0o4600)),
        (file(), file().owner(5, 6), Reason::Owner((0, 0), (5, 6))),
        (file().mtime(3), file().mtime(9), Reason::Time(3, 9)),
        (link("a"), link("b\u{202e}"), Reason::Link("a".to_owned(), "b\\u{202e}".to_owned())),
        (device(1), device(2), Reason::Device((8, 1), (8, 2))),
        (file(), layer().dir("x", 0o644), Reason::Type(EntryType::File, EntryType::Dir)),
        (
            xattrs(&[("user.gone", "1"), ("user.kept", "1"), ("user.other", "1")]),
            xattrs(&[("user.kept", "1"), ("user.other", "2"), ("user.new", "1")]),
            Reason::Xattrs(vec![
                changed("user.gone", Change::Removed),
                changed("user.other", Change::Modified),
                changed("user.new", Change::Added),
            ]),
        ),
        (
            xattrs(&[("user.a", "1"), ("user.b", "2")]),
            xattrs(&[("user.b", "2"), ("user.a", "1")]),
            Reason::Xattrs(Vec::new()),
        ),
    ] {
        assert_eq!(history(&merge(vec![before, after]), "x")[1].reasons, [reason]);
    }
}

#[test]
fn a_path_that_is_gone_is_known_by_the_layer_that_removed_it() {
    let seen = merge(vec![
        layer().dir("d", 0o755).file("d/x", 0o644, "1"),
        layer().file("d/x", 0o644, "2"),
        layer().whiteout("d"),
        layer(),
        layer().dir("d", 0o755).file("d/y", 0o644, "3"),
        layer().file("d", 0o644, "4"),
    ]);
    let removed = |by, last| Some(Elsewhere::Removed { by, last });
    for (path, upto, elsewhere) in [
        ("d/x", u32::MAX, removed(2, 1)),
        ("d/x", 3, removed(2, 1)),
        ("d/x", 1, None),
        ("d", 3, removed(2, 0)),
        ("d", 4, None),
        ("d/y", 3, Some(Elsewhere::Later(4))),
        ("d/y", u32::MAX, removed(5, 4)),
        ("d/never", u32::MAX, None),
    ] {
        assert_eq!(seen.tree.elsewhere(path.as_bytes(), upto), elsewhere, "/{path} as of {upto}");
    }
}

#[test]
fn chmod_of_a_whole_folder_costs_it_again() {
    let folder = |mode: u32| {
        let files = (0..10).map(|n| format!("d/{n}"));
        files.fold(layer().dir("d", 0o755), |layer, path| layer.file(&path, mode, [b'x'; 1000]))
    };
    let seen = merge(vec![folder(0o644), folder(0o755)]);
    let changes = seen.tree.layer_changes();
    assert_eq!((changes[1].metadata_only, changes[1].metadata_only_bytes), (10, 10_000));
    assert_eq!((changes[0].contribution, changes[1].contribution), (0, 10_000));
    assert_eq!((changes[1].added, changes[1].modified, changes[1].removed), (0, 10, 0));
}

#[test]
fn hard_links_cost_nothing() {
    let seen = merge(vec![file().hardlink("y", "x", 0o644), layer().hardlink("y", "x", 0o644)]);
    let layer = seen.tree.layer_changes()[1];
    assert_eq!((layer.modified, layer.repeated, layer.repeated_bytes), (0, 0, 0));
    // A hard link that becomes a file with the same content has been shipped again.
    let seen = merge(vec![file().hardlink("y", "x", 0o644), Layer::new("RUN").file("y", 0o755, "12345")]);
    assert_eq!(seen.tree.layer_changes()[1].metadata_only_bytes, 5);
}

#[test]
fn a_path_that_was_gone_comes_back_as_new() {
    let seen = merge(vec![file(), layer().whiteout("x"), file()]);
    let what: Vec<Change> = history(&seen, "x").into_iter().map(|version| version.change).collect();
    assert_eq!(what, [Change::Added, Change::Removed, Change::Added]);
    // Deleted and made anew in one layer, it is a change.
    let seen = merge(vec![file(), layer().whiteout("x").file("x", 0o600, "12345")]);
    assert_eq!(names(&history(&seen, "x")[1]), ["mode"]);
    assert_eq!(seen.tree.layer_changes()[1].metadata_only, 1);
}
