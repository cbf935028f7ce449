//! How the page's state moves: what the session tells and what the person does, as one pure function.

use std::rc::Rc;

use lagvis::{
    image::Digest,
    opened::{LayerSpec, Place},
    problem::{Problem, ProblemKind},
    protocol::{Elsewhere, Filter, Found, FromSession, ImageSummary, Request, Show, Via},
    share::LayerChoice,
};

use super::{
    layer_line::LayerLine,
    phase::{Ask, Browsing, Cursor, Heard, Log, Look, Lost, Model, Open, OpenStage, Opening, Pane, Phase},
    see::See,
};

/// Requests that are remembered: more than any image needs.
const REQUESTS: usize = 10_000;

/// What moves the page's state.
#[derive(Clone, Debug)]
pub enum Action {
    /// An image is being opened, to be seen in this way.
    Begin {
        /// For people.
        title: String,
        /// How it is to be seen.
        look: Look,
        /// The way to its registry.
        via: Option<Via>,
    },
    /// A repository is to be looked at, in this way.
    Browse {
        /// Its name.
        name: String,
        /// How it is to be seen.
        look: Look,
    },
    /// The session told something.
    Events(Vec<FromSession>),
    /// The person did something to the view.
    See(See),
    /// The address bar moved: another look at the same image.
    Restore(Look),
    /// A host is to be confirmed.
    Confirm {
        /// Base URL of the proxy or registry.
        host: String,
        /// It is the registry itself.
        direct: bool,
    },
    /// It did not come to a session.
    Fail(Problem),
    /// Problems that leave the page usable.
    Note(Vec<Problem>),
    /// A note was read.
    Dismiss(usize),
    /// What the registry said was read.
    DismissWarning(usize),
    /// Back to the start.
    Home,
    /// A request of the page itself came to its end.
    Requested(Request),
}

impl Log {
    /// The registry says these; what it said before is not shown again.
    fn warned(&mut self, texts: Vec<String>) {
        for text in texts {
            if self.warnings.iter().all(|heard| heard.text != text) {
                self.warnings.push(Heard { text, is_read: false });
            }
        }
    }
}

impl Model {
    /// The state after an action.
    pub fn after(&self, action: Action) -> Self {
        let mut model = self.clone();
        match action {
            Action::Begin { title, look, via } => {
                let opening = Opening { title, via, stage: "Starting".to_owned(), ..Opening::default() };
                return Self { phase: Phase::Opening(opening), look, ..model.emptied() };
            }
            Action::Browse { name, look } => {
                let phase = Phase::Browsing(Browsing { name, artifact: None });
                return Self { phase, look, ..model.emptied() };
            }
            Action::Events(events) => events.into_iter().for_each(|event| model.event(event)),
            Action::See(see) => model.see(see),
            Action::Restore(look) => model.restore(look),
            Action::Confirm { host, direct } => model.phase = Phase::Confirm { host, direct },
            Action::Fail(problem) => model.phase = Phase::Failed(problem),
            Action::Note(notes) => model.notes.extend(notes),
            Action::Dismiss(index) => {
                if index < model.notes.len() {
                    model.notes.remove(index);
                }
            }
            Action::DismissWarning(index) => {
                if let Some(heard) = Rc::make_mut(&mut model.log).warnings.get_mut(index) {
                    heard.is_read = true;
                }
            }
            Action::Home => return Self { notes: Vec::new(), ..model.emptied() },
            Action::Requested(request) => model.requested(request),
        }
        model
    }

    /// What stays when something else is opened.
    fn emptied(self) -> Self {
        let log = Log { requests: self.log.requests.clone(), ..Log::default() };
        Self { notes: self.notes, log: Rc::new(log), ..Self::default() }
    }

    fn requested(&mut self, request: Request) {
        if self.log.requests.len() < REQUESTS {
            Rc::make_mut(&mut self.log).requests.push(request);
        }
    }

