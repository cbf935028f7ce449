//! A layer worker: one layer at a time, verified and indexed in one pass.

use std::rc::Rc;

use js_sys::Uint8Array;
use lagvis::{
    layer::{LayerOutcome, LayerReader, OutlineReader, TableParts},
    opened::{LayerSpec, Place},
    problem::{Problem, ProblemKind},
    protocol::{FromLayer, LayerJob, LayerProgress, LayerState, Request, ToLayer},
    verify::{CheckKind, CheckState},
};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessagePort};

use super::listen;
use crate::browser::{
    clock, fetch, file,
    message::{Beside, post, receive},
    opfs::BlobFile,
};

/// Milliseconds between two reports.
const PACE: f64 = 80.0;
/// Bytes of a table that travel in one message.
const PIECE: usize = 4 << 20;

/// Takes jobs from the session's port.
pub(super) fn start(port: MessagePort) {
    let port = Rc::new(port);
    let answers = Rc::clone(&port);
    listen(&port, move |event| {
        let Ok((message, beside)) = receive::<ToLayer>(&event) else { return };
        let port = Rc::clone(&answers);
        match message {
            ToLayer::Read(job) => spawn_local(async move {
                let outcome = run(&port, &job, beside.files.first()).await;
                finish(&port, job.index, outcome);
            }),
            ToLayer::Outline(job) => spawn_local(async move {
                if let (Place::File { offset, length, .. }, Some(file)) = (&job.spec.place, beside.files.first())
                    && let Some(table) = outline(file, *offset, *length).await
                {
                    hand_over(&port, table);
                }
                _ = post(&*port, &FromLayer::Outlined { index: job.index }, &Beside::default());
            }),
            ToLayer::End => end(),
        }
    });
}

fn end() {
    if let Ok(scope) = js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() {
        scope.close();
    }
}

async fn run(port: &MessagePort, job: &LayerJob, source: Option<&File>) -> LayerOutcome {
    let reader = LayerReader::new(job.index, job.spec.clone()).keep_access(job.access_share as usize);
    let mut report = Report::new(port, job);
    match (&job.spec.place, source) {
        (Place::File { offset, length, .. }, Some(file)) => {
            from_file(reader, file, *offset, *length, &mut report).await
        }
        (Place::Blob, _) => from_registry(reader, job, &mut report).await,
        _ => {
            let problem =
                Problem::new(ProblemKind::ReadFailed, job.spec.subject.clone(), "its file did not come along");
            reader.abandon(problem)
        }
    }
}

/// Streams a range of a file.
async fn from_file(
    mut reader: LayerReader,
    source: &File,
    offset: u64,
    length: u64,
    report: &mut Report<'_>,
) -> LayerOutcome {
    let mut stream = match file::stream(source, offset, length) {
        Ok(stream) => stream,
        Err(problem) => return reader.abandon(problem),
    };
    let mut buffer = Vec::new();
    loop {
        match stream.next().await {
            Ok(Some(bytes)) => {
                copy_into(&mut buffer, &bytes);
                reader.push(&buffer);
                report.progress(LayerState::Verifying, reader.bytes(), Some(length));
            }
            Ok(None) => return reader.finish(),
            Err(problem) => return reader.abandon(problem),
        }
    }
}

/// Reads a plain layer's headers, seeking over large contents. What goes wrong is said by the verified pass.
async fn outline(source: &File, offset: u64, length: u64) -> Option<TableParts> {
    let mut reader = OutlineReader::new();
    let mut buffer = Vec::new();
    let mut at = 0;
    while at < length {
        let mut stream = file::stream(source, offset + at, length - at).ok()?;
        loop {
            let Some(bytes) = stream.next().await.ok()? else { return reader.finish() };
            at += u64::from(bytes.length());
            copy_into(&mut buffer, &bytes);
            if !reader.push(&buffer) {
                stream.cancel();
                return reader.finish();
            }
            let skipped = reader.skip();
            if skipped > 0 {
                at += skipped;
                stream.cancel();
                break;
            }
        }
    }
    reader.finish()
}

/// Streams a blob from the registry, writing it to storage on the way.
async fn from_registry(mut reader: LayerReader, job: &LayerJob, report: &mut Report<'_>) -> LayerOutcome {
    let sent = fetch::Sent::now("GET", job.fetch.as_ref().map_or("", |fetch| &fetch.url));
    let port = report.port;
    let log = |request| _ = post(port, &FromLayer::Requested(request), &Beside::default());
    let mut answer = match request(job, &sent, &log).await {
        Ok(answer) => answer,
        Err(problem) => return reader.abandon(problem),
    };
    let total = job.spec.size;
    let mut kept = match &job.spec.digest {
        Some(digest) => BlobFile::create(digest).await.ok(),
        None => None,
    };
    report.progress(LayerState::Downloading, 0, total);
    let mut buffer = Vec::new();
    let failure = loop {
        match answer.chunk().await {
            Ok(Some(bytes)) => {
                copy_into(&mut buffer, &bytes);
                reader.push(&buffer);
                if kept.as_ref().is_some_and(|file| file.write(&buffer).is_err())
                    && let Some(file) = kept.take()
                {
                    // No room left, most likely: the layer is verified all the same, it is only not kept.
                    file.discard().await;
                }
                report.progress(LayerState::Downloading, reader.bytes(), total);
                if reader.is_too_long() {
                    answer.cancel();
                    break None;
                }
            }
            Ok(None) => break None,
            Err(text) => break Some(text),
        }
    };
    log(sent.ended(Some(answer.status), answer.received, failure.clone()));
    let outcome = match failure {
        Some(text) => {
            let detail = format!("the transfer broke off after {} bytes: {text}", reader.bytes());
            reader.abandon(Problem::new(ProblemKind::RegistryUnreachable, place(job), detail))
        }
        None => reader.finish(),
    };
    keep(kept, &outcome, &job.spec).await;
    outcome
}

