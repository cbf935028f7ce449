//! `lagvis serve`: puts site and proxy together, listens, ends gracefully.

mod args;
mod listen;
mod stalls;

use std::{io::Write as _, path::PathBuf};

use axum::{Router, routing::any};
use tokio::net::TcpListener;

use crate::{
    proxy::{Proxy, elsewhere, handle, health, metrics},
    site,
};

pub use self::args::{Forwarded, LogFormat, ServeArgs, TokenServer};

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not ours.
    #[error("cannot listen at {address}: {error}; choose another with --listen")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The system's word.
        error: std::io::Error,
    },
    /// The site's folder is not there.
    #[error("{0} is no folder with an index.html: build the page first, or leave --site out")]
    Site(PathBuf),
    /// The HTTP client cannot be made.
    #[error("the HTTP client does not start: {0}")]
    Client(#[from] reqwest::Error),
    /// There is no randomness.
    #[error("the system gives no random numbers")]
    Random,
    /// Serving failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Serves until it is told to stop.
pub async fn run(args: &ServeArgs) -> Result<(), ServeError> {
    let address = args.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })?;
    let router = router(args)?;
    let mut out = std::io::stdout();
    _ = writeln!(out, "Lagvis is at http://{}/", listener.local_addr()?);
    _ = out.flush();
    listen::serve(listener, router, args, stop()).await?;
    Ok(())
}

/// The whole service, without a listener.
pub fn router(args: &ServeArgs) -> Result<Router, ServeError> {
    let proxy = Proxy::new(args)?;
    let router = Router::new()
        .route("/healthz", any(health))
        .route("/metrics", any(metrics))
        .route("/v2", any(handle))
        .route("/v2/", any(handle))
        .route("/v2/{*rest}", any(handle))
        .with_state(proxy);
    let default = PathBuf::from("dist");
    let folder = match &args.site {
        Some(folder) if !folder.join("index.html").is_file() => return Err(ServeError::Site(folder.clone())),
        Some(folder) => Some(folder.clone()),
        None => default.join("index.html").is_file().then_some(default),
    };
    Ok(match folder {
        Some(folder) => router.fallback_service(site::service(&folder)),
        None => router.fallback(elsewhere),
    })
}

/// Resolves on Ctrl-C or a polite kill.
async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    _ = interrupt.await;
}
