//! Bytes far into a file, and bytes that are searched for.

use lagvis_fixtures::{Extreme, Image, Layer, Packing};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

const PRE: &str = "document.querySelector(\"[data-testid='file-content'] pre.hex\")?.textContent";

async fn begins(page: &Page, line: &str) {
    page.wait(line, &format!("return {PRE}?.startsWith({line:?})")).await.unwrap();
}

async fn go_to(page: &Page, offset: &str) {
    page.script("document.querySelector(\"[data-testid='content-offset']\").value = ''; return true").await.unwrap();
    page.type_into("content-offset", offset).await.unwrap();
}

/// A file of five gigabytes, sparse: 4,096 bytes `x` at 4,500,000,000, all others 0.
#[tokio::test]
async fn hexadecimal_beyond_four_gigabytes() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.path().join("sparse.tar");
    Extreme::Sparse.write(&file).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.click_css("[data-testid='tree-row'][data-path='disk.img']").await.unwrap();
    begins(&page, "00000000  00 00 00 00 00 00 00 00").await;
    go_to(&page, "4500000000\u{e007}").await;
    begins(&page, "10c388d00  78 78 78 78 78 78 78 78  xxxxxxxx").await;
    go_to(&page, "0x10c389cf8\u{e007}").await;
    begins(&page, "10c389cf8  78 78 78 78 78 78 78 78  xxxxxxxx\n10c389d00  00 00").await;
    // The end by key, the place by the slider.
    page.script("document.querySelector('pre.hex').focus(); return true").await.unwrap();
    page.keys(Key::End).await.unwrap();
    begins(&page, "12a05f100  00").await;
    page.tab_to(".hex-slide").await.unwrap();
    page.keys(Key::Home).await.unwrap();
    begins(&page, "00000000  00").await;
    page.keys(Key::End).await.unwrap();
    begins(&page, "12a05f100  00").await;
    go_to(&page, "5000000000\u{e007}").await;
    let refused = "return document.querySelector(\"[data-testid='content-offset']\").validationMessage.includes('within the file')";
    page.wait("an offset behind the end is refused", refused).await.unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn bytes_are_searched_for_by_their_digits() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let mut bytes = vec![0; 70_000];
    bytes[65_534..65_538].copy_from_slice(&[0xde, 0xad, 0xbe, 0xef]);
    let image = Image::new("bytes:1").layer(Layer::new("COPY . /").file("blob", 0o644, bytes).file(
        "text",
        0o644,
        "de ad be ef, in letters",
    ));
    let file = folder.write("bytes.tar", image.oci_archive(Packing::Gzip).unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    page.click("tab-search").await.unwrap();
    page.click("search-hex").await.unwrap();
    page.type_into("search-text", "DE ad beEF\u{e007}").await.unwrap();
    page.wait(
        "the place",
        "return document.querySelector(\"[data-testid='search-said']\").textContent.startsWith('1 place in 2 files')",
    )
    .await
    .unwrap();
    assert_eq!(page.all("search-hit", "path").await.unwrap(), ["blob"]);
    assert_eq!(page.all("search-hit", "offset").await.unwrap(), ["65534"]);
    page.click("search-hit").await.unwrap();
    page.wait("the bytes, marked", "return [...document.querySelectorAll('pre.hex mark')].map(mark => mark.textContent).join(' ').toLowerCase().startsWith('de ad')").await.unwrap();
    // What is no hexadecimal says so.
    page.click("tab-search").await.unwrap();
    page.type_into("search-text", "xyz\u{e007}").await.unwrap();
    page.wait(
        "why not",
        "return document.querySelector(\"[data-testid='search-said']\").textContent.startsWith('It failed')",
    )
    .await
    .unwrap();
    page.close().await.unwrap();
}
