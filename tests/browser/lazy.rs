//! Layers with a table of contents: a tree by few bytes, verified on demand or in the background, and tables that lie.

use std::sync::atomic::{AtomicUsize, Ordering};

use lagvis_fixtures::{Image, Layer, Lazy, Listed, Packing, Random};
use lagvis_tests::{
    browser::{NEEDS, Page},
    hostile::{Blobs, Hostile, Twist, response},
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
    workdir::Workdir,
};
use serde_json::{Value, json};

const TREE: &str = "return document.querySelectorAll(\"[data-testid='tree-row']\").length > 2";

fn can_run() -> bool {
    tools::have(&NEEDS).unwrap() && tools::have(&REGISTRY).unwrap()
}

/// A layer of which `megabytes` do not shrink, in files of 10 MB, beside many small ones.
pub(super) fn layer(number: u64, megabytes: usize) -> Layer {
    let mut random = Random::new(number);
    let folder = format!("part-{number}");
    let mut layer = Layer::new(&format!("COPY {folder} /")).dir(&folder, 0o755);
    for small in 0..400 {
        layer = layer.file(&format!("{folder}/small-{small}"), 0o644, format!("{small} of {number}\n"));
    }
    for large in 0..megabytes.div_ceil(10) {
        let mut block = vec![0; megabytes.min(10) * 1_000_000];
        random.fill(&mut block);
        layer = layer.file(&format!("{folder}/large-{large}"), 0o644, block);
    }
    layer
}

/// Pushes an image of these layers; how many bytes they have. They are large, and none is held longer than needed.
pub(super) fn push(registry: &Registry, name: &str, layers: impl Iterator<Item = Listed>) -> u64 {
    let (mut descriptors, mut diff_ids, mut total) = (Vec::new(), Vec::new(), 0);
    for listed in layers {
        let digest = registry.put_blob(name, &listed.blob).unwrap();
        total += listed.blob.len() as u64;
        diff_ids.push(json!(lagvis_fixtures::sha256(&listed.tar)));
        let annotations: serde_json::Map<String, Value> =
            listed.annotations.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        descriptors.push(json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest,
            "size": listed.blob.len(), "annotations": annotations}));
    }
    let config = json!({"os": "linux", "architecture": "amd64", "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let config = serde_json::to_vec(&config).unwrap();
    let digest = registry.put_blob(name, &config).unwrap();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": kind, "layers": descriptors,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": config.len()}});
    registry.put_manifest(name, "1", kind, &serde_json::to_vec(&manifest).unwrap()).unwrap();
    total
}

/// A small image of one layer, in an archive.
fn archive(listed: Listed) -> Vec<u8> {
    Image::new("app:1").layer(listed.layer()).oci_archive(Packing::Gzip).unwrap()
}

/// The page, told to verify when asked for, by its settings.
async fn on_demand(url: &str) -> Page {
    let page = Page::open(url).await.unwrap();
    page.click_css("[aria-label='Settings']").await.unwrap();
    page.click("verify-demand").await.unwrap();
    page.click_css("dialog .btn.primary").await.unwrap();
    page.wait("the settings are kept", "return localStorage.getItem('lagvis.verify') == 'demand'").await.unwrap();
    page
}

async fn states(page: &Page) -> Vec<(String, String)> {
    let states = page.all("layer-row", "state").await.unwrap();
    states.into_iter().zip(page.all("layer-row", "toc").await.unwrap()).collect()
}

fn sent(registry: &Registry, from: usize) -> u64 {
    registry.answered().unwrap().iter().skip(from).map(|answer| answer.bytes).sum()
}

fn pairs(states: &[(&str, &str)]) -> Vec<(String, String)> {
    states.iter().map(|(state, toc)| ((*state).to_owned(), (*toc).to_owned())).collect()
}

