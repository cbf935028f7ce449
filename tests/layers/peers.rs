//! What other inspectors get wrong, by number.

use std::process::Command;

use lagvis::protocol::Change;
use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{tools, workdir::Workdir};

use crate::seen::{Seen, merge};

fn layer() -> Layer {
    Layer::new("RUN")
}

fn files(paths: &[&str]) -> Layer {
    paths.iter().fold(layer(), |layer, path| layer.file(path, 0o644, path))
}

fn change(seen: &Seen, path: &str) -> Change {
    let top = seen.tree.layers() - 1;
    seen.tree.change(seen.tree.find(path.as_bytes()).unwrap(), top, top)
}

/// The receipt and the listing of an image as the command gives them.
fn inspected(archive: Vec<u8>) -> (serde_json::Value, String) {
    let folder = Workdir::new().unwrap();
    let file = folder.write("image.tar", archive).unwrap();
    let run = |option: &str| {
        let mut command = Command::new(tools::lagvis().unwrap());
        tools::output(command.args(["inspect", option]).arg(&file)).unwrap()
    };
    (serde_json::from_slice(&run("--json")).unwrap(), String::from_utf8(run("--files")).unwrap())
}

#[test]
fn p01_an_opaque_marker_deletes() {
    merge(vec![files(&["d/a", "d/b/c"]), layer().dir("d", 0o755).opaque("d")]).has(&["d"]).agrees_with_umoci();
}

#[test]
fn p02_an_opaque_marker_after_its_siblings_hides_lower_layers_only() {
    let upper = layer().dir("d", 0o755).file("d/a", 0o644, "").dir("d/b", 0o755).file("d/b/x", 0o644, "").opaque("d");
    merge(vec![files(&["d/a", "d/b/c"]), upper]).has(&["d", "d/a", "d/b", "d/b/x"]).agrees_with_umoci();
}

#[test]
fn p03_a_whiteout_followed_by_a_new_directory() {
    let upper = layer().whiteout("d").dir("d", 0o700).file("d/new", 0o644, "");
    merge(vec![files(&["d/old"]), upper]).has(&["d", "d/new"]).silent().agrees_with_umoci();
}

#[test]
fn p04_a_longer_name_than_the_opaque_marker_is_an_ordinary_whiteout() {
    merge(vec![files(&["d/a", "d/b"]), layer().file("d/.wh..wh..opqX", 0o644, "")]).has(&["d", "d/a", "d/b"]);
}

#[test]
fn p05_whiteouts_in_the_lowest_layer_are_no_files() {
    let seen =
        merge(vec![files(&["a"]).whiteout("x").dir("d", 0o755).opaque("d")]).has(&["a", "d"]).agrees_with_umoci();
    assert_eq!(seen.tree.layer_changes()[0].added, 2);
}

#[test]
fn p06_a_directory_replaced_by_a_file_or_link_loses_its_children() {
    let below = || files(&["d/x/y", "e/x/y"]);
    merge(vec![below(), layer().file("d", 0o644, "").symlink("e", "d")]).has(&["d", "e"]).silent().agrees_with_umoci();
}

#[test]
fn p07_deeper_children_of_a_deleted_directory_are_removed() {
    let seen = merge(vec![files(&["d/x/y/z", "keep"]), layer().whiteout("d")]).has(&["keep"]).agrees_with_umoci();
    for path in ["d", "d/x", "d/x/y", "d/x/y/z"] {
        assert_eq!(change(&seen, path), Change::Removed, "{path}");
    }
    assert_eq!(seen.tree.layer_changes()[1].removed, 4);
}

#[test]
fn p08_a_retargeted_link_is_modified() {
    let seen = merge(vec![layer().symlink("l", "a"), layer().symlink("l", "b")]).agrees_with_umoci();
    assert_eq!(change(&seen, "l"), Change::Modified);
    assert_eq!(seen.file("l").link.as_deref(), Some("b"));
}

#[test]
fn p09_of_a_duplicate_path_the_last_counts_and_alone() {
    let twice = layer().file("f", 0o644, "first").file("f", 0o644, "the last");
    let seen = merge(vec![twice]).size("f", 8).agrees_with_umoci();
    assert_eq!(seen.tree.layer_changes()[0].contribution, 8);
}

#[test]
fn p10_an_entry_through_a_link_leaves_it_a_link() {
    let base = layer().dir("run", 0o755).dir("var", 0o755).symlink("var/run", "../run");
    merge(vec![base, files(&["var/run/pid"])])
        .has(&["run", "run/pid", "var", "var/run"])
        .kind("var/run", "symlink")
        .agrees_with_umoci();
}

#[test]
fn p11_a_hard_link_keeps_its_content_when_its_target_changes_or_goes() {
    let base = || layer().file("a", 0o644, "12345").hardlink("b", "a", 0o644);
    merge(vec![base(), layer().file("a", 0o644, "1")]).size("a", 1).size("b", 5).agrees_with_umoci();
    merge(vec![base(), layer().whiteout("a")]).has(&["b"]).size("b", 5).agrees_with_umoci();
}

