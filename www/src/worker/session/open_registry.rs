//! Pulls an image's documents: drives the engine's state machine with the browser's fetch.

use lagvis::{
    image::{Platform, Reference},
    opened::{Document, SourceKind},
    problem::{Problem, ProblemKind},
    protocol::{FromSession, Way},
    registry::{HttpRequest, HttpResponse, Pull, Step, Transport, item_of},
    verify::CheckKind,
};

use super::{
    Shared,
    asking::{fetch, open_access},
    begin,
    choice::Choice,
};
use crate::kept;

/// Resolves the reference, lets the person choose a platform where there is a choice, and begins with the image.
pub(super) async fn open(
    session: &Shared,
    reference: &str,
    platform: Option<Platform>,
    way: Way,
) -> Result<(), Problem> {
    let parsed = Reference::parse(reference)
        .map_err(|error| Problem::new(ProblemKind::ReferenceInvalid, reference, error.to_string()))?;
    let before = match parsed.digest() {
        Some(_) => None,
        None => kept::recall_tag(&parsed).await,
    };
    if let Some(digest) = &before {
        session.borrow().send(&FromSession::Remembered(parsed.with_digest(digest.clone()).familiar()));
    }
    let via = way.via.clone();
    open_access(session, parsed.clone(), way)?;
    let mut pull = Pull::new(parsed.clone(), platform, via).remembering(before);
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
                let response = respond(session, request).await?;
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
    let pinned = pull.pinned();
    let root = pinned.as_ref().and_then(Reference::digest);
    // Where the browser has no such storage, or no room, nothing is kept and nothing is found.
    _ = kept::keep_documents(&image.documents, &parsed, root).await;
    let recalled = kept::recall_layers(&image.layers, &parsed.familiar()).await.unwrap_or_default();
    let is_here = |index: usize| recalled.iter().any(|(known, _)| *known as usize == index);
    let needed = image.layers.iter().enumerate().filter(|(index, _)| !is_here(*index));
    let needed = needed.filter_map(|(_, layer)| layer.size).fold(0, u64::saturating_add);
    let limit = session.borrow().keep;
    _ = kept::make_room(needed, limit).await;
    {
        let mut session = session.borrow_mut();
        session.source = Some((SourceKind::Registry, reference.to_owned()));
    }
    begin(session, image, pinned.map(|reference| reference.familiar()), false, recalled);
    Ok(())
}

/// What answers a request: a copy that is kept here, else the registry.
async fn respond(session: &Shared, request: HttpRequest) -> Result<Result<HttpResponse, Transport>, Problem> {
    if let Some(digest) = &request.digest
        && let Some(body) = kept::recall_document(digest).await
    {
        return Ok(Ok(HttpResponse { status: 200, body, ..HttpResponse::default() }));
    }
    let text = format!("Asking for {}", request.url);
    session.borrow().send(&FromSession::Stage { text, done: 0, total: None });
    fetch(session, request).await
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