#[tokio::test]
async fn the_tree_of_a_large_image_comes_by_few_bytes_and_is_verified_on_demand() {
    if !can_run() {
        return;
    }
    let registry = Registry::start(None).unwrap();
    let layers = (1..=3).map(|number| layer(number, 100).listed(Lazy::EStargz, |_| {}).unwrap());
    let total = push(&registry, "demo/lazy", layers);
    assert!(total > 300_000_000);
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = on_demand(&lagvis.url).await;
    let mark = registry.answered().unwrap().len();
    page.pull(&format!("{}/demo/lazy:1", registry.host)).await.unwrap();
    page.wait("the tree", TREE).await.unwrap();
    let bytes = sent(&registry, mark);
    println!("{bytes} of {total} bytes before the tree: {:.2} %", bytes as f64 * 100.0 / total as f64);
    assert!(bytes * 20 < total, "{bytes} of {total} bytes were transferred before the tree");

    page.wait("all are held", "return document.querySelector(\"[data-testid='toc-bar']\").dataset.held == '3'")
        .await
        .unwrap();
    assert_eq!(states(&page).await, pairs(&[("waiting", "held"); 3]));
    assert_eq!(page.all("verdict", "state").await.unwrap(), ["checking"]);
    assert_eq!(page.all("tree-row", "path").await.unwrap(), ["part-1", "part-2", "part-3"]);
    let receipt = page.receipt().await.unwrap();
    let image = &receipt["images"][0];
    assert_eq!(image["verdict"], "unverifiable", "nothing is said to be verified that is not");
    let checks: Vec<&str> = image["checks"].as_array().unwrap().iter().filter_map(|c| c["state"].as_str()).collect();
    assert_eq!(
        checks,
        ["verified", "verified", "unchecked", "unchecked", "unchecked", "unchecked", "unchecked", "unchecked"]
    );

    // One layer, where its content is wanted.
    page.click_css("[data-path='part-2']").await.unwrap();
    page.press_key("\u{e014}").await.unwrap();
    page.click_css("[data-path='part-2/large-0']").await.unwrap();
    page.click("verify-layer").await.unwrap();
    let second = "return document.querySelectorAll(\"[data-testid='layer-row']\")[1].dataset.state == 'verified'";
    page.wait("the second layer", second).await.unwrap();
    assert_eq!(states(&page).await, pairs(&[("waiting", "held"), ("verified", ""), ("waiting", "held")]));
    page.wait(
        "its content",
        "return document.querySelector(\"[data-testid='file-content'][data-mode='hex']\") != null",
    )
    .await
    .unwrap();
    let bytes = sent(&registry, mark);
    assert!(bytes < total / 2, "{bytes} bytes: only that layer was fetched");

    page.click("verify-now").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert_eq!(states(&page).await, pairs(&[("verified", ""); 3]));
    assert!(page.all("toc-bar", "held").await.unwrap().is_empty());
    assert!(page.all("error", "kind").await.unwrap().is_empty(), "table and tar say the same");
    assert_eq!(page.receipt().await.unwrap()["images"][0]["verdict"], "verified");
    page.close().await.unwrap();
}

