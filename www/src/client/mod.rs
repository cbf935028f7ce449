//! The page's side of the workers: spawns the pool for one opened image, sends messages, hands events on.

use std::{cell::RefCell, rc::Rc};

use lagvis::{
    problem::{Problem, ProblemKind},
    protocol::{FromSession, OpenRequest, Role, ToSession, VERSION},
};
use wasm_bindgen::{JsCast as _, JsValue, prelude::Closure};
use web_sys::{Event, File, MessageChannel, MessageEvent, Worker};
use yew::Callback;

use crate::browser::message::{Beside, post, receive};

/// The script that loads the program in a worker, beside the page.
const SCRIPT: &str = "worker.js";
/// Layer workers: at least two, so that a small layer does not wait for a large one; at most four, for memory.
const WORKERS: (usize, usize) = (2, 4);

/// One image being opened or open. Dropping it ends all its workers, whatever they are doing.
pub struct Session {
    pool: Rc<RefCell<Pool>>,
}

struct Pool {
    session: Option<Worker>,
    workers: Vec<Worker>,
    /// Handlers, which live as long as the workers.
    handlers: Vec<Closure<dyn FnMut(MessageEvent)>>,
    error_handlers: Vec<Closure<dyn FnMut(Event)>>,
    /// Messages that wait until the session is up.
    waiting: Option<Vec<(ToSession, Vec<File>)>>,
    session_ports: Vec<web_sys::MessagePort>,
}

impl Session {
    /// Spawns the workers and opens `request`. `files` are the files that the request speaks of.
    #[expect(clippy::needless_pass_by_value, reason = "the session keeps it for as long as it lives")]
    pub fn open(request: OpenRequest, files: Vec<File>, on_event: Callback<FromSession>) -> Self {
        // A repository has no layers.
        let workers = if matches!(request, OpenRequest::Repository { .. }) { 0 } else { layer_workers() };
        let pool = Rc::new(RefCell::new(Pool {
            session: None,
            workers: Vec::new(),
            handlers: Vec::new(),
            error_handlers: Vec::new(),
            waiting: Some(vec![(ToSession::Open(request), files)]),
            session_ports: Vec::new(),
        }));
        if let Err(error) = spawn(&pool, workers, &on_event) {
            on_event.emit(crashed(&crate::browser::file::describe(&error)));
        }
        Self { pool }
    }

    /// Sends a message to the session worker.
    pub fn send(&self, message: ToSession) {
        let mut pool = self.pool.borrow_mut();
        if let Some(waiting) = &mut pool.waiting {
            waiting.push((message, Vec::new()));
        } else if let Some(session) = &pool.session {
            _ = post(session, &message, &Beside::default());
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let pool = self.pool.borrow();
        for worker in pool.workers.iter().chain(&pool.session) {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
    }
}

fn crashed(detail: &str) -> FromSession {
    let detail = if detail.is_empty() { "it gave no reason" } else { detail };
    FromSession::Failed {
        problem: Problem::new(ProblemKind::WorkerCrashed, "a worker of this page", detail),
        fatal: true,
    }
}

fn layer_workers() -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    let cores = web_sys::window().map_or(2.0, |window| window.navigator().hardware_concurrency()) as usize;
    cores.clamp(WORKERS.0, WORKERS.1)
}

fn spawn(pool: &Rc<RefCell<Pool>>, layer_workers: usize, on_event: &Callback<FromSession>) -> Result<(), JsValue> {
    let url = script()?;
    for _ in 0..layer_workers {
        let channel = MessageChannel::new()?;
        pool.borrow_mut().session_ports.push(channel.port1());
        let worker = Worker::new(&url)?;
        let handle = on_up(&worker, Role::Layer, vec![channel.port2()], on_event);
        watch(pool, &worker, handle, on_event);
        pool.borrow_mut().workers.push(worker);
    }
    let worker = Worker::new(&url)?;
    let handle = session_handler(pool, &worker, on_event);
    watch(pool, &worker, handle, on_event);
    pool.borrow_mut().session = Some(worker);
    Ok(())
}

/// The worker's script with the addresses of the program, which the page's own script element knows.
fn script() -> Result<String, JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("no document")?;
    // Resolved from the document's base, so that the page works under any subpath.
    let url = web_sys::Url::new_with_base(SCRIPT, &document.base_uri()?.unwrap_or_default())?;
    let program = document.query_selector("script[data-js]")?.ok_or("the page names no program")?;
    for (name, attribute) in [("js", "data-js"), ("wasm", "data-wasm")] {
        url.search_params().append(name, &program.get_attribute(attribute).unwrap_or_default());
    }
    Ok(url.href())
}

/// Sets the handlers of a worker and keeps them.
fn watch(
    pool: &Rc<RefCell<Pool>>,
    worker: &Worker,
    handle: impl FnMut(MessageEvent) + 'static,
    on_event: &Callback<FromSession>,
) {
    let handle = Closure::<dyn FnMut(MessageEvent)>::new(handle);
    worker.set_onmessage(Some(handle.as_ref().unchecked_ref()));
    let on_event = on_event.clone();
    // A script that cannot be loaded is reported by a plain event without a message.
    let failed = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let message = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
        on_event
            .emit(crashed(message.as_deref().unwrap_or("its program could not be loaded: is the site still there?")));
    });
    worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
    let mut pool = pool.borrow_mut();
    pool.handlers.push(handle);
    pool.error_handlers.push(failed);
}

/// The first word of a worker: it is up, and of which version. Then it is told its part.
fn on_up(
    worker: &Worker,
    role: Role,
    ports: Vec<web_sys::MessagePort>,
    on_event: &Callback<FromSession>,
) -> impl FnMut(MessageEvent) + 'static {
    let (worker, on_event, mut ports) = (worker.clone(), on_event.clone(), Some(ports));
    move |event| {
        let Ok((FromSession::Ready { version }, _)) = receive(&event) else { return };
        if version != VERSION {
            let detail = format!("the page speaks version {VERSION}, its worker {version}: reload the page");
            let problem = Problem::new(ProblemKind::ProtocolMismatch, "a worker of this page", detail);
            on_event.emit(FromSession::Failed { problem, fatal: true });
            return;
        }
        if let Some(ports) = ports.take() {
            _ = post(&worker, &role, &Beside { ports, ..Beside::default() });
        }
    }
}

fn session_handler(
    pool: &Rc<RefCell<Pool>>,
    worker: &Worker,
    on_event: &Callback<FromSession>,
) -> impl FnMut(MessageEvent) + 'static {
    let ports = pool.borrow().session_ports.clone();
    let mut up = on_up(worker, Role::Session, ports, on_event);
    let (pool, worker, on_event) = (Rc::downgrade(pool), worker.clone(), on_event.clone());
    let mut is_up = false;
    move |event: MessageEvent| {
        if !is_up {
            is_up = true;
            up(event);
            let waiting = pool.upgrade().and_then(|pool| pool.borrow_mut().waiting.take());
            for (message, files) in waiting.unwrap_or_default() {
                _ = post(&worker, &message, &Beside { files, ..Beside::default() });
            }
            return;
        }
        match receive::<FromSession>(&event) {
            Ok((message, _)) => on_event.emit(message),
            Err(error) => on_event.emit(crashed(&crate::browser::file::describe(&error))),
        }
    }
}
