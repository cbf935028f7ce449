//! What takes a while: waiting, layers that are not verified yet, tables of contents, tasks.

use lagvis_fixtures::{Image, Layer, Lazy, Packing, sample};
use lagvis_tests::{
    gate::{self, Gated, READ},
    hostile::{Blobs, Hostile, Twist, response},
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

use super::Audit;
use crate::lazy;

#[tokio::test]
async fn waiting_and_tables_of_contents() {
    if !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let limited = Hostile::start(Blobs::of(&sample().oci_archive(Packing::Gzip).unwrap()).unwrap(), |_, _| {
        Twist::Bytes(response(
            "429 Too Many Requests",
            &[("retry-after", "800"), ("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "0;w=21600")],
            b"slow down",
        ))
    })
    .unwrap();
    let registry = Registry::start(None).unwrap();
    lazy::push(
        &registry,
        "demo/lazy",
        (1..=2).map(|number| lazy::layer(number, 2).listed(Lazy::EStargz, |_| {}).unwrap()),
    );
    let lagvis = Lagvis::serve(&[limited.host.clone(), registry.host.clone()]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };
    audit.page.pull(&format!("{}/demo/app:latest", limited.host)).await.unwrap();
    audit.see("the wait", "[data-testid='waiting']").await;
    audit.view("waiting").await;

    audit.page.remember(&[("verify", "demand")]).await.unwrap();
    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.pull(&format!("{}/demo/lazy:1", registry.host)).await.unwrap();
    audit.see("the tables", "[data-testid='toc-bar'][data-held='2']").await;
    audit.pane("tables of contents, files", Some("files")).await;
    audit.pane("tables of contents, layers", Some("layers")).await;
    audit.page.click_css("[data-testid='layer-row'][data-index='0']").await.unwrap();
    audit.see("the layer", "[data-testid='verify-layer']").await;
    audit.pane("tables of contents, a layer", Some("detail")).await;
    audit.page.click("tab-space").await.unwrap();
    audit.see("the mark", "[data-testid='space-unverified']").await;
    audit.pane("tables of contents, space", Some("files")).await;
    audit.end(5).await;
}

#[tokio::test]
async fn unverified_rows_and_tasks() {
    let folder = Workdir::new().unwrap();
    let site = Gated::serve().unwrap();
    let Some(mut audit) = Audit::of(&site.lagvis).await else { return };
    let base = Layer::new("COPY base /").dir("srv", 0o755).file("srv/large", 0o644, vec![b'x'; 40_000_000]);
    let image = Image::new("tasks:1").layer(base).layer(Layer::new("COPY b /").file("b", 0o644, "needle"));
    let file = folder.write("tasks.tar", image.docker_archive_old().unwrap()).unwrap();
    gate::close(&audit.page, READ).await.unwrap();
    audit.page.choose(&file).await.unwrap();
    loop {
        let rows = "return document.querySelectorAll('.tree-row.unverified').length";
        if audit.page.script(rows).await.unwrap().as_u64() > Some(0) {
            break;
        }
        if gate::waiting(&audit.page, READ).await.unwrap() > 0 {
            gate::step(&audit.page, READ).await.unwrap();
        }
    }
    audit.pane("not verified yet, files", Some("files")).await;
    audit.pane("not verified yet, layers", Some("layers")).await;
    gate::open(&audit.page, READ).await.unwrap();
    audit.page.verdict().await.unwrap();

    gate::close(&audit.page, READ).await.unwrap();
    audit.page.click("tab-search").await.unwrap();
    audit.page.type_into("search-text", "needle").await.unwrap();
    audit.page.click("search-button").await.unwrap();
    audit.see("the search", "[data-testid='task-progress']").await;
    audit.pane("a search under way", Some("files")).await;
    audit.page.click("task-cancel").await.unwrap();
    gate::open(&audit.page, READ).await.unwrap();
    audit.page.wait("it is over", "return !document.querySelector(\"[data-testid='task-progress']\")").await.unwrap();
    gate::close(&audit.page, READ).await.unwrap();
    audit.page.click("save-rootfs").await.unwrap();
    audit.see("the download", "[data-testid='task-progress']").await;
    audit.pane("a download under way", Some("detail")).await;
    gate::open(&audit.page, READ).await.unwrap();
    audit.page.wait("it is over", "return !document.querySelector(\"[data-testid='task-progress']\")").await.unwrap();

    audit.page.click("tab-files").await.unwrap();
    audit.page.click_css("[data-testid='tree-row'][data-path='srv'] .twisty").await.unwrap();
    audit.page.click_css("[data-testid='tree-row'][data-path='srv/large']").await.unwrap();
    audit.see("the content", "[data-testid='file-content'] pre").await;
    gate::close(&audit.page, READ).await.unwrap();
    audit.page.click("hash-file").await.unwrap();
    audit.see("the hash", "[data-testid='task-progress']").await;
    audit.part("a hash under way", Some("detail"), "[data-testid='task-progress']").await;
    gate::open(&audit.page, READ).await.unwrap();
    audit.end(5).await;
}
