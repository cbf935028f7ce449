//! What a tar can have, as real programs write it: each format gives the same tree as the folder that was packed, and
//! as umoci unpacks it.

use std::{
    fs::{self, File},
    os::unix::fs::{FileExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{docker::Entries, tools, umoci, workdir::Workdir};

use crate::seen::{Seen, merge};

/// 2026-01-02, at which everything in the folder was changed.
const TIME: &str = "--mtime=@1767312000";

/// A folder with all that a ustar can have; with `long` also what needs more.
fn folder(work: &Workdir, long: bool) -> PathBuf {
    let root = work.path().join("root");
    fs::create_dir_all(root.join("d/e")).unwrap();
    fs::write(root.join("d/file"), "content").unwrap();
    fs::write(root.join("empty"), "").unwrap();
    fs::write(root.join("d/blank and \u{e9}"), "x").unwrap();
    fs::set_permissions(root.join("d/file"), fs::Permissions::from_mode(0o4711)).unwrap();
    fs::hard_link(root.join("d/file"), root.join("d/e/linked")).unwrap();
    symlink("../d/file", root.join("d/e/link")).unwrap();
    tools::output(Command::new("mkfifo").arg(root.join("pipe"))).unwrap();
    if long {
        let deep = root.join(format!("{}{}", "long/".repeat(30), "n".repeat(120)));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("f".repeat(200)), "deep").unwrap();
        symlink("t".repeat(180), root.join("far")).unwrap();
        fs::write(root.join("line\nbreak = 1"), "newline").unwrap();
    }
    root
}

/// Packs the folder by GNU tar.
fn gnu(root: &Path, options: &[&str]) -> Layer {
    let mut command = Command::new("tar");
    command.args(["--create", "--file=-", "--sort=name", TIME]).args(options).arg("--directory").arg(root).arg(".");
    Layer::of_tar("tar", tools::output(&mut command).unwrap())
}

/// What the folder holds, as the tars have it.
fn on_disk(root: &Path) -> Entries {
    let mut entries = umoci::read(root).unwrap().entries;
    for entry in entries.values_mut() {
        entry.mtime = entry.mtime.map(|_| 1_767_312_000);
    }
    entries
}

/// The layer is the folder, for the engine and for umoci.
fn is_folder(layer: Layer, root: &Path) -> Seen {
    let seen = merge(vec![layer]).silent().agrees_with_umoci();
    // The listing escapes no newline, JSON does; both trees have paths as text.
    assert_eq!(seen.entries(), on_disk(root));
    seen
}

fn formats(long: bool, formats: &[&str]) {
    if !tools::have(&["tar", "mkfifo"]).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let root = folder(&work, long);
    for format in formats {
        let seen = is_folder(gnu(&root, &[format]), &root);
        assert!(seen.files.len() >= if long { 40 } else { 8 }, "{format}");
    }
}

#[test]
fn the_old_formats_v7_and_ustar() {
    formats(false, &["--format=ustar"]);
    // v7 has no pipes.
    if !tools::have(&["tar", "mkfifo"]).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let root = folder(&work, false);
    fs::remove_file(root.join("pipe")).unwrap();
    is_folder(gnu(&root, &["--format=v7"]), &root);
}

#[test]
fn gnu_long_names_and_links() {
    formats(true, &["--format=gnu"]);
}

#[test]
fn pax_records_for_long_names_and_times() {
    formats(true, &["--format=pax", "--format=posix"]);
}

#[test]
fn large_numbers_in_base_256() {
    if !tools::have(&["tar", "mkfifo"]).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let root = folder(&work, false);
    for format in ["--format=gnu", "--format=pax"] {
        let seen = merge(vec![gnu(&root, &[format, "--owner=:4000000", "--group=:3000000", "--numeric-owner"])]);
        let line = seen.agrees_with_umoci();
        assert_eq!((line.file("empty").uid, line.file("empty").gid), (4_000_000, 3_000_000), "{format}");
    }
    // Times before 1970, which octal cannot say.
    let old = gnu(&root, &["--format=gnu", "--mtime=@-86400"]);
    assert_eq!(merge(vec![old]).file("empty").mtime, -86_400);
}

#[test]
fn p19_sparse_files_of_every_format() {
    if !tools::have(&["tar", "mkfifo"]).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let root = folder(&work, false);
    let file = File::create(root.join("sparse")).unwrap();
    // Ten pieces: old GNU headers hold four, the rest is in extension headers.
    for piece in 0..10_u64 {
        file.write_all_at(&[b'x'; 5000], piece << 20).unwrap();
    }
    file.set_len(20 << 20).unwrap();
    drop(file);
    for options in [
        &["--format=gnu"][..],
        &["--format=pax", "--sparse-version=0.0"],
        &["--format=pax", "--sparse-version=0.1"],
        &["--format=pax", "--sparse-version=1.0"],
    ] {
        let layer = gnu(&root, &[&["--sparse"], options].concat());
        assert!(layer.tar().unwrap().len() < 1 << 20, "{options:?} stores the holes");
        let seen = merge(vec![layer]).silent().size("sparse", 20 << 20);
        assert_eq!(seen.entries(), on_disk(&root), "{options:?}");
    }
}

#[test]
fn no_end_blocks_and_bytes_after_them() {
    if !tools::have(&["tar", "mkfifo"]).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let root = folder(&work, false);
    let whole = gnu(&root, &[]).tar().unwrap();
    let end = whole.len() - whole.iter().rev().take_while(|byte| **byte == 0).count();
    let bare = Layer::of_tar("tar", whole[..end.next_multiple_of(512)].to_vec());
    assert_eq!(merge(vec![bare]).entries(), on_disk(&root));
    let padded = Layer::of_tar("tar", [whole, vec![1; 700]].concat());
    assert_eq!(merge(vec![padded]).entries(), on_disk(&root));
}

#[test]
fn as_libarchive_writes_it() {
    if !tools::have(&["bsdtar", "mkfifo"]).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let root = folder(&work, true);
    let mut seen = Vec::new();
    for format in ["pax", "gnutar"] {
        let mut command = Command::new("bsdtar");
        command.args(["-c", "-f", "-", "--format", format, "-C"]).arg(&root).arg(".");
        let tar = tools::output(&mut command).unwrap();
        seen.push(merge(vec![Layer::of_tar("bsdtar", tar)]).silent().agrees_with_umoci().entries());
    }
    assert_eq!(seen[0], umoci::read(&root).unwrap().entries);
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn xattrs_are_in_pax_records() {
    let layer = Layer::new("RUN").file("f", 0o755, "x").pax("SCHILY.xattr.security.capability", b"\x01\0\0\x02\0=\n");
    let seen = merge(vec![layer.clone(), Layer::new("RUN").file("f", 0o755, "x")]).silent();
    let changed = seen.tree.layer_changes()[1].modified;
    assert_eq!(changed, 1, "a capability that is lost is a change");
    let same = merge(vec![layer.clone(), layer]);
    assert_eq!(same.tree.layer_changes()[1].modified, 0);
}

/// The same tar, packed by the programs that people pack with.
#[test]
fn compressed_by_real_programs() {
    if !tools::have(&["tar", "gzip", "pigz", "zstd", "mkfifo"]).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let root = folder(&work, true);
    fs::write(root.join("big"), "0123456789abcdef".repeat(100_000)).unwrap();
    let layer = gnu(&root, &[]);
    let tar = layer.tar().unwrap();
    let half = tar.len() / 2;
    let pack = |command: &[&str], bytes: &[u8]| {
        let file = work.write("part.tar", bytes).unwrap();
        tools::output(Command::new(command[0]).args(&command[1..]).arg(file)).unwrap()
    };
    let twice = |command: &[&str]| [pack(command, &tar[..half]), pack(command, &tar[half..])].concat();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
    let frames = twice(&["zstd", "--stdout", "--quiet", "-19"]);
    for (name, packing, blob) in [
        ("gzip", Packing::Gzip, pack(&["gzip", "--stdout", "--best"], &tar)),
        ("gzip, two members", Packing::Gzip, twice(&["gzip", "--stdout"])),
        ("pigz", Packing::Gzip, pack(&["pigz", "--stdout", "--blocksize", "128", "--independent"], &tar)),
        ("zstd", Packing::Zstd, pack(&["zstd", "--stdout", "--quiet"], &tar)),
        ("zstd --long", Packing::Zstd, pack(&["zstd", "--stdout", "--quiet", "--long=27", "--check"], &tar)),
        ("zstd, two frames", Packing::Zstd, frames.clone()),
        ("zstd, skippable frames", Packing::Zstd, [skippable.clone(), frames, skippable].concat()),
    ] {
        let image = Image::new("packed:1").layer(layer.clone().packed_as(blob));
        let file = work.write("image.tar", image.oci_archive(packing).unwrap()).unwrap();
        let mut command = Command::new(tools::lagvis().unwrap());
        // Its status says that every hash holds.
        let listing = tools::output(command.args(["inspect", "--files"]).arg(&file)).unwrap();
        assert_eq!(lagvis_tests::docker::entries_of_listing(&listing).unwrap(), on_disk(&root), "{name}");
    }
}
