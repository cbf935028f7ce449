//! Work that takes a while says how far it is and can be cancelled: opening, searches, downloads. The workers' reads wait
//! at gates, so that the page is seen in the midst of it however fast the machine is.

use std::path::{Path, PathBuf};

use lagvis_fixtures::{Image, Layer, Packing, Random};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    gate::{self, Gated, READ, TIME},
    held::Held,
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// Bytes that cannot be packed: many reads of the blob.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..length).map(|_| u8::try_from(random.below(256)).unwrap()).collect()
}

fn image() -> Image {
    let first = Layer::new("COPY noise /").dir("srv", 0o755).file("srv/noise", 0o644, noise(1, 3_000_000));
    let last = Layer::new("COPY needle /").file("srv/needle.txt", 0o644, "a needle\n");
    Image::new("long:1").layer(first).layer(last)
}

fn archive(folder: &Workdir) -> PathBuf {
    folder.write("long.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap()
}

fn phase(phase: &str) -> String {
    format!("return document.documentElement.dataset.phase == '{phase}'")
}

/// Bytes done and in all of the task that is shown.
const PROGRESS: &str = "const p = document.querySelector(\"[data-testid='task-progress'] progress\"); \
                        return p && [p.value, p.max, document.querySelector(\"[data-testid='task-progress']\").innerText]";

/// Lets one read through after the other until some bytes, and not all, are said to be done.
async fn until_halfway(page: &Page) -> String {
    page.wait("the task is shown", PROGRESS).await.unwrap();
    loop {
        let shown = page.wait("the task is still under way", PROGRESS).await.unwrap();
        let (done, total) = (shown[0].as_f64().unwrap(), shown[1].as_f64().unwrap());
        if done > 0.0 {
            assert!(done < total, "{done} of {total}");
            // Read out in coarse steps.
            let said =
                "return [...document.querySelectorAll(\"[data-testid='task-said']\")].map(e => e.textContent).join('')";
            let said = page.script(said).await.unwrap();
            let said = said.as_str().and_then(|said| said.strip_suffix(" %")?.split_once(": ")).map(|(_, share)| share);
            assert!(matches!(said, Some("0" | "25" | "50" | "75")), "{said:?}");
            return shown[2].as_str().unwrap().to_owned();
        }
        gate::until_waiting(page, READ, 1).await.unwrap();
        gate::step(page, READ).await.unwrap();
    }
}

const NO_TASK: &str = "return !document.querySelector(\"[data-testid='task-progress']\")";

async fn opened(lagvis: &Lagvis, file: &Path) -> Page {
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page
}

#[tokio::test]
async fn opening_a_file_is_cancelled_by_button_and_by_escape() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = archive(&folder);
    let site = Gated::serve().unwrap();
    let page = Page::open(&site.lagvis.url).await.unwrap();
    for by_key in [false, true] {
        gate::close(&page, READ).await.unwrap();
        page.choose(&file).await.unwrap();
        page.wait("it is being opened", &phase("opening")).await.unwrap();
        gate::until_waiting(&page, READ, 1).await.unwrap();
        if by_key {
            page.keys(Key::Escape).await.unwrap();
        } else {
            page.click("cancel").await.unwrap();
        }
        page.wait("the start", &phase("start")).await.unwrap();
        // What waited was a worker's; it is gone with it.
        gate::until_waiting(&page, READ, 0).await.unwrap();
        gate::open(&page, READ).await.unwrap();
    }
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified", "after a cancel the page opens as before");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_pull_says_how_far_it_is_and_a_cancel_ends_the_transfer() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let held = Held::serve(&image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&held.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let reference = format!("{}/demo/long:1", held.host);
    page.pull(&reference).await.unwrap();
    held.stands().unwrap();
    let row = "document.querySelector(\"[data-testid='layer-row'][data-index='0'][data-state='downloading']\")";
    page.wait("half of the layer", &format!("return /downloading 1\\.5 MB of 3 MB/.test({row}?.innerText)"))
        .await
        .unwrap();
    page.wait(
        "how much of all that is",
        "return /1\\.5\\d* MB of 3(\\.\\d+)? MB/.test(document.querySelector('.total').innerText)",
    )
    .await
    .unwrap();
    assert_eq!(
        page.script("return document.querySelector(\"[data-testid='progress']\").ariaBusy").await.unwrap(),
        "true"
    );
    page.click("cancel").await.unwrap();
    page.wait("the start", &phase("start")).await.unwrap();
    held.is_left().unwrap();

    // Going back ends it as well; the same image opens afterwards.
    page.pull(&reference).await.unwrap();
    held.stands().unwrap();
    page.back().await.unwrap();
    page.wait("the start", &phase("start")).await.unwrap();
    held.go_on();
    page.pull(&reference).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.until("what came before is cleared", async || {
        Ok(page.kept().await?.iter().all(|name| !name.starts_with("part.")))
    })
    .await
    .unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_search_says_how_far_it_is_and_ends_when_it_is_cancelled() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let site = Gated::serve().unwrap();
    let page = opened(&site.lagvis, &archive(&folder)).await;
    page.click("tab-search").await.unwrap();
    page.type_into("search-text", "needle").await.unwrap();
    gate::close(&page, READ).await.unwrap();
    page.click("search-button").await.unwrap();
    let said = until_halfway(&page).await;
    assert!(said.contains("Searching") && said.contains("of 3 MB"), "{said}");
    page.click("task-cancel").await.unwrap();
    page.wait("it is over", NO_TASK).await.unwrap();
    // The read that was under way is its last: the next that waits is another task's.
    gate::until_waiting(&page, READ, 1).await.unwrap();
    gate::step(&page, READ).await.unwrap();
    page.click_css("[data-testid='layer-row'][data-index='1']").await.unwrap();
    page.click("save-layer-tar").await.unwrap();
    gate::until_waiting(&page, READ, 1).await.unwrap();
    gate::open(&page, READ).await.unwrap();
    page.wait("the download is over", NO_TASK).await.unwrap();
    let said = page.script("return document.querySelector(\"[data-testid='search-said']\").textContent").await.unwrap();
    assert_eq!(said, "", "a search that was cancelled says nothing");
    assert!(page.all("search-hit", "path").await.unwrap().is_empty());

    page.click("search-button").await.unwrap();
    page.wait(
        "what the next search finds",
        "return document.querySelector(\"[data-testid='search-said']\").textContent.startsWith('1 place in 2 files')",
    )
    .await
    .unwrap();
    assert_eq!(page.all("search-hit", "path").await.unwrap(), ["srv/needle.txt"]);
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_download_says_how_far_it_is_and_leaves_nothing_behind() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let target = folder.path().join("saved");
    std::fs::create_dir(&target).unwrap();
    let site = Gated::serve().unwrap();
    let page = opened(&site.lagvis, &archive(&folder)).await;
    page.save_into(&target).await.unwrap();
    let scratch = async || -> anyhow::Result<usize> {
        Ok(page.kept().await?.iter().filter(|name| name.starts_with("scratch.")).count())
    };

    // Cancelled: nothing is saved, and what was written is gone.
    gate::close(&page, READ).await.unwrap();
    page.click("save-rootfs").await.unwrap();
    let said = until_halfway(&page).await;
    assert!(said.contains("Writing"), "{said}");
    assert_eq!(scratch().await.unwrap(), 1);
    page.click("task-cancel").await.unwrap();
    page.wait("it is over", NO_TASK).await.unwrap();
    gate::open(&page, READ).await.unwrap();
    page.until("the scratch file is gone", async || Ok(scratch().await? == 0)).await.unwrap();
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 0, "something was saved");

    // Saved: the scratch file stays while the browser may still have to open it, and then goes.
    gate::close(&page, TIME).await.unwrap();
    page.click("save-rootfs").await.unwrap();
    let saved = page.saved(&target.join("rootfs.tar")).await.unwrap();
    let contents = lagvis_tests::docker::contents_of(saved.as_slice()).unwrap();
    assert_eq!(contents["srv/noise"], noise(1, 3_000_000));
    assert_eq!(scratch().await.unwrap(), 1);
    gate::until_waiting(&page, TIME, 1).await.unwrap();
    gate::open(&page, TIME).await.unwrap();
    page.until("the scratch file is gone", async || Ok(scratch().await? == 0)).await.unwrap();

    // Left in the middle: the next worker clears up.
    gate::close(&page, READ).await.unwrap();
    page.click("save-rootfs").await.unwrap();
    until_halfway(&page).await;
    page.go(&site.lagvis.url).await.unwrap();
    assert_eq!(scratch().await.unwrap(), 1);
    page.click("sample-button").await.unwrap();
    page.verdict().await.unwrap();
    page.until("the scratch file is gone", async || Ok(scratch().await? == 0)).await.unwrap();
    page.close().await.unwrap();
}

/// What the browser has open it reads to the end: so a file may go while it is being saved.
#[tokio::test]
async fn a_file_that_is_being_saved_may_lose_its_name() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let read = "const done = arguments[arguments.length - 1]; (async () => { \
        const root = await navigator.storage.getDirectory(); \
        const file = await root.getFileHandle('large', {create: true}); \
        const to = await file.createWritable(); await to.write(new Uint8Array(64 << 20).fill(7)); await to.close(); \
        const blob = new Blob([await file.getFile()]); \
        const reader = blob.stream().getReader(); \
        let bytes = (await reader.read()).value.length; \
        await root.removeEntry('large'); \
        for (let part; !(part = await reader.read()).done;) { \
          bytes += part.value.length; if (part.value.some(byte => byte != 7)) throw 'other bytes'; \
        } \
        const gone = await blob.arrayBuffer().then(() => false, () => true); \
        done([bytes, gone]); })().catch(error => done(String(error)))";
    // Who opens it only afterwards gets nothing: so it keeps its name for a while.
    assert_eq!(page.script_later(read).await.unwrap(), serde_json::json!([64 << 20, true]));
    page.close().await.unwrap();
}
