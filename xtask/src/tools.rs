//! What building the site needs and a machine may lack: the wasm target, trunk, wasm-bindgen. Installed once into the
//! person's cache folder, outside the clone, each version in a folder of its own.

use std::{env, ffi::OsString, path::PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// The newest trunk that builds with the pinned Rust.
const TRUNK: &str = "0.21.14";
/// The same as the pinned crate in www/Cargo.toml.
const WASM_BINDGEN: &str = "0.2.130";
const FUZZER: &str = "0.13.2";
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A tool that is built from crates.io.
struct Tool {
    krate: &'static str,
    version: &'static str,
    binary: &'static str,
    /// With the versions of its own lock file.
    locked: bool,
}

/// The site's tools, ready to run.
pub struct Tools {
    pub trunk: PathBuf,
    /// PATH with the tools first: trunk looks for wasm-bindgen there.
    pub path: OsString,
}

/// Installs what is lacking.
pub fn install() -> Result<Tools> {
    wasm_target()?;
    let trunk = tool(&Tool { krate: "trunk", version: TRUNK, binary: "trunk", locked: true })?;
    let bindgen =
        tool(&Tool { krate: "wasm-bindgen-cli", version: WASM_BINDGEN, binary: "wasm-bindgen", locked: false })?;
    let folders = [&trunk, &bindgen].into_iter().filter_map(|file| file.parent()).map(PathBuf::from);
    let rest = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(folders.chain(env::split_paths(&rest)))?;
    Ok(Tools { trunk, path })
}

/// Some machines do not act on `targets` in rust-toolchain.toml.
pub fn wasm_target() -> Result<()> {
    let output = shell::command("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let folder = output.context("rustc does not start")?.stdout;
    if PathBuf::from(String::from_utf8_lossy(&folder).trim()).is_dir() {
        return Ok(());
    }
    if shell::find("rustup").is_none() {
        bail!("the Rust target {TARGET} is missing, and there is no rustup to add it");
    }
    eprintln!("==> adding the Rust target {TARGET}");
    shell::run(shell::command("rustup").args(["target", "add", TARGET]))
}

/// The fuzzer, installed if it is lacking.
pub fn fuzzer() -> Result<PathBuf> {
    tool(&Tool { krate: "cargo-fuzz", version: FUZZER, binary: "cargo-fuzz", locked: false })
}

fn tool(tool: &Tool) -> Result<PathBuf> {
    let root = shell::cache()?.join("tools").join(format!("{}-{}", tool.krate, tool.version));
    let binary = root.join("bin").join(tool.binary);
    if binary.is_file() {
        return Ok(binary);
    }
    eprintln!("==> installing {} {} into {} (once)", tool.krate, tool.version, root.display());
    if !(shell::find("cargo-binstall").is_some() && binstall(tool, &root).is_ok() && binary.is_file()) {
        compile(tool, &root)?;
    }
    if !binary.is_file() {
        bail!("{} was installed, but {} is not there", tool.krate, binary.display());
    }
    Ok(binary)
}

fn binstall(tool: &Tool, root: &std::path::Path) -> Result<()> {
    let what = format!("{}@{}", tool.krate, tool.version);
    shell::run(shell::cargo().args(["binstall", "--no-confirm", "--root"]).arg(root).arg(what))
}

/// From source. Tools that run for seconds need no minutes of optimisation: trunk's own profile takes three times as
/// long to build.
fn compile(tool: &Tool, root: &std::path::Path) -> Result<()> {
    let mut command = shell::cargo();
    command.args(["install", tool.krate, "--version", tool.version, "--root"]).arg(root);
    if tool.locked {
        command.arg("--locked");
    }
    // A target folder of its own: this repository's settings are not theirs.
    command.arg("--target-dir").arg(root.join("build"));
    command.env("CARGO_PROFILE_RELEASE_LTO", "off");
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    let outcome = shell::run(&mut command);
    let _ = std::fs::remove_dir_all(root.join("build"));
    outcome
}
