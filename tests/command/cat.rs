//! `lagvis inspect --cat`: the bytes of one file, and what is refused.

use std::process::Output;

use lagvis_fixtures::{Image, Layer, Packing, member, sample};
use lagvis_tests::workdir::Workdir;

use super::{archives, inspect, receipt};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn assert_refused(output: &Output, words: &str, of: &str) {
    assert_eq!(output.status.code(), Some(2), "{of}: {}", said(output));
    assert!(output.stdout.is_empty(), "{of}: something was printed");
    assert!(said(output).lines().count() == 1 && said(output).contains(words), "{of}: {}", said(output));
}

/// Bytes that hardly compress, and are the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0] & 0x3f
    };
    (0..length).map(|_| next()).collect()
}

/// A layer of 17 MB, so that a compressed one has points at which it can be entered.
fn large() -> (Image, Vec<u8>) {
    let noise = noise(17_000_000);
    let (first, second) = noise.split_at(9_000_000);
    let layer = Layer::new("COPY . /")
        .dirs(&["d"])
        .file("d/first", 0o644, first)
        .hardlink("d/again", "d/first", 0o644)
        .file("d/empty", 0o644, "")
        .file("d/second", 0o644, second)
        .file_bytes(b"d/\xff\\x", 0o644, "odd name")
        .symlink("loop", "loop")
        .symlink("up", "../../../d/link")
        .symlink("d/link", "/d/second")
        .fifo("pipe")
        .char_device("null", 1, 3);
    (Image::new("large:1").layer(layer), noise)
}

#[test]
fn the_bytes_of_a_file_from_every_shape() {
    let folder = Workdir::new().unwrap();
    for (name, bytes) in archives() {
        let path = folder.write(name, bytes).unwrap();
        let path = path.to_str().unwrap();
        let cat = |arguments: &[&str]| inspect(&[&["--cat"], arguments, &[path]].concat());
        for file in ["etc/os-release", "/usr/lib/os-release", "/etc/../lib/./os-release", "usr//lib/os-release"] {
            let output = cat(&[file]);
            assert_eq!(output.status.code(), Some(0), "{name}, {file}: {}", said(&output));
            assert!(output.stdout.starts_with(b"NAME=\"Lagvis Sample Linux\"\n"), "{name}, {file}");
        }
        assert_eq!(cat(&["usr/bin/sh"]).stdout, cat(&["usr/bin/toolbox"]).stdout, "{name}: a hard link");
        // A file of an older layer, changed later, and one that is gone in the end.
        let old = cat(&["etc/passwd", "--layer", "0"]).stdout;
        let new = cat(&["etc/passwd"]).stdout;
        assert!(new.len() > old.len() && new.starts_with(&old), "{name}: etc/passwd over layers");
        let secret = cat(&["srv/app/.env", "--layer", "2"]);
        assert_eq!(secret.stdout, b"API_TOKEN=this-was-never-meant-to-be-shipped\n", "{name}");
        assert_refused(&cat(&["srv/app/.env"]), "no such path", name);
        assert_refused(&cat(&["srv/app/.env", "--layer", "1"]), "no such path", name);
        assert_refused(&cat(&["etc/passwd", "--layer", "5"]), "0 to 4", name);
        assert_refused(&cat(&["etc"]), "directory", name);
        assert_refused(&cat(&["/"]), "directory", name);
        assert_refused(&cat(&["etc/passwd/x"]), "no directory", name);
        assert_refused(&cat(&[r"etc\passwd"]), "backslash", name);
    }
}

#[test]
fn large_files_from_the_middle_of_layers() {
    let folder = Workdir::new().unwrap();
    let (image, noise) = large();
    let (first, second) = noise.split_at(9_000_000);
    for packing in [Packing::Plain, Packing::Gzip, Packing::GzipMembers, Packing::Zstd] {
        let path = folder.write("large.tar", image.oci_archive(packing).unwrap()).unwrap();
        let cat = |file: &str| inspect(&["--cat", file, path.to_str().unwrap()]);
        for (file, content) in [
            ("d/second", second),
            ("up", second),
            ("d/again", first),
            ("d/empty", &[]),
            (r"d/\xff\\x", b"odd name".as_slice()),
        ] {
            let output = cat(file);
            assert_eq!(output.status.code(), Some(0), "{packing:?}, {file}: {}", said(&output));
            assert!(output.stdout == content, "{packing:?}, {file}: other bytes");
        }
        for (file, words) in [("loop", "symbolic links"), ("pipe", "named pipe"), ("null", "device")] {
            assert_refused(&cat(file), words, file);
        }
    }
}

#[test]
fn what_failed_is_never_printed_and_what_is_verified_is() {
    let folder = Workdir::new().unwrap();
    for (name, mut bytes) in archives() {
        let whole = folder.write("good", &bytes).unwrap();
        let good = receipt(&inspect(&["--json", whole.to_str().unwrap()]));
        let subject = good["images"][0]["checks"].as_array().unwrap().last().unwrap()["subject"].as_str().unwrap();
        let blob = subject.strip_prefix("sha256:").map_or(subject.to_owned(), |hex| format!("blobs/sha256/{hex}"));
        let range = member(&bytes, &blob).unwrap().unwrap_or_else(|| panic!("{name} has no {blob}"));
        bytes[usize::midpoint(range.start, range.end)] ^= 4;
        let path = folder.write(name, &bytes).unwrap();
        let cat = |arguments: &[&str]| inspect(&[&["--cat"], arguments, &[path.to_str().unwrap()]].concat());
        let output = cat(&["etc/os-release"]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        assert!(output.stdout.starts_with(b"NAME="), "{name}");
        assert!(said(&output).contains("left out, as they failed: 4"), "{name}: {}", said(&output));
        // The failed layer alone has it.
        assert_refused(&cat(&["usr/share/doc/README"]), "as they failed: 4", name);
        assert_refused(&cat(&["etc/os-release", "--layer", "4"]), "layer 4", name);
        assert_eq!(cat(&["etc/os-release", "--layer", "3"]).status.code(), Some(1), "{name}");
    }
}

#[test]
fn one_image_is_needed_and_a_pipe_will_do() {
    let folder = Workdir::new().unwrap();
    let images = lagvis_fixtures::multi();
    let path = folder.write("multi", lagvis_fixtures::multi_archive(&images, Packing::Gzip).unwrap()).unwrap();
    let path = path.to_str().unwrap();
    assert_refused(&inspect(&["--cat", "etc/machine", path]), "exactly one image", "several images");
    let output = inspect(&["--cat", "etc/machine", "--platform", "linux/arm64", path]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), b"arm64".as_slice()), "{}", said(&output));
    assert_eq!(inspect(&["--layer", "1", path]).status.code(), Some(2), "--layer alone");

    let archive = folder.write("x.tar", sample().docker_archive(Packing::Gzip).unwrap()).unwrap();
    let mut command = std::process::Command::new(lagvis_tests::tools::lagvis().unwrap());
    let file = std::fs::File::open(archive).unwrap();
    let output = command.args(["inspect", "--cat", "etc/group", "-"]).stdin(file).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(output.stdout.starts_with(b"root:x:0:\n"));
}
