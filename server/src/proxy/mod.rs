//! The registry proxy: the distribution API for registries of an allowlist, with CORS, tokens and redirects.
//!
//! `client` says who asks and `limits` how much; `route` reads the request, `allow` decides, `origin` which pages may
//! ask; `upstream` asks the registry (redirects, `tokens`, `credentials`), `reach` says where it may do so; `manifests`
//! keeps what was verified; `answer` builds what the client gets, `refusal` what it gets instead, `body` what streams.
//! `account` and `metrics` write down what happened. Nothing of a blob is ever held whole.

mod account;
mod allow;
mod answer;
mod body;
mod client;
mod credentials;
mod limits;
mod login;
mod manifests;
mod metrics;
mod origin;
mod reach;
mod refusal;
mod route;
mod tokens;
mod upstream;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use tokio::time::timeout;

pub use self::client::Peer;
use self::{
    account::Account,
    allow::Allowed,
    answer::{Whose, blob, document, head, preflight, verified, version},
    body::Document,
    client::{Client, client},
    credentials::{Authorization, Credentials, Keyed},
    limits::Limits,
    login::Login,
    manifests::{Found, Manifests},
    metrics::Metrics,
    origin::Origins,
    refusal::Refusal,
    route::{Kind, Route},
    upstream::{Ask, Upstream, request_headers},
};
pub(crate) use self::{
    client::{client_key, is_trusted},
    origin::origin,
};
use crate::{cli::ServeArgs, serve::ServeError};

/// The proxy's state, shared by all requests.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    args: ServeArgs,
    allowed: Allowed,
    origins: Origins,
    upstream: Upstream,
    manifests: Manifests,
    limits: Arc<Limits>,
    metrics: Arc<Metrics>,
    login: Option<Login>,
}

impl Proxy {
    /// A proxy as the arguments want it.
    pub fn new(args: &ServeArgs) -> Result<Self, ServeError> {
        let metrics = Arc::new(Metrics::default());
        let keyed = Keyed::new().ok_or(ServeError::Random)?;
        let login = args.login_url.as_ref().map(|url| Login::new(url).ok_or(ServeError::Random)).transpose()?;
        Ok(Self(Arc::new(Inner {
            allowed: Allowed::new(&args.default_registry, &args.allow_registry, &args.plain_http),
            origins: Origins::new(&args.allow_origin),
            upstream: Upstream::new(args, keyed, metrics.clone())?,
            manifests: Manifests::new(args.cache_bytes, args.cache_time, metrics.clone()),
            limits: Limits::new(args),
            metrics,
            login,
            args: args.clone(),
        })))
    }
}

/// Says that the service is up.
pub async fn health() -> &'static str {
    "ok\n"
}

/// What was counted, for Prometheus.
pub async fn metrics(State(proxy): State<Proxy>) -> Response {
    let inner = &proxy.0;
    let mut response = Response::new(inner.metrics.text(inner.limits.in_flight(), inner.manifests.bytes()).into());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Answers a request of the distribution API.
pub async fn handle(State(proxy): State<Proxy>, request: Request) -> Response {
    let nobody = Peer(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0));
    // No request that is answered has a body.
    let (request, _) = request.into_parts();
    let Peer(peer) = request.extensions.get().copied().unwrap_or(nobody);
    let who = client(peer, &request.headers, &proxy.0.args);
    let mut account = Account::open(proxy.0.metrics.clone(), &request.method, request.uri.path(), who.ip);
    let outcome = proxy.0.answer(&request, &who, &mut account).await;
    let is_unsafe = outcome.as_ref().is_err_and(|refusal| refusal.reason() == "unsafe-password");
    let mut response = outcome.unwrap_or_else(|refusal| {
        account.refused = refusal.reason();
        refusal.into_response()
    });
    if response.status() == StatusCode::UNAUTHORIZED && !who.is_page && !is_unsafe {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, proxy.0.challenge());
    }
    account.attach(response)
}

/// Answers what is no address of anything, where no site is served.
pub async fn elsewhere(request: Request) -> Response {
    Refusal::unknown(request.uri().path()).into_response()
}

