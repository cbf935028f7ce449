//! The Space tab: the treemap by pointer and by keyboard, the largest, waste to the byte, and all of it in the link.

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// What each kind wastes is a power of ten.
fn image() -> Image {
    let bytes = |seed: u8, size: usize| vec![seed; size];
    let base = Layer::new("ADD rootfs.tar /")
        .dirs(&["usr", "usr/lib"])
        .file("usr/lib/big.so", 0o644, bytes(1, 3_000_000))
        .file("usr/lib/small.so", 0o644, bytes(2, 400_000))
        .file("usr/chmod", 0o644, bytes(3, 10_000))
        .file("usr/old", 0o644, bytes(4, 1_000));
    let build = Layer::new("RUN apt-get update && make")
        .dirs(&["srv", "srv/app"])
        .file("srv/app/data", 0o644, bytes(5, 2_000_000))
        .file("srv/app/tmp", 0o644, bytes(6, 100))
        .file("usr/old", 0o644, bytes(7, 5))
        .file("var/lib/apt/lists/x_Packages", 0o644, bytes(8, 100_000));
    let last = Layer::new("RUN chmod 600 /usr/chmod && rm /srv/app/tmp && cp /srv/app/data /opt")
        .file("usr/chmod", 0o600, bytes(3, 10_000))
        .whiteout("srv/app/tmp")
        .file("opt/data", 0o644, bytes(5, 2_000_000));
    Image::new("space:1").layer(base).layer(build).layer(last)
}

const KINDS: &str = "return [...document.querySelectorAll(\"[data-testid='waste-card']\")].map(e => e.dataset.kind + ' ' + e.dataset.bytes).join()";
const FOCUSED: &str = "document.activeElement.dataset.path";

fn map_is(folder: &str) -> String {
    format!(
        "return document.querySelector(\"[data-testid='map'][data-folder='{folder}'] [data-testid='map-cell']\") != null"
    )
}

#[tokio::test]
async fn space_by_pointer_and_keyboard_and_from_its_link() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("space.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    page.click("tab-space").await.unwrap();
    page.wait("the map", &map_is("")).await.unwrap();

    // Cells are as large as what they stand for, in their places, and have names.
    let area = "const a = p => { const r = document.querySelector(`[data-testid='map-cell'][data-path='${p}']`).getBoundingClientRect(); return r.width * r.height };";
    let ratio = page.script(&format!("{area} return a('usr') / a('srv')")).await.unwrap().as_f64().unwrap();
    let bytes = "return [...document.querySelectorAll(\"[data-testid='map-cell']\")].filter(e => ['usr', 'srv'].includes(e.dataset.path)).map(e => e.dataset.bytes).join()";
    assert_eq!(page.script(bytes).await.unwrap(), "3410005,2000000");
    assert!((ratio - 3_410_005.0 / 2_000_000.0).abs() < 0.02, "{ratio}");
    let nameless = "return [...document.querySelectorAll(\"[data-testid='map-cell']\")].filter(e => !e.getAttribute('aria-label')).length";
    assert_eq!(page.script(nameless).await.unwrap(), 0);

    // By pointer: into a folder, back by the path, to a file in the tree.
    page.click_css("[data-testid='map-cell'][data-path='usr/lib']").await.unwrap();
    page.wait("usr/lib", &map_is("usr/lib")).await.unwrap();
    page.click_css("[data-testid='map-crumb'][data-path='usr']").await.unwrap();
    page.wait("usr again", &map_is("usr")).await.unwrap();
    page.click_css("[data-testid='map-crumb'][data-path='']").await.unwrap();
    page.wait("the root", &map_is("")).await.unwrap();

    // By keyboard: the largest has the focus first; Enter opens, arrows walk, Backspace goes up, Enter shows the file.
    page.script("document.querySelector(\"[data-testid='map-cell'][tabindex='0']\").focus(); return true")
        .await
        .unwrap();
    page.wait("the focus", &format!("return {FOCUSED} == 'usr'")).await.unwrap();
    page.keys("\u{e007}").await.unwrap();
    page.wait("usr", &map_is("usr")).await.unwrap();
    page.wait("the focus", &format!("return {FOCUSED} == 'usr/lib'")).await.unwrap();
    page.keys("\u{e003}").await.unwrap();
    page.wait("the root", &map_is("")).await.unwrap();
    page.wait("the focus", &format!("return {FOCUSED} == 'usr'")).await.unwrap();
    page.keys("\u{e010}").await.unwrap();
    page.wait("another cell", &format!("return {FOCUSED} && {FOCUSED} != 'usr'")).await.unwrap();
    page.keys("\u{e011}").await.unwrap();
    page.keys("\u{e007}").await.unwrap();
    page.wait("usr", &map_is("usr")).await.unwrap();

    // Waste is what the layers were made with; the base image is left out when it is chosen.
    let all = "overwritten 1000,deleted 100,metadata-only 10000,leftover 100000,duplicate 2000000";
    page.wait("the waste", &format!("{KINDS} == '{all}'")).await.unwrap();
    let advice = "return [...document.querySelectorAll(\"[data-testid='advice']\")].map(e => e.dataset.layer + ' ' + e.dataset.bytes).join()";
    assert_eq!(page.script(advice).await.unwrap(), "0 1000,1 100100,2 2010000");
    page.script("const s = document.querySelector(\"[data-testid='space-base']\"); s.focus(); return true")
        .await
        .unwrap();
    page.keys("\u{e015}").await.unwrap();
    let above = "deleted 100,metadata-only 10000,leftover 100000,duplicate 2000000";
    page.wait("the waste above the base image", &format!("{KINDS} == '{above}'")).await.unwrap();
    page.click("colour-change").await.unwrap();
    page.wait("the colours", "return document.querySelector(\"[data-testid='map-cell'].is-none\") != null")
        .await
        .unwrap();

    // The link has it all.
    page.wait(
        "the link",
        "return ['tab=space', 'folder=usr', 'colour=change', 'base=1'].every(part => location.hash.includes(part))",
    )
    .await
    .unwrap();
    let cells = page.all("map-cell", "path").await.unwrap();
    page.script("location.reload(); return true").await.unwrap();
    page.wait(
        "the file is asked for",
        "return document.querySelector(\"[data-testid='error'][data-kind='file-needed']\") != null",
    )
    .await
    .unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    page.wait("usr", &map_is("usr")).await.unwrap();
    page.wait("the same waste", &format!("{KINDS} == '{above}'")).await.unwrap();
    assert_eq!(page.all("map-cell", "path").await.unwrap(), cells);
    assert_eq!(page.script("return document.querySelector(\"[data-testid='space-base']\").value").await.unwrap(), "1");

    // Waste is of all layers whichever is looked at, and says so.
    assert_eq!(page.all("space-of-all", "testid").await.unwrap().len(), 0);
    page.click_css("[data-testid='layer-row'][data-index='0']").await.unwrap();
    page.wait("whose waste it is", "return document.querySelector(\"[data-testid='space-of-all']\")?.textContent.includes('as of layer 0. Waste, efficiency and advice are always of all layers')").await.unwrap();
    page.click("all-layers").await.unwrap();
    page.wait("no word of it", "return !document.querySelector(\"[data-testid='space-of-all']\")").await.unwrap();
    assert_eq!(page.all("space-unverified", "testid").await.unwrap().len(), 0);

    // The largest leads to the tree, a deleted path to the layer that has it.
    assert_eq!(page.all("large-file", "path").await.unwrap()[..2], ["usr/lib/big.so", "srv/app/data"]);
    page.click_css("[data-testid='waste-card'][data-kind='deleted'] [data-testid='waste-path']").await.unwrap();
    page.wait("the deleted file", "return location.hash.includes('layer=1') && document.querySelector(\"[data-testid='tree-row'][data-path='srv/app/tmp']\") != null").await.unwrap();
    page.close().await.unwrap();
}

