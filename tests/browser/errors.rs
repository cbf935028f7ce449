//! Bad input: each its own card, and the page stays usable.

use lagvis_fixtures::{Packing, member, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    registry::{NEEDS as REGISTRY, Registry},
    service::{Lagvis, free_port},
    tools,
    workdir::Workdir,
};

/// The sample opens: the page is as usable as before.
async fn usable(page: &Page) {
    page.choose(&tools::site().unwrap().join("sample.tar")).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified", "after an error the page no longer opens an image");
}

#[tokio::test]
async fn files_that_are_damaged_or_no_images() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let good = sample().docker_archive(Packing::Plain).unwrap();
    for (name, bytes, kind) in [
        ("text.tar", b"this is no tar".to_vec(), "not-an-image"),
        ("xz.tar", b"\xfd7zXZ\0\0\0\0\0\0\0\0\0".to_vec(), "unsupported-compression"),
        ("cut.tar", good[..good.len() / 3 / 512 * 512 + 100].to_vec(), "archive-truncated"),
    ] {
        page.go(&lagvis.url).await.unwrap();
        let file = folder.write(name, bytes).unwrap();
        page.choose(&file).await.unwrap();
        assert_eq!(page.error().await.unwrap(), kind, "{name}");
        usable(&page).await;
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_corrupted_layer_is_shown_as_mismatched_and_stays_out_of_the_tree() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let mut bytes = sample().oci_archive(Packing::Gzip).unwrap();
    let whole = folder.write("whole.tar", &bytes).unwrap();
    page.choose(&whole).await.unwrap();
    page.verdict().await.unwrap();
    let receipt = page.receipt().await.unwrap();
    let digest = receipt["images"][0]["layers"][1]["digest"].as_str().unwrap().to_owned();
    let range = member(&bytes, &digest.replacen("sha256:", "blobs/sha256/", 1)).unwrap().unwrap();
    bytes[(range.start + range.end) / 2] ^= 1;
    let file = folder.write("altered.tar", bytes).unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "mismatched");
    assert_eq!(page.error().await.unwrap(), "layer-mismatch");
    let states = page.all("layer-row", "state").await.unwrap();
    assert_eq!(states.iter().filter(|state| *state == "mismatched").count(), 1, "{states:?}");
    assert_eq!(states.iter().filter(|state| *state == "verified").count(), states.len() - 1, "{states:?}");
    let text = page.script("return document.body.innerText").await.unwrap();
    assert!(text.as_str().unwrap().contains(&digest), "the expected digest is not shown");
    assert!(!page.all("tree-row", "path").await.unwrap().is_empty(), "the rest of the image is not shown");
    page.close().await.unwrap();
}

#[tokio::test]
async fn registries_that_are_away_unknown_or_closed() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("sample.tar", sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let registry = Registry::start(None).unwrap();
    registry.push(&format!("oci-archive:{}", file.display()), "demo/app:1").unwrap();
    // A password nobody knows: bcrypt of some text.
    let closed = Registry::start(Some("a:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC\n")).unwrap();
    let away = format!("127.0.0.1:{}", free_port().unwrap());
    let lagvis = Lagvis::serve(&[registry.host.clone(), closed.host.clone(), away.clone()]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for (reference, kind) in [
        (format!("{}/demo/app:2", registry.host), "manifest-unknown"),
        (format!("{}/demo/nothing:1", registry.host), "manifest-unknown"),
        (format!("{}/demo/app:1", closed.host), "access-denied"),
        (format!("{away}/demo/app:1"), "registry-unreachable"),
        ("not-allowed.example/app:1".to_owned(), "registry-not-allowed"),
        ("Not/A/Reference:".to_owned(), "reference-invalid"),
    ] {
        page.go(&lagvis.url).await.unwrap();
        page.pull(&reference).await.unwrap();
        let found = page.error().await.unwrap();
        let either = kind == "manifest-unknown" && found == "name-unknown";
        assert!(found == kind || either, "{reference}: {found}, not {kind}");
        usable(&page).await;
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_proxy_that_is_away_is_asked_about_and_told_apart() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let away = format!("http://127.0.0.1:{}/", free_port().unwrap());
    page.remember(&[("proxy", &away)]).await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.pull("busybox").await.unwrap();
    page.wait("the question", "return document.querySelector(\"[data-testid='confirm-host']\") != null").await.unwrap();
    page.click("confirm-allow").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "proxy-unreachable");
    usable(&page).await;
    page.close().await.unwrap();
}

/// A browser that keeps no sites, as over plain http: the page's own program is gone with its server.
#[tokio::test]
async fn a_site_that_is_gone_is_told_apart() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::blank().await.unwrap();
    page.inject("delete Navigator.prototype.serviceWorker").await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    drop(lagvis);
    page.pull("busybox").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "worker-crashed");
    page.close().await.unwrap();
}
