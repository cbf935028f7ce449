//! A registry that is out for harm: realms and redirects into the network behind the proxy, answers that are cut,
//! packed, endless or hold what belongs into a head, errors of every kind. None of it is a way in, and none a hang.

use std::{io, sync::Arc};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::stream;
use http::HeaderValue;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    fake::{DIGEST, Fake, answer, error, good, redirect},
    lagvis::{Lagvis, header, refusal, soon},
};

fn challenge(realm: &str) -> Response {
    answer(401, &[("www-authenticate", &format!(r#"Bearer realm="{realm}",service="s""#))], "")
}

/// Realms that lead to an address within, each in words of its own.
async fn no_connection_by_realm(words: impl Fn(&Fake) -> Vec<String>) {
    // The registry is at another address than what it sends to: its own host may be its token server.
    let inside = Fake::forbidden("127.0.0.1").await;
    for realm in words(&inside) {
        let to = realm.clone();
        let fake = Fake::start_at("127.0.0.5", move |_| challenge(&to)).await;
        let lagvis = Lagvis::before(&[&fake]);
        for path in [fake.blob(), fake.path("a/manifests/1")] {
            let (status, code, message) = refusal(lagvis.get(&path).await).await;
            assert_eq!((status, code.as_str()), (502, "UNKNOWN"), "{realm}");
            assert!(message.contains("not known as its token server"), "{realm}: {message}");
        }
        assert!(lagvis.metric("lagvis_refusals_total{reason=\"forbidden-upstream\"}").await >= 2);
    }
    assert_eq!(inside.accepted(), 0);
}

#[tokio::test]
async fn a_token_realm_at_127_0_0_1_is_not_connected_to() {
    no_connection_by_realm(|inside| {
        ["127.0.0.1", "0x7f000001", "2130706433", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
            .iter()
            .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}:{}/token", inside.port())))
            .collect()
    })
    .await;
}

#[tokio::test]
async fn a_token_realm_at_169_254_169_254_is_not_connected_to() {
    no_connection_by_realm(|_| {
        ["169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:a9fe:a9fe]", "[fd00:ec2::254]"]
            .iter()
            .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}/latest/meta-data/")))
            .collect()
    })
    .await;
}

#[tokio::test]
async fn a_token_realm_at_a_name_that_resolves_there_is_not_connected_to() {
    no_connection_by_realm(|inside| {
        ["localhost", "localhost.", "LOCALHOST", "ip6-localhost"]
            .iter()
            .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}:{}/token", inside.port())))
            .collect()
    })
    .await;
}

/// The check at the moment of connecting: the name is fine by every rule but that it leads within.
#[tokio::test]
async fn a_redirect_to_a_name_that_resolves_within_is_not_connected_to() {
    let inside = Fake::forbidden("127.0.0.1").await;
    let to = format!("https://localhost:{}/secret", inside.port());
    let fake = Fake::start(move |_| redirect(&to)).await;
    let lagvis = Lagvis::before(&[&fake]);
    let (status, _, message) = refusal(lagvis.get(&fake.blob()).await).await;
    assert_eq!(status, 502);
    assert!(message.contains("no public address"), "{message}");
    assert_eq!(inside.accepted(), 0);
}

#[tokio::test]
async fn a_redirect_that_comes_late_is_checked_as_the_first() {
    let inside = Fake::forbidden("127.0.0.1").await;
    let to = format!("https://127.0.0.1:{}/", inside.port());
    let fake = Fake::start(move |seen| match seen.target.as_str() {
        "/hop/3" => redirect(&to),
        target => {
            redirect(&format!("/hop/{}", target.strip_prefix("/hop/").map_or(1, |n| n.parse::<u8>().unwrap() + 1)))
        }
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    assert_eq!(refusal(lagvis.get(&fake.blob()).await).await.0, 502);
    assert_eq!((inside.accepted(), fake.seen().len()), (0, 4));
}

#[tokio::test]
async fn an_answer_cut_at_any_place_is_an_error_or_broken() {
    let whole =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{\"schemaVersion\": 2}";
    for end in 0..whole.len() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                _ = stream.read(&mut request).await;
                _ = stream.write_all(&whole[..end]).await;
            }
        });
        // Every fifth place is enough for a process each; the parser has no more states than that.
        if end % 5 == 0 {
            let lagvis = Lagvis::serve(&["--plain-http", &host]);
            let (status, ..) = refusal(lagvis.get(&format!("/v2/a/tags/list?ns={host}")).await).await;
            assert_eq!(status, 502, "{end}");
            let blob = lagvis.get(&format!("/v2/a/blobs/{DIGEST}?ns={host}")).await;
            let is_whole = blob.status() == 200 && soon(blob.bytes()).await.is_ok();
            assert!(!is_whole, "{end}");
        }
        task.abort();
    }
}

#[tokio::test]
async fn a_document_that_is_packed_is_an_error_and_a_blob_is_never_unpacked() {
    for packing in ["gzip", "br", "zstd", "deflate", "gzip, gzip", "x-gzip", "nonsense"] {
        let fake = Fake::start(move |_| answer(200, &[("content-encoding", packing)], "\u{1f}packed")).await;
        let lagvis = Lagvis::before(&[&fake]);
        for rest in ["a/tags/list", "a/manifests/1"] {
            let (status, _, message) = refusal(lagvis.get(&fake.path(rest)).await).await;
            assert_eq!(status, 502);
            assert!(message.contains(packing) && message.contains("plain was asked for"), "{message}");
        }
        let blob = lagvis.get(&fake.blob()).await;
        assert_eq!((blob.status().as_u16(), header(&blob, "content-encoding")), (200, ""));
        assert_eq!(blob.bytes().await.unwrap(), "\u{1f}packed");
    }
    let plain = Fake::start(|_| answer(200, &[("content-encoding", "identity")], "{}")).await;
    let lagvis = Lagvis::before(&[&plain]);
    assert_eq!(lagvis.get(&plain.path("a/tags/list")).await.text().await.unwrap(), "{}");
}

#[tokio::test]
async fn a_manifest_that_says_to_be_huge_is_refused_before_it_is_read() {
    let fake = Fake::start(|_| {
        let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b' '; 1 << 14])));
        answer(200, &[("content-length", "99999999999")], Body::from_stream(endless))
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    for rest in ["a/manifests/1", &format!("a/manifests/{DIGEST}"), &format!("a/referrers/{DIGEST}")] {
        let (status, _, message) = refusal(lagvis.get(&fake.path(rest)).await).await;
        assert_eq!(status, 502);
        assert!(message.contains("longer than the 4194304 bytes"), "{message}");
    }
}

