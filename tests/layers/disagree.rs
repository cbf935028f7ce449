//! Where tools disagree: the tree is what a sequential apply by the spec gives, and a warning names who differs.

use lagvis_fixtures::Layer;

use crate::seen::merge;

fn layer() -> Layer {
    Layer::new("RUN")
}

/// A layer of files, each with its own path as content.
fn files(paths: &[&str]) -> Layer {
    paths.iter().fold(layer(), |layer, path| layer.file(path, 0o644, path))
}

/// `real/k`, and `lnk`, which leads to `real`.
fn linked() -> Layer {
    layer().dir("real", 0o755).file("real/k", 0o644, "k").symlink("lnk", "real")
}

#[test]
fn a_file_then_its_whiteout_in_one_layer_is_kept() {
    merge(vec![files(&["f"]), layer().file("f", 0o644, "new one").whiteout("f")])
        .has(&["f"])
        .size("f", 7)
        .warns("whiteout-of-own-entry", &["umoci", "Docker", "containers-storage", "overlay"])
        .agrees_with_umoci();
}

#[test]
fn a_whiteout_then_the_file_is_kept() {
    merge(vec![files(&["f"]), layer().whiteout("f").file("f", 0o644, "new one")])
        .has(&["f"])
        .size("f", 7)
        .silent()
        .agrees_with_umoci();
}

#[test]
fn an_opaque_marker_at_the_end_hides_lower_layers_only() {
    merge(vec![files(&["d/old"]), layer().dir("d", 0o755).file("d/new", 0o644, "").opaque("d")])
        .has(&["d", "d/new"])
        .silent()
        .agrees_with_umoci();
}

#[test]
fn an_entry_through_a_linked_directory_lands_where_it_leads() {
    merge(vec![linked(), files(&["lnk/z"])])
        .has(&["lnk", "real", "real/k", "real/z"])
        .kind("lnk", "symlink")
        .warns("entry-through-link", &["umoci", "vfs", "overlay", "dive"])
        .agrees_with_umoci();
}

#[test]
fn an_explicit_directory_replaces_a_link() {
    merge(vec![linked(), layer().dir("lnk", 0o700).file("lnk/z", 0o644, "")])
        .has(&["lnk", "lnk/z", "real", "real/k"])
        .kind("lnk", "dir")
        .silent()
        .agrees_with_umoci();
}

#[test]
fn a_whiteout_through_a_link_deletes_where_it_leads() {
    merge(vec![linked(), layer().whiteout("lnk/k")])
        .has(&["lnk", "real"])
        .warns("whiteout-through-link", &["umoci", "vfs", "overlay"])
        .agrees_with_umoci();
}

#[test]
fn a_child_of_a_lower_layers_file_makes_it_a_directory() {
    merge(vec![files(&["f"]), files(&["f/x"])])
        .has(&["f", "f/x"])
        .kind("f", "dir")
        .warns("file-as-directory", &["overlay", "umoci"])
        .refused_by_umoci("not a directory");
}

#[test]
fn a_hard_link_to_a_lower_layers_file_works() {
    merge(vec![files(&["file"]), layer().hardlink("link", "file", 0o644)])
        .has(&["file", "link"])
        .size("link", 4)
        .warns("hardlink-across-layers", &["umoci", "vfs", "Docker", "containers-storage", "overlay"])
        .agrees_with_umoci();
}

#[test]
fn of_a_duplicate_path_the_last_counts() {
    merge(vec![layer().file("f", 0o644, "first").file("f", 0o600, "last one")])
        .has(&["f"])
        .size("f", 8)
        .warns("duplicate-path", &["umoci", "Docker", "containers-storage", "crane", "dive"])
        .agrees_with_umoci();
}

#[test]
fn absolute_and_climbing_names_are_held_inside_the_root() {
    merge(vec![files(&["/abs", "../../x"])]).has(&["abs", "x"]).warns("path-clamped", &[]).agrees_with_umoci();
}

#[test]
fn a_whiteout_of_directory_type_is_a_whiteout() {
    merge(vec![files(&["d/x", "e"]), layer().dir(".wh.d", 0o755)]).has(&["e"]).silent().agrees_with_umoci();
}

#[test]
fn a_whiteout_that_names_nothing_is_an_error() {
    merge(vec![files(&["a"]), layer().file(".wh.", 0o644, "").file("b", 0o644, "")])
        .has(&["a", "b"])
        .warns("whiteout-invalid", &["umoci", "Docker"])
        .refused_by_umoci(".wh.");
}

#[test]
fn a_whiteout_of_what_is_not_there_is_ignored() {
    merge(vec![files(&["a"]), layer().whiteout("nothere")]).has(&["a"]).silent().agrees_with_umoci();
}

/// Found by the random stacks, beyond the table.
mod found {
    use super::*;

    #[test]
    fn a_whiteout_in_a_folder_that_is_not_there() {
        merge(vec![files(&["a"]), layer().whiteout("never/nothere")])
            .has(&["a"])
            .warns("whiteout-without-folder", &["umoci", "Docker"])
            .agrees_with_umoci();
        merge(vec![files(&["a"]), layer().dir("d", 0o755).whiteout("d/x")])
            .has(&["a", "d"])
            .silent()
            .agrees_with_umoci();
    }

    #[test]
    fn an_opaque_marker_after_entries_of_a_folder_without_entry() {
        merge(vec![files(&["d/old"]), files(&["d/sub/new"]).opaque("d")])
            .has(&["d", "d/sub", "d/sub/new"])
            .warns("opaque-after-own-entry", &["umoci", "Docker"])
            .agrees_with_umoci();
    }

    #[test]
    fn a_hard_link_to_what_its_layer_deletes_keeps_the_content() {
        merge(vec![files(&["file"]), layer().hardlink("link", "file", 0o644).whiteout("file")])
            .has(&["link"])
            .size("link", 4)
            .warns("hardlink-target-deleted", &["umoci", "Docker"])
            .agrees_with_umoci();
    }

    #[test]
    fn a_hard_link_to_a_link_is_one_and_leads_on() {
        merge(vec![linked(), layer().hardlink("also", "lnk", 0o777), files(&["also/z"])])
            .has(&["also", "lnk", "real", "real/k", "real/z"])
            .kind("also", "symlink")
            .agrees_with_umoci();
    }

    #[test]
    fn a_hard_link_to_a_folder_or_to_nothing() {
        let layers = vec![files(&["d/x"]).hardlink("l", "d", 0o755)];
        merge(layers).size("l", 0).warns("hardlink-target-missing", &["umoci", "Docker"]).refused_by_umoci("link");
        let layers = vec![layer().hardlink("l", "nothing", 0o755)];
        merge(layers).size("l", 0).warns("hardlink-target-missing", &["umoci", "Docker"]).refused_by_umoci("link");
    }

    #[test]
    fn a_hard_link_with_attributes_of_its_own() {
        merge(vec![files(&["file"]).hardlink("link", "file", 0o600)])
            .has(&["file", "link"])
            .warns("hardlink-attributes", &["umoci", "Docker"]);
    }

    #[test]
    fn an_entry_below_a_loop_of_links() {
        merge(vec![layer().symlink("a", "b").symlink("b", "a"), files(&["a/x", "c"])])
            .has(&["a", "b", "c"])
            .warns("link-loop", &["umoci", "Docker"])
            .refused_by_umoci("too many levels of symbolic links");
    }
}
