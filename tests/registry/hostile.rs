//! `lagvis inspect` before a registry that is out for harm, through the proxy and directly: it ends, says what is wrong,
//! and nothing that was not verified counts as verified.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    hostile::{Blobs, Hostile, Twist, response},
    service::Lagvis,
    tools,
};
use serde_json::{Value, json};

/// Far beyond what any case takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the command ended.
struct Ended {
    code: Option<i32>,
    verdict: String,
    said: String,
    checks: Value,
}

fn blobs() -> Blobs {
    Blobs::of(&sample().oci_archive(Packing::Gzip).unwrap()).unwrap()
}

/// A proxy that loses its patience soon.
fn proxy(hostile: &Hostile) -> Lagvis {
    Lagvis::proxy(&["--plain-http", &hostile.host, "--stall-timeout", "1s", "--document-timeout", "2s"]).unwrap()
}

/// The command, which loses its patience sooner still.
fn inspect(way: &[&str], hostile: &Hostile) -> Ended {
    let mut command = Command::new(tools::lagvis().unwrap());
    command.args(["inspect", "--json", "--patience", "1"]).args(way).arg(format!("{}/demo/app", hostile.host));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let receipt: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Ended {
        code: output.status.code(),
        verdict: receipt["images"][0]["verdict"].as_str().unwrap_or_default().to_owned(),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
        checks: receipt["images"][0]["checks"].clone(),
    }
}

/// Both ways, one after the other.
fn both(hostile: &Hostile) -> [Ended; 2] {
    let lagvis = proxy(hostile);
    [inspect(&["--proxy", &lagvis.url], hostile), inspect(&["--plain-http"], hostile)]
}

fn layer_is(path: &str, digest: &str) -> bool {
    path.ends_with(&format!("/blobs/{digest}"))
}

/// A layer that is not as its digest says: the image is mismatched, and the layer's checks are not verified.
fn layer_is_not_verified(ended: &Ended, digest: &str) {
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert_ne!(ended.verdict, "verified");
    let checks = ended.checks.as_array().unwrap();
    let of_layer: Vec<_> = checks.iter().filter(|check| check["subject"] == *digest).collect();
    assert!(of_layer.iter().all(|check| check["state"] != "verified"), "{of_layer:?}");
}

/// It could not be opened, and one line says why.
fn is_refused(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code, ended.said.lines().count()), (Some(2), 1), "{} {}", ended.verdict, ended.said);
    assert!(words.iter().any(|word| ended.said.contains(word)), "{}", ended.said);
}

#[test]
fn an_honest_registry_is_verified() {
    let hostile = Hostile::start(blobs(), |_, _| Twist::Honest).unwrap();
    for ended in both(&hostile) {
        assert_eq!((ended.code, ended.verdict.as_str()), (Some(0), "verified"), "{}", ended.said);
    }
}

#[test]
fn a_layer_with_other_bytes() {
    let mut blobs = blobs();
    let digest = blobs.layer(0);
    let mut bytes = blobs.get(&digest).to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    blobs.put(&digest, &bytes);
    let hostile = Hostile::start(blobs, |_, _| Twist::Honest).unwrap();
    for ended in both(&hostile) {
        layer_is_not_verified(&ended, &digest);
    }
}

#[test]
fn a_layer_that_is_longer_or_shorter_than_was_said() {
    let honest = blobs();
    let digest = honest.layer(0);
    let bytes = honest.get(&digest).to_vec();
    for other in [[&bytes[..], b"more"].concat(), bytes[..bytes.len() - 4].to_vec(), Vec::new()] {
        let mut blobs = honest.clone();
        blobs.put(&digest, &other);
        let hostile = Hostile::start(blobs, |_, _| Twist::Honest).unwrap();
        for ended in both(&hostile) {
            layer_is_not_verified(&ended, &digest);
        }
    }
}

#[test]
fn a_layer_without_an_end() {
    let blobs = blobs();
    let digest = blobs.layer(0);
    let which = digest.clone();
    let hostile = Hostile::start(blobs, move |_, path| match layer_is(path, &which) {
        true => Twist::Endless(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec(), vec![0; 1 << 16], 0),
        false => Twist::Honest,
    })
    .unwrap();
    for ended in both(&hostile) {
        layer_is_not_verified(&ended, &digest);
    }
}