/// Row of the tree that is shown and selected.
fn in_tree(path: &str) -> String {
    format!(
        "return document.querySelector(\"[data-testid='tree-row'][data-path='{path}'][aria-selected='true']\") != null"
    )
}

#[tokio::test]
async fn files_and_folders_of_the_map_and_the_lists_lead_to_the_tree() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("space.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    let cell = |path: &str| format!("[data-testid='map-cell'][data-path='{path}']");
    page.click("tab-space").await.unwrap();
    page.wait("the map", &map_is("")).await.unwrap();
    page.click_css(&cell("usr/lib")).await.unwrap();
    page.wait("usr/lib", &map_is("usr/lib")).await.unwrap();

    // A file by pointer, then by keyboard.
    page.click_css(&cell("usr/lib/small.so")).await.unwrap();
    page.wait("the file in the tree", &in_tree("usr/lib/small.so")).await.unwrap();
    page.click("tab-space").await.unwrap();
    page.wait("usr/lib", &map_is("usr/lib")).await.unwrap();
    page.tab_to(&cell("usr/lib/big.so")).await.unwrap();
    page.keys("\u{e007}").await.unwrap();
    page.wait("the other file in the tree", &in_tree("usr/lib/big.so")).await.unwrap();

    // The map's folder, and the lists.
    for (hook, css, path) in [
        ("the folder of the map", "[data-testid='map-in-files']", "usr/lib"),
        ("a large file", "[data-testid='large-file'][data-path='srv/app/data']", "srv/app/data"),
    ] {
        page.click("tab-space").await.unwrap();
        page.wait("the map", &map_is("usr/lib")).await.unwrap();
        page.click_css(css).await.unwrap();
        page.wait(hook, &in_tree(path)).await.unwrap();
    }
    page.click("tab-space").await.unwrap();
    page.click_css("[data-testid='large-folder'][data-path='srv']").await.unwrap();
    page.wait("a large folder in the map", &map_is("srv")).await.unwrap();
    page.close().await.unwrap();
}
