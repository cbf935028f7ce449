//! Joins the page to its session: opens images, hands events to the state, sends queries. Components hold a clone.

use std::{cell::RefCell, rc::Rc};

use lagvis::{
    image::{Digest, Platform, Reference},
    problem::{Problem, ProblemKind},
    protocol::{Ask, FromSession, LayerState, Login, OpenRequest, Peer, ToSession, Via, Way},
    registry::is_private_way,
    share::Link,
};
use yew::{Callback, Reducible, UseReducerDispatcher, platform::time::sleep};

use super::{
    address,
    chosen::Chosen,
    logins::{For, Logins},
    page,
    phase::{Look, Model},
    reduce::Action,
    see::See,
    settings, way,
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
    /// Who the person is, to registries.
    logins: Logins,
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

impl Wish {
    /// The registry's reference that it is about, and the way to it.
    fn registry(&mut self) -> Option<(Reference, &mut Way)> {
        let (name, way) = match &mut self.request {
            OpenRequest::Registry { reference, way, .. } => (reference, way),
            OpenRequest::Repository { name, way } => (name, way),
            OpenRequest::Archive { .. } | OpenRequest::Folder { .. } => return None,
        };
        Some((Reference::parse(name).ok()?, way))
    }
}

/// A text as a reference.
enum Understood {
    AsTyped(Reference),
    /// A command or web address.
    Meant(Reference),
}

fn understood(text: &str) -> Result<Understood, Problem> {
    match Reference::parse(text) {
        Ok(reference) => Ok(Understood::AsTyped(reference)),
        Err(error) => error.meant().map(Understood::Meant).ok_or_else(|| {
            let place = if text.is_empty() { "the reference field" } else { text };
            Problem::new(ProblemKind::ReferenceInvalid, place, error.to_string())
        }),
    }
}

/// A way that is found when it is gone.
fn nowhere() -> Way {
    Way { via: Via::Direct { plain_http: false }, login: None, patience: 0 }
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
        let reference = match understood(reference) {
            Ok(Understood::AsTyped(_)) => reference.to_owned(),
            Ok(Understood::Meant(meant)) => meant.familiar(),
            Err(problem) => return self.act(Action::Fail(problem)),
        };
        let reference = reference.as_str();
        address::opening(reference, platform.as_ref(), &look);
        let request = OpenRequest::Registry {
            reference: reference.to_owned(),
            platform,
            way: nowhere(),
            keep: super::storage::limit(),
        };
        self.held.borrow_mut().last = Some(Wish { title: reference.to_owned(), request, files: Vec::new(), look });
        self.retry();
    }

    /// Looks at a repository: its tags, and what it names.
    pub fn open_repository(&self, name: &str, look: Look) {
        let typed = name.trim();
        self.forget_link();
        typed.clone_into(&mut self.held.borrow_mut().typed);
        self.leave();
        let name = match understood(typed) {
            Ok(Understood::AsTyped(reference) | Understood::Meant(reference)) => reference.repository(),
            Err(problem) => return self.act(Action::Fail(problem)),
        };
        address::browsing(&name, &look);
        let request = OpenRequest::Repository { name: name.clone(), way: nowhere() };
        self.held.borrow_mut().last = Some(Wish { title: name, request, files: Vec::new(), look });
        self.retry();
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
            let sent = Sent::now("GET", Peer::Site, &(page::base() + SAMPLE));
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

    /// Opens what was opened last once more, on the way that the settings have now, and with the login that is held.
    /// Whoever is to be asked for the first time has to be allowed before.
    pub fn retry(&self) {
        let Some(mut wish) = self.held.borrow().last.clone() else { return self.home() };
        let mut via = None;
        if let Some((reference, way)) = wish.registry() {
            *way = self.way(&reference);
            via = Some(way.via.clone());
            if let Some(host) = way::stranger(&way.via, &reference) {
                self.leave();
                return self.act(Action::Confirm { host, direct: matches!(way.via, Via::Direct { .. }) });
            }
        }
        let number = self.leave();
        self.held.borrow_mut().clock = Clock { start: page::now(), ..Clock::default() };
        self.act(match wish.request {
            OpenRequest::Repository { .. } => Action::Browse { name: wish.title, look: wish.look },
            _ => Action::Begin { title: wish.title, look: wish.look, via },
        });
        let driver = self.clone();
        let on_event = Callback::from(move |event| driver.event(number, event));
        let session = Session::open(wish.request, wish.files, on_event);
        self.held.borrow_mut().session = Some(session);
    }

    fn way(&self, reference: &Reference) -> Way {
        let via = way::to(reference);
        let login = self.held.borrow().logins.get(&For::of(&via, reference));
        Way { via, login, patience: settings::patience() }
    }

    /// The way to the registry that was asked last, and its name.
    pub fn asked_registry(&self) -> Option<(Via, String)> {
        let mut wish = self.held.borrow().last.clone()?;
        let (reference, _) = wish.registry()?;
        Some((way::to(&reference), reference.domain().to_owned()))
    }

    /// Opens what was opened last with a login, which is held in memory until the page is closed.
    ///
    /// # Errors
    /// Why it cannot be sent.
    pub fn log_in(&self, name: &str, password: &str) -> Result<(), String> {
        let login = Login::new(name, password)?;
        let mut wish = self.held.borrow().last.clone().ok_or("Nothing was opened.")?;
        let (reference, _) = wish.registry().ok_or("No registry was asked.")?;
        let via = way::to(&reference);
        let base = via.base(&reference);
        if !is_private_way(&base) {
            return Err(format!(
                "{base} is reached over plain http: a password would travel there for others to read."
            ));
        }
        self.held.borrow_mut().logins.take(For::of(&via, &reference), login);
        self.retry();
        Ok(())
    }

    /// The name that a registry refused last.
    pub fn refused_name(&self) -> Option<String> {
        self.held.borrow().logins.refused()
    }

    /// For what a login is held, with the name.
    pub fn logins(&self) -> Vec<(For, String)> {
        self.held.borrow().logins.list()
    }

    /// Forgets a login.
    pub fn log_out(&self, of: &For) {
        self.held.borrow_mut().logins.forget(of);
    }

    /// A login that a registry refused is of no use any more.
    fn refused(&self, event: &FromSession) {
        let FromSession::Failed { problem, .. } = event else { return };
        let of = self.held.borrow().last.clone().and_then(|mut wish| {
            let (reference, _) = wish.registry()?;
            Some(For::of(&way::to(&reference), &reference))
        });
        if let (ProblemKind::LoginRefused, Some(of)) = (problem.kind, of) {
            self.held.borrow_mut().logins.refuse(&of);
        }
    }

    /// Asks registries through the proxy from now on, and opens what was opened last.
    pub fn use_proxy(&self) {
        settings::set_direct(false);
        self.retry();
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
