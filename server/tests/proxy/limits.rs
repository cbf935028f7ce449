//! Limits: each client has its own, a trusted proxy tells clients apart, and who must wait is told how long.

use bytes::Bytes;
use futures_util::future::join_all;
use reqwest::{Method, Response};
use tokio::io::AsyncReadExt as _;

use crate::{
    fake::{Fake, answer, good, once, piped},
    lagvis::{Lagvis, header, refusal, soon},
};

/// Asks as if for another.
async fn ask_for(lagvis: &Lagvis, path: &str, client: &str) -> Response {
    lagvis.send(Method::GET, path, &[("x-forwarded-for", client)]).await
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_to_wait_and_others_are_not() {
    let fake = Fake::start(|_| good("")).await;
    let arguments = ["--rate", "1", "--burst", "3", "--trusted-proxy", "127.0.0.1"];
    let lagvis = Lagvis::before_with(&[&fake], &arguments);
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(ask_for(&lagvis, &fake.blob(), "203.0.113.1").await.status().as_u16());
    }
    assert_eq!(statuses[..3], [200, 200, 200]);
    assert!(statuses.contains(&429), "{statuses:?}");
    let late = ask_for(&lagvis, &fake.blob(), "1.2.3.4, 203.0.113.1").await;
    let (wait, cache) = (header(&late, "retry-after").to_owned(), header(&late, "cache-control").to_owned());
    assert_eq!(header(&late, "access-control-allow-origin"), "*");
    if late.status() == 429 {
        assert_eq!((wait.as_str(), cache.as_str()), ("1", "no-store"));
        assert_eq!(refusal(late).await.1, "TOOMANYREQUESTS");
    }
    assert_eq!(ask_for(&lagvis, &fake.blob(), "203.0.113.2").await.status(), 200);
    assert!(lagvis.metric("lagvis_refusals_total{reason=\"rate\"}").await > 0);
    assert_eq!(fake.seen().len() as u64, lagvis.metric("lagvis_requests_total{route=\"blob\",status=\"200\"}").await);
}

#[tokio::test]
async fn who_is_not_trusted_is_one_client_whatever_it_says() {
    let fake = Fake::start(|_| good("")).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--rate", "1", "--burst", "3"]);
    let all = (0..30).map(|number| format!("203.0.113.{number}"));
    let blob = fake.blob();
    let answers = join_all(all.map(|client| {
        let lagvis = &lagvis;
        let blob = &blob;
        async move { ask_for(lagvis, blob, &client).await }
    }))
    .await;
    assert!(answers.iter().any(|answer| answer.status() == 429));
}

#[tokio::test]
async fn so_many_requests_of_a_client_and_of_all_are_answered_at_once() {
    let (pipes, bodies): (Vec<_>, Vec<_>) = (0..3).map(|_| piped()).unzip();
    let bodies = std::sync::Mutex::new(bodies);
    let fake = Fake::start(move |_| bodies.lock().unwrap().pop().map_or_else(|| good("more"), good)).await;
    let arguments = ["--client-requests", "2", "--requests", "3", "--trusted-proxy", "127.0.0.1"];
    let lagvis = Lagvis::before_with(&[&fake], &arguments);
    let one =
        [ask_for(&lagvis, &fake.blob(), "203.0.113.1").await, ask_for(&lagvis, &fake.blob(), "203.0.113.1").await];
    let (status, code, message) = refusal(ask_for(&lagvis, &fake.blob(), "203.0.113.1").await).await;
    assert_eq!((status, code.as_str()), (429, "TOOMANYREQUESTS"));
    assert!(message.contains("your requests"), "{message}");
    let two = ask_for(&lagvis, &fake.blob(), "203.0.113.2").await;
    assert_eq!(two.status(), 200);
    let third = ask_for(&lagvis, &fake.blob(), "203.0.113.3").await;
    assert_eq!(header(&third, "retry-after"), "1");
    assert!(refusal(third).await.2.contains("as many requests as it can"));
    // The bodies come to an end, and with them the places are free.
    drop(pipes);
    for response in one.into_iter().chain([two]) {
        soon(response.bytes()).await.unwrap();
    }
    assert_eq!(ask_for(&lagvis, &fake.blob(), "203.0.113.3").await.text().await.unwrap(), "more");
    assert_eq!(lagvis.metric("lagvis_requests_in_flight").await, 0);
}

#[tokio::test]
async fn a_client_that_leaves_leaves_its_place() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(good(body))).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--requests", "1"]);
    let response = lagvis.get(&fake.blob()).await;
    pipe.send(Ok(Bytes::from_static(b"some"))).await.unwrap();
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 429);
    drop(response);
    soon(pipe.closed()).await;
    while lagvis.metric("lagvis_requests_in_flight").await > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(lagvis.get(&fake.blob()).await.status(), 500);
}

#[tokio::test]
async fn headers_that_are_too_large_are_refused() {
    let fake = Fake::start(|_| answer(200, &[], "")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let large = "x".repeat(100_000);
    let response = lagvis.send(Method::GET, &fake.blob(), &[("x-large", &large)]).await;
    assert_eq!((response.status().as_u16(), fake.seen().len()), (431, 0));
}

#[tokio::test]
async fn so_many_connections_are_open_and_more_wait() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--connections", "2"]);
    let held = [lagvis.connect().await, lagvis.connect().await];
    let mut waiting = lagvis.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut waiting, b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    tokio::select! {
        biased;
        _ = waiting.read_to_string(&mut answer) => panic!("a third connection was taken: {answer}"),
        () = tokio::time::sleep(std::time::Duration::from_millis(300)) => {}
    }
    drop(held);
    soon(waiting.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("ok\n"), "{answer}");
}

#[tokio::test]
async fn documents_that_a_client_does_not_take_have_no_room_without_end() {
    let fake = Fake::start(|_| good(Bytes::from(vec![b' '; 4 << 20]))).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--trusted-proxy", "127.0.0.1"]);
    let path = fake.path("a/tags/list");
    let before = lagvis.memory("VmRSS");
    // Heads are read, bodies are not.
    let mut held = Vec::new();
    let refused = loop {
        let response = ask_for(&lagvis, &path, "203.0.113.1").await;
        if response.status() == 429 {
            break response;
        }
        held.push(response);
        assert!(held.len() <= 60, "240 MiB are held for one client");
    };
    assert_eq!((header(&refused, "retry-after"), held.len() >= 8), ("1", true));
    assert!(lagvis.metric("lagvis_refusals_total{reason=\"documents\"}").await > 0);
    let grown = lagvis.memory("VmRSS").saturating_sub(before);
    assert!(grown < 100_000, "{grown} kB for {} documents", held.len());
    // Others have their own room, and who lets go has it back.
    assert_eq!(ask_for(&lagvis, &path, "203.0.113.2").await.status(), 200);
    held.clear();
    soon(async {
        while ask_for(&lagvis, &path, "203.0.113.1").await.status() != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
