//! The session worker: opens the source, hands its layers to the layer workers, keeps the tree and answers queries.

mod asking;
mod choice;
mod content;
mod downloads;
mod open_archive;
mod open_registry;
mod queries;
mod repository;
mod schedule;
mod tasks;
mod unpack;

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use lagvis::{
    image::TocRef,
    limits,
    opened::{Place, SourceKind},
    problem::Problem,
    protocol::{Access, FileAt, FromSession, OpenRequest, ToSession, VerifyWhen},
    session::ImageState,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, File, MessagePort};

use self::{choice::Choice, queries::TreeState, schedule::Pool, tasks::Tasks};
use crate::{
    browser::message::{Beside, post, receive},
    kept::Recalled,
};

/// What the worker keeps. One image a worker: opening another means new workers.
pub(super) struct Session {
    scope: DedicatedWorkerGlobalScope,
    files: Vec<File>,
    source: Option<(SourceKind, String)>,
    /// Problems of the source that leave its images readable.
    problems: Vec<Problem>,
    /// What opens the repository that an image is from, or that is browsed.
    access: Option<Access>,
    /// Seconds of a registry's silence that are borne.
    patience: u32,
    /// Layers whose blobs are here already and are read again.
    kept: HashMap<u32, File>,
    /// Most bytes that may be kept for images to come.
    keep: u64,
    /// When layers are read that a table of contents shows.
    verify: VerifyWhen,
    image: Option<ImageState>,
    pool: Pool,
    tree: TreeState,
    choice: Choice,
    tasks: Tasks,
    /// The file whose content was asked for last.
    looked_at: Option<FileAt>,
}

pub(super) type Shared = Rc<RefCell<Session>>;

/// Starts the session: one port a layer worker.
pub(super) fn start(scope: &DedicatedWorkerGlobalScope, ports: Vec<MessagePort>) {
    let session = Rc::new(RefCell::new(Session {
        scope: scope.clone(),
        files: Vec::new(),
        source: None,
        problems: Vec::new(),
        access: None,
        patience: 0,
        kept: HashMap::new(),
        keep: 0,
        verify: VerifyWhen::default(),
        image: None,
        pool: Pool::new(ports),
        tree: TreeState::default(),
        choice: Choice::default(),
        tasks: Tasks::default(),
        looked_at: None,
    }));
    schedule::listen(&session);
    let handler = wasm_bindgen::prelude::Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event| {
        if let Ok((message, beside)) = receive::<ToSession>(&event) {
            handle(&session, message, beside.files);
        }
    });
    scope.set_onmessage(Some(wasm_bindgen::JsCast::unchecked_ref(handler.as_ref())));
    // The handler lives as long as the worker.
    handler.forget();
}

fn handle(session: &Shared, message: ToSession, files: Vec<File>) {
    match message {
        ToSession::Open(request) => {
            session.borrow_mut().files = files;
            // What workers before left behind makes room.
            spawn_local(async { _ = crate::kept::sweep().await });
            let session = Rc::clone(session);
            spawn_local(async move {
                let opened = match request {
                    OpenRequest::Archive { name, expect_image } => {
                        open_archive::open(&session, name, None, expect_image).await
                    }
                    OpenRequest::Folder { name, paths, expect_image } => {
                        open_archive::open(&session, name, Some(paths), expect_image).await
                    }
                    OpenRequest::Registry { reference, platform, way, keep, verify } => {
                        {
                            let mut session = session.borrow_mut();
                            (session.keep, session.verify) = (keep, verify);
                        }
                        open_registry::open(&session, &reference, platform, way).await
                    }
                    OpenRequest::Repository { name, way } => repository::open(&session, &name, way),
                };
                if let Err(problem) = opened {
                    session.borrow().send(&FromSession::Failed { problem, fatal: true });
                }
            });
        }
        ToSession::ChooseImage(index) | ToSession::ChoosePlatform(index) => Choice::answer(session, index),
        ToSession::Content { file, start, length } => content::show(session, file, start, length),
        ToSession::Examine(file) => content::examine(session, file),
        ToSession::Task { number, task } => tasks::begin(session, number, task),
        ToSession::Cancel(kind) => tasks::cancel(session, kind),
        ToSession::Repository(ask) => repository::answer(session, ask),
        ToSession::Verify(layer) => schedule::verify(&mut session.borrow_mut(), layer),
        ToSession::Hold => schedule::stop(&mut session.borrow_mut()),
        query => queries::answer(&mut session.borrow_mut(), query),
    }
}

impl Session {
    /// Name of the file, or the reference.
    fn source_name(&self) -> String {
        self.source.as_ref().map(|(_, name)| name.clone()).unwrap_or_default()
    }

    pub(super) fn send(&self, message: &FromSession) {
        _ = post(&self.scope, message, &Beside::default());
    }

    pub(super) fn fail(&self, problem: Problem) {
        self.send(&FromSession::Failed { problem, fatal: false });
    }
}

/// Shows an opened image and begins to read its layers.
/// With `outline` the tree comes from the headers first, unverified. Layers that were `recalled` are not read.
pub(super) fn begin(
    session: &Shared,
    image: lagvis::opened::OpenedImage,
    pinned: Option<String>,
    outline: bool,
    recalled: Vec<(u32, Recalled)>,
) {
    let mut this = session.borrow_mut();
    let mut state = ImageState::new(image);
    for (index, layer) in recalled {
        match layer.result {
            Some(result) => state.set(index, result),
            None => _ = this.kept.insert(index, layer.blob),
        }
    }
    if let Some((kind, name)) = &this.source {
        this.send(&FromSession::Opened(Box::new(state.summary(*kind, name, pinned))));
    }
    for index in 0..u32::try_from(state.layers().len()).unwrap_or(u32::MAX) {
        if let Some(progress) = state.progress(index) {
            this.send(&FromSession::Layer(progress));
        }
    }
    this.pool.queue = state.to_read();
    if outline {
        this.pool.outlines = this.pool.queue.clone();
    } else {
        let listed = this.pool.queue.iter().copied().filter(|layer| is_worth_its_toc(&state, &this, *layer)).collect();
        schedule::list(&mut this, listed);
    }
    let is_finished = state.is_finished();
    this.image = Some(state);
    if is_finished {
        queries::rebuild(&mut this);
        schedule::end(&this);
    }
    schedule::assign(&mut this);
}

/// Whether a layer's table of contents is fetched first: it has one, and is not here nor small.
fn is_worth_its_toc(state: &ImageState, session: &Session, layer: u32) -> bool {
    let spec = usize::try_from(layer).ok().and_then(|index| state.image().layers.get(index));
    spec.is_some_and(|spec| {
        spec.place == Place::Blob
            && spec.toc.as_ref().is_some_and(TocRef::is_usable)
            && spec.size.is_some_and(|size| size >= limits::TOC_WORTH)
            && !session.kept.contains_key(&layer)
    })
}
