//! What is around the views, used by keyboard and pointer: command palette, list of keys, borders of panes, words,
//! tour, recent images, and a whole inspection without a pointer.

use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    service::Lagvis,
    tools,
};

/// The layer row that is pressed; none: all layers.
const LAYER: &str = "return document.querySelector(\"[data-testid='layer-row'][aria-pressed='true']\")?.dataset.index";
const FOCUSED: &str = "return document.activeElement?.dataset.testid ?? document.activeElement?.className";

async fn sample(page: &Page) {
    page.click("sample-button").await.unwrap();
    page.verdict().await.unwrap();
}

#[tokio::test]
async fn an_inspection_by_keyboard_alone() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    // Open the sample through the palette.
    page.control('k').await.unwrap();
    page.wait("the palette has the focus", &format!("{FOCUSED} == 'palette-input'")).await.unwrap();
    page.keys("open the sample").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    // The keys are listed, and Escape closes the list.
    page.keys("?").await.unwrap();
    page.wait("the list of keys", "return document.querySelector(\"[data-testid='key-help']\")?.open").await.unwrap();
    page.keys(Key::Escape).await.unwrap();
    page.wait("it is closed", "return !document.querySelector(\"[data-testid='key-help']\")").await.unwrap();
    // Layers, one by one.
    page.keys("]").await.unwrap();
    page.wait("the first layer", &format!("{LAYER} == '0'")).await.unwrap();
    page.keys("]").await.unwrap();
    page.wait("the second layer", &format!("{LAYER} == '1'")).await.unwrap();
    page.keys("[").await.unwrap();
    page.wait("the first layer again", &format!("{LAYER} == '0'")).await.unwrap();
    page.keys(Key::Escape).await.unwrap();
    page.wait("all layers", "return document.querySelector(\"[data-testid='all-layers']\").ariaPressed == 'true'")
        .await
        .unwrap();
    // A path, by the palette; its content is shown.
    page.control('k').await.unwrap();
    page.wait("the palette has the focus", &format!("{FOCUSED} == 'palette-input'")).await.unwrap();
    page.keys("/etc/passwd").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    page.wait(
        "its content",
        "return document.querySelector(\"[data-testid='file-content']\")?.innerText.includes('root:')",
    )
    .await
    .unwrap();
    // The filter, and from it into the tree.
    page.keys("/").await.unwrap();
    page.wait("the filter has the focus", &format!("{FOCUSED} == 'filter-input'")).await.unwrap();
    page.keys("os-release").await.unwrap();
    page.wait("one file", "return document.querySelector(\"[data-path='usr/lib/os-release']\")").await.unwrap();
    page.keys(Key::Escape).await.unwrap();
    // Tabs.
    page.control('k').await.unwrap();
    page.wait("the palette has the focus", &format!("{FOCUSED} == 'palette-input'")).await.unwrap();
    page.keys("receipt view").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    page.wait("the checks", "return document.querySelectorAll(\"[data-testid='check-row']\").length > 3")
        .await
        .unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn borders_move_and_stay_where_they_were_left() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    sample(&page).await;
    let width = "return Math.round(document.querySelector('.layers-pane').getBoundingClientRect().width)";
    let before = page.script(width).await.unwrap().as_i64().unwrap();
    page.drag("splitter-left", 60).await.unwrap();
    let after = page.script(width).await.unwrap().as_i64().unwrap();
    assert!((after - before - 60).abs() <= 6, "{before} → {after}");
    page.script("document.querySelector(\"[data-testid='splitter-left']\").focus()").await.unwrap();
    page.keys(Key::Left).await.unwrap();
    page.wait("an arrow moves it", &format!("{width} == {}", after - 16)).await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    sample(&page).await;
    assert_eq!(page.script(width).await.unwrap().as_i64(), Some(after - 16), "it is as it was left");
    page.script("document.querySelector(\"[data-testid='splitter-left']\").focus()").await.unwrap();
    page.keys(Key::Home).await.unwrap();
    page.wait("back to its place", &format!("{width} == {before}")).await.unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn words_are_explained_where_they_stand_and_the_tour_shows_them() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.click_css(".learn summary").await.unwrap();
    page.click("tour-button").await.unwrap();
    let stop = |n: u32| format!("return document.querySelector(\"[data-testid='tour']\")?.dataset.stop == '{n}'");
    for (n, seen) in [
        (0, "document.documentElement.dataset.tour == 'head'"),
        (1, "document.querySelector(\"[data-testid='check-row']\")"),
        (2, "document.querySelector(\"[data-testid='layer-row'][aria-pressed='true']\")?.dataset.index == '1'"),
        (3, "document.querySelector('.detail-pane').innerText.toLowerCase().includes('diffid')"),
        (4, "document.querySelector(\"[data-path='srv/app/.env'][data-change='removed']\")"),
        (5, "document.querySelector('.detail-pane').innerText.includes('plugin.bin')"),
        (6, "document.querySelector(\"[data-testid='check-row']\")"),
        (7, "document.documentElement.dataset.tour == 'share'"),
    ] {
        page.wait(&format!("stop {n}"), &stop(n)).await.unwrap();
        page.wait(&format!("what stop {n} shows"), &format!("return {seen}")).await.unwrap();
        page.keys(Key::Enter).await.unwrap();
    }
    page.wait("the tour is over", "return !document.querySelector(\"[data-testid='tour']\")").await.unwrap();
    page.click_css(".head [data-testid='word'][data-term='Image ID']").await.unwrap();
    let open = "return document.querySelector('.word-text:popover-open')?.innerText";
    let text = page.wait("what it means", open).await.unwrap();
    assert!(text.as_str().unwrap().contains("SHA-256 of the config"), "{text}");
    page.close().await.unwrap();
}

#[tokio::test]
async fn images_that_were_opened_are_offered_again_until_they_are_forgotten() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    sample(&page).await;
    page.click_css(".logo").await.unwrap();
    page.click("recent-image").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "file-needed", "a file is to be dropped again");
    page.go(&lagvis.url).await.unwrap();
    page.click("recent-forget").await.unwrap();
    page.wait("none is offered", "return !document.querySelector(\"[data-testid='recent-image']\")").await.unwrap();
    // Switched off, none is remembered.
    page.click_css("[aria-label='Settings']").await.unwrap();
    page.click("remember").await.unwrap();
    page.click_css(".dialog .primary").await.unwrap();
    sample(&page).await;
    page.go(&lagvis.url).await.unwrap();
    assert!(page.all("recent-image", "testid").await.unwrap().is_empty());
    page.close().await.unwrap();
}
