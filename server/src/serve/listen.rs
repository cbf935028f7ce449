//! Takes connections, so many and no more, and hands their requests on; on the way out it lets them end.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use super::stalls::Stalls;
use crate::{
    cli::ServeArgs,
    proxy::{Peer, client_key, is_trusted},
};

/// Bytes of a request's headers: a token of a cloud's registry has a few thousand.
const HEADER_BYTES: usize = 64 << 10;
/// How long is waited when no connection can be taken, for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop`, and then for as long as requests last, up to the grace.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    args: &ServeArgs,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(usize::try_from(args.connections).unwrap_or(Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let guests = Arc::new(Guests::default());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(args.header_timeout).max_header_size(HEADER_BYTES);
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((place, listener.accept().await))
        };
        let (place, accepted) = tokio::select! {
            next = next => next?,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                sleep(BREATH).await;
                continue;
            }
        };
        let Some(guest) = guests.enter(peer, args) else {
            tracing::info!(client = %peer.ip(), "too many connections");
            continue;
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request)
        });
        // Small answers are not held back to be sent with others.
        _ = stream.set_nodelay(true);
        let io = TokioIo::new(Stalls::new(stream, args.stall_timeout));
        let connection = graceful.watch(http.serve_connection(io, service));
        tokio::spawn(async move {
            let _held: (OwnedSemaphorePermit, Guest) = (place, guest);
            if let Err(error) = connection.await {
                tracing::debug!(client = %peer.ip(), %error, "a connection ended");
            }
        });
    }
    drop(listener);
    if timeout(args.shutdown_grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still answered when the grace was over");
    }
    Ok(())
}

/// Connections by client.
#[derive(Default)]
struct Guests(Mutex<HashMap<IpAddr, u32>>);

/// One of them; it leaves when dropped.
struct Guest {
    guests: Arc<Guests>,
    key: Option<IpAddr>,
}

impl Guests {
    fn enter(self: &Arc<Self>, peer: SocketAddr, args: &ServeArgs) -> Option<Guest> {
        let ip = peer.ip().to_canonical();
        if args.client_connections == 0 || ip.is_loopback() || is_trusted(ip, args) {
            return Some(Guest { guests: self.clone(), key: None });
        }
        let key = client_key(ip);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(key).or_default();
        if *count >= args.client_connections {
            return None;
        }
        *count += 1;
        Some(Guest { guests: self.clone(), key: Some(key) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut all = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                all.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_connections_and_others_have_theirs() {
        let args = ServeArgs::of(&["--client-connections", "2", "--trusted-proxy", "192.0.2.1"]);
        let guests = Arc::new(Guests::default());
        let enter = |ip: &str| guests.enter(SocketAddr::new(ip.parse().unwrap(), 1), &args);
        let held = [enter("203.0.113.1"), enter("203.0.113.1")];
        assert!(held.iter().all(Option::is_some) && enter("203.0.113.1").is_none());
        assert!(enter("203.0.113.2").is_some());
        let trusted: Vec<_> = (0..5).map(|_| enter("192.0.2.1")).collect();
        assert!(trusted.iter().all(Option::is_some));
        drop(held);
        assert!(enter("203.0.113.1").is_some());
        assert!(guests.0.lock().unwrap().is_empty());
    }
}
