//! Drives the pull with an HTTP client.

use lagvis::{
    image::Reference,
    problem::{Problem, ProblemKind},
    protocol::BlobRequest,
    registry::{HttpRequest, HttpResponse, Method, Pull, Step, Transport, Via},
};
use tokio::runtime::Runtime;

use super::{InspectArgs, source::Opened};

/// An HTTP client with the runtime that it runs on.
pub(super) struct Client {
    runtime: Runtime,
    http: reqwest::Client,
}

/// Pulls the documents of a reference.
pub(super) fn open(args: &InspectArgs) -> Result<Opened, Problem> {
    let text = &args.source;
    let invalid = |error: String| Problem::new(ProblemKind::ReferenceInvalid, text.clone(), error);
    let reference = Reference::parse(text).map_err(|error| invalid(error.to_string()))?;
    let via = match &args.proxy {
        Some(base) => Via::Proxy { base: base.clone() },
        None => Via::Direct { plain_http: args.plain_http },
    };
    let client = Client::new()?;
    let mut pull = Pull::new(reference, args.platform.clone(), via);
    loop {
        match pull.poll() {
            Step::Ready => break,
            Step::ChoosePlatform(choices) => {
                let names: Vec<String> =
                    choices.iter().filter_map(|choice| choice.platform.as_ref()).map(ToString::to_string).collect();
                let detail = format!("it is there for {}, and none is the usual one", names.join(", "));
                return Err(Problem::new(ProblemKind::PlatformAbsent, text.clone(), detail));
            }
            Step::Fetch(request) => pull.provide(client.fetch(&request))?,
        }
    }
    let missing = || Problem::new(ProblemKind::RegistryError, text.clone(), "the pull ended without an image");
    let image = pull.opened().ok_or_else(missing)?;
    Ok(Opened::of_registry(text.clone(), image, pull, client))
}

impl Client {
    fn new() -> Result<Self, Problem> {
        let failed = |error: String| Problem::new(ProblemKind::ReadFailed, "the HTTP client", error);
        let runtime = Runtime::new().map_err(|error| failed(error.to_string()))?;
        let http = reqwest::Client::builder()
            .connect_timeout(std::time::Duration::from_secs(10))
            .read_timeout(std::time::Duration::from_secs(60))
            .user_agent(concat!("lagvis/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { runtime, http })
    }

    fn fetch(&self, request: &HttpRequest) -> Result<HttpResponse, Transport> {
        self.runtime.block_on(self.answer(request)).map_err(|error| Transport::Unreachable(cause(&error)))
    }

    async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, reqwest::Error> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Head => http::Method::HEAD,
        };
        let mut sent = self.http.request(method, &request.url);
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let mut response = sent.send().await?;
        let headers = response.headers().iter();
        let mut answer = HttpResponse {
            status: response.status().as_u16(),
            headers: headers.filter_map(|(n, v)| Some((n.to_string(), v.to_str().ok()?.to_owned()))).collect(),
            ..HttpResponse::default()
        };
        while let Some(chunk) = response.chunk().await? {
            if answer.body.len() as u64 + chunk.len() as u64 > request.max_bytes {
                answer.truncated = true;
                break;
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    /// Streams a blob into `take`, until it says that it has enough.
    pub(super) fn blob(&self, request: &BlobRequest, mut take: impl FnMut(&[u8]) -> bool) -> Result<(), String> {
        self.runtime.block_on(async {
            let mut sent = self.http.get(&request.url);
            for (name, value) in &request.headers {
                sent = sent.header(name, value);
            }
            let mut response = sent.send().await.map_err(|error| cause(&error))?;
            if response.status() != reqwest::StatusCode::OK {
                return Err(format!("the registry answered {}", response.status().as_u16()));
            }
            while let Some(chunk) = response.chunk().await.map_err(|error| cause(&error))? {
                if !take(&chunk) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn cause(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}