#[tokio::test]
async fn an_endless_blob_takes_no_memory_and_ends_with_its_client() {
    let taken = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let count = taken.clone();
    let fake = Fake::start(move |_| {
        let count = count.clone();
        good(Body::from_stream(stream::repeat_with(move || {
            count.fetch_add(1 << 16, std::sync::atomic::Ordering::SeqCst);
            Ok::<_, io::Error>(Bytes::from_static(&[0; 1 << 16]))
        })))
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    let mut response = lagvis.get(&fake.blob()).await;
    let before = lagvis.memory("VmRSS");
    let mut read = 0;
    while read < 200_000_000 {
        read += soon(response.chunk()).await.unwrap().unwrap().len();
    }
    let grown = lagvis.memory("VmHWM").saturating_sub(before);
    assert!(grown < 20_000, "{grown} kB");
    drop(response);
    while lagvis.metric("lagvis_requests_in_flight").await > 0 {
        tokio::task::yield_now().await;
    }
}

/// The names are the client's, the answer's headers the registry's: neither can write a header of the other side.
#[tokio::test]
async fn nothing_in_a_name_becomes_a_header() {
    let fake = Fake::start(|_| good("{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    for name in ["a%0d%0ax-evil:%201", "a%0ax-evil:1", "a\tx", "a%00", "a%20HTTP/1.1%0d%0ax-evil:1"] {
        for target in [
            format!("/v2/{name}/manifests/1?ns={}", fake.host),
            format!("/v2/a/manifests/{name}?ns={}", fake.host),
            format!("/v2/a/manifests/1?ns={}{name}", fake.host),
        ] {
            let answer = lagvis.raw("GET", &target).await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{target}: {answer}");
            assert!(!answer.to_ascii_lowercase().contains("\nx-evil"), "{target}: {answer}");
        }
    }
    assert_eq!(fake.accepted(), 0);
    // In a query they go out as what they are: letters of a value.
    lagvis.raw("GET", &format!("/v2/a/tags/list?ns={}&last=a%0d%0ax-evil:1", fake.host)).await;
    assert_eq!(fake.targets(), ["/v2/a/tags/list?last=a%0D%0Ax-evil%3A1"]);
    assert_eq!(fake.seen()[0].header("x-evil"), "");
}

#[tokio::test]
async fn nothing_in_a_next_page_becomes_a_header_or_another_address() {
    for link in [
        "<https://evil.example/v2/a/tags/list?last=x>; rel=next",
        "<?last=x%0d%0aset-cookie:a=1>; rel=next",
        "<?last=x&ns=evil.example&url=http://evil.example>; rel=next",
        "<javascript:alert(1)?last=x>; rel=\"next\"",
    ] {
        let fake = Fake::start(move |_| answer(200, &[("link", link)], "{}")).await;
        let lagvis = Lagvis::before(&[&fake]);
        let response = lagvis.get(&fake.path("a/tags/list")).await;
        let next = header(&response, "link");
        assert!(
            next.starts_with("</v2/a/tags/list?last=x")
                && next.ends_with(&format!("&ns={}>; rel=\"next\"", fake.host.replace(':', "%3A"))),
            "{next}"
        );
        assert!(!next.contains("evil") && header(&response, "set-cookie").is_empty(), "{next}");
    }
}

#[tokio::test]
async fn odd_bytes_in_a_registrys_headers_do_not_break_an_answer() {
    let fake = Fake::start(|_| {
        let mut response = answer(401, &[], "no");
        for name in ["etag", "link", "warning", "www-authenticate", "docker-content-digest", "content-type"] {
            response.headers_mut().insert(name, HeaderValue::from_bytes(b"\xff\xfe \"<>,;=").unwrap());
        }
        response
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    for path in [fake.blob(), fake.path("a/manifests/1"), fake.path("a/tags/list")] {
        assert_eq!(lagvis.get(&path).await.status(), 401);
    }
}

#[tokio::test]
async fn errors_with_and_without_bodies_come_through_with_cors() {
    for status in [400, 401, 403, 404, 429, 500, 502, 503] {
        let long = "x".repeat(1 << 20);
        for body in [String::new(), "plain words".to_owned(), "{\"errors\":".to_owned(), "<html>".to_owned(), long] {
            let sent = body.clone();
            let fake = Fake::start(move |_| answer(status, &[("retry-after", "7")], sent.clone())).await;
            let lagvis = Lagvis::before(&[&fake]);
            for path in [fake.blob(), fake.path("a/manifests/1"), fake.path("a/tags/list")] {
                let response = lagvis.get(&path).await;
                assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (status, "7"));
                assert_eq!(header(&response, "access-control-allow-origin"), "*");
                assert_eq!(header(&response, "cache-control"), "no-store");
                assert_eq!(soon(response.text()).await.unwrap(), body);
            }
        }
        let known = Fake::start(move |_| error(status, "DENIED")).await;
        let lagvis = Lagvis::before(&[&known]);
        let text = lagvis.get(&known.blob()).await.text().await.unwrap();
        assert!(text.contains("said upstream") && !text.contains("proxy"), "{text}");
    }
}

#[tokio::test]
async fn an_error_without_an_end_is_refused() {
    let fake = Fake::start(|_| {
        let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b'x'; 1 << 14])));
        answer(403, &[], Body::from_stream(endless))
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    for path in [fake.blob(), fake.path("a/tags/list")] {
        assert_eq!(refusal(lagvis.get(&path).await).await.0, 502);
    }
}
