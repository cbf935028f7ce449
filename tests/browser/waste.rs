//! What is said of waste, by hand: long lists, advice, colours; the scores are those of the engine and of dive.

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    dive,
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// Eight files overwritten, one deleted, and what is kept.
fn image() -> Image {
    let files = |layer: Layer, size: usize| {
        (0..8_u8).fold(layer, |layer, n| layer.file(&format!("app/file-{n}"), 0o644, vec![n; size]))
    };
    let base = files(Layer::new("ADD rootfs.tar /").dir("app", 0o755), 1_000)
        .file("app/kept", 0o644, vec![50; 2_000])
        .file("app/gone", 0o644, vec![60; 300]);
    Image::new("waste:1").layer(base).layer(files(Layer::new("COPY app /app"), 700).whiteout("app/gone"))
}

async fn score(page: &Page, hook: &str) -> f64 {
    let script = format!("return document.querySelector(\"[data-testid='{hook}']\")?.dataset.value");
    page.wait(hook, &script).await.unwrap().as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn scores_long_lists_advice_and_colours() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&dive::NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("waste.tar", image().docker_archive(Packing::Plain).unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    page.click("tab-space").await.unwrap();

    // Ours by hand: 8 × 1,000 overwritten and 300 deleted, of all that is shipped. dive's by dive.
    let ours = 1.0 - 8_300.0 / (8_000.0 + 2_000.0 + 300.0 + 5_600.0);
    assert!((score(&page, "efficiency").await - ours).abs() < 1e-5);
    let theirs = dive::judge(&file).unwrap()["image"]["efficiencyScore"].as_f64().unwrap();
    assert!((score(&page, "dive-efficiency").await - theirs).abs() < 1e-5, "dive says {theirs}");

    // A card has a few paths, and all when asked, by pointer and keyboard.
    let paths = "document.querySelectorAll(\"[data-testid='waste-card'][data-kind='overwritten'] [data-testid='waste-path']\").length";
    page.wait("a few paths", &format!("return {paths} == 5")).await.unwrap();
    page.click("waste-more").await.unwrap();
    page.wait("all paths", &format!("return {paths} == 8")).await.unwrap();
    page.tab_to("[data-testid='waste-more']").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    page.wait("a few paths", &format!("return {paths} == 5")).await.unwrap();

    // Colours, there and back.
    let pressed =
        |hook: &str| format!("return document.querySelector(\"[data-testid='{hook}'][aria-pressed='true']\")");
    let by_change = "return document.querySelector(\"[data-testid='map-cell'].is-none\")";
    page.click("colour-change").await.unwrap();
    page.wait("colours of changes", by_change).await.unwrap();
    page.click("colour-layer").await.unwrap();
    page.wait("colours of layers", &pressed("colour-layer")).await.unwrap();
    page.wait("no colours of changes", &format!("return !(() => {{ {by_change} }})()")).await.unwrap();

    // Advice leads to its layer.
    page.click_css("[data-testid='advice'][data-layer='0'] .advice-step").await.unwrap();
    page.wait("the layer", "return document.querySelector(\"[data-testid='layer-detail'][data-index='0']\")")
        .await
        .unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn an_image_without_waste_says_so() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let image = Image::new("lean:1").layer(Layer::new("COPY a /").file("a", 0o644, "a"));
    let file = folder.write("lean.tar", image.oci_archive(Packing::Gzip).unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    page.click("tab-space").await.unwrap();
    page.wait("the word", "return document.querySelector(\"[data-testid='no-waste']\")").await.unwrap();
    assert!((score(&page, "efficiency").await - 1.0).abs() < f64::EPSILON);
    assert!(page.all("waste-card", "kind").await.unwrap().is_empty());
    page.close().await.unwrap();
}
