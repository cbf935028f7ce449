//! Space: images with known waste of each kind, to the byte; treemaps; the largest; dive's efficiency.

use lagvis::{
    protocol::{Change, MapSpec, SpaceReport, WasteKind},
    space::{LEFTOVERS, Space},
};
use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{dive, tools, workdir::Workdir};

use crate::{
    seen::{Seen, merge},
    space_naive::Naive,
};

fn layer() -> Layer {
    Layer::new("RUN")
}

fn file(path: &str, size: usize) -> Layer {
    layer().file(path, 0o644, bytes(path, size))
}

/// Content that no other seed has.
fn bytes(seed: &str, size: usize) -> Vec<u8> {
    seed.bytes().cycle().take(size.min(seed.len())).chain((0..).map(|n: usize| n.to_le_bytes()[0])).take(size).collect()
}

fn report(seen: &Seen, base: u32) -> SpaceReport {
    Space::new(&seen.tree, None).report(&seen.tree, base)
}

/// Bytes of each kind that there is, which must add up.
fn kinds(report: &SpaceReport) -> Vec<(&'static str, u64)> {
    let waste = &report.waste;
    assert_eq!(waste.kinds.iter().map(|kind| kind.bytes).sum::<u64>(), waste.wasted);
    assert_eq!(waste.layers.iter().map(|layer| layer.wasted).sum::<u64>(), waste.wasted);
    for layer in &waste.layers {
        assert_eq!(layer.advice.iter().map(|advice| advice.bytes).sum::<u64>(), layer.wasted);
    }
    for kind in &waste.kinds {
        assert_eq!(kind.paths.iter().map(|path| path.bytes).sum::<u64>(), kind.bytes, "few enough to be all listed");
    }
    waste.kinds.iter().map(|kind| (kind.kind.name(), kind.bytes)).collect()
}

/// Layers, base layers, bytes shipped above these, waste of each kind.
type Case = (&'static str, Vec<Layer>, u32, u64, Vec<(&'static str, u64)>);

fn cases() -> Vec<Case> {
    let chmod = |path: &str, size| layer().file(path, 0o600, bytes(path, size));
    let linked = || file("a", 100).hardlink("b", "a", 0o644);
    let twice = || layer().file("a", 0o644, bytes("x", 50)).file("b", 0o600, bytes("x", 50));
    vec![
        ("nothing", vec![file("a", 100), file("b", 10)], 0, 110, vec![]),
        ("overwritten", vec![file("a", 100), file("a", 70)], 0, 170, vec![("overwritten", 100)]),
        ("twice overwritten", vec![file("a", 100), file("a", 70), file("a", 5)], 0, 175, vec![("overwritten", 170)]),
        ("by a folder", vec![file("a", 100), layer().dir("a", 0o755)], 0, 100, vec![("overwritten", 100)]),
        ("deleted", vec![file("a", 100), layer().whiteout("a")], 0, 100, vec![("deleted", 100)]),
        ("with its folder", vec![file("d/a", 100), layer().whiteout("d")], 0, 100, vec![("deleted", 100)]),
        ("opaque", vec![file("d/a", 100), layer().dir("d", 0o755).opaque("d")], 0, 100, vec![("deleted", 100)]),
        ("and made again", vec![file("a", 9), layer().whiteout("a"), file("a", 9)], 0, 18, vec![("deleted", 9)]),
        ("chmod", vec![file("a", 100), chmod("a", 100)], 0, 200, vec![("metadata-only", 100)]),
        ("repeated", vec![file("a", 100), file("a", 100)], 0, 200, vec![("repeated", 100)]),
        (
            "chmod, then deleted",
            vec![file("a", 100), chmod("a", 100), layer().whiteout("a")],
            0,
            200,
            vec![("deleted", 100), ("metadata-only", 100)],
        ),
        ("a hard link keeps it", vec![linked(), layer().whiteout("a")], 0, 100, vec![]),
        (
            "till that goes too",
            vec![linked(), layer().whiteout("a"), layer().whiteout("b")],
            0,
            100,
            vec![("deleted", 100)],
        ),
        ("hard links are no copies", vec![linked()], 0, 100, vec![]),
        (
            "chmod of a hard link",
            vec![linked(), layer().file("b", 0o600, bytes("a", 100))],
            0,
            200,
            vec![("metadata-only", 100)],
        ),
        ("copies", vec![twice(), layer().file("c", 0o644, bytes("x", 50))], 0, 150, vec![("duplicate", 100)]),
        ("empty files are no copies", vec![file("a", 0), file("b", 0)], 0, 0, vec![]),
        (
            "a hard link to what was shipped again",
            vec![file("a", 100), chmod("a", 100), layer().hardlink("b", "a", 0o600), file("a", 7)],
            0,
            207,
            vec![("metadata-only", 100)],
        ),
        ("leftover", vec![file("var/lib/apt/lists/x_Packages", 40)], 0, 40, vec![("leftover", 40)]),
        (
            "a leftover is no copy",
            vec![layer().file("var/cache/apt/a", 0o644, bytes("x", 50)).file("b", 0o644, bytes("x", 50))],
            0,
            100,
            vec![("leftover", 50)],
        ),
        (
            "a leftover that is also needed is none",
            vec![file("tmp/a", 50).hardlink("usr/a", "tmp/a", 0o644)],
            0,
            50,
            vec![],
        ),
        (
            "a deleted leftover is deleted",
            vec![file("tmp/a", 50), layer().whiteout("tmp/a")],
            0,
            50,
            vec![("deleted", 50)],
        ),
        (
            "twice in one layer",
            vec![file("a", 100).file("a", 0o644, bytes("y", 9))],
            0,
            109,
            vec![("overwritten", 100)],
        ),
        // The base image is left out, but counts as what was there first.
        ("base overwritten", vec![file("a", 100), file("a", 70)], 1, 70, vec![]),
        ("base deleted", vec![file("a", 100), layer().whiteout("a")], 1, 0, vec![]),
        ("base chmod", vec![file("a", 100), chmod("a", 100)], 1, 100, vec![("metadata-only", 100)]),
        ("base copied", vec![twice(), layer().file("c", 0o644, bytes("x", 50))], 1, 50, vec![("duplicate", 50)]),
        ("more base than layers", vec![file("tmp/a", 1)], 9, 0, vec![]),
    ]
}

