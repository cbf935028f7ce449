//! The tree as people use it: search, filter, sort, depth, layers, keyboard; and the same after a reload.

use std::path::PathBuf;

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";
const LEFT: &str = "\u{e012}";
const RIGHT: &str = "\u{e014}";
const HOME: &str = "\u{e011}";
const END: &str = "\u{e010}";
const PAGE_DOWN: &str = "\u{e00f}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

fn image() -> Image {
    let base = Layer::new("COPY base /")
        .dirs(&["bin", "etc", "etc/ssl"])
        .file("bin/ls", 0o755, "xxx")
        .file("bin/su", 0o4755, "xxxxxxxxxx")
        .file("etc/passwd", 0o644, "root")
        .owner(0, 5)
        .file("etc/ssl/Key.pem", 0o600, "k")
        .owner(7, 7)
        .symlink("bin/sh", "ls")
        .file("open", 0o666, vec![b'x'; 5_000])
        .mtime(1_000_000);
    let again = Layer::new("RUN chown").file("etc/passwd", 0o644, "root").owner(0, 5).file("etc/new", 0o644, "n");
    Image::new("tree:1").layer(base).layer(again).layer(Layer::new("RUN rm").whiteout("bin/ls").file("late", 0o644, ""))
}

/// An open image; the file is kept with its folder.
struct Opened {
    page: Page,
    file: PathBuf,
    _lagvis: Lagvis,
    _folder: Workdir,
}

async fn open() -> Opened {
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let file = folder.write("tree.tar", image().oci_archive(Packing::Plain).unwrap()).unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    Opened { page, file, _lagvis: lagvis, _folder: folder }
}

/// Waits until the tree shows these rows and no other.
async fn rows(page: &Page, what: &str, paths: &[&str]) {
    let wanted = serde_json::to_string(&paths.join("\n")).unwrap();
    let script = format!(
        "return [...document.querySelectorAll(\"[data-testid='tree-row']\")].map(e => e.dataset.path).join('\\n') == {wanted}"
    );
    if let Err(error) = page.wait(what, &script).await {
        panic!("{what}: {:?}, not {paths:?}; {error}", page.all("tree-row", "path").await.unwrap());
    }
}

async fn set(page: &Page, hook: &str, value: &str) {
    let script = format!(
        "const s = document.querySelector(\"[data-testid='{hook}']\"); s.value = '{value}'; \
         s.dispatchEvent(new Event('change', {{ bubbles: true }})); return true"
    );
    page.wait(hook, &format!("return document.querySelector(\"[data-testid='{hook}']\") != null")).await.unwrap();
    page.script(&script).await.unwrap();
}

async fn selected(page: &Page, path: &str) {
    let script =
        format!("return document.querySelector(\"[role='row'][aria-selected='true']\")?.dataset.path == '{path}'");
    page.wait(&format!("{path} to be selected"), &script).await.unwrap();
}

const TOP: [&str; 4] = ["bin", "etc", "late", "open"];

#[tokio::test]
async fn each_kind_of_search_finds_as_one_types() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let opened = open().await;
    let page = &opened.page;
    page.type_into("filter-input", "s").await.unwrap();
    rows(page, "names with an s", &["bin", "bin/sh", "bin/su", "etc", "etc/passwd", "etc/ssl"]).await;
    let found = "return document.querySelector(\"[data-testid='found']\").innerText == '4 found'";
    page.wait("the count", found).await.unwrap();
    page.click("search-glob").await.unwrap();
    rows(page, "nothing is named s", &[]).await;
    page.type_into("filter-input", "*").await.unwrap();
    rows(page, "names that begin with s", &["bin", "bin/sh", "bin/su", "etc", "etc/ssl"]).await;
    page.type_into("filter-input", ESCAPE).await.unwrap();
    rows(page, "all again", &TOP).await;
    page.type_into("filter-input", "etc/**/*.pem").await.unwrap();
    rows(page, "the glob over folders", &["etc", "etc/ssl", "etc/ssl/Key.pem"]).await;
    page.type_into("filter-input", ESCAPE).await.unwrap();
    page.click("search-regex").await.unwrap();
    page.type_into("filter-input", "^/(bin|etc)/[^/]{2}$").await.unwrap();
    rows(page, "the expression", &["bin", "bin/sh", "bin/su"]).await;
    page.type_into("filter-input", "(").await.unwrap();
    let message = "return document.querySelector(\"[data-testid='search-problem']\").innerText";
    let message = page.wait("what is wrong", message).await.unwrap();
    assert!(message.as_str().unwrap().contains("is not closed"), "{message}");
    rows(page, "the tree stays", &["bin", "bin/sh", "bin/su"]).await;
    opened.page.close().await.unwrap();
}

