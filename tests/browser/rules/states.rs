//! What an image shows rarely: choices of layers, nothing found, files that say little, images without files or waste.

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{docker::entries_of, service::Lagvis, workdir::Workdir};

use super::Audit;

/// A PNG's header that says so many pixels, and nothing behind it.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

fn image() -> Image {
    let base = Layer::new("ADD rootfs.tar /")
        .dirs(&["app", "app/deep"])
        .file("app/empty", 0o644, "")
        .file("app/broken.png", 0o644, png(40, 30))
        .file("app/huge.png", 0o644, png(60_000, 60_000))
        .file("app/data.bin", 0o644, vec![0; 5_000])
        .file("app/cut.elf", 0o755, &b"\x7fELF\x09\x09"[..])
        .file("app/old", 0o644, "old\n")
        .file("app/deep/file", 0o644, "deep\n")
        .symlink("app/nowhere", "/not/there");
    let mut other = vec![0; 5_000];
    other[4_000] = 255;
    let next = Layer::new("RUN rm /app/old")
        .file("app/data.bin", 0o644, other)
        .whiteout("app/old")
        .file("app/new", 0o4755, "new\n")
        .whiteout("app/new");
    let last = Layer::new("COPY last /").file("last", 0o644, "last\n");
    Image::new("states:1").layer(base).layer(next).layer(last)
}

/// The image with another look, by its link.
async fn look(audit: &Audit, link: &str, fields: &str, css: &str) {
    audit.page.script(&format!("location.hash = '{link}&{fields}'; return true")).await.unwrap();
    audit.see(fields, css).await;
    assert!(audit.page.all("error", "kind").await.unwrap().is_empty(), "{fields}: the page does not take it");
}

#[tokio::test]
async fn choices_and_files_that_say_little() {
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };
    let file = folder.write("states.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    audit.page.choose(&file).await.unwrap();
    audit.page.verdict().await.unwrap();
    let link = audit.page.address().await.unwrap();
    let link = link.split_once('#').unwrap().1;
    for (name, fields, css, pane) in [
        ("a range", "layer=0..1&depth=all", "[data-testid='tree-row'][data-change='added']", "files"),
        ("only changes", "layer=1&only=1&depth=all", "[data-testid='tree-row'][data-change='removed']", "files"),
        ("a layer alone", "layer=1&only=alone&depth=all", "[data-testid='tree-row'][data-change='removed']", "files"),
        (
            "filters",
            "depth=all&type=file,symlink&size=0..9000&owner=0:0&mode=/111",
            "[data-testid='filter-chip'] ~ [data-testid='filter-chip'] ~ [data-testid='filter-chip'] ~ [data-testid='filter-chip']",
            "files",
        ),
        ("nothing found", "filter=zzz", ".tree .nothing, .tree-body .nothing, .nothing", "files"),
        ("an empty file", "path=app/empty", "[data-testid='file-content'][data-mode='empty']", "detail"),
        ("a broken picture", "path=app/broken.png", "[data-testid='content-problem']", "detail"),
        ("a huge picture", "path=app/huge.png", "[data-testid='content-too-large']", "detail"),
        ("a program that is cut", "path=app/cut.elf", "[data-testid='content-partly']", "detail"),
        ("a link to nowhere", "path=app/nowhere", "[data-testid='trail-broken']", "detail"),
        ("bytes compared", "path=app/data.bin&compare=0..1", "[data-testid='difference']", "detail"),
        ("space by change", "tab=space&folder=app&colour=change&layer=1", "[data-testid='map-cell']", "files"),
        ("oddities", "tab=checks", ".warnings li", "files"),
    ] {
        look(&audit, link, fields, css).await;
        audit.part(name, Some(pane), css).await;
    }
    audit.front("files").await;
    audit.page.click("tab-files").await.unwrap();
    audit.page.click("jump-button").await.unwrap();
    audit.page.keys("/app/old\u{e007}").await.unwrap();
    audit.see("where it is", "[data-testid='jump-problem']:not(:empty)").await;
    audit.part("a path that is gone", Some("files"), "[data-testid='jump-problem']:not(:empty)").await;
    audit.end(14).await;
}

#[tokio::test]
async fn images_with_nothing_in_them() {
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };
    let lean = Image::new("lean:1").layer(Layer::new("COPY a /").file("a", 0o644, "a"));
    let none = Image::new("none:1").step("CMD [\"sh\"]");
    for (name, image) in [("lean", lean), ("none", none)] {
        let file = folder.write(&format!("{name}.tar"), image.oci_archive(Packing::Gzip).unwrap()).unwrap();
        audit.page.go(&lagvis.url).await.unwrap();
        audit.page.choose(&file).await.unwrap();
        audit.page.verdict().await.unwrap();
        audit.pane(&format!("{name}, files"), Some("files")).await;
        audit.page.click("tab-space").await.unwrap();
        audit.see("no waste", "[data-testid='no-waste']").await;
        audit.pane(&format!("{name}, space"), Some("files")).await;
        audit.page.click("tab-config").await.unwrap();
        audit.pane(&format!("{name}, config"), Some("files")).await;
    }
    // A root file system, as docker export writes it.
    let layer = Layer::new("")
        .dirs(&["etc", "bin"])
        .file("etc/passwd", 0o644, "root:x:0:0::/:/bin/sh\n")
        .file("bin/sh", 0o755, "sh");
    let bytes = layer.tar().unwrap();
    assert_eq!(entries_of(bytes.as_slice()).unwrap().len(), 3);
    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.choose(&folder.write("rootfs.tar", bytes).unwrap()).await.unwrap();
    audit.page.verdict().await.unwrap();
    audit.view("root file system").await;
    audit.page.click("tab-config").await.unwrap();
    audit.see("no config", "[data-testid='no-config']").await;
    audit.pane("root file system, config", Some("files")).await;
    audit.end(8).await;
}
