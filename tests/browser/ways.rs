//! All that a repository holds, of a registry that is open, that wants a password, and that wants tokens; each through the
//! proxy and directly.

use lagvis_tests::{
    described::Described,
    service::Lagvis,
    token_server::{PERSON, TokenServer},
};

use crate::access::{WAYS, for_pages, have, log_in, open, pull, refused};

#[tokio::test]
async fn an_image_with_tags_attestations_and_referrers_is_read_of_every_registry_on_every_way() {
    if !have() {
        return;
    }
    let described = Described::start().unwrap();
    let tokens = TokenServer::start().unwrap();
    let with_password = described.registry.beside_with_password().unwrap();
    let with_tokens = described.registry.beside_with_tokens(&tokens).unwrap();
    let registries = [&described.registry, &with_password, &with_tokens];
    let mut hosts: Vec<String> = registries.iter().map(|registry| registry.host.clone()).collect();
    hosts.push(tokens.host.clone());
    let lagvis = Lagvis::serve(&hosts).unwrap();
    for registry in registries {
        let front = for_pages(registry);
        let is_private = registry.host != described.registry.host;
        for way in WAYS {
            let host = if way == "proxy" { registry.host.as_str() } else { front.url.trim_start_matches("http://") };
            let case = format!("{way}, private: {is_private}");
            let page = open(&lagvis, way).await;
            pull(&page, way, &format!("{host}/demo/multi:1")).await;
            if is_private {
                refused(&page, "access-denied").await;
                log_in(&page, PERSON.0, PERSON.1).await;
            }
            assert_eq!(page.verdict().await.unwrap(), "verified", "{case}");

            page.click("tab-registry").await.unwrap();
            let referrers = "return document.querySelectorAll(\"[data-testid='referrer-row']\").length == 3";
            page.wait(&format!("referrers: {case}"), referrers).await.unwrap();
            assert_eq!(page.all("referrer-row", "digest").await.unwrap(), described.referrers, "{case}");
            // By its fallback tag: this registry has no referrers API.
            let told = "return document.querySelector(\"[data-testid='registry']\").textContent";
            let told = page.script(told).await.unwrap();
            assert!(told.as_str().unwrap().contains("no referrers API"), "{case}: {told}");
            assert_eq!(page.all("platform-row", "platform").await.unwrap().len(), 2, "{case}");
            let attestation = format!("[data-testid='attestation-row'][data-digest='{}'] li a", described.attestation);
            page.click_css(&attestation).await.unwrap();
            let statement = "return document.querySelector(\"[data-testid='item']\")?.textContent.includes('SPDX-2.3')";
            page.wait(&format!("the statement: {case}"), statement).await.unwrap();

            page.click("part-tags").await.unwrap();
            let tags = "return [...document.querySelectorAll(\"[data-testid='tag-row']\")].map(row => row.dataset.tag)";
            let listed = format!("{tags}.includes('1')");
            page.wait(&format!("tags: {case}"), &listed).await.unwrap();
            page.close().await.unwrap();
        }
    }
}
