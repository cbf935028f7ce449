//! How an image is seen: all that a link says beside which image it is.

use super::place::{Pane, Panel, Part, Tab, Way};
use crate::{
    image::Digest,
    protocol::{Filter, Search, SearchSpec, Show, Sort, ViewSpec},
};

/// How an image is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Up to which layer, and whose changes are marked.
    pub layer: LayerChoice,
    /// How much of the tree is shown while layers are marked.
    pub show: Show,
    /// The selected path, as in `--files`.
    pub path: Option<String>,
    /// What of the selected file is looked at.
    pub file: FileLook,
    /// What the panel is about, where path and layer do not say it.
    pub panel: Option<Panel>,
    /// The pane that a narrow window shows.
    pub pane: Pane,
    /// The tab.
    pub tab: Tab,
    /// The part of it.
    pub part: Part,
    /// What paths are searched for.
    pub search: Search,
    /// What entries must be like.
    pub filter: Filter,
    /// Order of the tree.
    pub sort: Sort,
    /// How deep folders are open, [`u32::MAX`] for all.
    pub depth: u32,
    /// Folders that are open or closed against that, as in `--files`.
    pub turned: Vec<String>,
    /// What of the space is looked at.
    pub space: SpaceLook,
    /// What contents were searched for.
    pub contents: SearchSpec,
    /// What of the registry is looked at.
    pub registry: RegistryLook,
}

impl Look {
    /// The view of the tree.
    pub fn spec(&self) -> ViewSpec {
        let (upto, since) = match self.layer {
            LayerChoice::All => (None, None),
            LayerChoice::One(layer) => (Some(layer), Some(layer)),
            LayerChoice::Range { from, to } => (to, from),
        };
        // Without marked layers nothing is changed.
        let marked = since.is_some();
        let changes = if marked { self.filter.changes.clone() } else { Vec::new() };
        ViewSpec {
            upto,
            since,
            show: if marked { self.show } else { Show::All },
            sort: self.sort,
            search: self.search.clone(),
            filter: Filter { changes, ..self.filter.clone() },
            depth: self.depth,
        }
    }

    /// The layer that is looked at, when it is one.
    pub fn one_layer(&self) -> Option<u32> {
        match self.layer {
            LayerChoice::One(layer) => Some(layer),
            LayerChoice::All | LayerChoice::Range { .. } => None,
        }
    }

    /// What the panel is about.
    pub fn about(&self) -> Panel {
        self.panel.unwrap_or_else(|| self.about_by_itself())
    }

    /// The panel is to be about this.
    pub fn focus(&mut self, panel: Panel) {
        self.panel = Some(panel).filter(|panel| *panel != self.about_by_itself());
    }

    /// Selects a path, or none: the panel is about it, else about the layer or the image.
    pub fn select(&mut self, path: Option<String>) {
        if self.path != path {
            (self.path, self.file) = (path, FileLook::default());
        }
        self.panel = None;
    }

    /// What the panel is about unless it is said: the selected path, else the layer, else the image.
    fn about_by_itself(&self) -> Panel {
        match (&self.path, self.one_layer()) {
            (Some(_), _) => Panel::Entry,
            (None, Some(layer)) => Panel::Layer(layer),
            (None, None) => Panel::Image,
        }
    }
}

/// What of a file is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileLook {
    /// The layer that made the version; none: the newest that the view has.
    pub version: Option<u32>,
    /// The layers of the two versions that are compared, older first.
    pub compared: Option<(u32, u32)>,
    /// The digest that the file has, or that a link says it has.
    pub digest: Option<Digest>,
    /// The way to see it; none: the best.
    pub way: Option<Way>,
    /// The byte that the view begins with; none: the first, or what is marked.
    pub at: Option<u64>,
    /// The bytes that are marked: the first and how many.
    pub mark: Option<(u64, u64)>,
    /// What is searched for in its text.
    pub find: String,
    /// Which of the places that were found is the current one, from 0.
    pub nth: u32,
    /// It has the whole window.
    pub large: bool,
}

/// What of the registry is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryLook {
    /// What tags are searched for.
    pub tags: String,
    /// What a digest names, being read.
    pub item: Option<Digest>,
    /// The tag or digest that the image is compared with.
    pub with: Option<String>,
}

/// What of an image's space is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpaceLook {
    /// The folder of the treemap, as in `--files`; empty: the root.
    pub folder: String,
    /// Colours say what changed, not which layer.
    pub by_change: bool,
    /// So many layers are the base image.
    pub base: u32,
}

/// Which layers are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LayerChoice {
    /// All.
    #[default]
    All,
    /// Up to this one, its changes marked.
    One(u32),
    /// Up to `to`, the changes since `from` marked.
    Range {
        /// First marked layer.
        from: Option<u32>,
        /// Last layer.
        to: Option<u32>,
    },
}
