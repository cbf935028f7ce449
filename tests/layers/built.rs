//! Images whose layers real builders made of changes on a file system: the merged tree is that file system.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    time::{Duration, UNIX_EPOCH},
};

use lagvis::{
    image::{Digest, Manifest, TocRef},
    layer::LayerReader,
    opened::{LayerSpec, Place},
};
use lagvis_tests::{docker::entries_of_listing, tools, umoci, workdir::Workdir};

use super::toc;

/// What each layer changes.
const STEPS: [fn(&Path); 5] = [base, delete, replace, link, again];

fn base(root: &Path) {
    for folder in ["conf", "var/cache/deep", "opt/tool/bin", "run"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for (path, content) in [
        ("conf/config", "one"),
        ("conf/old", "old"),
        ("var/cache/a", "a"),
        ("var/cache/deep/b", "b"),
        ("opt/tool/bin/tool", "program"),
        ("opt/tool/note", "note"),
    ] {
        fs::write(root.join(path), content).unwrap();
    }
    symlink("../run", root.join("var/run")).unwrap();
    symlink("tool", root.join("opt/current")).unwrap();
    fs::hard_link(root.join("opt/tool/bin/tool"), root.join("opt/tool/bin/alias")).unwrap();
}

/// Files, a folder with all that is in it, a link.
fn delete(root: &Path) {
    fs::remove_file(root.join("conf/old")).unwrap();
    fs::remove_dir_all(root.join("var/cache")).unwrap();
    fs::remove_file(root.join("var/run")).unwrap();
}

/// File to folder, folder to file, folder deleted and made anew, a link that leads elsewhere.
fn replace(root: &Path) {
    fs::remove_file(root.join("conf/config")).unwrap();
    fs::create_dir(root.join("conf/config")).unwrap();
    fs::write(root.join("conf/config/part"), "two").unwrap();
    fs::remove_dir_all(root.join("opt/tool")).unwrap();
    fs::write(root.join("opt/tool"), "a file now").unwrap();
    fs::remove_dir(root.join("run")).unwrap();
    fs::create_dir(root.join("run")).unwrap();
    fs::write(root.join("run/new"), "new").unwrap();
    fs::remove_file(root.join("opt/current")).unwrap();
    symlink("/run", root.join("opt/current")).unwrap();
}

/// Through a link, attributes alone, and a hard link that becomes a file of its own.
fn link(root: &Path) {
    fs::write(root.join("run/new2"), "new2").unwrap();
    fs::hard_link(root.join("run/new2"), root.join("run/new3")).unwrap();
    fs::set_permissions(root.join("run/new"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(root.join("conf"), fs::Permissions::from_mode(0o700)).unwrap();
}

fn again(root: &Path) {
    fs::remove_file(root.join("run/new2")).unwrap();
    fs::write(root.join("run/new2"), "apart").unwrap();
    fs::create_dir_all(root.join("var/cache/deep")).unwrap();
    fs::write(root.join("var/cache/deep/c"), "c").unwrap();
}

/// Makes a step. Times become whole seconds: builders round them, some up and some down.
fn make(step: fn(&Path), root: &Path) {
    step(root);
    for path in umoci::read(root).unwrap().contents.keys() {
        let file = fs::File::options().append(true).open(root.join(path)).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(modified.as_secs())).unwrap();
    }
}

/// The image of an OCI layout is what lies in a folder, and every hash holds.
fn is_folder(layout: &Path, root: &Path, layers: usize) {
    let inspect = |option: &str| {
        let mut command = Command::new(tools::lagvis().unwrap());
        tools::output(command.args(["inspect", option]).arg(layout)).unwrap()
    };
    let mut ours = entries_of_listing(&inspect("--files")).unwrap();
    let mut theirs = umoci::read(root).unwrap().entries;
    if !umoci::is_root().unwrap() {
        ours.values_mut().chain(theirs.values_mut()).for_each(|entry| entry.owner = (0, 0));
    }
    for (path, theirs) in &theirs {
        assert_eq!(ours.get(path), Some(theirs), "{path} with {layers} layers");
    }
    assert_eq!(ours.len(), theirs.len());
    let receipt: serde_json::Value = serde_json::from_slice(&inspect("--json")).unwrap();
    assert_eq!(receipt["images"][0]["verdict"], "verified");
    assert_eq!(receipt["images"][0]["layers"].as_array().unwrap().len(), layers);
    assert_eq!(receipt["images"][0]["warnings"], serde_json::json!([]));
    assert_eq!(receipt["problems"], serde_json::json!([]));
}

/// Each layer has a table of contents, and what is shown by it is what the layer holds.
fn are_listed(layout: &Path, layers: usize) {
    let blob = |digest: &serde_json::Value| {
        let digest = Digest::parse(digest.as_str().unwrap()).unwrap();
        fs::read(layout.join("blobs/sha256").join(digest.encoded())).unwrap()
    };
    let index: serde_json::Value = serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    let manifest: Manifest = serde_json::from_slice(&blob(&index["manifests"][0]["digest"])).unwrap();
    assert_eq!(manifest.layers.len(), layers);
    for descriptor in &manifest.layers {
        let bytes = blob(&serde_json::json!(descriptor.digest.to_string()));
        let toc = TocRef::of(&descriptor.annotations, descriptor.size).expect("buildah wrote a table of contents");
        let (table, _) = toc::ranges(toc.clone(), &bytes).unwrap();
        let spec = LayerSpec { toc: Some(toc), ..LayerSpec::bare("layer", Place::Blob) };
        let mut reader = LayerReader::new(0, spec);
        reader.push(&bytes);
        let outcome = reader.finish();
        assert_eq!((outcome.problem, outcome.toc_problem), (None, None));
        assert_eq!(toc::files(table), toc::files(outcome.table.unwrap().join().unwrap()));
    }
}

#[test]
fn by_umoci() {
    if !tools::have(&umoci::NEEDS).unwrap() {
        return;
    }
    let work = Workdir::new().unwrap();
    let (layout, bundle) = (work.path().join("layout"), work.path().join("bundle"));
    let image = format!("{}:1", layout.display());
    let run = |arguments: &[&str]| tools::output(Command::new("umoci").args(arguments)).unwrap();
    run(&["init", "--layout", layout.to_str().unwrap()]);
    run(&["new", "--image", &image]);
    let bundle = bundle.to_str().unwrap();
    let rootless: &[&str] = if umoci::is_root().unwrap() { &[] } else { &["--rootless"] };
    run(&[&["unpack", "--image", &image], rootless, &[bundle]].concat());
    let root = Path::new(bundle).join("rootfs");
    for (index, step) in STEPS.iter().enumerate() {
        make(*step, &root);
        run(&["repack", "--refresh-bundle", "--image", &image, bundle]);
        is_folder(&layout, &root, index + 1);
    }
}

#[test]
fn by_buildah() {
    if !tools::have(&["buildah"]).unwrap() {
        return;
    }
    if !umoci::is_root().unwrap() {
        tools::skip("root, for buildah mount").unwrap();
        return;
    }
    let work = Workdir::new().unwrap();
    let path = |name: &str| work.path().join(name).to_str().unwrap().to_owned();
    let policy = work.write("policy.json", r#"{"default":[{"type":"insecureAcceptAnything"}]}"#).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new("buildah");
        command.env("BUILDAH_ISOLATION", "chroot").env("TMPDIR", work.path());
        command.args(["--storage-driver", "vfs", "--root", &path("store"), "--runroot", &path("run")]);
        let output = tools::output(command.args(arguments)).unwrap();
        String::from_utf8(output).unwrap().trim().to_owned()
    };
    let mut from = "scratch".to_owned();
    for (index, step) in STEPS.iter().enumerate() {
        let container = run(&["from", "--signature-policy", policy.to_str().unwrap(), &from]);
        let root = run(&["mount", &container]);
        make(*step, Path::new(&root));
        from = format!("localhost/step{index}:1");
        run(&["commit", "--signature-policy", policy.to_str().unwrap(), "--quiet", &container, &from]);
        let layout = path(&format!("layout{index}"));
        run(&["push", "--signature-policy", policy.to_str().unwrap(), "--quiet", &from, &format!("oci:{layout}:1")]);
        is_folder(Path::new(&layout), Path::new(&root), index + 1);
        // The same with tables of contents, which say what the layers hold.
        let listed = path(&format!("listed{index}"));
        let format = ["--compression-format", "zstd:chunked", "--quiet"];
        let target = format!("oci:{listed}:1");
        run(&[&["push", "--signature-policy", policy.to_str().unwrap()], &format[..], &[&from, &target]].concat());
        is_folder(Path::new(&listed), Path::new(&root), index + 1);
        are_listed(Path::new(&listed), index + 1);
        run(&["umount", &container]);
    }
}