#[test]
fn known_waste_to_the_byte() {
    for (name, layers, base, shipped, expected) in cases() {
        let report = report(&merge(layers), base);
        assert_eq!(kinds(&report), expected, "{name}");
        assert_eq!(report.waste.shipped, shipped, "{name}");
    }
    // All at once, each in folders of its own: kinds do not disturb each other.
    let seen = merge(vec![
        file("o/a", 1_000).file("d/a", 0o644, bytes("d", 200)).file("m/a", 0o644, bytes("m", 30)).file(
            "r/a",
            0o644,
            bytes("r", 4),
        ),
        file("o/a", 1)
            .whiteout("d/a")
            .file("m/a", 0o600, bytes("m", 30))
            .file("r/a", 0o644, bytes("r", 4))
            .file("root/.cache/pip/http/x", 0o644, bytes("p", 50_000))
            .file("c/a", 0o644, bytes("c", 600_000))
            .file("c/b", 0o644, bytes("c", 600_000))
            // Other names do not stand for what was shipped, wherever they come in the tree.
            .hardlink("b", "c/a", 0o644)
            .hardlink("a/b", "c/b", 0o644)
            .hardlink("go/pkg/mod/cache/x", "root/.cache/pip/http/x", 0o644),
    ]);
    let report = report(&seen, 0);
    let expected = [
        ("overwritten", 1_000),
        ("deleted", 200),
        ("metadata-only", 30),
        ("repeated", 4),
        ("leftover", 50_000),
        ("duplicate", 600_000),
    ];
    assert_eq!(kinds(&report), expected);
    assert_eq!(report.waste.wasted, 651_234);
    let [.., leftover, duplicate] = report.waste.kinds.as_slice() else { panic!() };
    assert_eq!((leftover.paths[0].note.as_deref(), leftover.paths[0].layer), (Some("pip cache"), 1));
    assert_eq!((duplicate.paths[0].path.as_str(), duplicate.paths[0].note.as_deref()), ("c/b", Some("c/a")));
    let advice = &report.waste.layers[1].advice;
    assert_eq!(advice[0].kind, WasteKind::Duplicate);
    assert!(advice[1].text.contains("layer 1") && advice[1].text.contains("--no-cache-dir"), "{}", advice[1].text);
    assert!(report.waste.layers[0].advice[0].text.contains("layer 1 overwrites"));
}

#[test]
fn every_leftover_is_found() {
    for leftover in LEFTOVERS {
        let path = leftover.path.replace('*', "some");
        let path = if path.contains(".log") || path.ends_with("-old") { path } else { format!("{path}/deep/x") };
        let seen = merge(vec![file(&path, 7).file("usr/lib/needed", 0o644, "needed")]);
        assert_eq!(kinds(&report(&seen, 0)), [("leftover", 7)], "{path}");
    }
    let seen = merge(vec![file("opt/tmp/x", 7).file("home/app/.cache/other", 0o644, "12").file(
        "var/lib/dpkg/status",
        0o644,
        "1",
    )]);
    assert_eq!(kinds(&report(&seen, 0)), []);
}

#[test]
fn the_largest_count_hard_links_once() {
    let seen = merge(vec![
        file("d/big", 1_000).hardlink("a", "d/big", 0o644).file("d/e/small", 0o644, "12"),
        file("d/new", 500),
    ]);
    let report = report(&seen, 0);
    let files: Vec<_> = report.files.iter().map(|large| (large.path.as_str(), large.bytes, large.layer)).collect();
    assert_eq!(files, [("d/big", 1_000, Some(0)), ("d/new", 500, Some(1)), ("d/e/small", 2, Some(0))]);
    let folders: Vec<_> = report.folders.iter().map(|large| (large.path.as_str(), large.bytes)).collect();
    assert_eq!(folders, [("d", 1_502), ("d/e", 2)]);
    let before = Space::new(&seen.tree, Some(0)).report(&seen.tree, 0);
    assert_eq!(before.folders[0].bytes, 1_002);
}