#[tokio::test]
async fn in_the_background_every_layer_is_verified_and_tables_that_lie_are_told() {
    if !can_run() {
        return;
    }
    let registry = Registry::start(None).unwrap();
    let honest = layer(1, 2).listed(Lazy::ZstdChunked, |_| {}).unwrap();
    let lying = layer(2, 2).listed(Lazy::EStargz, |entries| {
        entries.push(json!({"name": "part-2/hidden", "type": "reg", "mode": 0o4755}));
    });
    let mut wrong = layer(3, 2).listed(Lazy::EStargz, |_| {}).unwrap();
    wrong.annotations[0].1 = lagvis_fixtures::sha256(b"another");
    push(&registry, "demo/lies", [honest, lying.unwrap(), wrong].into_iter());
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/lies:1", registry.host)).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified", "the layers are as named");
    let parts = registry.answered().unwrap().iter().filter(|answer| answer.status == 206).count();
    assert!(parts >= 3, "{parts} ranges");
    let mut kinds = page.all("error", "kind").await.unwrap();
    kinds.sort();
    assert_eq!(kinds, ["toc-differs", "toc-mismatch"], "each once");
    let receipt = page.receipt().await.unwrap();
    let told: Vec<_> = receipt["problems"].as_array().unwrap().iter().map(|p| p["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["toc-differs", "toc-mismatch"]);
    let warnings = receipt["images"][0]["warnings"].as_array().unwrap();
    let differs = warnings.iter().find(|warning| warning["kind"] == "toc-differs").unwrap();
    assert_eq!((&differs["layer"], &differs["path"]), (&json!(1), &json!("part-2/hidden")));
    page.click_css("[data-path='part-2']").await.unwrap();
    page.press_key("\u{e014}").await.unwrap();
    page.wait("what the tar has", "return document.querySelector(\"[data-path='part-2/small-0']\") != null")
        .await
        .unwrap();
    let paths = page.all("tree-row", "path").await.unwrap();
    assert!(!paths.iter().any(|path| path == "part-2/hidden"), "what is shown is the tar");

    // Kept in the browser, the findings come with the layer.
    page.go(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/lies:1", registry.host)).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert_eq!(page.all("error", "kind").await.unwrap().len(), 2);
    page.close().await.unwrap();
}

#[tokio::test]
async fn without_ranges_layers_are_read_whole() {
    if !can_run() {
        return;
    }
    let listed = layer(1, 2).listed(Lazy::EStargz, |_| {}).unwrap();
    let hostile = Hostile::start(Blobs::of(&archive(listed)).unwrap(), |_, _| Twist::Honest).unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = on_demand(&lagvis.url).await;
    page.pull(&format!("{}/app", hostile.host)).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert!(page.all("error", "kind").await.unwrap().is_empty());
    page.close().await.unwrap();
}

#[tokio::test]
async fn reading_layers_in_the_background_can_be_stopped_and_goes_on() {
    if !can_run() {
        return;
    }
    let listed = layer(1, 2).listed(Lazy::EStargz, |_| {}).unwrap();
    let blobs = Blobs::of(&archive(listed)).unwrap();
    let (digest, blob) = (blobs.layer(0), blobs.get(&blobs.layer(0)).to_vec());
    let times = AtomicUsize::new(0);
    // First a wait, then the end of the blob, then a line that hardly moves, then all of it.
    let hostile = Hostile::start(blobs, move |_, path| {
        if !path.ends_with(&digest) {
            return Twist::Honest;
        }
        let size = blob.len();
        match times.fetch_add(1, Ordering::SeqCst) {
            0 => Twist::Bytes(response("429 Too Many Requests", &[("retry-after", "1")], b"slow down")),
            1 => {
                let start = size - (64 << 10);
                let range = format!("bytes {start}-{}/{size}", size - 1);
                Twist::Bytes(response("206 Partial Content", &[("content-range", &range)], &blob[start..]))
            }
            2 => {
                let whole = response("200 OK", &[], &blob);
                Twist::Endless(whole[..whole.len() - size + 1_000].to_vec(), vec![7; 50], 50)
            }
            _ => Twist::Honest,
        }
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/app", hostile.host)).await.unwrap();
    page.wait("the tree", TREE.replace("> 2", "> 0").as_str()).await.unwrap();
    page.wait(
        "it is being read",
        "return document.querySelector(\"[data-testid='layer-row']\").dataset.state == 'downloading'",
    )
    .await
    .unwrap();
    page.click("verify-stop").await.unwrap();
    page.wait("it is held", "return document.querySelector(\"[data-testid='layer-row']\").dataset.toc == 'held'")
        .await
        .unwrap();
    assert_eq!(states(&page).await, pairs(&[("waiting", "held")]));
    page.click("verify-now").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.close().await.unwrap();
}

#[tokio::test]
async fn on_a_narrow_window_the_bar_fits() {
    if !can_run() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let listed = layer(1, 2).listed(Lazy::EStargz, |_| {}).unwrap();
    let file = folder.write("app.tar", archive(listed)).unwrap();
    let registry = Registry::start(None).unwrap();
    registry.push(&format!("oci-archive:{}", file.display()), "demo/app:1").unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = on_demand(&lagvis.url).await;
    page.cdp(
        "Emulation.setDeviceMetricsOverride",
        json!({"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": false}),
    )
    .await
    .unwrap();
    page.pull(&format!("{}/demo/app:1", registry.host)).await.unwrap();
    page.wait("the bar", "return document.querySelector(\"[data-testid='verify-now']\") != null").await.unwrap();
    let fits = "return document.documentElement.scrollWidth <= 400 && \
                [...document.querySelectorAll('.toc-bar *')].every(e => e.getBoundingClientRect().right <= 400)";
    assert_eq!(page.script(fits).await.unwrap(), true);
    page.click_css("[data-term='TOC']").await.unwrap();
    page.close().await.unwrap();
}
