//! A registry that is out for harm at a public address, in a network of its own: nobody connects to where it sends them,
//! neither the proxy nor the command.

use std::process::Command;

use lagvis_tests::{
    apart::{self, Apart, CDN, FORBIDDEN, REGISTRY},
    hostile::{Hostile, Twist, cases::honest, response},
    service::Lagvis,
    tools,
};

/// Where it sends: by address and by name, in plain and by TLS.
fn targets() -> Vec<String> {
    let hosts = FORBIDDEN.iter().flat_map(|(address, name)| {
        let literal = if address.contains(':') { format!("[{address}]") } else { (*address).to_owned() };
        [literal, (*name).to_owned()]
    });
    let others = ["localhost", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "0.0.0.0", "two.example:80"];
    hosts
        .chain(others.map(str::to_owned))
        .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}/latest/meta-data/")))
        .collect()
}

/// How the registry sends somewhere.
#[derive(Clone, Copy, Debug)]
enum By {
    Manifest,
    Layer,
    Realm,
}

/// The registry, which sends to `to`.
fn sending(by: By, to: &str) -> Hostile {
    let blobs = honest().unwrap();
    let layer = format!("/blobs/{}", blobs.layer(0));
    let to = to.to_owned();
    Hostile::start(blobs, move |_, path| {
        let challenge = format!(r#"Bearer realm="{to}",service="s",scope="repository:demo/app:pull""#);
        match by {
            By::Realm => Twist::Bytes(response("401 Unauthorized", &[("www-authenticate", &challenge)], b"")),
            By::Manifest if path.contains("/manifests/") => Twist::Bytes(redirect(&to)),
            By::Layer if path.ends_with(&layer) => Twist::Bytes(redirect(&to)),
            _ => Twist::Honest,
        }
    })
    .unwrap()
}

fn redirect(to: &str) -> Vec<u8> {
    response("307 Temporary Redirect", &[("location", to)], b"")
}

/// Exit code and words of the command.
fn inspect(apart: &Apart, way: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(tools::lagvis().unwrap());
    command.env("SSL_CERT_FILE", apart.certificate());
    let reference = format!("{REGISTRY}/demo/app:latest");
    let output = command.args(["inspect", "--json", "--patience", "2"]).args(way).arg(reference).output().unwrap();
    let said = [output.stderr, output.stdout].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

fn proxy(apart: &Apart, arguments: &[&str]) -> Lagvis {
    Lagvis::proxy_with(&[("SSL_CERT_FILE", apart.certificate().as_os_str())], arguments).unwrap()
}

#[test]
fn what_is_forbidden_is_seen_and_what_is_public_is_reached() {
    if !apart::can().unwrap() {
        return;
    }
    apart::run(|apart| {
        // Elsewhere, but public: the layer comes from there.
        let blobs = honest().unwrap();
        let layer = format!("/blobs/{}", blobs.layer(0));
        let to = format!("https://{CDN}/there{layer}");
        let hostile =
            Hostile::start(blobs, move |_, path| match path.ends_with(&layer) && !path.starts_with("/there") {
                true => Twist::Bytes(redirect(&to)),
                false => Twist::Honest,
            })
            .unwrap();
        let _nginx = apart.publish(&hostile.host).unwrap();
        let lagvis = proxy(apart, &[]);
        for way in [&[][..], &["--proxy", &lagvis.url]] {
            let (code, said) = inspect(apart, way);
            assert_eq!(code, Some(0), "{way:?}: {said}");
        }
        let all = apart.connect_to_all().unwrap();
        let begin = std::time::Instant::now();
        while apart.connections() < all && begin.elapsed().as_secs() < 30 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(apart.connections(), all);
    });
}

fn nobody_goes(by: By) {
    if !apart::can().unwrap() {
        return;
    }
    apart::run(move |apart| {
        for to in targets() {
            let hostile = sending(by, &to);
            let _nginx = apart.publish(&hostile.host).unwrap();
            let lagvis = proxy(apart, &[]);
            for way in [&[][..], &["--proxy", &lagvis.url]] {
                let (code, said) = inspect(apart, way);
                let expected = if matches!(by, By::Layer) { Some(1) } else { Some(2) };
                assert_eq!(code, expected, "{to} {way:?}: {said}");
                assert_eq!(apart.connections(), 0, "{to} {way:?}: somebody connected");
            }
        }
    });
}

#[test]
fn a_manifest_that_is_sent_within() {
    nobody_goes(By::Manifest);
}

#[test]
fn a_layer_that_is_sent_within() {
    nobody_goes(By::Layer);
}

#[test]
fn a_token_realm_within() {
    nobody_goes(By::Realm);
}

/// The operator says where a registry's tokens come from, and the name resolves within: known, https, and still nobody
/// goes there, as it is the address that counts.
#[test]
fn a_token_server_that_is_known_and_resolves_within() {
    if !apart::can().unwrap() {
        return;
    }
    apart::run(|apart| {
        for (_, name) in FORBIDDEN {
            let hostile = sending(By::Realm, &format!("https://{name}/token"));
            let _nginx = apart.publish(&hostile.host).unwrap();
            let lagvis = proxy(apart, &["--token-server", &format!("{REGISTRY}={name}")]);
            let (code, said) = inspect(apart, &["--proxy", &lagvis.url]);
            assert_eq!(code, Some(2), "{name}: {said}");
            assert!(said.contains("has no public address"), "{name}: {said}");
            assert_eq!(apart.connections(), 0, "{name}");
        }
    });
}
