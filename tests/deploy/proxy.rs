//! The proxy behind nginx, which keeps what digests name.

use std::process::Command;

use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    http,
    nginx::{NEEDS, Nginx},
    registry::{NEEDS as REGISTRY, PERSON_ONLY, Registry},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// `anna:pass word`.
const ANNA: (&str, &str) = ("authorization", "Basic YW5uYTpwYXNzIHdvcmQ=");

/// nginx as the recipe has it, but without TLS, before this proxy.
fn nginx(lagvis: &Lagvis, folder: &Workdir, scheme: &str) -> Nginx {
    let cache = folder.path().join("cache").display().to_string();
    let forwarded = format!("X-Forwarded-Proto {scheme}");
    let text = crate::recipe(
        "nginx/lagvis-proxy.conf",
        &[
            ("/var/cache/nginx/lagvis", &cache),
            ("server 127.0.0.1:8080", &format!("server {}", lagvis.host())),
            ("X-Forwarded-Proto $scheme", &forwarded),
            ("    listen 443 ssl http2;\n", ""),
            ("    ssl_certificate /etc/ssl/pull.example.org.pem;\n", ""),
            ("    ssl_certificate_key /etc/ssl/private/pull.example.org.key;\n", ""),
        ],
    );
    let (http, server) = text.split_once("server {\n").unwrap_or_else(|| panic!("{text}"));
    // The upstream's own block begins so, too; the last is the server.
    let (http, server) = match server.rsplit_once("\nserver {\n") {
        Some((more, server)) => (format!("{http}server {{\n{more}"), server),
        None => (http.to_owned(), server),
    };
    Nginx::start(&http, server.trim_end().trim_end_matches('}')).unwrap()
}

/// Requests for blobs that reached the proxy.
fn reached(lagvis: &Lagvis) -> u64 {
    let metrics = http::get(&format!("{}metrics", lagvis.url), &[]).unwrap().text();
    let lines = metrics.lines().filter(|line| line.starts_with("lagvis_requests_total{route=\"blob\""));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

fn pushed(password: Option<&str>) -> (Workdir, Registry, Lagvis) {
    let folder = Workdir::new().unwrap();
    let file = folder.write("sample.tar", sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let registry = Registry::start(password).unwrap();
    let archive = format!("oci-archive:{}", file.display());
    match password {
        Some(_) => registry.push_as_person(&archive, "demo/app:1").unwrap(),
        None => registry.push(&archive, "demo/app:1").unwrap(),
    }
    let arguments =
        ["--plain-http", &registry.host, "--default-registry", &registry.host, "--trusted-proxy", "127.0.0.1"];
    let lagvis = Lagvis::proxy(&arguments).unwrap();
    (folder, registry, lagvis)
}

#[test]
fn a_second_pull_does_not_reach_the_proxy() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let (folder, registry, lagvis) = pushed(None);
    let nginx = nginx(&lagvis, &folder, "https");
    let pull = || {
        let mut command = Command::new(tools::lagvis().unwrap());
        let reference = format!("{}/demo/app:1", registry.host);
        let receipt = tools::output(command.args(["inspect", "--json", "--proxy", &nginx.url, &reference])).unwrap();
        serde_json::from_slice::<serde_json::Value>(&receipt).unwrap()
    };
    let first = pull();
    let blobs = reached(&lagvis);
    assert!(blobs > 2, "{blobs}");
    let second = pull();
    assert_eq!(first, second);
    assert_eq!(reached(&lagvis), blobs);

    // Parts of what is kept come from there, and a HEAD does not fetch a blob.
    let digest = first["images"][0]["layers"][0]["digest"].as_str().unwrap();
    let url = format!("{}/v2/demo/app/blobs/{digest}?ns={}", nginx.url, registry.host);
    let part = http::get(&url, &[("range", "bytes=10-19")]).unwrap();
    assert_eq!((part.status, part.body.len(), part.header("x-cache")), (206, 10, "HIT"));
    assert_eq!(part.header("access-control-allow-origin"), "*");
    for path in ["metrics", "healthz"] {
        assert_eq!(http::get(&format!("{}/{path}", nginx.url), &[]).unwrap().status, 404, "{path}");
    }
}

#[test]
fn a_part_of_what_is_not_kept_is_passed_on_as_a_part() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let (folder, registry, lagvis) = pushed(None);
    let nginx = nginx(&lagvis, &folder, "https");
    let digest = registry.put_blob("demo/app", &vec![7; 1 << 20]).unwrap();
    let url = format!("{}/v2/demo/app/blobs/{digest}", nginx.url);
    let part = http::get(&url, &[("range", "bytes=10-19")]).unwrap();
    assert_eq!((part.status, part.body.len(), part.header("x-cache")), (206, 10, "MISS"));
    let head = http::send("HEAD", &url, &[], b"").unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, "1048576"));
    let metrics = http::get(&format!("{}metrics", lagvis.url), &[]).unwrap().text();
    assert!(metrics.contains("lagvis_response_bytes_total{route=\"blob\"} 10\n"), "{metrics}");
}

#[test]
fn what_a_password_gave_is_not_kept_and_plain_http_is_refused() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let (folder, _registry, lagvis) = pushed(Some(PERSON_ONLY));
    let tls = nginx(&lagvis, &folder, "https");
    let url = format!("{}/v2/demo/app/manifests/1", tls.url);
    for (headers, status) in [(&[ANNA][..], 200), (&[], 401), (&[ANNA], 200), (&[], 401)] {
        let answer = http::get(&url, headers).unwrap();
        assert_eq!((answer.status, answer.header("x-cache") == "HIT"), (status, false));
    }
    let other = Workdir::new().unwrap();
    let plain = nginx(&lagvis, &other, "http");
    let answer = http::get(&format!("{}/v2/demo/app/manifests/1", plain.url), &[ANNA]).unwrap();
    assert!(answer.status == 401 && answer.text().contains("https only"), "{}", answer.text());
}