#[test]
fn a_treemap_shows_the_folder_by_bytes_and_gathers_what_is_small() {
    let many = (0..100).fold(file("big", 60_000).file("d/half", 0o644, bytes("h", 30_000)), |layer, n| {
        layer.file(&format!("small{n}"), 0o644, bytes(&format!("{n} "), 10))
    });
    let seen = merge(vec![many, file("d/new", 10_000).file("gone", 0o644, "1"), layer().whiteout("gone")]);
    let space = Space::new(&seen.tree, None);
    let spec =
        |folder: &str| MapSpec { folder: folder.into(), since: Some(1), width: 400, height: 300, ..MapSpec::default() };
    let map = space.map(&seen.tree, spec(""));
    assert_eq!(map.bytes, 101_000);
    let shown: Vec<_> =
        map.cells.iter().map(|c| (c.path.as_deref(), c.depth, c.bytes, c.entries, c.layer, c.change)).collect();
    assert_eq!(
        shown,
        [
            (Some("big"), 0, 60_000, 1, 0, Change::None),
            (Some("d"), 0, 40_000, 2, 0, Change::None),
            (Some("d/half"), 1, 30_000, 1, 0, Change::None),
            (Some("d/new"), 1, 10_000, 1, 1, Change::Added),
            (None, 0, 1_000, 100, 0, Change::None),
        ]
    );
    let area = |index: usize| map.cells[index].place[2] * map.cells[index].place[3];
    assert!((area(0) / area(1) - 1.5).abs() < 0.01 && (area(0) + area(1) + area(4) - 120_000.0).abs() < 1.0);
    let inside = space.map(&seen.tree, spec("d"));
    assert_eq!((inside.bytes, inside.cells.len(), inside.cells[0].depth), (40_000, 2, 0));
    // What is no folder is seen from the root.
    assert_eq!(space.map(&seen.tree, spec("nowhere")).spec.folder, "");
    assert_eq!(space.map(&seen.tree, spec("big")).cells, map.cells);
    assert!(space.map(&seen.tree, MapSpec::default()).cells.len() < 3, "no room");
}

#[test]
fn efficiency_as_dive_has_it() {
    if !tools::have(&dive::NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let stacks: Vec<(&str, Vec<Layer>)> = vec![
        ("nothing wasted", vec![file("a", 1_000), file("b", 500)]),
        ("overwritten", vec![file("a", 1_000).file("k", 0o644, "kept"), file("a", 700)]),
        ("deleted", vec![file("a", 1_000).file("k", 0o644, "kept"), layer().whiteout("a")]),
        (
            "a folder deleted",
            vec![
                file("d/a", 1_000).file("d/e/b", 0o644, bytes("b", 50)).file("k", 0o644, "kept"),
                layer().whiteout("d"),
            ],
        ),
        (
            "chmod, thrice",
            vec![
                file("a", 1_000),
                layer().file("a", 0o600, bytes("a", 1_000)),
                layer().file("a", 0o640, bytes("a", 1_000)),
            ],
        ),
    ];
    for (name, layers) in stacks {
        let image = layers.iter().cloned().fold(Image::new("dive:1"), Image::layer);
        let archive = folder.write("image.tar", image.docker_archive(Packing::Plain).unwrap()).unwrap();
        let theirs = dive::judge(&archive).unwrap();
        let ours = report(&merge(layers), 0).dive;
        let number = |field: &str| theirs["image"][field].as_f64().unwrap();
        assert!((ours.efficiency - number("efficiencyScore")).abs() < 1e-9, "{name}: {ours:?}, {theirs}");
        assert_eq!(ours.inefficient, theirs["image"]["inefficientBytes"].as_u64().unwrap(), "{name}");
    }
}

/// Leftovers as plain prefixes, for the images below.
pub fn prefixes() -> Vec<&'static str> {
    LEFTOVERS.iter().map(|leftover| leftover.path).filter(|path| !path.contains('*')).collect()
}

pub fn as_naive(report: &SpaceReport) -> Vec<(&'static str, u64)> {
    let mut kinds = report.waste.kinds.iter().map(|kind| (kind.kind.name(), kind.bytes)).collect::<Vec<_>>();
    kinds.sort_unstable();
    kinds
}

#[test]
fn the_same_by_other_means() {
    for (name, layers, base, ..) in cases() {
        if base == 0 {
            let mut naive = Naive::default();
            layers.iter().for_each(|layer| naive.layer(layer.tar().unwrap().as_slice()));
            let expected: Vec<_> = naive.waste(&prefixes()).into_iter().collect();
            assert_eq!(as_naive(&report(&merge(layers), 0)), expected, "{name}");
        }
    }
}
