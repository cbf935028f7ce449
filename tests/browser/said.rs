//! What a screen reader is told: the texts of live regions, each as it comes.

use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    gate::{self, Gated, READ},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// Writes down what live regions say, and how wide the share button's words are then: they go away by themselves.
const LISTEN: &str = "window.heard = []; window.widths = []; const listen = () => { \
    for (const region of document.querySelectorAll('[role=status]')) { \
      const text = region.textContent.trim(); \
      if (text && !heard.includes(text)) { heard.push(text); } \
      if (text && region.dataset.testid == 'share-said') widths.push(document.querySelector('.topbar .label.said')?.offsetWidth ?? 0); \
    } }; \
    new MutationObserver(listen).observe(document, {subtree: true, childList: true, characterData: true});";

async fn hears(page: &Page, what: &str) {
    page.wait(what, &format!("return heard.some(text => /{what}/.test(text))")).await.unwrap();
}

#[tokio::test]
async fn copying_is_said_on_narrow_windows_too() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.click("sample-button").await.unwrap();
    page.verdict().await.unwrap();
    page.resize(400, 860).await.unwrap();
    page.script(LISTEN).await.unwrap();
    // Whether the browser lets it copy is its own affair: either is said.
    page.click("share-button").await.unwrap();
    hears(&page, "^(Copied|Copy it from the address bar)$").await;
    page.wait("it is seen", "return widths.some(width => width > 20)").await.unwrap();
    page.click_css(".head .copy").await.unwrap();
    hears(&page, "^(Copied image ID|This browser does not let the page copy)").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn opening_says_what_it_is_at() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("app.tar", sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let site = Gated::serve().unwrap();
    let page = Page::open(&site.lagvis.url).await.unwrap();
    page.script(LISTEN).await.unwrap();
    gate::close(&page, READ).await.unwrap();
    page.choose(&file).await.unwrap();
    gate::until_waiting(&page, READ, 1).await.unwrap();
    let said =
        page.wait("the stage", "return document.querySelector(\"[data-testid='opening-said']\")?.textContent").await;
    assert!(said.unwrap().as_str().unwrap().len() > 4);
    gate::open(&page, READ).await.unwrap();
    hears(&page, "^\\d+ of \\d+ layers done$|^\\d+%$").await;
    page.verdict().await.unwrap();
    page.close().await.unwrap();
}
