//! Plain HTTP/1.1 by hand: a client that pushes what no tool would, and a registry that answers whatever a test wants.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use anyhow::{Context as _, Result, bail};
use lagvis::registry::{HttpRequest, HttpResponse, Method, Transport};

/// Sends a request to `http://host:port/path`; its answer whole.
pub fn send(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> Result<HttpResponse> {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).context("a plain http URL")?;
    let mut stream = TcpStream::connect(host).with_context(|| format!("{host} does not answer"))?;
    let mut head =
        format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut reader = BufReader::new(stream);
    let first = line(&mut reader)?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .with_context(|| format!("{first:?} is no status line"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(&mut reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut response = HttpResponse { status, headers, ..HttpResponse::default() };
    if method == "HEAD" {
        return Ok(response);
    }
    if response.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = usize::from_str_radix(line(&mut reader)?.trim(), 16)?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            response.body.extend_from_slice(chunk.get(..size).unwrap_or_default());
            if size == 0 {
                break;
            }
        }
    } else {
        reader.read_to_end(&mut response.body)?;
    }
    Ok(response)
}

fn line(reader: &mut impl std::io::BufRead) -> Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// Answers a request of the engine, as the page's fetch does.
pub fn answer(request: &HttpRequest) -> Result<HttpResponse, Transport> {
    let method = if request.method == Method::Get { "GET" } else { "HEAD" };
    let mut response =
        send(method, &request.url, &request.headers, b"").map_err(|error| Transport::Unreachable(error.to_string()))?;
    let most = usize::try_from(request.max_bytes).unwrap_or(usize::MAX);
    response.truncated = response.body.len() > most;
    response.body.truncate(most);
    Ok(response)
}

/// Fails with the registry's words unless an answer is a success.
pub fn success(what: &str, response: HttpResponse) -> Result<HttpResponse> {
    if !(200..300).contains(&response.status) {
        bail!("{what}: {} {}", response.status, String::from_utf8_lossy(&response.body));
    }
    Ok(response)
}

/// What a fake registry answers: status, headers, body.
pub type Answer = (u16, Vec<(String, String)>, Vec<u8>);

/// A registry that answers by method and path with query. It listens as long as the test runs.
pub fn serve(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let host = listener.local_addr()?.to_string();
    let answer = std::sync::Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A client that leaves early is no failure of the test.
            thread::spawn(move || _ = respond(stream, &*answer));
        }
    });
    Ok(host)
}

fn respond(stream: TcpStream, answer: &(impl Fn(&str, &str) -> Answer + ?Sized)) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let first = line(&mut reader)?;
    while !line(&mut reader)?.is_empty() {}
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, headers, body) = answer(method, target);
    let mut head = format!("HTTP/1.1 {status} Fake\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = reader.into_inner();
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    Ok(())
}
