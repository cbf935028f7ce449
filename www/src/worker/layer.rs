//! A layer worker: one layer at a time, verified and indexed in one pass.

use std::{cell::Cell, rc::Rc};

use js_sys::Uint8Array;
use lagvis::{
    layer::{LayerOutcome, LayerReader, OutlineReader, TableParts},
    opened::{LayerSpec, Place},
    problem::{Problem, ProblemKind},
    protocol::{FromLayer, LayerJob, LayerProgress, LayerState, ToLayer, Waiting},
    verify::{CheckKind, CheckState},
};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessagePort};

use super::{
    handover::{Handover, Parts},
    listen, toc,
    transfer::{self, Heard, Sink},
};
use crate::browser::{
    clock, file,
    message::{Beside, post, receive},
};
use crate::kept::BlobWriter;

/// Milliseconds between two reports.
const PACE: f64 = 80.0;

/// Takes jobs from the session's port.
pub(super) fn start(port: MessagePort) {
    let port = Rc::new(port);
    let answers = Rc::clone(&port);
    let (handover, stopped) = (Handover::default(), Rc::new(Cell::new(false)));
    listen(&port, move |event| {
        let Ok((message, beside)) = receive::<ToLayer>(&event) else { return };
        let (port, handover, stopped) = (Rc::clone(&answers), handover.clone(), Rc::clone(&stopped));
        match message {
            ToLayer::Read(job) => spawn_local(async move {
                stopped.set(false);
                let shelf = Parts::default();
                let outcome = run(&port, &job, beside.files.first(), &shelf, &stopped).await;
                if stopped.take() {
                    _ = post(&*port, &FromLayer::Stopped { index: job.index }, &Beside::default());
                } else {
                    finish(&port, &handover, job.index, outcome, shelf);
                }
            }),
            ToLayer::Outline(job) => spawn_local(async move {
                let (table, problem) = match (&job.spec.place, beside.files.first()) {
                    (Place::File { offset, length, .. }, Some(file)) => (outline(file, *offset, *length).await, None),
                    (Place::Blob, None) => listed(&port, &job).await,
                    _ => (None, None),
                };
                let last = vec![(FromLayer::Outlined { index: job.index, problem }, Beside::default())];
                handover.begin(&port, (table, Parts::default()), last);
            }),
            ToLayer::Taken => handover.go_on(&port),
            ToLayer::Stop => stopped.set(true),
            ToLayer::End => end(),
        }
    });
}

fn end() {
    if let Ok(scope) = js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() {
        scope.close();
    }
}

/// A layer's table of contents, or why it is not used.
async fn listed(port: &MessagePort, job: &LayerJob) -> (Option<TableParts>, Option<Problem>) {
    let tell = |message| _ = post(port, &message, &Beside::default());
    match toc::table(job, tell).await {
        Ok(table) => (table, None),
        Err(problem) => (None, Some(problem)),
    }
}

