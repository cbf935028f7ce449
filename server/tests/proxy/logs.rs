//! What is written down: a line for each request, figures for each kind, and nothing that is secret; and the end.

use bytes::Bytes;
use reqwest::Method;
use serde_json::Value;

use crate::{
    fake::{Fake, answer, good, once, piped},
    lagvis::{Lagvis, header, soon},
};

#[tokio::test]
async fn each_request_is_a_line_of_json_without_anything_secret() {
    let fake = Fake::start(|seen| match seen.target.as_str() {
        target if target.starts_with("/token") => good(r#"{"token":"token-of-anna"}"#),
        _ if seen.header("authorization").is_empty() => {
            let bearer = format!(r#"Bearer realm="http://{}/token?secret=realm""#, seen.host());
            answer(401, &[("www-authenticate", &bearer)], "")
        }
        _ => good("0123456789"),
    })
    .await;
    let arguments = ["--log", "debug", "--log-format", "json", "--trusted-proxy", "127.0.0.1"];
    let lagvis = Lagvis::before_with(&[&fake], &arguments);
    let headers = [
        ("authorization", "Basic YW5uYTpzZWNyZXQ="),
        ("cookie", "secret-cookie"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-proto", "https"),
    ];
    let path = format!("{}&secret=query", fake.blob());
    assert_eq!(lagvis.send(Method::GET, &path, &headers).await.text().await.unwrap(), "0123456789");
    assert_eq!(lagvis.get("/v2/a/manifests/1?ns=evil.example").await.status(), 403);
    // The last line is written when the body is through, which the client may know first.
    while lagvis.metric("lagvis_requests_in_flight").await > 0 {
        tokio::task::yield_now().await;
    }
    let host = fake.host.clone();
    let log = lagvis.logged();
    for secret in ["YW5uYT", "secret", "token-of-anna", "anna"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<&Value> = lines.iter().filter(|line| line["message"] == "request").collect();
    let blob = requests.iter().find(|line| line["status"] == 200).unwrap();
    assert_eq!((&blob["client"], &blob["method"], &blob["bytes"]), (&"203.0.113.9".into(), &"GET".into(), &10.into()));
    assert_eq!(blob["registry"], host);
    assert!(blob["path"].as_str().unwrap().starts_with("/v2/a/blobs/sha256:") && blob["ms"].is_u64());
    assert!(requests.iter().any(|line| line["status"] == 403 && line["refused"] == "registry"));
}

#[tokio::test]
async fn the_metrics_count_what_was_answered() {
    let fake = Fake::start(|_| good("0123456789")).await;
    let lagvis = Lagvis::before(&[&fake]);
    for _ in 0..3 {
        lagvis.get(&fake.blob()).await.bytes().await.unwrap();
    }
    lagvis.send(Method::POST, &fake.blob(), &[]).await;
    lagvis.get("/v2/").await;
    let response = lagvis.get("/metrics").await;
    assert_eq!(header(&response, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = response.text().await.unwrap();
    for line in [
        "lagvis_requests_total{route=\"blob\",status=\"200\"} 3",
        "lagvis_requests_total{route=\"other\",status=\"405\"} 1",
        "lagvis_requests_total{route=\"version\",status=\"200\"} 1",
        "lagvis_response_bytes_total{route=\"blob\"} 30",
        "lagvis_refusals_total{reason=\"method\"} 1",
        "lagvis_upstream_seconds_count 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains(&fake.host));
    let health = lagvis.get("/healthz").await;
    assert_eq!((health.status().as_u16(), health.text().await.unwrap().as_str()), (200, "ok\n"));
}

#[tokio::test]
async fn at_the_end_requests_are_finished_and_no_new_ones_taken() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(good(body))).await;
    let mut lagvis = Lagvis::before_with(&[&fake], &["--shutdown-grace", "60s"]);
    let mut response = lagvis.get(&fake.blob()).await;
    pipe.send(Ok(Bytes::from_static(b"one"))).await.unwrap();
    assert_eq!(soon(response.chunk()).await.unwrap().unwrap(), "one");
    lagvis.terminate();
    soon(async {
        while lagvis.connects().await {
            tokio::task::yield_now().await;
        }
    })
    .await;
    pipe.send(Ok(Bytes::from_static(b"two"))).await.unwrap();
    drop(pipe);
    assert_eq!(soon(response.bytes()).await.unwrap(), "two");
    assert!(lagvis.ended().await);
}

#[tokio::test]
async fn the_grace_has_an_end() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(good(body))).await;
    let mut lagvis = Lagvis::before_with(&[&fake], &["--shutdown-grace", "200ms"]);
    let response = lagvis.get(&fake.blob()).await;
    lagvis.terminate();
    assert!(lagvis.ended().await);
    assert!(soon(response.bytes()).await.is_err());
    drop(pipe);
}

#[test]
fn the_help_tells_units_defaults_variables_and_examples() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lagvis")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for part in ["[default: 30s]", "LAGVIS_TRUSTED_PROXY", "Examples:", "ms, s, m or h", "--login-url <URL>", "Limits:"]
    {
        assert!(help.contains(part), "{part}\n{help}");
    }
    for wrong in
        [["--stall-timeout", "fast"], ["--cache-bytes", "much"], ["--trusted-proxy", "me"], ["--login-url", "me"]]
    {
        let output =
            std::process::Command::new(env!("CARGO_BIN_EXE_lagvis")).arg("serve").args(wrong).output().unwrap();
        assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains(wrong[0]), "{wrong:?}");
    }
}