/// Directly, a byte every second is patience's own limit; the proxy breaks it off.
#[test]
fn a_layer_that_drips_is_broken_off_by_the_proxy() {
    let blobs = blobs();
    let digest = blobs.layer(0);
    let which = digest.clone();
    let hostile = Hostile::start(blobs, move |_, path| match layer_is(path, &which) {
        true => Twist::Endless(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec(), vec![0], 100),
        false => Twist::Honest,
    })
    .unwrap();
    let lagvis = proxy(&hostile);
    layer_is_not_verified(&inspect(&["--proxy", &lagvis.url], &hostile), &digest);
}

#[test]
fn a_layer_that_is_cut_at_random_places() {
    let honest = blobs();
    let digest = honest.layer(0);
    let whole = response("200 OK", &[], honest.get(&digest));
    let mut random = 7_usize;
    for _ in 0..6 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let cut = whole[..random % whole.len()].to_vec();
        let which = digest.clone();
        let hostile = Hostile::start(honest.clone(), move |_, path| match layer_is(path, &which) {
            true => Twist::Bytes(cut.clone()),
            false => Twist::Honest,
        })
        .unwrap();
        for ended in both(&hostile) {
            layer_is_not_verified(&ended, &digest);
        }
    }
}

#[test]
fn a_layer_that_is_packed_once_more_on_its_way() {
    let honest = blobs();
    let digest = honest.layer(0);
    let packed = lagvis_fixtures::pack(honest.get(&digest), Packing::Gzip).unwrap();
    let which = digest.clone();
    let hostile = Hostile::start(honest, move |_, path| match layer_is(path, &which) {
        true => Twist::Bytes(response("200 OK", &[("content-encoding", "gzip")], &packed)),
        false => Twist::Honest,
    })
    .unwrap();
    for ended in both(&hostile) {
        layer_is_not_verified(&ended, &digest);
    }
}

