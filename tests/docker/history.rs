//! Sizes, history, settings and folders on disk are those that Docker has.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _},
    path::Path,
    process::Command,
};

use lagvis::command::{containerd as shown_for_containerd, overlay2};
use lagvis_fixtures::{Image, Layer, Packing, member};
use lagvis_tests::{
    containerd::{Containerd, NEEDS as CONTAINERD},
    docker::{Docker, NEEDS},
    opened::Opened,
    tools,
    workdir::Workdir,
};
use serde_json::{Value, json};

use super::commands::settings;

/// Layers of which sizes are easy to get wrong: hard links, deletions, an empty one, steps without a layer.
fn image() -> Image {
    Image::new("told:1")
        .run(settings())
        .layer(
            Layer::new("/bin/sh -c #(nop) ADD file:0123456789ab in / ")
                .dirs(&["d", "e"])
                .file("d/a", 0o644, "twelve bytes")
                .hardlink("d/b", "d/a", 0o644)
                .symlink("d/link", "a")
                .fifo("d/pipe"),
        )
        .step("/bin/sh -c #(nop)  CMD [\"sh\"]")
        .layer(
            Layer::new("RUN |1 V=1 /bin/sh -c echo   $V # buildkit")
                .dirs(&["d"])
                .file("d/new", 0o600, "x".repeat(5_000))
                .whiteout("d/a"),
        )
        .step("ENV A=1")
        .layer(Layer::new("WORKDIR /e").dirs(&["e"]).opaque("e"))
}

#[test]
fn history_sizes_and_settings_are_dockers() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let file = folder.write("told.tar", image().docker_archive(Packing::Plain).unwrap()).unwrap();
    docker.load(&file).unwrap();
    let opened = Opened::of(&file).unwrap();

    let told = docker.run(&["history", "--no-trunc", "--human=false", "--format", "json", "told:1"]).unwrap();
    let mut theirs: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    theirs.reverse();
    assert_eq!(theirs.len(), opened.summary.steps.len());
    for (theirs, ours) in theirs.iter().zip(&opened.summary.steps) {
        assert_eq!(theirs["CreatedBy"], ours.history.created_by.as_str());
        assert_eq!(theirs["Comment"], ours.history.comment.as_str());
        let size = ours.layer.map_or(0, |layer| opened.tree.layers[layer].shipped);
        assert_eq!(theirs["Size"], size.to_string(), "{}", ours.history.created_by);
    }
    assert!(theirs.iter().any(|step| step["Size"] == "5000"), "the sizes are there: {theirs:?}");

    let told: Value = serde_json::from_str(&docker.run(&["image", "inspect", "told:1"]).unwrap()).unwrap();
    let told = &told[0];
    assert_eq!(told["Id"], opened.summary.image_id.as_ref().unwrap().to_string());
    let total: u64 = opened.tree.layers.iter().map(|layer| layer.shipped).sum();
    assert_eq!(told["Size"], total);
    let diff_ids: Vec<_> = opened.summary.layers.iter().map(|layer| json!(layer.diff_id)).collect();
    assert_eq!(told["RootFS"]["Layers"], json!(diff_ids));
    let ours = serde_json::to_value(&opened.summary.run).unwrap();
    for field in [
        "User",
        "Env",
        "Cmd",
        "Entrypoint",
        "WorkingDir",
        "Labels",
        "ExposedPorts",
        "Volumes",
        "StopSignal",
        "OnBuild",
        "Shell",
    ] {
        assert_eq!(ours[field], told["Config"][field], "{field}");
    }
    for field in ["Test", "Interval", "Timeout", "Retries"] {
        assert_eq!(ours["Healthcheck"][field], told["Config"]["Healthcheck"][field], "{field}");
    }
}

#[test]
fn the_shown_command_finds_the_folder_of_a_layer() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&["python3"]).unwrap() {
        return;
    }
    let Ok(docker) = Docker::start_with("overlay2") else {
        _ = tools::skip("overlayfs below the temporary folder").unwrap();
        return;
    };
    let folder = Workdir::new().unwrap();
    let bytes = image().docker_archive(Packing::Plain).unwrap();
    let file = folder.write("told.tar", &bytes).unwrap();
    docker.load(&file).unwrap();
    let summary = Opened::of(&file).unwrap().summary;
    for (layer, name) in summary.layers.iter().zip(&summary.layer_members) {
        let command = overlay2(layer.chain_id.as_ref().unwrap());
        let tar = &bytes[member(&bytes, name.as_ref().unwrap()).unwrap().unwrap()];
        check_listing(&command, ("DOCKER_HOST", &docker.host()), tar, &layer.subject);
    }
}

