//! Arguments, logging, exit status.

use std::{io::Write as _, process::ExitCode};

use clap::{Parser, Subcommand};

pub use crate::serve::ServeArgs;
use crate::{
    inspect,
    serve::{self, LogFormat},
};

#[derive(Parser)]
#[command(name = "lagvis", version, about = "Looks into container images, and verifies every hash of them")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the page and the registry proxy that it pulls through
    Serve(ServeArgs),
    /// Verify an image on the command line
    Inspect(inspect::InspectArgs),
}

/// Runs the command.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    // One provider for every TLS connection of the process; a second call changes nothing.
    _ = rustls::crypto::ring::default_provider().install_default();
    match cli.command {
        Command::Serve(args) => {
            let filter = tracing_subscriber::EnvFilter::try_new(&args.log).unwrap_or_default();
            let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
            match args.log_format {
                LogFormat::Text => log.init(),
                LogFormat::Json => log.json().flatten_event(true).init(),
            }
            run_serve(&args)
        }
        Command::Inspect(args) => inspect::run(&args),
    }
}

fn run_serve(args: &ServeArgs) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime does not start: {error}")),
    };
    let outcome = runtime.block_on(serve::run(args));
    // What still goes on is over: the grace was for it.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

/// One clear line on stderr.
pub(crate) fn fail(text: &str) -> ExitCode {
    _ = writeln!(std::io::stderr(), "lagvis: {text}");
    ExitCode::from(1)
}
