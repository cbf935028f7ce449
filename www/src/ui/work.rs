//! Tasks of the session as the page knows them: how far each is, and what came of it.

use std::rc::Rc;

use lagvis::{
    problem::Problem,
    protocol::{Comparison, FileAt, Found, Hit, SearchEnd, Task, TaskKind, TextParts, ToSession},
};
use yew::prelude::*;

use super::{driver::Driver, format, phase::Look, see::See};

/// What is under way, and what came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// Bytes done and in all, of each kind that runs.
    running: [Option<(u64, u64)>; TaskKind::COUNT],
    /// Number of the last task of each kind: what came of another is stale.
    numbers: [u32; TaskKind::COUNT],
    /// Two versions of the selected file are to be compared.
    pub to_compare: bool,
    /// The selected file is to be hashed.
    pub to_hash: bool,
    /// Contents are to be searched.
    pub to_search: bool,
    /// Where the parts of the text begin that was sought through last.
    pub parts: Option<Rc<TextParts>>,
    /// Raised with each: the same way may be found again, and be told before the page was drawn without it.
    pub sought: u32,
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

impl Work {
    /// What a look asks for beyond the one before.
    pub fn want(&mut self, look: &Look, before: &Look) {
        let is_other_file = (&look.path, look.file.version) != (&before.path, before.file.version);
        self.to_compare |=
            look.file.compared.is_some() && (is_other_file || look.file.compared != before.file.compared);
        self.to_hash |= look.file.digest.is_some() && (is_other_file || look.file.digest != before.file.digest);
        self.to_search |= !look.contents.text.is_empty() && look.contents != before.contents;
    }

    /// What it holds speaks of nodes of a tree that is gone.
    pub fn forget(&mut self) {
        let Self { running, numbers, to_compare, to_hash, to_search, .. } = std::mem::take(self);
        *self = Self { running, numbers, to_compare, to_hash, to_search, ..Self::default() };
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
    pub fn begin(&mut self, kind: TaskKind, number: u32) {
        self.set(kind, Some((0, 0)));
        if let Some(slot) = self.numbers.get_mut(kind as usize) {
            *slot = number;
        }
        match kind {
            TaskKind::Compare => (self.comparison, self.to_compare) = (None, false),
            TaskKind::Hash => (self.digest, self.to_hash) = (None, false),
            TaskKind::Search => {
                (self.hits, self.searched, self.refused, self.to_search) = (Rc::default(), None, None, false);
            }
            TaskKind::Seek => self.parts = None,
            TaskKind::Download => {}
        }
    }

    /// A task is told to end.
    pub fn cancel(&mut self, kind: TaskKind) {
        self.set(kind, None);
    }

    /// Whether something came of the last task of its kind.
    pub fn is_last(&self, number: u32, found: &Found) -> bool {
        self.numbers.get(found.kind() as usize) == Some(&number)
    }

    /// What the session tells of the task with this number; a problem that is to be noted.
    pub fn found(&mut self, number: u32, found: Found) -> Option<Problem> {
        if !self.is_last(number, &found) {
            return None;
        }
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
            Found::Sought(parts) => (self.parts, self.sought) = (Some(Rc::new(parts)), self.sought.wrapping_add(1)),
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
    let number = driver.next_task();
    driver.see(See::Begin(task.kind(), number));
    driver.send(ToSession::Task { number, task });
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
