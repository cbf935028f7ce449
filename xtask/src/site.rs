//! Builds the site and the server.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use crate::{
    shell,
    tools::{self, Tools},
};

/// The script that keeps the site, see `www/assets/sw.js`.
const WORKER: &str = "sw.js";

/// The folder that the site is built into.
pub fn folder() -> PathBuf {
    shell::root().join("dist")
}

/// Builds the site in release mode and packs its files, so that the server can send them packed.
pub fn build() -> Result<PathBuf> {
    build_with(&tools::install()?)
}

/// The same, with tools that are installed already.
pub fn build_with(tools: &Tools) -> Result<PathBuf> {
    eprintln!("==> building the site");
    let mut trunk = shell::command(&tools.trunk);
    // Relative URLs: the site works under any path.
    trunk.args(["build", "--release", "--public-url", "./", "--dist"]).arg(folder()).env("PATH", &tools.path);
    // Trunk reads NO_COLOR as a flag of its own and fails on the usual value `1`.
    trunk.env_remove("NO_COLOR");
    shell::run(&mut trunk)?;
    list(&folder())?;
    pack(&folder())?;
    Ok(folder())
}

/// Builds the `lagvis` command.
pub fn build_server(profile: &str) -> Result<PathBuf> {
    eprintln!("==> building the server");
    shell::run(shell::cargo().args(["build", "--package", "lagvis-server", "--bin", "lagvis", "--profile", profile]))?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target()?.join(folder).join("lagvis"))
}

/// Cargo's target folder, wherever the person keeps it.
pub fn target() -> Result<PathBuf> {
    let output = shell::cargo().args(["metadata", "--format-version=1", "--no-deps"]).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(folder.into())
}

/// Bytes of the first load, as the server sends it: page, scripts, wasm and styles, packed by brotli.
pub fn first_load() -> Result<u64> {
    let packed = files(&folder())?.into_iter().filter(|file| file.extension().is_some_and(|e| e == "br"));
    packed.map(|file| Ok(file.metadata()?.len())).sum()
}

fn name(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Writes `files.js`: what the service worker keeps of the site, each file with its hash as browsers check it, and a name of
/// the build, which alters with any of them.
fn list(folder: &Path) -> Result<()> {
    let mut listed = serde_json::Map::new();
    let mut build = Sha256::new();
    for file in files(folder)? {
        let name = file.strip_prefix(folder)?.to_str().context("a file's name is no text")?.to_owned();
        let hash = Sha256::digest(fs::read(&file)?);
        build.update(&name);
        build.update(hash);
        // The worker that keeps the site is no part of what it keeps.
        if name != WORKER {
            listed.insert(name, format!("sha256-{}", STANDARD.encode(hash)).into());
        }
    }
    let build: String = build.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let site = serde_json::json!({"version": build, "files": listed});
    Ok(fs::write(folder.join("files.js"), format!("self.SITE = {site};\n"))?)
}

/// Packs each file that packs, by brotli and gzip, beside itself: servers send what they find.
fn pack(folder: &Path) -> Result<()> {
    for file in files(folder)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !["html", "js", "wasm", "css", "svg"].contains(&extension) {
            continue;
        }
        let bytes = fs::read(&file)?;
        let mut packed = Vec::new();
        let mut encoder = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 22);
        encoder.write_all(&bytes)?;
        drop(encoder);
        fs::write(file.with_file_name(format!("{}.br", name(&file))), packed)?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes)?;
        fs::write(file.with_file_name(format!("{}.gz", name(&file))), encoder.finish()?)?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no site at {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}
