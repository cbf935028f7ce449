//! A real registry, through the real proxy.

mod clients;
mod forbidden;
mod hostile;
mod repository;

use std::process::Command;

use lagvis_tests::{pushed::Pushed, registry::NEEDS, service::Lagvis, tools};
use serde_json::Value;

fn inspect(arguments: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = Command::new(tools::lagvis().unwrap());
    let output = command.args(["inspect", "--json"]).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}

/// Exit status, what is printed and what is said for one file.
fn cat(path: &str, arguments: &[&str]) -> (Option<i32>, Vec<u8>, String) {
    let mut command = Command::new(tools::lagvis().unwrap());
    let output = command.args(["inspect", "--cat", path]).args(arguments).output().unwrap();
    (output.status.code(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_pulled_image_has_the_receipt_of_the_file_and_alterations_are_seen() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let Pushed { folder: _folder, file, registry, lagvis, reference } = Pushed::start().unwrap();

    let (_, dropped, _) = inspect(&[file.to_str().unwrap()]);
    let (code, pulled, said) = inspect(&["--proxy", &lagvis.url, &reference]);
    assert_eq!(code, Some(0), "{said}");
    let (direct, straight, said) = inspect(&["--plain-http", &reference]);
    assert_eq!(direct, Some(0), "{said}");
    for answer in [&pulled, &straight] {
        for key in ["layers", "image_id", "manifest_digest", "platform", "verdict"] {
            assert_eq!(answer["images"][0][key], dropped["images"][0][key], "{key}");
        }
        assert_eq!(answer["images"][0]["anchor"]["kind"], "tag");
    }

    let (_, expected, _) = cat("etc/os-release", &[file.to_str().unwrap()]);
    assert!(expected.starts_with(b"NAME="));
    for arguments in [["--proxy", lagvis.url.as_str(), &reference].as_slice(), &["--plain-http", &reference]] {
        let (code, content, said) = cat("etc/os-release", arguments);
        assert_eq!((code, &content), (Some(0), &expected), "{said}");
    }

    let layer = pulled["images"][0]["layers"][1]["digest"].as_str().unwrap();
    registry.alter(layer).unwrap();
    let (code, altered, _) = inspect(&["--proxy", &lagvis.url, &reference]);
    assert_eq!(code, Some(1));
    assert_eq!(altered["images"][0]["verdict"], "mismatched");

    // The base is verified all the same; of the altered layer nothing is printed.
    let (code, content, said) = cat("etc/os-release", &["--proxy", &lagvis.url, &reference]);
    assert_eq!((code, &content), (Some(1), &expected), "{said}");
    let (code, content, said) = cat("usr/local/bin/hello-server", &["--proxy", &lagvis.url, &reference]);
    assert_eq!((code, content.len(), said.lines().count()), (Some(2), 0, 1), "{said}");

    let manifest = pulled["images"][0]["manifest_digest"].as_str().unwrap().to_owned();
    registry.alter(&manifest).unwrap();
    // Another proxy: this one has the right bytes in memory, and they are as the digest says.
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let pinned = format!("{}/demo/app@{manifest}", registry.host);
    let (code, _, said) = inspect(&["--proxy", &lagvis.url, &pinned]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("expected sha256:") && said.contains("actual sha256:"), "{said}");
}
