//! The HTTP client of the command: requests, bodies and their pace, and what went wrong, told apart by type.

use std::{
    error::Error,
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lagvis::{
    problem::{Problem, ProblemKind},
    registry::{HttpRequest, HttpResponse, Method, Pace, Transport},
};
use reqwest::Url;
use tokio::runtime::Runtime;

use super::within::Home;

/// An HTTP client with the runtime that it runs on.
pub(super) struct Client {
    runtime: Runtime,
    http: reqwest::Client,
    patience: Duration,
    home: Home,
}

/// A body on its way.
pub(super) struct Body {
    response: reqwest::Response,
    pace: Pace,
}

impl Client {
    /// A client that bears so long a silence, for what begins with the URL `base`.
    pub(super) fn new(base: &str, patience: Duration) -> Result<Self, Problem> {
        let failed = |error: String| Problem::new(ProblemKind::ReadFailed, "the HTTP client", error);
        let runtime = Runtime::new().map_err(|error| failed(error.to_string()))?;
        let home = Home::of(base);
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .redirect(home.redirects())
            .dns_resolver(Arc::new(home.clone()))
            .user_agent(concat!("lagvis/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { runtime, http, patience, home })
    }

    /// A response with its body, as far as the request has use for it.
    pub(super) fn fetch(&self, request: &HttpRequest) -> Result<HttpResponse, Transport> {
        let (mut head, mut body) = self.send(request)?;
        self.fill(&mut head, &mut body, request.max_bytes)?;
        Ok(head)
    }

    /// The head of a response, and its body to be read where it is one of success.
    pub(super) fn begin(&self, request: &HttpRequest) -> Result<(HttpResponse, Option<Body>), Transport> {
        let (mut head, mut body) = self.send(request)?;
        if matches!(head.status, 200 | 206) {
            return Ok((head, Some(body)));
        }
        // The words of a refusal are of use, but not needed.
        _ = self.fill(&mut head, &mut body, request.max_bytes);
        Ok((head, None))
    }

    fn fill(&self, head: &mut HttpResponse, body: &mut Body, max_bytes: u64) -> Result<(), Transport> {
        while let Some(chunk) = self.next(body)? {
            if head.body.len() as u64 + chunk.len() as u64 > max_bytes {
                head.truncated = true;
                break;
            }
            head.body.extend_from_slice(&chunk);
        }
        Ok(())
    }

    fn send(&self, request: &HttpRequest) -> Result<(HttpResponse, Body), Transport> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Head => http::Method::HEAD,
        };
        if let Some(why) = Url::parse(&request.url).ok().and_then(|url| self.home.refuses(&url)) {
            return Err(Transport::Misled(why));
        }
        let mut sending = self.http.request(method, &request.url);
        for (name, value) in &request.headers {
            sending = sending.header(name, value);
        }
        let longest = Duration::from_millis(Pace::to_begin(millis(self.patience)));
        let sent = self.runtime.block_on(async { tokio::time::timeout(longest, sending.send()).await });
        let silence = |_| Transport::Stalled(longest.as_secs());
        let response = sent.map_err(silence)?.map_err(|error| transport(&error))?;
        let headers = response.headers().iter();
        let head = HttpResponse {
            status: response.status().as_u16(),
            headers: headers.filter_map(|(n, v)| Some((n.to_string(), v.to_str().ok()?.to_owned()))).collect(),
            ..HttpResponse::default()
        };
        Ok((head, Body { response, pace: Pace::new(millis(self.patience), now()) }))
    }

    /// The next bytes of a body; none at its end.
    pub(super) fn next(&self, body: &mut Body) -> Result<Option<bytes::Bytes>, Transport> {
        let left = Duration::from_millis(body.pace.left(now()));
        let read = self.runtime.block_on(async { tokio::time::timeout(left, body.response.chunk()).await });
        let chunk = read.map_err(|_| body.pace.silence())?.map_err(|error| Transport::Broken(cause(&error)))?;
        if let Some(chunk) = &chunk {
            body.pace.took(chunk.len() as u64, now())?;
        }
        Ok(chunk)
    }

    /// Waits.
    pub(super) fn sleep(&self, time: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Why there is no response.
fn transport(error: &reqwest::Error) -> Transport {
    let text = cause(error);
    if error.is_redirect() {
        return Transport::Misled(text);
    }
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.is::<NoSuchHost>() {
            return Transport::NoSuchHost(text);
        }
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return Transport::Certificate(text);
        }
        // An error of TLS travels inside one of I/O, which does not name it as its source.
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        source = inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    Transport::Unreachable(text)
}

/// The innermost reason, without the URL: it may be signed.
fn cause(error: &reqwest::Error) -> String {
    let mut source: &dyn Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}

/// There is no such host.
#[derive(Debug)]
pub(super) struct NoSuchHost(pub(super) std::io::Error);

impl fmt::Display for NoSuchHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for NoSuchHost {}
