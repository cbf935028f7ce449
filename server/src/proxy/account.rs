//! The account of one request: its place among the limits, its line of the log, its part of the metrics. It is closed
//! when the body is through, or broken off. It holds no query, no header and nothing of a password.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::Method;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{limits::Place, metrics::Metrics};

/// One request, until its answer is sent.
pub(super) struct Account {
    metrics: Arc<Metrics>,
    begin: Instant,
    method: Method,
    path: String,
    client: IpAddr,
    status: u16,
    bytes: u64,
    pub(super) place: Option<Place>,
    /// What was asked for.
    pub(super) kind: &'static str,
    /// Whose it is, once it is known.
    pub(super) registry: String,
    /// Why it was refused, if it was.
    pub(super) refused: &'static str,
}

impl Account {
    pub(super) fn open(metrics: Arc<Metrics>, method: &Method, path: &str, client: IpAddr) -> Self {
        Self {
            metrics,
            begin: Instant::now(),
            method: method.clone(),
            path: path.to_owned(),
            client,
            status: 0,
            bytes: 0,
            place: None,
            kind: "other",
            registry: String::new(),
            refused: "",
        }
    }

    /// The answer, whose end closes the account.
    pub(super) fn attach(mut self, response: Response) -> Response {
        self.status = response.status().as_u16();
        response.map(|body| Body::new(Accounted { body, account: self }))
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.metrics.answered(self.kind, self.status, self.bytes);
        if !self.refused.is_empty() {
            self.metrics.refused(self.refused);
        }
        tracing::info!(
            client = %self.client,
            method = %self.method,
            path = self.path,
            registry = self.registry,
            status = self.status,
            bytes = self.bytes,
            ms = u64::try_from(self.begin.elapsed().as_millis()).unwrap_or_default(),
            refused = self.refused,
            "request"
        );
    }
}

struct Accounted {
    body: Body,
    account: Account,
}

impl HttpBody for Accounted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let poll = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &poll {
            self.account.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        poll
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