    fn event(&mut self, event: FromSession) {
        let event = match event {
            FromSession::Requested(request) => return self.requested(request),
            FromSession::Waiting(waiting) => {
                self.waiting = waiting;
                return;
            }
            FromSession::Quota(quota) => {
                Rc::make_mut(&mut self.log).quota = Some(quota);
                return;
            }
            FromSession::Warned(texts) => return Rc::make_mut(&mut self.log).warned(texts),
            FromSession::Remembered(reference) => {
                self.remembered = Some(reference);
                return;
            }
            FromSession::Repository(told) => return Rc::make_mut(&mut self.repository).told(*told),
            event => event,
        };
        let phase = std::mem::take(&mut self.phase);
        self.phase = match (phase, event) {
            (Phase::Opening(_), FromSession::Artifact { pinned, items, problem }) => {
                let digest = items.last().map(|item| item.digest.clone());
                items.into_iter().for_each(|item| Rc::make_mut(&mut self.repository).hold(item));
                match digest {
                    Some(digest) => Phase::Browsing(Browsing { name: pinned, artifact: Some((problem, digest)) }),
                    None => Phase::Failed(problem),
                }
            }
            (Phase::Opening(opening), FromSession::Opened(summary)) => {
                Rc::make_mut(&mut self.repository).hold_documents(&summary);
                // A link to the image as a whole looks at all layers; one that does not exist is no way to see it.
                self.look.layer = existing(self.look.layer, &summary);
                let mut open = Open::of(opening, *summary);
                open.turns = u32::from(!self.look.turned.is_empty());
                open.work.want(&self.look, &Look::default());
                Phase::Open(Box::new(open))
            }
            (Phase::Opening(opening), event) => self.opening(opening, event),
            (Phase::Open(mut open), FromSession::Failed { problem, fatal: false }) => {
                self.note(problem);
                open.stage_if_ready();
                Phase::Open(open)
            }
            (_, FromSession::Failed { problem, fatal: true }) => {
                self.waiting = None;
                Phase::Failed(problem)
            }
            (Phase::Open(mut open), event) => {
                self.open(&mut open, event);
                Phase::Open(open)
            }
            (phase, _) => phase,
        };
    }

    fn note(&mut self, problem: Problem) {
        if !self.notes.contains(&problem) {
            self.notes.push(problem);
        }
    }

    fn opening(&mut self, mut opening: Opening, event: FromSession) -> Phase {
        match event {
            FromSession::Stage { text, done, total } => {
                opening.stage = text;
                opening.bytes = (done, total);
                opening.ask = Ask::Nothing;
            }
            FromSession::Checked(check) => opening.checks.push(check),
            FromSession::Images(choices) => {
                opening.images = choices.len();
                opening.ask = Ask::Image(choices);
            }
            FromSession::Platforms { choices, chosen } => {
                opening.ask = if chosen.is_none() { Ask::Platform } else { Ask::Nothing };
                opening.platforms.choices = choices;
                opening.platforms.chosen = chosen;
            }
            FromSession::Failed { problem, fatal } => {
                if fatal {
                    self.waiting = None;
                    return Phase::Failed(problem);
                }
                self.note(problem);
            }
            _ => {}
        }
        Phase::Opening(opening)
    }

    fn open(&mut self, open: &mut Open, event: FromSession) {
        match event {
            FromSession::Platforms { choices, chosen } => {
                open.platforms = Rc::new(super::phase::Platforms { choices, chosen });
            }
            FromSession::Layer(progress) => {
                let layers = Rc::make_mut(&mut open.layers);
                if let Some(line) = usize::try_from(progress.index).ok().and_then(|index| layers.get_mut(index)) {
                    line.update(&progress);
                }
                for problem in progress.problem.into_iter().chain(progress.toc_problem) {
                    self.note(problem);
                }
            }
            FromSession::Tree(info) => {
                open.tree = Some(Rc::new(info));
                open.tree_number += 1;
                open.rows = Default::default();
                open.content = Rc::default();
                // What it told of nodes is of the tree before.
                open.work.forget();
                open.work.want(&self.look, &Look::default());
                // Its node is of the tree before; the path is found again below.
                open.cursor = None;
                open.reveal += u32::from(self.look.path.is_some());
                open.stage_if_ready();
            }
            FromSession::Finished(outcome) => {
                for problem in &outcome.problems {
                    self.note(problem.clone());
                }
                open.outcome = Some(Rc::new(*outcome));
                open.stage = OpenStage::Inspecting;
            }
            FromSession::View(view) => {
                let similar = open.view.as_ref().is_some_and(|old| old.spec == view.spec);
                open.rows.turn(view.view, similar);
                if view.turns == open.turns {
                    self.look.turned = view.turned.clone().unwrap_or_default();
                }
                open.view = Some(view);
            }
            FromSession::Rows { view, start, rows } => {
                open.rows.take(view, start, rows);
                self.settle_cursor(open);
            }
            FromSession::Revealed { path, row, elsewhere } => self.revealed(open, path, row, elsewhere),
            FromSession::Detail(detail) => open.detail = Some(Rc::new(*detail)),
            FromSession::Content(content) => Rc::make_mut(&mut open.content).take(*content),
            FromSession::Examined(examined) => Rc::make_mut(&mut open.content).examined(*examined),
            FromSession::Saved { name, url } => open.saved = Some(Rc::new((name, url))),
            FromSession::Found { number, found } => {
                if let Found::Hashed { digest, .. } = &found
                    && open.work.is_last(number, &found)
                    && self.look.file.digest.is_none()
                {
                    self.look.file.digest = Digest::parse(digest).ok();
                }
                if let Some(problem) = open.work.found(number, found) {
                    self.note(problem);
                }
            }
            FromSession::Map(map) => open.space.map = Some(Rc::new(*map)),
            FromSession::Space(report) => open.space.report = Some(Rc::new(*report)),
            FromSession::Receipt(receipt) => open.receipt = Some(receipt.into()),
            _ => {}
        }
    }

