//! A registry that answers whatever a test wants, and requests of the engine that are sent as they are.

use std::{
    io::{BufReader, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use anyhow::{Result, bail};
use lagvis::registry::{HttpRequest, HttpResponse, Method, Transport};

use crate::http;

/// Sends a request to `http://host:port/path`; its answer whole, as the engine takes it.
pub fn send(method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> Result<HttpResponse> {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let http::Answer { status, headers, body } = http::send(method, url, &headers, body)?;
    Ok(HttpResponse { status, headers, body, truncated: false })
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
