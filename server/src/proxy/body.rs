//! Bodies of registries: blobs as they stream, at a pace; documents whole, with a cap.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::BoxError;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use lagvis::limits::METADATA_BYTES;

use super::{
    answer::{Refusal, cause},
    limits::Hold,
};
use crate::pace::Pace;

/// A registry's body as it streams; an error if the registry stands still. Trailers are not passed on.
pub(super) struct Paced {
    body: reqwest::Body,
    pace: Pace,
}

impl Paced {
    pub(super) fn new(response: reqwest::Response, limit: Duration) -> Self {
        Self { body: response.into(), pace: Pace::new(limit) }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let Poll::Ready(next) = Pin::new(&mut self.body).poll_frame(cx) else {
                ready!(self.pace.poll_waiting(cx));
                let late = io::Error::new(io::ErrorKind::TimedOut, "the registry stands still");
                return Poll::Ready(Some(Err(late.into())));
            };
            match next {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    self.pace.progress(data.len());
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A document as its registry sent it.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Document {
    /// Reads it whole, up to the cap on metadata, as long as there is room for it: until the client has taken it. It was
    /// asked for plain: packed, nobody could check it.
    pub(super) async fn read(registry: &str, mut response: reqwest::Response, mut hold: Hold) -> Result<Self, Refusal> {
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        if let Some(packed) = headers.get(header::CONTENT_ENCODING).filter(|value| *value != "identity") {
            let packed = packed.to_str().unwrap_or("something");
            return Err(Refusal::unusable(registry, &format!("it sends {packed}, though plain was asked for")));
        }
        let too_long = || {
            let why = format!("its answer is longer than the {METADATA_BYTES} bytes of metadata");
            Refusal::unusable(registry, &why)
        };
        // A length that is too large says so before a byte is read; what it says is no reason to make room.
        if response.content_length().is_some_and(|length| length > METADATA_BYTES as u64) {
            return Err(too_long());
        }
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| Refusal::unavailable(registry, &cause(&error)))?
        {
            if body.len() + chunk.len() > METADATA_BYTES {
                return Err(too_long());
            }
            hold.grow(chunk.len()).map_err(Refusal::busy)?;
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status, headers, body: Bytes::from_owner(Held { body, _room: hold }) })
    }
}

/// Bytes with their room.
struct Held {
    body: Vec<u8>,
    _room: Hold,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}
