//! The proxy against nginx `proxy_pass`: the same registry, machine and run. Prints throughput, peak memory, and how
//! many of many small requests failed.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use lagvis_tests::{nginx::Nginx, registry::Registry, service::Lagvis};

const BLOB: usize = 100_000_000;
const MANIFESTS: usize = 10_000;
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const ROUNDS: usize = 5;

/// One that is measured.
struct Runner<'a> {
    name: &'static str,
    host: &'a str,
    process: u32,
}

fn main() -> Result<()> {
    let registry = Registry::start(None)?;
    let blob = registry.put_blob("bench", &noise(BLOB))?;
    let config = registry.put_blob("bench", b"{}")?;
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{blob}","size":{BLOB}}}]}}"#
    );
    registry.put_manifest("bench", "1", MANIFEST, manifest.as_bytes())?;
    let upstream = format!("upstream registry {{ server {}; keepalive 64; }}", registry.host);
    let pass = "location / { proxy_pass http://registry; proxy_http_version 1.1; proxy_set_header Connection \"\"; }";
    // As it comes, nginx writes to disk what a client does not take at once.
    let without_disk = format!("proxy_max_temp_file_size 0; {pass}");
    for clients in [1, 50] {
        // New processes: the peak of one number of clients is not that of another.
        let nginx = Nginx::start(&upstream, pass)?;
        let in_memory = Nginx::start(&upstream, &without_disk)?;
        let lagvis = Lagvis::proxy(&["--plain-http", &registry.host, "--default-registry", &registry.host])?;
        let runners = [
            Runner { name: "nginx", host: nginx.host(), process: nginx.id() },
            Runner { name: "nginx, no temporary files", host: in_memory.host(), process: in_memory.id() },
            Runner { name: "lagvis", host: lagvis.host(), process: lagvis.id() },
        ];
        let each = if clients == 1 { 10 } else { 1 };
        let mut rates = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (runner, rates) in runners.iter().zip(&mut rates) {
                rates.push(throughput(runner.host, &blob, clients, each)?);
            }
        }
        let rates = rates.map(median);
        for (runner, rate) in runners.iter().zip(rates) {
            let (peak, ratio) = (peak(runner.process)? / 1000, rates[2] / rate);
            println!(
                "{clients:>3} clients  {:<28} {rate:>6.0} MB/s  peak {peak:>3} MB  lagvis is {ratio:.2} x",
                runner.name
            );
        }
    }
    let lagvis = Lagvis::proxy(&["--plain-http", &registry.host, "--default-registry", &registry.host])?;
    let begin = Instant::now();
    let failed = small(lagvis.host(), 50, MANIFESTS / 50)?;
    println!(
        "{MANIFESTS} manifests: {failed} failed, {:.0} a second",
        MANIFESTS as f64 / begin.elapsed().as_secs_f64()
    );
    let lagvis = Lagvis::proxy(&["--plain-http", &registry.host, "--default-registry", &registry.host])?;
    throughput(lagvis.host(), &blob, 100, 1)?;
    println!("100 clients: peak {} MB", peak(lagvis.id())? / 1000);
    ensure!(failed == 0, "{failed} of {MANIFESTS} small requests failed");
    Ok(())
}

/// Bytes that nothing packs.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// MB a second of so many clients, each getting the blob so many times.
fn throughput(host: &str, blob: &str, clients: usize, each: usize) -> Result<f64> {
    let begin = Instant::now();
    let total = on_threads(clients, || {
        let mut connection = Connection::new(host)?;
        (0..each).try_fold(0, |sum, _| Ok(sum + connection.get(&format!("/v2/bench/blobs/{blob}"))?.1))
    })?;
    ensure!(total == clients * each * BLOB, "{total} bytes came");
    Ok(total as f64 / 1e6 / begin.elapsed().as_secs_f64())
}

/// How many small requests failed.
fn small(host: &str, clients: usize, each: usize) -> Result<usize> {
    on_threads(clients, || {
        let mut connection = Connection::new(host)?;
        let mut failed = 0;
        for _ in 0..each {
            let (status, length) = connection.get("/v2/bench/manifests/1")?;
            failed += usize::from(status != 200 || length == 0);
        }
        Ok(failed)
    })
}

fn on_threads(number: usize, work: impl Fn() -> Result<usize> + Sync) -> Result<usize> {
    thread::scope(|scope| {
        let running: Vec<_> = (0..number).map(|_| scope.spawn(&work)).collect();
        running.into_iter().map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a client panicked"))?).sum()
    })
}

/// A connection that is kept.
struct Connection {
    host: String,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(host: &str) -> Result<Self> {
        Ok(Self { host: host.to_owned(), stream: TcpStream::connect(host)?, buffer: vec![0; 1 << 18] })
    }

    /// Status and bytes of the body, which is read and forgotten.
    fn get(&mut self, path: &str) -> Result<(u16, usize)> {
        let accept = "accept: application/vnd.oci.image.manifest.v1+json";
        write!(self.stream, "GET {path} HTTP/1.1\r\nhost: {}\r\n{accept}\r\n\r\n", self.host)?;
        let mut read = 0;
        let end = loop {
            read += match self.stream.read(&mut self.buffer[read..])? {
                0 => anyhow::bail!("the connection ended"),
                more => more,
            };
            if let Some(end) = self.buffer[..read].windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.with_context(|| format!("no length: {head}"))?;
        let mut left = length - (read - end);
        while left > 0 {
            let most = left.min(self.buffer.len());
            left -= match self.stream.read(&mut self.buffer[..most])? {
                0 => anyhow::bail!("the body ended early"),
                more => more,
            };
        }
        Ok((status, length))
    }
}

/// Peak resident memory of a process and its children, in kB.
fn peak(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let own = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let own: u64 = own.trim().trim_end_matches(" kB").parse()?;
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    children.split_whitespace().try_fold(own, |sum, child| Ok(sum + peak(child.parse()?)?))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
