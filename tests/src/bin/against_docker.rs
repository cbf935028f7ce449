//! Holds an archive of any size against Docker: `against_docker FILE IMAGE` loads the file into a dockerd of its own and
//! compares the tree of a container with `lagvis inspect --files`, entry by entry. `LAGVIS_BIN` names the command.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result};
use lagvis_tests::{
    docker::{Docker, entries_of_listing},
    tools,
};

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().context("a docker-archive")?;
    let image = arguments.next().context("the name of its image")?;
    let docker = Docker::start()?;
    docker.load(Path::new(&file))?;
    let theirs = docker.export(&image)?;
    let ours = tools::output(Command::new(tools::lagvis()?).args(["inspect", "--files"]).arg(&file))?;
    let ours = entries_of_listing(&ours)?;
    let mut out = std::io::stdout().lock();
    let mut differences = 0_u64;
    for path in theirs.keys().chain(ours.keys().filter(|path| !theirs.contains_key(*path))) {
        let (docker, lagvis) = (theirs.get(path), ours.get(path));
        if docker != lagvis {
            differences += 1;
            writeln!(out, "{path}: docker {docker:?}, lagvis {lagvis:?}")?;
        }
    }
    writeln!(out, "{} entries by docker, {} by lagvis, {differences} differ", theirs.len(), ours.len())?;
    Ok(if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
