//! The words of the field: each stands somewhere, opens by pointer and keyboard where it stands, and says what it means.
//! What a layer's ids are made of, and what is said of files that are no image or have a name that a shell could misread.

use std::{collections::BTreeSet, process::Command};

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    described::Described,
    registry::NEEDS as REGISTRY,
    service::Lagvis,
    tools,
    workdir::Workdir,
};

const OPEN: &str = "return document.querySelector('.word-text:popover-open')?.innerText";

/// An ELF library of this machine with a soname and a build ID.
fn library() -> Vec<u8> {
    let folders = std::fs::read_dir("/lib").unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.chain(["/lib64".into(), "/usr/lib64".into()]);
    let library = folders.map(|folder| folder.join("libc.so.6")).find(|path| path.is_file()).unwrap();
    std::fs::read(library).unwrap()
}

/// Every kind of waste, a removed path, a hard link, an extended attribute, a library, a step without a layer.
fn image() -> Image {
    let base = Layer::new("ADD rootfs.tar /")
        .dirs(&["app", "opt"])
        .file("app/old", 0o644, "old")
        .file("app/over", 0o644, "one")
        .file("app/mode", 0o644, "mode")
        .file("app/same", 0o644, "again and again")
        .file("app/tool", 0o755, "tool")
        .pax("SCHILY.xattr.user.note", b"a value")
        .hardlink("app/other", "app/tool", 0o755)
        .file("app/libc.so.6", 0o755, library());
    let next = Layer::new("RUN make")
        .whiteout("app/old")
        .file("app/over", 0o644, "other")
        .file("app/mode", 0o600, "mode")
        .file("app/same", 0o644, "again and again")
        .file("opt/first", 0o644, "the same bytes")
        .file("opt/second", 0o644, "the same bytes")
        .file("var/lib/apt/lists/x_Packages", 0o644, "packages");
    Image::new("words:1").layer(base).step("CMD [\"/app/tool\"]").layer(next)
}

async fn there(page: &Page, css: &str) {
    page.wait(css, &format!("return document.querySelector(\"{css}\") != null")).await.unwrap();
}

/// The words that can be seen.
async fn seen(page: &Page, words: &mut BTreeSet<String>) {
    let script = "return [...document.querySelectorAll(\"[data-testid='word']\")].filter(e => e.checkVisibility()).map(e => e.dataset.term)";
    let shown = page.script(script).await.unwrap();
    words.extend(shown.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()));
    let ids = "const ids = [...document.querySelectorAll('.word-text')].map(e => e.id); return ids.length == new Set(ids).size";
    assert_eq!(page.script(ids).await.unwrap(), true, "each explains itself and no other");
}

async fn select(page: &Page, path: &str) {
    page.click_css(&format!("[data-testid='tree-row'][data-path='{path}']")).await.unwrap();
    there(page, &format!("[data-testid='file-detail'][data-path='{path}']")).await;
}

async fn of_a_file(page: &Page, words: &mut BTreeSet<String>) {
    seen(page, words).await;
    page.click_css("[data-testid='layer-row'][data-index='1']").await.unwrap();
    there(page, "[data-testid='layer-detail'][data-index='1']").await;
    there(page, ".legend").await;
    seen(page, words).await;
    page.click("expand-all").await.unwrap();
    select(page, "app/tool").await;
    seen(page, words).await;
    select(page, "app/libc.so.6").await;
    there(page, "[data-testid='content-elf']").await;
    seen(page, words).await;
    page.click("tab-space").await.unwrap();
    page.wait("six kinds", "return document.querySelectorAll(\"[data-testid='waste-card']\").length == 6")
        .await
        .unwrap();
    seen(page, words).await;
    page.click("tab-checks").await.unwrap();
    there(page, "[data-testid='check-row']").await;
    seen(page, words).await;
    page.click("tab-config").await.unwrap();
    for part in ["main", "manifest", "config"] {
        page.click(&format!("part-{part}")).await.unwrap();
        there(page, &format!("[data-testid='config'][data-part='{part}']")).await;
        seen(page, words).await;
    }
}

async fn of_a_registry(page: &Page, words: &mut BTreeSet<String>) {
    page.click("tab-registry").await.unwrap();
    for what in ["platform-row", "attestation-row", "referrer-row"] {
        there(page, &format!("[data-testid='{what}']")).await;
    }
    seen(page, words).await;
    page.click("part-tags").await.unwrap();
    there(page, "[data-testid='tag-row']").await;
    seen(page, words).await;
    page.click("tab-config").await.unwrap();
    page.click("part-index").await.unwrap();
    there(page, "[data-testid='config'][data-part='index']").await;
    seen(page, words).await;
    page.click_css("[aria-label='Settings']").await.unwrap();
    there(page, "dialog[open]").await;
    seen(page, words).await;
}

