//! Every request is to be seen wherever the page is, and what a registry says beside its answers.

use lagvis_tests::{
    browser::{NEEDS, Page},
    hostile::{Hostile, PAGES, Twist, cases::honest, response},
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
};

const WARNING: &str = r#"299 - "this tag is <b>old</b>, use \"2\"", 199 - "of a cache""#;
const LIMITS: [(&str, &str); 2] = [("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "7;w=21600")];

/// Opens the dialog; the paths of the requests, and what stands above them.
async fn requests(page: &Page) -> (Vec<String>, String) {
    page.click("requests-button").await.unwrap();
    page.wait(
        "the requests",
        "return document.querySelector(\"[data-testid='requests'] [data-testid='log-row']\") != null",
    )
    .await
    .unwrap();
    let paths = page.all("log-row", "path").await.unwrap();
    let text = page.script("return document.querySelector(\"[data-testid='requests']\").innerText").await.unwrap();
    page.click_css("[data-testid='requests'] .primary").await.unwrap();
    page.wait("it is closed", "return !document.querySelector('dialog')").await.unwrap();
    (paths, text.as_str().unwrap().to_owned())
}

async fn asked_directly(page: &Page, lagvis: &Lagvis, host: &str) {
    page.remember(&[("direct", "yes"), ("confirmed", &format!("http://{host}"))]).await.unwrap();
    page.go(&lagvis.url).await.unwrap();
}

#[tokio::test]
async fn requests_are_seen_while_an_image_is_opened_and_after_that_failed() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let blobs = honest().unwrap();
    let layer = format!("/blobs/{}", blobs.layer(0));
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{PAGES}\r\n").into_bytes();
    let hostile = Hostile::start(blobs, move |_, path| match path.ends_with(&layer) {
        // Comes slowly, but comes.
        true => Twist::Endless(head.clone(), vec![0x1f], 500),
        false => Twist::Honest,
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/app:latest", hostile.host)).await.unwrap();
    page.wait(
        "the layers",
        "return document.querySelector(\"[data-testid='progress'] [data-testid='layer-row']\") != null",
    )
    .await
    .unwrap();
    let (paths, text) = requests(&page).await;
    assert!(paths.iter().any(|path| path.contains("/manifests/latest")), "{paths:?}");
    assert!(text.contains("0 bytes uploaded"), "{text}");
    page.click("cancel").await.unwrap();

    // Failed: a registry that lets no page read it. That anybody is there was found out by a request too.
    let closed = Registry::start(None).unwrap();
    asked_directly(&page, &lagvis, &closed.host).await;
    page.pull(&format!("{}/demo/app:1", closed.host)).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "cors-missing");
    let (paths, _) = requests(&page).await;
    assert!(paths.iter().any(|path| path == "/v2/"), "the question whether it is there: {paths:?}");
    assert!(paths.iter().any(|path| path.starts_with("/v2/demo/app/manifests/1")), "{paths:?}");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_repository_tells_its_quota_and_its_requests() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let hostile = Hostile::start(honest().unwrap(), |_, path| match path.ends_with("/tags/list") {
        true => Twist::Bytes(response("200 OK", &LIMITS, br#"{"name":"demo/app","tags":["1"]}"#)),
        false => Twist::Honest,
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.type_into("reference-input", &format!("{}/demo/app", hostile.host)).await.unwrap();
    page.click("browse-button").await.unwrap();
    page.wait("the tag", "return document.querySelector(\"[data-testid='tag-row']\") != null").await.unwrap();
    let (paths, text) = requests(&page).await;
    assert!(paths.iter().any(|path| path.contains("/v2/demo/app/tags/list")), "{paths:?}");
    assert!(text.contains("7 of 100 pulls left in 6 hours"), "{text}");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_warning_of_the_registry_is_shown_as_its_words_until_it_is_put_away() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let blobs = honest().unwrap();
    let manifest = blobs.get("latest").to_vec();
    let kind = blobs.manifest()["mediaType"].as_str().unwrap().to_owned();
    let hostile = Hostile::start(blobs, move |method, path| match (method, path.contains("/manifests/")) {
        ("GET", true) => Twist::Bytes(response("200 OK", &[("content-type", &kind), ("warning", WARNING)], &manifest)),
        _ => Twist::Honest,
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for way in ["proxy", "direct"] {
        if way == "direct" {
            page.forget().await.unwrap();
            asked_directly(&page, &lagvis, &hostile.host).await;
        }
        page.pull(&format!("{}/demo/app:latest", hostile.host)).await.unwrap();
        assert_eq!(page.verdict().await.unwrap(), "verified");
        let said =
            "return [...document.querySelectorAll(\"[data-testid='registry-warning'] q\")].map(q => q.textContent)";
        assert_eq!(page.script(said).await.unwrap(), serde_json::json!(["this tag is <b>old</b>, use \"2\""]), "{way}");
        page.click_css("[data-testid='registry-warning'] button").await.unwrap();
        page.wait("it is put away", "return !document.querySelector(\"[data-testid='registry-warning']\")")
            .await
            .unwrap();
        page.click("tab-checks").await.unwrap();
        page.click("part-log").await.unwrap();
        let kept = "return document.querySelector(\"[data-testid='checks']\").textContent.includes('<b>old</b>')";
        page.wait("it can still be read", kept).await.unwrap();
        page.go(&lagvis.url).await.unwrap();
    }
    page.close().await.unwrap();
}
