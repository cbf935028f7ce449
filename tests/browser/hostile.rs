//! The page before a registry that is out for harm, through the proxy and directly: it says what is wrong, nothing that was
//! not verified is shown as verified, and the page goes on.

use lagvis_tests::{
    browser::{NEEDS, Page},
    hostile::cases::{self, Case, Outcome},
    hostile_cases,
    service::Lagvis,
    tools,
};

/// Far beyond what any case takes.
const CONNECTIONS: usize = 80;

macro_rules! on_the_page {
    ($($case:ident,)+) => { $(
        #[tokio::test]
        async fn $case() {
            if tools::have(&NEEDS).unwrap() {
                check(cases::$case().unwrap()).await;
            }
        }
    )+ };
}

hostile_cases!(on_the_page);

async fn check(cases: Vec<Case>) {
    let site = tools::site().unwrap();
    // Proxy and page lose their patience soon.
    let mut arguments = vec!["--site", site.to_str().unwrap(), "--stall-timeout", "1s", "--document-timeout", "2s"];
    arguments.extend(cases.iter().flat_map(|case| ["--plain-http", case.hostile.host.as_str()]));
    let lagvis = Lagvis::proxy(&arguments).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for way in ["proxy", "direct"] {
        for case in &cases {
            let host = &case.hostile.host;
            let direct = if way == "direct" { "yes" } else { "no" };
            for (key, value) in [("patience", "1"), ("direct", direct), ("confirmed", &format!("http://{host}"))] {
                page.script(&format!("localStorage.setItem('lagvis.{key}', '{value}'); return true")).await.unwrap();
            }
            page.forget().await.unwrap();
            page.pull(&format!("{host}/demo/app")).await.unwrap();
            let outcome = case.in_browser.as_ref().filter(|_| way == "direct").unwrap_or(&case.outcome);
            ends(&page, way, outcome).await;
            page.go(&lagvis.url).await.unwrap();
        }
    }
    for case in &cases {
        assert!(case.hostile.asked() < CONNECTIONS, "{} connections", case.hostile.asked());
    }
    // What was wrong has left nothing behind.
    page.click("sample-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.close().await.unwrap();
}

async fn ends(page: &Page, way: &str, outcome: &Outcome) {
    match outcome {
        Outcome::Verified => assert_eq!(page.verdict().await.unwrap(), "verified", "{way}"),
        Outcome::Refused(kinds, _) => {
            let kind = page.error().await.unwrap();
            let text = page.script("return document.body.innerText").await.unwrap();
            assert!(kinds.contains(&kind.as_str()), "{way}: {kind}\n{}", text.as_str().unwrap_or_default());
            let shown =
                "return document.querySelector(\"[data-testid='layer-row'], [data-testid='tree-row']\") != null";
            assert_eq!(page.script(shown).await.unwrap(), false, "{way}: something is shown");
        }
        Outcome::Unverified(layer) => {
            assert_ne!(page.verdict().await.unwrap(), "verified", "{way}");
            let receipt = page.receipt().await.unwrap();
            let checks = receipt["images"][0]["checks"].as_array().unwrap();
            let mut of_layer = checks.iter().filter(|check| check["subject"] == *layer);
            assert!(of_layer.all(|check| check["state"] != "verified"), "{way}: {checks:?}");
            let states = page.all("layer-row", "state").await.unwrap();
            assert_ne!(states.first().map(String::as_str), Some("verified"), "{way}");
            assert!(states.iter().skip(1).all(|state| state == "verified"), "{way}: {states:?}");
        }
    }
}