async fn run(
    port: &MessagePort,
    job: &LayerJob,
    source: Option<&File>,
    shelf: &Parts,
    stopped: &Cell<bool>,
) -> LayerOutcome {
    let begin = || {
        LayerReader::new(job.index, job.spec.clone())
            .keep_access(job.access_share as usize)
            .shelving(Box::new(shelf.clone()))
    };
    let reader = begin();
    let mut report = Report::new(port, job);
    match (&job.spec.place, source) {
        (Place::File { offset, length, .. }, Some(file)) => {
            from_file(reader, file, *offset, *length, &mut report).await
        }
        // It was verified when it was kept, but what reading it came to is not known. Should it not be what it was, the
        // registry's is.
        (Place::Blob, Some(kept)) => {
            let outcome = from_file(reader, kept, 0, file::size(kept), &mut report).await;
            if outcome.state == LayerState::Verified {
                return outcome;
            }
            from_registry(begin(), job, &mut report, stopped).await
        }
        (Place::Blob, None) => from_registry(reader, job, &mut report, stopped).await,
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
async fn from_registry(
    reader: LayerReader,
    job: &LayerJob,
    report: &mut Report<'_>,
    stopped: &Cell<bool>,
) -> LayerOutcome {
    let (Some(fetch), Some(digest)) = (&job.fetch, &job.spec.digest) else {
        let detail = "it is not known where to fetch it from";
        return reader.abandon(Problem::new(ProblemKind::RegistryError, place(job), detail));
    };
    let total = job.spec.size;
    report.progress(LayerState::Downloading, 0, total);
    let file = BlobWriter::create().await.ok();
    let mut taking = Taking { reader, report, total, file, full: None, stopped };
    let fetched = transfer::run(fetch, digest, total, place(job), &mut taking).await;
    let Taking { reader, file, full, .. } = taking;
    if let Some(full) = full {
        full.discard().await;
    }
    let outcome = match fetched {
        Ok(()) => reader.finish(),
        Err(problem) => reader.abandon(problem),
    };
    keep(file, &outcome, &job.spec).await;
    outcome
}

/// Where the bytes of a blob go.
struct Taking<'a, 'p> {
    reader: LayerReader,
    report: &'a mut Report<'p>,
    total: Option<u64>,
    file: Option<BlobWriter>,
    /// A file that nothing more can be written to: no room left, most likely. The layer is verified all the same, it is
    /// only not kept.
    full: Option<BlobWriter>,
    /// It is to be read no further.
    stopped: &'a Cell<bool>,
}

impl Sink for Taking<'_, '_> {
    fn take(&mut self, bytes: &[u8]) {
        self.reader.push(bytes);
        if self.file.as_ref().is_some_and(|file| file.write(bytes).is_err()) {
            self.full = self.file.take();
        }
        self.report.progress(LayerState::Downloading, self.reader.bytes(), self.total);
    }

    fn is_wanted(&self) -> bool {
        !self.stopped.get()
    }

    fn hear(&mut self, heard: Heard) {
        let message = match heard {
            Heard::Requested(request) => FromLayer::Requested(request),
            Heard::Quota(quota) => FromLayer::Quota(quota),
            Heard::Waiting(waiting) => return self.report.waits(waiting, self.reader.bytes(), self.total),
        };
        _ = post(self.report.port, &message, &Beside::default());
    }
}

fn place(job: &LayerJob) -> String {
    format!("layer {} ({})", job.index, job.spec.subject)
}

/// Bytes are kept only under a digest that they were verified against.
async fn keep(file: Option<BlobWriter>, outcome: &LayerOutcome, spec: &LayerSpec) {
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
        self.send(state, None, done, total);
    }

    /// Tells at once what is waited for, or that it is over.
    fn waits(&mut self, waiting: Option<Waiting>, done: u64, total: Option<u64>) {
        self.send(LayerState::Downloading, waiting, done, total);
    }

    fn send(&self, state: LayerState, waiting: Option<Waiting>, done: u64, total: Option<u64>) {
        let progress = LayerProgress { waiting, ..LayerProgress::under_way(self.index, state, done, total) };
        _ = post(self.port, &FromLayer::Progress(progress), &Beside::default());
    }
}

fn finish(port: &MessagePort, handover: &Handover, index: u32, outcome: LayerOutcome, shelf: Parts) {
    let mut last = Vec::new();
    if let Some(access) = outcome.access {
        let buffer = Some(Uint8Array::from(access.into_bytes().as_slice()).buffer());
        last.push((FromLayer::Access, Beside { buffer, ..Beside::default() }));
    }
    let size = outcome.facts.size;
    let progress = LayerProgress {
        facts: Some(outcome.facts),
        checks: outcome.checks,
        problem: outcome.problem,
        toc_problem: outcome.toc_problem,
        ..LayerProgress::under_way(index, outcome.state, size, Some(size))
    };
    last.push((FromLayer::Done { progress, warnings: outcome.warnings }, Beside::default()));
    handover.begin(port, (outcome.table, shelf), last);
}
