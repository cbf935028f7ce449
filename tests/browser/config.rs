//! The Config and Receipt tabs and a layer's panel, by pointer and keyboard; what they show survives a reload.

use std::process::Command;

use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    docker::{Docker, NEEDS as DOCKER},
    pushed::Pushed,
    registry::NEEDS as REGISTRY,
    service::Lagvis,
    tools,
    workdir::Workdir,
};
use serde_json::Value;

const PART: &str = "return document.querySelector('.sheet')?.dataset.part";

async fn part_is(page: &Page, part: &str) {
    let script = format!("{PART} == '{part}' && location.hash.includes('part={part}')");
    page.wait(part, &script).await.unwrap();
}

async fn text(page: &Page, hook: &str) -> String {
    let script = format!("return document.querySelector(\"[data-testid='{hook}']\")?.textContent");
    page.wait(hook, &script).await.unwrap().as_str().unwrap().to_owned()
}

/// Focuses what a selector finds and presses a key there.
async fn press(page: &Page, css: &str, key: Key) {
    page.wait(css, &format!("const e = document.querySelector(\"{css}\"); e?.focus(); return e != null"))
        .await
        .unwrap();
    page.keys(key).await.unwrap();
}

/// Runs each command that the page shows, in the file's folder, and holds it to what it must print.
async fn paste(page: &Page, folder: &Workdir, docker: &Docker) -> usize {
    let steps = "return [...document.querySelectorAll(\"[data-testid='redo-step']\")].map(step => \
                 [step.querySelector('code').textContent, step.dataset.prints ?? null])";
    let steps = page.wait("commands", steps).await.unwrap();
    let mut held = 0;
    for step in steps.as_array().unwrap() {
        let mut shell = Command::new("sh");
        shell.args(["-c", step[0].as_str().unwrap()]).current_dir(folder.path()).env("DOCKER_HOST", docker.host());
        let printed = String::from_utf8(tools::output(&mut shell).unwrap()).unwrap();
        if let Some(prints) = step[1].as_str() {
            assert!(printed.starts_with(prints), "{step} printed {printed}");
            held += 1;
        }
        if step[0].as_str().unwrap().contains("docker save") {
            let layers = page.all("layer-row", "diffId").await.unwrap();
            for diff_id in layers {
                assert!(printed.contains(diff_id.trim_start_matches("sha256:")), "{diff_id} is not among {printed}");
            }
        }
    }
    held
}

