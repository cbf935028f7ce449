//! The page before a registry that is out for harm, through the proxy and directly: it says what is wrong, nothing that was
//! not verified is shown as verified, and the page goes on.

use lagvis_tests::{
    browser::{NEEDS, Page},
    hostile::{
        Hostile, Twist,
        cases::{self, Case, Outcome},
    },
    hostile_cases,
    service::Lagvis,
    tools,
};

/// The sample's.
const LAYERS: usize = 5;
/// Far beyond what any case takes.
const CONNECTIONS: usize = 80;

macro_rules! on_the_page {
    ($($case:ident,)+) => { $(
        #[tokio::test]
        async fn $case() {
            if tools::have(&NEEDS).unwrap() {
                // Each way with registries of its own, side by side: most of the time somebody waits.
                tokio::join!(check("proxy", cases::$case().unwrap()), check("direct", cases::$case().unwrap()));
            }
        }
    )+ };
}

hostile_cases!(on_the_page);

async fn check(way: &str, cases: Vec<Case>) {
    let site = tools::site().unwrap();
    // Proxy and page lose their patience soon.
    let mut arguments = vec!["--site", site.to_str().unwrap(), "--stall-timeout", "1s", "--document-timeout", "2s"];
    arguments.extend(cases.iter().flat_map(|case| ["--plain-http", case.hostile.host.as_str()]));
    let lagvis = Lagvis::proxy(&arguments).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for case in &cases {
        let host = &case.hostile.host;
        let direct = if way == "direct" { "yes" } else { "no" };
        let settings = [("patience", "1"), ("direct", direct), ("confirmed", &format!("http://{host}"))];
        page.remember(&settings).await.unwrap();
        page.forget().await.unwrap();
        page.pull(&format!("{host}/demo/app")).await.unwrap();
        let outcome = case.in_browser.as_ref().filter(|_| way == "direct").unwrap_or(&case.outcome);
        ends(&page, way, outcome).await;
        // The page goes on: the same one, with the next registry.
        page.click_css(".logo, [data-testid='back-button']").await.unwrap();
        page.wait("the start", "return document.documentElement.dataset.phase == 'start'").await.unwrap();
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
        Outcome::Without { layer, kinds, verdict } => {
            let kind = page.error().await.unwrap();
            assert!(kinds.contains(&kind.as_str()), "{way}: {kind} instead of {kinds:?}");
            assert_eq!(page.verdict().await.unwrap(), *verdict, "{way}");
            let receipt = page.receipt().await.unwrap();
            let checks = receipt["images"][0]["checks"].as_array().unwrap();
            assert!(checks.len() >= 2, "{way}: {checks:?}");
            let mut of_layer = checks.iter().filter(|check| check["subject"] == *layer);
            assert!(of_layer.all(|check| check["state"] != "verified"), "{way}: {checks:?}");
            let states = page.all("layer-row", "state").await.unwrap();
            assert_eq!(states.len(), LAYERS, "{way}");
            assert_ne!(states[0], "verified", "{way}");
            assert!(states[1..].iter().all(|state| state == "verified"), "{way}: {states:?}");
        }
    }
}

/// Names that would end a line of the request: nothing is asked for, whether they come by a link or are typed.
#[tokio::test]
async fn names_that_would_add_headers() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let hostile = Hostile::start(cases::honest().unwrap(), |_, _| Twist::Honest).unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let host = &hostile.host;
    for name in cases::INJECTIONS {
        let escaped: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        page.go(&format!("{}#ref={host}/demo/{escaped}", lagvis.url)).await.unwrap();
        let kind = page.error().await.unwrap();
        assert!(["reference-invalid", "link-invalid"].contains(&kind.as_str()), "{name:?}: {kind}");
        page.go(&lagvis.url).await.unwrap();
        // A field has no lines: what it makes of the name is read as what it then is.
        page.script(&format!(
            "const f = document.querySelector(\"[data-testid='reference-input']\"); f.value = {}; return true",
            serde_json::json!(format!("{host}/demo/{name}"))
        ))
        .await
        .unwrap();
        page.click("open-button").await.unwrap();
        assert_eq!(page.error().await.unwrap(), "reference-invalid", "{name:?}");
    }
    assert_eq!(hostile.asked(), 0);
    page.close().await.unwrap();
}
