//! `cargo xtask fuzz`: every fuzz target for some time, from seeds that the generator makes.

use std::{fs, path::Path, process::Command, thread};

use anyhow::{Context as _, Result, bail};
use lagvis_fixtures::{Layer, Lazy, Packing, containerd_archive, edge, multi, multi_archive, sample};

use crate::{shell, tools};

/// The targets of fuzz/Cargo.toml.
const TARGETS: [&str; 11] =
    ["reference", "documents", "link", "archive", "tar", "decode", "access", "merge", "file", "text", "toc"];

#[derive(clap::Args)]
pub struct Arguments {
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Targets to run instead of all
    #[arg(value_parser = TARGETS)]
    targets: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let fuzzer = tools::fuzzer()?;
    let folder = shell::root().join("fuzz");
    let targets: Vec<&str> = match arguments.targets.as_slice() {
        [] => TARGETS.to_vec(),
        chosen => chosen.iter().map(String::as_str).collect(),
    };
    for target in &targets {
        seed(&folder.join("corpus").join(target), target)?;
        // Built one by one: they would wait for each other anyhow.
        shell::run(&mut command(&fuzzer, &folder, "build", target))?;
    }
    let lanes = thread::available_parallelism().map_or(1, usize::from);
    let lane = |first: usize| -> Vec<String> {
        let mine = targets.iter().skip(first).step_by(lanes);
        mine.filter_map(|target| fuzz(&fuzzer, &folder, target, arguments.seconds).err())
            .map(|error| error.to_string())
            .collect()
    };
    let lane = &lane;
    let findings: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = (0..lanes).map(|first| scope.spawn(move || lane(first))).collect();
        running.into_iter().flat_map(|lane| lane.join().unwrap_or_default()).collect()
    });
    if !findings.is_empty() {
        bail!("{} of {} targets found something: {}", findings.len(), targets.len(), findings.join("; "));
    }
    Ok(())
}

/// The engine has no unsafe code of its own: no sanitizer, so that the pinned toolchain will do.
fn command(fuzzer: &Path, folder: &Path, what: &str, target: &str) -> Command {
    let mut command = shell::command(fuzzer);
    command.current_dir(folder).args([what, "--sanitizer", "none", target]);
    command
}

fn fuzz(fuzzer: &Path, folder: &Path, target: &str, seconds: u64) -> Result<()> {
    let mut command = command(fuzzer, folder, "run", target);
    command.args(["--", "-print_final_stats=1", "-rss_limit_mb=2048", "-timeout=20"]);
    let output = command.arg(format!("-max_total_time={seconds}")).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let stat = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().last()).unwrap_or("?").to_owned()
    };
    let (runs, size) = (stat("stat::number_of_executed_units:"), stat("stat::new_units_added:"));
    if output.status.success() {
        println!("{target:<10} {runs:>12} executions in {seconds} s, {size} new inputs, no finding");
        return Ok(());
    }
    let tail: Vec<&str> = said.lines().rev().take(40).collect();
    eprintln!("{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
    bail!("{target}, after {runs} executions: see fuzz/artifacts/{target}")
}

