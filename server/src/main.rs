//! Entry point of the `lagvis` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    lagvis_server::cli::run()
}
