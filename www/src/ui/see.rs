//! How what the person does moves the view: layers, tabs, filter, order, selection.

use lagvis::{
    protocol::{FileAt, Filter, Hit, Search, Show, Sort, SortBy, TaskKind},
    share::{LayerChoice, Part, RegistryLook, SpaceLook, Tab},
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
    /// A task begins.
    Begin(TaskKind),
    /// A task is told to end.
    Cancel(TaskKind),
    /// A version of a file is shown; none: the newest.
    Version(Option<FileAt>),
    /// A place that a search found is shown.
    Hit(Box<Hit>),
    /// A file was saved.
    FileSaved,
    /// The receipt was saved.
    ReceiptSaved,
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
                open.focus = self.look.one_layer().map_or(Focus::Image, Focus::Layer);
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
                open.pane = Pane::Views;
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
                open.focus = Focus::Entry;
                open.work.mark = None;
                open.scroll += u32::from(matches!(see, See::Move(_)));
                self.look.path = entry.map(|entry| entry.1).or(self.look.path.take());
            }
            See::Expanding => open.rows.expect(),
            See::Path(path) => {
                self.look.path = Some(path);
                self.look.tab = Tab::Files;
                open.sought.clone_from(&self.look.path);
                open.focus = Focus::Entry;
                open.reveal += 1;
                open.work.mark = None;
                // From the details one goes on from path to path.
                if open.pane == Pane::Layers {
                    open.pane = Pane::Views;
                }
            }
            See::PathAt(path, layer) => {
                self.look.layer = LayerChoice::One(layer);
                self.see(See::Path(path));
            }
            See::Space(space) => self.look.space = space,
            See::Focus(focus) => (open.focus, open.pane) = (focus, Pane::Detail),
            See::Pane(pane) => open.pane = pane,
            See::Begin(kind) => open.work.begin(kind),
            See::Cancel(kind) => open.work.cancel(kind),
            See::Version(file) => (open.work.version, open.work.mark) = (file, None),
            See::Hit(hit) => {
                // What the final image does not have is seen as of its layer.
                if !hit.visible {
                    self.look.layer = LayerChoice::One(hit.file.layer);
                }
                open.work.version = Some(hit.file);
                open.work.mark(hit.file, hit.offset, hit.length);
                self.look.path = Some(hit.path);
                (open.focus, open.pane) = (Focus::Entry, Pane::Detail);
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
            open.focus = match (look.one_layer(), &look.path) {
                (Some(layer), _) if look.layer != self.look.layer => Focus::Layer(layer),
                (_, Some(_)) => Focus::Entry,
                (Some(layer), None) => Focus::Layer(layer),
                (None, None) => Focus::Image,
            };
            if look.path.is_none() {
                open.cursor = None;
            }
            open.keep_selection(&look);
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
}
