//! Hands layers to idle layer workers, the largest first, and takes what they come to.

use std::{rc::Rc, sync::Arc};

use js_sys::Uint8Array;
use lagvis::{
    layer::LayerTable,
    opened::{LayerSpec, Place, Warning},
    protocol::{FromLayer, FromSession, LayerJob, LayerProgress},
    session::LayerResult,
};
use web_sys::MessagePort;

use super::{Session, Shared, queries};
use crate::{
    browser::message::{Beside, post, receive},
    worker::listen as listen_port,
};

/// Downloads at once; more only share the same line.
const DOWNLOADS: usize = 3;

/// The layer workers and what is left for them.
pub(super) struct Pool {
    ports: Vec<MessagePort>,
    /// Layer that each worker is at.
    busy: Vec<Option<u32>>,
    /// Layers to be read, in this order.
    pub(super) queue: Vec<u32>,
}

impl Pool {
    pub(super) fn new(ports: Vec<MessagePort>) -> Self {
        let busy = vec![None; ports.len()];
        Self { ports, busy, queue: Vec::new() }
    }
}

/// Listens to every layer worker.
pub(super) fn listen(session: &Shared) {
    let ports = session.borrow().pool.ports.clone();
    for (worker, port) in ports.iter().enumerate() {
        let session = Rc::clone(session);
        listen_port(port, move |event| match receive::<FromLayer>(&event) {
            Ok((FromLayer::Progress(progress), _)) => session.borrow().send(&FromSession::Layer(progress)),
            Ok((FromLayer::Done { progress, warnings }, beside)) => {
                let table = beside.buffer.map(|buffer| Uint8Array::new(&buffer).to_vec());
                done(&mut session.borrow_mut(), worker, progress, warnings, table);
            }
            Err(_) => {}
        });
    }
}

/// Gives every idle worker a layer, as long as there are any.
pub(super) fn assign(session: &mut Session) {
    let Some(image) = &session.image else { return };
    let specs: Vec<LayerSpec> = image.image().layers.clone();
    let limit = if session.pull.is_some() { DOWNLOADS } else { usize::MAX };
    for worker in 0..session.pool.ports.len() {
        let running = session.pool.busy.iter().flatten().count();
        if session.pool.busy.get(worker).is_none_or(Option::is_some)
            || running >= limit
            || session.pool.queue.is_empty()
        {
            continue;
        }
        let index = session.pool.queue.remove(0);
        let (Some(spec), Some(port)) = (specs.get(index as usize), session.pool.ports.get(worker)) else { continue };
        let file = match &spec.place {
            Place::File { file, .. } => session.files.get(*file as usize).cloned(),
            _ => None,
        };
        let fetch = match (&spec.place, &spec.digest, &session.pull) {
            (Place::Blob, Some(digest), Some(pull)) => Some(pull.blob_request(digest)),
            _ => None,
        };
        let job = LayerJob { index, spec: spec.clone(), fetch };
        _ = post(port, &job, &Beside { files: file.into_iter().collect(), ..Beside::default() });
        if let Some(slot) = session.pool.busy.get_mut(worker) {
            *slot = Some(index);
        }
    }
}

fn done(session: &mut Session, worker: usize, progress: LayerProgress, warnings: Vec<Warning>, table: Option<Vec<u8>>) {
    if let Some(slot) = session.pool.busy.get_mut(worker) {
        *slot = None;
    }
    assign(session);
    let Some(image) = &mut session.image else { return };
    let index = progress.index;
    let result = LayerResult {
        state: Some(progress.state),
        checks: progress.checks.clone(),
        facts: progress.facts.clone(),
        table: table.and_then(|bytes| LayerTable::from_bytes(bytes).ok()).map(Arc::new),
        access: None,
        problem: progress.problem.clone(),
        warnings,
    };
    image.set(index, result);
    let finished = image.is_finished();
    session.send(&FromSession::Layer(progress));
    queries::rebuild_if_worth_it(session, finished);
    if finished {
        end(session);
    }
}

/// Every layer came to its end.
pub(super) fn end(session: &Session) {
    if let Some(image) = &session.image {
        session.send(&FromSession::Finished(Box::new(image.outcome())));
    }
}
