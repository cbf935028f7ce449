//! What is around the views, used by keyboard and pointer: command palette, list of keys, borders of panes, words,
//! tour, recent images, and a whole inspection without a pointer.

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// The layer row that is pressed; none: all layers.
const LAYER: &str = "return document.querySelector(\"[data-testid='layer-row'][aria-pressed='true']\")?.dataset.index";
const FOCUSED: &str = "return document.activeElement?.dataset.testid ?? document.activeElement?.className";

async fn sample(page: &Page) {
    page.click("sample-button").await.unwrap();
    page.verdict().await.unwrap();
}

/// Waits until something is there.
async fn there(page: &Page, css: &str) {
    page.wait(css, &format!("return document.querySelector(\"{css}\") != null")).await.unwrap();
}

/// Presses a key some times.
async fn press(page: &Page, key: Key, times: usize) {
    for _ in 0..times {
        page.keys(key.clone()).await.unwrap();
    }
}

#[tokio::test]
async fn an_inspection_by_keyboard_alone() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.save_into(folder.path()).await.unwrap();
    // Open the sample through the palette.
    page.run_command("open the sample").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    // The keys are listed, and Escape closes the list.
    page.keys("?").await.unwrap();
    page.wait("the list of keys", "return document.querySelector(\"[data-testid='key-help']\")?.open").await.unwrap();
    page.keys(Key::Escape).await.unwrap();
    page.wait("it is closed", "return !document.querySelector(\"[data-testid='key-help']\")").await.unwrap();
    layers_by_keyboard(&page).await;
    tree_by_keyboard(&page).await;
    content_by_keyboard(&page).await;
    views_by_keyboard(&page).await;
    // The receipt, by the palette.
    page.run_command("save the receipt").await.unwrap();
    let receipt: serde_json::Value =
        serde_json::from_slice(&page.saved(&folder.path().join("lagvis-receipt.json")).await.unwrap()).unwrap();
    assert_eq!(receipt["images"][0]["verdict"], "verified");
    // Back, to where one was.
    page.back().await.unwrap();
    there(&page, "[role='tab'][aria-selected='true'][data-testid='tab-checks']").await;
    page.run_command("close this image").await.unwrap();
    page.wait("the start", "return document.documentElement.dataset.phase == 'start'").await.unwrap();
    page.close().await.unwrap();
}

/// From layer to layer by brackets; a layer's own button, and out of it.
async fn layers_by_keyboard(page: &Page) {
    page.keys("]").await.unwrap();
    page.wait("the first layer", &format!("{LAYER} == '0'")).await.unwrap();
    page.keys("]").await.unwrap();
    page.wait("the second layer", &format!("{LAYER} == '1'")).await.unwrap();
    page.keys("[").await.unwrap();
    page.wait("the first layer again", &format!("{LAYER} == '0'")).await.unwrap();
    page.tab_to("[data-testid='layer-row'][data-index='3']").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    there(page, "[data-testid='layer-detail'][data-index='3']").await;
    page.keys(Key::Escape).await.unwrap();
    there(page, "[data-testid='all-layers'][aria-pressed='true']").await;
}

/// Search, arrows, folders that open and close, a path that is typed.
async fn tree_by_keyboard(page: &Page) {
    page.keys("/").await.unwrap();
    page.wait("the filter has the focus", &format!("{FOCUSED} == 'filter-input'")).await.unwrap();
    page.keys("os-release").await.unwrap();
    there(page, "[data-path='usr/lib/os-release']").await;
    page.keys(Key::Escape).await.unwrap();
    there(page, "[data-testid='tree-row'][data-path='etc']").await;
    page.tab_to("[data-testid='tree']").await.unwrap();
    let on = |path: &str| format!("[data-testid='tree-row'].on[data-path='{path}']");
    press(page, Key::Home, 1).await;
    there(page, &on("bin")).await;
    press(page, Key::Down, 1).await;
    there(page, &on("etc")).await;
    press(page, Key::Right, 1).await;
    there(page, "[data-testid='tree-row'][data-path='etc/passwd']").await;
    press(page, Key::Right, 1).await;
    there(page, &on("etc/group")).await;
    press(page, Key::Left, 1).await;
    there(page, &on("etc")).await;
    press(page, Key::Left, 1).await;
    page.wait("it is closed", "return !document.querySelector(\"[data-path='etc/passwd']\")").await.unwrap();
    page.keys("g").await.unwrap();
    page.wait("the field", "return document.activeElement.getAttribute('aria-label') == 'Path to go to'")
        .await
        .unwrap();
    page.keys("/etc/passwd").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    there(page, &on("etc/passwd")).await;
}

/// The content in two ways, its versions, what changed between them.
async fn content_by_keyboard(page: &Page) {
    let content = "document.querySelector(\"[data-testid='file-content']\")?.innerText";
    page.wait("its content", &format!("return {content}?.includes('app:x:1000')")).await.unwrap();
    page.tab_to("[data-testid='content-hex']").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    page.wait("its bytes", &format!("return {content}?.includes('72 6f 6f 74')")).await.unwrap();
    page.tab_to("[data-testid='timeline-compare']").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    page.wait("what was added", "return document.querySelector('.diff-line.added')?.innerText.includes('app:x:1000')")
        .await
        .unwrap();
    page.tab_to("[data-layer='0'] [data-testid='timeline-open']").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    there(page, "[data-testid='content-version'][data-layer='0'][aria-pressed='true']").await;
    page.wait("the old version", &format!("return {content}?.includes('root:') && !{content}.includes('app:x:1000')"))
        .await
        .unwrap();
}

