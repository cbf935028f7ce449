//! Drives a transfer with the browser's fetch.

use lagvis::{
    image::Digest,
    problem::{Problem, ProblemKind},
    protocol::{Fetch, Quota, Request, Waiting},
    registry::{HttpResponse, Transfer, TransferStep, Transport},
};

use super::asking::{milliseconds, moment, whole};
use crate::browser::{
    clock,
    fetch::{self, Answer, Cache, Sent},
    timer,
};

/// Where bytes go, each once and in order, and what is told beside them.
pub(super) trait Sink {
    /// Bytes.
    fn take(&mut self, bytes: &[u8]);
    /// Something that happened.
    fn hear(&mut self, heard: Heard);
    /// Whether any more bytes are wanted.
    fn is_wanted(&self) -> bool;
}

/// What happens to a transfer.
pub(super) enum Heard {
    /// A request came to its end.
    Requested(Request),
    /// Something is waited for; none: no more.
    Waiting(Option<Waiting>),
    /// What is left of the quota.
    Quota(Quota),
}

/// Transfers a blob.
pub(super) async fn run(
    fetch: &Fetch,
    digest: &Digest,
    size: Option<u64>,
    place: String,
    sink: &mut impl Sink,
) -> Result<(), Problem> {
    let mut body = None;
    let end = drive(fetch, digest, size, place, &mut body, sink).await;
    if let Some(body) = body {
        body.leave(sink);
    }
    end
}

async fn drive(
    fetch: &Fetch,
    digest: &Digest,
    size: Option<u64>,
    place: String,
    body: &mut Option<Body>,
    sink: &mut impl Sink,
) -> Result<(), Problem> {
    let patience = milliseconds(fetch.patience);
    // Each layer renews tokens by itself.
    let mut access = fetch.access.clone();
    let mut transfer = Transfer::new(&access, digest, size, place);
    let mut buffer = Vec::new();
    let place = transfer.place().to_owned();
    loop {
        if !sink.is_wanted() {
            return Err(Problem::new(ProblemKind::ReadFailed, place, "its transfer was stopped"));
        }
        let step = transfer.poll(&access);
        if step != TransferStep::Read
            && let Some(body) = body.take()
        {
            body.leave(sink);
        }
        match step {
            TransferStep::Done => return Ok(()),
            TransferStep::Wait(waiting) => {
                let time = waiting.until.saturating_sub(clock::today());
                sink.hear(Heard::Waiting(Some(waiting)));
                timer::sleep(time).await;
                sink.hear(Heard::Waiting(None));
                transfer.waited();
            }
            TransferStep::Fetch(request) => {
                let log = std::cell::RefCell::new(Vec::new());
                let hear = |request| log.borrow_mut().push(request);
                let response = whole(&access, &request, patience, hear).await;
                log.into_inner().into_iter().for_each(|request| sink.hear(Heard::Requested(request)));
                transfer.answered(&mut access, response, moment())?;
            }
            TransferStep::Stream(request) => {
                let sent = Sent::now("GET", access.peer(&request.url), &request.url);
                let log = std::cell::RefCell::new(Vec::new());
                let hear = |request| log.borrow_mut().push(request);
                let answer = fetch::send(&sent, &request.headers, Cache::Never, patience, hear).await;
                log.into_inner().into_iter().for_each(|request| sink.hear(Heard::Requested(request)));
                let head = match answer {
                    Err(transport) => {
                        sink.hear(Heard::Requested(sent.ended(None, 0, Some(transport.words()))));
                        Err(transport)
                    }
                    Ok(answer) => Ok(begin(sent, answer, request.max_bytes, body, sink).await),
                };
                if let Some(quota) = head.as_ref().ok().and_then(Quota::of) {
                    sink.hear(Heard::Quota(quota));
                }
                transfer.answered(&mut access, head, moment())?;
            }
            TransferStep::Read => {
                let Some(Body { answer, .. }) = body else {
                    transfer.broke(&access, &Transport::Broken("there is no body".to_owned()), moment())?;
                    continue;
                };
                match answer.chunk().await {
                    Ok(Some(bytes)) => {
                        buffer.resize(bytes.length() as usize, 0);
                        bytes.copy_to(&mut buffer);
                        let new = transfer.take(buffer.len())?;
                        sink.take(buffer.get(new).unwrap_or_default());
                    }
                    Ok(None) => transfer.ended(&access, moment())?,
                    Err(transport) => {
                        if let Some(body) = body.take() {
                            body.broke(&transport, sink);
                        }
                        transfer.broke(&access, &transport, moment())?;
                    }
                }
            }
        }
    }
}

/// A body that is being read.
struct Body {
    sent: Sent,
    answer: Answer,
}

impl Body {
    /// Nothing more of it is of use.
    fn leave(self, sink: &mut impl Sink) {
        self.answer.cancel();
        sink.hear(Heard::Requested(self.sent.ended(Some(self.answer.status), self.answer.received, None)));
    }

    fn broke(self, why: &Transport, sink: &mut impl Sink) {
        let why = Some(why.words());
        sink.hear(Heard::Requested(self.sent.ended(Some(self.answer.status), self.answer.received, why)));
    }
}

/// The head of an answer. The body of one that is of use is kept to be read; of another the words are read.
async fn begin(
    sent: Sent,
    mut answer: Answer,
    max_bytes: u64,
    body: &mut Option<Body>,
    sink: &mut impl Sink,
) -> HttpResponse {
    let mut head = HttpResponse { status: answer.status, headers: answer.headers.clone(), ..HttpResponse::default() };
    if matches!(answer.status, 200 | 206) {
        *body = Some(Body { sent, answer });
        return head;
    }
    // What a refusal says is of use, but not needed.
    let read = answer.bytes(max_bytes).await;
    let why = read.as_ref().err().map(Transport::words);
    (head.body, head.truncated) = read.unwrap_or_default();
    sink.hear(Heard::Requested(sent.ended(Some(answer.status), answer.received, why)));
    head
}
