//! A registry that has an image and does with it what a test wants: its answers are written as bytes, so that they can
//! be anything.

pub mod cases;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context as _, Result};
use lagvis::image::Digest;

/// Blobs of an OCI archive, manifests among them, by digest.
#[derive(Clone, Default)]
pub struct Blobs(BTreeMap<String, Vec<u8>>);

impl Blobs {
    /// Reads an OCI archive; its image is `latest`.
    pub fn of(archive: &[u8]) -> Result<Self> {
        let mut blobs = Self::default();
        for entry in tar::Archive::new(archive).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            if let Some(hex) = path.strip_prefix("blobs/sha256/") {
                blobs.0.insert(format!("sha256:{hex}"), bytes);
            } else if path == "index.json" {
                let index: serde_json::Value = serde_json::from_slice(&bytes)?;
                let digest = index["manifests"][0]["digest"].as_str().context("the index names a manifest")?;
                blobs.0.insert("latest".to_owned(), digest.into());
            }
        }
        let manifest = blobs.0.get("latest").map(|digest| String::from_utf8_lossy(digest).into_owned());
        let manifest = manifest.and_then(|digest| blobs.0.get(&digest).cloned()).context("there is a manifest")?;
        blobs.0.insert("latest".to_owned(), manifest);
        Ok(blobs)
    }

    /// Adds a document under its digest, which it gives.
    pub fn add(&mut self, bytes: &[u8]) -> String {
        let digest = Digest::of(bytes).to_string();
        self.0.insert(digest.clone(), bytes.to_vec());
        digest
    }

    /// What stands under a digest or as a tag.
    pub fn get(&self, which: &str) -> &[u8] {
        self.0.get(which).map_or(&[], Vec::as_slice)
    }

    /// Puts bytes where a digest or a tag says other ones are.
    pub fn put(&mut self, which: &str, bytes: &[u8]) {
        self.0.insert(which.to_owned(), bytes.to_vec());
    }

    /// The manifest of `latest`.
    pub fn manifest(&self) -> serde_json::Value {
        serde_json::from_slice(self.get("latest")).unwrap_or_default()
    }

    /// The digest of a layer of it.
    pub fn layer(&self, number: usize) -> String {
        self.manifest()["layers"][number]["digest"].as_str().unwrap_or_default().to_owned()
    }

    /// What an honest registry would answer.
    fn answer(&self, target: &str) -> Vec<u8> {
        let which = target.rsplit('/').next().unwrap_or_default();
        let Some(bytes) = self.0.get(which) else { return response("404 Not Found", &[], b"{}") };
        let kind = serde_json::from_slice::<serde_json::Value>(bytes).ok();
        let kind = kind.and_then(|document| document["mediaType"].as_str().map(str::to_owned));
        response("200 OK", &[("content-type", kind.as_deref().unwrap_or("application/octet-stream"))], bytes)
    }
}

/// Headers that let pages read an answer.
pub const PAGES: &str = "access-control-allow-origin: *\r\naccess-control-allow-headers: *, authorization\r\n\
                         access-control-expose-headers: *, www-authenticate\r\n";

/// An answer as bytes.
pub fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    // Pages may read it, so that what they make of it is their own affair.
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{PAGES}", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// What is done instead of an honest answer.
pub enum Twist {
    /// Nothing else.
    Honest,
    /// These bytes, and the end.
    Bytes(Vec<u8>),
    /// These bytes, and then some bytes again and again, with a pause in milliseconds.
    Endless(Vec<u8>, Vec<u8>, u64),
}

/// The running registry.
pub struct Hostile {
    /// Host and port.
    pub host: String,
    asked: Arc<AtomicUsize>,
}

impl Hostile {
    /// Starts it. `twist` sees method and path.
    pub fn start(blobs: Blobs, twist: impl Fn(&str, &str) -> Twist + Send + Sync + 'static) -> Result<Self> {
        Self::start_at("127.0.0.1:0", blobs, twist)
    }

    /// The same at an address.
    pub fn start_at(
        address: &str,
        blobs: Blobs,
        twist: impl Fn(&str, &str) -> Twist + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind(address)?;
        let host = listener.local_addr()?.to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, shared) = (asked.clone(), Arc::new((blobs, twist)));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::SeqCst);
                let shared = shared.clone();
                // A client that has enough hangs up.
                thread::spawn(move || _ = serve(stream, &shared.0, &shared.1));
            }
        });
        Ok(Self { host, asked })
    }

    /// Connections that were made.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, blobs: &Blobs, twist: &impl Fn(&str, &str) -> Twist) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().context("no request")??;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    if method == "OPTIONS" {
        stream.write_all(&response("204 No Content", &[], b""))?;
        return Ok(());
    }
    match twist(method, path) {
        Twist::Honest => {
            let mut bytes = blobs.answer(path);
            if method == "HEAD" {
                let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
                bytes.truncate(end);
            }
            stream.write_all(&bytes)?;
        }
        Twist::Bytes(bytes) => stream.write_all(&bytes)?,
        Twist::Endless(head, part, pause) => {
            stream.write_all(&head)?;
            loop {
                stream.write_all(&part)?;
                thread::sleep(std::time::Duration::from_millis(pause));
            }
        }
    }
    Ok(())
}
