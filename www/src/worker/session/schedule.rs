//! Hands layers to idle layer workers, the largest first, and takes what they come to.

use std::{rc::Rc, sync::Arc};

use js_sys::Uint8Array;
use lagvis::{
    codec::AccessIndex,
    layer::LayerTable,
    opened::{LayerSpec, Place, Warning},
    problem::Problem,
    protocol::{ByToc, Fetch, FromLayer, FromSession, LayerJob, LayerProgress, LayerState, ToLayer, VerifyWhen},
    session::{ImageState, LayerResult},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;

use super::{Session, Shared, queries};
use crate::{
    browser::message::{Beside, post, receive},
    kept,
    worker::listen as listen_port,
};

/// Downloads at once; more only share the same line.
const DOWNLOADS: usize = 3;

/// The layer workers and what is left for them.
pub(super) struct Pool {
    ports: Vec<MessagePort>,
    state: Vec<WorkerState>,
    /// Tables on their way, as far as they came.
    tables: Vec<Vec<u8>>,
    access: Vec<Option<AccessIndex>>,
    /// Layers to be outlined, and then to be read, in this order.
    pub(super) outlines: Vec<u32>,
    pub(super) queue: Vec<u32>,
    /// Layers whose tables of contents are fetched now or shown; they are read when the person asks for it.
    listing: Vec<u32>,
    pub(super) held: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WorkerState {
    Idle,
    Reading(u32),
    Ended,
}

impl Pool {
    pub(super) fn new(ports: Vec<MessagePort>) -> Self {
        let state = vec![WorkerState::Idle; ports.len()];
        let tables = vec![Vec::new(); ports.len()];
        let access = vec![None; ports.len()];
        Self {
            ports,
            state,
            tables,
            access,
            outlines: Vec::new(),
            queue: Vec::new(),
            listing: Vec::new(),
            held: Vec::new(),
        }
    }

    fn state(&self, worker: usize) -> WorkerState {
        self.state.get(worker).copied().unwrap_or(WorkerState::Ended)
    }

    /// Nothing is read, and nothing will be unless the person asks for it.
    fn is_quiet(&self) -> bool {
        let is_reading = |state: &WorkerState| matches!(state, WorkerState::Reading(_));
        self.queue.is_empty() && self.outlines.is_empty() && !self.state.iter().any(is_reading)
    }

    /// Nothing is left to be read, now or later.
    fn is_done(&self) -> bool {
        [&self.queue, &self.outlines, &self.listing, &self.held].iter().all(|layers| layers.is_empty())
    }

    fn set(&mut self, worker: usize, state: WorkerState) {
        if let Some(slot) = self.state.get_mut(worker) {
            *slot = state;
        }
    }

    /// Takes a piece of a worker's table.
    fn take_piece(&mut self, worker: usize, total: u32, piece: &Uint8Array) {
        let Some(table) = self.tables.get_mut(worker) else { return };
        if table.is_empty() {
            table.reserve_exact(total as usize);
        }
        let start = table.len();
        table.resize(start + piece.length() as usize, 0);
        piece.copy_to(table.get_mut(start..).unwrap_or_default());
    }

    fn take_table(&mut self, worker: usize) -> Option<LayerTable> {
        let bytes = std::mem::take(self.tables.get_mut(worker)?);
        LayerTable::from_bytes(bytes).ok()
    }
}

/// Listens to every layer worker.
pub(super) fn listen(session: &Shared) {
    let ports = session.borrow().pool.ports.clone();
    for (worker, port) in ports.iter().enumerate() {
        let session = Rc::clone(session);
        listen_port(port, move |event| match receive::<FromLayer>(&event) {
            Ok((FromLayer::Progress(progress), _)) => session.borrow().send(&FromSession::Layer(progress)),
            Ok((FromLayer::Requested(request), _)) => session.borrow().send(&FromSession::Requested(request)),
            Ok((FromLayer::Quota(quota), _)) => session.borrow().send(&FromSession::Quota(quota)),
            Ok((FromLayer::Part { total }, beside)) => {
                let piece = beside.buffer.map(|buffer| Uint8Array::new(&buffer)).unwrap_or_default();
                let pool = &mut session.borrow_mut().pool;
                pool.take_piece(worker, total, &piece);
                if let Some(port) = pool.ports.get(worker) {
                    _ = post(port, &ToLayer::Taken, &Beside::default());
                }
            }
            Ok((FromLayer::Access, beside)) => {
                let bytes = beside.buffer.map(|buffer| Uint8Array::new(&buffer).to_vec()).unwrap_or_default();
                if let Some(slot) = session.borrow_mut().pool.access.get_mut(worker) {
                    *slot = AccessIndex::from_bytes(bytes).ok();
                }
            }
            Ok((FromLayer::Outlined { index, problem }, _)) => {
                outlined(&mut session.borrow_mut(), worker, index, problem);
            }
            Ok((FromLayer::Stopped { index }, _)) => stopped(&mut session.borrow_mut(), worker, index),
            Ok((FromLayer::Done { progress, warnings }, _)) => {
                done(&mut session.borrow_mut(), worker, progress, warnings);
            }
            Err(_) => {}
        });
    }
}

/// Gives every idle worker a layer, as long as there are any.
pub(super) fn assign(session: &mut Session) {
    let Some(image) = &session.image else { return };
    let specs: Vec<LayerSpec> = image.image().layers.clone();
    let shares: Vec<u32> =
        (0..).take(specs.len()).map(|index| u32::try_from(image.access_share(index)).unwrap_or(u32::MAX)).collect();
    let limit = if session.access.is_some() { DOWNLOADS } else { usize::MAX };
    for worker in 0..session.pool.ports.len() {
        let running = session.pool.state.iter().filter(|state| matches!(state, WorkerState::Reading(_))).count();
        if session.pool.state(worker) != WorkerState::Idle || running >= limit {
            continue;
        }
        let outline = !session.pool.outlines.is_empty();
        if session.pool.queue.is_empty() && !outline {
            if !session.pool.is_done() {
                continue;
            }
            // The memory of a worker never shrinks: one that has nothing more to do is ended.
            if let Some(port) = session.pool.ports.get(worker) {
                _ = post(port, &ToLayer::End, &Beside::default());
            }
            session.pool.set(worker, WorkerState::Ended);
            continue;
        }
        let queue = if outline { &mut session.pool.outlines } else { &mut session.pool.queue };
        let index = queue.remove(0);
        let (Some(spec), Some(port)) = (specs.get(index as usize), session.pool.ports.get(worker)) else { continue };
        let file = match &spec.place {
            Place::File { file, .. } => session.files.get(*file as usize).cloned(),
            Place::Blob => session.kept.get(&index).cloned(),
            _ => None,
        };
        let access = session.access.clone().filter(|_| spec.place == Place::Blob);
        let fetch = access.map(|access| Box::new(Fetch { access, patience: session.patience }));
        let access_share = shares.get(index as usize).copied().unwrap_or_default();
        let job = Box::new(LayerJob { index, spec: spec.clone(), fetch, access_share });
        let job = if outline { ToLayer::Outline(job) } else { ToLayer::Read(job) };
        _ = post(port, &job, &Beside { files: file.into_iter().collect(), ..Beside::default() });
        session.pool.set(worker, WorkerState::Reading(index));
    }
}

/// A layer's outline came. Once all have, the tree is shown.
fn outlined(session: &mut Session, worker: usize, index: u32, problem: Option<Problem>) {
    session.pool.set(worker, WorkerState::Idle);
    let table = session.pool.take_table(worker).map(Arc::new);
    if let Some(problem) = problem {
        session.fail(problem);
    }
    let is_listed = session.pool.listing.contains(&index);
    session.pool.listing.retain(|layer| *layer != index);
    let Some(image) = &mut session.image else { return };
    match table {
        Some(table) if is_listed => {
            image.set_toc(index, table);
            match session.verify {
                VerifyWhen::OnDemand => hold(session, &[index]),
                VerifyWhen::Background => release(session, &[index]),
            }
        }
        table => {
            let goes_on = image.set_outline(index, table);
            if is_listed {
                enqueue(session, index);
            } else if !goes_on {
                session.pool.outlines.clear();
            }
        }
    }
    assign(session);
    if session.image.as_ref().is_some_and(|image| image.is_outlined() && !image.is_finished()) {
        queries::rebuild(session);
    }
}

/// Has the tables of contents of these layers fetched before anything is read.
pub(super) fn list(session: &mut Session, layers: Vec<u32>) {
    session.pool.queue.retain(|layer| !layers.contains(layer));
    session.pool.listing.clone_from(&layers);
    session.pool.outlines = layers;
}

/// Layers that are shown by their tables of contents are to be read: this one, or all.
pub(super) fn verify(session: &mut Session, layer: Option<u32>) {
    let layers: Vec<u32> =
        session.pool.held.iter().copied().filter(|held| layer.is_none_or(|layer| layer == *held)).collect();
    if layer.is_none() {
        session.verify = VerifyWhen::Background;
    }
    release(session, &layers);
    assign(session);
}

/// Layers that are shown by their tables of contents are to be read no further.
pub(super) fn stop(session: &mut Session) {
    // What is still to be shown is held as soon as it is.
    session.verify = VerifyWhen::OnDemand;
    let is_by_toc = |layer: u32| session.image.as_ref().is_some_and(|image| image.is_by_toc(layer));
    let waiting: Vec<u32> = session.pool.queue.iter().copied().filter(|layer| is_by_toc(*layer)).collect();
    for (state, port) in session.pool.state.iter().zip(&session.pool.ports) {
        if matches!(state, WorkerState::Reading(layer) if is_by_toc(*layer)) {
            _ = post(port, &ToLayer::Stop, &Beside::default());
        }
    }
    hold(session, &waiting);
}

fn stopped(session: &mut Session, worker: usize, index: u32) {
    session.pool.set(worker, WorkerState::Idle);
    hold(session, &[index]);
    assign(session);
}

fn hold(session: &mut Session, layers: &[u32]) {
    session.pool.queue.retain(|layer| !layers.contains(layer));
    for layer in layers {
        session.pool.held.push(*layer);
        tell(session, *layer, ByToc::Held);
    }
}

fn release(session: &mut Session, layers: &[u32]) {
    session.pool.held.retain(|layer| !layers.contains(layer));
    for layer in layers {
        enqueue(session, *layer);
        tell(session, *layer, ByToc::Shown);
    }
}

/// Puts a layer to those to be read, the largest first.
fn enqueue(session: &mut Session, layer: u32) {
    let order = session.image.as_ref().map(ImageState::to_read).unwrap_or_default();
    session.pool.queue.push(layer);
    session.pool.queue.sort_by_key(|layer| order.iter().position(|known| known == layer));
}

fn tell(session: &Session, index: u32, by_toc: ByToc) {
    let checks = session.image.as_ref().map(|image| image.checks_of(index)).unwrap_or_default();
    let progress = LayerProgress { by_toc, checks, ..LayerProgress::under_way(index, LayerState::Waiting, 0, None) };
    session.send(&FromSession::Layer(progress));
}

fn done(session: &mut Session, worker: usize, progress: LayerProgress, warnings: Vec<Warning>) {
    session.pool.set(worker, WorkerState::Idle);
    let table = session.pool.take_table(worker);
    let access = session.pool.access.get_mut(worker).and_then(Option::take);
    assign(session);
    let index = progress.index;
    let result = LayerResult {
        state: Some(progress.state),
        checks: progress.checks.clone(),
        facts: progress.facts.clone(),
        table: table.map(Arc::new),
        access: access.map(Arc::new),
        problem: progress.problem.clone(),
        warnings,
        kept: false,
        toc_problem: progress.toc_problem.clone(),
    };
    keep(session, index, &result);
    let Some(image) = &mut session.image else { return };
    image.set(index, result);
    let finished = image.is_finished();
    session.send(&FromSession::Layer(progress));
    let last = finished || session.pool.is_quiet();
    queries::rebuild_if_worth_it(session, last);
    if finished {
        end(session);
    }
}

/// Keeps what reading a layer of a registry came to, for images to come.
fn keep(session: &Session, index: u32, result: &LayerResult) {
    let image = session.image.as_ref().filter(|_| session.access.is_some());
    let Some(spec) = image.and_then(|image| image.image().layers.get(index as usize)).cloned() else { return };
    let (result, name) = (result.clone(), session.source_name());
    // Without room or storage it is read again another time.
    spawn_local(async move { _ = kept::keep_layer(&spec, &result, &name).await });
}

/// Every layer came to its end.
pub(super) fn end(session: &Session) {
    if let Some(image) = &session.image {
        session.send(&FromSession::Finished(Box::new(image.outcome())));
    }
    if session.access.is_some() {
        let limit = session.keep;
        spawn_local(async move { _ = kept::make_room(0, limit).await });
    }
}
