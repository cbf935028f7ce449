//! Hands layers to idle layer workers, the largest first, and takes what they come to.

use std::{rc::Rc, sync::Arc};

use js_sys::Uint8Array;
use lagvis::{
    codec::AccessIndex,
    layer::LayerTable,
    opened::{LayerSpec, Place, Warning},
    protocol::{Fetch, FromLayer, FromSession, LayerJob, LayerProgress, ToLayer},
    session::LayerResult,
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WorkerState {
    Idle,
    Reading,
    Ended,
}

impl Pool {
    pub(super) fn new(ports: Vec<MessagePort>) -> Self {
        let state = vec![WorkerState::Idle; ports.len()];
        let tables = vec![Vec::new(); ports.len()];
        let access = vec![None; ports.len()];
        Self { ports, state, tables, access, outlines: Vec::new(), queue: Vec::new() }
    }

    fn state(&self, worker: usize) -> WorkerState {
        self.state.get(worker).copied().unwrap_or(WorkerState::Ended)
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
                session.borrow_mut().pool.take_piece(worker, total, &piece);
            }
            Ok((FromLayer::Access, beside)) => {
                let bytes = beside.buffer.map(|buffer| Uint8Array::new(&buffer).to_vec()).unwrap_or_default();
                if let Some(slot) = session.borrow_mut().pool.access.get_mut(worker) {
                    *slot = AccessIndex::from_bytes(bytes).ok();
                }
            }
            Ok((FromLayer::Outlined { index }, _)) => outlined(&mut session.borrow_mut(), worker, index),
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
        let running = session.pool.state.iter().filter(|state| **state == WorkerState::Reading).count();
        if session.pool.state(worker) != WorkerState::Idle || running >= limit {
            continue;
        }
        let outline = !session.pool.outlines.is_empty();
        if session.pool.queue.is_empty() && !outline {
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
        session.pool.set(worker, WorkerState::Reading);
    }
}

/// A layer's outline came. Once all have, the tree is shown.
fn outlined(session: &mut Session, worker: usize, index: u32) {
    session.pool.set(worker, WorkerState::Idle);
    let table = session.pool.take_table(worker).map(Arc::new);
    assign(session);
    let Some(image) = &mut session.image else { return };
    image.set_outline(index, table);
    if image.is_outlined() && !image.is_finished() {
        queries::rebuild(session);
    }
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
    };
    keep(session, index, &result);
    let Some(image) = &mut session.image else { return };
    image.set(index, result);
    let finished = image.is_finished();
    session.send(&FromSession::Layer(progress));
    queries::rebuild_if_worth_it(session, finished);
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
