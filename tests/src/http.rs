//! One request over a connection of its own, as it is: nothing is followed, unpacked or asked again.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};

/// Nothing here takes so long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// The answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value; empty if it did not come.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// GET of a plain http URL.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    send("GET", url, headers, &[])
}

/// Any request to a plain http URL.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
    let rest = url.strip_prefix("http://").with_context(|| format!("{url} is not plain http"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).with_context(|| format!("{host} cannot be reached"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !matches!(method, "GET" | "HEAD") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    let mut part = [0; 1 << 16];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        match stream.read(&mut part)? {
            0 => bail!("the answer has no head"),
            read => bytes.extend_from_slice(&part[..read]),
        }
    };
    let mut answer = read_head(&String::from_utf8_lossy(&bytes[..end]))?;
    let mut body = bytes.split_off(end);
    let said: Option<usize> = answer.header("content-length").parse().ok();
    let said = if method == "HEAD" || matches!(answer.status, 204 | 304) { Some(0) } else { said };
    // Not every server closes because it was asked to: where a length is said, it counts.
    while said.is_none_or(|said| body.len() < said) {
        match stream.read(&mut part)? {
            0 => break,
            read => body.extend_from_slice(&part[..read]),
        }
    }
    answer.body = if answer.header("transfer-encoding") == "chunked" { unchunked(&body)? } else { body };
    ensure!(said.is_none_or(|said| said == answer.body.len()), "the answer broke off");
    Ok(answer)
}

fn read_head(head: &str) -> Result<Answer> {
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default().split(' ').nth(1).and_then(|status| status.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Ok(Answer { status: status.context("the answer has no status")?, headers, body: Vec::new() })
}

fn unchunked(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").context("a chunk without a length")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end])?.trim(), 16)?;
        rest = &rest[end + 2..];
        if length == 0 {
            return Ok(body);
        }
        if rest.len() < length + 2 {
            bail!("the answer broke off");
        }
        body.extend_from_slice(&rest[..length]);
        rest = &rest[length + 2..];
    }
}
