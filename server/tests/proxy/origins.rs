//! Which pages may ask for what the operator named.

use reqwest::Method;

use crate::{
    fake::{Fake, good},
    lagvis::{Lagvis, header, refusal},
};

const STRANGER: (&str, &str) = ("origin", "https://page.example");

#[tokio::test]
async fn a_page_elsewhere_reads_nothing_that_may_be_within() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    for path in [fake.blob(), fake.path("a/manifests/1"), fake.path("a/tags/list")] {
        for origin in ["https://page.example", "http://10.0.0.1", "null", ""] {
            for method in [Method::GET, Method::HEAD] {
                let response = lagvis.send(method.clone(), &path, &[("origin", origin)]).await;
                assert_eq!(response.status(), 403, "{origin} {path}");
                // It may read why.
                assert_eq!(header(&response, "access-control-allow-origin"), "*");
                if method == Method::GET {
                    let (_, code, message) = refusal(response).await;
                    assert_eq!(code, "DENIED");
                    assert!(message.contains("--allow-origin"), "{message}");
                }
            }
        }
    }
    assert_eq!(fake.accepted(), 0);
    assert_eq!(lagvis.metric("lagvis_refusals_total{reason=\"origin\"}").await, 24);
}

#[tokio::test]
async fn who_may_ask() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--allow-origin", "https://page.example,https://other.example:444"]);
    let own = format!("http://{}", lagvis.host());
    for (origin, status) in [
        (own.as_str(), 200),
        ("http://localhost:8000", 200),
        ("http://[::1]:8000", 200),
        ("https://page.example", 200),
        ("https://other.example:444", 200),
        ("http://page.example", 403),
        ("https://other.example", 403),
        ("https://page.example.evil.example", 403),
    ] {
        let response = lagvis.send(Method::GET, &fake.blob(), &[("origin", origin)]).await;
        assert_eq!(response.status(), status, "{origin}");
    }
    // No page at all.
    let response = lagvis.get(&fake.blob()).await;
    assert_eq!((response.status().as_u16(), header(&response, "vary")), (200, "origin"));
    // Anybody, if the operator says so: then caches need not tell them apart.
    let all = Lagvis::before_with(&[&fake], &["--allow-origin", "*"]);
    let response = all.send(Method::GET, &fake.blob(), &[STRANGER]).await;
    assert_eq!((response.status().as_u16(), header(&response, "vary")), (200, ""));
}

/// A page's name may lead here after the page was loaded, and then it is of the same origin as this proxy.
#[tokio::test]
async fn a_name_that_anybody_can_have_lead_here_reads_nothing_that_may_be_within() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--allow-origin", "http://pull.example:81"]);
    for (host, status) in [
        ("rebound.example", 403),
        ("rebound.example:8080", 403),
        ("127.0.0.1.rebound.example", 403),
        ("pull.example", 403),
        ("pull.example:81", 200),
        ("localhost:8080", 200),
        ("lagvis:8080", 200),
        ("[::1]:8080", 200),
        ("192.0.2.1", 200),
    ] {
        let response = lagvis.send(Method::GET, &fake.blob(), &[("host", host)]).await;
        assert_eq!(response.status(), status, "{host}");
        if status == 403 {
            let (_, code, message) = refusal(response).await;
            assert!(code == "DENIED" && message.contains(&format!("--allow-origin http://{host}")), "{message}");
        }
    }
    // Nor with an origin that fits the name.
    let both = [("host", "rebound.example"), ("origin", "http://rebound.example")];
    assert_eq!(lagvis.send(Method::GET, &fake.blob(), &both).await.status(), 403);
    assert_eq!(lagvis.metric("lagvis_refusals_total{reason=\"host\"}").await, 5);
    // A server in front that the operator trusts knows its own names.
    let behind = Lagvis::before_with(&[&fake], &["--trusted-proxy", "127.0.0.1"]);
    let forwarded = [("host", "pull.example"), ("x-forwarded-for", "203.0.113.1")];
    assert_eq!(behind.send(Method::GET, &fake.blob(), &forwarded).await.status(), 200);
    assert_eq!(behind.send(Method::GET, &fake.blob(), &forwarded[..1]).await.status(), 403);
}

/// The public ones give the same to everybody.
#[tokio::test]
async fn a_page_elsewhere_may_ask_for_public_registries() {
    let lagvis = Lagvis::serve(&["--allow-registry", "ghcr.io", "--document-timeout", "1s"]);
    for registry in ["docker.io", "ghcr.io", "europe-docker.pkg.dev"] {
        // No network of the test machine's is needed: it is not refused, whatever comes of it.
        let response = lagvis.send(Method::GET, &format!("/v2/a/b/manifests/1?ns={registry}"), &[STRANGER]).await;
        assert_ne!(response.status(), 403, "{registry}");
    }
    assert_eq!(lagvis.metric("lagvis_refusals_total{reason=\"origin\"}").await, 0);
}