#[tokio::test]
async fn filters_become_chips_that_take_them_away() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let opened = open().await;
    let page = &opened.page;
    page.click("filter-button").await.unwrap();
    page.click("filter-type-file").await.unwrap();
    rows(
        page,
        "files",
        &["bin", "bin/su", "etc", "etc/new", "etc/passwd", "etc/ssl", "etc/ssl/Key.pem", "late", "open"],
    )
    .await;
    set(page, "filter-size-min", "4").await;
    rows(page, "of four bytes", &["bin", "bin/su", "etc", "etc/passwd", "open"]).await;
    set(page, "filter-size-max", "1 kB").await;
    rows(page, "and no more than a thousand", &["bin", "bin/su", "etc", "etc/passwd"]).await;
    page.click("filter-mode-setuid").await.unwrap();
    rows(page, "setuid", &["bin", "bin/su"]).await;
    page.type_into("filter-mode-setuid", ESCAPE).await.unwrap();
    page.wait("the panel to close", "return document.querySelector(\"[data-testid='filter-type-file']\") == null")
        .await
        .unwrap();
    page.click_css("[aria-label='Remove the filter setuid']").await.unwrap();
    rows(page, "without setuid", &["bin", "bin/su", "etc", "etc/passwd"]).await;
    page.click("filter-clear").await.unwrap();
    rows(page, "all again", &TOP).await;
    for (hook, value, expected) in [
        ("filter-uid", "7", &["etc", "etc/ssl", "etc/ssl/Key.pem"][..]),
        ("filter-gid", "5", &["etc", "etc/passwd"]),
        ("filter-mode-octal", "/2", &["open"]),
        ("filter-mode-octal", "600", &["etc", "etc/ssl", "etc/ssl/Key.pem"]),
    ] {
        page.click("filter-button").await.unwrap();
        set(page, hook, value).await;
        rows(page, hook, expected).await;
        page.click("filter-chip").await.unwrap();
        rows(page, "all again", &TOP).await;
    }
    page.click("filter-button").await.unwrap();
    page.click("filter-set-2").await.unwrap();
    rows(page, "by layer", &["late"]).await;
    opened.page.close().await.unwrap();
}

#[tokio::test]
async fn every_column_sorts_both_ways() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let opened = open().await;
    let page = &opened.page;
    page.script("document.querySelector(\"[data-testid='tree']\").focus(); return true").await.unwrap();
    for (column, first, second) in [
        ("name", &["open", "late", "etc", "bin"], &["bin", "etc", "late", "open"]),
        ("size", &["open", "bin", "etc", "late"], &["late", "etc", "bin", "open"]),
        ("mode", &["late", "open", "bin", "etc"], &["bin", "etc", "open", "late"]),
        ("layer", &["bin", "etc", "open", "late"], &["late", "bin", "etc", "open"]),
    ] {
        for (state, expected) in [("first", first), ("second", second)] {
            page.click(&format!("sort-{column}")).await.unwrap();
            rows(page, &format!("{column}, {state}"), expected).await;
        }
        let sorted = format!(
            "return [...document.querySelectorAll(\"[role='columnheader']\")].map(e => e.ariaSort).filter(s => s != 'none').length == 1 \
             && document.querySelector(\"[data-testid='sort-{column}']\").parentElement.ariaSort != 'none'"
        );
        page.wait("aria-sort", &sorted).await.unwrap();
    }
    page.click("expand-all").await.unwrap();
    page.click("sort-owner").await.unwrap();
    page.click("sort-owner").await.unwrap();
    rows(
        page,
        "the largest owner first",
        &["bin", "bin/sh", "bin/su", "etc", "etc/passwd", "etc/new", "etc/ssl", "etc/ssl/Key.pem", "late", "open"],
    )
    .await;
    page.click("collapse-all").await.unwrap();
    rows(page, "all closed", &TOP).await;
    // In a narrow window the column of times is hidden.
    for expected in [&TOP, &["open", "bin", "etc", "late"]] {
        page.script("document.querySelector(\"[data-testid='sort-time']\").click(); return true").await.unwrap();
        rows(page, "by time", expected).await;
    }
    opened.page.close().await.unwrap();
}

