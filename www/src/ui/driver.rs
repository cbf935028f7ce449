//! Joins the page to its session: hands events to the state, sends queries. Components hold a clone. What is opened and
//! how is in `opening`, who the person is to registries in `login`.

mod login;
mod opening;

use std::{cell::RefCell, rc::Rc};

use lagvis::{
    image::Digest,
    protocol::{Ask, FromSession, ImageSummary, LayerState, ToSession},
};
use yew::{Reducible, UseReducerDispatcher, platform::time::sleep};

use self::opening::Wish;
use super::{
    logins::Logins,
    page,
    phase::{Look, Model},
    reduce::Action,
    see::See,
};
use crate::client::Session;

/// Progress of layers waits this long, so that many reports are one drawing.
const BATCH: std::time::Duration = std::time::Duration::from_millis(60);
/// The image that the site brings along.
pub const SAMPLE: &str = "sample.tar";
/// Its image ID: who is to open that needs no file of the person's.
pub const SAMPLE_IMAGE: &str = "sha256:3a1c16d145661098d17a6a4e54e6706e0366a560045f7e48cb61e26fe1965c48";

/// Whether who opens a link to an image has to have its file.
pub fn needs_file(summary: &ImageSummary) -> bool {
    summary.pinned.is_none() && summary.image_id.as_ref().is_none_or(|image| image.to_string() != SAMPLE_IMAGE)
}

impl Reducible for Model {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

/// The page's hands. Cheap to clone; equal to every clone of itself.
#[derive(Clone)]
pub struct Driver {
    dispatch: UseReducerDispatcher<Model>,
    held: Rc<RefCell<Held>>,
}

impl PartialEq for Driver {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.held, &other.held)
    }
}

/// What outlives a drawing.
#[derive(Default)]
pub struct Held {
    session: Option<Session>,
    /// What is open or being opened, to try again or to change the platform.
    last: Option<Wish>,
    /// Raised with each image; events of an image before are dropped.
    number: u32,
    /// When opening began, until both measures are taken.
    clock: Clock,
    /// Progress that waits to be drawn.
    waiting: Vec<FromSession>,
    /// The reference that was typed last, to be corrected.
    typed: String,
    /// Image ID that the link asks for.
    expect: Option<Digest>,
    /// How the next image is to be seen.
    look: Look,
    /// Who the person is, to registries.
    logins: Logins,
    /// What the repository was asked.
    asked: Vec<Ask>,
    /// Number of the last task.
    tasks: u32,
}

/// When opening began, and which measures were taken.
#[derive(Clone, Copy, Default)]
struct Clock {
    start: f64,
    tree: Option<f64>,
    verified: Option<f64>,
}

impl Driver {
    /// A driver for this state.
    pub fn new(dispatch: UseReducerDispatcher<Model>, held: Rc<RefCell<Held>>) -> Self {
        Self { dispatch, held }
    }

    /// Moves the state.
    pub fn act(&self, action: Action) {
        self.dispatch.dispatch(action);
    }

    /// Moves the view.
    pub fn see(&self, see: See) {
        self.act(Action::See(see));
    }

    /// Asks the session.
    pub fn send(&self, message: ToSession) {
        if let Some(session) = &self.held.borrow().session {
            session.send(message);
        }
    }

    /// Raised with each image or repository that is opened.
    pub fn number(&self) -> u32 {
        self.held.borrow().number
    }

    /// Asks the repository, unless it was asked that already.
    pub fn ask(&self, ask: Ask) {
        if !self.held.borrow().asked.contains(&ask) {
            self.ask_again(ask);
        }
    }

    /// Asks the repository, also what it was asked before.
    pub fn ask_again(&self, ask: Ask) {
        self.held.borrow_mut().asked.push(ask.clone());
        self.send(ToSession::Repository(ask));
    }

    /// A number for a task, of its own.
    pub fn next_task(&self) -> u32 {
        let mut held = self.held.borrow_mut();
        held.tasks = held.tasks.wrapping_add(1);
        held.tasks
    }

    /// Opens or closes a folder.
    pub fn expand(&self, node: u32, open: bool, deep: bool) {
        self.see(See::Expanding);
        self.send(ToSession::Expand { node, open, deep });
    }

    /// Opens folders down to a depth and no further, also those that were opened or closed by themselves.
    pub fn depth(&self, look: &Look, depth: u32) {
        self.see(See::Depth(depth));
        if look.depth == depth {
            self.send(ToSession::View(look.spec()));
        }
    }

    /// Milliseconds from opening to the last check, once it is known.
    pub fn took(&self) -> Option<f64> {
        self.held.borrow().clock.verified
    }

    /// The reference that was typed last.
    pub fn typed(&self) -> String {
        self.held.borrow().typed.clone()
    }

    /// Milliseconds since opening began.
    pub fn elapsed(&self) -> f64 {
        page::now() - self.held.borrow().clock.start
    }

    /// Ends the session, whatever it is doing, and shows the start.
    pub fn home(&self) {
        self.leave();
        self.forget_link();
        let mut held = self.held.borrow_mut();
        held.last = None;
        held.typed.clear();
        drop(held);
        self.act(Action::Home);
    }

    /// A link that asks for a file does so until an image is open: the first file may be the wrong one.
    fn forget_link(&self) {
        let mut held = self.held.borrow_mut();
        (held.expect, held.look) = (None, Look::default());
    }

    /// Ends the session. Returns the number of the next one.
    fn leave(&self) -> u32 {
        let session = {
            let mut held = self.held.borrow_mut();
            held.number += 1;
            held.waiting.clear();
            held.asked.clear();
            held.session.take()
        };
        drop(session);
        self.held.borrow().number
    }

    fn event(&self, number: u32, event: FromSession) {
        if self.held.borrow().number != number {
            return;
        }
        if matches!(event, FromSession::Opened(_)) {
            self.forget_link();
        }
        self.measure(&event);
        self.refused(&event);
        let is_progress = matches!(&event, FromSession::Layer(progress) if !progress.state.is_final() && progress.state != LayerState::Waiting)
            || matches!(&event, FromSession::Stage { .. });
        let first = {
            let mut held = self.held.borrow_mut();
            held.waiting.push(event);
            held.waiting.len() == 1
        };
        if !is_progress {
            self.flush(number);
        } else if first {
            let driver = self.clone();
            yew::platform::spawn_local(async move {
                sleep(BATCH).await;
                driver.flush(number);
            });
        }
    }

    fn flush(&self, number: u32) {
        let events = {
            let mut held = self.held.borrow_mut();
            if held.number != number {
                return;
            }
            std::mem::take(&mut held.waiting)
        };
        if !events.is_empty() {
            self.act(Action::Events(events));
        }
    }

    /// Takes the times from opening to the first complete tree and to the last check.
    fn measure(&self, event: &FromSession) {
        let mut held = self.held.borrow_mut();
        let clock = &mut held.clock;
        let took = page::now() - clock.start;
        match event {
            FromSession::Tree(tree) if tree.complete && clock.tree.is_none() => {
                clock.tree = Some(took);
                page::measure("lagvis:tree", clock.start);
            }
            FromSession::Finished(_) if clock.verified.is_none() => {
                clock.verified = Some(took);
                page::measure("lagvis:verified", clock.start);
            }
            _ => {}
        }
    }
}
