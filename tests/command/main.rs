//! `lagvis inspect` on generated images: exit status, receipt, `--files`, and what damage does.

mod cat;

use std::process::{Command, Output};

use lagvis_fixtures::{Image, Layer, Lazy, Packing, member, sample};
use lagvis_tests::{tools, workdir::Workdir};

fn inspect(arguments: &[&str]) -> Output {
    Command::new(tools::lagvis().unwrap()).arg("inspect").args(arguments).output().unwrap()
}

fn receipt(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("docker", sample().docker_archive(Packing::Plain).unwrap()),
        ("docker-gzip", sample().docker_archive(Packing::Gzip).unwrap()),
        ("docker-old", sample().docker_archive_old().unwrap()),
        ("oci-gzip", sample().oci_archive(Packing::Gzip).unwrap()),
        ("oci-members", sample().oci_archive(Packing::GzipMembers).unwrap()),
        ("oci-zstd", sample().oci_archive(Packing::Zstd).unwrap()),
    ]
}

#[test]
fn every_shape_is_verified_and_gives_the_same_tree() {
    let folder = Workdir::new().unwrap();
    let mut trees = Vec::new();
    for (name, bytes) in archives() {
        let path = folder.write(name, bytes).unwrap();
        let path = path.to_str().unwrap();
        let output = inspect(&["--json", path]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let receipt = receipt(&output);
        assert_eq!(receipt["images"][0]["verdict"], "verified", "{name}");
        assert_eq!(receipt["images"][0]["image_id"], sample().id().unwrap(), "{name}");
        trees.push((name, inspect(&["--files", path]).stdout));
    }
    let (_, first) = trees.first().unwrap();
    assert!(first.starts_with(b"{\"path\":\""), "the listing is there");
    for (name, tree) in &trees {
        assert!(tree == first, "{name} has another tree than docker");
    }
}

#[test]
fn a_pipe_is_read_as_a_file_is() {
    let folder = Workdir::new().unwrap();
    let path = folder.write("x.tar", sample().docker_archive(Packing::Plain).unwrap()).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let mut command = Command::new(tools::lagvis().unwrap());
    let output = command.args(["inspect", "--json", "-"]).stdin(file).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(receipt(&output)["source"]["name"], "-");
}

#[test]
fn a_flipped_bit_in_a_layer_is_a_mismatch_and_the_layer_stays_out() {
    let folder = Workdir::new().unwrap();
    for (name, mut bytes) in archives() {
        let whole = folder.write("good", &bytes).unwrap();
        let good = receipt(&inspect(&["--json", whole.to_str().unwrap()]));
        let subject = good["images"][0]["checks"].as_array().unwrap().last().unwrap()["subject"].as_str().unwrap();
        let blob = subject.strip_prefix("sha256:").map_or(subject.to_owned(), |hex| format!("blobs/sha256/{hex}"));
        let range = member(&bytes, &blob).unwrap().unwrap_or_else(|| panic!("{name} has no {blob}"));
        let middle = (range.start + range.end) / 2;
        bytes[middle] ^= 4;
        let path = folder.write(name, &bytes).unwrap();
        let output = inspect(&["--json", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let receipt = receipt(&output);
        assert_eq!(receipt["images"][0]["verdict"], "mismatched", "{name}");
        assert_eq!(receipt["problems"][0]["kind"], "layer-mismatch", "{name}");
        let listing = inspect(&["--files", path.to_str().unwrap()]);
        let last = good["images"][0]["layers"].as_array().unwrap().len() - 1;
        let from_it = format!("\"layer\":{last}}}");
        assert!(
            !String::from_utf8_lossy(&listing.stdout).contains(&from_it),
            "{name}: an altered layer is in the tree"
        );
    }
}

#[test]
fn a_table_of_contents_that_lies_is_a_problem_of_a_verified_image() {
    let folder = Workdir::new().unwrap();
    let layer = || Layer::new("RUN x").dir("etc", 0o755).file("etc/passwd", 0o644, "root:x:0:0::/:/bin/sh\n");
    for kind in [Lazy::EStargz, Lazy::ZstdChunked] {
        let honest = layer().listed(kind, |_| {}).unwrap();
        let lying = layer().listed(kind, |entries| entries.retain(|entry| entry["type"] == "dir")).unwrap();
        let image = Image::new("lazy:1").layer(honest.layer()).layer(lying.layer());
        let path = folder.write("lazy.tar", image.oci_archive(Packing::Gzip).unwrap()).unwrap();
        let output = inspect(&["--json", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "what is shown is the tar, which is verified");
        let receipt = receipt(&output);
        assert_eq!(receipt["images"][0]["verdict"], "verified");
        let problems = receipt["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0]["kind"], "toc-differs");
        let told = receipt["images"][0]["warnings"].as_array().unwrap().iter().find(|w| w["kind"] == "toc-differs");
        let told = told.unwrap();
        assert_eq!((&told["layer"], &told["path"]), (&1.into(), &"etc/passwd".into()));
        let shown = String::from_utf8(inspect(&[path.to_str().unwrap()]).stdout).unwrap();
        assert!(shown.contains("table of contents and tar differ at 1 path, first at etc/passwd"), "{shown}");
    }
}

#[test]
fn what_is_no_image_says_so() {
    let folder = Workdir::new().unwrap();
    for (name, bytes, words) in [
        ("text", b"hello, this is no tar".to_vec(), "not-an-image"),
        ("empty", Vec::new(), "not-an-image"),
        ("xz", b"\xfd7zXZ\0 and more".to_vec(), "unxz"),
        ("zeros", vec![0; 4096], "not-an-image"),
    ] {
        let path = folder.write(name, bytes).unwrap();
        let output = inspect(&["--json", path.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.lines().count() == 1, "{name}: one clear line, not {said}");
        assert!(words == "not-an-image" || said.contains(words), "{name}: {said}");
    }
    assert_eq!(inspect(&["/nowhere/x.tar"]).status.code(), Some(2));
    assert_eq!(inspect(&["Not A Reference"]).status.code(), Some(2));
}
