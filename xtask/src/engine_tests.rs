//! Builds the engine's own tests, natively and for wasm32, where `tests/wasm` runs them.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{shell, tools};

/// The built test programs.
pub struct EngineTests {
    pub native: PathBuf,
    pub wasm: PathBuf,
}

/// Builds both. `native` are the packages of a native test run: asked for together, nothing is built twice.
pub fn build(native: &[&str]) -> Result<EngineTests> {
    let mut host = shell::cargo();
    host.args(["test", "--no-run"]).args(native.iter().flat_map(|name| ["--package", name]));
    let mut wasm = shell::cargo();
    wasm.args(["rustc", "--package", "lagvis", "--lib", "--profile", "test", "--target", tools::TARGET]);
    Ok(EngineTests {
        native: executable(host.arg(MESSAGES))?,
        // The table and symbols that name closures, so that the page sees which tests are called; the stack of a trap
        // is made of symbols and needs no debug information.
        wasm: executable(wasm.args([MESSAGES, "--", "-C", "link-arg=--export-table"]).args([
            "-C",
            "symbol-mangling-version=v0",
            "-C",
            "debuginfo=0",
        ]))?,
    })
}

const MESSAGES: &str = "--message-format=json-render-diagnostics";

/// Runs a build; the engine's test program among what it says to have made.
fn executable(command: &mut Command) -> Result<PathBuf> {
    let line = shell::line(command);
    eprintln!("    $ {line}");
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("could not start: {line}"))?;
    if !output.status.success() {
        bail!("{line}: {}", output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut made = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found = made.find(|message| {
        message["target"]["name"] == "lagvis"
            && message["target"]["kind"][0] == "lib"
            && message["profile"]["test"] == true
    });
    let path = found.as_ref().and_then(|message| message["executable"].as_str());
    Ok(path.with_context(|| format!("{line}: built no tests of the engine"))?.into())
}