#[test]
fn p12_hard_links_across_layers() {
    let seen = merge(vec![files(&["file"]), layer().hardlink("l", "file", 0o644), layer().hardlink("m", "l", 0o644)]);
    seen.size("l", 4).size("m", 4).agrees_with_umoci();
}

#[test]
fn p13_a_hard_link_in_a_directory_without_entry() {
    merge(vec![files(&["a"]).hardlink("d/e/b", "a", 0o644)])
        .has(&["a", "d", "d/e", "d/e/b"])
        .size("d/e/b", 1)
        .agrees_with_umoci();
}

#[test]
fn p14_chains_of_hard_links() {
    let chain = files(&["abc"]).hardlink("b", "abc", 0o644).hardlink("c", "b", 0o644).hardlink("d", "c", 0o644);
    let seen = merge(vec![chain, layer().whiteout("c")]).has(&["abc", "b", "d"]).size("d", 3).agrees_with_umoci();
    assert_eq!(seen.tree.layer_changes()[0].contribution, 3, "one content, however many names");
}

#[test]
fn p15_a_bare_whiteout() {
    let layers = vec![files(&["d/a"]), layer().file("d/.wh.", 0o644, "")];
    merge(layers).has(&["d", "d/a"]).warns("whiteout-invalid", &["umoci"]).refused_by_umoci(".wh.");
}

#[test]
fn p16_empty_pax_values() {
    let entry = files(&["f"]).pax("SCHILY.xattr.user.overlay.origin", b"").pax("comment", b"");
    merge(vec![entry]).has(&["f"]).silent();
}

#[test]
fn p17_pax_values_with_newlines() {
    let entry = files(&["short"]).pax("path", b"new\nline").pax("SCHILY.xattr.user.a", b"1\n12 path=no\n");
    merge(vec![entry, files(&["next"])]).has(&["new\nline", "next"]).silent();
}

#[test]
fn p18_a_global_pax_header() {
    let base = layer().global_pax("52 comment=0123456789012345678901234567890123456789\n");
    let seen = merge(vec![base.file("a", 0o644, "a").dir("d", 0o755)]).has(&["a", "d"]).silent();
    assert_eq!(seen.tree.layer_changes()[0].added, 2);
}

#[test]
fn p20_gzip_of_several_members() {
    let image = Image::new("gz:1").layer(layer().file("big", 0o644, "0123456789".repeat(20_000)));
    let (receipt, files) = inspected(image.oci_archive(Packing::GzipMembers).unwrap());
    assert_eq!(receipt["images"][0]["verdict"], "verified");
    assert!(files.contains("\"size\":200000"), "{files}");
}

#[test]
fn p21_zstd_of_several_frames_and_skippable_ones() {
    let image = Image::new("zstd:1").layer(layer().file("big", 0o644, "0123456789".repeat(20_000)));
    let (receipt, files) = inspected(image.oci_archive(Packing::Zstd).unwrap());
    assert_eq!(receipt["images"][0]["verdict"], "verified");
    assert!(files.contains("\"size\":200000"), "{files}");
}

#[test]
fn p22_data_after_the_tars_end_counts_in_the_diff_id() {
    let tail = [7; 1536];
    let layer = files(&["f"]).trailing(&tail);
    merge(vec![layer.clone()]).has(&["f"]);
    let (receipt, _) = inspected(Image::new("tail:1").layer(layer).oci_archive(Packing::Gzip).unwrap());
    assert_eq!(receipt["images"][0]["verdict"], "verified");
}

#[test]
fn p23_the_order_of_layers_without_manifest_json_is_the_manifests() {
    let steps = 8;
    let image = (0..steps).fold(Image::new("order:1"), |image, n| {
        image.layer(Layer::new(&format!("step {n}")).file("f", 0o644, "x".repeat(n + 1)))
    });
    let archive = image.oci_archive(Packing::Gzip).unwrap();
    let first = inspected(archive.clone());
    assert!(first.1.contains("\"size\":8,") && first.1.contains("\"layer\":7"), "{}", first.1);
    let layers = first.0["images"][0]["layers"].as_array().unwrap();
    let steps: Vec<&str> = layers.iter().filter_map(|layer| layer["created_by"].as_str()).collect();
    assert_eq!(steps, ["step 0", "step 1", "step 2", "step 3", "step 4", "step 5", "step 6", "step 7"]);
    for _ in 0..5 {
        assert!(inspected(archive.clone()) == first, "another run, another answer");
    }
}

#[test]
fn p24_waste_is_what_does_not_reach_the_final_image() {
    let deleted = merge(vec![layer().dir("d", 0o755).file("d/f", 0o644, [0; 1000]), layer().whiteout("d")]);
    assert_eq!(deleted.tree.layer_changes()[0].contribution, 0, "a deleted folder's bytes are waste");
    let copies = merge((0..4).map(|_| layer().file("f", 0o644, [0; 1000])).collect());
    let contributions: Vec<u64> = copies.tree.layer_changes().iter().map(|layer| layer.contribution).collect();
    assert_eq!(contributions, [0, 0, 0, 1000], "of n copies n - 1 are waste");
}