#[tokio::test]
async fn every_word_stands_in_a_view() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let described = Described::start().unwrap();
    let page = Page::open(&described.lagvis.url).await.unwrap();
    let listed = page
        .wait(
            "the start",
            "const l = [...document.querySelectorAll('.learn dt')].map(e => e.textContent); return l.length > 0 && l",
        )
        .await
        .unwrap();
    let listed: BTreeSet<String> =
        listed.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
    assert!(listed.len() > 30, "{listed:?}");

    let mut words = BTreeSet::new();
    page.choose(&folder.write("words.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap()).await.unwrap();
    page.verdict().await.unwrap();
    page.tall().await.unwrap();
    of_a_file(&page, &mut words).await;
    page.go(&format!("{}#ref={}", described.lagvis.url, described.reference)).await.unwrap();
    page.verdict().await.unwrap();
    of_a_registry(&page, &mut words).await;
    let missing: Vec<_> = listed.difference(&words).collect();
    assert!(missing.is_empty(), "stand nowhere: {missing:?}");
    assert!(words.is_subset(&listed), "the start lacks some of {words:?}");
    page.close().await.unwrap();
}

#[tokio::test]
async fn words_open_where_they_stand_and_ids_can_be_hashed_again() {
    if !tools::have(&[&NEEDS[..], &["sh", "sha256sum"]].concat()).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&folder.write("words.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap()).await.unwrap();
    page.verdict().await.unwrap();
    page.click_css("[data-testid='layer-row'][data-index='1']").await.unwrap();
    there(&page, "[data-testid='layer-detail'][data-index='1']").await;

    // By keyboard: Tab comes to each, Enter opens and closes it.
    for (term, says) in [
        ("DiffID", "once it is unpacked"),
        ("ChainID", "all below it"),
        ("overlay2", "unpacked into a folder of its own"),
    ] {
        page.tab_to(&format!(".detail-pane [data-testid='word'][data-term='{term}']")).await.unwrap();
        page.keys(Key::Enter).await.unwrap();
        let text = page.wait(term, OPEN).await.unwrap();
        assert!(text.as_str().unwrap().contains(says), "{text}");
        page.keys(Key::Enter).await.unwrap();
        page.wait("it is closed", &format!("return !(() => {{ {OPEN} }})()")).await.unwrap();
    }

    // The shown command prints the shown chainID.
    let shown = |hook: &str| format!("return document.querySelector(\"[data-testid='{hook}']\").textContent");
    let command = page.script(&shown("chain-command")).await.unwrap();
    let printed = tools::output(Command::new("sh").args(["-c", command.as_str().unwrap()])).unwrap();
    let printed = String::from_utf8(printed).unwrap();
    let receipt = page.receipt().await.unwrap();
    let layers = &receipt["images"][0]["layers"];
    let chain_id = layers[1]["chain_id"].as_str().unwrap();
    assert_eq!(format!("sha256:{}", printed.split_whitespace().next().unwrap()), chain_id);
    let input = page.script(&shown("chain-input")).await.unwrap();
    for value in [&layers[0]["chain_id"], &layers[1]["diff_id"]] {
        assert!(input.as_str().unwrap().contains(value.as_str().unwrap()), "{value} is not in {input}");
    }
    assert_eq!(layers[0]["chain_id"], layers[0]["diff_id"], "the base layer's is its diffID");
    page.keys("[").await.unwrap();
    there(&page, "[data-testid='layer-detail'][data-index='0']").await;
    assert_eq!(page.all("chain-command", "testid").await.unwrap().len(), 0, "for which nothing is hashed");

    // By pointer: beside a removed path, in the legend, over the map.
    page.click("expand-all").await.unwrap();
    page.click_css("[data-testid='layer-row'][data-index='1']").await.unwrap();
    there(&page, "[data-testid='tree-row'][data-path='app/old'][data-change='removed']").await;
    select(&page, "app/old").await;
    page.click("tab-space").await.unwrap();
    there(&page, "[data-testid='waste-card']").await;
    let word = |place: &str, term: &str| format!("{place} [data-testid='word'][data-term='{term}']");
    for (place, term, says) in [
        ("[data-testid='timeline-version'][data-change='removed']", "Whiteout", ".wh.NAME"),
        (".space-head", "Waste", "Each byte counts once"),
        (".scores", "Efficiency", "not waste"),
        (".layers-pane", "Layer", "one build step"),
    ] {
        page.click_css(&word(place, term)).await.unwrap();
        let script = format!("const text = (() => {{ {OPEN} }})(); return text?.startsWith('{term}') && text");
        let text = page.wait(term, &script).await.unwrap();
        assert!(text.as_str().unwrap().contains(says), "{text}");
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn names_are_quoted_and_what_is_no_image_says_so() {
    if !tools::have(&[&NEEDS[..], &["sh", "tar"]].concat()).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let name = "x; touch 'pwned' $(id)";
    let hostile = Image::new(name).layer(Layer::new("COPY a /").file("a", 0o644, "a"));
    page.choose(&folder.write("name.tar", hostile.docker_archive(Packing::Plain).unwrap()).unwrap()).await.unwrap();
    page.verdict().await.unwrap();
    let command = "return document.querySelector(\"[data-testid='image-id-command']\")?.textContent";
    let command = page.wait("the command", command).await.unwrap().as_str().unwrap().to_owned();
    // In place of Docker, something that prints its last word.
    let script = format!("docker() {{ for word; do :; done; printf %s \"$word\"; }}; {command}");
    let printed = tools::output(Command::new("sh").args(["-c", &script]).current_dir(folder.path())).unwrap();
    assert_eq!(String::from_utf8(printed).unwrap(), name);
    assert!(!folder.path().join("pwned").exists());

    let root = folder.path().join("root");
    std::fs::create_dir_all(root.join("etc")).unwrap();
    std::fs::create_dir_all(root.join("usr/bin")).unwrap();
    std::fs::write(root.join("etc/passwd"), "root:x:0:0::/root:/bin/sh\n").unwrap();
    let file = folder.path().join("root.tar");
    tools::output(Command::new("tar").arg("-cf").arg(&file).arg("-C").arg(&root).args(["etc", "usr"])).unwrap();
    page.go(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    there(&page, "[data-testid='image-detail']").await;
    page.click("tab-config").await.unwrap();
    there(&page, "[data-testid='no-config']").await;
    for absent in ["image-id-command", "docker-run"] {
        assert_eq!(page.all(absent, "testid").await.unwrap().len(), 0, "{absent}");
    }
    page.close().await.unwrap();
}
