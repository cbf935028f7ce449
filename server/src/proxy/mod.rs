//! The registry proxy: the distribution API for registries of an allowlist, with CORS, tokens and redirects.
//!
//! `route` reads the request, `allow` decides, `upstream` asks the registry (tokens, redirects), `reach` says where it
//! may do so, `answer` builds what the client gets. Nothing of a blob is ever held whole.

mod address;
mod allow;
mod answer;
mod reach;
mod route;
mod upstream;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::Method;

use self::{
    allow::Allowed,
    answer::{Refusal, pass_on, preflight, version},
    route::Route,
    upstream::Upstream,
};
use crate::cli::ServeArgs;

/// The proxy's state, shared by all requests.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    allowed: Allowed,
    upstream: Upstream,
}

impl Proxy {
    /// A proxy as the arguments want it.
    pub fn new(args: &ServeArgs) -> Result<Self, reqwest::Error> {
        let allowed = Allowed::new(&args.default_registry, &args.allow_registry, &args.plain_http);
        let upstream = Upstream::new(args)?;
        Ok(Self(Arc::new(Inner { allowed, upstream })))
    }
}

/// Says that the service is up.
pub async fn health() -> &'static str {
    "ok\n"
}

/// Answers a request of the distribution API.
pub async fn handle(State(proxy): State<Proxy>, request: Request) -> Response {
    answer(&proxy, request).await.unwrap_or_else(Refusal::into_response)
}

/// Answers what is no address of anything, where no site is served.
pub async fn elsewhere(request: Request) -> Response {
    Refusal::unknown(request.uri().path()).into_response()
}

async fn answer(proxy: &Proxy, request: Request<Body>) -> Result<Response, Refusal> {
    let method = request.method().clone();
    if method == Method::OPTIONS {
        return Ok(preflight());
    }
    if method != Method::GET && method != Method::HEAD {
        return Err(Refusal::method());
    }
    let path = request.uri().path();
    if matches!(path, "/v2" | "/v2/") {
        return Ok(version());
    }
    let route = Route::parse(path, request.uri().query(), &proxy.0.allowed)?;
    tracing::info!(registry = %route.registry, path = %route.path(), "request");
    let response = proxy.0.upstream.send(&method, &route, &proxy.0.allowed, request.headers()).await?;
    pass_on(&route, &method, response).await
}
