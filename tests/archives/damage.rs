//! Damaged archives: cut at every block, and with a bit flipped at seeded places. Each gets an answer, and none is called
//! verified when a byte was altered that the verdict covers.

use std::{ops::Range, path::Path, process::Command, thread};

use lagvis_fixtures::{Image, Layer, Packing, member};
use lagvis_tests::{tools, workdir::Workdir};

/// Bits that are flipped in each archive.
const FLIPS: u64 = 200;

/// A small image with what layers can hold.
fn small() -> Image {
    let base = Layer::new("COPY base /").dir("etc", 0o755).file("etc/hostname", 0o644, "small").symlink("lnk", "etc");
    let top = Layer::new("RUN change").file("etc/new", 0o600, "x".repeat(700)).whiteout("etc/hostname");
    Image::new("small:1").layer(base).layer(top)
}

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("docker", small().docker_archive(Packing::Plain).unwrap()),
        ("docker-old", small().docker_archive_old().unwrap()),
        ("oci", small().oci_archive(Packing::Gzip).unwrap()),
    ]
}

/// What the command says: exit status and listing.
struct Answer {
    code: i32,
    files: Vec<u8>,
}

fn ask(path: &Path, place: &str) -> Answer {
    let run =
        |flags: &[&str]| Command::new(tools::lagvis().unwrap()).arg("inspect").args(flags).arg(path).output().unwrap();
    let output = run(&["--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or_else(|| panic!("{place}: ended by a signal; {said}"));
    assert!(!said.contains("panicked"), "{place}: {said}");
    match code {
        0 => assert!(output.stdout.starts_with(b"{"), "{place}: no receipt"),
        1 => {
            let receipt: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let reasons = ["problems", "warnings"].iter().any(|list| {
                let own = receipt[*list].as_array().is_some_and(|list| !list.is_empty());
                own || receipt["images"].as_array().is_some_and(|images| {
                    images.iter().any(|image| image[*list].as_array().is_some_and(|list| !list.is_empty()))
                })
            });
            let absent =
                receipt["images"].as_array().is_some_and(|images| images.iter().all(|i| i["verdict"] == "absent"));
            assert!(reasons || absent, "{place}: exit 1 without a reason: {receipt}");
        }
        2 => assert_eq!(said.lines().count(), 1, "{place}: one clear line, not {said}"),
        other => panic!("{place}: exit status {other}"),
    }
    let mut files = Vec::new();
    if code == 0 {
        // Altered lists may name other images, which are absent.
        let receipt: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let images = receipt["images"].as_array().unwrap();
        let present = images.iter().position(|image| image["verdict"] == "verified").unwrap();
        files = run(&["--files", "--image", &present.to_string()]).stdout;
    }
    Answer { code, files }
}

/// The members' contents that digests name: config, manifest and layers.
fn covered(archive: &[u8]) -> Vec<Range<usize>> {
    let names: Vec<String> = tar::Archive::new(archive)
        .entries()
        .unwrap()
        .map(|entry| String::from_utf8_lossy(&entry.unwrap().path_bytes()).into_owned())
        .filter(|name| name.starts_with("blobs/") || name.ends_with("/layer.tar") || name.len() == 64 + 5)
        .collect();
    names.iter().filter_map(|name| member(archive, name).unwrap()).collect()
}

/// Runs `job` over numbers on as many threads as there are cores.
fn spread(numbers: Vec<u64>, job: impl Fn(u64) + Sync) {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let (job, numbers) = (&job, &numbers);
    thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || numbers.iter().skip(first).step_by(threads).for_each(|number| job(*number)));
        }
    });
}

#[test]
fn cut_at_every_block() {
    let folder = Workdir::new().unwrap();
    for (name, bytes) in archives() {
        let whole = ask(&folder.write(name, &bytes).unwrap(), name);
        assert_eq!(whole.code, 0, "{name}");
        let needed = covered(&bytes).iter().map(|range| range.end).max().unwrap();
        spread((0..bytes.len() as u64).step_by(512).collect(), |end| {
            let end = usize::try_from(end).unwrap();
            let place = format!("{name} cut at {end}");
            let path = folder.write(&format!("{name}-{end}"), &bytes[..end]).unwrap();
            let answer = ask(&path, &place);
            assert!(answer.code != 0 || end >= needed, "{place}: verified without bytes up to {needed}");
            assert!(answer.code != 0 || answer.files == whole.files, "{place}: another tree");
            std::fs::remove_file(path).unwrap();
        });
    }
}

#[test]
fn a_bit_flipped_anywhere() {
    let folder = Workdir::new().unwrap();
    for (name, bytes) in archives() {
        let whole = ask(&folder.write(name, &bytes).unwrap(), name);
        let covered = covered(&bytes);
        assert!(covered.len() >= 3, "{name}");
        spread((0..FLIPS).collect(), |seed| {
            // Any fixed sequence will do; this one is Knuth's.
            let number = (seed + 1).wrapping_mul(6_364_136_223_846_793_005).rotate_left(17);
            let at = usize::try_from(number % bytes.len() as u64).unwrap();
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (number >> 61);
            let place = format!("{name}, byte {at} altered");
            let path = folder.write(&format!("{name}-{seed}"), &altered).unwrap();
            let answer = ask(&path, &place);
            assert!(answer.code != 0 || !covered.iter().any(|range| range.contains(&at)), "{place}: verified");
            assert!(answer.code != 0 || answer.files == whole.files, "{place}: another tree");
            std::fs::remove_file(path).unwrap();
        });
    }
}
