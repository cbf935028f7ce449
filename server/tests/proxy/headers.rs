//! Headers: what goes to the registry, what comes back, and what a page may read.

use std::collections::BTreeSet;

use reqwest::{Method, Response};

use crate::{
    fake::{DIGEST, Fake, answer, error, good, redirect},
    lagvis::{Lagvis, header},
};

fn names(response: &Response) -> BTreeSet<&str> {
    response.headers().keys().map(http::HeaderName::as_str).collect()
}

/// Headers of every answer, which let a page of any origin read it and nothing more.
fn assert_open(response: &Response, what: &str) {
    assert_eq!(header(response, "access-control-allow-origin"), "*", "{what}");
    assert_eq!(header(response, "access-control-allow-credentials"), "", "{what}");
    assert_eq!(header(response, "cross-origin-resource-policy"), "cross-origin", "{what}");
    assert_eq!(header(response, "x-content-type-options"), "nosniff", "{what}");
    assert!(header(response, "content-security-policy").starts_with("sandbox"), "{what}");
    let exposed = header(response, "access-control-expose-headers").to_ascii_lowercase();
    let exposed: BTreeSet<&str> = exposed.split(", ").collect();
    for name in [
        "docker-content-digest",
        "link",
        "etag",
        "accept-ranges",
        "content-range",
        "content-length",
        "www-authenticate",
        "retry-after",
        "ratelimit-limit",
        "ratelimit-remaining",
        "docker-ratelimit-source",
        "oci-filters-applied",
        "warning",
    ] {
        assert!(exposed.contains(name), "{what}: {name}");
    }
}

