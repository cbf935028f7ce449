//! Opening: a reference, a repository, files, the sample, a link; and once more, on the way that the settings have now.

use lagvis::{
    image::{Platform, Reference},
    problem::{Problem, ProblemKind},
    protocol::{OpenRequest, Peer, Via, Way},
    share::Link,
};
use yew::Callback;

use super::{Clock, Driver, SAMPLE, SAMPLE_IMAGE};
use crate::{
    browser::{fetch::Sent, file},
    client::Session,
    ui::{address, chosen::Chosen, logins::For, page, phase::Look, reduce::Action, settings, storage, way},
};

/// A request and the files that it speaks of.
#[derive(Clone)]
pub(super) struct Wish {
    title: String,
    request: OpenRequest,
    files: Vec<web_sys::File>,
    look: Look,
}

impl Wish {
    /// The registry's reference that it is about, and the way to it.
    pub(super) fn registry(&mut self) -> Option<(Reference, &mut Way)> {
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

impl Driver {
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
            keep: storage::limit(),
            verify: settings::verify_when(),
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

    /// Opens the same reference for another platform, seen from its beginning.
    pub fn reopen_for(&self, platform: Option<Platform>) {
        let reference = match self.held.borrow().last.as_ref().map(|wish| &wish.request) {
            Some(OpenRequest::Registry { reference, .. }) => reference.clone(),
            _ => return,
        };
        self.open_reference(&reference, platform, Look::default());
    }

    /// Follows a link. An empty one leads to the start.
    pub fn follow(&self, link: Link) {
        let look = link.look;
        if let Some(name) = &link.repository {
            return self.open_repository(name, look);
        }
        match (link.reference, link.image) {
            (Some(reference), _) => self.open_reference(&reference, link.platform, look),
            (None, Some(image)) => {
                self.leave();
                let problem = Problem::new(ProblemKind::FileNeeded, "the link", format!("it is of the image {image}"));
                let is_sample = image.to_string() == SAMPLE_IMAGE;
                {
                    let mut held = self.held.borrow_mut();
                    (held.expect, held.look) = (Some(image), look);
                }
                if is_sample {
                    return self.open_sample();
                }
                self.act(Action::Fail(problem));
            }
            // Nothing to hold a file against: the look is kept for the one that is dropped.
            (None, None) if look != Look::default() => {
                self.leave();
                let detail = "it is of a file that names no image, such as a root file system";
                self.held.borrow_mut().look = look;
                self.act(Action::Fail(Problem::new(ProblemKind::FileNeeded, "the link", detail)));
            }
            (None, None) => self.home(),
        }
    }
}
