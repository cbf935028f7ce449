//! A layer of the open image as the page knows it.

use lagvis::{
    problem::Problem,
    protocol::{ByToc, LayerFacts, LayerProgress, LayerState, Waiting},
    verify::Check,
};

/// A layer as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerLine {
    /// Its state.
    pub state: LayerState,
    /// What is waited for before its transfer goes on.
    pub waiting: Option<Waiting>,
    /// Bytes of the blob done.
    pub done: u64,
    /// Bytes of the blob.
    pub total: Option<u64>,
    /// What reading it told.
    pub facts: Option<LayerFacts>,
    /// Its checks.
    pub checks: Vec<Check>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// It was here already, verified for an image before.
    pub kept: bool,
    /// Whether it is shown by its table of contents.
    pub by_toc: ByToc,
    /// What is wrong with its table of contents.
    pub toc_problem: Option<Problem>,
}

impl Default for LayerLine {
    fn default() -> Self {
        Self {
            state: LayerState::Waiting,
            waiting: None,
            done: 0,
            total: None,
            facts: None,
            checks: Vec::new(),
            problem: None,
            kept: false,
            by_toc: ByToc::No,
            toc_problem: None,
        }
    }
}

impl LayerLine {
    /// Takes what a layer worker tells.
    pub fn update(&mut self, progress: &LayerProgress) {
        self.state = progress.state;
        self.waiting.clone_from(&progress.waiting);
        self.done = progress.done;
        self.total = progress.total.or(self.total);
        if progress.by_toc != ByToc::No {
            self.by_toc = progress.by_toc;
            self.checks.clone_from(&progress.checks);
        }
        if progress.state.is_final() {
            self.facts.clone_from(&progress.facts);
            self.checks.clone_from(&progress.checks);
            self.problem.clone_from(&progress.problem);
            self.kept = progress.kept;
            self.by_toc = ByToc::No;
            self.toc_problem.clone_from(&progress.toc_problem);
        }
    }
}