/// Asks for the blob. What is answered otherwise than by the blob is at its end here, and logged.
async fn request(job: &LayerJob, sent: &fetch::Sent, log: &impl Fn(Request)) -> Result<fetch::Answer, Problem> {
    let Some(request) = &job.fetch else {
        return Err(Problem::new(ProblemKind::RegistryError, place(job), "it is not known where to fetch it from"));
    };
    let mut answer = fetch::send("GET", &request.url, &request.headers)
        .await
        .inspect_err(|text| log(sent.ended(None, 0, Some(text.clone()))))
        .map_err(|text| Problem::new(ProblemKind::RegistryUnreachable, place(job), text))?;
    if answer.status == 200 {
        return Ok(answer);
    }
    let (body, _) = answer.bytes(4096).await.unwrap_or_default();
    log(sent.ended(Some(answer.status), answer.received, None));
    let kind = match answer.status {
        404 => ProblemKind::LayerAbsent,
        401 | 403 => ProblemKind::AccessDenied,
        429 => ProblemKind::RateLimited,
        _ => ProblemKind::RegistryError,
    };
    let words: String = String::from_utf8_lossy(&body).chars().take(300).filter(|c| !c.is_control()).collect();
    Err(Problem::new(kind, place(job), format!("the registry answered {}: {words}", answer.status)))
}

fn place(job: &LayerJob) -> String {
    format!("layer {} ({})", job.index, job.spec.subject)
}

/// Bytes are kept only under a digest that they were verified against.
async fn keep(file: Option<BlobFile>, outcome: &LayerOutcome, spec: &LayerSpec) {
    let Some(file) = file else { return };
    let verified = |check: &lagvis::verify::Check| check.what == CheckKind::Blob && check.state == CheckState::Verified;
    match &spec.digest {
        Some(digest) if outcome.checks.iter().any(verified) => _ = file.keep(digest).await,
        _ => file.discard().await,
    }
}

fn copy_into(buffer: &mut Vec<u8>, bytes: &Uint8Array) {
    buffer.resize(bytes.length() as usize, 0);
    bytes.copy_to(buffer);
}

/// Reports progress, not too often.
struct Report<'a> {
    port: &'a MessagePort,
    index: u32,
    last: f64,
}

impl<'a> Report<'a> {
    fn new(port: &'a MessagePort, job: &LayerJob) -> Self {
        Self { port, index: job.index, last: f64::NEG_INFINITY }
    }

    fn progress(&mut self, state: LayerState, done: u64, total: Option<u64>) {
        let now = clock::now();
        if now - self.last < PACE {
            return;
        }
        self.last = now;
        let progress =
            LayerProgress { index: self.index, state, done, total, facts: None, checks: Vec::new(), problem: None };
        _ = post(self.port, &FromLayer::Progress(progress), &Beside::default());
    }
}

fn finish(port: &MessagePort, index: u32, outcome: LayerOutcome) {
    if let Some(table) = outcome.table {
        hand_over(port, table);
    }
    if let Some(access) = outcome.access {
        let buffer = Some(Uint8Array::from(access.into_bytes().as_slice()).buffer());
        _ = post(port, &FromLayer::Access, &Beside { buffer, ..Beside::default() });
    }
    let progress = LayerProgress {
        index,
        state: outcome.state,
        done: outcome.facts.size,
        total: Some(outcome.facts.size),
        facts: Some(outcome.facts),
        checks: outcome.checks,
        problem: outcome.problem,
    };
    let done = FromLayer::Done { progress, warnings: outcome.warnings };
    _ = post(port, &done, &Beside::default());
}

/// Hands the table over piece by piece: it is never in this worker's memory, in the browser's and in the session's at
/// once.
fn hand_over(port: &MessagePort, table: TableParts) {
    let message = FromLayer::Part { total: u32::try_from(table.byte_len()).unwrap_or(u32::MAX) };
    for part in table.into_parts() {
        for piece in part.chunks(PIECE) {
            let buffer = Some(Uint8Array::from(piece).buffer());
            _ = post(port, &message, &Beside { buffer, ..Beside::default() });
        }
    }
}
