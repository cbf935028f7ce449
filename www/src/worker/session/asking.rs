//! Asks the registry: each request until its answer stands, with waits that the page shows.

use lagvis::{
    image::Reference,
    problem::{Problem, ProblemKind},
    protocol::{FromSession, Way},
    registry::{Access, Exchange, HttpRequest, HttpResponse, Next, Quota, Transport, warnings},
};

use super::Shared;
use crate::{
    browser::{clock, timer},
    worker::asking::{milliseconds, moment, whole},
};

/// Takes the way to a repository.
pub(super) fn open_access(session: &Shared, reference: Reference, way: Way) -> Result<(), Problem> {
    let access = Access::new(way.via, reference, way.login)?;
    let mut session = session.borrow_mut();
    (session.access, session.patience) = (Some(access), way.patience);
    Ok(())
}

/// Sends a request of the engine until its answer stands.
pub(super) async fn fetch(session: &Shared, request: HttpRequest) -> Result<Result<HttpResponse, Transport>, Problem> {
    let (access, patience) = {
        let session = session.borrow();
        (session.access.clone(), milliseconds(session.patience))
    };
    let unknown = || Problem::new(ProblemKind::RegistryError, request.url.clone(), "it is not known whom to ask");
    let mut access = access.ok_or_else(unknown)?;
    let mut exchange = Exchange::new(request);
    loop {
        match exchange.poll(&access) {
            Next::Send(request) => {
                let log = |request| session.borrow().send(&FromSession::Requested(request));
                let response = whole(&access, &request, patience, log).await;
                if let Some(quota) = response.as_ref().ok().and_then(Quota::of) {
                    session.borrow().send(&FromSession::Quota(quota));
                }
                let warned = response.as_ref().map(warnings).unwrap_or_default();
                if !warned.is_empty() {
                    session.borrow().send(&FromSession::Warned(warned));
                }
                exchange.provide(&mut access, response, moment())?;
                // Layers that are read later begin with the same token.
                session.borrow_mut().access = Some(access.clone());
            }
            Next::Wait(waiting) => {
                let time = waiting.until.saturating_sub(clock::today());
                session.borrow().send(&FromSession::Waiting(Some(waiting)));
                timer::sleep(time).await;
                session.borrow().send(&FromSession::Waiting(None));
                exchange.waited();
            }
            Next::Done => {
                let silent = || Err(Transport::Unreachable("there was no answer".to_owned()));
                return Ok(exchange.answer().unwrap_or_else(silent));
            }
        }
    }
}
