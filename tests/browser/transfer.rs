//! Transfers that break and wait go on, or end with one card that says why. What registries do out of malice is in
//! `hostile.rs`.

use std::{collections::HashSet, sync::Mutex};

use lagvis_fixtures::{Packing, Random, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    hostile::{Blobs, Hostile, Twist, response},
    large::Large,
    link::Link,
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
};

/// The page, asking through this proxy, with little patience, and without being asked whether it may.
async fn open(lagvis: &Lagvis, proxy: &str) -> Page {
    let page = Page::open(&lagvis.url).await.unwrap();
    page.remember(&[("proxy", proxy), ("confirmed", proxy), ("patience", "2")]).await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    page
}

#[tokio::test]
async fn a_large_layer_over_a_line_that_is_cut_five_times() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    println!("seed {seed}");
    let large = Large::write(300, seed).unwrap();
    let registry = Registry::start(None).unwrap();
    registry.push(&format!("oci:{}", large.folder.path().display()), "demo/large:1").unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let mut random = Random::new(seed);
    let mut places: Vec<u64> = (0..5).map(|_| random.below(large.size as usize) as u64).collect();
    places.sort_unstable();
    println!("cut after {places:?} bytes");
    let link = Link::start(lagvis.host(), &places).unwrap();
    let page = open(&lagvis, &format!("http://{}/", link.host)).await;
    page.pull(&format!("{}/demo/large:1", registry.host)).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified", "seed {seed}");
    assert_eq!(link.cuts(), 5, "seed {seed}");
    let share = link.passed() as f64 / large.size as f64;
    println!("{} bytes for a layer of {}: {share:.4}", link.passed(), large.size);
    assert!(share < 1.1, "seed {seed}: {share} of the layer's size was transferred");
    let parts = registry.answered().unwrap().into_iter().filter(|request| request.status == 206).count();
    assert!(parts >= 4, "seed {seed}: {parts} parts were asked for");
    page.close().await.unwrap();
}

fn blobs() -> Blobs {
    Blobs::of(&sample().oci_archive(Packing::Gzip).unwrap()).unwrap()
}

const LIMITS: [(&str, &str); 3] = [
    ("ratelimit-limit", "100;w=21600"),
    ("ratelimit-remaining", "0;w=21600"),
    ("docker-ratelimit-source", "192.0.2.1"),
];

#[tokio::test]
async fn a_registry_that_asks_to_wait_is_waited_for_in_sight() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    // The first request of each: the tag, and a layer.
    let limited = Mutex::new(HashSet::from(["latest".to_owned(), blobs().layer(0)]));
    let hostile = Hostile::start(blobs(), move |_, path| {
        if !limited.lock().unwrap().remove(path.rsplit('/').next().unwrap_or_default()) {
            return Twist::Honest;
        }
        let headers: Vec<_> = [("retry-after", "3")].into_iter().chain(LIMITS).collect();
        Twist::Bytes(response("429 Too Many Requests", &headers, b"slow down"))
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = open(&lagvis, &lagvis.url).await;
    page.pull(&format!("{}/demo/app:latest", hostile.host)).await.unwrap();
    let card = "[data-testid='waiting'][data-reason='asked']";
    let seconds = format!("return document.querySelector(\"{card}\")?.dataset.seconds");
    let first = page.wait("the wait", &seconds).await.unwrap();
    let first: u64 = first.as_str().unwrap().parse().unwrap();
    assert!((1..=4).contains(&first), "{first} seconds");
    let words = page.script(&format!("return document.querySelector(\"{card}\").innerText")).await.unwrap();
    let words = words.as_str().unwrap();
    assert!(words.contains("asks to wait 3 seconds"), "{words}");
    assert!(words.contains("0 of 100 pulls left in 6 hours, counted for 192.0.2.1"), "{words}");
    let fewer =
        format!("const s = document.querySelector(\"{card}\")?.dataset.seconds; return s && Number(s) < {first}");
    page.wait("it counts down", &fewer).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    // What is left of the quota stays to be read.
    page.click("tab-checks").await.unwrap();
    page.click("part-log").await.unwrap();
    let quota =
        page.wait("the quota", "return document.querySelector(\"[data-testid='quota']\")?.innerText").await.unwrap();
    assert!(quota.as_str().unwrap().contains("0 of 100 pulls left"), "{quota}");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_registry_that_asks_for_too_long_a_wait_is_told_at_once() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let hostile = Hostile::start(blobs(), |_, _| {
        Twist::Bytes(response("429 Too Many Requests", &[("retry-after", "7200")], b"slow down"))
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = open(&lagvis, &lagvis.url).await;
    page.pull(&format!("{}/demo/app:latest", hostile.host)).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "rate-limited");
    let card = page.script("return document.querySelector(\"[data-testid='error']\").innerText").await.unwrap();
    assert!(card.as_str().unwrap().contains("longer than the 15 minutes"), "{card}");
    page.close().await.unwrap();
}
