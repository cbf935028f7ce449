//! `cargo xtask serve`: builds site and server in release mode and serves both.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use anyhow::{Context as _, Result, bail};

use crate::{shell, site};

#[derive(clap::Args)]
pub struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    /// Serve what was built before
    #[arg(long)]
    no_build: bool,
    /// Passed on to `lagvis serve`, as `-- --allow-registry HOST`
    #[arg(last = true)]
    rest: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let (folder, server) = if arguments.no_build {
        (site::folder(), site::target()?.join("server/lagvis"))
    } else {
        (site::build()?, site::build_server("server")?)
    };
    let mut command = shell::command(&server);
    command.args(["serve", "--listen", &format!("127.0.0.1:{}", arguments.port), "--site"]).arg(folder);
    command.args(&arguments.rest).stdout(Stdio::piped());
    eprintln!("    $ {}", shell::line(&command));
    let mut child = command.spawn().context("the server does not start")?;
    let lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
    let mut open = arguments.open;
    for line in lines {
        let line = line?;
        println!("{line}");
        if let (true, Some(at)) = (open, line.find("http://")) {
            open = false;
            show(line.get(at..).unwrap_or_default());
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the server ended: {status}");
    }
    Ok(())
}

fn show(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if shell::command(opener).arg(address.trim()).spawn().is_err() {
        eprintln!("no browser could be started with {opener}: open {address}");
    }
}
