//! Files that are chosen on the page.

use std::process::Command;

use lagvis_fixtures::{Image, Layer, Packing, edge, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

#[tokio::test]
async fn every_shape_is_verified_and_the_receipt_is_the_commands() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for (name, bytes) in [
        ("docker.tar", sample().docker_archive(Packing::Plain).unwrap()),
        ("docker-old.tar", sample().docker_archive_old().unwrap()),
        ("oci-gzip.tar", sample().oci_archive(Packing::Gzip).unwrap()),
        ("oci-zstd.tar", sample().oci_archive(Packing::Zstd).unwrap()),
        ("edge.tar", edge().oci_archive(Packing::GzipMembers).unwrap()),
    ] {
        let file = folder.write(name, bytes).unwrap();
        page.go(&lagvis.url).await.unwrap();
        page.choose(&file).await.unwrap();
        assert_eq!(page.verdict().await.unwrap(), "verified", "{name}");
        let states = page.all("layer-row", "state").await.unwrap();
        assert!(!states.is_empty() && states.iter().all(|state| state == "verified"), "{name}: {states:?}");
        let theirs =
            tools::output(Command::new(tools::lagvis().unwrap()).args(["inspect", "--json"]).arg(&file)).unwrap();
        let theirs: serde_json::Value = serde_json::from_slice(&theirs).unwrap();
        assert_eq!(page.receipt().await.unwrap(), theirs, "{name}");
        let measures = page.script("return performance.getEntriesByType('measure').map(m => m.name)").await.unwrap();
        for measure in ["lagvis:tree", "lagvis:verified"] {
            assert!(measures.as_array().unwrap().iter().any(|m| m == measure), "{name}: no {measure}");
        }
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_tree_of_the_page_is_the_commands() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let file = folder.write("sample.tar", sample().docker_archive(Packing::Plain).unwrap()).unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    // A filter opens the folders that lead to what it finds, and every path has a slash before it.
    page.tall().await.unwrap();
    page.type_into("filter-input", "/").await.unwrap();
    let listing =
        tools::output(Command::new(tools::lagvis().unwrap()).args(["inspect", "--files"]).arg(&file)).unwrap();
    let paths: Vec<String> = String::from_utf8(listing)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["path"].as_str().unwrap().to_owned())
        .collect();
    let count = format!("return document.querySelectorAll(\"[data-testid='tree-row']\").length == {}", paths.len());
    page.wait("a row for each path", &count).await.unwrap();
    let mut shown = page.all("tree-row", "path").await.unwrap();
    shown.sort();
    assert_eq!(shown, paths);
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_sample_opens_with_one_click_and_cancel_leads_back() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.click("sample-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let id = page.script("return document.querySelector(\"[data-testid='image-id']\").innerText").await.unwrap();
    let expected = sample().id().unwrap();
    let short = expected.trim_start_matches("sha256:").get(..12).unwrap().to_owned();
    assert!(id.as_str().unwrap().contains(&short), "{id} is not {expected}");
    // Its fourth layer is a chmod, which ships files again whose content did not change.
    page.click_css("[data-testid='layer-row'][data-index='3']").await.unwrap();
    let again = "return document.querySelector(\"[data-testid='shipped-again']\")?.textContent";
    let again = page.wait("what the layer ships again", again).await.unwrap();
    assert!(again.as_str().unwrap().contains("for mode, owner or time alone"), "{again}");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_large_plain_image_is_listed_before_it_is_verified_and_withdrawn_if_it_is_not_as_named() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let base = Layer::new("COPY base /").dir("etc", 0o755).file("etc/hostname", 0o644, "large");
    let large = Layer::new("COPY large /").dir("srv", 0o755).file("srv/large", 0o644, vec![b'x'; 150_000_000]);
    let mut bytes = Image::new("large:1").layer(base).layer(large).docker_archive_old().unwrap();
    let file = folder.write("large.tar", &bytes).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let watch = "window.seen = false; new MutationObserver(() => { \
                 window.seen ||= document.querySelector(\"[data-path='srv'].unverified\") != null }) \
                 .observe(document.body, { subtree: true, childList: true }); return true";
    page.script(watch).await.unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert_eq!(page.script("return window.seen").await.unwrap(), true, "the rows were not shown as unverified before");
    let left = page.script("return document.querySelectorAll('.tree-row.unverified').length").await.unwrap();
    assert_eq!(left, 0, "rows are called unverified that are verified");

    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let file = folder.write("altered.tar", &bytes).unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "mismatched");
    page.wait("the rows to be withdrawn", "return document.querySelector(\"[data-path='srv']\") == null")
        .await
        .unwrap();
    assert_eq!(page.all("tree-row", "path").await.unwrap(), ["etc"], "the layers that verified are still shown");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_file_is_dragged_over_the_page_and_falls() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let file = folder.write("sample.tar", sample().docker_archive(Packing::Plain).unwrap()).unwrap();
    let over = "return document.querySelector('.overlay')?.innerText.includes('Drop the image here')";
    page.drag_file("dragEnter", &file).await.unwrap();
    page.drag_file("dragOver", &file).await.unwrap();
    page.wait("the page says that it takes it", over).await.unwrap();
    page.drag_file("drop", &file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.wait("it no longer says so", "return !document.querySelector('.overlay')").await.unwrap();
    page.close().await.unwrap();
}