#[test]
fn the_shown_command_finds_the_snapshot_of_a_layer() {
    if !tools::have(&CONTAINERD).unwrap() || !tools::have(&["python3"]).unwrap() {
        return;
    }
    let containerd = Containerd::start().unwrap();
    let plugins = containerd.run(&["plugins", "ls"]).unwrap();
    if !plugins.lines().any(|line| line.contains("overlayfs") && line.trim_end().ends_with("ok")) {
        _ = tools::skip("overlayfs below the temporary folder").unwrap();
        return;
    }
    let folder = Workdir::new().unwrap();
    let bytes = image().docker_archive(Packing::Plain).unwrap();
    let file = folder.write("told.tar", &bytes).unwrap();
    let name = file.display().to_string();
    containerd.run(&["-n", "moby", "images", "import", "--snapshotter", "overlayfs", &name]).unwrap();
    let summary = Opened::of(&file).unwrap().summary;
    for (layer, name) in summary.layers.iter().zip(&summary.layer_members) {
        let command = shown_for_containerd(layer.chain_id.as_ref().unwrap());
        let tar = &bytes[member(&bytes, name.as_ref().unwrap()).unwrap().unwrap()];
        check_listing(&command, ("CONTAINERD_ADDRESS", &containerd.address()), tar, &layer.subject);
    }
    let left = containerd.run(&["-n", "moby", "snapshots", "ls"]).unwrap();
    assert!(!left.contains("lagvis"), "the command leaves something behind: {left}");
}

/// Runs a command that is shown to list a layer's files where they lie: they are those of the layer's tar.
fn check_listing(command: &str, (variable, value): (&str, &str), tar: &[u8], layer: &str) {
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        String::from_utf8(tools::output(shell.args(["-c", command]).env(variable, value)).unwrap()).unwrap()
    };
    let listed = run(command);
    // The same command with another program, to see below the first folder too.
    let found = run(&command.replace("ls -lA", "find"));
    let (root, found) = found.split_once('\n').unwrap();
    let found: BTreeSet<&str> =
        found.lines().filter_map(|path| path.strip_prefix(root)).map(|path| path.trim_start_matches('/')).collect();
    let mut expected = BTreeSet::new();
    for entry in tar::Archive::new(tar).entries().unwrap() {
        let path = entry.unwrap().path().unwrap().display().to_string();
        if !path.ends_with(".wh..wh..opq") {
            expected.insert(path.replace(".wh.", "").trim_end_matches('/').to_owned());
        }
    }
    assert!(!expected.is_empty());
    assert_eq!(found, expected.iter().map(String::as_str).collect(), "{layer}");
    for top in expected.iter().filter(|path| !path.contains('/')) {
        assert!(listed.lines().any(|line| line.ends_with(&format!(" {top}"))), "{top} in {listed}");
    }
    check_folder(Path::new(root), tar, layer);
}

/// The folder of a layer holds what its tar does, to the byte; what the tar deletes is a device 0:0 in an overlay.
fn check_folder(root: &Path, tar: &[u8], layer: &str) {
    for entry in tar::Archive::new(tar).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == ".wh..wh..opq" {
            let script = "import os, sys; print(os.getxattr(sys.argv[1], 'trusted.overlay.opaque').decode())";
            let folder = root.join(path.parent().unwrap());
            let told = tools::output(Command::new("python3").args(["-c", script]).arg(&folder)).unwrap();
            assert_eq!(told, b"y\n", "{layer}: {} is opaque", folder.display());
            continue;
        }
        if let Some(deleted) = name.strip_prefix(".wh.") {
            let there = fs::symlink_metadata(root.join(path.with_file_name(deleted))).unwrap();
            assert!(there.file_type().is_char_device() && there.rdev() == 0, "{layer}: {deleted} is deleted");
            continue;
        }
        let there = fs::symlink_metadata(root.join(&path)).unwrap();
        let header = entry.header().clone();
        let kind = header.entry_type();
        let kinds = [there.is_dir(), there.is_symlink(), there.file_type().is_fifo()];
        assert_eq!(kinds, [kind.is_dir(), kind.is_symlink(), kind.is_fifo()], "{layer}: {}", path.display());
        if kind.is_symlink() {
            let target = entry.link_name().unwrap().unwrap();
            assert_eq!(fs::read_link(root.join(&path)).unwrap(), target, "{layer}: {}", path.display());
            continue;
        }
        if kind.is_hard_link() {
            let target = entry.link_name().unwrap().unwrap().into_owned();
            assert_eq!(there.ino(), fs::metadata(root.join(&target)).unwrap().ino(), "{layer}: {}", path.display());
        } else {
            let owner = (header.uid().unwrap(), header.gid().unwrap());
            assert_eq!((there.uid().into(), there.gid().into()), owner, "{layer}: {}", path.display());
            assert_eq!(there.mode() & 0o7777, header.mode().unwrap() & 0o7777, "{layer}: {}", path.display());
        }
        if kind.is_file() {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            assert!(fs::read(root.join(&path)).unwrap() == content, "{layer}: {}", path.display());
            assert_eq!(u64::try_from(there.mtime()), Ok(header.mtime().unwrap()), "{layer}: {}", path.display());
        }
    }
}
