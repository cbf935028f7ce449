//! Tasks that take a while: one of a kind at a time, each step of which first looks whether it is still wanted.

use std::{cell::Cell, rc::Rc};

use lagvis::{
    diff,
    image::Hasher,
    layer::{BlobRange, ContentReader},
    limits,
    problem::{Problem, ProblemKind},
    protocol::{Comparison, Difference, FileAt, Found, FromSession, Task, TaskKind, TextParts},
    search::{Search, SearchStep},
    text::Parts,
};
use wasm_bindgen_futures::spawn_local;

use super::{
    Shared,
    content::{self, Place},
    downloads,
};
use crate::browser::clock;

/// Milliseconds between two reports.
const PACE: f64 = 80.0;
/// Bytes of two versions that are compared at a time.
const STRETCH: u64 = 1 << 20;

/// The newest task of each kind.
#[derive(Default)]
pub(super) struct Tasks([Rc<Cell<u32>>; TaskKind::COUNT]);

/// Why a task ended early: it failed, or is not wanted any more.
pub(super) enum Stop {
    Cancelled,
    Failed(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// A task that runs.
pub(super) struct Running {
    pub(super) session: Shared,
    kind: TaskKind,
    newest: Rc<Cell<u32>>,
    /// What `newest` was when it began.
    count: u32,
    /// The page's number of it.
    number: u32,
    last: Cell<f64>,
}

impl Running {
    /// Goes on, unless it was cancelled; says how far it is.
    pub(super) fn step(&self, (done, total): (u64, u64)) -> Result<(), Stop> {
        if self.newest.get() != self.count {
            return Err(Stop::Cancelled);
        }
        if clock::now() - self.last.get() > PACE {
            self.last.set(clock::now());
            self.tell(Found::Progress { kind: self.kind, done, total });
        }
        Ok(())
    }

    pub(super) fn tell(&self, found: Found) {
        self.session.borrow().send(&FromSession::Found { number: self.number, found });
    }
}

/// Ends the task of a kind.
pub(super) fn cancel(session: &Shared, kind: TaskKind) {
    if let Some(newest) = session.borrow().tasks.0.get(kind as usize) {
        newest.set(newest.get().wrapping_add(1));
    }
}

/// Begins a task.
pub(super) fn begin(session: &Shared, number: u32, task: Task) {
    let kind = task.kind();
    cancel(session, kind);
    let newest = session.borrow().tasks.0.get(kind as usize).cloned().unwrap_or_default();
    let count = newest.get();
    let running = Running { session: Rc::clone(session), kind, newest, count, number, last: Cell::new(clock::now()) };
    spawn_local(async move {
        let outcome = match task {
            Task::Compare { old, new } => compare(&running, old, new).await,
            Task::Hash(file) => hash(&running, file).await,
            Task::Download(download) => downloads::make(&running, download).await,
            Task::Search(spec) => search(&running, &spec).await,
            Task::Seek { file, byte } => seek(&running, file, byte).await,
        };
        // A task that was cancelled was told to end by the page: what began after it is not to be ended.
        let problem = match outcome {
            Ok(()) => None,
            Err(Stop::Failed(problem)) => Some(problem),
            Err(Stop::Cancelled) => return,
        };
        running.tell(Found::Ended { kind, problem });
    });
}

async fn hash(running: &Running, file: FileAt) -> Result<(), Stop> {
    let found = content::find(&running.session, file)?;
    let mut reader = content::open(&running.session, &found, None)?;
    let place = content::place(&running.session, &found).await?;
    let mut hasher = Hasher::sha256();
    let mut done = 0;
    while content::advance(&place, &found, &mut reader, &mut |bytes| {
        hasher.update(bytes);
        done += bytes.len() as u64;
    })
    .await?
    {
        running.step((done, found.size))?;
    }
    running.tell(Found::Hashed { file, digest: hasher.finish().to_string() });
    Ok(())
}

/// Reads a text up to a byte, to know where its parts begin and which line is which.
async fn seek(running: &Running, file: FileAt, byte: u64) -> Result<(), Stop> {
    let found = content::find(&running.session, file)?;
    let mut parts = Parts::new(found.size);
    let wanted = parts.wanted(byte);
    let mut reader = content::open(&running.session, &found, Some(0..wanted))?;
    let place = content::place(&running.session, &found).await?;
    let mut done = 0;
    while content::advance(&place, &found, &mut reader, &mut |bytes| {
        parts.push(bytes);
        done += bytes.len() as u64;
    })
    .await?
    {
        running.step((done, wanted))?;
    }
    running.tell(Found::Sought(TextParts { file, byte, begins: parts.up_to(byte) }));
    Ok(())
}

async fn compare(running: &Running, old: FileAt, new: FileAt) -> Result<(), Stop> {
    let (a, b) = (content::find(&running.session, old)?, content::find(&running.session, new)?);
    let (at_a, at_b) = (content::place(&running.session, &a).await?, content::place(&running.session, &b).await?);
    let sizes = (a.size, b.size);
    let is_small = a.size.max(b.size) <= limits::DIFF_BYTES;
    let total = a.size.max(b.size);
    let (mut texts, mut start) = ((Vec::new(), Vec::new()), 0);
    let mut first = None;
    let mut binary = false;
    while start < total && (is_small || first.is_none()) {
        let left = stretch(running, &a, &at_a, start).await?;
        let right = stretch(running, &b, &at_b, start).await?;
        binary |= left.contains(&0) || right.contains(&0);
        first = first.or(diff::first_difference(&left, &right).map(|at| start + at as u64));
        if is_small {
            texts.0.extend_from_slice(&left);
            texts.1.extend_from_slice(&right);
        }
        start += STRETCH;
        running.step((start.min(total), total))?;
    }
    let difference = match first {
        None => Difference::None,
        Some(_) if is_small => diff::compare(&texts.0, &texts.1),
        Some(first) if binary => Difference::Binary { first },
        Some(first) => Difference::TooLarge { first, cap: limits::DIFF_BYTES },
    };
    running.tell(Found::Compared(Box::new(Comparison { old, new, sizes, difference })));
    Ok(())
}

/// A stretch of a file, as far as it goes.
async fn stretch(running: &Running, file: &content::Found, place: &Place, start: u64) -> Result<Vec<u8>, Stop> {
    let range = start.min(file.size)..start.saturating_add(STRETCH).min(file.size);
    let mut reader: ContentReader = content::open(&running.session, file, Some(range))?;
    let mut bytes = Vec::new();
    while content::advance(place, file, &mut reader, &mut |part| bytes.extend_from_slice(part)).await? {}
    Ok(bytes)
}

async fn search(running: &Running, spec: &lagvis::protocol::SearchSpec) -> Result<(), Stop> {
    let failed = |detail: String| Problem::new(ProblemKind::ReadFailed, "the search", detail);
    let mut search = {
        let session = running.session.borrow();
        let (Some(image), Some(tree)) = (&session.image, session.tree.tree()) else {
            return Err(failed("no image is open".to_owned()).into());
        };
        Search::new(image, tree, spec).map_err(|error| failed(error.to_string()))?
    };
    let mut place: Option<(u32, Place)> = None;
    while let SearchStep::Read(BlobRange { layer, offset, length }) = search.poll() {
        let bytes = content::blob_bytes(&running.session, &mut place, layer, offset, length).await?;
        running.step(search.progress())?;
        let hits = {
            let session = running.session.borrow();
            let (Some(image), Some(tree)) = (&session.image, session.tree.tree()) else { return Err(Stop::Cancelled) };
            search.provide(image, tree, &bytes).map_err(|error| failed(format!("layer {layer}: {error}")))?
        };
        if !hits.is_empty() {
            running.tell(Found::Hits(hits));
        }
    }
    running.tell(Found::Searched(search.end()));
    Ok(())
}
