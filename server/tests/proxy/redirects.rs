//! Redirects: where they may lead, and what goes along.

use axum::response::Response;
use reqwest::Method;

use crate::{
    fake::{DIGEST, Fake, Seen, answer, good, redirect},
    lagvis::{Lagvis, header, refusal},
};

/// A registry that wants a token, gives it, and then answers so.
async fn guarded(then: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Fake {
    Fake::start(move |seen| match seen.header("authorization") {
        _ if seen.target.starts_with("/token") => good(r#"{"token":"x"}"#),
        _ if !seen.target.starts_with("/v2/") => then(seen),
        "Bearer x" => then(seen),
        _ => {
            let bearer = format!(r#"Bearer realm="http://{}/token""#, seen.host());
            answer(401, &[("www-authenticate", &bearer)], "")
        }
    })
    .await
}

/// A registry that sends every blob to one address.
async fn sending(to: &str) -> Fake {
    let to = to.to_owned();
    Fake::start(move |_| redirect(&to)).await
}

#[tokio::test]
async fn a_blob_is_followed_to_another_host_without_authorization_or_cookies() {
    for status in [301, 302, 303, 307, 308] {
        let store = Fake::start(|_| good("blob")).await;
        let to = format!("http://{}/stored?signature=s", store.host);
        let fake = guarded(move |_| answer(status, &[("location", &to), ("set-cookie", "a=b")], "")).await;
        let lagvis = Lagvis::before(&[&fake, &store]);
        let secrets = [("authorization", "Bearer mine"), ("cookie", "mine=1")];
        let response = lagvis.send(Method::GET, &fake.blob(), &secrets).await;
        assert_eq!(response.status(), 200, "{status}");
        assert_eq!((header(&response, "location"), header(&response, "set-cookie")), ("", ""));
        assert_eq!(response.text().await.unwrap(), "blob");
        assert_eq!(store.targets(), ["/stored?signature=s"]);
        for name in ["authorization", "cookie", "referer"] {
            assert_eq!(store.seen()[0].header(name), "", "{name}");
        }
    }
}

#[tokio::test]
async fn the_range_and_the_method_go_along() {
    let store = Fake::start(|_| answer(206, &[("content-range", "bytes 1-2/4")], "lo")).await;
    let fake = sending(&format!("http://{}/stored", store.host)).await;
    let lagvis = Lagvis::before(&[&fake, &store]);
    let part = lagvis.send(Method::GET, &fake.blob(), &[("range", "bytes=1-2")]).await;
    assert_eq!((part.status().as_u16(), header(&part, "content-range")), (206, "bytes 1-2/4"));
    lagvis.send(Method::HEAD, &fake.blob(), &[]).await;
    let seen: Vec<_> = store.seen().iter().map(|seen| (seen.method.clone(), seen.header("range").to_owned())).collect();
    assert_eq!(seen, [("GET".to_owned(), "bytes=1-2".to_owned()), ("HEAD".to_owned(), String::new())]);
}

#[tokio::test]
async fn a_redirect_within_the_registry_keeps_the_token() {
    let fake = guarded(|seen| match seen.target.as_str() {
        "/v2/a/moved" => good("moved"),
        _ => redirect("../moved"),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    assert_eq!(lagvis.get(&fake.blob()).await.text().await.unwrap(), "moved");
}

#[tokio::test]
async fn a_token_that_stayed_behind_does_not_come_back() {
    let store = Fake::start(|seen| redirect(&format!("http://{}/back", seen.target.trim_start_matches('/')))).await;
    let to = format!("http://{}", store.host);
    let fake = guarded(move |seen| match seen.target.as_str() {
        "/back" => good(format!("<{}>", seen.header("authorization"))),
        _ => redirect(&format!("{to}/{}", seen.host())),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake, &store]);
    assert_eq!(lagvis.get(&fake.blob()).await.text().await.unwrap(), "<>");
}

#[tokio::test]
async fn five_redirects_are_followed_and_six_are_not() {
    for (hops, status) in [(5, 200), (6, 502)] {
        let fake = Fake::start(move |seen| {
            let so_far: usize = seen.target.strip_prefix("/hop/").map_or(0, |number| number.parse().unwrap());
            if so_far == hops { good("there") } else { redirect(&format!("/hop/{}", so_far + 1)) }
        })
        .await;
        let lagvis = Lagvis::before(&[&fake]);
        assert_eq!(lagvis.get(&fake.blob()).await.status(), status, "{hops}");
        assert_eq!(fake.seen().len(), 6);
    }
}

#[tokio::test]
async fn a_loop_ends_as_an_error() {
    let fake = Fake::start(|seen| redirect(&seen.target)).await;
    let lagvis = Lagvis::before(&[&fake]);
    let (status, code, message) = refusal(lagvis.get(&fake.blob()).await).await;
    assert_eq!((status, code.as_str()), (502, "UNKNOWN"));
    assert!(message.contains("redirects in a circle"), "{message}");
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_an_error() {
    for location in [None, Some(""), Some("http://"), Some("http://[::1"), Some("\u{ff}")] {
        let fake = Fake::start(move |_| {
            let mut response = answer(307, &[], "");
            if let Some(text) = location.filter(|text| !text.is_empty()) {
                let value = http::HeaderValue::from_bytes(text.as_bytes()).unwrap();
                response.headers_mut().insert("location", value);
            }
            response
        })
        .await;
        let lagvis = Lagvis::before(&[&fake]);
        let (status, _, message) = refusal(lagvis.get(&fake.blob()).await).await;
        assert_eq!((status, fake.seen().len()), (502, 1), "{message}");
    }
}

#[tokio::test]
async fn private_addresses_are_not_reached_unless_the_operator_named_them() {
    let inside = Fake::start(|_| good("secret")).await;
    let port = inside.port().to_owned();
    for target in [
        format!("http://{}/", inside.host),
        format!("https://{}/", inside.host),
        format!("//{}/", inside.host),
        format!("https://localhost:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://0x7f.1:{port}/"),
        format!("https://127.1:{port}/"),
        format!("https://0.0.0.0:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://[::]:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:,secret".to_owned(),
    ] {
        let fake = sending(&target).await;
        let lagvis = Lagvis::before(&[&fake]);
        let (status, code, message) = refusal(lagvis.get(&fake.blob()).await).await;
        // A name is known to lead within only once it is asked for.
        let expected = if target.contains("localhost") { "UNAVAILABLE" } else { "UNKNOWN" };
        assert_eq!((status, code.as_str()), (502, expected), "{target}");
        let told = ["not https", "not a public address", "no public address", "to nowhere"];
        assert!(told.iter().any(|why| message.contains(why)), "{target}: {message}");
    }
    assert_eq!((inside.seen().len(), inside.accepted()), (0, 0));
    let fake = sending(&format!("http://{}/", inside.host)).await;
    let lagvis = Lagvis::before(&[&fake, &inside]);
    assert_eq!(lagvis.get(&fake.blob()).await.text().await.unwrap(), "secret");
}

#[tokio::test]
async fn a_document_does_not_leave_its_registry() {
    let store = Fake::start_at("127.0.0.2", |_| good("{}")).await;
    let fake = sending(&format!("https://{}/", store.host)).await;
    let lagvis = Lagvis::before(&[&fake]);
    for rest in ["a/manifests/1", "a/tags/list", &format!("a/referrers/{DIGEST}")] {
        let (status, _, message) = refusal(lagvis.get(&fake.path(rest)).await).await;
        assert_eq!(status, 502);
        assert!(message.contains("a document to another host"), "{rest}: {message}");
    }
    assert_eq!(store.seen().len(), 0);
}

#[tokio::test]
async fn a_document_goes_to_another_registry_that_is_allowed() {
    let region = Fake::start_at("127.0.0.2", |_| good("{}")).await;
    let fake = sending(&format!("http://{}/v2/a/manifests/1", region.host)).await;
    let lagvis = Lagvis::before(&[&fake, &region]);
    assert_eq!(lagvis.get(&fake.path("a/manifests/1")).await.status(), 200);
}

#[tokio::test]
async fn a_password_in_a_redirect_is_not_sent() {
    let store = Fake::start(|_| good("blob")).await;
    let fake = sending(&format!("http://user:password@{}/", store.host)).await;
    let lagvis = Lagvis::before(&[&fake, &store]);
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 200);
    assert_eq!(store.seen()[0].header("authorization"), "");
}

#[tokio::test]
async fn a_signed_address_is_not_told() {
    let closed = Fake::start_raw(b"").await;
    let fake = sending(&format!("http://{}/x?signature=secret", closed.host)).await;
    let lagvis = Lagvis::before(&[&fake, &closed]);
    let (status, _, message) = refusal(lagvis.get(&fake.blob()).await).await;
    assert_eq!((status, message.contains("secret")), (502, false), "{message}");
    let cut = Fake::start_raw(b"HTTP/1.1 404 Not Found\r\ncontent-length: 100\r\n\r\ncut").await;
    let fake = sending(&format!("http://{}/x?signature=secret", cut.host)).await;
    let lagvis = Lagvis::before(&[&fake, &cut]);
    let (status, _, message) = refusal(lagvis.get(&fake.blob()).await).await;
    assert_eq!((status, message.contains("secret")), (502, false), "{message}");
}
