//! Manifests that are kept: few requests reach a registry, and nothing that was not verified is given for verified.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::response::Response;
use futures_util::future::{join, join_all};
use lagvis::image::Digest;
use reqwest::Method;

use crate::{
    fake::{DIGEST, Fake, Seen, answer, error, piped},
    lagvis::{Lagvis, header},
};

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const BODY: &str = r#"{"schemaVersion":2}"#;

fn digest() -> String {
    Digest::of(BODY.as_bytes()).to_string()
}

/// A registry with one manifest, by its digest and as a tag, and a quota that goes down with each GET.
fn with_quota(seen: &Seen, left: &AtomicUsize) -> Response {
    if seen.method == "GET" {
        left.fetch_sub(1, Ordering::SeqCst);
    }
    let (digest, left) = (digest(), left.load(Ordering::SeqCst).to_string());
    let known = ["/v2/a/manifests/1".to_owned(), format!("/v2/a/manifests/{digest}")];
    if !known.contains(&seen.target) {
        return error(404, "MANIFEST_UNKNOWN");
    }
    let headers = [
        ("content-type", OCI),
        ("docker-content-digest", digest.as_str()),
        ("etag", "\"of the registry\""),
        ("ratelimit-remaining", &left),
        ("x-other", "1"),
    ];
    answer(200, &headers, if seen.method == "HEAD" { "" } else { BODY })
}

async fn registry() -> Fake {
    let left = AtomicUsize::new(100);
    Fake::start(move |seen| with_quota(seen, &left)).await
}

#[tokio::test]
async fn a_tag_costs_a_head_and_its_manifest_is_fetched_once() {
    let fake = registry().await;
    let lagvis = Lagvis::before(&[&fake]);
    for turn in 0..5 {
        let response = lagvis.get(&fake.path("a/manifests/1")).await;
        assert_eq!(response.status(), 200);
        let (digest, tag) = (digest(), format!("\"{}\"", digest()));
        assert_eq!((header(&response, "docker-content-digest"), header(&response, "etag")), (&*digest, &*tag));
        assert_eq!(
            (header(&response, "content-type"), header(&response, "cache-control")),
            (OCI, "public, max-age=30")
        );
        assert_eq!(header(&response, "ratelimit-remaining"), "99", "{turn}");
        assert_eq!((header(&response, "vary"), header(&response, "x-other")), ("accept, origin", ""));
        assert_eq!(response.text().await.unwrap(), BODY);
    }
    assert_eq!(fake.gets(), [format!("/v2/a/manifests/{}", digest())]);
    assert_eq!(fake.seen().len(), 6);
    assert_eq!(lagvis.metric("lagvis_cache_lookups_total{cache=\"manifest\",result=\"hit\"}").await, 4);
}

#[tokio::test]
async fn a_digest_that_is_kept_reaches_nobody() {
    let fake = registry().await;
    let lagvis = Lagvis::before(&[&fake]);
    let path = fake.path(&format!("a/manifests/{}", digest()));
    for _ in 0..3 {
        let response = lagvis.get(&path).await;
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(response.text().await.unwrap(), BODY);
    }
    let head = lagvis.send(Method::HEAD, &path, &[]).await;
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, BODY.len().to_string().as_str()));
    assert_eq!(head.text().await.unwrap(), "");
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_share_one_manifest() {
    let fake = registry().await;
    let lagvis = Lagvis::before(&[&fake]);
    let path = fake.path("a/manifests/1");
    let answers = join_all((0..20).map(|_| lagvis.get(&path))).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(fake.gets().len(), 1);
}

/// What a registry says to a client that takes other types is not said to those who wait for the same digest.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_for_whom_it_was_said() {
    let docker = "application/vnd.docker.distribution.manifest.v2+json";
    let (pipe, body) = piped();
    let refusal = Mutex::new(Some(answer(404, &[("content-type", "application/json")], body)));
    let fake = Fake::start(move |seen| match seen.header("accept") {
        types if types.contains(OCI) => answer(200, &[("content-type", OCI)], BODY),
        _ => refusal.lock().unwrap().take().unwrap(),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    let path = fake.path(&format!("a/manifests/{}", digest()));
    let types = [("accept", docker)];
    let first = lagvis.send(Method::GET, &path, &types);
    let second = async {
        lagvis.reaches("lagvis_cache_lookups_total{cache=\"manifest\",result=\"miss\"}", 1).await;
        let end = async {
            lagvis.reaches("lagvis_cache_lookups_total{cache=\"manifest\",result=\"miss\"}", 2).await;
            drop(pipe);
        };
        join(lagvis.get(&path), end).await.0
    };
    let (first, second) = join(first, second).await;
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (404, 200));
    assert_eq!(fake.gets().len(), 2);
}

