//! Challenges, tokens, passwords, and waits of one request.

use super::*;
use crate::registry::{Access, Exchange, HttpRequest, Login, Moment, Next, WaitReason};

const AT: Moment = Moment { now: 1_000, chance: 0 };
const REALM: &str = r#"Bearer realm="https://auth.docker.io/token",service="s",scope="repository:a/b:pull,push""#;

fn direct(login: Option<(&str, &str)>) -> Access {
    let login = login.map(|(name, password)| Login::new(name, password).unwrap());
    Access::new(Via::Direct { plain_http: false }, Reference::parse("a/b:t").unwrap(), login).unwrap()
}

fn exchange() -> Exchange {
    Exchange::new(HttpRequest::get(format!("{BASE}/manifests/t"), Vec::new(), 10))
}

fn sent(exchange: &Exchange, access: &Access) -> HttpRequest {
    match exchange.poll(access) {
        Next::Send(request) => request,
        next => panic!("{next:?}"),
    }
}

fn authorization(request: &HttpRequest) -> Option<&str> {
    request.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_str())
}

fn refusal(challenge: &str) -> Result<HttpResponse, Transport> {
    Ok(answer(401, &[("www-authenticate", challenge)], b""))
}

fn token(text: &str) -> Result<HttpResponse, Transport> {
    Ok(answer(200, &[], format!(r#"{{"token":"{text}"}}"#).as_bytes()))
}

#[test]
fn a_token_is_got_used_and_renewed() {
    let mut access = direct(None);
    let mut first = exchange();
    assert_eq!(authorization(&sent(&first, &access)), None);
    first.provide(&mut access, refusal(REALM), AT).unwrap();
    let request = sent(&first, &access);
    assert_eq!(request.url, "https://auth.docker.io/token?service=s&scope=repository:a/b:pull%2Cpush");
    assert_eq!(request.headers, []);
    first.provide(&mut access, token("one"), AT).unwrap();
    assert_eq!(authorization(&sent(&first, &access)), Some("Bearer one"));
    first.provide(&mut access, Ok(answer(200, &[], b"x")), AT).unwrap();
    assert_eq!(first.poll(&access), Next::Done);
    assert_eq!(first.answer().unwrap().unwrap().body, b"x");

    // The next request carries it; once it ran out it is renewed.
    let mut second = exchange();
    assert_eq!(authorization(&sent(&second, &access)), Some("Bearer one"));
    second.provide(&mut access, refusal(REALM), AT).unwrap();
    second.provide(&mut access, token("two"), AT).unwrap();
    assert_eq!(authorization(&sent(&second, &access)), Some("Bearer two"));
    // Refused with a new token: it stands.
    second.provide(&mut access, refusal(REALM), AT).unwrap();
    assert_eq!(second.answer().unwrap().unwrap().status, 401);
}

#[test]
fn a_password_goes_to_the_registrys_own_token_server_for_pulling_only() {
    let mut access = direct(Some(("anna", "pw")));
    let mut exchange = exchange();
    assert_eq!(authorization(&sent(&exchange, &access)), None, "not before it is asked for");
    exchange.provide(&mut access, refusal(REALM), AT).unwrap();
    let request = sent(&exchange, &access);
    assert_eq!(request.url, "https://auth.docker.io/token?service=s&scope=repository:a/b:pull");
    assert_eq!(authorization(&request), Some("Basic YW5uYTpwdw=="));
    exchange.provide(&mut access, token("one"), AT).unwrap();
    assert_eq!(authorization(&sent(&exchange, &access)), Some("Bearer one"), "the registry gets the token alone");

    for realm in
        ["https://evil.example/token", "https://auth.docker.io.evil.example/t", "https://auth.docker.io@evil.example/"]
    {
        let mut access = direct(Some(("anna", "pw")));
        let challenge = format!(r#"Bearer realm="{realm}""#);
        let problem = Exchange::new(HttpRequest::get(format!("{BASE}/x"), Vec::new(), 1))
            .provide(&mut access, refusal(&challenge), AT)
            .unwrap_err();
        assert_eq!(problem.kind, ProblemKind::AccessDenied, "{realm}");
        assert!(!problem.to_string().contains("pw"));
    }
}

#[test]
fn wrong_passwords_are_told_as_such() {
    // At the token server.
    let mut access = direct(Some(("anna", "pw")));
    let mut at_token = exchange();
    at_token.provide(&mut access, refusal(REALM), AT).unwrap();
    let problem = at_token.provide(&mut access, Ok(answer(401, &[], b"")), AT).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::LoginRefused);
    // At a registry with passwords of its own.
    let mut access = direct(Some(("anna", "pw")));
    let mut basic = exchange();
    basic.provide(&mut access, refusal(r#"Basic realm="x""#), AT).unwrap();
    assert_eq!(authorization(&sent(&basic, &access)), Some("Basic YW5uYTpwdw=="));
    let problem = basic.provide(&mut access, refusal(r#"Basic realm="x""#), AT).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::LoginRefused);
    // Through a proxy they are sent at once.
    let reference = Reference::parse("ghcr.io/a/b").unwrap();
    let via = Via::Proxy { base: "https://proxy.example/".to_owned() };
    let mut access = Access::new(via, reference, Some(Login::new("anna", "pw").unwrap())).unwrap();
    let request = HttpRequest::get("https://proxy.example/v2/a/b/manifests/t?ns=ghcr.io".to_owned(), Vec::new(), 1);
    let mut proxied = Exchange::new(request);
    assert_eq!(authorization(&sent(&proxied, &access)), Some("Basic YW5uYTpwdw=="));
    let body =
        json!({"errors": [{"code": "UNAUTHORIZED", "message": "no", "detail": {"source": "proxy"}}]}).to_string();
    let problem = proxied.provide(&mut access, Ok(answer(401, &[], body.as_bytes())), AT).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::LoginRefused);
    // Without a password it is for the pull to say what that means.
    let mut nobody = exchange();
    nobody.provide(&mut direct(None), refusal(r#"Basic realm="x""#), AT).unwrap();
    assert_eq!(nobody.answer().unwrap().unwrap().status, 401);
}

#[test]
fn tokens_are_not_fetched_in_the_clear_or_from_elsewhere() {
    for (realm, plain_http, met) in [
        ("http://localhost:5001/t", true, true),
        ("http://localhost:5001/t", false, false),
        ("http://other/t", true, false),
        ("https://other/t", false, true),
    ] {
        let reference = Reference::parse("localhost:5000/a:t").unwrap();
        let mut access = Access::new(Via::Direct { plain_http }, reference, None).unwrap();
        let end = exchange().provide(&mut access, refusal(&format!(r#"Bearer realm="{realm}""#)), AT);
        assert_eq!(end.map_err(|problem| problem.kind), if met { Ok(()) } else { Err(ProblemKind::AccessDenied) });
    }
}

#[test]
fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let mut access = direct(None);
    let mut patient = exchange();
    let broken = || Err(Transport::Unreachable("refused".to_owned()));
    for failure in [broken(), Ok(answer(502, &[], b""))] {
        patient.provide(&mut access, failure, AT).unwrap();
        assert!(matches!(patient.poll(&access), Next::Wait(waiting) if waiting.reason == WaitReason::Broken));
        patient.waited();
    }
    patient.provide(&mut access, broken(), AT).unwrap();
    assert_eq!(patient.answer(), Some(broken()), "the third time");
    let mut offline = exchange();
    offline.provide(&mut access, Err(Transport::Offline), AT).unwrap();
    assert_eq!(offline.answer(), Some(Err(Transport::Offline)));

    let mut limited = exchange();
    let headers = [("retry-after", "30"), ("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "0;w=21600")];
    limited.provide(&mut access, Ok(answer(429, &headers, b"")), AT).unwrap();
    let Next::Wait(waiting) = limited.poll(&access) else { panic!("no wait") };
    assert_eq!((waiting.reason, waiting.until), (WaitReason::Asked, 31_000));
    assert_eq!(waiting.quota.unwrap().remaining, Some(0));
    let problem = limited.provide(&mut access, Ok(answer(429, &[("retry-after", "7200")], b"")), AT).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::RateLimited);
    assert!(problem.detail.contains("longer than the 15 minutes"), "{problem}");
}
