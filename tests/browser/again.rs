//! The ways back: to the other images of a file, and to what failed, once it works.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use lagvis_fixtures::{Image, Layer, Packing, docker_archive_of, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    hostile::{Blobs, Hostile, Twist, response},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

#[tokio::test]
async fn the_other_image_of_a_file_is_a_click_away() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let both = docker_archive_of(&[
        Image::new("one:1").layer(Layer::new("COPY a /").file("a", 0o644, "a")),
        Image::new("two:1").layer(Layer::new("COPY b /").file("b", 0o644, "b")),
    ]);
    let file = folder.write("both.tar", both.unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    for (nth, path) in [(1, "a"), (2, "b"), (1, "a")] {
        page.click_css(&format!("li:nth-of-type({nth}) > [data-testid='image-option']")).await.unwrap();
        assert_eq!(page.verdict().await.unwrap(), "verified");
        assert_eq!(page.all("tree-row", "path").await.unwrap(), [path]);
        page.click("images-button").await.unwrap();
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn what_failed_is_tried_again_by_its_button() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    let registry = Hostile::start(Blobs::of(&sample().oci_archive(Packing::Gzip).unwrap()).unwrap(), move |_, _| {
        if down.load(Ordering::SeqCst) {
            Twist::Bytes(response("500 Internal Server Error", &[], b"{}"))
        } else {
            Twist::Honest
        }
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    // It gives up soon.
    page.remember(&[("patience", "1")]).await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    let reference = format!("{}/demo/app:latest", registry.host);
    page.pull(&reference).await.unwrap();
    page.error().await.unwrap();
    page.click("back-button").await.unwrap();
    page.wait("the start", "return document.documentElement.dataset.phase == 'start'").await.unwrap();
    page.pull(&reference).await.unwrap();
    page.error().await.unwrap();
    is_down.store(false, Ordering::SeqCst);
    page.click("retry-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_look_of_a_file_without_an_image_waits_for_it() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let layer = Layer::new("")
        .dirs(&["etc", "bin"])
        .file("etc/passwd", 0o644, "root:x:0:0::/:/bin/sh\n")
        .file("bin/sh", 0o755, "sh");
    let file = folder.write("rootfs.tar", layer.tar().unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    let title = page.script("return document.querySelector(\"[data-testid='share-button']\").title").await.unwrap();
    assert!(title.as_str().unwrap().contains("The file is not in it"), "{title}");
    page.click_css("[data-testid='tree-row'][data-path='etc'] .twisty").await.unwrap();
    page.click_css("[data-testid='tree-row'][data-path='etc/passwd']").await.unwrap();
    page.wait("the path in the link", "return location.hash.includes('path=etc/passwd')").await.unwrap();
    let link = page.address().await.unwrap();
    page.go(&link).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "file-needed");
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    let shown = "return document.querySelector(\"[data-testid='file-detail'][data-path='etc/passwd']\")";
    page.wait("the same path", shown).await.unwrap();
    page.close().await.unwrap();
}
