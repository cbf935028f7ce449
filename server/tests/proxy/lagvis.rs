//! `lagvis serve` as a process, and the requests that tests send it.

use std::{
    future::Future,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::{Client, Method, Response, redirect::Policy};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::fake::Fake;

/// How long anything may take on a busy machine. Nothing waits so long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something that has to come.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.unwrap()
}

/// The running service. It ends with its owner.
pub(crate) struct Lagvis {
    child: Child,
    host: String,
    client: Client,
}

impl Drop for Lagvis {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Lagvis {
    /// Serves with these arguments on a free port.
    pub(crate) fn serve(arguments: &[&str]) -> Self {
        _ = rustls::crypto::ring::default_provider().install_default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lagvis"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        // What is logged by default is seen; what a test asks for is read.
        if arguments.contains(&"--log") {
            command.stderr(Stdio::piped());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let host = line.trim().strip_prefix("Lagvis is at http://").unwrap().trim_end_matches('/').to_owned();
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { child, host, client }
    }

    /// Serves for these registries, over plain http.
    pub(crate) fn before(upstreams: &[&Fake]) -> Self {
        Self::before_with(upstreams, &[])
    }

    /// The same with more arguments.
    pub(crate) fn before_with(upstreams: &[&Fake], arguments: &[&str]) -> Self {
        let hosts = upstreams.iter().flat_map(|fake| ["--plain-http", fake.host.as_str()]);
        Self::serve(&hosts.chain(arguments.iter().copied()).collect::<Vec<_>>())
    }

    /// Sends a request.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
        let request = self.client.request(method, format!("http://{}{path}", self.host));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        soon(request.send()).await.unwrap()
    }

    /// Sends a plain GET.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[]).await
    }

    /// Sends a request line as it is, which a library would tidy up; gives all that comes back.
    pub(crate) async fn raw(&self, method: &str, target: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).await.unwrap();
        let request = format!("{method} {target} HTTP/1.1\r\nhost: proxy\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon(stream.read_to_string(&mut answer)).await.unwrap();
        answer
    }

    /// Where it is: host and port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// A connection to it.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.host).await.unwrap()
    }

    /// Whether it takes connections.
    pub(crate) async fn connects(&self) -> bool {
        TcpStream::connect(&self.host).await.is_ok()
    }

    /// A figure of its metrics; 0 if it is not there.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let text = soon(self.get("/metrics").await.text()).await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0, |value| value.parse().unwrap())
    }

    /// Waits until a figure of its metrics is so high.
    pub(crate) async fn reaches(&self, name: &str, value: u64) {
        soon(async {
            while self.metric(name).await < value {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }

    /// Tells it to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end; whether it was a good one.
    pub(crate) async fn ended(&mut self) -> bool {
        soon(async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.success();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
    }

    /// Ends it; all that it logged.
    pub(crate) fn logged(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }

    /// A line of the kernel's account of the process, in kB.
    pub(crate) fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')).unwrap();
        value.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

/// A header's value; empty if it did not come.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Status, code and message of an error that the proxy itself makes.
pub(crate) async fn refusal(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let text = soon(response.text()).await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text:?}"));
    let error = &body["errors"][0];
    assert_eq!(error["detail"]["source"], "proxy", "{text}");
    (status, error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
}