#[tokio::test]
async fn the_keyboard_reaches_everything() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let opened = open().await;
    let page = &opened.page;
    page.script("document.querySelector(\"[data-testid='tree']\").focus(); return true").await.unwrap();
    let press = |keys: &str| {
        let keys = keys.to_owned();
        async move { page.type_into("tree", &keys).await.unwrap() }
    };
    press(DOWN).await;
    selected(page, "bin").await;
    press(RIGHT).await;
    rows(page, "bin open", &["bin", "bin/sh", "bin/su", "etc", "late", "open"]).await;
    press(RIGHT).await;
    selected(page, "bin/sh").await;
    press(LEFT).await;
    selected(page, "bin").await;
    press(LEFT).await;
    rows(page, "bin closed", &TOP).await;
    press(END).await;
    selected(page, "open").await;
    press(UP).await;
    selected(page, "late").await;
    press(HOME).await;
    selected(page, "bin").await;
    press(PAGE_DOWN).await;
    selected(page, "open").await;
    press("1").await;
    rows(page, "one level", &["bin", "bin/sh", "bin/su", "etc", "etc/new", "etc/passwd", "etc/ssl", "late", "open"])
        .await;
    press("0").await;
    rows(page, "closed", &TOP).await;
    press(HOME).await;
    selected(page, "bin").await;
    press(DOWN).await;
    selected(page, "etc").await;
    press("*").await;
    rows(page, "all of etc", &["bin", "etc", "etc/new", "etc/passwd", "etc/ssl", "etc/ssl/Key.pem", "late", "open"])
        .await;
    press("0").await;
    rows(page, "closed again, though opened by itself", &TOP).await;
    // A clipboard of its own: a headless browser asks nobody for permission.
    page.script(
        "navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() }; return true",
    )
    .await
    .unwrap();
    press("c").await;
    assert_eq!(page.wait("the copy", "return window.copied").await.unwrap(), "/etc");
    page.wait("word of it", "return document.querySelector(\"[data-testid='copied']\").innerText == 'Copied /etc'")
        .await
        .unwrap();
    press("/").await;
    page.wait("the search field", "return document.activeElement.dataset.testid == 'filter-input'").await.unwrap();
    page.type_into("filter-input", "pem").await.unwrap();
    rows(page, "the search", &["etc", "etc/ssl", "etc/ssl/Key.pem"]).await;
    page.type_into("filter-input", ENTER).await.unwrap();
    page.wait("the tree", "return document.activeElement.dataset.testid == 'tree'").await.unwrap();
    // A path that the search hides: it is left.
    press("g").await;
    page.wait("the path's field", "return document.activeElement.dataset.testid == 'jump-input'").await.unwrap();
    page.type_into("jump-input", &format!("/bin/su{ENTER}")).await.unwrap();
    selected(page, "bin/su").await;
    rows(page, "its folder open", &["bin", "bin/sh", "bin/su", "etc", "late", "open"]).await;
    press("g").await;
    page.type_into("jump-input", &format!("/bin/sux{ENTER}")).await.unwrap();
    let lost = "return document.querySelector(\"[data-testid='jump-problem']\").innerText";
    assert_eq!(page.wait("that there is none", lost).await.unwrap(), "There is no /bin/sux in this view.");
    opened.page.close().await.unwrap();
}

#[tokio::test]
async fn a_path_that_is_gone_is_found_where_it_was() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let opened = open().await;
    let page = &opened.page;
    let go_to = |path: &'static str| async move {
        page.script("document.querySelector(\"[data-testid='tree']\").focus(); return true").await.unwrap();
        page.type_into("tree", "g").await.unwrap();
        page.wait("the path's field", "return document.activeElement.dataset.testid == 'jump-input'").await.unwrap();
        page.type_into("jump-input", &format!("{path}{ENTER}")).await.unwrap();
    };
    let said = "return document.querySelector(\"[data-testid='jump-problem']\").innerText";
    // By keyboard: the answer's button has the focus, so that Enter goes on.
    go_to("/bin/ls").await;
    let text = page.wait("what became of it", said).await.unwrap();
    assert_eq!(text, "/bin/ls is not in this view: layer 2 removed what layer 0 had there.");
    page.wait("its button", "return document.activeElement.dataset.testid == 'jump-there'").await.unwrap();
    page.press_key(ENTER).await.unwrap();
    selected(page, "bin/ls").await;
    page.wait("as of its layer", "return location.hash.includes('layer=0')").await.unwrap();
    // By pointer, to what comes only later.
    go_to("/late").await;
    assert_eq!(page.wait("where it is", said).await.unwrap(), "/late is not in this view: it comes with layer 2.");
    page.click("jump-there").await.unwrap();
    selected(page, "late").await;
    page.wait("as of that layer", "return location.hash.includes('layer=2')").await.unwrap();
    opened.page.close().await.unwrap();
}

