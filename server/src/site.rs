//! The static page, with the headers that keep it private and strict.

use std::path::Path;

use axum::Router;
use http::{HeaderName, HeaderValue, header};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

/// What the page may load and do. `connect-src` is wide, since registries and proxies are the person's choice.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                      img-src 'self' blob: data:; worker-src 'self'; connect-src 'self' https: http:; \
                      manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Serves a folder.
pub(crate) fn service(folder: &Path) -> Router {
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    Router::new()
        .fallback_service(ServeDir::new(folder).precompressed_br().precompressed_gzip())
        .layer(set(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        // Worker scripts carry no hash in their names: they are asked for again, and answered by 304.
        .layer(set(header::CACHE_CONTROL, "no-cache"))
}
