//! How what the person does moves the view: layers, tabs, filter, order, selection.

use lagvis::{
    protocol::{Filter, Hit, Search, SearchSpec, Show, Sort, SortBy, TaskKind},
    share::{FileLook, LayerChoice, Part, RegistryLook, SpaceLook, Tab, Way},
};

use super::{
    phase::{Cursor, Focus, Look, Model, Open, OpenStage, Pane, Phase},
    reduce::existing,
};

/// What the person does to the view of an open image.
#[derive(Clone, Debug, PartialEq)]
pub enum See {
    /// Tree and panels though not every layer is there.
    Inspect,
    /// Up to which layer.
    Layer(LayerChoice),
    /// How much of the tree.
    Show(Show),
    /// A tab.
    Tab(Tab),
    /// Another search.
    Search(Search),
    /// A part of the tab.
    Part(Part),
    /// Another filter.
    Filter(Filter),
    /// How deep folders are open.
    Depth(u32),
    /// A column's header: sort by it, or turn the order round.
    SortBy(SortBy),
    /// A row was clicked.
    Row(u32),
    /// The keyboard moves to a row.
    Move(u32),
    /// A folder is being opened or closed: what is below it moves.
    Expanding,
    /// A path is to be shown.
    Path(String),
    /// A path is to be shown as of the layer that has it, though the final image may not.
    PathAt(String, u32),
    /// Another folder, colouring or base image.
    Space(SpaceLook),
    /// Something else of the registry.
    Registry(RegistryLook),
    /// The panel.
    Focus(Focus),
    /// The pane that a narrow window shows.
    Pane(Pane),
    /// A task with this number begins.
    Begin(TaskKind, u32),
    /// A task is told to end.
    Cancel(TaskKind),
    /// Something else of the selected file.
    File(SeeFile),
    /// Contents are to be searched.
    Contents(SearchSpec),
    /// A place that a search found is shown.
    Hit(Box<Hit>),
    /// A file was saved.
    FileSaved,
    /// The receipt was saved.
    ReceiptSaved,
}

/// What the person does to the view of the selected file.
#[derive(Clone, Debug, PartialEq)]
pub enum SeeFile {
    /// The version that a layer made.
    Version(u32),
    /// Two versions are to be compared: their layers, older first.
    Compare(u32, u32),
    /// A way to see it.
    Way(Way),
    /// The byte that the view begins with.
    At(u64),
    /// The byte that the text was paged to; stale where another place was gone to since.
    Paged {
        /// The byte.
        byte: u64,
        /// [`Open::went`] at the time.
        went: u32,
    },
    /// A byte to go to.
    GoTo(u64),
    /// What is searched for in its text.
    Find(String),
    /// Which of the places that were found.
    Nth(u32),
    /// The whole window, or its place beside the tree.
    Large(bool),
}

