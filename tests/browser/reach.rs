//! What can be in the way of a request, told apart; and names as people type and paste them.

use std::process::Command;

use lagvis_tests::{
    browser::{NEEDS, Page},
    nginx::{NEEDS as NGINX, Nginx},
    pushed::Pushed,
    registry::NEEDS as REGISTRY,
    service::{Lagvis, free_port},
    tools,
    workdir::Workdir,
};
use serde_json::json;

async fn set(page: &Page, url: &str, items: &[(&str, &str)]) {
    page.remember(items).await.unwrap();
    page.go(url).await.unwrap();
}

#[tokio::test]
async fn being_offline_is_told_from_a_proxy_that_is_away() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let away = format!("http://127.0.0.1:{}/", free_port().unwrap());
    set(&page, &lagvis.url, &[("proxy", &away), ("confirmed", &away)]).await;
    page.pull("busybox").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "proxy-unreachable");
    page.offline(true).await.unwrap();
    page.pull("busybox").await.unwrap();
    page.wait("it says so", "return document.querySelector(\"[data-testid='error'][data-kind='offline']\") != null")
        .await
        .unwrap();
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_secure_page_asks_nobody_over_plain_http() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&NGINX).unwrap() || !tools::have(&["openssl"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("certificate.pem"));
    tools::output(
        Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-subj", "/CN=localhost", "-days", "2", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate),
    )
    .unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let port = free_port().unwrap();
    let secure = format!(
        "server {{\nlisten 127.0.0.1:{port} ssl;\nssl_certificate {};\nssl_certificate_key {};\n\
         location / {{ proxy_pass http://{}; }}\n}}",
        certificate.display(),
        key.display(),
        lagvis.host()
    );
    let _nginx = Nginx::start(&secure, "").unwrap();
    let url = format!("https://localhost:{port}/");
    let page = Page::open_with(&url, &["--ignore-certificate-errors"]).await.unwrap();
    let plain = "http://proxy.example:8080/";
    set(&page, &url, &[("proxy", plain), ("confirmed", plain)]).await;
    page.pull("busybox").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "mixed-content");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_local_network_that_the_browser_keeps_the_page_from() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let Pushed { folder: _folder, registry, lagvis, reference, .. } = Pushed::start().unwrap();
    // To the browser the page comes from the internet, and the registry is on this machine.
    let space = format!("--ip-address-space-overrides={}=public", lagvis.host());
    let page = Page::open_with(&lagvis.url, &[&space]).await.unwrap();
    let permission = json!({"permission": {"name": "local-network-access"}, "setting": "denied"});
    page.cdp("Browser.setPermission", permission).await.unwrap();
    let host = format!("http://{}", registry.host);
    set(&page, &lagvis.url, &[("direct", "yes"), ("confirmed", &host)]).await;
    page.pull(&reference).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "local-network-blocked");
    page.close().await.unwrap();
}

#[tokio::test]
async fn names_are_explained_as_they_are_typed_and_what_is_pasted_is_understood() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let pushed = Pushed::start().unwrap();
    let page = Page::open(&pushed.lagvis.url).await.unwrap();
    let said = "return document.querySelector(\"[data-testid='full-name']\")?.innerText";
    page.type_into("reference-input", "busybox").await.unwrap();
    let text = page.wait("the full name", said).await.unwrap();
    let text = text.as_str().unwrap();
    assert!(text.contains("docker.io/library/busybox:latest") && text.contains("official images"), "{text}");
    page.type_into("reference-input", "/App").await.unwrap();
    page.wait(
        "a correction",
        "return document.querySelector(\"[data-testid='use-offer']\")?.innerText == 'busybox/app'",
    )
    .await
    .unwrap();
    // A command, and then the web address of the registry's API.
    page.pull(&format!("docker run --rm -it -p 80:80 {} sh -c true", pushed.reference)).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.go(&pushed.lagvis.url).await.unwrap();
    page.pull(&format!("http://{}/v2/demo/app/manifests/1", pushed.registry.host)).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert!(page.address().await.unwrap().contains("demo/app:1@sha256"));
    page.close().await.unwrap();
}
