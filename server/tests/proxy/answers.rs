//! Answers as a whole: errors, how long they are kept, further pages, and what is none.

use lagvis::image::Digest;

use crate::{
    fake::{DIGEST, Fake, answer, error},
    lagvis::{Lagvis, header, refusal},
};

#[tokio::test]
async fn a_registrys_error_is_passed_on_as_it_is() {
    let limits = [("retry-after", "60"), ("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "0;w=21600")];
    let fake = Fake::start(move |seen| match seen.target.ends_with("/limited") {
        true => answer(429, &[&limits[..], &[("docker-ratelimit-source", "1.2.3.4")]].concat(), "wait"),
        false => error(404, "MANIFEST_UNKNOWN"),
    })
    .await;
    let lagvis = Lagvis::before(&[&fake]);
    let gone = lagvis.get(&fake.path("a/manifests/gone")).await;
    assert_eq!((gone.status().as_u16(), header(&gone, "cache-control")), (404, "no-store"));
    assert_eq!(header(&gone, "content-type"), "application/json");
    assert!(gone.text().await.unwrap().contains("said upstream"));
    let limited = lagvis.get(&fake.path("a/manifests/limited")).await;
    for (name, value) in limits {
        assert_eq!(header(&limited, name), value);
    }
    assert_eq!(header(&limited, "docker-ratelimit-source"), "1.2.3.4");
    assert_eq!(limited.text().await.unwrap(), "wait");
}

#[tokio::test]
async fn what_a_digest_names_is_kept_and_what_a_tag_names_is_not() {
    let fake = Fake::start(|_| answer(200, &[("cache-control", "private, max-age=7")], "{}")).await;
    let lagvis = Lagvis::before(&[&fake]);
    let forever = "public, max-age=31536000, immutable";
    let right = Digest::of(b"{}");
    for (rest, cache, vary) in [
        (format!("a/blobs/{DIGEST}"), forever, "origin"),
        (format!("a/manifests/{right}"), forever, "accept, origin"),
        // It is not what its digest says: nobody is to keep it for a year.
        (format!("a/manifests/{DIGEST}"), "no-store", "accept, origin"),
        ("a/manifests/1".to_owned(), "public, max-age=30", "accept, origin"),
        ("a/tags/list".to_owned(), "public, max-age=30", "accept, origin"),
    ] {
        let response = lagvis.get(&fake.path(&rest)).await;
        assert_eq!((header(&response, "cache-control"), header(&response, "vary")), (cache, vary), "{rest}");
    }
}

#[tokio::test]
async fn the_next_page_is_one_of_the_proxy() {
    for link in ["</v2/a/b/tags/list?last=x%3D&n=2&next_page=p>; rel=\"next\"", "<?n=2&last=x%3D&next_page=p>;rel=next"]
    {
        let fake = Fake::start(move |_| answer(200, &[("link", link)], "{}")).await;
        let lagvis = Lagvis::before(&[&fake]);
        let (host, first) = (&fake.host, fake.path("a/b/tags/list?n=2"));
        for path in [first, format!("/v2/{host}/a/b/tags/list?n=2")] {
            let response = lagvis.get(&path).await;
            let next = header(&response, "link").strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
            assert!(next.starts_with(path.split('?').next().unwrap()), "{next}");
            let again = lagvis.get(next).await;
            assert_eq!(again.status(), 200);
            let target = fake.targets().pop().unwrap();
            for part in ["/v2/a/b/tags/list?", "n=2", "last=x%3D", "next_page=p"] {
                assert!(target.contains(part), "{target}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_no_answer_is_an_error() {
    for (bytes, expected) in [
        (&b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"[..], "UNKNOWN"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nhello", "UNAVAILABLE"),
        (b"HTTP/1.1 200 OK\r\nx: \x01\r\n\r\n", "UNAVAILABLE"),
        (b"SSH-2.0-OpenSSH\r\n", "UNAVAILABLE"),
        (b"", "UNAVAILABLE"),
    ] {
        let fake = Fake::start_raw(bytes).await;
        let lagvis = Lagvis::before(&[&fake]);
        let (status, code, _) = refusal(lagvis.get(&fake.blob()).await).await;
        assert_eq!((status, code.as_str()), (502, expected), "{}", String::from_utf8_lossy(bytes));
    }
}