#[test]
fn a_layer_that_is_sent_around_for_ever_or_into_the_network_behind() {
    let honest = blobs();
    let digest = honest.layer(0);
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    for to in [
        format!("/v2/demo/app/blobs/{digest}"),
        format!("http://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        "http://169.254.169.254/".to_owned(),
    ] {
        let which = digest.clone();
        let hostile = Hostile::start(honest.clone(), move |_, path| match layer_is(path, &which) {
            true => Twist::Bytes(response("307 Temporary Redirect", &[("location", &to)], b"")),
            false => Twist::Honest,
        })
        .unwrap();
        let lagvis = proxy(&hostile);
        layer_is_not_verified(&inspect(&["--proxy", &lagvis.url], &hostile), &digest);
    }
    assert!(inside.accept().is_err(), "somebody connected to a forbidden address");
}

#[test]
fn a_manifest_of_a_wrong_type() {
    let honest = blobs();
    let manifest = honest.get("latest").to_vec();
    for kind in ["text/html", "application/vnd.docker.distribution.manifest.list.v2+json", "application/octet-stream"] {
        let bytes = response("200 OK", &[("content-type", kind)], &manifest);
        let hostile =
            Hostile::start(honest.clone(), move |method, path| match (method, path.contains("/manifests/")) {
                ("GET", true) => Twist::Bytes(bytes.clone()),
                ("HEAD", true) => Twist::Bytes(response("405 Method Not Allowed", &[], b"")),
                _ => Twist::Honest,
            })
            .unwrap();
        for ended in both(&hostile) {
            // What it says of itself counts; a type that contradicts that is refused.
            assert!(ended.code == Some(2) || ended.verdict == "verified", "{kind}: {:?} {}", ended.code, ended.said);
            assert!(
                kind != "application/vnd.docker.distribution.manifest.list.v2+json" || ended.code == Some(2),
                "{kind}"
            );
        }
    }
}

#[test]
fn a_huge_manifest() {
    let mut blobs = blobs();
    let mut manifest = blobs.manifest();
    manifest["annotations"] = json!({"x": "x".repeat(5 << 20)});
    blobs.put("latest", manifest.to_string().as_bytes());
    let hostile = Hostile::start(blobs, |_, _| Twist::Honest).unwrap();
    for ended in both(&hostile) {
        is_refused(&ended, &["longer than", "4194304", "MB", "limit"]);
    }
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn index_of(digest: &str, size: usize, kind: &str) -> Vec<u8> {
    let entry = json!({"mediaType": kind, "digest": digest, "size": size, "platform": {"os": "linux", "architecture": "amd64"}});
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).to_string().into_bytes()
}

#[test]
fn an_index_of_indexes_of_indexes() {
    let mut blobs = blobs();
    let manifest = blobs.get("latest").to_vec();
    let mut inner = (blobs.add(&manifest), manifest.len(), blobs.manifest()["mediaType"].as_str().unwrap().to_owned());
    for _ in 0..12 {
        let index = index_of(&inner.0, inner.1, &inner.2);
        inner = (blobs.add(&index), index.len(), INDEX.to_owned());
    }
    let top = blobs.get(&inner.0).to_vec();
    blobs.put("latest", &top);
    let hostile = Hostile::start(blobs, |_, _| Twist::Honest).unwrap();
    for ended in both(&hostile) {
        assert_eq!((ended.code, ended.verdict.as_str()), (Some(2), ""), "{}", ended.said);
    }
    assert!(hostile.asked() < 40, "{}", hostile.asked());
}

/// No index can hold its own digest; a registry can say so all the same.
#[test]
fn an_index_that_names_itself() {
    let mut blobs = blobs();
    let digest = format!("sha256:{}", "7".repeat(64));
    let index = index_of(&digest, 0, INDEX);
    let index = index_of(&digest, index.len() + 2, INDEX);
    blobs.put("latest", &index);
    blobs.put(&digest, &index);
    let hostile = Hostile::start(blobs, |_, _| Twist::Honest).unwrap();
    for ended in both(&hostile) {
        assert_eq!((ended.code, ended.verdict.as_str()), (Some(2), ""), "{}", ended.said);
    }
    assert!(hostile.asked() < 40, "{}", hostile.asked());
}

#[test]
fn errors_with_and_without_bodies() {
    let known = br#"{"errors":[{"code":"DENIED","message":"said upstream"}]}"#;
    for status in ["401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many Requests", "500 Broken"] {
        for body in [&b""[..], b"plain words", b"<html>", b"{\"errors\":", known] {
            let bytes = response(status, &[("retry-after", "1")], body);
            let hostile = Hostile::start(blobs(), move |_, _| Twist::Bytes(bytes.clone())).unwrap();
            for ended in both(&hostile) {
                is_refused(&ended, &[status.split(' ').next().unwrap()]);
            }
        }
    }
}

#[test]
fn a_manifest_that_is_cut_packed_or_drips() {
    let honest = blobs();
    let manifest = honest.get("latest").to_vec();
    let packed = lagvis_fixtures::pack(&manifest, Packing::Gzip).unwrap();
    let whole = response("200 OK", &[], &manifest);
    for bytes in [whole[..whole.len() - 9].to_vec(), response("200 OK", &[("content-encoding", "gzip")], &packed)] {
        let hostile = Hostile::start(honest.clone(), move |_, _| Twist::Bytes(bytes.clone())).unwrap();
        for ended in both(&hostile) {
            assert_eq!(
                (ended.code, ended.verdict.as_str(), ended.said.lines().count()),
                (Some(2), "", 1),
                "{}",
                ended.said
            );
        }
    }
    let drip = || Twist::Endless(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{".to_vec(), vec![b' '], 100);
    let hostile = Hostile::start(honest, move |_, _| drip()).unwrap();
    let lagvis = proxy(&hostile);
    is_refused(&inspect(&["--proxy", &lagvis.url], &hostile), &["within", "cannot be reached"]);
    is_refused(&inspect(&["--plain-http"], &hostile), &["nothing of use came"]);
}
