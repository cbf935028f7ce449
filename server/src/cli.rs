//! Arguments, logging, exit status.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{inspect, serve};

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

/// Arguments of `lagvis serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Address and port to listen at; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", env = "LAGVIS_LISTEN")]
    pub listen: SocketAddr,
    /// Folder with the built page; without it ./dist is served if it is there
    #[arg(long, env = "LAGVIS_SITE")]
    pub site: Option<PathBuf>,
    /// Registry that is meant when a request names none
    #[arg(long, default_value = "docker.io", env = "LAGVIS_DEFAULT_REGISTRY")]
    pub default_registry: String,
    /// Another registry that may be reached over https, wherever it is; .HOST allows every public host below
    #[arg(long = "allow-registry", value_name = "HOST[:PORT]", env = "LAGVIS_ALLOW_REGISTRY", value_delimiter = ',')]
    pub allow_registry: Vec<String>,
    /// A registry that is reached over plain http, wherever it is; allows it too
    #[arg(long = "plain-http", value_name = "HOST:PORT", env = "LAGVIS_PLAIN_HTTP", value_delimiter = ',')]
    pub plain_http: Vec<String>,
    /// What to log, for example info or lagvis_server=debug
    #[arg(long, default_value = "warn", env = "LAGVIS_LOG")]
    pub log: String,
}

/// Runs the command.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    // One provider for every TLS connection of the process; a second call changes nothing.
    _ = rustls::crypto::ring::default_provider().install_default();
    match cli.command {
        Command::Serve(args) => {
            let filter = tracing_subscriber::EnvFilter::try_new(&args.log).unwrap_or_default();
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
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
    match runtime.block_on(serve::run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

/// One clear line on stderr.
pub(crate) fn fail(text: &str) -> ExitCode {
    _ = writeln!(std::io::stderr(), "lagvis: {text}");
    ExitCode::from(1)
}
