//! What the browser keeps from one image to the next: counted at a real registry.

use lagvis_fixtures::{Image, Layer, Packing, Random};
use lagvis_tests::{
    browser::{NEEDS, Page},
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// Two images of five layers that share four, on a registry behind Lagvis.
struct Shared {
    _folder: Workdir,
    registry: Registry,
    lagvis: Lagvis,
}

fn layer(number: u64) -> Layer {
    let mut random = Random::new(number);
    let bytes: Vec<u8> = (0..200_000).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
    Layer::new(&format!("COPY part-{number} /")).file(&format!("part-{number}"), 0o644, bytes)
}

fn image(name: &str, last: u64) -> Image {
    [1, 2, 3, 4, last].into_iter().fold(Image::new(name), |image, number| image.layer(layer(number)))
}

impl Shared {
    fn start() -> Self {
        let folder = Workdir::new().unwrap();
        let registry = Registry::start(None).unwrap();
        for (name, last) in [("app:1", 5), ("app:2", 6)] {
            let bytes = image(name, last).oci_archive(Packing::Gzip).unwrap();
            let file = folder.write(&name.replace(':', "-"), bytes).unwrap();
            registry.push(&format!("oci-archive:{}", file.display()), &format!("demo/{name}")).unwrap();
        }
        let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
        Self { _folder: folder, registry, lagvis }
    }

    fn reference(&self, name: &str) -> String {
        format!("{}/demo/{name}", self.registry.host)
    }

    /// Since `from`: the methods of requests for documents that were answered, how many blobs were asked for, and the
    /// bytes that came of them.
    fn since(&self, from: usize) -> (Vec<String>, usize, u64) {
        let answered = self.registry.answered().unwrap().split_off(from);
        let of = |kind: &'static str| answered.iter().filter(move |answer| answer.path.contains(kind));
        let documents =
            of("/manifests/").filter(|answer| answer.status == 200).map(|answer| answer.method.clone()).collect();
        // What the browser's own cache still has is answered by 304: it was asked for all the same.
        let blobs: Vec<_> = of("/blobs/").filter(|answer| answer.method == "GET").collect();
        (documents, blobs.len(), blobs.iter().map(|a| a.bytes).sum())
    }

    fn mark(&self) -> usize {
        self.registry.answered().unwrap().len()
    }
}

fn can_run() -> bool {
    tools::have(&NEEDS).unwrap() && tools::have(&REGISTRY).unwrap()
}

async fn open(page: &Page, url: &str, reference: &str) {
    page.go(url).await.unwrap();
    page.pull(reference).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
}

/// The page keeps a record after a layer is shown as verified; waits until all are kept.
async fn settled(page: &Page, layers: usize) {
    let records = format!(
        "return navigator.storage.getDirectory().then(root => root.getDirectoryHandle('lagvis')).then(async folder => {{ \
         let count = 0; for await (const name of folder.keys()) count += name.endsWith('.layer') && !name.startsWith('part.'); \
         return count >= {layers}; }})"
    );
    page.wait("the records are kept", &records).await.unwrap();
}

#[tokio::test]
async fn shared_layers_are_not_transferred_again_and_a_known_image_none_at_all() {
    if !can_run() {
        return;
    }
    let shared = Shared::start();
    let url = &shared.lagvis.url;
    let page = Page::blank().await.unwrap();
    let start = shared.mark();
    open(&page, url, &shared.reference("app:1")).await;
    let (_, blobs, bytes) = shared.since(start);
    assert_eq!(blobs, 6, "five layers and the config");
    assert!(bytes > 1_000_000, "{bytes}");
    let receipt = page.receipt().await.unwrap();
    settled(&page, 5).await;

    let second = shared.mark();
    open(&page, url, &shared.reference("app:2")).await;
    let (_, blobs, bytes) = shared.since(second);
    assert_eq!(blobs, 2, "the fifth layer and the config");
    assert!(bytes < 220_000, "{bytes}");
    assert_eq!(page.all("layer-row", "kept").await.unwrap(), ["true", "true", "true", "true", ""]);
    settled(&page, 6).await;

    let again = shared.mark();
    open(&page, url, &shared.reference("app:1")).await;
    let (documents, blobs, bytes) = shared.since(again);
    assert_eq!((blobs, bytes), (0, 0), "nothing of it is transferred again");
    assert!(documents.iter().all(|method| method == "HEAD"), "the tag is asked about, no more: {documents:?}");
    assert_eq!(page.receipt().await.unwrap(), receipt, "the receipt does not depend on what was kept");
    assert_eq!(page.all("layer-row", "kept").await.unwrap(), ["true"; 5]);
    let text = "return document.querySelector(\"[data-testid='file-content']\")?.textContent.length > 100";
    page.click_css("[data-path='part-3']").await.unwrap();
    page.wait("a file out of a kept layer is shown", text).await.unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn without_a_registry_a_pinned_digest_opens_and_a_tag_offers_what_it_named() {
    if !can_run() {
        return;
    }
    let Shared { _folder, registry, lagvis } = Shared::start();
    let reference = format!("{}/demo/app:1", registry.host);
    let page = Page::blank().await.unwrap();
    open(&page, &lagvis.url, &reference).await;
    let manifest = page.receipt().await.unwrap()["images"][0]["manifest_digest"].as_str().unwrap().to_owned();
    settled(&page, 5).await;
    drop(registry);

    open(&page, &lagvis.url, &format!("{reference}@{manifest}")).await;
    assert_eq!(page.all("layer-row", "kept").await.unwrap(), ["true"; 5]);

    page.go(&lagvis.url).await.unwrap();
    page.pull(&reference).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "registry-unreachable");
    page.click("open-kept").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.close().await.unwrap();
}

#[tokio::test]
async fn what_is_kept_is_seen_limited_and_removed() {
    if !can_run() {
        return;
    }
    let shared = Shared::start();
    let page = Page::blank().await.unwrap();
    open(&page, &shared.lagvis.url, &shared.reference("app:1")).await;
    settled(&page, 5).await;
    let kept = "return Number(document.querySelector(\"[data-testid='kept-bytes']\")?.dataset.bytes ?? -1)";
    let show = async |page: &Page| {
        page.run_command("kept in this browser").await.unwrap();
        page.wait("the storage is listed", &format!("{kept} >= 0")).await.unwrap();
    };

    show(&page).await;
    let kinds = page.all("kept-row", "kind").await.unwrap();
    assert_eq!(kinds.iter().filter(|kind| *kind == "layer").count(), 5);
    assert!(kinds.iter().any(|kind| kind == "document"));
    page.click("kept-clear").await.unwrap();
    page.wait(
        "documents are gone",
        "return !document.querySelector(\"[data-testid='kept-row'][data-kind='document']\")",
    )
    .await
    .unwrap();
    assert_eq!(page.all("kept-row", "kind").await.unwrap(), ["layer"; 5], "layers of an open image stay");

    page.go(&shared.lagvis.url).await.unwrap();
    show(&page).await;
    page.click("kept-clear").await.unwrap();
    page.wait("all is gone", &format!("{kept} == 0")).await.unwrap();
    page.remember(&[("keep", "0")]).await.unwrap();
    open(&page, &shared.lagvis.url, &shared.reference("app:1")).await;
    open(&page, &shared.lagvis.url, &shared.reference("app:2")).await;
    open(&page, &shared.lagvis.url, &shared.reference("app:1")).await;
    let kept = page.all("layer-row", "kept").await.unwrap();
    assert_eq!(kept, ["true", "true", "true", "true", ""], "only what the image before had was kept");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_blob_that_changed_in_storage_is_fetched_again() {
    if !can_run() {
        return;
    }
    let shared = Shared::start();
    let page = Page::blank().await.unwrap();
    open(&page, &shared.lagvis.url, &shared.reference("app:1")).await;
    settled(&page, 5).await;
    page.go(&shared.lagvis.url).await.unwrap();
    let spoil = "return navigator.storage.getDirectory().then(root => root.getDirectoryHandle('lagvis')).then(async folder => { \
         const names = []; for await (const name of folder.keys()) names.push(name); \
         for (const name of names) { \
           if (name.endsWith('.layer')) await folder.removeEntry(name); \
           else if (/^sha256-[0-9a-f]+$/.test(name)) { \
             const file = await folder.getFileHandle(name); const size = (await file.getFile()).size; \
             const out = await file.createWritable({ keepExistingData: true }); \
             await out.write({ type: 'write', position: size >> 1, data: new Uint8Array(64) }); await out.close(); } } \
         return names.length; })";
    assert!(page.script(spoil).await.unwrap().as_u64().unwrap() > 10);
    let before = shared.mark();
    open(&page, &shared.lagvis.url, &shared.reference("app:1")).await;
    assert_eq!(shared.since(before).1, 5, "each layer came from the registry");
    page.close().await.unwrap();
}

#[tokio::test]
async fn two_tabs_pull_the_same_image_side_by_side() {
    if !can_run() {
        return;
    }
    let shared = Shared::start();
    let page = Page::blank().await.unwrap();
    page.go(&shared.lagvis.url).await.unwrap();
    let first = page.window().await.unwrap();
    let second = page.new_tab(&shared.lagvis.url).await.unwrap();
    page.pull(&shared.reference("app:1")).await.unwrap();
    page.switch(&first).await.unwrap();
    page.pull(&shared.reference("app:1")).await.unwrap();
    for window in [&second, &first] {
        page.switch(window).await.unwrap();
        assert_eq!(page.verdict().await.unwrap(), "verified");
    }
    settled(&page, 5).await;
    // What one tab has open stays when the other removes all.
    page.go(&shared.lagvis.url).await.unwrap();
    page.remember(&[("keep", "0")]).await.unwrap();
    page.pull(&shared.reference("app:2")).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.switch(&second).await.unwrap();
    page.click_css("[data-path='part-5']").await.unwrap();
    let text = "return document.querySelector(\"[data-testid='file-content']\")?.textContent.length > 100";
    page.wait("the other tab still reads its layer", text).await.unwrap();
    page.close().await.unwrap();
}
