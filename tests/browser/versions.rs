//! A path's timeline, comparisons, digests, downloads and the search in contents, by pointer and keyboard.

use std::process::Command;

use lagvis::image::Digest;
use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

fn image() -> Image {
    let old = Layer::new("COPY old /")
        .dir("app", 0o755)
        .file("app/notes.txt", 0o644, "one\ntwo\nthree\n")
        .file("app/secret.env", 0o600, "TOKEN=never-to-be-shipped\n")
        .file("app/program", 0o755, b"\x7fELF\x02\x01\x01\x00");
    let new = Layer::new("COPY new /")
        .file("app/notes.txt", 0o644, "one\nTWO\nthree\n")
        .file("app/program", 0o755, b"\x7fELF\x02\x01\x02\x00")
        .whiteout("app/secret.env");
    Image::new("versions:1").layer(old).layer(new)
}

#[tokio::test]
async fn versions_are_opened_compared_hashed_saved_and_searched() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let file = folder.write("versions.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");

    // Downloads of the whole, before anything is selected.
    let target = folder.path().join("saved");
    std::fs::create_dir(&target).unwrap();
    page.save_into(&target).await.unwrap();
    page.click("save-rootfs").await.unwrap();
    page.saved(&target.join("rootfs.tar")).await.unwrap();
    let list = |name: &str| {
        let output = tools::output(Command::new("tar").arg("tf").arg(target.join(name))).unwrap();
        String::from_utf8(output).unwrap()
    };
    assert_eq!(list("rootfs.tar"), "app/\napp/notes.txt\napp/program\n");

    page.click_css("[data-testid='tree-row'][data-path='app']").await.unwrap();
    page.click("save-folder").await.unwrap();
    page.saved(&target.join("app.tar")).await.unwrap();
    assert_eq!(list("app.tar"), list("rootfs.tar"));

    page.click_css("[data-testid='tree-row'][data-path='app'] .twisty").await.unwrap();
    page.click_css("[data-testid='tree-row'][data-path='app/notes.txt']").await.unwrap();
    page.wait("the timeline", "return document.querySelectorAll(\"[data-testid='timeline-version']\").length == 2")
        .await
        .unwrap();
    page.click("hash-file").await.unwrap();
    let expected = Digest::of(b"one\nTWO\nthree\n").to_string();
    page.wait(
        "the digest",
        &format!("return document.querySelector(\"[data-testid='file-sha256']\")?.textContent.includes('{expected}')"),
    )
    .await
    .unwrap();

    page.click("timeline-compare").await.unwrap();
    let lines = "const d = document.querySelector(\"[data-testid='difference']\"); return d && [...d.querySelectorAll('.diff-line')].map(l => l.textContent.replace(/\\s+/g, ' ').trim()).join('|')";
    let lines = page.wait("the difference", lines).await.unwrap();
    assert_eq!(lines.as_str().unwrap(), "11 one|2−two|2+TWO|33 three");

    // An old version by keyboard: its button is reached and pressed as any other.
    page.script("document.querySelector(\"[data-layer='0'] [data-testid='timeline-open']\").focus(); return true")
        .await
        .unwrap();
    page.press_key("\u{e007}").await.unwrap();
    page.wait(
        "the old version",
        "return document.querySelector(\"[data-testid='file-content'] pre\")?.textContent == 'one\\ntwo\\nthree\\n'",
    )
    .await
    .unwrap();

    page.click_css("[data-testid='tree-row'][data-path='app/program']").await.unwrap();
    page.wait(
        "its detail",
        "return document.querySelector(\"[data-testid='file-detail'][data-path='app/program']\") != null",
    )
    .await
    .unwrap();
    page.click("timeline-compare").await.unwrap();
    page.wait("what is no text", "return document.querySelector(\"[data-testid='difference']\")?.textContent.includes('first difference at byte 6')")
        .await
        .unwrap();

    // What was deleted is found in every layer, and opened.
    page.click("tab-search").await.unwrap();
    page.type_into("search-text", "token=NEVER").await.unwrap();
    page.click("search-any-case").await.unwrap();
    page.press_in("search-text", "\u{e007}").await.unwrap();
    page.wait(
        "nothing",
        "return document.querySelector(\"[data-testid='search-said']\")?.textContent.startsWith('0 places')",
    )
    .await
    .unwrap();
    page.click("search-every-layer").await.unwrap();
    page.click("search-button").await.unwrap();
    page.wait("the place", "return document.querySelector(\"[data-testid='search-hit'][data-path='app/secret.env'][data-offset='0']\") != null")
        .await
        .unwrap();
    page.click("search-hit").await.unwrap();
    page.wait("the deleted file", "return document.querySelector(\"[data-testid='file-content'] pre\")?.textContent == 'TOKEN=never-to-be-shipped\\n'")
        .await
        .unwrap();

    // A layer as transported and as its tar.
    page.click_css("[data-testid='layer-row'][data-index='1']").await.unwrap();
    page.wait("the layer", "return document.querySelector(\"[data-testid='layer-detail'][data-index='1']\") != null")
        .await
        .unwrap();
    let named = |end: &str| {
        let files = std::fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().path());
        files
            .into_iter()
            .find(|path| path.to_str().unwrap().contains("layer-1-") && path.to_str().unwrap().ends_with(end))
    };
    for (hook, end) in [("save-blob", ".tar.gz"), ("save-layer-tar", ".tar")] {
        page.click(hook).await.unwrap();
        let begin = std::time::Instant::now();
        while named(end).is_none() {
            assert!(begin.elapsed().as_secs() < 30, "{hook} saved nothing");
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let id = page
            .script("return document.querySelector(\"[data-testid='layer-row'][data-index='1']\").dataset.diffId")
            .await
            .unwrap();
        if hook == "save-layer-tar" {
            assert_eq!(Digest::of(&std::fs::read(named(end).unwrap()).unwrap()).to_string(), id.as_str().unwrap());
        }
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_hit_opens_its_file_at_its_place() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let line = |n: u32| match n {
        30_001 => "here is the needle\n".to_owned(),
        59_999 => "NEEDLE in the last part\n".to_owned(),
        n => format!("line number {n} of a long text\n"),
    };
    let text: String = (1..=60_000).map(line).collect();
    let mut bytes = vec![0_u8; 700_000];
    bytes[600_003..600_009].copy_from_slice(b"needle");
    let layer =
        Layer::new("COPY . /").dir("app", 0o755).file("app/long.log", 0o644, &text).file("app/x.bin", 0o644, bytes);
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let file = folder.write("hits.tar", Image::new("hits:1").layer(layer).oci_archive(Packing::Gzip).unwrap()).unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    page.click("tab-search").await.unwrap();
    page.click("search-any-case").await.unwrap();
    page.type_into("search-text", "needle\u{e007}").await.unwrap();
    page.wait("three places", "return document.querySelectorAll(\"[data-testid='search-hit']\").length == 3")
        .await
        .unwrap();

    // In the midst of the text's parts and pages: marked, in sight, with its line's number.
    let marked = "const m = document.querySelectorAll(\"[data-testid='file-content'] mark\"); if (m.length != 1) return null; \
        const [r, p] = [m[0], m[0].closest('pre')].map(e => e.getBoundingClientRect()); \
        return r.top >= p.top && r.bottom <= p.bottom && [m[0].textContent, m[0].closest('.line').dataset.line].join()";
    for (word, number) in [("needle", 30_001), ("NEEDLE", 59_999), ("needle", 30_001)] {
        let offset = text.find(word).unwrap();
        page.click_css(&format!("[data-testid='search-hit'][data-path='app/long.log'][data-offset='{offset}']"))
            .await
            .unwrap();
        let is = format!("return (() => {{ {marked} }})() == '{word},{number}'");
        page.wait(&format!("{word} in line {number}"), &is).await.unwrap();
    }
    // One goes on from there as if one had come by going on: back to the page before, and to the part before.
    let range = "document.querySelector(\"[data-testid='content-range']\")?.textContent";
    page.wait("the page", &format!("return {range}?.startsWith('lines 29,')")).await.unwrap();
    let back = format!(
        "if (!{range}.startsWith('lines 1 to')) {{ document.querySelector(\"[data-testid='content-previous']\").click(); return false; }} return true"
    );
    page.wait("the beginning", &back).await.unwrap();
    // The same hit once more leads there once more.
    let offset = text.find("needle").unwrap();
    page.click_css(&format!("[data-testid='search-hit'][data-offset='{offset}']")).await.unwrap();
    page.wait("the needle again", &format!("return (() => {{ {marked} }})() == 'needle,30001'")).await.unwrap();

    // In what is no text: the line of its bytes, both notations marked.
    page.click_css("[data-testid='search-hit'][data-path='app/x.bin'][data-offset='600003']").await.unwrap();
    page.wait(
        "the bytes",
        "return [...document.querySelectorAll(\"[data-testid='file-content'] .hex-line.on mark\")].map(m => m.textContent).join() \
         == '6e 65 65 64 6c,needl,65,e'",
    )
    .await
    .unwrap();
    // Another file is shown from its beginning.
    page.click("tab-files").await.unwrap();
    page.click("expand-all").await.unwrap();
    page.click_css("[data-testid='tree-row'][data-path='app/long.log']").await.unwrap();
    page.wait("its beginning", &format!("return {range}?.startsWith('lines 1 to')")).await.unwrap();
    assert_eq!(
        page.script("return document.querySelectorAll(\"[data-testid='file-content'] mark\").length").await.unwrap(),
        0
    );
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_timeline_says_what_was_and_what_is() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let base = Layer::new("COPY base /")
        .file("run", 0o644, "one")
        .mtime(1_000_000_000)
        .pax("SCHILY.xattr.user.gone", b"1")
        .symlink("way", "run")
        .file("kind", 0o644, "a file");
    let next = Layer::new("RUN /bin/sh -c chmod 600 /run && chown 5:6 /run # buildkit")
        .file("run", 0o600, "one")
        .owner(5, 6)
        .mtime(1_000_000_060)
        .pax("SCHILY.xattr.user.new", b"2")
        .symlink("way", "kind")
        .dir("kind", 0o644);
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let image = Image::new("reasons:1").layer(base).layer(next);
    page.choose(&folder.write("reasons.tar", image.oci_archive(Packing::Gzip).unwrap()).unwrap()).await.unwrap();
    page.verdict().await.unwrap();
    for (path, reasons) in [
        (
            "run",
            "mode 0644 → 0600|owner 0:0 → 5:6|time 2001-09-09 01:46:40 UTC → 2001-09-09 01:47:40 UTC|\
             extended attributes −user.gone, +user.new",
        ),
        ("way", "link target run → kind"),
        ("kind", "type file → folder"),
    ] {
        page.click_css(&format!("[data-testid='tree-row'][data-path='{path}']")).await.unwrap();
        let read = format!(
            "const l = document.querySelector(\"[data-testid='file-detail'][data-path='{path}'] [data-testid='timeline-version'][data-layer='1']\"); \
             return l && [[...l.querySelectorAll(\"[data-testid='timeline-reason']\")].map(e => e.textContent).join('|'), l.querySelector('.step-text').textContent]"
        );
        let told = page.wait(path, &read).await.unwrap();
        assert_eq!(told[0], reasons);
        assert_eq!(told[1], "RUN chmod 600 /run && chown 5:6 /run");
    }
    page.close().await.unwrap();
}
