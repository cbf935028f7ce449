//! Windows as low and narrow as small screens leave them at 200 % zoom, widths that were put on a larger one, and a page
//! in which nothing moves for those who want that.

use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    held::Held,
    service::Lagvis,
    tools,
};

/// 1280 × 720, 1440 × 900 and 1280 × 900 pixels at 200 %.
const WINDOWS: [(u32, u32); 3] = [(640, 360), (720, 450), (640, 450)];

/// Waits until the last that a selector finds is in sight and nothing lies over it, while the wheel is turned at a
/// height of the window. Scripts could scroll what no person can.
async fn comes_into_sight(page: &Page, css: &str, width: u32, wheel_at: u32) {
    let script = format!(
        "const e = [...document.querySelectorAll(\"{css}\")].at(-1); if (!e) return false; \
         const r = e.getBoundingClientRect(), [x, y] = [r.left + r.width / 2, r.top + r.height / 2]; \
         const hit = document.elementFromPoint(x, y); \
         return r.height > 0 && r.top >= -1 && r.bottom <= innerHeight + 1 && r.left >= -1 && r.right <= innerWidth + 1 \
         && hit != null && (e.contains(hit) || hit.contains(e))"
    );
    page.until(&format!("{css} comes into sight at {width} px"), async || {
        if page.script(&script).await? == true {
            return Ok(true);
        }
        page.wheel(width / 2, wheel_at, 120).await?;
        Ok(false)
    })
    .await
    .unwrap();
}

/// Nothing is wider than the window.
async fn fits(page: &Page, view: &str) {
    let widths = page.script("return [document.documentElement.scrollWidth, innerWidth]").await.unwrap();
    assert!(
        widths[0].as_u64() <= widths[1].as_u64(),
        "{view}: the page is {} wide in a window of {}",
        widths[0],
        widths[1]
    );
}

#[tokio::test]
async fn every_view_can_be_used_at_200_percent() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for (width, height) in WINDOWS {
        page.go(&lagvis.url).await.unwrap();
        page.resize(width, height).await.unwrap();
        fits(&page, "start").await;
        comes_into_sight(&page, "[data-testid='open-button']", width, height / 2).await;
        comes_into_sight(&page, ".learn > summary", width, height / 2).await;
        page.click("sample-button").await.unwrap();
        page.verdict().await.unwrap();
        panes(&page, width, height).await;
        views(&page, width, height).await;
    }
    page.close().await.unwrap();
}

/// Layers, tree and details.
async fn panes(page: &Page, width: u32, height: u32) {
    let middle = height / 2;
    fits(page, "files").await;
    // Past the bars there is room for the tree.
    comes_into_sight(page, "[data-testid='tree']", width, 10).await;
    let rows = "return [...document.querySelectorAll(\"[data-testid='tree-row']\")].filter(row => { \
                const r = row.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }).length";
    let rows = page.script(rows).await.unwrap();
    assert!(rows.as_u64() >= Some(3), "{width} × {height}: {rows} rows of the tree are seen");
    page.script("scrollTo(0, 0)").await.unwrap();
    page.click("pane-layers").await.unwrap();
    fits(page, "layers").await;
    comes_into_sight(page, "[data-testid='layer-row'], .empty-step", width, middle).await;
    page.script("scrollTo(0, 0)").await.unwrap();
    page.click("pane-detail").await.unwrap();
    fits(page, "detail").await;
    comes_into_sight(page, "[data-testid='save-rootfs']", width, middle).await;
    page.script("scrollTo(0, 0)").await.unwrap();
}

/// The other tabs, down to what stands last.
async fn views(page: &Page, width: u32, height: u32) {
    page.click("pane-files").await.unwrap();
    for (tab, last) in [
        ("space", "[data-testid='advice']"),
        ("search", "[data-testid='search-text']"),
        ("checks", "[data-testid='check-row'] .facts dd"),
        ("config", "[data-testid='history-step']"),
    ] {
        page.click(&format!("tab-{tab}")).await.unwrap();
        fits(page, tab).await;
        comes_into_sight(page, last, width, height / 2).await;
        page.script("scrollTo(0, 0)").await.unwrap();
    }
    // Dialogs too.
    page.keys("?").await.unwrap();
    comes_into_sight(page, "[data-testid='key-help'] .btn", width, height / 2).await;
    page.keys(Key::Escape).await.unwrap();
}

#[tokio::test]
async fn widths_of_panes_leave_room_for_the_middle() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.remember(&[("pane.left", "864"), ("pane.right", "864")]).await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.resize(1920, 900).await.unwrap();
    page.click("sample-button").await.unwrap();
    page.verdict().await.unwrap();
    let middle = "return Math.round(document.querySelector('.centre-pane').getBoundingClientRect().width)";
    for width in [1920, 1280, 970] {
        page.resize(width, 800).await.unwrap();
        let middle = page.script(middle).await.unwrap();
        assert!(middle.as_u64() >= Some(350), "{width}: {middle} px are left for the middle");
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_right_border_moves_and_goes_back_to_its_place() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.click("sample-button").await.unwrap();
    page.verdict().await.unwrap();
    let width = "return Math.round(document.querySelector('.detail-pane').getBoundingClientRect().width)";
    let before = page.script(width).await.unwrap().as_i64().unwrap();
    page.drag("splitter-right", -60).await.unwrap();
    let after = page.script(width).await.unwrap().as_i64().unwrap();
    assert!((after - before - 60).abs() <= 6, "{before} → {after}");
    page.script("document.querySelector(\"[data-testid='splitter-right']\").focus()").await.unwrap();
    page.keys(Key::Right).await.unwrap();
    page.wait("an arrow to the right makes it narrower", &format!("{width} == {}", after - 16)).await.unwrap();
    let told = "return Number(document.querySelector(\"[data-testid='splitter-right']\").ariaValueNow)";
    assert_eq!(page.script(told).await.unwrap().as_i64(), Some(after - 16));
    page.double_click("splitter-right").await.unwrap();
    page.wait("a double click puts it back", &format!("{width} == {before}")).await.unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn nothing_moves_for_those_who_want_that() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let held = Held::serve(&sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&held.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/app:1", held.host)).await.unwrap();
    held.stands().unwrap();
    page.wait("a spinner turns", "return document.querySelector('.busy') != null && document.getAnimations().some(a => a.animationName == 'turn' && a.playState == 'running')").await.unwrap();
    page.prefers("light").await.unwrap();
    page.wait("it stands", "return document.getAnimations().length == 0").await.unwrap();
    assert_eq!(page.script("return document.querySelector('.busy') != null").await.unwrap(), true);
    held.go_on();
    page.verdict().await.unwrap();
    let slow = page
        .script(
            "return [...document.querySelectorAll('*')].flatMap(e => [null, '::before', '::after'].map(part => \
             getComputedStyle(e, part))).filter(s => parseFloat(s.transitionDuration) > 0).length",
        )
        .await
        .unwrap();
    assert_eq!(slow, 0, "so many parts change slowly");
    page.close().await.unwrap();
}
