//! The repository's own commands. Each file is one of them; [`tools`] installs what they need, [`shell`] runs it.

mod axe;
mod bench;
mod debian;
mod dive;
mod engine_tests;
mod fixtures;
mod fuzz;
mod serve;
mod shell;
mod site;
mod test;
mod tools;

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
    /// Build the site and the server and serve both on http://127.0.0.1:8080
    Serve(serve::Arguments),
    /// Build the site in dist/, each file also packed by brotli and gzip, for any web server
    Site,
    /// Run everything that CI runs
    Test,
    /// Measure Lagvis in Chromium and on the command line against dive
    Bench(bench::Arguments),
    /// Write the images that tests and benchmarks open, and the page's sample
    Fixtures(fixtures::Arguments),
    /// Fuzz every parser, for some time each
    Fuzz(fuzz::Arguments),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Site => site::build().map(|folder| println!("{}", folder.display())),
        Command::Test => test::run(),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Fixtures(arguments) => fixtures::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
    }
}
