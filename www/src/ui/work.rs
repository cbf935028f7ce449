//! Tasks of the session as the page knows them: how far each is, and what came of it.

use std::rc::Rc;

use lagvis::{
    problem::Problem,
    protocol::{Comparison, FileAt, Found, Hit, SearchEnd, Task, TaskKind, TextParts, ToSession},
};
use yew::prelude::*;

use super::{driver::Driver, format, see::See};

/// What is under way, and what came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// Bytes done and in all, of each kind that runs.
    running: [Option<(u64, u64)>; TaskKind::COUNT],
    /// The version of a file that is shown; none: the newest.
    pub version: Option<FileAt>,
    /// Bytes that are marked in a file.
    pub mark: Option<Mark>,
    /// Where the parts of the text begin that was sought through last.
    pub parts: Option<Rc<TextParts>>,
    /// The comparison that came last.
    pub comparison: Option<Rc<Comparison>>,
    /// The file that was hashed last, and its digest.
    pub digest: Option<(FileAt, String)>,
    /// Places that the search found so far.
    pub hits: Rc<Vec<Hit>>,
    /// How it came out.
    pub searched: Option<SearchEnd>,
    /// Why the search failed: said where it was asked for.
    pub refused: Option<String>,
}

/// Bytes of a file that are marked: what a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The file.
    pub file: FileAt,
    /// First byte.
    pub offset: u64,
    /// How many.
    pub length: u64,
    /// Raised with each: the same place can be asked for again.
    number: u32,
}

impl Work {
    /// Marks bytes of a file.
    pub fn mark(&mut self, file: FileAt, offset: u64, length: u64) {
        let number = self.mark.map_or(0, |mark| mark.number.wrapping_add(1));
        self.mark = Some(Mark { file, offset, length, number });
    }

    /// How far the task of a kind is; none when none runs.
    pub fn progress(&self, kind: TaskKind) -> Option<(u64, u64)> {
        self.running.get(kind as usize).copied().flatten()
    }

    fn set(&mut self, kind: TaskKind, progress: Option<(u64, u64)>) {
        if let Some(slot) = self.running.get_mut(kind as usize) {
            *slot = progress;
        }
    }

    /// A task begins.
    pub fn begin(&mut self, kind: TaskKind) {
        self.set(kind, Some((0, 0)));
        match kind {
            TaskKind::Compare => self.comparison = None,
            TaskKind::Hash => self.digest = None,
            TaskKind::Search => (self.hits, self.searched, self.refused) = (Rc::default(), None, None),
            TaskKind::Seek => self.parts = None,
            TaskKind::Download => {}
        }
    }

    /// A task is told to end.
    pub fn cancel(&mut self, kind: TaskKind) {
        self.set(kind, None);
    }

    /// What the session tells; a problem that is to be noted.
    pub fn found(&mut self, found: Found) -> Option<Problem> {
        match found {
            Found::Progress { kind, done, total } if self.progress(kind).is_some() => {
                self.set(kind, Some((done, total)));
            }
            Found::Progress { .. } => {}
            Found::Ended { kind, problem } => {
                self.set(kind, None);
                match (kind, problem) {
                    (TaskKind::Search, Some(problem)) => self.refused = Some(problem.detail),
                    (_, problem) => return problem,
                }
            }
            Found::Compared(comparison) => self.comparison = Some(Rc::new(*comparison)),
            Found::Hashed { file, digest } => self.digest = Some((file, digest)),
            Found::Hits(hits) => Rc::make_mut(&mut self.hits).extend(hits),
            Found::Sought(parts) => self.parts = Some(Rc::new(parts)),
            Found::Searched(end) => self.searched = Some(end),
        }
        None
    }
}

/// Begins a task when it is clicked.
pub fn begin(driver: &Driver, task: Task) -> Callback<MouseEvent> {
    let driver = driver.clone();
    Callback::from(move |_| start(&driver, task.clone()))
}

/// Begins a task.
pub fn start(driver: &Driver, task: Task) {
    driver.see(See::Begin(task.kind()));
    driver.send(ToSession::Task(task));
}

/// How far a task is, with a button that ends it; nothing when none runs, but for the place where it is said.
pub fn progress(work: &Work, kind: TaskKind, what: &str, driver: &Driver) -> Html {
    let said = work.progress(kind).map(|(done, total)| format!("{what}: {}", format::quarters(done, total)));
    html! {
        <>
            { task(work, kind, what, driver) }
            <p class="sr" role="status" data-testid="task-said">{ said.unwrap_or_default() }</p>
        </>
    }
}

fn task(work: &Work, kind: TaskKind, what: &str, driver: &Driver) -> Html {
    let Some((done, total)) = work.progress(kind) else { return Html::default() };
    let driver = driver.clone();
    let cancel = Callback::from(move |_: MouseEvent| {
        driver.see(See::Cancel(kind));
        driver.send(ToSession::Cancel(kind));
    });
    html! {
        <div class="task" data-testid="task-progress">
            <progress value={done.to_string()} max={total.max(1).to_string()} aria-label={what.to_owned()} />
            <span class="dim">{ match total {
                0 => format!("{what}…"),
                total => format!("{what}: {} of {}", format::bytes(done), format::bytes(total)),
            } }</span>
            <button class="chip" data-testid="task-cancel" onclick={cancel}>{ "Cancel" }</button>
        </div>
    }
}
