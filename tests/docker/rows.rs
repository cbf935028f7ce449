//! What the warnings say of Docker is what Docker does, with vfs and with overlayfs.

use std::{path::Path, process::Command};

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    docker::{Docker, NEEDS, entries_of_listing},
    tools,
    workdir::Workdir,
};

use self::Outcome::{Has, Ours, Refuses};

/// What Docker makes of a stack.
enum Outcome {
    /// The same paths as ours.
    Ours,
    /// These paths.
    Has(&'static [&'static str]),
    /// Nothing: it refuses the layer.
    Refuses,
}

struct Row {
    /// The warning that tells; none where all agree.
    warning: Option<&'static str>,
    layers: Vec<Layer>,
    vfs: Outcome,
    overlay: Outcome,
}

fn row(warning: &'static str, layers: Vec<Layer>, vfs: Outcome, overlay: Outcome) -> Row {
    Row { warning: Some(warning), layers, vfs, overlay }
}

fn layer() -> Layer {
    Layer::new("RUN")
}

fn files(paths: &[&str]) -> Layer {
    paths.iter().fold(layer(), |layer, path| layer.file(path, 0o644, path))
}

fn linked() -> Layer {
    layer().dir("real", 0o755).file("real/k", 0o644, "k").symlink("lnk", "real")
}

fn rows() -> Vec<Row> {
    let agreed = |layers| Row { warning: None, layers, vfs: Ours, overlay: Ours };
    let link = |path: &str, target: &str| layer().hardlink(path, target, 0o644);
    vec![
        agreed(vec![files(&["f"]), layer().whiteout("f").file("f", 0o644, "new")]),
        agreed(vec![files(&["d/old"]), layer().dir("d", 0o755).file("d/new", 0o644, "").opaque("d")]),
        agreed(vec![linked(), layer().dir("lnk", 0o700).file("lnk/z", 0o644, "")]),
        agreed(vec![files(&["d/x", "e"]), layer().dir(".wh.d", 0o755)]),
        agreed(vec![files(&["a"]), layer().whiteout("nothere")]),
        row("path-clamped", vec![files(&["/abs", "../../x"])], Ours, Ours),
        row("whiteout-of-own-entry", vec![files(&["f"]), files(&["f"]).whiteout("f")], Has(&[]), Refuses),
        row("entry-through-link", vec![linked(), files(&["lnk/z"])], Ours, Has(&["lnk", "lnk/z", "real", "real/k"])),
        row("whiteout-through-link", vec![linked(), layer().whiteout("lnk/k")], Ours, Has(&["lnk", "real", "real/k"])),
        row("file-as-directory", vec![files(&["f"]), files(&["f/x"])], Refuses, Ours),
        row(
            "link-loop",
            vec![layer().symlink("a", "b").symlink("b", "a"), files(&["a/x"])],
            Refuses,
            Has(&["a", "a/x", "b"]),
        ),
        row("hardlink-across-layers", vec![files(&["f"]), link("l", "f")], Ours, Refuses),
        row("duplicate-path", vec![files(&["f", "f"])], Refuses, Refuses),
        row("whiteout-invalid", vec![files(&["d/f", "g"]), files(&["d/.wh."])], Has(&["g"]), Refuses),
        row(
            "whiteout-without-folder",
            vec![files(&["f"]), layer().whiteout("never/x")],
            Has(&["f", "never"]),
            Has(&["f", "never"]),
        ),
        row("opaque-after-own-entry", vec![files(&["d/old"]), files(&["d/s/new"]).opaque("d")], Has(&["d"]), Ours),
        row("hardlink-target-deleted", vec![files(&["f"]), link("l", "f").whiteout("f")], Ours, Refuses),
        row("hardlink-target-missing", vec![files(&["d/x"]).hardlink("l", "d", 0o755)], Refuses, Refuses),
        row("hardlink-attributes", vec![files(&["f"]).hardlink("l", "f", 0o600)], Ours, Ours),
    ]
}

#[test]
fn rows_with_vfs() {
    if tools::have(&NEEDS).unwrap() {
        hold(&Docker::start().unwrap(), |row| row.vfs);
    }
}

#[test]
fn rows_with_overlayfs() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    match Docker::start_with("overlay2") {
        Ok(docker) => hold(&docker, |row| row.overlay),
        Err(_) => _ = tools::skip("overlayfs below the temporary folder").unwrap(),
    }
}

fn hold(docker: &Docker, outcome: impl Fn(Row) -> Outcome) {
    let folder = Workdir::new().unwrap();
    for (index, row) in rows().into_iter().enumerate() {
        let (tag, name) = (format!("row:{index}"), row.warning.unwrap_or("agreed"));
        let image = row.layers.iter().cloned().fold(Image::new(&tag), Image::layer);
        let file = folder.write("row.tar", image.docker_archive(Packing::Plain).unwrap()).unwrap();
        let receipt: serde_json::Value = serde_json::from_slice(&inspect("--json", &file)).unwrap();
        let warnings = receipt["images"][0]["warnings"].as_array().unwrap();
        match row.warning {
            None => assert!(warnings.is_empty(), "{index}: {warnings:?}"),
            Some(kind) => assert!(warnings.iter().any(|warning| warning["kind"] == kind), "{kind}: {warnings:?}"),
        }
        let ours: Vec<String> = entries_of_listing(&inspect("--files", &file)).unwrap().into_keys().collect();
        let loaded = docker.load(&file);
        let expected = match outcome(row) {
            Refuses => {
                assert!(loaded.is_err(), "{name}: Docker loads it");
                continue;
            }
            Ours => ours,
            Has(paths) => {
                assert_ne!(ours, paths, "{name} makes no difference");
                paths.iter().map(|path| (*path).to_owned()).collect()
            }
        };
        loaded.unwrap_or_else(|error| panic!("{name}: {error}"));
        let theirs: Vec<String> = docker.export(&tag).unwrap().into_keys().collect();
        assert_eq!(theirs, expected, "{name}, {index}");
    }
}

fn inspect(option: &str, file: &Path) -> Vec<u8> {
    tools::output(Command::new(tools::lagvis().unwrap()).args(["inspect", option]).arg(file)).unwrap()
}
