//! Images pulled on the page, from a real registry through the real proxy.

use lagvis_fixtures::{Packing, multi, multi_archive};
use lagvis_tests::{
    browser::{NEEDS, Page},
    pushed::Pushed,
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

#[tokio::test]
async fn a_pulled_image_is_verified_and_alterations_on_the_registry_are_seen() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let Pushed { folder: _folder, file, registry, lagvis, reference } = Pushed::start().unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();

    page.pull(&reference).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let pulled = page.receipt().await.unwrap();
    let rows = page.all("tree-row", "path").await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    assert_eq!(page.all("tree-row", "path").await.unwrap(), rows, "pulled and dropped show different trees");
    assert_eq!(page.receipt().await.unwrap()["images"][0]["layers"], pulled["images"][0]["layers"]);

    let layer = pulled["images"][0]["layers"][0]["digest"].as_str().unwrap();
    registry.alter(layer).unwrap();
    page.close().await.unwrap();
    // Another browser: this one has the right bytes in its cache, and the registry says that nothing changed.
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&reference).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "mismatched");
    assert_eq!(page.all("layer-row", "state").await.unwrap().first().map(String::as_str), Some("mismatched"));

    let manifest = pulled["images"][0]["manifest_digest"].as_str().unwrap();
    registry.alter(manifest).unwrap();
    page.close().await.unwrap();
    // Another proxy too: this one has the right manifest in memory.
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/app@{manifest}", registry.host)).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "manifest-mismatch");
    page.close().await.unwrap();
}

#[tokio::test]
async fn an_index_offers_its_platforms() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("multi.tar", multi_archive(&multi(), Packing::Gzip).unwrap()).unwrap();
    let registry = Registry::start(None).unwrap();
    registry.push(&format!("oci-archive:{}", file.display()), "demo/multi:1").unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/multi:1", registry.host)).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let receipt = page.receipt().await.unwrap();
    assert_eq!(receipt["images"][0]["platform"], "linux/amd64");
    assert_eq!(receipt["images"][0]["checks"][0]["what"], "index");
    page.close().await.unwrap();
}
