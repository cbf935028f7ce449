//! A registry that stops in the middle of its image's largest blob, until it is told to go on or is left.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use lagvis::image::Digest;
use serde_json::Value;

/// Longest wait for something that is to happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether the other side is still there.
const LOOK: Duration = Duration::from_millis(20);

/// A running registry with one image, whatever its name and tag.
pub struct Held {
    /// Host and port.
    pub host: String,
    shared: Arc<Shared>,
}

struct Shared {
    blobs: BTreeMap<String, Vec<u8>>,
    manifest: String,
    largest: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    open: bool,
    /// Transfers that stand in the middle of the blob.
    standing: usize,
    /// Transfers that were left there.
    left: usize,
}

impl Held {
    /// Serves the image of an OCI archive.
    pub fn serve(archive: &[u8]) -> Result<Self> {
        let mut blobs = BTreeMap::new();
        let mut manifest = None;
        for entry in tar::Archive::new(archive).entries()? {
            let mut entry = entry?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            if name == "index.json" {
                let index: Value = serde_json::from_slice(&bytes)?;
                manifest = index["manifests"][0]["digest"].as_str().map(str::to_owned);
            } else if name.starts_with("blobs/") {
                blobs.insert(Digest::of(&bytes).to_string(), bytes);
            }
        }
        let largest = blobs.iter().max_by_key(|(_, bytes)| bytes.len()).context("the archive has blobs")?.0.clone();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host = listener.local_addr()?.to_string();
        let manifest = manifest.context("the archive has an index")?;
        let shared =
            Arc::new(Shared { blobs, manifest, largest, state: Mutex::default(), changed: Condvar::default() });
        let served = Arc::clone(&shared);
        // Both end with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&served);
                thread::spawn(move || shared.answer(stream));
            }
        });
        Ok(Self { host, shared })
    }

    /// Waits until a transfer stands in the middle.
    pub fn stands(&self) -> Result<()> {
        self.shared.wait("a transfer stands in the middle", |state| state.standing > 0)
    }

    /// Waits until a transfer was left in the middle.
    pub fn is_left(&self) -> Result<()> {
        self.shared.wait("the transfer was left", |state| state.left > 0)
    }

    /// Lets all transfers go on to their end.
    pub fn go_on(&self) {
        self.shared.lock().open = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, what: &str, holds: impl Fn(&State) -> bool) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut state = self.lock();
        while !holds(&state) {
            ensure!(Instant::now() < end, "waited in vain: {what}");
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// One request a connection.
    fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
        let request = lines.next()?.ok()?;
        lines.by_ref().take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty())).for_each(drop);
        let mut words = request.split(' ');
        let (method, path) = (words.next()?, words.next()?.split('?').next()?);
        let name = path.rsplit('/').next()?;
        let digest = if path.contains("/manifests/") { self.manifest.as_str() } else { name };
        let Some(bytes) = self.blobs.get(digest) else {
            let status = if path == "/v2/" { "200 OK" } else { "404 Not Found" };
            return write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
        };
        let kind = if digest == self.manifest {
            "application/vnd.oci.image.manifest.v1+json"
        } else {
            "application/octet-stream"
        };
        let length = bytes.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
             Docker-Content-Digest: {digest}\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        if method == "HEAD" {
            return Some(());
        }
        let half = if digest == self.largest { length / 2 } else { length };
        let (first, second) = bytes.split_at(half);
        stream.write_all(first).ok()?;
        if !second.is_empty() && self.is_held(&stream) {
            return None;
        }
        stream.write_all(second).ok()
    }

    /// Stands until it may go on; true when the other side left meanwhile.
    fn is_held(&self, stream: &TcpStream) -> bool {
        self.lock().standing += 1;
        self.changed.notify_all();
        let is_left = loop {
            if self.lock().open {
                break false;
            }
            _ = stream.set_read_timeout(Some(LOOK));
            match stream.peek(&mut [0]) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Ok(1..) => thread::sleep(LOOK),
                Ok(0) | Err(_) => break true,
            }
        };
        let mut state = self.lock();
        state.standing -= 1;
        state.left += usize::from(is_left);
        drop(state);
        self.changed.notify_all();
        is_left
    }
}
