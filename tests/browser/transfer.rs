//! Transfers that break, wait and mislead: they go on, or end with one card that says why; nothing that was not verified
//! counts as verified.

use std::{collections::HashSet, sync::Mutex};

use lagvis_fixtures::{Packing, Random, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    hostile::{Blobs, Hostile, PAGES, Twist, response},
    large::Large,
    link::Link,
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
};

/// The page, asking through this proxy, with little patience, and without being asked whether it may.
async fn open(lagvis: &Lagvis, proxy: &str) -> Page {
    let page = Page::open(&lagvis.url).await.unwrap();
    let settings = [("lagvis.proxy", proxy), ("lagvis.confirmed", proxy), ("lagvis.patience", "2")];
    for (key, value) in settings {
        page.script(&format!("localStorage.setItem('{key}', '{value}'); return true")).await.unwrap();
    }
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

/// What comes of a hostile answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// A card of this kind, and no image.
    Refused(&'static str),
    /// The image without the layer, a card of this kind, and this verdict.
    Without(&'static str, &'static str),
}

async fn ends(page: &Page, reference: &str, name: &str, end: End) {
    page.pull(reference).await.unwrap();
    let kind = match end {
        End::Refused(kind) | End::Without(kind, _) => kind,
    };
    assert_eq!(page.error().await.unwrap(), kind, "{name}");
    if let End::Without(_, verdict) = end {
        assert_eq!(page.verdict().await.unwrap(), verdict, "{name}");
        let states = page.all("layer-row", "state").await.unwrap();
        assert_ne!(states[0], "verified", "{name}: {states:?}");
        assert!(states[1..].iter().all(|state| state == "verified"), "{name}: {states:?}");
    }
}

/// A registry that does `twist` with its first layer.
fn with_layer(twist: impl Fn(&[u8]) -> Twist + Send + Sync + 'static) -> Hostile {
    let blobs = blobs();
    let (layer, bytes) = (blobs.layer(0), blobs.get(&blobs.layer(0)).to_vec());
    let is_layer = move |path: &str| path.ends_with(&format!("/blobs/{layer}"));
    Hostile::start(blobs, move |_, path| if is_layer(path) { twist(&bytes) } else { Twist::Honest }).unwrap()
}

/// Opens an image of a registry that does `twist` with its first layer, through the proxy and directly.
async fn layer_ends(name: &str, end: End, twist: impl Fn(&[u8]) -> Twist + Send + Sync + 'static) {
    let hostile = with_layer(twist);
    both(name, end, &hostile).await;
}

async fn both(name: &str, end: End, hostile: &Hostile) {
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let reference = format!("{}/demo/app:latest", hostile.host);
    let page = open(&lagvis, &lagvis.url).await;
    ends(&page, &reference, &format!("{name}, through the proxy"), end).await;
    page.close().await.unwrap();
    let page = open(&lagvis, &format!("http://{}", hostile.host)).await;
    page.script("localStorage.setItem('lagvis.direct', 'yes'); return true").await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    ends(&page, &reference, &format!("{name}, directly"), end).await;
    page.close().await.unwrap();
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

/// A head without a length.
fn head(headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{PAGES}{headers}\r\n").into_bytes()
}

#[tokio::test]
async fn a_layer_of_other_bytes() {
    if tools::have(&NEEDS).unwrap() {
        let twist = |bytes: &[u8]| Twist::Bytes(response("200 OK", &[], &flipped(bytes)));
        layer_ends("wrong digest", End::Without("layer-mismatch", "mismatched"), twist).await;
    }
}

#[tokio::test]
async fn a_layer_that_is_longer_or_endless() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let longer = |bytes: &[u8]| Twist::Bytes(response("200 OK", &[], &[bytes, b"more"].concat()));
    layer_ends("longer", End::Without("layer-mismatch", "mismatched"), longer).await;
    let endless = |bytes: &[u8]| Twist::Endless([&head("")[..], bytes].concat(), vec![0; 64 << 10], 0);
    layer_ends("endless", End::Without("layer-mismatch", "mismatched"), endless).await;
}

#[tokio::test]
async fn a_layer_that_is_shorter() {
    if tools::have(&NEEDS).unwrap() {
        let twist = |bytes: &[u8]| Twist::Bytes(response("200 OK", &[], &bytes[..bytes.len() / 2]));
        layer_ends("shorter", End::Without("layer-mismatch", "mismatched"), twist).await;
    }
}

#[tokio::test]
async fn a_layer_that_trickles() {
    if tools::have(&NEEDS).unwrap() {
        let trickle = |bytes: &[u8]| {
            let length = format!("content-length: {}\r\n", bytes.len());
            Twist::Endless([&head(&length)[..], &bytes[..10]].concat(), vec![7], 400)
        };
        layer_trickles("slow", trickle).await;
    }
}

/// The proxy gives up on such a registry by itself, sooner or later than the page.
async fn layer_trickles(name: &str, twist: impl Fn(&[u8]) -> Twist + Send + Sync + 'static) {
    let hostile = with_layer(twist);
    let lagvis = Lagvis::serve(std::slice::from_ref(&hostile.host)).unwrap();
    let page = open(&lagvis, &format!("http://{}", hostile.host)).await;
    page.script(
        "localStorage.setItem('lagvis.direct', 'yes'); localStorage.setItem('lagvis.patience', '1'); return true",
    )
    .await
    .unwrap();
    page.go(&lagvis.url).await.unwrap();
    let end = End::Without("registry-unreachable", "unverifiable");
    ends(&page, &format!("{}/demo/app:latest", hostile.host), name, end).await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_layer_that_is_always_cut_at_the_same_place() {
    if tools::have(&NEEDS).unwrap() {
        let cut = |bytes: &[u8]| {
            let whole = response("200 OK", &[], bytes);
            Twist::Bytes(whole[..whole.len() - bytes.len() / 2].to_vec())
        };
        layer_trickles("cut", cut).await;
    }
}

#[tokio::test]
async fn a_layer_that_is_packed_for_the_way() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    // The browser unpacks it, so that other bytes come than were named.
    let packed = |bytes: &[u8]| Twist::Bytes(response("200 OK", &[("content-encoding", "gzip")], bytes));
    let blobs = blobs();
    let (layer, bytes) = (blobs.layer(0), blobs.get(&blobs.layer(0)).to_vec());
    let hostile =
        Hostile::start(
            blobs,
            move |_, path| {
                if path.ends_with(&format!("/blobs/{layer}")) { packed(&bytes) } else { Twist::Honest }
            },
        )
        .unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = open(&lagvis, &format!("http://{}", hostile.host)).await;
    page.script("localStorage.setItem('lagvis.direct', 'yes'); return true").await.unwrap();
    page.go(&lagvis.url).await.unwrap();
    let end = End::Without("layer-mismatch", "mismatched");
    ends(&page, &format!("{}/demo/app:latest", hostile.host), "packed", end).await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn refusals_of_a_layer() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let error = br#"{"errors":[{"code":"BLOB_UNKNOWN","message":"no such thing"}]}"#;
    for (status, body, end) in [
        ("401 Unauthorized", &b""[..], End::Without("access-denied", "unverifiable")),
        ("403 Forbidden", b"<html>no</html>", End::Without("access-denied", "unverifiable")),
        ("404 Not Found", error, End::Without("layer-absent", "unverifiable")),
        ("404 Not Found", b"", End::Without("layer-absent", "unverifiable")),
    ] {
        layer_ends(status, end, move |_| Twist::Bytes(response(status, &[], body))).await;
    }
}

#[tokio::test]
async fn refusals_of_a_manifest() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let error = br#"{"errors":[{"code":"DENIED","message":"no\u202e"}]}"#;
    for (status, body, kind) in [
        ("401 Unauthorized", &b""[..], "access-denied"),
        ("401 Unauthorized", error, "access-denied"),
        ("403 Forbidden", error, "access-denied"),
        ("404 Not Found", b"", "manifest-unknown"),
        ("500 Internal Server Error", b"", "registry-error"),
        ("500 Internal Server Error", b"it broke", "registry-error"),
        ("204 No Content", b"", "registry-error"),
    ] {
        let hostile = Hostile::start(blobs(), move |_, _| Twist::Bytes(response(status, &[], body))).unwrap();
        both(status, End::Refused(kind), &hostile).await;
    }
}
