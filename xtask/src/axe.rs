//! axe-core, which the browser tests hold the page against: fetched once from npm into the person's cache folder, its
//! version and hash pinned. A tool of the tests alone (MPL-2.0): it is never part of the site.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::{debian, shell};

const VERSION: &str = "4.14.1";
/// SHA-256 of the package as npm serves it.
const SHA256: &str = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745";
/// The part of the package that a page runs.
const SCRIPT: &str = "package/axe.min.js";

/// The script, fetched if it is lacking.
pub fn install() -> Result<PathBuf> {
    let folder = shell::cache()?.join("tools").join(format!("axe-core-{VERSION}"));
    let script = folder.join(SCRIPT);
    if script.is_file() {
        return Ok(script);
    }
    debian::install(&[("npm", "npm")], "axe-core comes from npm");
    if shell::find("npm").is_none() {
        bail!("npm is needed");
    }
    eprintln!("==> fetching axe-core {VERSION} into {} (once)", folder.display());
    // Put in place only when it is whole and right.
    let fresh = folder.with_file_name(format!("axe-core-{VERSION}.fresh"));
    _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh)?;
    let name = format!("axe-core@{VERSION}");
    shell::run(shell::command("npm").args(["pack", "--silent", &name, "--pack-destination"]).arg(&fresh))?;
    let package = fresh.join(format!("axe-core-{VERSION}.tgz"));
    check(&package)?;
    shell::run(shell::command("tar").arg("-xzf").arg(&package).arg("-C").arg(&fresh).arg(SCRIPT))?;
    _ = fs::remove_dir_all(&folder);
    fs::rename(&fresh, &folder)?;
    Ok(script)
}

fn check(package: &Path) -> Result<()> {
    let bytes = fs::read(package).with_context(|| format!("npm left no {}", package.display()))?;
    let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != SHA256 {
        bail!("{} is not what it should be: its SHA-256 is {found}, not {SHA256}", package.display());
    }
    Ok(())
}
