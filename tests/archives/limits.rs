//! Caps: each says which it is, what verified stays verified, and a flag of the command moves it.

use std::process::Command;

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{tools, workdir::Workdir};
use serde_json::Value;

/// A layer that is deep, has a long name in a header of its own, many entries and many zeros; and one that is not.
fn image() -> Image {
    let mut layer = Layer::new("COPY deep /").file("zeros", 0o644, vec![0; 70 << 20]);
    for depth in 1..=30 {
        layer = layer.dir(&vec!["folder"; depth].join("/"), 0o755);
    }
    Image::new("limits:1").layer(Layer::new("COPY base /").file("base", 0o644, "base")).layer(layer)
}

fn inspect(path: &str, flags: &[&str]) -> (i32, Value) {
    let mut command = Command::new(tools::lagvis().unwrap());
    let output = command.args(["inspect", "--json"]).args(flags).arg(path).output().unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn each_cap_says_which_it_is_and_a_flag_moves_it() {
    let folder = Workdir::new().unwrap();
    let plain = folder.write("plain.tar", image().docker_archive(Packing::Plain).unwrap()).unwrap();
    let gzip = folder.write("gzip.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let (plain, gzip) = (plain.to_str().unwrap(), gzip.to_str().unwrap());
    for path in [plain, gzip] {
        let (code, receipt) = inspect(path, &[]);
        assert_eq!((code, &receipt["problems"]), (0, &serde_json::json!([])), "{path}");
    }
    for (path, flag, value, limit, verdict) in [
        (plain, "--max-entries", "5", "LAYER_ENTRIES", "verified"),
        (plain, "--max-path-bytes", "100", "PATH_BYTES", "verified"),
        (plain, "--max-path-depth", "10", "PATH_DEPTH", "verified"),
        (plain, "--max-header-bytes", "100", "PAX_BYTES", "verified"),
        (gzip, "--max-layer-bytes", "1000000", "LAYER_BYTES", "unverifiable"),
        (gzip, "--max-expansion", "100", "EXPANSION_RATIO", "unverifiable"),
    ] {
        let (code, receipt) = inspect(path, &[flag, value]);
        let image = &receipt["images"][0];
        assert_eq!(image["verdict"], verdict, "{flag}: {receipt}");
        assert_eq!(code, i32::from(verdict != "verified"), "{flag}");
        let problem = &receipt["problems"][0];
        assert_eq!(problem["kind"], "limit-exceeded", "{flag}: {problem}");
        assert!(problem["text"].as_str().unwrap().contains(limit), "{flag}: {problem}");
        assert!(problem["where"].as_str().unwrap().starts_with("layer 1"), "{flag}: {problem}");
        // What does not need the capped part is verified all the same: the other layer, and this one's blob.
        let states: Vec<(&str, &str)> = image["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| (check["what"].as_str().unwrap(), check["state"].as_str().unwrap()))
            .collect();
        let unchecked: Vec<_> = states.iter().filter(|(_, state)| *state != "verified").collect();
        let expected = usize::from(verdict != "verified");
        assert_eq!(unchecked.len(), expected, "{flag}: {states:?}");
        assert!(unchecked.iter().all(|check| **check == ("diff_id", "unchecked")), "{flag}: {states:?}");
    }
}
