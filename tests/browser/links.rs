//! Links: the address bar always holds what is seen.

use lagvis_tests::{
    browser::{NEEDS, Page},
    pushed::Pushed,
    registry::NEEDS as REGISTRY,
    tools,
};

#[tokio::test]
async fn a_link_opens_the_same_view_in_a_new_window() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let Pushed { folder: _folder, file: _file, registry: _registry, lagvis, reference } = Pushed::start().unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&reference).await.unwrap();
    page.verdict().await.unwrap();
    page.click_css("[data-testid='layer-row'][data-index='3']").await.unwrap();
    page.wait("the layer in the link", "return location.hash.includes('layer=3')").await.unwrap();
    page.wait("marked rows", "return document.querySelector(\"[data-testid='tree-row'][data-change='modified']\") != null || document.querySelectorAll(\"[data-testid='tree-row']\").length > 3").await.unwrap();
    let link = page.address().await.unwrap();
    assert!(link.contains("@sha256:"), "{link} is not pinned");
    let rows = page.all("tree-row", "path").await.unwrap();

    page.go(&link).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.wait("the layer in the link", "return location.hash.includes('layer=3')").await.unwrap();
    assert_eq!(page.all("tree-row", "path").await.unwrap(), rows);
    let anchor = page.script("return document.querySelector(\"[data-testid='anchor']\").innerText").await.unwrap();
    assert!(anchor.as_str().unwrap().contains("sha256:"), "the anchor does not name the link's digest: {anchor}");
    page.close().await.unwrap();
}
