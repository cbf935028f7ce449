//! Refusals, tokens, and which of them are met.

use super::*;

#[test]
fn refusals_are_told_apart() {
    let error = |code: &str, source: &str| {
        json!({"errors": [{"code": code, "message": "no\u{202e}\n", "detail": {"source": source}}]}).to_string()
    };
    let proxied = |response: Result<HttpResponse, Transport>, via: Via| {
        let mut pull = Pull::new(Reference::parse("a/b:t").unwrap(), None, via);
        pull.poll();
        pull.provide(response).unwrap_err()
    };
    let proxy = || Via::Proxy { base: "http://127.0.0.1:8080/".to_owned() };
    for (status, body, kind) in [
        (401, String::new(), ProblemKind::AccessDenied),
        (403, error("DENIED", "proxy"), ProblemKind::RegistryNotAllowed),
        (403, error("DENIED", "other"), ProblemKind::AccessDenied),
        (404, error("MANIFEST_UNKNOWN", ""), ProblemKind::ManifestUnknown),
        (404, error("NAME_UNKNOWN", ""), ProblemKind::NameUnknown),
        (404, String::new(), ProblemKind::ManifestUnknown),
        (429, "slow down".to_owned(), ProblemKind::RateLimited),
        (500, String::new(), ProblemKind::RegistryError),
        (502, error("UNAVAILABLE", "proxy"), ProblemKind::RegistryUnreachable),
        (502, error("UNKNOWN", "proxy"), ProblemKind::RegistryError),
        (500, error("DENIED", "other"), ProblemKind::RegistryError),
        (204, String::new(), ProblemKind::RegistryError),
    ] {
        let problem = proxied(Ok(answer(status, &[], body.as_bytes())), proxy());
        assert_eq!(problem.kind, kind, "{status} {body}");
        assert!(!problem.detail.contains(['\n', '\u{202e}']), "{:?}", problem.detail);
    }
    let page = answer(404, &[("content-type", "text/html")], b"<html>");
    assert_eq!(proxied(Ok(page), proxy()).kind, ProblemKind::ProxyUnreachable);
    for (after, words) in [("60", "wait 60 seconds"), ("Wed, 21 Oct 2026 07:28:00 GMT", "until Wed, 21 Oct")] {
        let problem = proxied(Ok(answer(429, &[("retry-after", after)], b"")), proxy());
        assert!(problem.detail.contains(words), "{}", problem.detail);
    }
    let long = "x".repeat(10_000);
    assert!(proxied(Ok(answer(500, &[], long.as_bytes())), proxy()).detail.len() < 400);
    let broken = || Err(Transport::Unreachable("refused".to_owned()));
    assert_eq!(proxied(broken(), proxy()).kind, ProblemKind::ProxyUnreachable);
    assert_eq!(proxied(broken(), Via::Direct { plain_http: false }).kind, ProblemKind::RegistryUnreachable);
}

#[test]
fn a_proxy_is_asked_plainly_and_names_the_registry() {
    let via = Via::Proxy { base: "http://127.0.0.1:8080/".to_owned() };
    let pull = Pull::new(Reference::parse("[::1]:5000/a:t").unwrap(), None, via);
    let Step::Fetch(request) = pull.poll() else { panic!("no request") };
    assert_eq!(request.url, "http://127.0.0.1:8080/v2/a/manifests/t?ns=%5B::1%5D:5000");
    assert_eq!(request.headers, [], "a plain GET needs no preflight");
    assert_eq!(pull.poll(), Step::Fetch(request), "the same until provided");
}
