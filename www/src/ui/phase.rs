//! What the page knows and shows: one phase at a time. Plain data, driven by [`super::reduce`]; no browser here.

use std::rc::Rc;

use lagvis::{
    image::{Digest, Platform},
    problem::Problem,
    protocol::{
        ByToc, Detail, Elsewhere, ImageChoice, ImageSummary, Outcome, PlatformChoice, Quota, Request, TreeInfo, Via,
        ViewInfo, Waiting,
    },
    verify::{Check, CheckKind, CheckState},
};

pub use lagvis::share::{Look, Pane, Panel as Focus};

use super::{content::Held, layer_line::LayerLine, registry::Repository, rows::RowCache};

/// The page's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Where the page is.
    pub phase: Phase,
    /// How the person (or the link) wants to see the image; kept while it is opened.
    pub look: Look,
    /// Problems that leave the page usable, newest last.
    pub notes: Vec<Problem>,
    /// What the tag that is being opened named before, which may be here.
    pub remembered: Option<String>,
    /// What the documents wait for before a request is sent again.
    pub waiting: Option<Waiting>,
    /// What was asked, and what was said beside the answers.
    pub log: Rc<Log>,
    /// What the image's repository told.
    pub repository: Rc<Repository>,
}

/// What was asked of registries, and what they said beside their answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// Every request since the page was loaded, but for the page's own parts.
    pub requests: Vec<Request>,
    /// What is left of the quota of the registry that is asked now.
    pub quota: Option<Quota>,
    /// What it would like a person to read, each once.
    pub warnings: Vec<Heard>,
}

/// Words of a registry.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// The words.
    pub text: String,
    /// They were put away: the log still has them.
    pub is_read: bool,
}

/// Where the page is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing is open.
    #[default]
    Start,
    /// A proxy or registry is to be asked for the first time: the person is asked.
    Confirm {
        /// Its base URL.
        host: String,
        /// It is the registry itself.
        direct: bool,
    },
    /// An image is being opened.
    Opening(Opening),
    /// An image is open; its layers may still be checked.
    Open(Box<Open>),
    /// A repository is looked at, without an image.
    Browsing(Browsing),
    /// Nothing can be shown.
    Failed(Problem),
}

impl Phase {
    /// The name in `document.documentElement.dataset.phase`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Start | Self::Confirm { .. } | Self::Browsing(Browsing { artifact: None, .. }) => "start",
            Self::Opening(_) => "opening",
            Self::Open(_) => "open",
            Self::Failed(_) | Self::Browsing(Browsing { artifact: Some(_), .. }) => "failed",
        }
    }
}

/// A repository without an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Browsing {
    /// Its name, or the artifact's pinned reference.
    pub name: String,
    /// The artifact that was opened instead of an image: the problem that it is, and its manifest's digest.
    pub artifact: Option<(Problem, Digest)>,
}

/// An image on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opening {
    /// What is opened, for people: the reference or the file's name.
    pub title: String,
    /// The way to the registry; none for a file.
    pub via: Option<Via>,
    /// The step.
    pub stage: String,
    /// Bytes of the step: done, in all.
    pub bytes: (u64, Option<u64>),
    /// Checks of index, manifest and config so far.
    pub checks: Vec<Check>,
    /// What the session waits for.
    pub ask: Ask,
    /// Images of the file, when there was a choice.
    pub images: usize,
    /// Platforms of the index.
    pub platforms: Platforms,
}

/// What the session waits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ask {
    /// Nothing.
    #[default]
    Nothing,
    /// Which image of the archive.
    Image(Vec<ImageChoice>),
    /// Which platform.
    Platform,
}

/// Platforms of the index, and which is being read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Platforms {
    /// All, linux/amd64 first.
    pub choices: Vec<PlatformChoice>,
    /// The one that is being read.
    pub chosen: Option<u32>,
}

impl Platforms {
    /// The platform that was chosen of several, as the index names it.
    pub fn shown(&self) -> Option<&Platform> {
        let chosen = self.choices.get(usize::try_from(self.chosen?).ok()?)?;
        chosen.platform.as_ref().filter(|_| self.choices.len() > 1)
    }
}