#[tokio::test]
async fn who_has_a_manifest_already_is_told_only_that() {
    let fake = registry().await;
    let lagvis = Lagvis::before(&[&fake]);
    let own = format!("\"{}\"", digest());
    for which in ["1".to_owned(), digest()] {
        for (known, status) in
            [(own.clone(), 304), (format!("\"x\", W/{own}"), 304), ("*".to_owned(), 304), ("\"x\"".to_owned(), 200)]
        {
            let path = fake.path(&format!("a/manifests/{which}"));
            let response = lagvis.send(Method::GET, &path, &[("if-none-match", &known)]).await;
            assert_eq!((response.status().as_u16(), header(&response, "etag")), (status, own.as_str()), "{known}");
            assert_eq!(response.text().await.unwrap().is_empty(), status == 304);
        }
    }
    assert_eq!(fake.gets().len(), 1);
}

#[tokio::test]
async fn a_manifest_is_kept_for_its_repository_and_those_who_take_its_type() {
    let fake = registry().await;
    let lagvis = Lagvis::before(&[&fake]);
    let path = fake.path(&format!("a/manifests/{}", digest()));
    assert_eq!(lagvis.get(&path).await.status(), 200);
    assert_eq!(lagvis.get(&fake.path(&format!("b/manifests/{}", digest()))).await.status(), 404);
    // What the client does not take, its registry may refuse or convert.
    lagvis.send(Method::GET, &path, &[("accept", "application/vnd.docker.distribution.manifest.v2+json")]).await;
    assert_eq!(fake.gets().len(), 3);
    lagvis.send(Method::GET, &path, &[("accept", &format!("application/x, {OCI};q=0.5"))]).await;
    assert_eq!(fake.gets().len(), 3);
}

#[tokio::test]
async fn bytes_that_are_not_as_their_digest_says_are_not_kept() {
    let fake = Fake::start(|seen| {
        let headers = [("content-type", OCI), ("docker-content-digest", DIGEST)];
        answer(200, &headers, if seen.method == "HEAD" { "" } else { BODY })
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    for _ in 0..2 {
        // They are passed on: whoever asked says what is wrong with them. Nobody in front keeps them either.
        let response = lagvis.get(&fake.path(&format!("a/manifests/{DIGEST}"))).await;
        assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (200, "no-store"));
        assert_eq!(response.text().await.unwrap(), BODY);
    }
    assert_eq!(fake.gets().len(), 2);
    assert_eq!(lagvis.metric("lagvis_mismatches_total").await, 2);
    assert_eq!(lagvis.metric("lagvis_cache_bytes").await, 0);
}

#[tokio::test]
async fn a_tag_without_a_head_or_a_digest_is_asked_for_itself() {
    for head in [405, 404, 200, 500] {
        let fake = Fake::start(move |seen| match seen.method.as_str() {
            "HEAD" => answer(head, &[("content-type", OCI)], ""),
            _ => answer(200, &[("content-type", OCI)], BODY),
        })
        .await;
        let lagvis = Lagvis::before(&[&fake]);
        let response = lagvis.get(&fake.path("a/manifests/1")).await;
        assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, BODY), "{head}");
        assert_eq!(fake.gets(), ["/v2/a/manifests/1"]);
    }
}

#[tokio::test]
async fn a_tag_that_moved_is_seen_at_once() {
    let (one, two) = (r#"{"n":1}"#, r#"{"n":2}"#);
    let moved = Arc::new(AtomicUsize::new(0));
    let now = moved.clone();
    let fake = Fake::start(move |seen| {
        let body = if now.load(Ordering::SeqCst) == 0 { one } else { two };
        let digest = Digest::of(body.as_bytes()).to_string();
        let headers = [("content-type", OCI), ("docker-content-digest", digest.as_str())];
        answer(200, &headers, if seen.method == "HEAD" { "" } else { body })
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    let path = fake.path("a/manifests/1");
    assert_eq!(lagvis.get(&path).await.text().await.unwrap(), one);
    moved.store(1, Ordering::SeqCst);
    assert_eq!(lagvis.get(&path).await.text().await.unwrap(), two);
}

#[tokio::test]
async fn what_is_kept_has_a_bound_in_bytes() {
    let fake = Fake::start(|seen| {
        let number: usize = seen.target.rsplit('/').next().unwrap().parse().unwrap_or_default();
        let body = format!("{{\"n\":{number},\"x\":\"{}\"}}", "x".repeat(100_000));
        let digest = Digest::of(body.as_bytes()).to_string();
        // A digest is not a number: the second request is for what the first told.
        answer(200, &[("content-type", OCI), ("docker-content-digest", &digest)], body)
    })
    .await;
    let lagvis = Lagvis::before_with(&[&fake], &["--cache-bytes", "1MB"]);
    let body = format!("{{\"n\":0,\"x\":\"{}\"}}", "x".repeat(100_000));
    let digest = Digest::of(body.as_bytes());
    for name in 0..30 {
        let path = fake.path(&format!("r{name}/manifests/{digest}"));
        assert_eq!(header(&lagvis.get(&path).await, "cache-control"), "public, max-age=31536000, immutable");
    }
    let kept = lagvis.metric("lagvis_cache_bytes").await;
    assert!(kept <= 1_000_000, "{kept}");
    let none = Lagvis::before_with(&[&fake], &["--cache-bytes", "0"]);
    let before = fake.gets().len();
    for _ in 0..2 {
        none.get(&fake.path(&format!("a/manifests/{digest}"))).await;
    }
    assert_eq!(fake.gets().len(), before + 2);
}
