//! A registry that answers whatever a test wants, and remembers what it was asked.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, body::Body, extract::Request, response::Response, serve::ListenerExt as _};
use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
    task::JoinHandle,
};

/// A digest that every test asks for; nobody hashes here.
pub(crate) const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
}

impl Seen {
    /// A header's value; empty if it did not come.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The host and port that were asked.
    pub(crate) fn host(&self) -> &str {
        self.header("host")
    }
}

/// The upstream. It ends with its owner.
pub(crate) struct Fake {
    /// Host and port.
    pub(crate) host: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    /// A registry at this machine's usual address.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1", answer).await
    }

    /// A registry at an address: all of 127/8 is here, and another address is another host.
    pub(crate) async fn start_at(address: &str, answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (seen, accepted) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (log, count) = (seen.clone(), accepted.clone());
        let listener = listener.tap_io(move |_| _ = count.fetch_add(1, Ordering::SeqCst));
        let answer = Arc::new(answer);
        let router = Router::new().fallback(move |request: Request| {
            let now = Seen {
                method: request.method().to_string(),
                target: request.uri().to_string(),
                headers: request.headers().clone(),
            };
            log.lock().unwrap().push(now.clone());
            let response = answer(&now);
            async move { Ok::<_, Infallible>(response) }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { host, seen, accepted, task }
    }

    /// A listener that nobody is to connect to: it takes connections, counts them, and says nothing.
    pub(crate) async fn forbidden(address: &str) -> Self {
        Self::start_raw_at(address, b"").await
    }

    /// A listener that says these bytes to whoever comes, and hangs up: for what no HTTP library would send.
    pub(crate) async fn start_raw(bytes: &'static [u8]) -> Self {
        Self::start_raw_at("127.0.0.1", bytes).await
    }

    async fn start_raw_at(address: &str, bytes: &'static [u8]) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (seen, accepted) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (log, count) = (seen.clone(), accepted.clone());
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await.unwrap();
                let target = String::from_utf8_lossy(&request[..read]).into_owned();
                log.lock().unwrap().push(Seen { method: String::new(), target, headers: HeaderMap::new() });
                stream.write_all(bytes).await.unwrap();
            }
        });
        Self { host, seen, accepted, task }
    }

    /// A path of the proxy that means this registry.
    pub(crate) fn path(&self, rest: &str) -> String {
        let mark = if rest.contains('?') { '&' } else { '?' };
        format!("/v2/{rest}{mark}ns={}", self.host)
    }

    /// The path of a blob.
    pub(crate) fn blob(&self) -> String {
        self.path(&format!("a/blobs/{DIGEST}"))
    }

    /// Connections that were made so far, whatever came of them.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Its port.
    pub(crate) fn port(&self) -> &str {
        self.host.rsplit(':').next().unwrap()
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The paths that were asked for with GET; a tag is asked for with HEAD before.
    pub(crate) fn gets(&self) -> Vec<String> {
        self.seen().into_iter().filter(|seen| seen.method == "GET").map(|seen| seen.target).collect()
    }

    /// The paths that came so far.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.target).collect()
    }
}

/// An answer of a status, with headers and a body.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let builder = headers.iter().fold(Response::builder().status(status), |builder, (k, v)| builder.header(*k, *v));
    builder.body(body.into()).unwrap()
}

/// A plain good answer.
pub(crate) fn good(body: impl Into<Body>) -> Response {
    answer(200, &[], body)
}

/// A redirect.
pub(crate) fn redirect(to: &str) -> Response {
    answer(307, &[("location", to)], "")
}

/// The error that distribution sends.
pub(crate) fn error(status: u16, code: &str) -> Response {
    let body = format!(r#"{{"errors":[{{"code":"{code}","message":"said upstream","detail":null}}]}}"#);
    answer(status, &[("content-type", "application/json")], body)
}

/// The other end of a body.
pub(crate) type Pipe = mpsc::Sender<io::Result<Bytes>>;

/// A body that comes as it is written; dropping the pipe ends it, an error breaks it off.
pub(crate) fn piped() -> (Pipe, Body) {
    let (sender, receiver) = mpsc::channel(1);
    let parts = stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|part| (part, receiver)) });
    (sender, Body::from_stream(parts))
}

/// An answer that can be given once.
pub(crate) fn once(response: Response) -> impl Fn(&Seen) -> Response {
    let response = Mutex::new(Some(response));
    move |_| response.lock().unwrap().take().unwrap_or_else(|| answer(500, &[], "asked twice"))
}
