//! Which requests are answered, and by whom.

use reqwest::Method;

use crate::{
    fake::{DIGEST, Fake, good},
    lagvis::{Lagvis, header, refusal},
};

#[tokio::test]
async fn the_version_is_answered_here() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::serve(&["--default-registry", &fake.host]);
    for path in ["/v2/", "/v2", "/v2/?ns=docker.io"] {
        let response = lagvis.get(path).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "docker-distribution-api-version"), "registry/2.0");
        assert_eq!(header(&response, "access-control-allow-origin"), "*");
    }
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn writes_are_refused_and_reach_nobody() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let long = Method::from_bytes(b"PROPFIND").unwrap();
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE, long] {
        for path in [fake.blob(), fake.path("a/manifests/1"), fake.path("a/blobs/uploads/"), "/v2/".to_owned()] {
            let response = lagvis.send(method.clone(), &path, &[]).await;
            assert_eq!(header(&response, "allow"), "GET, HEAD, OPTIONS");
            let (status, code, _) = refusal(response).await;
            assert_eq!((status, code.as_str()), (405, "UNSUPPORTED"), "{method} {path}");
        }
    }
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn what_is_no_shape_of_the_api_is_404_and_reaches_nobody() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let host = &fake.host;
    for path in [
        "/v2/_catalog",
        "/v2/a",
        "/v2/a/manifests",
        "/v2/a/manifests/",
        "/v2/manifests/1",
        "/v2//manifests/1",
        "/v2/a//b/manifests/1",
        "//v2/a/manifests/1",
        "/v2//a/manifests/1",
        "/v2/a/manifests/1/",
        "/v2/../a/manifests/1",
        "/v2/a/../b/manifests/1",
        "/v2/a/%2e%2e/b/manifests/1",
        "/v2/a/.%2E/b/manifests/1",
        "/v2/a/./manifests/1",
        "/v2/a%2fb/manifests/1",
        "/v2/a\\b/manifests/1",
        "/v2/A/manifests/1",
        "/v2/a/manifests/..",
        "/v2/a/manifests/%2e%2e",
        "/v2/a/manifests/a%0d%0ax",
        "/v2/a/manifests/a%00",
        "/v2/a/manifests/a@b",
        "/v2/a/manifests/sha256:short",
        "/v2/a/manifests/.hidden",
        "/v2/a/blobs/latest",
        "/v2/a/blobs/sha256:zz",
        "/v2/a/blobs/uploads/x",
        "/v2/a/tags/other",
        "/v2/a/referrers/latest",
        "/v2/a:1/manifests/1",
        "/v2/a@sha256:0/manifests/1",
        "/v3/a/manifests/1",
        "/other",
    ] {
        let answer = lagvis.raw("GET", &format!("{path}?ns={host}")).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
        assert!(
            answer.contains("access-control-allow-origin: *") && answer.contains(r#""source":"proxy""#),
            "{answer}"
        );
    }
    assert_eq!(fake.targets(), Vec::<String>::new());
}

