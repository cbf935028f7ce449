//! Space of images of a gigabyte: the one that real tools built, by other means; and a generated one, to the byte.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use lagvis::{protocol::SpaceReport, space::Space};
use lagvis_fixtures::{Image, Layer, Packing, Random};
use lagvis_tests::{opened::Opened, tools, workdir::Workdir};
use serde_json::Value;

use crate::{
    space::{as_naive, prefixes},
    space_naive::Naive,
};

fn report(archive: &Path) -> SpaceReport {
    let opened = Opened::of(archive).unwrap();
    Space::new(&opened.merged, None).report(&opened.merged, 0)
}

/// The large image as an OCI archive; `cargo xtask` says where it is, and counts this test as a step of its own.
fn large() -> Option<PathBuf> {
    let file = std::env::var_os("LAGVIS_LARGE").map(PathBuf::from).filter(|file| file.is_file());
    if file.is_none() {
        tools::skip("the large image (cargo xtask fixtures --large)").unwrap();
    }
    file
}

#[test]
fn a_large_image_by_other_means() {
    let Some(archive) = large() else { return };
    let folder = Workdir::new().unwrap();
    tools::output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder.path())).unwrap();
    let read = |path: PathBuf| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap();
    let blob = |digest: &Value| folder.path().join("blobs").join(digest.as_str().unwrap().replace(':', "/"));
    let index = read(folder.path().join("index.json"));
    let manifest = read(blob(&index["manifests"][0]["digest"]));
    let mut naive = Naive::default();
    for layer in manifest["layers"].as_array().unwrap() {
        let packed = File::open(blob(&layer["digest"])).unwrap();
        let mut gzip = Command::new("gzip").arg("-dc").stdin(packed).stdout(Stdio::piped()).spawn().unwrap();
        naive.layer(gzip.stdout.take().unwrap());
        gzip.wait().unwrap();
    }
    let report = report(&archive);
    // Suffixes with a `*` are few enough here to be named.
    let mut leftovers = prefixes();
    leftovers.extend([
        "var/cache/debconf/config.dat-old",
        "var/cache/debconf/templates.dat-old",
        "var/lib/dpkg/status-old",
        "var/lib/dpkg/diversions-old",
    ]);
    let expected: Vec<_> = naive.waste(&leftovers).into_iter().collect();
    assert_eq!(as_naive(&report), expected);
    println!("{expected:?}, {} of {} bytes, dive {:?}", report.waste.wasted, report.waste.shipped, report.dive);
}

/// A file of this many bytes, by a seed that no other file has: it shrinks, but not as a bomb does.
fn of(layer: Layer, path: &str, mode: u32, seed: u64, size: usize) -> Layer {
    let (mut content, mut random) = (vec![0; size], Random::new(seed));
    content.chunks_mut(16 << 10).for_each(|chunk| {
        let some = chunk.len().min(256);
        random.fill(&mut chunk[..some]);
    });
    layer.file(path, mode, content)
}

/// A gigabyte unpacked, little packed: what each kind wastes is a number of its own.
fn gigabyte() -> Image {
    let base = of(Layer::new("ADD rootfs.tar /"), "usr/kept", 0o644, 1, 300_000_001);
    let base = of(base, "usr/overwritten", 0o644, 2, 110_000_001);
    let base = of(base, "usr/deleted", 0o644, 3, 90_000_001);
    let base = of(base, "usr/chmod", 0o644, 4, 70_000_001);
    let base = of(base, "usr/repeated", 0o644, 5, 50_000_001);
    let above = of(Layer::new("RUN make"), "usr/overwritten", 0o644, 6, 7).whiteout("usr/deleted");
    let above = of(above, "usr/chmod", 0o600, 4, 70_000_001);
    let above = of(above, "usr/repeated", 0o644, 5, 50_000_001);
    let above = of(above, "var/lib/apt/lists/x_Packages", 0o644, 7, 60_000_001);
    let above = of(above, "opt/a", 0o644, 8, 100_000_001);
    let above = of(above, "opt/b", 0o644, 8, 100_000_001);
    Image::new("gigabyte:1").layer(base).layer(above)
}

#[test]
fn a_generated_gigabyte_to_the_byte() {
    let folder = Workdir::new().unwrap();
    let archive = folder.write("gigabyte.tar", gigabyte().oci_archive(Packing::Zstd).unwrap()).unwrap();
    let report = report(&archive);
    let expected = [
        ("deleted", 90_000_001),
        ("duplicate", 100_000_001),
        ("leftover", 60_000_001),
        ("metadata-only", 70_000_001),
        ("overwritten", 110_000_001),
        ("repeated", 50_000_001),
    ];
    assert_eq!(as_naive(&report), expected);
    assert_eq!(report.waste.wasted, 480_000_006);
    assert_eq!(report.waste.shipped, 1_000_000_017);
}
