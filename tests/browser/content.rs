//! Content of files on the page: the bytes that `lagvis inspect --cat` prints, old versions too.

use std::{path::Path, process::Command};

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

const SHOWN: &str = "return document.querySelector(\"[data-testid='file-content'] pre\")?.textContent";

fn image() -> Image {
    let old = Layer::new("COPY old /").dir("app", 0o755).file("app/notes.txt", 0o644, "the old text\n").file(
        "app/program",
        0o755,
        b"\x7fELF\x02\x01\x01\x00",
    );
    let new = Layer::new("COPY new /").file(
        "app/notes.txt",
        0o644,
        (0..60_000).map(|n| format!("line {n}\n")).collect::<String>(),
    );
    Image::new("content:1").layer(old).layer(new).layer(Layer::new("RUN rm").whiteout("app/program"))
}

fn cat(file: &Path, path: &str, layer: &str) -> String {
    let mut command = Command::new(tools::lagvis().unwrap());
    command.args(["inspect", "--cat", path, "--layer", layer]).arg(file);
    String::from_utf8(tools::output(&mut command).unwrap()).unwrap()
}

#[tokio::test]
async fn content_is_shown_page_by_page_with_old_versions_and_saved_whole() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for (name, packing) in [("plain.tar", Packing::Plain), ("gzip.tar", Packing::Gzip), ("zstd.tar", Packing::Zstd)] {
        let file = folder.write(name, image().oci_archive(packing).unwrap()).unwrap();
        page.go(&lagvis.url).await.unwrap();
        page.choose(&file).await.unwrap();
        page.verdict().await.unwrap();
        page.type_into("filter-input", "notes").await.unwrap();
        page.click_css("[data-path='app/notes.txt']").await.unwrap();
        let new = cat(&file, "app/notes.txt", "2");
        let lines: Vec<&str> = new.split_inclusive('\n').collect();
        for (number, page_lines) in lines.chunks(500).take(3).enumerate() {
            if number > 0 {
                page.click("content-next").await.unwrap();
            }
            let is_shown = format!("{SHOWN} == {:?}", page_lines.concat());
            page.wait(&format!("{name}: page {number}"), &is_shown).await.unwrap();
        }

        page.click_css("[data-testid='content-version'][data-layer='0']").await.unwrap();
        page.wait("the old version", &format!("{SHOWN} == {:?}", cat(&file, "app/notes.txt", "0"))).await.unwrap();

        let target = folder.path().join(format!("saved-{name}"));
        std::fs::create_dir(&target).unwrap();
        page.save_into(&target).await.unwrap();
        page.click("content-save").await.unwrap();
        assert_eq!(page.saved(&target.join("notes.txt")).await.unwrap(), b"the old text\n", "{name}");
    }
    page.close().await.unwrap();
}