#[tokio::test]
async fn every_answer_may_be_read_by_a_page() {
    let fake = Fake::start(|seen| match seen.target.rsplit('/').next().unwrap() {
        "gone" => error(404, "MANIFEST_UNKNOWN"),
        "limited" => answer(429, &[("retry-after", "1")], "slow down"),
        "broken" => answer(500, &[], ""),
        "same" => answer(304, &[], ""),
        "secret" => answer(401, &[], ""),
        "moved" => redirect("/there"),
        "away" => redirect("https://10.0.0.1/"),
        _ => good("{}"),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    for (which, status) in [
        ("fine", 200),
        ("gone", 404),
        ("limited", 429),
        ("broken", 500),
        ("same", 304),
        ("secret", 401),
        ("moved", 200),
        ("away", 502),
        ("bad@tag", 404),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let response = lagvis.send(method, &fake.path(&format!("a/manifests/{which}")), &[]).await;
            assert_eq!(response.status(), status, "{which}");
            assert_open(&response, which);
        }
    }
    for (method, path, status) in [
        (Method::GET, fake.blob(), 200),
        (Method::GET, "/v2/".to_owned(), 200),
        (Method::GET, "/v2/nothing".to_owned(), 404),
        (Method::GET, "/elsewhere".to_owned(), 404),
        (Method::GET, "/v2/a/manifests/1?ns=evil.example".to_owned(), 403),
        (Method::OPTIONS, fake.blob(), 204),
        (Method::OPTIONS, "/v2/nothing".to_owned(), 204),
        (Method::POST, fake.blob(), 405),
    ] {
        let response = lagvis.send(method, &path, &[("origin", "http://localhost:8000")]).await;
        assert_eq!(response.status(), status, "{path}");
        assert_open(&response, &path);
    }
}

#[tokio::test]
async fn a_preflight_allows_what_is_answered_and_reaches_nobody() {
    let fake = Fake::start(|_| good("")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let asked = [("origin", "https://page.example"), ("access-control-request-method", "GET")];
    let response = lagvis.send(Method::OPTIONS, &fake.blob(), &asked).await;
    assert_eq!(header(&response, "access-control-allow-methods"), "GET, HEAD, OPTIONS");
    for name in ["Accept", "Range", "If-None-Match"] {
        assert!(header(&response, "access-control-allow-headers").contains(name), "{name}");
    }
    assert_eq!(header(&response, "access-control-max-age"), "86400");
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn only_known_headers_of_a_registry_come_through() {
    let packed = ("content-encoding", "gzip");
    let odd = [
        ("set-cookie", "session=1"),
        ("set-cookie", "other=2"),
        ("connection", "keep-alive, x-private"),
        ("keep-alive", "timeout=5"),
        ("x-private", "1"),
        ("proxy-authenticate", "Basic"),
        ("trailer", "x-late"),
        ("upgrade", "h2c"),
        ("server", "nginx"),
        ("strict-transport-security", "max-age=1"),
        ("access-control-allow-origin", "https://one.example"),
        ("access-control-allow-credentials", "true"),
        ("content-security-policy", "default-src *"),
        ("location", "https://elsewhere.example/"),
        ("refresh", "0; url=https://elsewhere.example/"),
        ("clear-site-data", "*"),
        ("service-worker-allowed", "/"),
        ("docker-content-digest", DIGEST),
        ("etag", "\"e\""),
        ("warning", "299 - \"old\""),
        ("content-type", "application/vnd.oci.image.manifest.v1+json"),
    ];
    let fake = Fake::start(move |seen| match seen.target.contains("/blobs/") {
        true => answer(200, &[&odd[..], &[packed]].concat(), "{}"),
        false => answer(200, &odd, "{}"),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    let own = [
        "access-control-allow-origin",
        "access-control-expose-headers",
        "cache-control",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-resource-policy",
        "date",
        "docker-content-digest",
        "etag",
        "vary",
        "warning",
        "x-content-type-options",
    ];
    let response = lagvis.get(&fake.path("a/manifests/1")).await;
    assert_eq!(names(&response), BTreeSet::from(own));
    assert_open(&response, "manifest");
    assert_eq!(header(&response, "content-type"), "application/vnd.oci.image.manifest.v1+json");
    let blob = lagvis.get(&fake.blob()).await;
    let of_blob = own.into_iter().chain(["content-disposition"]);
    assert_eq!(names(&blob), of_blob.collect());
}

#[tokio::test]
async fn a_blob_is_nothing_that_a_browser_would_show() {
    let fake = Fake::start(|_| answer(200, &[("content-type", "text/html")], "<script>")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let response = lagvis.get(&fake.blob()).await;
    assert_eq!(header(&response, "content-type"), "application/octet-stream");
    assert_eq!(header(&response, "content-disposition"), "attachment");
}

#[tokio::test]
async fn nothing_of_the_client_but_its_wishes_reaches_a_registry() {
    let fake = Fake::start(|_| good("")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let sent = [
        ("authorization", "Bearer mine"),
        ("cookie", "mine=1"),
        ("origin", "http://localhost:8000"),
        ("referer", "https://page.example/"),
        ("user-agent", "me"),
        ("x-forwarded-for", "1.2.3.4"),
        ("forwarded", "for=1.2.3.4"),
        ("te", "trailers"),
        ("accept-encoding", "gzip, br"),
        ("accept-language", "de"),
        ("if-none-match", "\"e\""),
        ("range", "bytes=0-1"),
    ];
    lagvis.send(Method::GET, &fake.blob(), &sent).await;
    let seen = &fake.seen()[0];
    let names: BTreeSet<&str> = seen.headers.keys().map(http::HeaderName::as_str).collect();
    assert_eq!(names, BTreeSet::from(["accept", "accept-encoding", "host", "if-none-match", "range", "user-agent"]));
    assert_eq!(seen.header("accept-encoding"), "identity");
    assert!(seen.header("user-agent").starts_with("lagvis/"));
}

#[tokio::test]
async fn an_accept_that_says_nothing_is_replaced_and_any_other_passed_on() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let own = "application/vnd.docker.distribution.manifest.v2+json";
    // Docker sends a line for each type.
    let lines =
        [("accept", "application/one"), ("accept", "application/two, application/three;q=0.5"), ("accept", own)];
    let three = "application/one | application/two, application/three;q=0.5 | ";
    for (headers, expected) in [
        (&[("accept", own)][..], own.to_owned()),
        (&[("accept", "application/x, */*")], "application/x, */*".to_owned()),
        (&lines, format!("{three}{own}")),
    ] {
        lagvis.send(Method::GET, &fake.path("a/manifests/1"), headers).await;
        let seen = fake.seen();
        let accept = seen.last().unwrap().headers.get_all("accept").iter().map(|value| value.to_str().unwrap());
        assert_eq!(accept.collect::<Vec<_>>().join(" | "), expected);
    }
    for headers in [&[][..], &[("accept", "*/*")], &[("accept", "")], &[("accept", " */* ")]] {
        lagvis.send(Method::GET, &fake.path("a/manifests/1"), headers).await;
        let seen = fake.seen();
        let accept = seen.last().unwrap().header("accept").to_owned();
        for kind in ["oci.image.index.v1", "oci.image.manifest.v1", "manifest.list.v2", "manifest.v2"] {
            assert!(accept.contains(kind), "{headers:?}: {accept}");
        }
    }
}

#[tokio::test]
async fn ranges_and_revalidation_are_passed_on_and_their_answers_come_back() {
    let fake = Fake::start(|seen| match (seen.header("range"), seen.header("if-none-match")) {
        ("bytes=2-3", _) => answer(206, &[("content-range", "bytes 2-3/8"), ("accept-ranges", "bytes")], "cd"),
        ("bytes=99-", _) => answer(416, &[("content-range", "bytes */8")], ""),
        (_, "\"e\"") => answer(304, &[("etag", "\"e\"")], ""),
        _ => good("abcdefgh"),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    let part = lagvis.send(Method::GET, &fake.blob(), &[("range", "bytes=2-3")]).await;
    assert_eq!((part.status().as_u16(), header(&part, "content-range")), (206, "bytes 2-3/8"));
    assert_eq!((header(&part, "accept-ranges"), header(&part, "content-length")), ("bytes", "2"));
    assert_eq!(part.text().await.unwrap(), "cd");
    let beyond = lagvis.send(Method::GET, &fake.blob(), &[("range", "bytes=99-")]).await;
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, "bytes */8"));
    for path in [fake.blob(), fake.path("a/manifests/1")] {
        let same = lagvis.send(Method::GET, &path, &[("if-none-match", "\"e\"")]).await;
        assert_eq!((same.status().as_u16(), header(&same, "etag")), (304, "\"e\""));
        assert_eq!(header(&same, "content-length"), "");
    }
    // An answer of several parts would lose their boundaries with its type.
    lagvis.send(Method::GET, &fake.blob(), &[("range", "bytes=0-1,4-5")]).await;
    assert_eq!(fake.seen().last().unwrap().header("range"), "");
}

#[tokio::test]
async fn head_tells_the_length_and_sends_nothing() {
    let fake = Fake::start(|seen| {
        assert_eq!(seen.method, "HEAD");
        answer(200, &[("content-length", "123456789"), ("docker-content-digest", DIGEST)], "")
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    for path in [fake.blob(), fake.path("a/manifests/1")] {
        let response = lagvis.send(Method::HEAD, &path, &[]).await;
        assert_eq!(header(&response, "content-length"), "123456789");
        assert_eq!(header(&response, "docker-content-digest"), DIGEST);
        assert_eq!(response.bytes().await.unwrap().len(), 0);
    }
}
