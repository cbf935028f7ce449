//! `lagvis inspect` before a registry that is out for harm, through the proxy and directly: it ends, says what is wrong,
//! and nothing that was not verified counts as verified.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lagvis_tests::{
    hostile::{
        Hostile, Twist,
        cases::{self, Outcome},
        response,
    },
    hostile_cases,
    service::Lagvis,
    tools,
};
use serde_json::Value;

/// Far beyond what any case takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Far beyond what any case takes, too.
const CONNECTIONS: usize = 60;

/// How the command ended.
struct Ended {
    code: Option<i32>,
    verdict: String,
    said: String,
    checks: Value,
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

macro_rules! by_command {
    ($($case:ident,)+) => { $(
        #[test]
        fn $case() {
            // Side by side: most of the time somebody waits.
            std::thread::scope(|scope| {
                for case in cases::$case().unwrap() {
                    scope.spawn(move || check(&case));
                }
            });
        }
    )+ };
}

hostile_cases!(by_command);

fn check(case: &cases::Case) {
    for ended in both(&case.hostile) {
        match &case.outcome {
            Outcome::Verified => {
                assert_eq!((ended.code, ended.verdict.as_str()), (Some(0), "verified"), "{}", ended.said);
            }
            Outcome::Without { layer, verdict, .. } => is_without(&ended, layer, verdict),
            Outcome::Refused(_, words) => is_refused(&ended, words),
        }
    }
    assert!(case.hostile.asked() < CONNECTIONS, "{} connections", case.hostile.asked());
}

/// A layer that is not as its digest says: the image is not verified, and none of the layer's checks is.
fn is_without(ended: &Ended, layer: &str, verdict: &str) {
    assert_eq!((ended.code, ended.verdict.as_str()), (Some(1), verdict), "{}", ended.said);
    let checks = ended.checks.as_array().unwrap();
    assert!(checks.len() >= 2, "{checks:?}");
    let of_layer: Vec<_> = checks.iter().filter(|check| check["subject"] == *layer).collect();
    assert!(of_layer.iter().all(|check| check["state"] != "verified"), "{of_layer:?}");
}

/// It could not be opened, and one line says why.
fn is_refused(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code, ended.said.lines().count()), (Some(2), 1), "{} {}", ended.verdict, ended.said);
    assert_eq!(ended.verdict, "");
    assert!(words.iter().any(|word| ended.said.contains(word)), "{}", ended.said);
}

#[test]
fn a_warning_is_passed_on_once_and_changes_nothing() {
    let blobs = cases::honest().unwrap();
    let manifest = blobs.get("latest").to_vec();
    let kind = blobs.manifest()["mediaType"].as_str().unwrap().to_owned();
    let warning = "299 - \"this tag is old\"";
    let hostile = Hostile::start(blobs, move |_, path| match path.contains("/manifests/") {
        true => Twist::Bytes(response("200 OK", &[("content-type", &kind), ("warning", warning)], &manifest)),
        false => Twist::Honest,
    })
    .unwrap();
    for ended in both(&hostile) {
        assert_eq!((ended.code, ended.verdict.as_str()), (Some(0), "verified"), "{}", ended.said);
        assert_eq!(ended.said.matches("the registry says: this tag is old\n").count(), 1, "{}", ended.said);
    }
}

/// Names that would end a line of the request: nothing is asked for.
#[test]
fn names_that_would_add_headers() {
    let hostile = Hostile::start(cases::honest().unwrap(), |_, _| Twist::Honest).unwrap();
    let lagvis = proxy(&hostile);
    // No argument of a program can hold a NUL.
    for name in cases::INJECTIONS.into_iter().filter(|name| !name.contains('\0')) {
        for way in [&["--proxy", lagvis.url.as_str()][..], &["--plain-http"]] {
            let mut command = Command::new(tools::lagvis().unwrap());
            let output =
                command.arg("inspect").args(way).arg(format!("{}/demo/{name}", hostile.host)).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{name:?}: {said}");
            assert!(said.contains("write it as name[:tag][@digest]"), "{name:?}: {said}");
        }
    }
    assert_eq!(hostile.asked(), 0);
}