#[tokio::test]
async fn config_and_receipt_of_a_pulled_image() {
    let needs = [&NEEDS[..], &REGISTRY, &DOCKER, &["sh", "tar", "gzip", "curl", "sha256sum"]].concat();
    if !tools::have(&needs).unwrap() {
        return;
    }
    let Pushed { folder, file: _file, registry: _registry, lagvis, reference } = Pushed::start().unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&reference).await.unwrap();
    page.verdict().await.unwrap();
    let receipt = page.receipt().await.unwrap();
    let image = &receipt["images"][0];

    // The Dockerfile by pointer, the manifest by arrow keys; a link in it leads to the config and to a layer.
    page.click("tab-config").await.unwrap();
    assert!(text(&page, "settings").await.contains("hello-server"));
    assert!(text(&page, "docker-run").await.contains("--user app"));
    page.click("part-dockerfile").await.unwrap();
    part_is(&page, "dockerfile").await;
    let dockerfile = text(&page, "dockerfile").await;
    assert!(
        dockerfile.contains("EXPOSE 8080/tcp") && dockerfile.contains("CMD [\"hello-server\", \"--config\""),
        "{dockerfile}"
    );
    assert!(text(&page, "limits").await.contains("FROM is not recorded"));
    press(&page, "[data-testid='part-dockerfile']", Key::Right).await;
    part_is(&page, "manifest").await;
    let manifest: Value = serde_json::from_str(&text(&page, "document").await).unwrap();
    assert_eq!(manifest["config"]["digest"], image["image_id"]);
    let layer = image["layers"][2]["digest"].as_str().unwrap();
    let link = format!(
        "Array.from(document.querySelectorAll(\"[data-testid='digest-link']\")).find(a => a.textContent.includes('{layer}'))"
    );
    page.script(&format!("{link}.focus()")).await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    page.wait(
        "the layer's panel",
        "return document.querySelector(\"[data-testid='layer-detail']\")?.dataset.index == '2'",
    )
    .await
    .unwrap();
    page.script("document.querySelector(\"[data-testid='digest-link']\").click()").await.unwrap();
    part_is(&page, "config").await;
    let config: Value = serde_json::from_str(&text(&page, "document").await).unwrap();
    assert_eq!(config["rootfs"]["diff_ids"][4], image["layers"][4]["diff_id"]);

    // The log has each document and layer, and the whole view survives a new window.
    page.click("tab-checks").await.unwrap();
    page.click("part-log").await.unwrap();
    part_is(&page, "log").await;
    let paths = page.all("log-row", "path").await.unwrap();
    for digest in [&image["image_id"], &image["layers"][0]["digest"], &image["layers"][4]["digest"]] {
        let digest = digest.as_str().unwrap();
        assert!(paths.iter().any(|path| path.contains(digest)), "{digest} is not among {paths:?}");
    }
    assert_eq!(paths.len(), 7, "manifest, config, five layers: {paths:?}");
    assert!(page.all("log-row", "status").await.unwrap().iter().all(|status| status == "200"));
    let sizes: Vec<u64> =
        image["layers"].as_array().unwrap().iter().map(|layer| layer["size"].as_u64().unwrap()).collect();
    let logged: Vec<u64> =
        page.all("log-row", "bytes").await.unwrap().iter().map(|bytes| bytes.parse().unwrap()).collect();
    assert!(sizes.iter().all(|size| logged.contains(size)), "{sizes:?} in {logged:?}");
    let address = page.address().await.unwrap();
    page.go(&address).await.unwrap();
    page.verdict().await.unwrap();
    part_is(&page, "log").await;
    page.wait(
        "the layer",
        "return document.querySelector(\"[data-testid='layer-row'][data-index='2']\").ariaPressed == 'true'",
    )
    .await
    .unwrap();
    page.wait("its panel", "return document.querySelector(\"[data-testid='layer-detail']\")?.dataset.index == '2'")
        .await
        .unwrap();
    page.click("part-redo").await.unwrap();
    part_is(&page, "redo").await;
    let docker = Docker::start().unwrap();
    assert_eq!(paste(&page, &folder, &docker).await, 2 + 2 + 10, "image ID, diffIDs, two documents, five layers twice");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_dropped_files_layers_and_commands() {
    let needs = [&NEEDS[..], &DOCKER, &["sh", "tar", "gzip", "sha256sum"]].concat();
    if !tools::have(&needs).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("it's a file.tar", sample().docker_archive(Packing::Plain).unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    assert_eq!(page.all("empty-step", "testid").await.unwrap().len(), 6, "steps without a layer");
    press(&page, "[data-testid='layer-row'][data-index='1']", Key::Enter).await;
    assert_eq!(text(&page, "step").await, "RUN pkg update && pkg install hello-runtime");
    page.click_css(".full-text > summary").await.unwrap();
    assert!(text(&page, "full-text").await.ends_with("# buildkit"));
    let receipt = page.receipt().await.unwrap();
    let chain_id = receipt["images"][0]["layers"][1]["chain_id"].as_str().unwrap().to_owned();
    assert!(text(&page, "overlay2").await.contains(chain_id.trim_start_matches("sha256:")));
    assert!(text(&page, "containerd").await.contains(&chain_id));

    page.click("tab-checks").await.unwrap();
    page.click("part-log").await.unwrap();
    part_is(&page, "log").await;
    let said = page.script("return document.querySelector(\"[data-testid='checks']\").innerText").await.unwrap();
    assert!(said.as_str().unwrap().contains("0 requests, 0 bytes uploaded"), "{said}");
    press(&page, "[data-testid='part-log']", Key::Left).await;
    part_is(&page, "redo").await;
    let docker = Docker::start().unwrap();
    assert!(paste(&page, &folder, &docker).await >= 8, "image ID, diffIDs, config, five layers");
    page.close().await.unwrap();
}