#[tokio::test]
async fn layers_are_seen_alone_in_ranges_and_up_to_one() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let opened = open().await;
    let page = &opened.page;
    let layer = |index: u32| format!("[data-testid='layer-row'][data-index='{index}']");
    page.click("expand-all").await.unwrap();
    page.click_css(&layer(1)).await.unwrap();
    page.click("changes-only").await.unwrap();
    rows(page, "what layer 1 changed", &["etc", "etc/new"]).await;
    page.click("layer-alone").await.unwrap();
    rows(page, "layer 1 alone", &["etc", "etc/new", "etc/passwd"]).await;
    let size = "return document.querySelector(\"[data-path='etc'] .col-size\").innerText == '5 B'";
    page.wait("the folder's sum of the layer's own", size).await.unwrap();
    let shift = format!(
        "document.querySelector(\"{}\").dispatchEvent(new MouseEvent('click', {{ bubbles: true, shiftKey: true }})); return true",
        layer(2)
    );
    page.script(&shift).await.unwrap();
    rows(page, "layers 1 and 2 alone", &["bin", "bin/ls", "etc", "etc/new", "etc/passwd", "late"]).await;
    let pressed =
        "return [...document.querySelectorAll(\"[data-testid='layer-row'][aria-pressed='true']\")].length == 2";
    page.wait("two layers chosen", pressed).await.unwrap();
    page.click("filter-button").await.unwrap();
    page.click("filter-change-removed").await.unwrap();
    rows(page, "what they removed", &["bin", "bin/ls"]).await;
    page.click("filter-chip").await.unwrap();
    set(page, "range-from", "").await;
    set(page, "range-to", "0").await;
    rows(
        page,
        "up to layer 0",
        &["bin", "bin/ls", "bin/sh", "bin/su", "etc", "etc/passwd", "etc/ssl", "etc/ssl/Key.pem", "open"],
    )
    .await;
    page.click("upto").await.unwrap();
    page.wait("all layers", "return !location.hash.includes('layer=')").await.unwrap();
    opened.page.close().await.unwrap();
}

#[tokio::test]
async fn a_link_shows_the_same_tree() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let opened = open().await;
    let (page, file) = (&opened.page, &opened.file);
    page.click_css("[data-testid='layer-row'][data-index='1']").await.unwrap();
    let views: [(&str, &[&str], &[&str]); 6] = [
        ("a depth", &["depth=all"], &["expand-all"]),
        ("a layer alone", &["only=alone"], &["layer-alone"]),
        ("an order", &["sort=-size"], &["changes-marked", "sort-size"]),
        ("filters", &["type=file", "mode=-4000"], &["filter-button", "filter-type-file", "filter-mode-setuid"]),
        ("a search", &["filter=s*", "kind=glob"], &["filter-clear", "search-glob"]),
        ("a selection", &["path=etc"], &["sort-name"]),
    ];
    for (what, fields, clicks) in views {
        for hook in clicks {
            page.click(hook).await.unwrap();
        }
        match what {
            "a search" => page.type_into("filter-input", "s*").await.unwrap(),
            "a selection" => page.click_css("[data-path='etc']").await.unwrap(),
            _ => {}
        }
        for field in fields {
            page.wait(field, &format!("return location.hash.includes('{field}')")).await.unwrap();
        }
        page.wait("the rows", "return document.querySelector(\"[data-testid='tree']\").ariaBusy == 'false'")
            .await
            .unwrap();
        let before = page.all("tree-row", "path").await.unwrap();
        let link = page.address().await.unwrap();
        page.go(&link).await.unwrap();
        page.choose(file).await.unwrap();
        page.verdict().await.unwrap();
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        rows(page, what, &before).await;
        assert_eq!(page.address().await.unwrap(), link, "{what}");
        for hook in [("filters", "filter-chip"), ("a search", "found")].iter().filter(|(of, _)| *of == what) {
            assert!(!page.all(hook.1, "testid").await.unwrap().is_empty(), "{what}: {} is not there", hook.1);
        }
    }
    selected(page, "etc").await;
    opened.page.close().await.unwrap();
}