    /// Finds the cursor's row again after the view changed, or the entry of a row that the keyboard moved to.
    fn settle_cursor(&mut self, open: &mut Open) {
        let Some(cursor) = &mut open.cursor else { return };
        match cursor.node {
            Some(node) => {
                if let Some(row) = open.rows.find(node) {
                    cursor.row = row;
                }
            }
            None => {
                if let Some(row) = open.rows.get(cursor.row).filter(|_| open.rows.is_fresh(cursor.row)) {
                    cursor.node = Some(row.node);
                    self.look.select(Some(row.path.clone()));
                }
            }
        }
    }

    fn revealed(&mut self, open: &mut Open, path: String, row: Option<(u32, u32)>, elsewhere: Option<Elsewhere>) {
        let is_sought = open.sought.as_ref() == Some(&path);
        match row {
            // What was searched for before hides no path that is asked for.
            None if is_sought && (self.look.spec().is_searching() || self.look.show != Show::All) => {
                self.look.search.text.clear();
                (self.look.filter, self.look.show) = (Filter::default(), Show::All);
                open.reveal += 1;
            }
            None if is_sought => {
                (open.sought, open.lost) = (None, Some(Lost { path, elsewhere }));
                self.look.select(None);
                // Where it is said.
                self.look.pane = Pane::Views;
            }
            Some((row, node)) => {
                open.cursor = Some(Cursor { row, node: Some(node) });
                open.scroll += 1;
                (open.sought, open.lost) = (None, None);
            }
            None if open.cursor.is_none() && open.tree.as_ref().is_some_and(|tree| tree.complete) => {
                let detail = "there is no such path in this view of the image";
                self.note(Problem::new(ProblemKind::LinkInvalid, format!("path={path}"), detail));
                self.look.select(None);
            }
            None => {}
        }
    }
}

/// The layer choice, as far as the image has such layers.
pub(super) fn existing(choice: LayerChoice, summary: &ImageSummary) -> LayerChoice {
    let layers = u32::try_from(summary.layers.len()).unwrap_or(u32::MAX);
    match choice {
        LayerChoice::One(layer) if layer >= layers => LayerChoice::All,
        LayerChoice::Range { from: Some(from), .. } if from >= layers => LayerChoice::All,
        LayerChoice::Range { from, to } => match (from, to.filter(|to| *to < layers)) {
            (None, None) => LayerChoice::All,
            (from, to) => LayerChoice::Range { from, to },
        },
        LayerChoice::One(_) | LayerChoice::All => choice,
    }
}

/// Bytes of a layer's blob: as a descriptor states them, else as they lie in the file.
fn blob_size(spec: &LayerSpec) -> Option<u64> {
    spec.size.or(match spec.place {
        Place::File { length, .. } => Some(length),
        Place::Blob | Place::Missing { .. } | Place::Unreadable { .. } => None,
    })
}

impl Open {
    fn of(opening: Opening, summary: ImageSummary) -> Self {
        let lines =
            summary.layers.iter().map(|spec| LayerLine { total: blob_size(spec), ..LayerLine::default() }).collect();
        Self {
            title: opening.title,
            via: opening.via,
            images: opening.images,
            summary: Rc::new(summary),
            layers: Rc::new(lines),
            platforms: Rc::new(opening.platforms),
            tree: None,
            tree_number: 0,
            stage: OpenStage::Pulling,
            outcome: None,
            view: None,
            rows: Default::default(),
            cursor: None,
            scroll: 0,
            reveal: 0,
            sought: None,
            lost: None,
            turns: 0,
            went: 0,
            detail: None,
            content: Rc::default(),
            saved: None,
            work: Default::default(),
            space: Default::default(),
            receipt: None,
        }
    }

    fn stage_if_ready(&mut self) {
        if self.tree.as_ref().is_some_and(|tree| tree.complete) {
            self.stage = OpenStage::Inspecting;
        }
    }
}

#[cfg(test)]
#[path = "reduce_tests.rs"]
mod tests;
