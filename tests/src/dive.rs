//! dive, whose judgement of an image ours is held against.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{tools, workdir::Workdir};

/// Programs that it needs.
pub const NEEDS: [&str; 1] = ["dive"];

/// What dive says of a docker-archive.
pub fn judge(archive: &Path) -> Result<Value> {
    let folder = Workdir::new()?;
    let json = folder.path().join("dive.json");
    let mut dive = Command::new(tools::find("dive").context("dive")?);
    dive.env("CI", "true").args(["--source", "docker-archive"]).arg(archive).arg("--json").arg(&json);
    // Its own judgement of the image is its exit status.
    let output = dive.output()?;
    let text = fs::read(&json).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok(serde_json::from_slice(&text)?)
}
