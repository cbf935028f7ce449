//! The repository's own commands. Each file is one of them; [`tools`] installs what they need, [`shell`] runs it.

mod fixtures;
mod shell;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The repository's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the images that tests and benchmarks open, and the page's sample
    Fixtures(fixtures::Arguments),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Fixtures(arguments) => fixtures::run(&arguments),
    }
}
