//! Slow on purpose: clients that never finish a request or take no answer, registries that never finish theirs. Each
//! is let go of, and told where somebody listens.

use std::{io, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{interval, sleep},
};

use crate::{
    fake::{Fake, good, once, piped},
    lagvis::{Lagvis, refusal, soon},
};

/// Short, so that the tests are; everything else about them is as it would be.
const IMPATIENT: [&str; 6] = ["--header-timeout", "500ms", "--stall-timeout", "500ms", "--document-timeout", "1500ms"];

/// A body that comes a byte at a time, each soon enough to be no silence, and never ends.
fn dripping() -> Body {
    Body::from_stream(stream::unfold((), |()| async {
        sleep(Duration::from_millis(100)).await;
        Some((Ok::<_, io::Error>(Bytes::from_static(b" ")), ()))
    }))
}

#[tokio::test]
async fn a_client_that_never_finishes_its_headers_is_hung_up_on() {
    let fake = Fake::start(|_| good("")).await;
    let lagvis = Lagvis::before_with(&[&fake], &IMPATIENT);
    let (mut reading, mut writing) = lagvis.connect().await.into_split();
    writing.write_all(b"GET /v2/ HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let drip = async {
        let mut ticks = interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            if writing.write_all(b"x: y\r\n").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        // Ended or reset, as it comes.
        _ = soon(reading.read_to_end(&mut answer)) => {}
        () = drip => {}
    }
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}

#[tokio::test]
async fn a_connection_without_a_request_is_hung_up_on() {
    let fake = Fake::start(|_| good("")).await;
    let lagvis = Lagvis::before_with(&[&fake], &IMPATIENT);
    let mut answer = Vec::new();
    let mut silent = lagvis.connect().await;
    soon(silent.read_to_end(&mut answer)).await.unwrap();
    // The same after an answer.
    let mut kept = lagvis.connect().await;
    kept.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    soon(kept.read_to_end(&mut answer)).await.unwrap();
    assert!(String::from_utf8_lossy(&answer).ends_with("ok\n"));
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_hung_up_on_and_its_blob_ends() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(good(body))).await;
    let lagvis = Lagvis::before_with(&[&fake], &["--stall-timeout", "500ms"]);
    let mut client = lagvis.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nhost: x\r\n\r\n", fake.blob());
    client.write_all(request.as_bytes()).await.unwrap();
    let part = Bytes::from(vec![0; 1 << 16]);
    // As much as all buffers on the way take, and then nothing, until the proxy lets go.
    soon(async { while pipe.send(Ok(part.clone())).await.is_ok() {} }).await;
    drop(client);
}

#[tokio::test]
async fn a_blob_that_stands_still_or_drips_is_broken_off() {
    let (pipe, silent) = piped();
    for body in [silent, dripping()] {
        let fake = Fake::start(once(good(body))).await;
        let lagvis = Lagvis::before_with(&[&fake], &IMPATIENT);
        let response = lagvis.get(&fake.blob()).await;
        assert_eq!(response.status(), 200);
        assert!(soon(response.bytes()).await.is_err(), "a blob without an end ended well");
    }
    drop(pipe);
}

#[tokio::test]
async fn a_document_that_stands_still_or_drips_is_an_error() {
    let (pipe, silent) = piped();
    for body in [silent, dripping()] {
        let fake = Fake::start(once(good(body))).await;
        let lagvis = Lagvis::before_with(&[&fake], &IMPATIENT);
        let (status, code, message) = refusal(lagvis.get(&fake.path("a/tags/list")).await).await;
        assert!(matches!(status, 502 | 504) && code == "UNAVAILABLE", "{status} {code} {message}");
    }
    drop(pipe);
}

#[tokio::test]
async fn headers_that_never_end_are_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        while stream.write_all(b"x: y\r\n").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    });
    let lagvis = Lagvis::serve(&[&["--plain-http", host.as_str()][..], &IMPATIENT].concat());
    let (status, code, _) = refusal(lagvis.get(&format!("/v2/a/tags/list?ns={host}")).await).await;
    assert!(matches!(status, 502 | 504) && code == "UNAVAILABLE");
    soon(task).await.unwrap();
}

#[tokio::test]
async fn a_slow_client_that_takes_something_is_served_to_the_end() {
    let part = Bytes::from(vec![7; 1 << 16]);
    let parts = 200;
    let fake = Fake::start(move |_| {
        let part = part.clone();
        good(Body::from_stream(stream::iter((0..parts).map(move |_| Ok::<_, io::Error>(part.clone())))))
    })
    .await;
    let lagvis = Lagvis::before_with(&[&fake], &["--stall-timeout", "700ms"]);
    let mut response = lagvis.get(&fake.blob()).await;
    let (mut length, mut number) = (0, 0);
    while let Some(part) = soon(response.chunk()).await.unwrap() {
        length += part.len();
        number += 1;
        // Longer in all than the timeout, but never without a taken byte for so long.
        if number % 40 == 0 {
            sleep(Duration::from_millis(200)).await;
        }
    }
    assert_eq!(length, parts << 16);
}
