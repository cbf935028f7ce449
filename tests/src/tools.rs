//! Programs that tests need, and what happens where one is missing.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Where a program is.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// True when every program is there. Else the test ends as `skipped: needs …`, or, with CI=true, as a failure.
pub fn have(programs: &[&str]) -> Result<bool> {
    let missing: Vec<&str> = programs.iter().copied().filter(|program| find(program).is_none()).collect();
    if missing.is_empty() {
        return Ok(true);
    }
    skip(&missing.join(", "))
}

/// Ends a test as skipped, or as a failure with CI=true.
pub fn skip(needs: &str) -> Result<bool> {
    if env::var("CI").is_ok_and(|ci| ci == "true") {
        bail!("this test needs {needs}, and with CI=true nothing is skipped");
    }
    writeln!(std::io::stderr(), "skipped: needs {needs}")?;
    Ok(false)
}

/// The built `lagvis` command. `cargo xtask test` builds it and says where it is.
pub fn lagvis() -> Result<PathBuf> {
    let path = env::var_os("LAGVIS_BIN").context("LAGVIS_BIN names no command: run the tests by cargo xtask test")?;
    Ok(path.into())
}

/// The built site.
pub fn site() -> Result<PathBuf> {
    let path = env::var_os("LAGVIS_SITE").context("LAGVIS_SITE names no site: run the tests by cargo xtask test")?;
    Ok(path.into())
}

/// Runs a program to its end; its output when it succeeds, all that it said when not.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    if !output.status.success() {
        bail!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