impl Inner {
    async fn answer(&self, request: &Parts, who: &Client, account: &mut Account) -> Result<Response, Refusal> {
        let (method, path, headers) = (&request.method, request.uri.path(), &request.headers);
        let place = self.limits.enter(who, Instant::now()).map_err(Refusal::busy)?;
        let place = account.place.insert(place);
        if method == Method::OPTIONS {
            account.kind = "preflight";
            return Ok(preflight());
        }
        if method != Method::GET && method != Method::HEAD {
            return Err(Refusal::method());
        }
        if let (Some(login), login::PATH) = (&self.login, path) {
            account.kind = "token";
            let credentials = self.credentials(headers, who)?;
            return answer::token(login, credentials.as_ref());
        }
        if matches!(path, "/v2" | "/v2/") {
            account.kind = "version";
            return self.version(headers, who);
        }
        let route = Route::parse(path, request.uri.query(), &self.allowed)?;
        account.kind = route.kind.name();
        account.registry.clone_from(&route.registry);
        let is_within = self.upstream.may_be_within(&route.registry);
        if is_within {
            self.origins.check(&route.registry, headers, who)?;
        }
        let credentials = self.credentials(headers, who)?;
        let ask = Ask {
            method: method.clone(),
            route: &route,
            headers: request_headers(&route, headers),
            credentials: credentials.as_ref(),
            place,
        };
        let patience = self.args.document_timeout;
        let slow = |_| Refusal::too_slow(&route.registry, patience);
        let mut pulled = timeout(patience, self.pull(&ask, headers)).await.map_err(slow)?;
        if pulled.as_ref().is_err_and(Refusal::is_to_be_paid) {
            place.password_was_wrong();
        }
        if let (true, Ok(response)) = (is_within, &mut pulled) {
            self.origins.mark(response.headers_mut());
        }
        pulled
    }

    /// The API is spoken here. With a login, clients that are no pages are asked for a token first: without that, none
    /// of them would ever send a password.
    fn version(&self, headers: &HeaderMap, who: &Client) -> Result<Response, Refusal> {
        let is_known = !matches!(Authorization::of(headers), Authorization::None);
        if self.login.is_none() || who.is_page {
            return Ok(version());
        }
        self.credentials(headers, who)?;
        if is_known { Ok(version()) } else { Err(Refusal::login()) }
    }

    /// Name and password of a request, if its way was safe.
    fn credentials(&self, headers: &HeaderMap, who: &Client) -> Result<Option<Credentials>, Refusal> {
        let credentials = match (Authorization::of(headers), &self.login) {
            (Authorization::Basic(credentials), _) => Some(credentials),
            (Authorization::Bearer(token), Some(login)) => login.open(&token).map_err(|_| Refusal::old_token())?,
            // A token of somebody else's is of no use here, and goes nowhere.
            (Authorization::Bearer(_), None) | (Authorization::None, _) => None,
            (Authorization::Unreadable, _) => return Err(Refusal::unreadable_password()),
        };
        if credentials.is_some() && !who.is_safe && !self.args.http_passwords {
            return Err(Refusal::unsafe_password());
        }
        Ok(credentials)
    }

    /// What clients that are no pages are told with a 401.
    fn challenge(&self) -> HeaderValue {
        let own = self.login.as_ref().and_then(Login::challenge);
        own.unwrap_or(HeaderValue::from_static("Basic realm=\"lagvis\", charset=\"UTF-8\""))
    }

    /// Gets what is asked for, up to the first byte of a blob and the last of anything else.
    async fn pull(&self, ask: &Ask<'_>, client: &HeaderMap) -> Result<Response, Refusal> {
        let route = ask.route;
        let whose = if ask.credentials.is_some() { Whose::Somebodys } else { Whose::Everybodys };
        match self.manifests.find(&self.upstream, &self.allowed, ask, client).await? {
            Found::Verified(manifest, quota) => return verified(route, &manifest, quota, &ask.method, client),
            Found::Other(found) => return document(route, whose, found),
            Found::Nothing => {}
        }
        let response = self.upstream.send(ask, &self.allowed).await?;
        if ask.method == Method::HEAD {
            return head(route, whose, &response);
        }
        if matches!(route.kind, Kind::Blob(_)) && response.status().is_success() {
            return blob(route, whose, response, self.args.stall_timeout);
        }
        document(route, whose, Document::read(&route.registry, response, ask.place.hold()).await?)
    }
}