#[tokio::test]
async fn an_ns_that_names_no_registry_is_404_and_reaches_nobody() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::serve(&["--plain-http", &fake.host, "--default-registry", &fake.host]);
    let host = &fake.host;
    for query in [
        "ns=".to_owned(),
        "ns".to_owned(),
        format!("ns={host}&ns={host}"),
        format!("ns={host}&ns=evil.example"),
        format!("ns=evil.example&n%73={host}"),
        format!("ns=user@{host}"),
        format!("ns=user:password%40{host}"),
        format!("ns={host}/path"),
        format!("ns={host}%2Fpath"),
        format!("ns=http://{host}"),
        format!("ns={host}%23"),
        format!("ns={host}%3F"),
        format!("ns={host}%5Cx"),
        format!("ns=%20{host}"),
        format!("ns={host}%00"),
        format!("ns={host}%0d%0ax"),
        // One entry of the list allows every host that ends so.
        format!("ns={host}%2Fx.pkg.dev"),
        format!("ns={host}%23.pkg.dev"),
        format!("ns={host}%3Fx.pkg.dev"),
        format!("ns={host}%5Cx.pkg.dev"),
        format!("ns=a%40{host}%2F.pkg.dev"),
        "ns=x..pkg.dev".to_owned(),
        "ns=127.0.0.1:x.pkg.dev".to_owned(),
    ] {
        let answer = lagvis.raw("GET", &format!("/v2/a/manifests/1?{query}")).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{query}: {answer}");
        assert!(answer.contains(r#""source":"proxy""#), "{query}: {answer}");
    }
    assert_eq!(fake.targets(), Vec::<String>::new());
}

#[tokio::test]
async fn a_registry_that_is_not_allowed_is_denied_and_not_reached() {
    let other = Fake::start(|_| good("{}")).await;
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let own_name = "127.0.0.1";
    for ns in [&other.host, "evil.example", "docker.io.evil.example", own_name, "localhost", "docker.io:444", "pkg.dev"]
    {
        let (status, code, message) = refusal(lagvis.get(&format!("/v2/a/manifests/1?ns={ns}")).await).await;
        assert_eq!((status, code.as_str()), (403, "DENIED"), "{ns}");
        assert!(message.contains(ns), "{message}");
    }
    assert_eq!(other.seen().len() + fake.seen().len(), 0);
}

#[tokio::test]
async fn without_ns_the_first_component_is_the_registry_if_it_is_allowed() {
    let default = Fake::start(|_| good("default")).await;
    let fake = Fake::start(|_| good("named")).await;
    let arguments = ["--default-registry", &default.host, "--plain-http", &default.host, "--plain-http", &fake.host];
    let lagvis = Lagvis::serve(&arguments);
    for (path, body) in [
        (format!("/v2/{}/a/b/manifests/1", fake.host), "named"),
        ("/v2/a/b/manifests/1".to_owned(), "default"),
        ("/v2/evil.example/a/manifests/1".to_owned(), "default"),
    ] {
        assert_eq!(lagvis.get(&path).await.text().await.unwrap(), body, "{path}");
    }
    assert_eq!(fake.gets(), ["/v2/a/b/manifests/1"]);
    assert_eq!(default.gets(), ["/v2/a/b/manifests/1", "/v2/evil.example/a/manifests/1"]);
}

#[tokio::test]
async fn a_digest_may_be_escaped_and_goes_out_plain() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let escaped = DIGEST.replace(':', "%3A");
    assert_eq!(lagvis.get(&fake.path(&format!("a/blobs/{escaped}"))).await.status(), 200);
    assert_eq!(fake.targets(), [format!("/v2/a/blobs/{DIGEST}")]);
}

#[tokio::test]
async fn of_a_query_only_what_the_api_knows_goes_out() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    lagvis.get(&fake.path("a/tags/list?n=5&evil=1&last=a%26b%3Dc%2B")).await;
    lagvis.get(&fake.path(&format!("a/referrers/{DIGEST}?artifactType=application/vnd.x%2Bjson&evil=1"))).await;
    lagvis.get(&fake.path("a/manifests/1?token=x")).await;
    let referrers = format!("/v2/a/referrers/{DIGEST}?artifactType=application%2Fvnd.x%2Bjson");
    let tags = "/v2/a/tags/list?n=5&last=a%26b%3Dc%2B".to_owned();
    assert_eq!(fake.gets(), [tags, referrers, "/v2/a/manifests/1".to_owned()]);
}

/// As it is sent to a proxy of the old kind.
#[tokio::test]
async fn the_host_of_an_absolute_address_is_not_asked() {
    let other = Fake::start(|_| good("other")).await;
    let fake = Fake::start(|_| good("named")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let answer = lagvis.raw("GET", &format!("http://{}{}", other.host, fake.path("a/manifests/1"))).await;
    assert!(answer.ends_with("named"), "{answer}");
    let answer = lagvis.raw("CONNECT", &other.host).await;
    assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_told() {
    let gone = Fake::start(|_| good("")).await;
    let path = gone.blob();
    let lagvis = Lagvis::before(&[&gone]);
    let host = gone.host.clone();
    drop(gone);
    let (status, code, message) = refusal(lagvis.get(&path).await).await;
    assert_eq!((status, code.as_str()), (502, "UNAVAILABLE"));
    assert!(message.contains(&host), "{message}");
}

/// Nobody speaks TLS there: what shows is that the proxy came and tried, though the address is not public.
#[tokio::test]
async fn a_registry_that_the_operator_allowed_is_reached_within_and_over_tls_alone() {
    let fake = Fake::start_raw(b"").await;
    let lagvis = Lagvis::serve(&["--allow-registry", &fake.host]);
    let (status, _, message) = refusal(lagvis.get(&fake.blob()).await).await;
    assert_eq!((status, message.contains("public")), (502, false), "{message}");
    let seen = fake.targets();
    assert!(seen.len() == 1 && seen[0].starts_with('\u{16}'), "{seen:?}");
}