/// The other views: arrows, Home and End walk their tabs.
async fn views_by_keyboard(page: &Page) {
    let chosen = |tab: &str| format!("[role='tab'][data-testid='{tab}'][aria-selected='true'][tabindex='0']:focus");
    page.tab_to("[data-testid='tab-files']").await.unwrap();
    assert_eq!(page.script("return document.querySelectorAll(\".tab-list [tabindex='0']\").length").await.unwrap(), 1);
    press(page, Key::Right, 1).await;
    there(page, &chosen("tab-space")).await;
    there(page, "[data-testid='map-cell'][data-path='usr']").await;
    page.tab_to("[data-testid='map-cell']").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    there(page, "[data-testid='map']:not([data-folder='']) [data-testid='map-cell']").await;
    page.keys(Key::Backspace).await.unwrap();
    there(page, "[data-testid='map'][data-folder=''] [data-testid='map-cell']").await;

    page.tab_to("[data-testid='tab-space']").await.unwrap();
    press(page, Key::Right, 1).await;
    there(page, &chosen("tab-search")).await;
    page.tab_to("[data-testid='search-text']").await.unwrap();
    page.keys("greeting").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    there(page, "[data-testid='search-hit']").await;
    page.tab_to("[data-testid='search-hit']").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    page.wait("the hit in its file", "return document.querySelector(\"[data-testid='file-detail'][data-path='srv/app/config.toml'] mark.on\")?.textContent == 'greeting'")
        .await
        .unwrap();

    page.tab_to("[data-testid='tab-search']").await.unwrap();
    press(page, Key::Home, 1).await;
    there(page, &chosen("tab-files")).await;
    press(page, Key::Left, 1).await;
    there(page, &chosen("tab-config")).await;
    page.tab_to("[data-testid='part-main']").await.unwrap();
    press(page, Key::Right, 1).await;
    there(page, &chosen("part-dockerfile")).await;
    press(page, Key::End, 1).await;
    there(page, &chosen("part-config")).await;
    page.run_command("receipt view").await.unwrap();
    page.wait("the checks", "return document.querySelectorAll(\"[data-testid='check-row']\").length > 3")
        .await
        .unwrap();
    page.tab_to("[data-testid='part-main']").await.unwrap();
    press(page, Key::End, 1).await;
    there(page, &chosen("part-log")).await;
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
async fn on_a_narrow_window_the_tour_shows_the_pane_that_it_speaks_of() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.resize(400, 860).await.unwrap();
    page.click_css(".learn summary").await.unwrap();
    page.click("tour-button").await.unwrap();
    let parts =
        [".head", ".centre-pane", ".layers-pane", ".detail-pane", ".centre-pane", ".detail-pane", ".centre-pane"];
    for (stop, part) in parts.into_iter().chain(["[data-testid='share-button']"]).enumerate() {
        there(&page, &format!("[data-testid='tour'][data-stop='{stop}']")).await;
        let is_seen = format!(
            "const r = document.querySelector(\"{part}\").getBoundingClientRect(); \
             return r.width > 0 && r.left >= 0 && r.left < 400 && r.top < 860 && getComputedStyle(document.querySelector(\"{part}\")).outlineWidth == '3px'"
        );
        page.wait(&format!("what stop {stop} speaks of"), &is_seen).await.unwrap();
        page.click("tour-next").await.unwrap();
    }
    // The switcher's tabs are walked like any others.
    page.tab_to("[data-testid='pane-files']").await.unwrap();
    press(&page, Key::Right, 1).await;
    there(&page, "[data-testid='pane-detail'][aria-selected='true']:focus").await;
    there(&page, ".panes[data-pane='detail']").await;
    press(&page, Key::Right, 1).await;
    there(&page, ".panes[data-pane='layers']").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_theme_is_the_systems_or_the_one_that_was_chosen() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.prefers("light").await.unwrap();
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = page.script(&format!("return {ground}")).await.unwrap();
    page.prefers("dark").await.unwrap();
    page.wait("the system's dark", &format!("return {ground} != {light}")).await.unwrap();
    page.click("theme-button").await.unwrap();
    page.wait("light, whatever the system has", &format!("return {ground} == {light}")).await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.wait("light after a reload", &format!("return {ground} == {light}")).await.unwrap();
    page.click("theme-button").await.unwrap();
    page.prefers("light").await.unwrap();
    page.wait("dark, whatever the system has", &format!("return {ground} != {light}")).await.unwrap();
    page.click("theme-button").await.unwrap();
    page.wait("the system's again", &format!("return {ground} == {light}")).await.unwrap();
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
    // The site has the sample itself: its link and the list open it without a file of the person's.
    let link = page.address().await.unwrap();
    page.go(&format!("{link}&layer=2")).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.wait(
        "the link's layer",
        "return document.querySelector(\"[data-testid='layer-row'][data-index='2'][aria-pressed='true']\")",
    )
    .await
    .unwrap();
    page.click_css(".logo").await.unwrap();
    page.click("recent-image").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let folder = Workdir::new().unwrap();
    let other = Image::new("other:1").layer(Layer::new("COPY a /").file("a", 0o644, "a"));
    let other = folder.write("other.tar", other.oci_archive(Packing::Gzip).unwrap()).unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.choose(&other).await.unwrap();
    page.verdict().await.unwrap();
    page.click_css(".logo").await.unwrap();
    page.click("recent-image").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "file-needed", "a file is to be dropped again");
    page.click("back-button").await.unwrap();
    page.wait("the start", "return document.querySelector(\"[data-testid='recent-image']\")").await.unwrap();
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
