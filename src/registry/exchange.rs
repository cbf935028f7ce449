//! One request until its answer stands: challenges are met, tokens renewed, waits kept, what broke sent again.
//!
//! Documents go through this whole; of a blob only the head does, and [`super::Transfer`] the rest.

use super::{
    access::Met,
    answer::speaker,
    tries::{Again, Moment, Tries},
    via::{HttpRequest, HttpResponse, Transport},
};
use crate::{
    limits,
    problem::{Problem, ProblemKind},
    protocol::{Access, Waiting},
};

/// What an exchange needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A response, by [`Exchange::provide`].
    Send(HttpRequest),
    /// Time, then [`Exchange::waited`].
    Wait(Waiting),
    /// Nothing: [`Exchange::answer`] has the answer.
    Done,
}

/// One request until its answer stands.
#[derive(Debug)]
pub struct Exchange {
    request: HttpRequest,
    stage: Stage,
    waiting: Option<Waiting>,
    pub(super) tries: Tries,
    /// Something was done about a refusal: the next one stands.
    met: bool,
    answer: Option<Result<HttpResponse, Transport>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The request itself.
    Asking,
    /// A token first.
    Token(HttpRequest),
    Done,
}

impl Exchange {
    /// For a request of the pull or the repository.
    pub fn new(request: HttpRequest) -> Self {
        Self::with(request, Tries::new(limits::DOCUMENT_TRIES))
    }

    pub(super) fn with(request: HttpRequest, tries: Tries) -> Self {
        Self { request, stage: Stage::Asking, waiting: None, tries, met: false, answer: None }
    }

    /// What is needed next. The same until it is provided.
    pub fn poll(&self, access: &Access) -> Next {
        match (&self.waiting, &self.stage) {
            (Some(waiting), _) => Next::Wait(waiting.clone()),
            (None, Stage::Asking) => Next::Send(access.authorized(&self.request)),
            (None, Stage::Token(request)) => Next::Send(request.clone()),
            (None, Stage::Done) => Next::Done,
        }
    }

    /// Whether what is sent next is the request itself, and not one for a token.
    pub(super) fn is_asking(&self) -> bool {
        self.stage == Stage::Asking
    }

    /// The wait is over.
    pub fn waited(&mut self) {
        self.waiting = None;
    }

    /// Takes the response that [`Exchange::poll`] asked for, or why there is none.
    ///
    /// # Errors
    /// Access is refused to whoever gave a password, or cannot be had; whoever asks to wait asks for too much.
    pub fn provide(
        &mut self,
        access: &mut Access,
        response: Result<HttpResponse, Transport>,
        at: Moment,
    ) -> Result<(), Problem> {
        let response = match response {
            Ok(response) => response,
            Err(transport) => {
                match self.tries.unanswered(&transport, at) {
                    Again::Wait(waiting) => self.waiting = Some(waiting),
                    Again::Over(_) => self.stands(Err(transport)),
                }
                return Ok(());
            }
        };
        let whom = speaker(access.via(), access.reference(), &response);
        match self.tries.answered(whom, &response, at) {
            Some(Again::Wait(waiting)) => {
                self.waiting = Some(waiting);
                return Ok(());
            }
            Some(Again::Over(why)) => {
                let mut problem = access.refused(&response);
                if let Some(why) = why {
                    problem.detail = format!("{}; {why}", problem.detail);
                }
                return Err(problem);
            }
            None => {}
        }
        if let Stage::Token(_) = &self.stage {
            access.take_token(&response)?;
            self.stage = Stage::Asking;
            return Ok(());
        }
        if response.status == 401 && !self.met {
            self.met = true;
            match access.meet(&response)? {
                Met::Token(request) => {
                    self.stage = Stage::Token(request);
                    return Ok(());
                }
                Met::Again => return Ok(()),
                Met::Stands => {}
            }
        }
        if matches!(response.status, 401 | 403) {
            let problem = access.refused(&response);
            if problem.kind == ProblemKind::LoginRefused {
                return Err(problem);
            }
        }
        self.stands(Ok(response));
        Ok(())
    }

    fn stands(&mut self, answer: Result<HttpResponse, Transport>) {
        self.answer = Some(answer);
        self.stage = Stage::Done;
    }

    /// The answer that stands, or why there is none.
    pub fn answer(&mut self) -> Option<Result<HttpResponse, Transport>> {
        self.answer.take()
    }

    /// The body of the answer broke off: the request is sent again, as it is now.
    pub(super) fn again(&mut self, request: HttpRequest, again: Waiting) {
        self.request = request;
        self.stage = Stage::Asking;
        self.waiting = Some(again);
        // The token may have run out since.
        self.met = false;
    }
}