/// An open image. It is shown as a list of layers being pulled until its tree is complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// What was opened, for people.
    pub title: String,
    /// The way to the registry; none for a file.
    pub via: Option<Via>,
    /// Images of the file, when there was a choice.
    pub images: usize,
    /// Facts and layers.
    pub summary: Rc<ImageSummary>,
    /// Layers, base first.
    pub layers: Rc<Vec<LayerLine>>,
    /// The platforms to choose from.
    pub platforms: Rc<Platforms>,
    /// The tree, once there is one.
    pub tree: Option<Rc<TreeInfo>>,
    /// Times that a tree came. Nodes of another tree mean nothing.
    pub tree_number: u32,
    /// Whether tree and panels are shown, rather than the list of layers.
    pub stage: OpenStage,
    /// How it came out, once every layer is done.
    pub outcome: Option<Rc<Outcome>>,
    /// The view as the session has it.
    pub view: Option<ViewInfo>,
    /// Rows of it that came.
    pub rows: RowCache,
    /// The row that the keyboard is at.
    pub cursor: Option<Cursor>,
    /// Raised when the cursor's row is to be scrolled to.
    pub scroll: u32,
    /// Raised when `look.path` is to be revealed.
    pub reveal: u32,
    /// A path that the person asked for and that is being looked for.
    pub sought: Option<String>,
    /// A path that was asked for and is not in this view.
    pub lost: Option<Lost>,
    /// Raised when the session is to be told which folders are turned.
    pub turns: u32,
    /// Raised when a place of a file is to be gone to, which may be the same again.
    pub went: u32,
    /// Facts of the selected entry.
    pub detail: Option<Rc<Detail>>,
    /// What came of files.
    pub content: Rc<Held>,
    /// A file to be saved: its name and where it is.
    pub saved: Option<Rc<(String, String)>>,
    /// Tasks of the session.
    pub work: super::work::Work,
    /// Where the bytes are, as far as it was asked for.
    pub space: super::space::SpaceState,
    /// The receipt, when asked for, to be saved.
    pub receipt: Option<Rc<str>>,
}

/// How much of an open image is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenStage {
    /// Its layers, as they are pulled.
    #[default]
    Pulling,
    /// Tree and panels.
    Inspecting,
}

/// The row that the keyboard is at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Its row in the view.
    pub row: u32,
    /// Node, once the row is known.
    pub node: Option<u32>,
}

impl Open {
    /// Every check so far, in pull order.
    pub fn checks(&self) -> Vec<Check> {
        match &self.outcome {
            Some(outcome) => outcome.checks.clone(),
            None => {
                self.summary.checks.iter().chain(self.layers.iter().flat_map(|layer| &layer.checks)).cloned().collect()
            }
        }
    }

    /// The same with the layers that they are of, as far as one is known.
    pub fn checks_of_layers(&self) -> Vec<(Option<usize>, Check)> {
        // Layers can share a blob, so that checks are equal; but they come in the order of the layers.
        let mut first = 0;
        let mut layer_of = |check: &Check| {
            let found = self.layers.iter().skip(first).position(|layer| layer.checks.contains(check))? + first;
            // A layer's last check: an equal one is the next layer's.
            first = found + usize::from(check.what == CheckKind::DiffId);
            Some(found)
        };
        self.checks().into_iter().map(|check| (layer_of(&check), check)).collect()
    }

    /// Bytes of blobs done and in all, as far as they are known.
    pub fn progress(&self) -> (u64, u64) {
        self.layers.iter().fold((0, 0), |(done, total), layer| {
            let of_layer = layer.total.unwrap_or(layer.done);
            let done_of_layer = if layer.state.is_final() { of_layer } else { layer.done.min(of_layer) };
            (done + done_of_layer, total + of_layer)
        })
    }

    /// Layers that are shown by their tables of contents, and those of them that wait for the person.
    pub fn by_toc(&self) -> (usize, usize) {
        let count = |is: fn(ByToc) -> bool| self.layers.iter().filter(|layer| is(layer.by_toc)).count();
        (count(|by_toc| by_toc != ByToc::No), count(|by_toc| by_toc == ByToc::Held))
    }

    /// Nothing more comes unless the person asks for it: what is not at its end is held.
    pub fn is_held(&self) -> bool {
        let is_still = |layer: &LayerLine| layer.state.is_final() || layer.by_toc == ByToc::Held;
        self.by_toc().1 > 0 && self.layers.iter().all(is_still)
    }

    /// Layers that came to an end.
    pub fn ended(&self) -> usize {
        self.layers.iter().filter(|layer| layer.state.is_final()).count()
    }

    /// Bytes transported and unpacked, once every layer's are known.
    pub fn sizes(&self) -> (Option<u64>, Option<u64>) {
        let transported = self.layers.iter().map(|layer| layer.facts.as_ref().map(|facts| facts.size).or(layer.total));
        let unpacked = self.layers.iter().map(|layer| layer.facts.as_ref().map(|facts| facts.uncompressed_size));
        (transported.sum(), unpacked.sum())
    }
}

/// How many of the checks are verified.
pub fn verified(checks: &[Check]) -> usize {
    checks.iter().filter(|check| check.state == CheckState::Verified).count()
}

/// A path that the person asked for and that this view has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The path, as in `--files`.
    pub path: String,
    /// The layers that have it, if any has.
    pub elsewhere: Option<Elsewhere>,
}
