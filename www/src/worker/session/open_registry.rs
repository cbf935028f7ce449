//! Pulls an image's documents: drives the engine's state machine with the browser's fetch.

use lagvis::{
    image::{Platform, Reference},
    opened::{Document, SourceKind},
    problem::{Problem, ProblemKind},
    protocol::FromSession,
    registry::{HttpRequest, HttpResponse, Method, Pull, Step, Transport, Via, item_of},
    verify::CheckKind,
};

use super::{Shared, begin, choice::Choice};
use crate::browser::{fetch, opfs};

/// Resolves the reference, lets the person choose a platform where there is a choice, and begins with the image.
pub(super) async fn open(
    session: &Shared,
    reference: &str,
    platform: Option<Platform>,
    proxy: String,
) -> Result<(), Problem> {
    let parsed = Reference::parse(reference)
        .map_err(|error| Problem::new(ProblemKind::ReferenceInvalid, reference, error.to_string()))?;
    let via = Via::Proxy { base: proxy };
    session.borrow_mut().repository = Some((parsed.clone(), via.clone()));
    let mut pull = Pull::new(parsed, platform, via);
    let mut checked = 0;
    loop {
        match pull.poll() {
            Step::Ready => break,
            Step::ChoosePlatform(choices) => {
                let answer = Choice::wait(session);
                session.borrow().send(&FromSession::Platforms { choices, chosen: None });
                pull.choose(answer.await as usize)?;
            }
            Step::Fetch(request) => {
                let text = format!("Asking for {}", request.url);
                session.borrow().send(&FromSession::Stage { text, done: 0, total: None });
                let response = fetch(session, &request).await;
                let provided = pull.provide(response);
                for check in pull.checks().iter().skip(checked) {
                    session.borrow().send(&FromSession::Checked(check.clone()));
                }
                checked = pull.checks().len();
                match provided {
                    Err(problem) if problem.kind == ProblemKind::NotAnImageArtifact => {
                        return artifact(session, &pull, problem);
                    }
                    provided => provided?,
                }
            }
        }
    }
    let chosen = pull.chosen().and_then(|index| u32::try_from(index).ok());
    if pull.platforms().len() > 1 {
        let choices = pull.platforms().to_vec();
        session.borrow().send(&FromSession::Platforms { choices, chosen });
    }
    let unready = || Problem::new(ProblemKind::RegistryError, reference, "the pull ended without an image");
    let image = pull.opened().ok_or_else(unready)?;
    let pinned = pull.pinned().map(|reference| reference.familiar());
    let digests: Vec<_> = image.layers.iter().filter_map(|layer| layer.digest.clone()).collect();
    // Blobs of the image before are of no use any more; without such storage there is nothing to sweep.
    _ = opfs::sweep(&digests).await;
    {
        let mut session = session.borrow_mut();
        session.source = Some((SourceKind::Registry, reference.to_owned()));
        session.pull = Some(pull);
    }
    begin(session, image, pinned, false);
    Ok(())
}

/// What the reference is instead of an image can be looked at.
fn artifact(session: &Shared, pull: &Pull, problem: Problem) -> Result<(), Problem> {
    let Some(pinned) = pull.pinned() else { return Err(problem) };
    let item = |document: &Document| {
        Some(item_of(document.digest.clone()?, "", document.what != CheckKind::Config, document.text.as_bytes()))
    };
    let items = pull.documents().iter().filter_map(item).collect();
    session.borrow().send(&FromSession::Artifact { pinned: pinned.familiar(), items, problem });
    Ok(())
}

/// Sends a request of the engine.
pub(super) async fn fetch(session: &Shared, request: &HttpRequest) -> Result<HttpResponse, Transport> {
    let HttpRequest { method, url, headers, max_bytes } = request;
    let method = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
    };
    let sent = fetch::Sent::now(method, url);
    let log = |status, bytes, error: Option<&String>| {
        session.borrow().send(&FromSession::Requested(sent.ended(status, bytes, error.cloned())));
    };
    let sending = fetch::send(method, url, headers).await;
    let mut answer = sending.inspect_err(|error| log(None, 0, Some(error))).map_err(Transport::Unreachable)?;
    let read = answer.bytes(*max_bytes).await;
    log(Some(answer.status), answer.received, read.as_ref().err());
    let (body, truncated) = read.map_err(Transport::Unreachable)?;
    Ok(HttpResponse { status: answer.status, headers: answer.headers, body, truncated })
}
