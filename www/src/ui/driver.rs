//! Joins the page to its session: opens images, hands events to the state, sends queries. Components hold a clone.

use std::{cell::RefCell, rc::Rc};

use lagvis::{
    image::{Digest, Platform, Reference},
    problem::{Problem, ProblemKind},
    protocol::{Ask, FromSession, LayerState, OpenRequest, ToSession},
    share::Link,
};
use yew::{Callback, Reducible, UseReducerDispatcher, platform::time::sleep};

use super::{
    address,
    chosen::Chosen,
    page,
    phase::{Look, Model},
    reduce::Action,
    see::See,
    settings,
};
use crate::{
    browser::{fetch::Sent, file},
    client::Session,
};

/// Progress of layers waits this long, so that many reports are one drawing.
const BATCH: std::time::Duration = std::time::Duration::from_millis(60);
/// The image that the site brings along.
pub const SAMPLE: &str = "sample.tar";

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
    /// What the repository was asked.
    asked: Vec<Ask>,
}

/// A request and the files that it speaks of.
#[derive(Clone)]
struct Wish {
    title: String,
    request: OpenRequest,
    files: Vec<web_sys::File>,
    look: Look,
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

    /// Opens an image of a registry.
    pub fn open_reference(&self, reference: &str, platform: Option<Platform>, look: Look) {
        let reference = reference.trim();
        self.forget_link();
        reference.clone_into(&mut self.held.borrow_mut().typed);
        self.leave();
        if let Err(error) = Reference::parse(reference) {
            let place = if reference.is_empty() { "the reference field" } else { reference };
            return self.act(Action::Fail(Problem::new(ProblemKind::ReferenceInvalid, place, error.to_string())));
        }
        address::opening(reference, platform.as_ref(), &look);
        let proxy = settings::proxy();
        let request = OpenRequest::Registry {
            reference: reference.to_owned(),
            platform,
            proxy: proxy.clone(),
            page: page::base(),
        };
        self.held.borrow_mut().last = Some(Wish { title: reference.to_owned(), request, files: Vec::new(), look });
        match proxy {
            Some(proxy) if !settings::is_confirmed(&proxy) => self.act(Action::Confirm(proxy)),
            _ => self.retry(),
        }
    }

    /// Looks at a repository: its tags, and what it names.
    pub fn open_repository(&self, name: &str, look: Look) {
        let typed = name.trim();
        self.forget_link();
        typed.clone_into(&mut self.held.borrow_mut().typed);
        self.leave();
        let name = match Reference::parse(typed) {
            Ok(reference) => reference.repository(),
            Err(error) => {
                let place = if typed.is_empty() { "the reference field" } else { typed };
                return self.act(Action::Fail(Problem::new(ProblemKind::ReferenceInvalid, place, error.to_string())));
            }
        };
        address::browsing(&name, &look);
        let proxy = settings::proxy();
        let request = OpenRequest::Repository { name: name.clone(), proxy: proxy.clone(), page: page::base() };
        self.held.borrow_mut().last = Some(Wish { title: name, request, files: Vec::new(), look });
        match proxy {
            Some(proxy) if !settings::is_confirmed(&proxy) => self.act(Action::Confirm(proxy)),
            _ => self.retry(),
        }
    }

    /// Opens a file or folder. It takes over the look and the image ID of a link that asked for it.
    pub fn open_files(&self, chosen: Chosen) {
        let (look, expect_image) = {
            let held = self.held.borrow();
            (held.look.clone(), held.expect.clone())
        };
        self.leave();
        if expect_image.is_none() {
            address::clear();
        }
        let Chosen { name, files, paths } = chosen;
        let title = name.clone();
        let request = match paths {
            None => OpenRequest::Archive { name, expect_image },
            Some(paths) => OpenRequest::Folder { name, paths, expect_image },
        };
        self.held.borrow_mut().last = Some(Wish { title, request, files, look });
        self.retry();
    }

    /// Opens the image that the site brings along, in the way of a dropped file.
    pub fn open_sample(&self) {
        let driver = self.clone();
        yew::platform::spawn_local(async move {
            let sent = Sent::now("GET", &(page::base() + SAMPLE));
            let chosen = Chosen::from_site(SAMPLE).await;
            let (status, bytes) = match &chosen {
                Ok(chosen) => (Some(200), chosen.files.iter().map(file::size).sum::<u64>()),
                Err(_) => (None, 0),
            };
            driver.act(Action::Requested(sent.ended(status, bytes, chosen.as_ref().err().cloned())));
            match chosen {
                Ok(chosen) => driver.open_files(chosen),
                Err(detail) => driver.act(Action::Fail(Problem::new(ProblemKind::ReadFailed, SAMPLE, detail))),
            }
        });
    }

    /// Opens what was opened last once more, and what waited for a confirmation.
    pub fn retry(&self) {
        let Some(wish) = self.held.borrow().last.clone() else { return self.home() };
        let number = self.leave();
        self.held.borrow_mut().clock = Clock { start: page::now(), ..Clock::default() };
        self.act(match wish.request {
            OpenRequest::Repository { .. } => Action::Browse { name: wish.title, look: wish.look },
            _ => Action::Begin { title: wish.title, look: wish.look },
        });
        let driver = self.clone();
        let on_event = Callback::from(move |event| driver.event(number, event));
        let session = Session::open(wish.request, wish.files, on_event);
        self.held.borrow_mut().session = Some(session);
    }

    /// Opens the same reference for another platform, seen from its beginning.
    pub fn reopen_for(&self, platform: Option<Platform>) {
        let reference = match self.held.borrow().last.as_ref().map(|wish| &wish.request) {
            Some(OpenRequest::Registry { reference, .. }) => reference.clone(),
            _ => return,
        };
        self.open_reference(&reference, platform, Look::default());
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

    /// Follows a link. An empty one leads to the start.
    pub fn follow(&self, link: Link) {
        let look = Look::of(&link);
        if let Some(name) = &link.repository {
            return self.open_repository(name, look);
        }
        match (link.reference, link.image) {
            (Some(reference), _) => self.open_reference(&reference, link.platform, look),
            (None, Some(image)) => {
                self.leave();
                let problem = Problem::new(ProblemKind::FileNeeded, "the link", format!("it is of the image {image}"));
                {
                    let mut held = self.held.borrow_mut();
                    (held.expect, held.look) = (Some(image), look);
                }
                self.act(Action::Fail(problem));
            }
            (None, None) => self.home(),
        }
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
