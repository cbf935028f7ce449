//! Passwords: taken on a safe way alone, given to their registry's own token server or to the registry itself, never to
//! anybody else; answers that they gave are nobody else's, and nothing of them is written down.

use axum::response::Response;
use lagvis::image::Digest;
use reqwest::Method;

use crate::{
    fake::{Fake, Seen, answer, good, redirect},
    lagvis::{Lagvis, header, refusal},
};

/// `anna:secret`, `bert:other` and `anna:wrong`.
const ANNA: (&str, &str) = ("authorization", "Basic YW5uYTpzZWNyZXQ=");
const BERT: (&str, &str) = ("authorization", "Basic YmVydDpvdGhlcg==");
const WRONG: (&str, &str) = ("authorization", "Basic YW5uYTp3cm9uZw==");
const PAGE: (&str, &str) = ("sec-fetch-mode", "cors");

fn challenge(realm: &str) -> Response {
    let value = format!(r#"Bearer realm="{realm}",service="fake",scope="repository:other:pull,push""#);
    answer(401, &[("www-authenticate", &value)], "")
}

/// A registry whose token server knows two people, each with a token of their own; anybody may see `open`.
fn guarded(seen: &Seen) -> Response {
    let (target, authorization) = (seen.target.as_str(), seen.header("authorization"));
    if target.starts_with("/token") {
        return match authorization {
            a if a == ANNA.1 => good(r#"{"token":"of-anna","expires_in":300}"#),
            a if a == BERT.1 => good(r#"{"token":"of-bert"}"#),
            "" => good(r#"{"token":"of-nobody"}"#),
            _ => answer(401, &[], "who is that?"),
        };
    }
    let body = r#"{"of":"anna"}"#;
    let digest = Digest::of(body.as_bytes()).to_string();
    let headers = [("content-type", "application/vnd.oci.image.manifest.v1+json"), ("docker-content-digest", &*digest)];
    match authorization {
        "Bearer of-anna" => answer(200, &headers, body),
        _ => challenge(&format!("http://{}/token", seen.host())),
    }
}

/// A registry that takes the password itself.
fn basic(seen: &Seen) -> Response {
    match seen.header("authorization") == ANNA.1 {
        true => good("private"),
        false => answer(401, &[("www-authenticate", "Basic realm=\"registry\"")], "no"),
    }
}

fn authorizations(fake: &Fake) -> Vec<String> {
    fake.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect()
}

#[tokio::test]
async fn a_password_is_exchanged_for_a_token_to_pull_this_repository() {
    let fake = Fake::start(guarded).await;
    let lagvis = Lagvis::before(&[&fake]);
    for _ in 0..2 {
        assert_eq!(lagvis.send(Method::GET, &fake.blob(), &[ANNA]).await.status(), 200);
    }
    let asked: Vec<_> = fake.seen().into_iter().filter(|seen| seen.target.starts_with("/token")).collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].target, "/token?service=fake&scope=repository%3Aa%3Apull");
    // The registry itself never has the password.
    let rest: Vec<_> = fake.seen().into_iter().filter(|seen| !seen.target.starts_with("/token")).collect();
    assert!(rest.iter().all(|seen| !seen.header("authorization").starts_with("Basic")));
}

#[tokio::test]
async fn a_registry_that_wants_the_password_itself_has_it_and_a_wrong_one_is_told() {
    let fake = Fake::start(basic).await;
    let lagvis = Lagvis::before(&[&fake]);
    for _ in 0..2 {
        let response = lagvis.send(Method::GET, &fake.blob(), &[ANNA]).await;
        assert_eq!(response.text().await.unwrap(), "private");
    }
    // Once it is known what it wants, it is not asked without.
    assert_eq!(authorizations(&fake), ["", ANNA.1, ANNA.1]);
    let (status, code, message) = refusal(lagvis.send(Method::GET, &fake.blob(), &[WRONG]).await).await;
    assert_eq!((status, code.as_str()), (401, "UNAUTHORIZED"));
    assert!(message.contains("does not take this name and password"), "{message}");
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 401);
    assert_eq!(lagvis.send(Method::GET, &fake.blob(), &[ANNA]).await.status(), 200);
}

#[tokio::test]
async fn a_wrong_password_at_a_token_server_is_told() {
    let fake = Fake::start(guarded).await;
    let lagvis = Lagvis::before(&[&fake]);
    let (status, code, _) = refusal(lagvis.send(Method::GET, &fake.blob(), &[WRONG, PAGE]).await).await;
    assert_eq!((status, code.as_str()), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn what_one_may_see_is_not_shown_to_another() {
    let fake = Fake::start(guarded).await;
    let lagvis = Lagvis::before(&[&fake]);
    let digest = Digest::of(br#"{"of":"anna"}"#);
    for rest in ["a/manifests/1".to_owned(), format!("a/manifests/{digest}"), format!("a/blobs/{digest}")] {
        for (who, status) in
            [(&[][..], 401), (&[ANNA], 200), (&[BERT], 401), (&[], 401), (&[WRONG], 401), (&[ANNA], 200)]
        {
            let response = lagvis.send(Method::GET, &fake.path(&rest), who).await;
            assert_eq!(response.status(), status, "{rest} {who:?}");
        }
    }
    assert_eq!(lagvis.metric("lagvis_cache_bytes").await, 0);
}

#[tokio::test]
async fn what_a_password_gave_is_kept_by_nobody_in_between() {
    let fake = Fake::start(guarded).await;
    let lagvis = Lagvis::before(&[&fake]);
    let digest = Digest::of(br#"{"of":"anna"}"#);
    for (rest, cache) in [
        ("a/manifests/1".to_owned(), "private, no-store"),
        ("a/tags/list".to_owned(), "private, no-store"),
        (format!("a/manifests/{digest}"), "private, max-age=31536000, immutable"),
        (format!("a/blobs/{digest}"), "private, max-age=31536000, immutable"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let response = lagvis.send(method, &fake.path(&rest), &[ANNA]).await;
            assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (200, cache), "{rest}");
        }
    }
    for wrong in [&[WRONG][..], &[]] {
        assert_eq!(header(&lagvis.send(Method::GET, &fake.blob(), wrong).await, "cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_password_goes_to_no_other_host() {
    let thief = Fake::start_at("127.0.0.2", |_| good(r#"{"token":"of-anna"}"#)).await;
    for target in [
        format!("http://{}/token", thief.host),
        "https://169.254.169.254/token".to_owned(),
        "https://10.0.0.1/".to_owned(),
    ] {
        let realm = target.clone();
        let fake = Fake::start(move |_| challenge(&realm)).await;
        // The thief is a registry of the operator's, and may give tokens; a password it does not get.
        let lagvis = Lagvis::before(&[&fake, &thief]);
        let (status, code, message) = refusal(lagvis.send(Method::GET, &fake.blob(), &[ANNA]).await).await;
        assert_eq!((status, code.as_str()), (502, "UNKNOWN"), "{target}");
        assert!(message.contains("not known as its token server"), "{message}");
        assert!(fake.seen().iter().all(|seen| seen.header("authorization").is_empty()));
    }
    assert_eq!(thief.seen().len(), 0);
}

#[tokio::test]
async fn a_token_server_that_the_operator_named_has_the_password() {
    let server = Fake::start_at("127.0.0.2", guarded).await;
    let realm = format!("http://{}/token", server.host);
    let fake = Fake::start(move |seen| match seen.header("authorization") {
        "Bearer of-anna" => good("private"),
        _ => challenge(&realm),
    })
    .await;
    let named = format!("{}={}", fake.host, server.host);
    let lagvis = Lagvis::before_with(&[&fake], &["--token-server", &named]);
    assert_eq!(lagvis.send(Method::GET, &fake.blob(), &[ANNA]).await.text().await.unwrap(), "private");
    assert_eq!(authorizations(&server), [ANNA.1]);
}

#[tokio::test]
async fn a_password_stays_behind_at_a_redirect() {
    let store = Fake::start_at("127.0.0.2", |_| good("blob")).await;
    let to = format!("http://{}/stored", store.host);
    let fake = Fake::start(move |seen| match seen.header("authorization") == ANNA.1 {
        true => redirect(&to),
        false => basic(seen),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake, &store]);
    for _ in 0..2 {
        assert_eq!(lagvis.send(Method::GET, &fake.blob(), &[ANNA]).await.text().await.unwrap(), "blob");
    }
    assert_eq!(authorizations(&store), ["", ""]);
}

#[tokio::test]
async fn a_password_is_not_sent_where_none_is_asked_for() {
    for other in ["", "Digest realm=\"x\"", "Negotiate", "Basicx realm=\"x\""] {
        let fake = Fake::start(move |_| answer(401, &[("www-authenticate", other)], "no")).await;
        let lagvis = Lagvis::before(&[&fake]);
        assert_eq!(lagvis.send(Method::GET, &fake.blob(), &[ANNA]).await.status(), 401);
        assert_eq!(authorizations(&fake), [""], "{other}");
    }
    let open = Fake::start(|_| good("open")).await;
    let lagvis = Lagvis::before(&[&open]);
    assert_eq!(lagvis.send(Method::GET, &open.blob(), &[ANNA]).await.text().await.unwrap(), "open");
    assert_eq!(authorizations(&open), [""]);
}

#[tokio::test]
async fn a_password_over_plain_http_from_elsewhere_is_refused_and_not_used() {
    let fake = Fake::start(basic).await;
    let (from, tls, plain) =
        (("x-forwarded-for", "203.0.113.1"), ("x-forwarded-proto", "https"), ("x-forwarded-proto", "http"));
    let trusting = Lagvis::before_with(&[&fake], &["--trusted-proxy", "127.0.0.1"]);
    assert_eq!(trusting.send(Method::GET, &fake.blob(), &[ANNA, from, tls]).await.status(), 200);
    let before = fake.seen().len();
    for headers in [&[ANNA, from, plain][..], &[ANNA, from]] {
        let response = trusting.send(Method::GET, &fake.blob(), headers).await;
        // Asking for it again would have it sent again.
        assert_eq!(header(&response, "www-authenticate"), "");
        let (status, code, message) = refusal(response).await;
        assert_eq!((status, code.as_str()), (401, "UNAUTHORIZED"));
        assert!(message.contains("https"), "{message}");
    }
    // Somebody forwards whom the operator did not name.
    let trusting_nobody = Lagvis::before(&[&fake]);
    assert_eq!(trusting_nobody.send(Method::GET, &fake.blob(), &[ANNA, from, tls]).await.status(), 401);
    assert_eq!(fake.seen().len(), before);
    let careless = Lagvis::before_with(&[&fake], &["--http-passwords"]);
    assert_eq!(careless.send(Method::GET, &fake.blob(), &[ANNA, from]).await.status(), 200);
}

#[tokio::test]
async fn an_authorization_that_cannot_be_read_is_told_and_reaches_nobody() {
    let fake = Fake::start(basic).await;
    let lagvis = Lagvis::before(&[&fake]);
    for value in ["Basic", "Basic ???", "Basic YQ==", "Digest username=\"x\""] {
        let (status, code, _) =
            refusal(lagvis.send(Method::GET, &fake.blob(), &[("authorization", value)]).await).await;
        assert_eq!((status, code.as_str()), (401, "UNAUTHORIZED"), "{value}");
    }
    let (status, ..) = refusal(lagvis.send(Method::GET, &fake.blob(), &[ANNA, BERT]).await).await;
    assert_eq!((status, fake.seen().len()), (401, 0));
}

#[tokio::test]
async fn a_page_is_not_challenged_and_other_clients_are() {
    let fake = Fake::start(basic).await;
    let lagvis = Lagvis::before(&[&fake]);
    for (headers, challenge) in [
        (&[][..], "Basic realm=\"lagvis\", charset=\"UTF-8\""),
        (&[("user-agent", "containers/5.24")], "Basic realm=\"lagvis\", charset=\"UTF-8\""),
        (&[PAGE], ""),
        (&[("origin", "http://localhost:8000")], ""),
        (&[("user-agent", "Mozilla/5.0")], ""),
    ] {
        for who in [&[][..], &[WRONG]] {
            let response = lagvis.send(Method::GET, &fake.blob(), &[headers, who].concat()).await;
            assert_eq!((response.status().as_u16(), header(&response, "www-authenticate")), (401, challenge));
        }
    }
}

#[tokio::test]
async fn a_login_is_a_token_that_holds_the_password_for_the_proxy_alone() {
    let fake = Fake::start(basic).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--login-url", "http://pull.example:8080/"]);
    let response = lagvis.get("/v2/").await;
    let challenge = r#"Bearer realm="http://pull.example:8080/v2/token",service="lagvis""#;
    assert_eq!((response.status().as_u16(), header(&response, "www-authenticate")), (401, challenge));
    assert_eq!(lagvis.send(Method::GET, "/v2/", &[PAGE]).await.status(), 200);
    for (who, status) in [(&[][..], 401), (&[ANNA], 200), (&[WRONG], 401)] {
        let response = lagvis.send(Method::GET, "/v2/token?service=lagvis&scope=repository:a:pull", who).await;
        assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (200, "no-store"));
        let body: serde_json::Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
        assert!(!bearer.contains("YW5uYT") && body["expires_in"] == 300);
        assert_eq!(lagvis.send(Method::GET, "/v2/", &[("authorization", &bearer)]).await.status(), 200);
        let blob = lagvis.send(Method::GET, &fake.blob(), &[("authorization", &bearer)]).await;
        assert_eq!(blob.status(), status, "{who:?}");
    }
    for old in ["Bearer x", "Bearer "] {
        let response = lagvis.send(Method::GET, &fake.blob(), &[("authorization", old)]).await;
        assert_eq!((response.status().as_u16(), header(&response, "www-authenticate")), (401, challenge));
    }
    // Without a login there is no such address, and somebody else's token is nothing.
    let without = Lagvis::before(&[&fake]);
    assert_eq!(without.get("/v2/token").await.status(), 404);
    assert_eq!(without.get("/v2/").await.status(), 200);
}

#[tokio::test]
async fn who_guesses_passwords_is_soon_told_to_wait() {
    let fake = Fake::start(guarded).await;
    let arguments = ["--rate", "1", "--burst", "50", "--trusted-proxy", "127.0.0.1"];
    let lagvis = Lagvis::before_with(&[&fake], &arguments);
    let from = |ip: &'static str| [("x-forwarded-for", ip), ("x-forwarded-proto", "https"), PAGE];
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let headers = [&from("203.0.113.1")[..], &[WRONG]].concat();
        statuses.push(lagvis.send(Method::GET, &fake.path("a/manifests/1"), &headers).await.status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
    // Neither others nor right passwords count so.
    for _ in 0..5 {
        let headers = [&from("203.0.113.2")[..], &[ANNA]].concat();
        assert_eq!(lagvis.send(Method::GET, &fake.path("a/manifests/1"), &headers).await.status(), 200);
    }
}
