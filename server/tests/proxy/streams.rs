//! Bodies: streamed, ended with the client, broken where they break, and never held whole.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{future::join_all, stream};

use crate::{
    fake::{Fake, answer, good, once, piped},
    lagvis::{Lagvis, header, refusal, soon},
};

#[tokio::test]
async fn the_first_bytes_arrive_before_the_last_are_sent() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(answer(200, &[("content-length", "9")], body))).await;
    let lagvis = Lagvis::before(&[&fake]);
    let mut response = lagvis.get(&fake.blob()).await;
    for part in ["one", "two", "end"] {
        pipe.send(Ok(Bytes::from(part))).await.unwrap();
        assert_eq!(soon(response.chunk()).await.unwrap().unwrap(), part);
    }
    drop(pipe);
    assert_eq!(soon(response.chunk()).await.unwrap(), None);
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_blob_upstream() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(good(body))).await;
    let lagvis = Lagvis::before(&[&fake]);
    let mut response = lagvis.get(&fake.blob()).await;
    pipe.send(Ok(Bytes::from_static(b"some"))).await.unwrap();
    soon(response.chunk()).await.unwrap();
    drop(response);
    soon(pipe.closed()).await;
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_document_upstream() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(good(body))).await;
    let lagvis = Lagvis::before(&[&fake]);
    let path = fake.path("a/tags/list");
    tokio::select! {
        _ = lagvis.get(&path) => panic!("a document that is not whole was answered"),
        // Two parts are taken: the proxy is reading.
        () = async { for _ in 0..2 { pipe.send(Ok(Bytes::from_static(b"{"))).await.unwrap() } } => {}
    }
    soon(pipe.closed()).await;
}

#[tokio::test]
async fn a_blob_that_breaks_off_is_broken_for_the_client_too() {
    for length in [None, Some("1000")] {
        let (pipe, body) = piped();
        let headers: Vec<_> = length.map(|length| ("content-length", length)).into_iter().collect();
        let fake = Fake::start(once(answer(200, &headers, body))).await;
        let lagvis = Lagvis::before(&[&fake]);
        let mut response = lagvis.get(&fake.blob()).await;
        assert_eq!(header(&response, "content-length"), length.unwrap_or_default());
        pipe.send(Ok(Bytes::from_static(b"half"))).await.unwrap();
        assert_eq!(soon(response.chunk()).await.unwrap().unwrap(), "half");
        pipe.send(Err(io::Error::other("gone"))).await.unwrap();
        assert!(soon(response.chunk()).await.is_err(), "{length:?}");
    }
}

#[tokio::test]
async fn a_document_that_breaks_off_is_an_error() {
    for bytes in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    ] {
        let fake = Fake::start_raw(bytes).await;
        let lagvis = Lagvis::before(&[&fake]);
        let (status, ..) = refusal(lagvis.get(&fake.path("a/manifests/1")).await).await;
        assert_eq!(status, 502);
    }
}

#[tokio::test]
async fn bytes_beyond_the_length_are_of_no_answer() {
    let fake =
        Fake::start_raw(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nblobHTTP/1.1 200 OK\r\n\r\nsmuggled").await;
    let lagvis = Lagvis::before(&[&fake]);
    for _ in 0..3 {
        let response = lagvis.get(&fake.blob()).await;
        assert_eq!(header(&response, "content-length"), "4");
        assert_eq!(soon(response.text()).await.unwrap(), "blob");
    }
}

#[tokio::test]
async fn a_document_up_to_the_cap_comes_through_and_a_longer_one_is_refused() {
    let cap = lagvis::limits::METADATA_BYTES;
    for (length, expected) in [(cap, 200), (cap + 1, 502)] {
        let fake = Fake::start(move |_| good("x".repeat(length))).await;
        let lagvis = Lagvis::before(&[&fake]);
        let response = lagvis.get(&fake.path("a/manifests/1")).await;
        assert_eq!(response.status(), expected);
        if expected == 200 {
            assert_eq!(header(&response, "content-length"), length.to_string());
            assert_eq!(soon(response.bytes()).await.unwrap().len(), length);
        }
    }
}

#[tokio::test]
async fn a_document_without_an_end_is_refused_where_the_cap_is() {
    let (pipe, body) = piped();
    let fake = Fake::start(once(good(body))).await;
    let lagvis = Lagvis::before(&[&fake]);
    let part = Bytes::from(vec![b' '; 1 << 16]);
    let path = fake.path("a/tags/list");
    let endless = async { while pipe.send(Ok(part.clone())).await.is_ok() {} };
    let (response, ()) = tokio::join!(lagvis.get(&path), soon(endless));
    assert_eq!(refusal(response).await.0, 502);
}

/// Every blob is offered as fast as it is taken, and every client stops after its first bytes; then all are read. What
/// the proxy held of them would show at its peak.
#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_under_fifty_slow_blobs() {
    const BLOBS: usize = 50;
    const PART: usize = 1 << 16;
    const PARTS: u64 = 512;
    let taken = Arc::new(AtomicU64::new(0));
    let count = taken.clone();
    let part = Bytes::from(vec![7; PART]);
    let fake = Fake::start(move |_| {
        let (count, part) = (count.clone(), part.clone());
        let parts = stream::unfold(0, move |done| {
            count.fetch_add(1, Ordering::SeqCst);
            let part = part.clone();
            async move { (done < PARTS).then(|| (Ok::<_, io::Error>(part), done + 1)) }
        });
        good(Body::from_stream(parts))
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    let blob = fake.blob();
    let before = lagvis.memory("VmRSS");
    let mut clients = join_all((0..BLOBS).map(|_| lagvis.get(&blob))).await;
    let mut lengths = Vec::new();
    for client in &mut clients {
        lengths.push(soon(client.chunk()).await.unwrap().unwrap().len());
    }
    soon(settled(&taken)).await;
    assert!(
        taken.load(Ordering::SeqCst) < BLOBS as u64 * PARTS,
        "all blobs fit into the sockets: nothing was held back"
    );
    let rest = clients.into_iter().zip(lengths).map(|(mut client, mut length)| async move {
        while let Some(part) = soon(client.chunk()).await.unwrap() {
            length += part.len();
        }
        length
    });
    let whole = PART * usize::try_from(PARTS).unwrap();
    assert!(join_all(rest).await.into_iter().all(|length| length == whole));
    let grown = lagvis.memory("VmHWM") - before;
    assert!(grown < 100_000, "{grown} kB for {BLOBS} blobs of {whole} bytes");
}

/// Waits until a count stands still.
async fn settled(count: &AtomicU64) {
    let mut last = u64::MAX;
    let mut still = 0;
    while still < 5 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = count.load(Ordering::SeqCst);
        still = if now == last { still + 1 } else { 0 };
        last = now;
    }
}