impl Model {
    pub(super) fn see(&mut self, see: See) {
        // A repository can be looked at without an image.
        if let See::Registry(registry) = &see {
            self.look.registry.clone_from(registry);
        }
        let Phase::Open(open) = &mut self.phase else { return };
        open.lost = None;
        match see {
            See::Inspect => open.stage = OpenStage::Inspecting,
            See::Layer(layer) => {
                self.look.layer = layer;
                self.look.focus(self.look.one_layer().map_or(Focus::Image, Focus::Layer));
                if self.look.spec().since.is_none() {
                    self.look.show = Show::All;
                }
                open.keep_selection(&self.look);
            }
            See::Show(show) => {
                self.look.show = show;
                open.keep_selection(&self.look);
            }
            See::Tab(tab) => {
                (self.look.tab, self.look.part) = (tab, Part::Main);
                self.look.registry.item = None;
                self.look.pane = Pane::Views;
            }
            See::Part(part) => {
                self.look.part = part;
                self.look.registry.item = None;
            }
            See::Registry(_) => {}
            See::Search(search) => self.look.search = search,
            See::Filter(filter) => self.look.filter = filter,
            See::Depth(depth) => {
                open.rows.expect();
                self.look.depth = depth;
            }
            See::SortBy(by) => {
                self.look.sort = next_sort(self.look.sort, by);
                open.keep_selection(&self.look);
            }
            See::Row(row) | See::Move(row) => {
                let known = matches!(see, See::Row(_)) || open.rows.is_fresh(row);
                let entry = open.rows.get(row).filter(|_| known).map(|entry| (entry.node, entry.path.clone()));
                open.cursor = Some(Cursor { row, node: entry.as_ref().map(|entry| entry.0) });
                open.scroll += u32::from(matches!(see, See::Move(_)));
                match entry {
                    Some((_, path)) => self.look.select(Some(path)),
                    None => self.look.focus(Focus::Entry),
                }
            }
            See::Expanding => open.rows.expect(),
            See::Path(path) => {
                self.look.select(Some(path));
                self.look.tab = Tab::Files;
                open.sought.clone_from(&self.look.path);
                open.reveal += 1;
                // From the details one goes on from path to path.
                if self.look.pane == Pane::Layers {
                    self.look.pane = Pane::Views;
                }
            }
            See::PathAt(path, layer) => {
                self.look.layer = LayerChoice::One(layer);
                self.see(See::Path(path));
            }
            See::Space(space) => self.look.space = space,
            See::Focus(focus) => {
                self.look.focus(focus);
                self.look.pane = Pane::Detail;
            }
            See::Pane(pane) => self.look.pane = pane,
            See::Begin(kind, number) => open.work.begin(kind, number),
            See::Cancel(kind) => {
                open.work.cancel(kind);
                if kind == TaskKind::Compare {
                    self.look.file.compared = None;
                }
            }
            See::File(see) => open.see_file(&mut self.look.file, see),
            See::Contents(spec) => {
                self.look.contents = spec;
                open.work.to_search = true;
            }
            See::Hit(hit) => {
                // What the final image does not have is seen as of its layer.
                if !hit.visible {
                    self.look.layer = LayerChoice::One(hit.file.layer);
                }
                let mark = Some((hit.offset, hit.length.max(1)));
                let large = self.look.file.large;
                self.look.select(Some(hit.path));
                self.look.file = FileLook { version: Some(hit.file.layer), mark, large, ..FileLook::default() };
                self.look.pane = Pane::Detail;
                open.went += 1;
                open.reveal += 1;
            }
            See::FileSaved => open.saved = None,
            See::ReceiptSaved => open.receipt = None,
        }
    }

    /// The layer below or above the one that is looked at. With all layers that is the last, or the first.
    pub(super) fn neighbour(&self, by: i32) -> Option<u32> {
        let Phase::Open(open) = &self.phase else { return None };
        let last = u32::try_from(open.layers.len()).ok()?.checked_sub(1)?;
        match self.look.one_layer() {
            Some(layer) => layer.checked_add_signed(by).filter(|layer| *layer <= last),
            None => Some(if by < 0 { last } else { 0 }),
        }
    }

    pub(super) fn restore(&mut self, mut look: Look) {
        if let Phase::Open(open) = &mut self.phase {
            look.layer = existing(look.layer, &open.summary);
            if look.path.is_none() {
                open.cursor = None;
            }
            open.keep_selection(&look);
            open.went += u32::from(look.file != self.look.file);
            open.turns += u32::from(look.turned != self.look.turned);
            open.work.want(&look, &self.look);
        }
        self.look = look;
    }
}

/// The order after a click on a column's header: what people look for first (the largest, the newest) comes first.
pub(super) fn next_sort(now: Sort, by: SortBy) -> Sort {
    if now.by == by {
        return Sort { by, descending: !now.descending };
    }
    Sort { by, descending: matches!(by, SortBy::Size | SortBy::Time) }
}

impl Open {
    /// After the view changed: finds the selected path's new row.
    fn keep_selection(&mut self, look: &Look) {
        self.reveal += u32::from(look.path.is_some());
    }

    fn see_file(&mut self, look: &mut FileLook, see: SeeFile) {
        match see {
            SeeFile::Version(layer) => {
                let before = std::mem::take(look);
                let FileLook { compared, way, find, large, .. } = before;
                *look = FileLook { version: Some(layer), compared, way, find, large, ..FileLook::default() };
            }
            SeeFile::Compare(old, new) => {
                look.compared = Some((old, new));
                self.work.to_compare = true;
            }
            SeeFile::Way(way) => look.way = Some(way),
            SeeFile::At(byte) => look.at = Some(byte).filter(|byte| *byte > 0 || look.mark.is_some()),
            SeeFile::Paged { byte, went } => {
                if went == self.went {
                    self.see_file(look, SeeFile::At(byte));
                }
            }
            SeeFile::GoTo(byte) => {
                (look.at, look.mark) = (Some(byte), Some((byte, 1)));
                self.went += 1;
            }
            SeeFile::Find(text) => (look.find, look.nth) = (text, 0),
            SeeFile::Nth(nth) => look.nth = nth,
            SeeFile::Large(large) => look.large = large,
        }
    }
}