/// Writes the seeds of a target.
fn seed(folder: &Path, target: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (number, bytes) in seeds(target)?.into_iter().enumerate() {
        let path = folder.join(format!("seed-{number}"));
        fs::write(&path, bytes).with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

fn seeds(target: &str) -> Result<Vec<Vec<u8>>> {
    let text = |lines: &[&str]| lines.iter().map(|line| line.as_bytes().to_vec()).collect();
    // The first bytes say how the input is cut.
    let cut = |bytes: Vec<u8>| [b"\x07\x1f\xff\x00".to_vec(), bytes].concat();
    let layer = || Layer::new("RUN x").dir("a", 0o755).file("a/b", 0o644, "hello").symlink("c", "a").whiteout("a/d");
    Ok(match target {
        "reference" => text(&[
            "alpine",
            "bitnami/redis:7",
            "localhost:5000/a/b:c",
            "[::1]:5000/a",
            "ghcr.io/owner/app:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ]),
        "link" => text(&[
            "#v=1&ref=alpine%3A3.20",
            "#v=1&image=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef&layer=1..2&path=etc%2Fpasswd",
            "#ref=a&platform=linux%2Farm64%2Fv8&tab=checks&filter=x",
        ]),
        "documents" => vec![sample().config()?, documents(&multi_archive(&multi(), Packing::Gzip)?)?],
        "archive" => vec![
            multi_archive(&multi(), Packing::Gzip)?,
            containerd_archive()?,
            edge().oci_archive(Packing::GzipMembers)?,
            lagvis_fixtures::Image::new("a:1").layer(layer()).docker_archive_old()?,
            lagvis_fixtures::Image::new("a:1").layer(layer()).layer(layer()).docker_archive_legacy()?,
        ],
        "tar" => vec![cut(layer().tar()?), cut(lagvis_fixtures::edge_layer().tar()?)],
        "decode" | "access" => {
            let gzip = lagvis_fixtures::pack(&layer().tar()?, Packing::GzipMembers)?;
            vec![cut(gzip), cut(lagvis_fixtures::pack(&layer().tar()?, Packing::Zstd)?)]
        }
        "file" => files()?,
        "toc" => tocs(&layer())?,
        "text" => text(&[
            "#!/bin/sh\nA=1 cat <<'E' # c\n${b}\nE\n",
            "a: |\n  b\n- \"c\": {'d': 1} # e\n",
            "[a]\nb = \"\"\"c\n\"\"\" # d\n",
            "const a = /[/]/g; /* b\n */ `c${d}`\n@e def f(): '''g\n'''",
            "FROM a AS b\nRUN c \\\n  d\nserver { listen 80; }\n",
        ]),
        _ => vec![(0..=255).collect()],
    })
}

/// Files of each kind that has a header to be read; the first byte says that nothing is missing.
/// Blobs with tables of contents, and the JSON of such a table.
fn tocs(layer: &Layer) -> Result<Vec<Vec<u8>>> {
    let mut json = Vec::new();
    let stargz = layer.listed(Lazy::EStargz, |entries| {
        json = serde_json::json!({"version": 1, "entries": entries}).to_string().into_bytes();
    })?;
    let chunked = layer.listed(Lazy::ZstdChunked, |_| {})?;
    let packed = chunked.blob.get(chunked.toc.clone()).unwrap_or_default().to_vec();
    Ok(vec![stargz.blob, packed, json])
}

fn files() -> Result<Vec<Vec<u8>>> {
    let tar = Layer::new("RUN x").dir("a", 0o755).file("a/b", 0o644, "hello").tar()?;
    let numbers = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    // A program with an interpreter, a dynamic section and the names behind it.
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
    elf.extend(numbers(&[0, 64, 0, 0x0038_0040_0000_0000, 3]));
    for (kind, at, size) in [(1, 0, 400), (2, 232, 64), (3, 296, 8)] {
        elf.extend(numbers(&[kind, at, at, at, size, size, 1]));
    }
    elf.extend(numbers(&[1, 9, 5, 296, 10, 32, 0, 0]));
    elf.extend(b"/lib/ld\0\0libc.so\0");
    elf.resize(400, 0);
    // The header of one member in the directory, and the end record.
    let mut zip = b"PK\x03\x04".to_vec();
    zip.resize(36, 0);
    zip.extend(b"PK\x01\x02\x14\x03\x14\0\0\0\0\0\0\0\x21\x58\0\0\0\0\x05\0\0\0\x05\0\0\0\x03\0\x09\0");
    zip.resize(36 + 46, 0);
    zip.extend(b"a/bUT\x05\0\x01\0\0\0\x60");
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x3a\0\0\0\x24\0\0\0\0\0");
    let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x02\0\x03\x01".to_vec();
    let gzip = lagvis_fixtures::pack(&tar, Packing::GzipMembers)?;
    let all = [elf, zip, jpeg, b"RIFF\0\0\0\0WEBPVP8X".repeat(2), gzip, tar];
    Ok(all.into_iter().map(|bytes| [vec![0], bytes].concat()).collect())
}

/// The index of an archive.
fn documents(archive: &[u8]) -> Result<Vec<u8>> {
    let range = lagvis_fixtures::member(archive, "index.json")?.context("it has an index.json")?;
    Ok(archive.get(range).unwrap_or_default().to_vec())
}
