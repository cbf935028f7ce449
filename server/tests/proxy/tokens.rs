//! Tokens: who is asked for them, how often, and who never is.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::response::Response;
use futures_util::future::join_all;
use reqwest::Method;

use crate::{
    fake::{Fake, Seen, answer, good, redirect},
    lagvis::{Lagvis, header, refusal},
};

fn challenge(realm: &str) -> Response {
    let value = format!(r#"Bearer realm="{realm}",service="fake.service",scope="repository:a:pull""#);
    answer(401, &[("www-authenticate", &value)], "")
}

/// A registry with a token server on its own host, which gives out the token of that number.
async fn guarded(number: Arc<AtomicUsize>) -> Fake {
    Fake::start(move |seen| {
        let token = format!("token-{}", number.load(Ordering::SeqCst));
        if seen.target.starts_with("/token") {
            good(format!(r#"{{"token":"{token}","expires_in":60}}"#))
        } else if seen.header("authorization") == format!("Bearer {token}") {
            good("content")
        } else {
            challenge(&format!("http://{}/token", seen.host()))
        }
    })
    .await
}

/// A registry whose realm is given, and whose own token server answers so.
async fn realm(realm: &str, token: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Fake {
    let realm = realm.to_owned();
    Fake::start(move |seen| match seen.target.starts_with("/token") {
        true => token(seen),
        false => challenge(&realm.replace("SELF", seen.host())),
    })
    .await
}

fn token_requests(fake: &Fake) -> usize {
    fake.targets().iter().filter(|target| target.starts_with("/token")).count()
}

#[tokio::test]
async fn a_token_is_fetched_once_and_used_again() {
    let fake = guarded(Arc::default()).await;
    let lagvis = Lagvis::before(&[&fake]);
    for which in ["1", "2", "3"] {
        let response = lagvis.get(&fake.path(&format!("a/manifests/{which}"))).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.text().await.unwrap(), "content");
    }
    let scope = "/token?service=fake.service&scope=repository:a:pull";
    assert_eq!(fake.gets(), [scope, "/v2/a/manifests/1", "/v2/a/manifests/2", "/v2/a/manifests/3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_share_one_token() {
    let fake = guarded(Arc::default()).await;
    let lagvis = Lagvis::before(&[&fake]);
    let blob = fake.blob();
    let answers = join_all((0..20).map(|_| lagvis.get(&blob))).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(token_requests(&fake), 1);
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed() {
    let number = Arc::new(AtomicUsize::new(0));
    let fake = guarded(number.clone()).await;
    let lagvis = Lagvis::before(&[&fake]);
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 200);
    number.store(1, Ordering::SeqCst);
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 200);
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 200);
    assert_eq!(token_requests(&fake), 2);
}

#[tokio::test]
async fn a_token_is_of_one_repository() {
    let fake = guarded(Arc::default()).await;
    let lagvis = Lagvis::before(&[&fake]);
    for name in ["a", "b", "a"] {
        assert_eq!(lagvis.get(&fake.path(&format!("{name}/manifests/1"))).await.status(), 200);
    }
    assert_eq!(token_requests(&fake), 2);
}

#[tokio::test]
async fn a_token_is_asked_for_without_anything_of_the_client() {
    let fake = guarded(Arc::default()).await;
    let lagvis = Lagvis::before(&[&fake]);
    let secrets = [("authorization", "Bearer mine"), ("cookie", "mine=1"), ("range", "bytes=0-1")];
    assert_eq!(lagvis.send(Method::GET, &fake.blob(), &secrets).await.status(), 200);
    let seen = fake.seen().into_iter().find(|seen| seen.target.starts_with("/token")).unwrap();
    for (name, _) in secrets {
        assert_eq!(seen.header(name), "", "{name}");
    }
}

#[tokio::test]
async fn a_realm_on_another_host_is_refused_and_named() {
    let thief = Fake::start_at("127.0.0.2", |_| good(r#"{"token":"stolen"}"#)).await;
    let other = thief.host.as_str();
    for realm_of in [
        format!("http://{other}/token"),
        format!("https://{other}/token"),
        format!("http://127.0.0.1@{other}/token"),
        format!("http://127.0.0.1:80@{other}/token"),
        format!("http:\\\\{other}/token"),
        format!("http://2130706434:{}/token", other.rsplit(':').next().unwrap()),
    ] {
        let fake = realm(&realm_of, |_| good("")).await;
        let lagvis = Lagvis::before(&[&fake]);
        let (status, code, message) = refusal(lagvis.get(&fake.blob()).await).await;
        assert_eq!((status, code.as_str()), (502, "UNKNOWN"), "{realm_of}");
        assert!(message.contains("127.0.0.2") && message.contains("token server"), "{realm_of}: {message}");
    }
    assert_eq!(thief.seen().len(), 0);
}

#[tokio::test]
async fn a_realm_that_is_no_web_address_is_refused() {
    for realm_of in ["file:///etc/passwd", "ftp://127.0.0.1/token", "/token", "SELF/token", "http://", "https://SELF.x"]
    {
        let fake = realm(realm_of, |_| good(r#"{"token":"x"}"#)).await;
        let lagvis = Lagvis::before(&[&fake]);
        let (status, code, _) = refusal(lagvis.get(&fake.blob()).await).await;
        assert_eq!((status, code.as_str(), fake.seen().len()), (502, "UNKNOWN", 1), "{realm_of}");
    }
}

#[tokio::test]
async fn a_realm_with_a_password_is_asked_without_it() {
    let fake = realm("http://user:password@SELF/token", |_| good(r#"{"token":"x"}"#)).await;
    let lagvis = Lagvis::before(&[&fake]);
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 401);
    let seen = fake.seen().into_iter().find(|seen| seen.target.starts_with("/token")).unwrap();
    assert_eq!(seen.header("authorization"), "");
}

#[tokio::test]
async fn a_token_servers_redirect_is_not_followed() {
    let target = Fake::start(|_| good(r#"{"token":"x"}"#)).await;
    let to = format!("http://{}/token", target.host);
    let fake = realm("http://SELF/token", move |_| redirect(&to)).await;
    let lagvis = Lagvis::before(&[&fake, &target]);
    let (status, ..) = refusal(lagvis.get(&fake.blob()).await).await;
    assert_eq!((status, target.seen().len()), (502, 0));
}

#[tokio::test]
async fn a_token_server_that_refuses_leaves_the_registrys_401() {
    for status in [400, 401, 403, 404] {
        let fake = realm("http://SELF/token", move |_| answer(status, &[], "no")).await;
        let lagvis = Lagvis::before(&[&fake]);
        assert_eq!(lagvis.get(&fake.blob()).await.status(), 401, "{status}");
    }
}

#[tokio::test]
async fn a_token_server_that_fails_or_asks_to_wait_is_told() {
    for (status, expected) in
        [(429, (429, "TOOMANYREQUESTS")), (500, (502, "UNAVAILABLE")), (503, (502, "UNAVAILABLE"))]
    {
        let fake = realm("http://SELF/token", move |_| answer(status, &[("retry-after", "7")], "no")).await;
        let lagvis = Lagvis::before(&[&fake]);
        let response = lagvis.get(&fake.blob()).await;
        let wait = header(&response, "retry-after").to_owned();
        let (status, code, message) = refusal(response).await;
        assert_eq!((status, code.as_str()), expected);
        assert!(message.contains("token server"), "{message}");
        assert_eq!(wait, if status == 429 { "7" } else { "" });
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_not_sent() {
    let long = format!(r#"{{"token":"{}"}}"#, "x".repeat(1 << 20));
    for (token, status) in [(long.as_str(), 502), ("no JSON", 401), ("{}", 401), (r#"{"token":"a\r\nb: c"}"#, 401)] {
        let body = token.to_owned();
        let fake = realm("http://SELF/token", move |_| good(body.clone())).await;
        let lagvis = Lagvis::before(&[&fake]);
        assert_eq!(lagvis.get(&fake.blob()).await.status(), status);
        assert!(fake.seen().iter().all(|seen| seen.header("authorization").is_empty()));
    }
}

#[tokio::test]
async fn a_token_that_does_not_help_is_not_asked_for_again_at_once() {
    let fake = realm("http://SELF/token", |_| good(r#"{"token":"useless"}"#)).await;
    let lagvis = Lagvis::before(&[&fake]);
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 401);
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn the_bearer_challenge_is_found_among_several() {
    let fake = Fake::start(|seen| match seen.header("authorization") {
        _ if seen.target.starts_with("/token") => good(r#"{"access_token":"x"}"#),
        "Bearer x" => good("content"),
        _ => {
            let bearer = format!(r#"Bearer realm="http://{}/token""#, seen.host());
            answer(401, &[("www-authenticate", r#"Basic realm="x""#), ("www-authenticate", &bearer)], "")
        }
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 200);
}
