//! Why a path counts as changed, and what a change of attributes alone costs.

use lagvis::{
    protocol::{Change, VersionInfo, ViewSpec},
    tree::{NodeSet, View},
};
use lagvis_fixtures::Layer;

use crate::seen::{Seen, merge};

/// What the layers did to a path.
fn history(seen: &Seen, path: &str) -> Vec<VersionInfo> {
    let view = View::new(&seen.tree, ViewSpec::default(), NodeSet::default());
    seen.tree.detail(&view, seen.tree.find(path.as_bytes()).unwrap()).unwrap().versions
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
        assert_eq!(versions[1].reasons, reasons);
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
    assert_eq!(history(&seen, "x")[1].reasons, ["mode"]);
    assert_eq!(seen.tree.layer_changes()[1].metadata_only, 1);
}
